package obp

import "context"

// Role is a role that OBP knows.
type Role struct {
	Name           string `json:"role"`
	RequiresBankID bool   `json:"requires_bank_id"` // a bank role needs a bank, a system role must have none
}

func (r Role) id() string { return r.Name }

// Roles are all roles, by name: GET /roles, no role. Roles that the server
// made at run time are among them.
func (a *API) Roles(ctx context.Context) ([]Role, error) {
	var l struct {
		Roles []Role `json:"roles"`
	}
	q := get("/roles")
	q.keep = true
	return list(ctx, a, q, &l, &l.Roles)
}
