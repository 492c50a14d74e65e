package templates

import (
	"time"

	"github.com/a-h/templ"
)

// The ids of the parts that a page can refresh by themselves: each is the id
// of the part's root element, its hx-target (with #) and what tests look for.
const (
	MainID    = "main"    // what lies beside the navigation
	QueueID   = "queue"   // the list of requests with its filter
	SheetID   = "sheet"   // one request and its decision
	JournalID = "journal" // the list of acts with its filter
	LiveID    = "live"    // what a screen reader is told
)

// Shell is what stands around every page.
type Shell struct {
	Title       string // of the page, without the product's name
	Section     string // pattern of the navigation entry that is current
	Operator    string // user name of who is signed in, empty: nobody
	Environment string // label such as "production", empty: none
	Color       string // of the label: "red", "amber", "green", "blue" or "gray"
	Theme       string // "system", "light" or "dark"
	Shortcuts   bool   // keyboard shortcuts are on
	Path        string // own address with its query, for forms that come back
	Waiting     int    // open requests for the navigation's badge, -1: not known
	Zone        string // name of the zone that times are shown in
	EndsAt      When   // when the session ends if nothing more is asked for
	IdleSeconds int    // seconds until then
	WarnSeconds int    // how long before it a warning is shown
	Notices     []Notice
	Bank        Scope  // current bank, which every picker and link begins with; zero: none
	Unbank      string // own address without the current bank
	Admin       bool   // administers the console itself
	Refresh     string // local path that the page goes to at once, empty: none
}

// Tone is the colour and the mark of a notice or badge.
type Tone string

// The tones. Each is told by a word or a mark as well, never by colour alone.
const (
	ToneGood    Tone = "good"
	ToneWarn    Tone = "warn"
	ToneBad     Tone = "bad"
	ToneNeutral Tone = "neutral"
	ToneInfo    Tone = "info"
)

// Notice says something at the top of a page: what was done, what is amiss.
type Notice struct {
	Tone        Tone
	Text        string
	Links       []Link
	Correlation string // OBP's correlation id, empty: none
	TestID      string // data-testid, such as "flash"
}

// Link is an address with its words.
type Link struct{ Text, Href string }

// Badge is a dot and a word.
type Badge struct {
	Tone Tone
	Text string
}

// When is a time in the reader's words.
type When struct {
	At    time.Time // UTC; zero: never
	Age   string    // "3 days", "just now"
	Local string    // "2026-11-23 18:02" in the reader's zone
	UTC   string    // "2026-11-23T17:02:31Z"
}

// Person is somebody as OBP names them. OBP tells no first or last name.
type Person struct {
	UserID, Username, Email, Provider string
	Href                              string // their page, empty: none to link to
}

// RoleView is a role in plain words beside its technical name.
type RoleView struct {
	Name     string // CanCreateBranch
	Short    string // "Create branches"
	What     string // one sentence, may be empty
	HighRisk bool
	RiskWhy  string // one sentence when HighRisk, may be empty
}

// Scope is where a role holds.
type Scope struct {
	BankID string // empty: the whole system
	Name   string // the bank's name; "System" for the whole system
}

// Option is a choice of a select.
type Option struct {
	Value, Text string
	Selected    bool
}

// Problem is a failure in words, for a page or for a part of it.
type Problem struct {
	Key         string // of its words, and data-problem: "down", "slow", "not_allowed", "not_found", "limited", "junk", "gone", "busy"
	Status      int    // HTTP status
	Title       string
	Sentence    string // what it means and what to do
	Roles       []RoleAsk
	Correlation string // OBP's, empty: none
	RequestID   string // the console's own, as in its log
	Retry       string // address to try again, empty: none
	Back        *Link
}

// RoleAsk is a role that is missing, with what asking for it takes.
type RoleAsk struct {
	Role   RoleView
	Scope  Scope
	Return string // where to go afterwards
}

