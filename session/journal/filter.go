package journal

import "time"

// Rights says which acts a reader may see. The zero value sees nothing.
type Rights struct {
	All     bool
	BankIDs []string // every act at these banks
	Self    string   // user id: the reader's own acts
}

// Filter selects acts; empty fields do not restrict.
type Filter struct {
	Person   string // user id or user name of the person acted upon
	Operator string // user id or user name of who acted
	Acts     []Act
	Role     string
	BankIDs  []string
	Request  string // entitlement request id
	ActID    string
	ParentID string
	Outcome  Outcome   // of an event or of an act's outcome
	From     time.Time // inclusive
	To       time.Time // exclusive
	Text     string    // part of reason, ticket, note or user name; slow on a large journal
	Rights   Rights
	Before   int64 // entries older than this number: the next page
	After    int64 // entries newer than this number: the page before
	Limit    int   // 0: 50; at most 500
	Raw      bool  // every entry as a row of its own
}

// Page is a part of the acts found, newest first.
type Page struct {
	Rows  []Row
	Older int64 // Filter.Before of the next page, 0 when there is none
	Newer int64 // Filter.After of the page before, 0 when there is none
}
