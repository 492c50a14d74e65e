package journal

import (
	"encoding/json"
	"errors"
	"time"
)

// ApprovalState says where a first approval stands.
type ApprovalState string

// The states of an approval. Waiting and confirmed ones lapse.
const (
	StateWaiting   ApprovalState = "waiting"   // for the second person
	StateConfirmed ApprovalState = "confirmed" // not used yet
	StateUsed      ApprovalState = "used"
	StateLapsed    ApprovalState = "lapsed"
	StateWithdrawn ApprovalState = "withdrawn"
)

// Open tells whether something may still come of it.
func (s ApprovalState) Open() bool { return s == StateWaiting || s == StateConfirmed }

// LapseAfter is how long a first approval holds when Options say nothing.
const LapseAfter = 7 * 24 * time.Hour

// Approval is an act that needs a second person: who wants it, of whom, and
// who confirmed.
type Approval struct {
	ID                   string
	State                ApprovalState
	Act                  Act // what is to be done
	First, Second        Party
	Person               Party
	Role                 string
	BankID               string
	EntitlementRequestID string
	Target               string

	Reason, ReasonCode, Ticket, Verified string // the first person's
	Seen                                 json.RawMessage

	At, LapsesAt, ChangedAt time.Time // UTC
	UsedBy                  string    // act id of what was done with it
}

// ApprovalFilter selects approvals; empty fields do not restrict.
type ApprovalFilter struct {
	States    []ApprovalState // as they are now: what is due has lapsed
	Act       Act
	FirstID   string
	PersonID  string
	RequestID string
	Limit     int // 0: 50; at most 500
}

// ErrWaiting is returned for a first approval of what already has an open one.
var ErrWaiting = errors.New("journal: a first approval of this is open already")

// ErrSamePerson is returned when one user id would be two persons, or the
// person acted upon would confirm.
var ErrSamePerson = errors.New("journal: the second person must be another")

// ErrNotTheirs is returned when neither the first nor the second person uses
// an approval.
var ErrNotTheirs = errors.New("journal: the approval is of other persons")

// ErrMismatch is returned when an approval is used for something else.
var ErrMismatch = errors.New("journal: the approval is of something else")

// StateError says that an approval stands where the change cannot be made.
type StateError struct{ State ApprovalState }

// Error implements error.
func (e *StateError) Error() string { return "journal: the approval is " + string(e.State) }