// SignInForm is the sign-in page.
type SignInForm struct {
	Username    string
	Next        string
	Server      string            // host of the OBP server
	Errors      map[string]string // by field: "username", "password"; "" for the form
	Notice      *Notice           // why one is here: signed out, expired, kept form
	Demo        []DemoPerson      // offered in demo mode only
	Password    string            // of the demo people, demo mode only
	Kept        bool              // what was typed is kept for after sign-in
	Correlation string            // of a failure of OBP, empty: none
}

// DemoPerson is somebody to sign in as in demo mode.
type DemoPerson struct{ Username, Does string }

// HomePage is the first page.
type HomePage struct {
	Sentence    string // "7 requests wait, the oldest 3 days."
	Start       *Link  // the one button, nil: nothing to start
	Problem     *Problem
	Mine        []MineRow
	MineWhy     *Problem    // when one's own requests cannot be read
	Second      []Alarm     // approvals that wait for a second person
	Emergencies []Alarm     // emergency grants that nobody has reviewed
	Reviews     []Alarm     // access reviews that are open
	Unfinished  []Alarm     // acts that need somebody
	Last        []ActRow    // last decisions
	LastTitle   string      // "Last decisions", "Your last decisions"
	Shortcuts   [][2]string // key and what it does
}

// Alarm is an act that has not ended.
type Alarm struct {
	Text string
	Href string
	When When
}

// MineRow is one of one's own open requests.
type MineRow struct {
	Role  RoleView
	Scope Scope
	Asked When
}

// Queue is one page of the open entitlement requests.
type Queue struct {
	Query    RequestQuery
	Rows     []QueueRow
	Found    int // selected by the filter
	Open     int // in all
	From, To int // numbers of the first and last row shown
	Page     int
	Pages    int
	Oldest   When     // of the selected
	Roles    []Option // choices of the filter
	Banks    []Option
	Ages     []Option
	Problem  *Problem // instead of the list
	Chosen   string   // id of the request open beside the list
	OOB      bool     // sent beside another part
	ReadOnly bool     // the reader decides nothing
}

// QueueRow is one open request.
type QueueRow struct {
	ID      string
	Href    string
	Person  Person
	Role    RoleView
	Scope   Scope
	Asked   When
	Count   int  // how many requests this person has
	Held    int  // how often the person holds the role there already
	Own     bool // the reader's own
	Deleted bool // the person is deleted
	Halved  bool // approved by one of two
	Parked  bool // a question waits for the person's reply
}

// Sheet is one request and what is needed to decide it.
type Sheet struct {
	ID          string
	Query       RequestQuery
	Place, Of   int // "3 of 12" in the queue's order; 0: not known
	Prev, Next  string
	Back        string // address of the queue
	Person      Person
	State       Badge  // active, locked, deleted, unknown
	StateWhy    string // when unknown: why
	Own         bool
	Role        RoleView
	Scope       Scope
	Asked       When
	Held        int
	Roles       []HeldRole // what the person holds now
	Others      []QueueRow // the person's other requests
	Talk        []TalkRow  // why it is asked for, questions and replies
	Holders     Holders
	Earlier     []ActRow
	Refusals    []string // why this cannot be approved, in words
	Warnings    []string
	MayApprove  bool
	MayDecline  bool
	Form        DecideForm
	Problem     *Problem      // the request could not be read
	Outcome     *Outcome      // the request is not open: what became of it
	Second      *SecondPerson // granting takes two people, nil: it does not
	Failed      *Problem      // why the last attempt failed; the form stays
	CloseOnly   bool          // granted already: only closing is left
	Correlation string
}

// HeldRole is a role that somebody holds.
type HeldRole struct {
	Role  RoleView
	Scope Scope
	Times int  // above 1: held more than once
	Same  bool // the one that is asked for
}

// Holders says who holds a role at a scope.
type Holders struct {
	Known  bool
	Why    string // when not known: why
	People []Person
	More   int // beyond People
}

