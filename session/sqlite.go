package session

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/alexedwards/scs/sqlite3store"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // driver "sqlite", without cgo

	"obpconsole/session/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SQLite is a Store in one file, for one node.
type SQLite struct {
	*sqlite3store.SQLite3Store
	db     *sql.DB
	record *sql.Stmt // compiled once: every request reads a few
}

// OpenSQLite opens or makes the file at path (mode 0600) and brings its tables
// up to date. Sessions that expired are deleted every five minutes.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("session: store: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return nil, fmt.Errorf("session: store: %w", err)
	}
	// A session lost to a power cut costs one sign-in, so NORMAL is enough;
	// immediate transactions make Change one step across connections.
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(),
		RawQuery: "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
			"&_pragma=secure_delete(1)&_txlock=immediate"}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("session: store: %w", err)
	}
	db.SetMaxOpenConns(4)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("session: store %s: %w", path, err), db.Close())
	}
	record, err := db.PrepareContext(ctx, selectRecord)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("session: store %s: %w", path, err), db.Close())
	}
	return &SQLite{SQLite3Store: sqlite3store.New(db), db: db, record: record}, nil
}

func fileSchema() (database.Schema, error) {
	dir, err := fs.Sub(migrations, "migrations")
	return database.Schema{Dialect: goose.DialectSQLite3, Files: dir}, err
}

// FileMissing gives the steps that OpenSQLite would do to the file at path, and
// does none. A file that is not there lacks them all.
func FileMissing(ctx context.Context, path string) ([]database.Step, error) {
	schema, err := fileSchema()
	if err != nil {
		return nil, err
	}
	return schema.MissingInFile(ctx, path)
}

func migrate(ctx context.Context, db *sql.DB) error {
	schema, err := fileSchema()
	if err != nil {
		return err
	}
	return schema.Up(ctx, db)
}

// What both databases are asked.
const (
	selectRecord  = `SELECT value, expires FROM records WHERE kind = ? AND key = ?`
	selectRecords = `SELECT key, value, expires FROM records WHERE kind = ?`
	sweepRecords  = `DELETE FROM records WHERE expires <> 0 AND expires < ?`
)

// Swap implements Store.
func (s *SQLite) Swap(ctx context.Context, token string, old, next []byte, expiry time.Time) (bool, error) {
	if next == nil {
		return one(s.db.ExecContext(ctx, `DELETE FROM sessions WHERE token = ? AND data = ?`, token, old))
	}
	return one(s.db.ExecContext(ctx, `UPDATE sessions SET data = ?, expiry = julianday(?) WHERE token = ? AND data = ?`,
		next, expiry.UTC().Format("2006-01-02T15:04:05.999"), token, old))
}

// Record implements Store.
func (s *SQLite) Record(ctx context.Context, kind, key string) (Record, bool, error) {
	r, err := scanRecord(s.record.QueryRowContext(ctx, kind, key))
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, false, nil
	}
	return r, err == nil, err
}

type scanner interface{ Scan(...any) error }

func scanRecord(row scanner, more ...any) (Record, error) {
	var r Record
	var ns int64
	if err := row.Scan(append(more, &r.Value, &ns)...); err != nil {
		return Record{}, err
	}
	r.Expires = fromNS(ns)
	return r, nil
}

// Change implements Store.
func (s *SQLite) Change(ctx context.Context, kind, key string, fn func(*Record) (*Record, error)) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var old *Record
	r, err := scanRecord(tx.QueryRowContext(ctx, selectRecord, kind, key))
	switch {
	case err == nil:
		old = &r
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	next, err := fn(old)
	if err != nil {
		return err
	}
	if next == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM records WHERE kind = ? AND key = ?`, kind, key)
	} else {
		_, err = tx.ExecContext(ctx,
			`REPLACE INTO records (kind, key, value, expires) VALUES (?, ?, ?, ?)`, kind, key, next.Value, next.ns())
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// Records implements Store.
func (s *SQLite) Records(ctx context.Context, kind string) (map[string]Record, error) {
	return recordsOf(s.db.QueryContext(ctx, selectRecords, kind))
}

func recordsOf(rows *sql.Rows, err error) (map[string]Record, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]Record{}
	for rows.Next() {
		var key string
		r, err := scanRecord(rows, &key)
		if err != nil {
			return nil, err
		}
		out[key] = r
	}
	return out, rows.Err()
}

// Sweep implements Store.
func (s *SQLite) Sweep(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, sweepRecords, now.UnixNano())
	return err
}

// Ready implements Store: the file can be read and written.
func (s *SQLite) Ready(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("session: store: %w", err)
	}
	return tx.Rollback()
}

// Close ends the clean-up and closes the file.
func (s *SQLite) Close() error {
	s.StopCleanup()
	return s.db.Close()
}
