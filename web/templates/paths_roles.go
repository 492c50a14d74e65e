package templates

import (
	"net/url"
	"strconv"
	"strings"
)

// Route patterns of roles, each beside the function that builds its address.
const (
	RolesPattern     = "/roles"
	RolePattern      = "/roles/{name}"
	BankRolesPattern = "/banks/{bank}/roles"
	GrantPattern     = "/users/{id}/grant"
	RevokePattern    = "/users/{id}/revoke"
	LeaverPattern    = "/users/{id}/leaver"
	DAuthPattern     = "/dauth"

	UserBankRolesPattern = "/banks/{bank}/users/{id}/roles"
)

// RoleQuery is the catalogue's filter and page.
type RoleQuery struct {
	Text  string // part of the technical name or of the plain words
	Scope string // "system", "bank", "risk"
	Page  int
}

// Selects tells whether a role is among those that the filter means.
func (q RoleQuery) Selects(r RoleRow) bool {
	switch {
	case q.Scope == "system" && r.Bank, q.Scope == "bank" && !r.Bank, q.Scope == "risk" && !r.Role.HighRisk:
		return false
	}
	for word := range strings.FieldsSeq(q.Text) {
		if !holds(r.Role.Name, word) && !holds(r.Role.Short, word) && !holds(r.Role.What, word) {
			return false
		}
	}
	return true
}

// Filtered reports whether any filter restricts the list.
func (q RoleQuery) Filtered() bool { return q.Text != "" || q.Scope != "" }

// Roles is the address of the catalogue.
func Roles(q RoleQuery) string {
	return withQuery(RolesPattern, values(q.Page, "q", q.Text, "scope", q.Scope))
}

// Role is the address of one role.
func Role(name string) string { return RolesPattern + "/" + url.PathEscape(name) }

// RoleAt is a page of one role's holders.
func RoleAt(name string, page int) string { return withQuery(Role(name), values(page)) }

// BankRoleQuery is the filter and page of the grants at a bank.
type BankRoleQuery struct {
	Bank string
	Text string // part of a user name or of a role, or a user id
	Role string
	Page int
}

// BankRoles is the address of the grants at a bank.
func BankRoles(q BankRoleQuery) string {
	return withQuery("/banks/"+url.PathEscape(q.Bank)+"/roles", values(q.Page, "q", q.Text, "role", q.Role))
}

// UserBankRoles is the address of a person's roles at one bank.
func UserBankRoles(bankID, userID string) string {
	return "/banks/" + url.PathEscape(bankID) + User(userID) + "/roles"
}

// Leaver is where everything that a person holds is taken away.
func Leaver(userID string) string { return User(userID) + "/leaver" }

// values gives address parameters, empty ones and the first page left out.
func values(page int, pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return v
}
