package journal

import (
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"

	"obpconsole/session/database"
)

//go:embed postgres/*.sql
var postgresMigrations embed.FS

// postgresReaders is how many connections read side by side: a verification
// takes four.
const postgresReaders = 8

func postgresSchema() (database.Schema, error) {
	dir, err := fs.Sub(postgresMigrations, "postgres")
	return database.Schema{Dialect: goose.DialectPostgres, Files: dir, Table: "goose_journal"}, err
}

// openPostgres connects to the server instead of a file.
func (j *Journal) openPostgres() (err error) {
	// A node that stands still in the middle of a write must not hold up the others.
	j.db, err = database.Postgres(j.o.Postgres, database.Options{Conns: 1, Rewrite: forPostgres,
		Set: map[string]string{"lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s", "synchronous_commit": "off"}}) // see durable
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.read, err = database.Postgres(j.o.Postgres, database.Options{Conns: postgresReaders, Rewrite: forPostgres,
		Set: map[string]string{"default_transaction_read_only": "on"}})
	if err != nil {
		return errors.Join(fmt.Errorf("journal: %w", err), j.db.Close())
	}
	disk, err := database.Postgres(j.o.Postgres, database.Options{Conns: 1, Set: map[string]string{"synchronous_commit": "on", "statement_timeout": "30s"}})
	if err != nil {
		return errors.Join(fmt.Errorf("journal: %w", err), j.read.Close(), j.db.Close())
	}
	j.node, j.durable = &node{url: j.o.Postgres}, &durable{db: disk}
	return nil
}

// shared tells whether other processes may write to the journal too.
func (j *Journal) shared() bool { return j.node != nil }

// newest gives the head, which another node may have moved.
func (j *Journal) newest(ctx context.Context) (*head, error) {
	if !j.shared() {
		return j.head.Load(), nil
	}
	return j.stored(ctx)
}

// stored reads the head from the store.
func (j *Journal) stored(ctx context.Context) (*head, error) {
	var h head
	err := j.read.QueryRowContext(ctx, `SELECT n, hash FROM head`).Scan(&h.n, &h.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return &h, err
}

// Newest reads the head from the store: it is of whichever node wrote last, and
// the store has answered.
func (j *Journal) Newest(ctx context.Context) (n int64, hash string, err error) {
	h, err := j.stored(ctx)
	return h.n, hex.EncodeToString(h.hash), err
}

// forPostgres rewrites what SQLite says otherwise. Indexes are chosen by the
// server, and columns hold but their own type.
var forPostgres = strings.NewReplacer(
	`t.text = ? COLLATE NOCASE`, `lower(t.text) = lower(?)`,
	`acts a CROSS JOIN entries e ON`, `acts a JOIN entries e ON`,
	`+a.outcome`, `a.outcome`, `+a.environment`, `a.environment`, `+e.act IN`, `e.act IN`, `+e.at`, `e.at`,
	`n IN (SELECT value FROM json_each(?))`, `n IN (SELECT value::bigint FROM jsonb_array_elements_text(CAST(CAST(? AS text) AS jsonb)) AS list (value))`,
	`SELECT value FROM json_each(?)`, `SELECT value FROM jsonb_array_elements_text(CAST(CAST(? AS text) AS jsonb)) AS list (value)`,
	`json_group_object(t.field, t.text)`, `coalesce(json_object_agg(t.field, t.text), '{}')`,
	`json_group_object(t.field, json_object('salt', lower(hex(t.salt)), 'text', t.text))`,
	`coalesce(json_object_agg(t.field, json_build_object('salt', encode(t.salt, 'hex'), 'text', t.text)), '{}')`,
	`json_group_array(json_array(`, `json_agg(json_build_array(`,
	`typeof(key_id), typeof(n)`, `'text', 'integer'`,
	` AND typeof(last) = 'integer'`, ``, ` OR typeof(user_id) <> 'text'`, ``, ` WHERE typeof(back) = 'integer'`, ``,
).Replace

// PostgresMissing gives the steps that Open would do to the tables of the
// database at url, and does none.
func PostgresMissing(ctx context.Context, url string) ([]database.Step, error) {
	db, err := database.Postgres(url, database.Options{Conns: 2})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	schema, err := postgresSchema()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	steps, err := schema.Missing(ctx, db)
	return steps, errors.Join(err, db.Close())
}
