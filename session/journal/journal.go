// Package journal keeps the record of every act of the console: what was
// about to be done before it is done, and how it ended. The entries form a
// chain of hashes whose head is sealed with a key; personal text is chained as
// a salted hash, so that it can be erased without breaking the chain.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"time"
)

// Options of Open.
type Options struct {
	Path         string     // file, made with mode 0600; ":memory:" keeps nothing
	Key          [32]byte   // seals the head
	PreviousKeys [][32]byte // accepted for a head that was sealed earlier
	Now          func() time.Time
	Environment  string       // stands in every entry
	Logger       *slog.Logger // gets "journal head" with n and hash at every append
	Retention    time.Duration
	CheckEvery   time.Duration // how often the chain is checked in the background; 0: only when asked
}

// Journal is an open journal. Its methods may be used concurrently.
type Journal struct{}

var errSkeleton = errors.New("journal: being built")

func Open(ctx context.Context, o Options) (*Journal, error)              { return nil, errSkeleton }
func (j *Journal) Close() error                                          { return nil }
func (j *Journal) DB() *sql.DB                                           { return nil }
func (j *Journal) Ready(ctx context.Context) error                       { return errSkeleton }
func (j *Journal) Intend(ctx context.Context, e Entry) (Intent, error)   { return Intent{}, errSkeleton }
func (j *Journal) Step(ctx context.Context, i Intent, s Step) error      { return errSkeleton }
func (j *Journal) Outcome(ctx context.Context, i Intent, r Result) error { return errSkeleton }
func (j *Journal) Record(ctx context.Context, e Entry, r Result) (Row, error) {
	return Row{}, errSkeleton
}
func (j *Journal) Read(ctx context.Context, r ReadEvent) error             { return errSkeleton }
func (j *Journal) Reads(ctx context.Context, limit int) ([]ReadRow, error) { return nil, errSkeleton }
func (j *Journal) Search(ctx context.Context, f Filter) (Page, error)      { return Page{}, errSkeleton }
func (j *Journal) Act(ctx context.Context, actID string) ([]Stored, error) { return nil, errSkeleton }
func (j *Journal) Row(ctx context.Context, actID string) (Row, error)      { return Row{}, errSkeleton }
func (j *Journal) LastReason(ctx context.Context, operatorID string) (string, error) {
	return "", errSkeleton
}
func (j *Journal) Unfinished(ctx context.Context, olderThan time.Duration) ([]Row, error) {
	return nil, errSkeleton
}
func (j *Journal) Decisions(ctx context.Context, f Filter, withText bool) ([]Row, error) {
	return nil, errSkeleton
}
func (j *Journal) Head() (n int64, hash string) { return 0, "" }
func (j *Journal) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	return Report{}, errSkeleton
}
func (j *Journal) Check(ctx context.Context) (State, error) { return State{}, errSkeleton }
func (j *Journal) Status() State                            { return State{} }
func (j *Journal) Erase(ctx context.Context, e Entry, s Selection) (n int, err error) {
	return 0, errSkeleton
}
func (j *Journal) Export(ctx context.Context, w io.Writer, f Filter, format Format) (n int, err error) {
	return 0, errSkeleton
}
func (j *Journal) TakeTurn(ctx context.Context, k TurnKey, holder Party, actID string, ttl time.Duration) (release func(), err error) {
	return nil, errSkeleton
}
func (j *Journal) FirstApproval(ctx context.Context, e Entry, f Act, ttl time.Duration) (Approval, error) {
	return Approval{}, errSkeleton
}
func (j *Journal) Confirm(ctx context.Context, id string, e Entry) (Approval, error) {
	return Approval{}, errSkeleton
}
func (j *Journal) Withdraw(ctx context.Context, id string, e Entry) (Approval, error) {
	return Approval{}, errSkeleton
}
func (j *Journal) UseApproval(ctx context.Context, id string, e Entry) (Approval, error) {
	return Approval{}, errSkeleton
}
func (j *Journal) Lapse(ctx context.Context) (int, error) { return 0, errSkeleton }
func (j *Journal) Approval(ctx context.Context, id string) (Approval, error) {
	return Approval{}, errSkeleton
}
func (j *Journal) Pending(ctx context.Context, f ApprovalFilter) ([]Approval, error) {
	return nil, errSkeleton
}
func (j *Journal) CreateBatch(ctx context.Context, e Entry, of Act, items []BatchItem) (Batch, error) {
	return Batch{}, errSkeleton
}
func (j *Journal) NextItem(ctx context.Context, batchID string) (item BatchItem, more bool, err error) {
	return BatchItem{}, false, errSkeleton
}
func (j *Journal) ItemDone(ctx context.Context, batchID string, seq int, r Result) error {
	return errSkeleton
}
func (j *Journal) Batch(ctx context.Context, id string) (Batch, error) { return Batch{}, errSkeleton }
func (j *Journal) Batches(ctx context.Context, operatorID string, openOnly bool) ([]Batch, error) {
	return nil, errSkeleton
}

// VerifyFile checks the journal in a database file; key nil leaves the seal unchecked.
func VerifyFile(ctx context.Context, path string, key *[32]byte, o VerifyOptions) (Report, error) {
	return Report{}, errSkeleton
}

// VerifyExport checks an NDJSON export; key nil leaves the seal unchecked.
func VerifyExport(ctx context.Context, r io.Reader, key *[32]byte) (Report, error) {
	return Report{}, errSkeleton
}
