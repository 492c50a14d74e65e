package journal

import "time"

// Rights says which acts a reader may see. The zero value sees nothing.
type Rights struct {
	All     bool
	BankIDs []string // every act at these banks
	Self    string   // user id: the reader's own acts
}

// Filter selects acts; empty fields do not restrict. A person is named by user
// id, or by the user name or e-mail, of any letter case, that an entry holds.
type Filter struct {
	Person      string // acted upon
	Operator    string // who acted
	Anyone      string // acted upon or who acted
	Acts        []Act
	Outcomes    []Outcome // the latest one; "" is an act without outcome
	Role        string
	BankIDs     []string // "" is the system scope
	Request     string   // entitlement request id
	Ticket      string   // letter case aside
	Environment string
	ActID       string
	ParentID    string
	From        time.Time // inclusive
	To          time.Time // exclusive
	Rights      Rights
	Before      int64 // entries older than this number: the next page
	Limit       int   // 0: 50; at most 500
	Count       bool  // count what is found, up to MaxCount
}

// MaxCount is where counting ends.
const MaxCount = 1000

// Page is a part of the acts found, newest first.
type Page struct {
	Rows      []Row
	Older     int64 // Filter.Before of the next page, 0 when there is none
	Count     int   // of all pages, when asked for; at most MaxCount
	CountMore bool  // there are more than MaxCount
}
