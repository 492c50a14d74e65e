// Package journal keeps the record of every act of the console: what was
// about to be done before it is done, and how it ended. The entries form a
// chain of hashes whose head is sealed with a key; personal text is chained as
// a salted hash, so that it can be erased without breaking the chain.
package journal

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Options of Open.
type Options struct {
	Path         string     // file, made with mode 0600
	Postgres     string     // address of a PostgreSQL database that several nodes share, instead of the file
	Key          [32]byte   // seals the head
	PreviousKeys [][32]byte // accepted for a head that was sealed earlier
	Now          func() time.Time
	Environment  string        // stands in every entry
	Logger       *slog.Logger  // gets "journal head" with n and hash at every append
	Lapse        time.Duration // how long a first approval holds; 0: LapseAfter
	Lines        io.Writer     // gets each entry as a Line of JSON in one Write, in their order; nil: nobody
}

// Journal is an open journal. Its methods may be used concurrently.
type Journal struct {
	o     Options
	node  *node   // of a journal that is shared; nil: it is in a file
	db    *sql.DB // one connection, so that the chain has one writer
	read  *sql.DB // readers never wait for the writer
	stmts map[string]*sql.Stmt
	reads compiled

	durable *durable // of a journal that is shared

	hold    chan struct{} // taken by the writer
	waiting waiting
	told    chan struct{} // closed when the newest entry's line is written; the writer's
	head    atomic.Pointer[head]

	people            pseudonyms
	unwritten, untold atomic.Int64 // as in Failures
}

// Head gives the number and the hash of the newest entry, for a copy elsewhere.
func (j *Journal) Head() (n int64, hash string) {
	h := j.head.Load()
	return h.n, fmt.Sprintf("%x", h.hash)
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

func (j *Journal) begin(ctx context.Context, kind Kind, e Entry, r Result) (i Intent, err error) {
	err = j.change(ctx, func(w *writer) error {
		i, err = w.begin(kind, e, r)
		return err
	})
	return i, err
}

func (w *writer) begin(kind Kind, e Entry, r Result) (Intent, error) {
	if e.ActID == "" {
		e.ActID = uuid.NewString()
	}
	s, err := w.add(kind, e, "", r)
	return Intent{ActID: e.ActID, N: s.N, At: s.At}, err
}

// Step writes a fact between intent and outcome, even when ctx is cancelled,
// since it has happened. ErrNotFound: there is no such intent; ErrFinished:
// the act has ended.
func (j *Journal) Step(ctx context.Context, i Intent, s Step) error {
	return j.goOn(ctx, KindStep, i, s.Name, Result{OBPStatus: s.OBPStatus, OBPCode: s.OBPCode, CorrelationID: s.CorrelationID,
		EntitlementIDs: s.EntitlementIDs, Note: s.Note, Details: s.Details})
}

// Outcome writes how an act ended, even when ctx is cancelled. An outcome that
// is not final leaves it open.
func (j *Journal) Outcome(ctx context.Context, i Intent, r Result) error {
	return j.goOn(ctx, KindOutcome, i, "", r)
}

func (j *Journal) goOn(ctx context.Context, kind Kind, i Intent, step string, r Result) error {
	return j.change(context.WithoutCancel(ctx), func(w *writer) error {
		_, err := w.add(kind, Entry{ActID: i.ActID}, step, r)
		return err
	})
}
