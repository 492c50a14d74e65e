package journal

import "time"

// ApprovalState is where a first approval stands.
type ApprovalState string

// The states of a first approval. Confirmed waits to be used; the others are ends.
const (
	ApprovalWaiting   ApprovalState = "waiting"
	ApprovalConfirmed ApprovalState = "confirmed"
	ApprovalUsed      ApprovalState = "used"
	ApprovalWithdrawn ApprovalState = "withdrawn"
	ApprovalLapsed    ApprovalState = "lapsed"
)

// Approval is the record of a first and a second person's word on one act.
// Names and the first's reason are read from the act FirstActID.
type Approval struct {
	ID                   string
	For                  Act // the act that needs two people
	State                ApprovalState
	FirstActID           string
	FirstID              string // user id of the first person
	SecondID             string // user id of who confirmed
	PersonID             string
	Role, BankID, Target string
	EntitlementRequestID string
	At, LapsesAt         time.Time // UTC
	ChangedAt            time.Time
}

// ApprovalFilter selects approvals; empty fields do not restrict.
type ApprovalFilter struct {
	For      Act
	Request  string
	PersonID string
	Role     string
	BankID   *string // nil: any scope; "": system scope
	FirstID  string
	States   []ApprovalState // empty: waiting and confirmed
	Limit    int             // 0: 200
}

// TurnKey names what only one decision at a time may touch.
type TurnKey struct{ UserID, Role, BankID string }

// ItemState is where one row of a batch stands.
type ItemState string

// The states of a batch's items. Running after a restart means: cut off
// there, so OBP is read before anything is sent.
const (
	ItemWaiting ItemState = "waiting"
	ItemRunning ItemState = "running"
	ItemDone    ItemState = "done"
	ItemFailed  ItemState = "failed"
	ItemLeftOut ItemState = "left_out"
)

// BatchItem is one row of a bulk act.
type BatchItem struct {
	Seq                  int // 1 for the first; set by CreateBatch
	EntitlementRequestID string
	Target               string // as an entitlement id
	PersonID             string
	Label                string // name shown; personal, blanked when the text of the batch's entry is erased
	Role, BankID         string
	State                ItemState // given: empty or ItemLeftOut
	Rule                 string    // why it was left out
	ActID                string    // the item's own act; its intent may not be written yet
	Result               Result    // Outcome, OBPStatus, OBPCode, CorrelationID, State
	Resumed              bool      // was running before: read OBP first
}

// Batch is a stored bulk act. It goes on only when a signed-in person says so.
type Batch struct {
	ID         string // act id of the ActBulk intent
	OperatorID string
	Act        Act // what is done to each item
	At         time.Time
	FinishedAt time.Time // zero while items wait
	Items      []BatchItem
}

// Open reports whether items are still to be done.
func (b Batch) Open() bool { return b.FinishedAt.IsZero() }

// Selection says whose personal text is erased. All given fields must match.
type Selection struct {
	Before   time.Time // zero: now less the retention time, which it may not pass
	PersonID string    // text of entries upon this person or by them
	ActIDs   []string
}

// ReadEvent is one look at a person, customer or the journal.
type ReadEvent struct {
	Session   string // hash of the session id
	Operator  string // user id
	What      string // "user", "customer", "journal"
	Subject   string // id of what was read
	BankID    string
	RequestID string
}

// ReadRow is a stored ReadEvent.
type ReadRow struct {
	ReadEvent
	At time.Time
}

// Format of an export.
type Format string

// The formats of an export.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// State is what Status says of the chain.
type State struct {
	Intact    bool // false too when it was never checked
	Checked   bool
	N         int64     // intact to this entry
	CheckedAt time.Time // of the latest check
	FullAt    time.Time // of the latest check of the whole chain
	Faults    []Fault
}
