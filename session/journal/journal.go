// Package journal keeps the record of every act of the console: what was
// about to be done before it is done, and how it ended. The entries form a
// chain of hashes whose head is sealed with a key; personal text is chained as
// a salted hash, so that it can be erased without breaking the chain.
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
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of Open.
type Options struct {
	Path         string     // file, made with mode 0600
	Key          [32]byte   // seals the head
	PreviousKeys [][32]byte // accepted for a head that was sealed earlier
	Now          func() time.Time
	Environment  string       // stands in every entry
	Logger       *slog.Logger // gets "journal head" with n and hash at every append
}

// Journal is an open journal. Its methods may be used concurrently.
type Journal struct {
	o  Options
	db *sql.DB // one connection, so that the chain has one writer

	mu   sync.Mutex
	n    int64
	hash []byte
}

// Open opens or makes a journal.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	f, err := os.OpenFile(o.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: o.Path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	db.SetMaxOpenConns(1)
	j := &Journal{o: o, db: db}
	if err := j.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

func (j *Journal) prepare(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, j.db, dir)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	err = j.db.QueryRowContext(ctx, `SELECT n, hash FROM head`).Scan(&j.n, &j.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Close closes the database.
func (j *Journal) Close() error { return j.db.Close() }

// DB is the database beneath, with one connection.
func (j *Journal) DB() *sql.DB { return j.db }

// Head gives the number and the hash of the newest entry, for a copy elsewhere.
func (j *Journal) Head() (n int64, hash string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.n, fmt.Sprintf("%x", j.hash)
}

// Intend writes what is about to be done, durably before it returns. After an
// error, which is ErrNotWritten, the act must not be done.
func (j *Journal) Intend(ctx context.Context, e Entry) (Intent, error) {
	return j.begin(ctx, KindIntent, e, Result{})
}

// Record writes a thing that needs no intent: a sign-in, a refusal, an export.
func (j *Journal) Record(ctx context.Context, e Entry, r Result) (Intent, error) {
	return j.begin(ctx, KindEvent, e, r)
}

func (j *Journal) begin(ctx context.Context, kind Kind, e Entry, r Result) (Intent, error) {
	if e.ActID == "" {
		e.ActID = uuid.NewString()
	}
	s, err := j.append(ctx, kind, e, "", r)
	return Intent{ActID: e.ActID, N: s.N, At: s.At}, err
}

// Step writes a fact between intent and outcome. ErrNotFound: there is no such
// intent; ErrFinished: the act has ended.
func (j *Journal) Step(ctx context.Context, i Intent, s Step) error {
	_, err := j.append(ctx, KindStep, Entry{ActID: i.ActID}, s.Name, Result{OBPStatus: s.OBPStatus, OBPCode: s.OBPCode,
		CorrelationID: s.CorrelationID, EntitlementIDs: s.EntitlementIDs, Note: s.Note, Details: s.Details})
	return err
}

// Outcome writes how an act ended. An outcome that is not final leaves it open.
func (j *Journal) Outcome(ctx context.Context, i Intent, r Result) error {
	_, err := j.append(ctx, KindOutcome, Entry{ActID: i.ActID}, "", r)
	return err
}
