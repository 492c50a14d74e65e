// Package database is what the stores share: connections to PostgreSQL, and
// the steps that bring tables up to date.
package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the database driver "sqlite"
)

// Schema is a set of tables with its migrations, which only go forward.
type Schema struct {
	Dialect goose.Dialect // DialectSQLite3 or DialectPostgres
	Files   fs.FS         // the migrations, NUMBER_name.sql
	Table   string        // which of them were done; empty: goose's own name
}

// NewerError says that a newer console has changed the tables. This one must
// not touch them, since it does not know what they mean.
type NewerError struct{ Tables, Known int64 }

// Error tells what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the tables are of a newer console: they are at version %d, this program knows %d; start the newer console, or one of a back-up", e.Tables, e.Known)
}

// Step is a migration that is still to do.
type Step struct {
	Version int64
	File    string
}

// lockID is the advisory lock that nodes migrating at once wait for.
const lockID = 0x0b9c0501e

func (s Schema) provider(db *sql.DB) (*goose.Provider, error) {
	var o []goose.ProviderOption
	if s.Table != "" {
		o = append(o, goose.WithTableName(s.Table))
	}
	if s.Dialect == goose.DialectPostgres {
		l, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID), lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		o = append(o, goose.WithSessionLocker(l))
	}
	return goose.NewProvider(s.Dialect, db, s.Files, o...)
}

// Up does the steps that are missing, one node at a time. *NewerError: a newer
// console was here.
func (s Schema) Up(ctx context.Context, db *sql.DB) error {
	p, err := s.provider(db)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx) // does nothing to newer tables, and waits for its turn before it looks
	if newer := refuseNewer(ctx, p); newer != nil {
		return newer
	}
	return err
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	tables, known, err := p.GetVersions(ctx)
	if err == nil && tables > known {
		err = &NewerError{tables, known}
	}
	return err
}

// Missing gives the steps that Up would do, and does none. *NewerError as Up.
func (s Schema) Missing(ctx context.Context, db *sql.DB) ([]Step, error) {
	p, err := s.provider(db)
	if err != nil {
		return nil, err
	}
	begun, err := s.begun(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Step
	if !begun { // goose would make its table now
		for _, src := range p.ListSources() {
			out = append(out, Step{src.Version, src.Path})
		}
		return out, nil
	}
	if err := refuseNewer(ctx, p); err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.State == goose.StatePending {
			out = append(out, Step{m.Source.Version, m.Source.Path})
		}
	}
	return out, nil
}

// begun tells whether any step was done.
func (s Schema) begun(ctx context.Context, db *sql.DB) (yes bool, err error) {
	q := `SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = $1`
	if s.Dialect == goose.DialectPostgres {
		q = `SELECT to_regclass($1) IS NOT NULL`
	}
	err = db.QueryRowContext(ctx, q, cmp.Or(s.Table, goose.DefaultTablename)).Scan(&yes)
	return yes, err
}

// MissingInFile is Missing for a SQLite file, which is not changed. One that is
// not there lacks every step.
func (s Schema) MissingInFile(ctx context.Context, path string) ([]Step, error) {
	where := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		where = ":memory:"
	}
	db, err := sql.Open("sqlite", where)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	steps, err := s.Missing(ctx, db)
	return steps, errors.Join(err, db.Close())
}
