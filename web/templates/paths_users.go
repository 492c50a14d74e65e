package templates

import (
	"net/url"
	"strconv"
)

// Route patterns of people, each beside the function that builds its address.
const (
	FindPattern        = "/find"
	NewUserPattern     = "/users/new"
	ExportUsersPattern = "/exports/users"
	LockPattern        = "/users/{id}/lock"
	UnlockPattern      = "/users/{id}/unlock"
	ResetPattern       = "/users/{id}/reset-link"
	ConfirmPattern     = "/users/{id}/reset-link/confirm"
	CallPattern        = "/users/{id}/call"
	DeleteUserPattern  = "/users/{id}/delete"
	RefreshPattern     = "/users/{id}/refresh"
	InvitationsPattern = "/invitations"
)

// UserQuery is the filter and place of the list of people, as it stands in the
// address.
type UserQuery struct {
	State    string // "": all but the deleted; "locked", "active" or "deleted"
	Role     string // exact role name: people who hold it
	Provider string // exact
	Name     string // part of the user name or e-mail
	From     int    // rows of OBP's list before the first one, from 0
}

// Filtered reports whether any filter restricts the list.
func (q UserQuery) Filtered() bool {
	q.From = 0
	return q != UserQuery{}
}

// Fields are the filter's own, without the place in the list.
func (q UserQuery) Fields() [][2]string {
	return [][2]string{{"state", q.State}, {"role", q.Role}, {"provider", q.Provider}, {"name", q.Name}}
}

// Users is the address of the list of people.
func Users(q UserQuery) string {
	v := url.Values{}
	for _, f := range q.Fields() {
		if f[1] != "" {
			v.Set(f[0], f[1])
		}
	}
	if q.From > 0 {
		v.Set("from", strconv.Itoa(q.From))
	}
	return withQuery(UsersPattern, v)
}

// UserOf is the address of a person's page. With the user name, failed sign-ins
// can be read beside all else; the name is checked against the person.
func UserOf(p Person) string { return userAct(p, "") }

// Lock, Unlock, Reset, Call, DeleteUser and Refresh are the addresses of the
// forms that act on a person, where they are sent to as well.
func Lock(p Person) string { return userAct(p, "/lock") }

// Unlock is Lock's counterpart.
func Unlock(p Person) string { return userAct(p, "/unlock") }

// Reset is where a reset link is made.
func Reset(p Person) string { return userAct(p, "/reset-link") }

// Confirm is where a second person agrees to a reset link.
func Confirm(p Person) string { return userAct(p, "/reset-link/confirm") }

// Call is where a call with a person is begun and ended.
func Call(p Person) string { return userAct(p, "/call") }

// DeleteUser is where a person's account is deleted.
func DeleteUser(p Person) string { return userAct(p, "/delete") }

// Refresh is where a person's accounts are read from the core system again.
func Refresh(p Person) string { return userAct(p, "/refresh") }

func userAct(p Person, act string) string {
	v := url.Values{}
	if p.Username != "" {
		v.Set("n", p.Username)
	}
	return withQuery(User(p.UserID)+act, v)
}

// Revoke is where a person's role at a scope is revoked.
func Revoke(userID, role, bankID string) string {
	return withQuery(User(userID)+"/revoke", url.Values{"role": {role}, "bank": {bankID}})
}

// Grant is where a role is granted to a person; role and bank preset the form.
func Grant(userID, role, bankID string) string {
	v := url.Values{}
	if role != "" {
		v.Set("role", role)
	}
	if bankID != "" {
		v.Set("bank", bankID)
	}
	return withQuery(User(userID)+"/grant", v)
}

// Invitations is the address of a bank's invitations; "" lets one choose.
func Invitations(bankID string) string {
	v := url.Values{}
	if bankID != "" {
		v.Set("bank", bankID)
	}
	return withQuery(InvitationsPattern, v)
}
