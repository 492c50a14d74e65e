package templates

// The ids of the parts of the pages of people.
const (
	UsersID = "users" // the list of people with its filter
	UserID  = "user"  // one person

	CounterID = "counter" // the count of failed sign-ins that was not read yet
	VerdictID = "verdict" // whether the person can sign in
)

// FindPage is the search for a person and what it found.
type FindPage struct {
	Text    string
	Tried   []string // in words: what was looked for
	Found   []UserRow
	Done    bool     // a search was made
	Problem *Problem // a look-up failed; what the others found stands
	Error   string   // nothing was typed
	Bank    string   // where a customer number was looked for
	Banks   []Option // where a customer number is looked for, empty: nowhere
}

// UserRow is a person in a list.
type UserRow struct {
	Person Person
	Href   string
	State  Badge
	Code   string // "active", "locked", "deleted" or "unknown", for data-state
	Roles  int    // -1: not known
	Menu   []Link
}

// UsersPage is one page of people.
type UsersPage struct {
	Query     UserQuery
	Rows      []UserRow
	Read      int      // rows that OBP gave or that were looked through
	First     int      // number of the first of them, from 1
	Next      string   // address of the next page, empty: none
	Prev      string   // address of the page before, empty: none
	Notes     []string // what a filter cannot do, in words
	Roles     []Option
	States    []Option
	Providers []Option
	Problem   *Problem
}

// Verdict says in one sentence whether a person can sign in.
type Verdict struct {
	Tone     Tone
	Code     string // "deleted", "locked_failed", "locked_admin", "locked", "clear", "other", "unknown"
	Sentence string
	More     []string
	Do       *Link // the act that helps, nil: none
}

// UserPage is one person with all that is known of them.
type UserPage struct {
	Person     Person
	ProviderID string
	State      Badge
	Verdict    Verdict
	Counter    *FailedSignIns
	Problem    *Problem // the person could not be read
	Unread     bool     // beside Problem: the parts that do not need the person stand
	Acts       []Link
	Calling    *Calling
	MayCall    bool // it makes sense to begin a call
	Roles      []UserRole
	RolesWhy   *Problem
	Requests   []QueueRow
	ReqWhy     *Problem
	Contexts   []Fact
	CtxWhy     *Problem
	Attributes []Fact
	AttrWhy    *Problem
	Links      []UserLink
	LinksWhy   *Problem
	LinksAsk   []Option // banks to look at for the links, when none is known
	Access     []UserAccess
	AccessWhy  *Problem
	AccessNone string // why the server cannot say
	Journal    []ActRow
	JournalAll bool // the reader may read everybody's acts
	Agreements []Fact
}

// FailedSignIns is OBP's counter.
type FailedSignIns struct {
	Count string // "3 of 5", "3; the server's limit is unknown"
	Last  When
	Why   *Problem
	Read  string // address that reads it, when it was not read
	Other string // why there is none, in words
}

// UserRole is a role that a person holds.
type UserRole struct {
	Role   RoleView
	Scope  Scope
	Super  bool  // OBP's row of a super admin: a badge, nothing to revoke
	Origin *Link // the act that gave it, when the journal knows
	Times  int
	Revoke string // address where it is revoked, empty: it cannot be
}

// UserLink is a tie to a customer.
type UserLink struct {
	CustomerID string
	Since      When
	Active     bool
}

// UserAccess is what of an account a person may use.
type UserAccess struct {
	Bank    Scope
	Account string
	Views   []string
}

// Calling is a call with a person that is under way.
type Calling struct {
	Verified, Ticket string
	Until            When
	Minutes          int
}

// UserAct is a form that acts on a person.
type UserAct struct {
	Act      string // "lock", "unlock", "reset", "call", "delete", "refresh"
	Person   Person
	State    Badge
	Verdict  *Verdict
	Action   string
	Warnings []string
	Refusals []string // why it cannot be done, in words
	Problem  *Problem // the person could not be read, or the act failed
	Form     UserForm
	Calling  *Calling
	Button   string
	Danger   bool
	Once     string        // id of a form that is taken once, empty: any number of times
	Phone    *Phone        // the number on file, nil: not asked for
	Second   *SecondPerson // a second person is needed
	Agreed   bool          // the second person has agreed
	Confirms bool          // the reader may agree
	Waits    bool          // the reader sends nothing: another person confirms it, or makes the link
	Checked  []Fact        // how the first person made sure who asks
	Roles    []DeleteRole
	Stays    []string
	Links    []Link
}

// UserForm is what was typed.
type UserForm struct {
	Reason, ReasonCode, Ticket string
	Verified, Note             string
	Name                       string // the user name, typed to delete
	Codes, How                 []Option
	Errors                     map[string]string
	TextRequired               bool
	TicketRequired             bool
}

// Phone is the number on file of a person's customer.
type Phone struct {
	Number string // masked unless Shown
	Shown  bool
	Why    string // why there is none
}

// DeleteRole is a role that can be revoked before a person is deleted.
type DeleteRole struct {
	ID     string
	Role   RoleView
	Scope  Scope
	Ticked bool
}

// ResetLink is a link that is shown once.
type ResetLink struct {
	Person   Person
	Link     string
	Act, End Link
}

// UserResult is how an act ended that has a result of its own page.
type UserResult struct {
	Title   string
	Notice  Notice
	Rows    []ResultRow
	Links   []Link
	Problem *Problem
}

// ResultRow is the result of one of several steps.
type ResultRow struct {
	What, Scope string
	Badge       Badge
	Why         string
	Held        bool // before, so that nothing was changed
}

// NewUserPage makes an account.
type NewUserPage struct {
	Username, Email, First, Last string
	Form                         UserForm
	Problem                      *Problem
}

// InvitationsPage is a bank's invitations, and a form for another.
type InvitationsPage struct {
	BankID  string
	Banks   []Option
	Rows    []Invitation
	Problem *Problem // the list cannot be read
	Form    InviteForm
}

// Invitation is one that was sent.
type Invitation struct {
	Name, Email, Company, Country, Purpose string
	Status                                 Badge
}

// InviteForm is what was typed.
type InviteForm struct {
	First, Last, Email, Company, Country string
	Purposes                             []Option
	Form                                 UserForm
	Failed                               *Problem
}

func (f InviteForm) value(name string) string {
	return map[string]string{"first": f.First, "last": f.Last, "email": f.Email, "company": f.Company, "country": f.Country, "reason": f.Form.Reason}[name]
}
