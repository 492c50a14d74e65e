package templates

// ReviewsID and ReviewID are the ids of the parts of the pages of reviews.
const (
	ReviewsID = "reviews"
	ReviewID  = "review"
)

// ReviewsPage lists access reviews and begins one.
type ReviewsPage struct {
	Open   []ReviewLine
	Signed []ReviewLine
	Scopes []Option
	Based  []string // the scopes of which a baseline is signed, in words
	Errors map[string]string
	Failed *Problem // the grants could not be read
}

// ReviewLine is one review in the list.
type ReviewLine struct {
	Href, Scope, Kind string
	Who               Person
	When              When
	State             Badge
	Left, Of          int
}

// ReviewRow is a grant under review.
type ReviewRow struct {
	Pos     int
	Person  Person
	Role    RoleView
	Scope   Scope
	Since   When   // zero: the journal does not know
	By      string // who approved it, empty: not on record
	Record  string // address of that act, empty: none
	Flags   []Badge
	Flagged bool // decided by itself, with a reason
	Own     bool // the reader's own
	State   Badge
	Code    string // "pending", "kept", "revoked", "failed", "left"
	Why     string // why it failed, or the reason given
	Decided string // by whom, and when
	Entry   int64  // number of that entry, 0: none
	Href    string // where it is decided
}

// ReviewPage is one review with the rows that the filter means.
type ReviewPage struct {
	ID, Scope        string
	Query            ReviewQuery
	Who              Person
	When             When
	Base             string // what it is compared with, in words
	Rows             []ReviewRow
	Cut              Cut
	Gone             []ReviewRow // gone since the base, and not through this console
	New              int         // new since the base, and not through this console
	Unread           []string    // what could not be read
	Kept, Revoked    int
	Failed, Left, Of int
	Groupable        int // open rows of the filter that can be kept in a group
	Open             bool
	MaySign          bool
	SignWhy          string // why it cannot be signed yet
	Record           string
	Notice           string
	Signed           *ReviewSigned
	Form             DecideForm
	Shows            []Option
	Problem          *Problem
}

// ReviewSigned is a sign-off.
type ReviewSigned struct {
	Who    Person
	When   When
	Entry  int64
	Digest string // of the result
	Chain  Notice // whether the journal is intact
}

// ReviewRowPage decides one row.
type ReviewRowPage struct {
	ID, Scope string
	Query     ReviewQuery
	Row       ReviewRow
	Refusal   string // why the reader may not decide it
	Form      DecideForm
	Failed    *Problem
}

// EvidencePage is a role's whole life for a person.
type EvidencePage struct {
	Person  Person
	Role    RoleView
	Scope   Scope
	Now     Badge
	NowWhy  string
	Rows    []EvidenceRow
	Chain   Notice
	Made    When
	Maker   Person
	Hidden  int // acts that the reader may not see
	Server  string
	More    bool
	Problem *Problem
}

// EvidenceRow is one act with the entries that hold it.
type EvidenceRow struct {
	Act     ActRow
	Facts   []Fact
	Entries []EvidenceEntry
}

// EvidenceEntry is an entry's number and hash.
type EvidenceEntry struct {
	N    int64
	Kind string
	Hash string
}
