package templates

// BulkID is the id of a bulk's progress, a part that refreshes itself.
const BulkID = "bulk"

// BulkPage lists what a bulk would decide, before it does.
type BulkPage struct {
	Act     string // "approve" or "decline"
	Query   RequestQuery
	Rows    []BulkRow
	LeftOut []BulkRow
	Gone    int // chosen, and not open any more
	Over    int // chosen beyond what one bulk takes
	Back    string
	Form    DecideForm
}

// BulkRow is one request of a bulk; Why says why it is left out.
type BulkRow struct {
	Row QueueRow
	Why string
}

// BulkProgress is how far a bulk is.
type BulkProgress struct {
	ID, Act, Reason                string
	Done, Failed, LeftOut, Pending int
	Rows                           []BulkResult
	Stopped                        string // why it stands still, empty: it does not
	Auto                           bool   // its button was pressed: it goes on by itself
	Mine                           bool
	Open                           bool
	Record, Back                   string
	BackText                       string // empty: to the list
}

// BulkResult is one row's result.
type BulkResult struct {
	Person Person
	Role   RoleView
	Scope  Scope
	State  Badge
	Code   string // of the state, for data-state
	Why    string
	Href   string // its record, empty: none
}
