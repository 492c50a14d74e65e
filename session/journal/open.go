package journal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database driver "sqlite"

	"obpconsole/session/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many searches run side by side.
const readers = 4

// Open opens or makes a journal.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	j := &Journal{o: o, stmts: map[string]*sql.Stmt{}, reads: compiled{stmts: map[string]*sql.Stmt{}}, hold: make(chan struct{}, 1), told: make(chan struct{})}
	close(j.told)
	j.head.Store(&head{})
	err := j.openPostgresOrFile()
	if err != nil {
		return nil, err
	}
	if err := j.prepare(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func (j *Journal) openPostgresOrFile() error {
	if j.o.Postgres != "" {
		return j.openPostgres()
	}
	f, err := os.OpenFile(j.o.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := errors.Join(ownersAlone(f), f.Close()); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if j.db, err = connect(j.o.Path, 1, "immediate", "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)"); err != nil {
		return err
	}
	if j.read, err = connect(j.o.Path, readers, "deferred", "query_only(1)", "busy_timeout(5000)"); err != nil {
		return errors.Join(err, j.db.Close())
	}
	return nil
}

func fileSchema() (database.Schema, error) {
	dir, err := fs.Sub(migrations, "migrations")
	return database.Schema{Dialect: goose.DialectSQLite3, Files: dir}, err
}

// FileMissing gives the steps that Open would do to the file at path, and does
// none. A file that is not there lacks them all.
func FileMissing(ctx context.Context, path string) ([]database.Step, error) {
	schema, err := fileSchema()
	if err != nil {
		return nil, err
	}
	return schema.MissingInFile(ctx, path)
}

func (j *Journal) schema() (database.Schema, error) {
	if j.shared() {
		return postgresSchema()
	}
	return fileSchema()
}

func ownersAlone(f *os.File) error {
	i, err := f.Stat()
	if err != nil || i.Mode().Perm() == 0o600 {
		return err
	}
	return f.Chmod(0o600)
}

func connect(path string, conns int, lock string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_pragma": pragmas, "_txlock": {lock}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func (j *Journal) prepare(ctx context.Context) error {
	schema, err := j.schema()
	if err == nil {
		err = schema.Up(ctx, j.db)
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	var h head
	err = j.db.QueryRowContext(ctx, `SELECT n, hash FROM head`).Scan(&h.n, &h.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("journal: %w", err)
	}
	j.head.Store(&h)
	if j.shared() { // pgx keeps what it has prepared
		_, err := j.node.alive()
		return err
	}
	for _, q := range []string{insertText, insertEntry, insertAct, updateAct, insertName} {
		if j.stmts[q], err = j.db.PrepareContext(ctx, q); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// Close closes the database.
func (j *Journal) Close() error {
	var errs []error
	for _, s := range j.stmts {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if j.shared() {
		errs = append(errs, j.node.close(), j.durable.close())
	}
	return errors.Join(append(errs, j.read.Close(), j.db.Close())...)
}

// DB is the database beneath, with one connection.
func (j *Journal) DB() *sql.DB { return j.db }
