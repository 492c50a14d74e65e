package templates

import "net/url"

// Route patterns of granting, each beside the function that builds its address.
const (
	GrantToPattern   = "/grant"
	CopyPattern      = "/users/{id}/copy-roles"
	ApprovalsPattern = "/approvals"
)

// GrantTo is where it is asked to whom a role is granted.
func GrantTo(role, bankID string) string {
	return withQuery(GrantToPattern, values(0, "role", role, "bank", bankID))
}

// Copy is where roles are copied to a person; from is whose, "" asks.
func Copy(userID, from string) string {
	v := url.Values{}
	if from != "" {
		v.Set("from", from)
	}
	return withQuery(User(userID)+"/copy-roles", v)
}
