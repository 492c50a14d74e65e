package obp

import "context"

// Bank is a bank of the server.
type Bank struct {
	ID        string `json:"id"`
	ShortName string `json:"short_name"`
	FullName  string `json:"full_name"`
	Logo      string `json:"logo"`
	Website   string `json:"website"`
}

// Banks are all banks: GET /banks, no role.
func (a *API) Banks(ctx context.Context) ([]Bank, error) {
	var l struct {
		Banks []Bank `json:"banks"`
	}
	err := a.get(ctx, &l, "/banks")
	return l.Banks, err
}

// Role is a role that OBP knows.
type Role struct {
	Name           string `json:"role"`
	RequiresBankID bool   `json:"requires_bank_id"` // a bank role needs a bank, a system role must have none
}

// Roles are all roles: GET /roles, no role.
func (a *API) Roles(ctx context.Context) ([]Role, error) {
	var l struct {
		Roles []Role `json:"roles"`
	}
	err := a.get(ctx, &l, "/roles")
	return l.Roles, err
}
