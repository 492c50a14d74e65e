package session

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/alexedwards/scs/postgresstore"
	"github.com/pressly/goose/v3"

	"obpconsole/session/database"
)

//go:embed postgres/*.sql
var postgresMigrations embed.FS

// postgresConns is how many connections the sessions of a node take at most.
const postgresConns = 8

// Postgres is a Store that several nodes share.
type Postgres struct {
	*postgresstore.PostgresStore
	db  *sql.DB
	end sync.Once
}

func postgresDB(url string) (*sql.DB, error) {
	db, err := database.Postgres(url, database.Options{Conns: postgresConns,
		Set: map[string]string{"statement_timeout": "10s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}})
	if err != nil {
		err = fmt.Errorf("session: store: %w", err)
	}
	return db, err
}

func postgresSchema() (database.Schema, error) {
	dir, err := fs.Sub(postgresMigrations, "postgres")
	return database.Schema{Dialect: goose.DialectPostgres, Files: dir, Table: "goose_sessions"}, err
}

// OpenPostgres connects to the database at url and brings the tables up to
// date. Sessions that expired are deleted every five minutes.
func OpenPostgres(ctx context.Context, url string) (*Postgres, error) {
	db, err := postgresDB(url)
	if err != nil {
		return nil, err
	}
	schema, err := postgresSchema()
	if err == nil {
		err = schema.Up(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("session: store: %w", err), db.Close())
	}
	return &Postgres{PostgresStore: postgresstore.New(db), db: db}, nil
}

// PostgresMissing gives the steps that OpenPostgres would do to the tables,
// and does none.
func PostgresMissing(ctx context.Context, url string) ([]database.Step, error) {
	db, err := postgresDB(url)
	if err != nil {
		return nil, err
	}
	schema, err := postgresSchema()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	steps, err := schema.Missing(ctx, db)
	return steps, errors.Join(err, db.Close())
}

// Swap implements Store.
func (p *Postgres) Swap(ctx context.Context, token string, old, next []byte, expiry time.Time) (bool, error) {
	if next == nil {
		return one(p.db.ExecContext(ctx, `DELETE FROM sessions WHERE token = ? AND data = ?`, token, old))
	}
	return one(p.db.ExecContext(ctx, `UPDATE sessions SET data = ?, expiry = ? WHERE token = ? AND data = ?`, next, expiry, token, old))
}

// one tells whether a statement changed a row.
func one(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Record implements Store.
func (p *Postgres) Record(ctx context.Context, kind, key string) (Record, bool, error) {
	r, err := scanRecord(p.db.QueryRowContext(ctx, selectRecord, kind, key))
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, false, nil
	}
	return r, err == nil, err
}

// Change implements Store.
func (p *Postgres) Change(ctx context.Context, kind, key string, fn func(*Record) (*Record, error)) error {
	return changeBySwap(ctx, p, kind, key, fn)
}

func (p *Postgres) swapRecord(ctx context.Context, kind, key string, old, next *Record) (bool, error) {
	switch {
	case next == nil:
		return one(p.db.ExecContext(ctx, `DELETE FROM records WHERE kind = ? AND key = ? AND value = ?`, kind, key, old.Value))
	case old == nil:
		return one(p.db.ExecContext(ctx, `INSERT INTO records (kind, key, value, expires) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			kind, key, next.Value, next.ns()))
	}
	return one(p.db.ExecContext(ctx, `UPDATE records SET value = ?, expires = ? WHERE kind = ? AND key = ? AND value = ?`,
		next.Value, next.ns(), kind, key, old.Value))
}

// Records implements Store.
func (p *Postgres) Records(ctx context.Context, kind string) (map[string]Record, error) {
	return recordsOf(p.db.QueryContext(ctx, selectRecords, kind))
}

// Sweep implements Store.
func (p *Postgres) Sweep(ctx context.Context, now time.Time) error {
	_, err := p.db.ExecContext(ctx, sweepRecords, now.UnixNano())
	_, err2 := p.db.ExecContext(ctx, `DELETE FROM counts WHERE expires < current_timestamp`)
	return errors.Join(err, err2)
}

// Add implements Counts.
func (p *Postgres) Add(ctx context.Context, key string, since time.Time, n int, keep time.Duration) (total int, err error) {
	err = p.db.QueryRowContext(ctx, `INSERT INTO counts (key, since, n, expires) VALUES (?, ?, ?, current_timestamp + CAST(? AS bigint) * interval '1 millisecond')
		ON CONFLICT (key, since) DO UPDATE SET n = counts.n + excluded.n RETURNING n`, key, since.UnixNano(), n, keep.Milliseconds()).Scan(&total)
	return total, err
}

// Count implements Counts.
func (p *Postgres) Count(ctx context.Context, key string, since time.Time) (n int, err error) {
	err = p.db.QueryRowContext(ctx, `SELECT n FROM counts WHERE key = ? AND since = ?`, key, since.UnixNano()).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

// Ready implements Store: the server takes writes.
func (p *Postgres) Ready(ctx context.Context) error {
	var readOnly bool
	if err := p.db.QueryRowContext(ctx, `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'`).Scan(&readOnly); err != nil {
		return fmt.Errorf("session: store: %w", err)
	}
	if readOnly {
		return errors.New("session: store: the server takes no writes")
	}
	return nil
}

// Close ends the clean-up and the connections.
func (p *Postgres) Close() error {
	p.end.Do(p.StopCleanup)
	return p.db.Close()
}
