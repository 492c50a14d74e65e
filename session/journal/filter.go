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
	Person   string // user id of the person acted upon
	Operator string // user id of who acted
	Acts     []Act
	Role     string
	BankIDs  []string
	Request  string // entitlement request id
	ActID    string
	ParentID string
	From     time.Time // inclusive
	To       time.Time // exclusive
	Rights   Rights
	Before   int64 // entries older than this number: the next page
	Limit    int   // 0: 50; at most 500
}

// Page is a part of the acts found, newest first.
type Page struct {
	Rows  []Row
	Older int64 // Filter.Before of the next page, 0 when there is none
}
