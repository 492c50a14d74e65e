// Package database is what the stores share: connections to PostgreSQL, and
// the steps that bring tables up to date.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
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
	if err := refuseNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	return refuseNewer(ctx, p) // a newer one may have been first
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
	if err := refuseNewer(ctx, p); err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	var out []Step
	for _, m := range all {
		if m.State == goose.StatePending {
			out = append(out, Step{m.Source.Version, m.Source.Path})
		}
	}
	return out, nil
}