// DecideForm is what a decider typed.
type DecideForm struct {
	Reason, ReasonCode, Ticket string
	Tick                       bool
	Shown                      bool   // the reason is shown to the person who asked
	TickText                   string // what the tick confirms, empty: no tick needed
	TextRequired               bool   // approving needs text (high risk)
	Codes                      []Option
	LastReason                 string
	Errors                     map[string]string // by field: "reason", "tick", "ticket", "reason_code"
	Asked                      string            // "approve" or "decline": which one the errors belong to
}

// Outcome is what became of a request that is not open any more.
type Outcome struct {
	Title    string
	Sentence string
	Tone     Tone
	Rows     []Fact
	Act      *Link  // its record in the journal
	Next     *Link  // the next request of the filter
	Back     string // the queue
	Finish   bool   // granted, not closed: a button closes it
	ID       string // of the request
}

// Fact is a name and a value.
type Fact struct {
	Name, Value string
	Code        bool // an id: monospaced, with a copy button
	When        *When
}

// ActRow is one act of the journal in a list.
type ActRow struct {
	N       int64
	Href    string
	When    When
	Who     Person
	Console bool   // done by the console itself, by nobody
	Act     string // in words: "Approved"
	Person  Person
	Role    *RoleView
	Scope   *Scope
	Target  string // name or id of another thing, when it is about no role
	Outcome Badge
	Reason  string // empty when there is none or the reader may not see it

	ActCode, OutcomeCode string // as the journal has them: "approve", "done"
}

// JournalPage is one page of acts.
type JournalPage struct {
	Query    JournalQuery
	Rows     []ActRow
	Export   [][2]string // the filter's fields, for an export
	Older    string      // address of the next page, empty: none
	Newest   string      // address of the first page when this is not it
	Acts     []Option
	Outcomes []Option
	All      bool     // the reader sees everybody's acts
	Intact   Notice   // "intact to entry 812, checked at ..."
	Gaps     []Notice // back-ups that were restored
	Problem  *Problem
}

// ActPage is one act's whole record.
type ActPage struct {
	Row     ActRow
	Facts   []Fact
	Seen    []Fact // what the decider saw
	Steps   []Fact
	Chain   []Fact
	Related []ActRow
	Links   []Link // what can be done about it
	Finish  string // where an act that was cut off is finished, empty: it has ended
	Problem *Problem
}

// MePage is one's own page.
type MePage struct {
	Person      Person
	Roles       []HeldRole
	RolesWhy    *Problem
	Requests    []MineRow
	RequestsWhy *Problem
	Talk        []MyRequest // of which something was asked
	Fate        []FateRow   // not open any more
	Ask         AskForm
	Theme       []Option
	Zones       []Option
	RowsPerPage int
	Shortcuts   bool
	Errors      map[string]string // of the preferences
	Session     []Fact
	Sessions    []MySession // one's own in this console
}

// AskForm asks for a role for oneself.
type AskForm struct {
	Role, BankID string
	Why          string // for those who decide
	Roles        []Option
	Banks        []Option
	Errors       map[string]string
}

// Part is a page's content: what stands beside the navigation.
type Part = templ.Component

// Proof asks for the password again before an act that needs a fresh proof.
type Proof struct {
	Action   string      // where the waiting form was sent, and is sent again
	Kept     [][2]string // its fields
	Field    string      // name of the password's or the code's field
	Code     bool        // a code of the second factor is asked for, not the password
	Username string
	Error    string
	Back     string // gives up
	Target   string // part that is refreshed, empty: the page
}

// SecondPerson says that a role takes two people, and who was the first.
type SecondPerson struct {
	ID     string // of the first approval, empty: there is none yet
	First  Person // without an ID: whose approval lapsed, if any did
	When   When
	Lapses When
	Reason string
	Mine   bool   // the reader was the first
	Alone  string // where it is granted in an emergency, empty: not offered
}
