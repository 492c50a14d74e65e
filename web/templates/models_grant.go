package templates

// PickPage looks for a person of whom something is to be done.
type PickPage struct {
	Title, Says, Action, Back string
	Text                      string
	Tried                     []string
	Found                     []UserRow // each with the address that goes on
	Done                      bool      // a search was made
	Status                    int       // HTTP status
	Problem                   *Problem
	Error                     string
}

// CopyPage shows what one person holds and another does not.
type CopyPage struct {
	Person, From Person
	State        Badge
	Items        []LeaverItem // held by From alone
	Both, Only   []HeldRole
	Refusals     []string
	Form         DecideForm
}

// ApprovalsPage lists first approvals, open ones first.
type ApprovalsPage struct {
	Open []ApprovalRow
	Past []ApprovalRow
	Off  bool // no role takes two people
	Days int  // within so many days a helper of the first is no second

	Emergencies []Alarm // that nobody has reviewed
}

// ApprovalRow is a first approval.
type ApprovalRow struct {
	ID       string
	Act      string // in words
	First    Person
	Second   Person
	Person   Person
	Role     RoleView
	Scope    Scope
	When     When
	Lapses   When
	State    Badge
	Code     string
	Reason   string
	Go       string // where the second person goes on, empty: nothing to do
	Why      string // why the reader does not count as the second person
	Withdraw bool
	Record   string
}
