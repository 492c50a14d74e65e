package templates

import "strings"

// The ids of the parts of the pages of roles.
const (
	RolesID      = "catalogue"
	RolesFoundID = "roles-found"
	BankRolesID  = "grants"
)

// Cut is the place of a page in a list that the console pages itself.
type Cut struct {
	Page, Pages  int
	From, To, Of int
}

// RoleRow is a role in the catalogue.
type RoleRow struct {
	Role RoleView
	Bank bool // holds at one bank
	Href string
}

// RolesPage is the catalogue.
type RolesPage struct {
	Query      RoleQuery
	Rows       []RoleRow
	All, Found int
	Cut        Cut
	Banks      []Link // to the grants at each
	Problem    *Problem
}

// GrantRow is a role that somebody holds.
type GrantRow struct {
	Person Person
	Name   string // of the role
	Role   RoleView
	Scope  Scope
	Times  int
	Revoke string
}

// RolePage is one role.
type RolePage struct {
	Role        RoleView
	Bank        bool
	Holders     []GrantRow
	HoldersAt   []string // the banks that were read, none: everywhere
	HoldersWhy  *Problem
	Cut         Cut
	CutHref     func(page int) string
	Asked       int
	Requests    string // address of its open requests
	RequestsWhy *Problem
	Acts        []ActRow
}

// BankRolesPage lists the grants at a bank.
type BankRolesPage struct {
	Query   BankRoleQuery
	Scope   Scope
	Banks   []Link
	Roles   []Option
	Rows    []GrantRow
	All     int
	Cut     Cut
	Problem *Problem
}

// GrantPage gives roles to a person.
type GrantPage struct {
	Person   Person
	State    Badge
	Held     []HeldRole
	Pick     RolePick
	Banks    []Option
	Chosen   []string
	BankID   string
	Refusals []string
	First    []string // first approvals that wait for the reader's word, in words
	Alone    string   // where a role is granted in an emergency, empty: not offered
	Form     DecideForm
	Failed   *Problem // why OBP refused
}

// RevokePage takes a role from a person.
type RevokePage struct {
	Person Person
	Role   RoleView
	Scope  Scope
	IDs    []UndoChoice // every entitlement by which it is held
	Action string
	Form   DecideForm
	Failed *Problem // why OBP refused
}

// UserBankRolesPage is what a person holds at one bank.
type UserBankRolesPage struct {
	Person  Person
	Scope   Scope
	Held    []GrantRow
	Back    string
	Problem *Problem
}

// DAuthPage gives roles to a user of a DAuth provider.
type DAuthPage struct {
	Provider, Username string
	Chosen             []string
	BankID             string
	Pick               RolePick
	Banks              []Option
	Form               DecideForm
	Problem            *Problem
}

// LeaverPage takes away what a person holds.
type LeaverPage struct {
	Person      Person
	State       Badge
	Items       []LeaverItem
	RequestsWhy *Problem
	NotShown    []string // parts that could not be read, in words
	Refusal     string
	Form        DecideForm
}

// LeaverItem is a role that is held, or a request that is open.
type LeaverItem struct {
	ID      string
	Role    RoleView
	Scope   Scope
	Request bool
	Ticked  bool
}

func holds(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
