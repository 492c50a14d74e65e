package sandbox

import (
	"slices"
	"strings"
)

// account finds the account of the path, after the bank.
func (s *Server) account(r *request) (*Account, *refusal) {
	bank, id := r.arg("BANK_ID"), r.arg("ACCOUNT_ID")
	if s.findBank(bank) == nil {
		return nil, noBank(bank)
	}
	return s.accountOnly(bank, id)
}

// accountOnly does not look at the bank first.
func (s *Server) accountOnly(bank, id string) (*Account, *refusal) {
	a := s.accounts.get(key(bank, id))
	if a == nil {
		return nil, refuse(404, "OBP-30018: Bank Account not found. Please specify valid values for BANK_ID and ACCOUNT_ID.  Current BankId is %s and Current AccountId is %s", bank, id)
	}
	return a, nil
}

// needView refuses unless one of the caller's views on the account allows it:
// no role helps, and it is 400.
func (s *Server) needView(r *request, what string, may func(*SystemView) bool) *refusal {
	if slices.ContainsFunc(s.viewsOf(r.user.UserID, r.arg("BANK_ID"), r.arg("ACCOUNT_ID")), may) {
		return nil
	}
	return refuse(400, "OBP-20022: View does not permit the access. You need the `%s` permission on any your views", what)
}

func seesAll(v *SystemView) bool { return v.SeesAllUsers }

// permissions lists who has which views, by e-mail.
func (s *Server) permissions(r *request) (int, any, *refusal) {
	a, no := s.account(r)
	if no == nil {
		no = s.needView(r, "can_see_views_with_permissions_for_all_users", seesAll)
	}
	if no != nil {
		return 0, nil, no
	}
	var users []*User
	for row := range s.access.of(1, key(a.BankID, a.ID)) {
		if u := s.userID(row.UserID); u != nil && !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	slices.SortStableFunc(users, func(a, b *User) int { return strings.Compare(a.Email, b.Email) })
	out := []map[string]any{}
	for _, u := range users {
		out = append(out, map[string]any{"user": map[string]any{"id": u.ProviderID, "provider": u.Provider, "display_name": orNil(u.Email)},
			"views": show(s.viewsOf(u.UserID, a.BankID, a.ID), viewOld)})
	}
	return 200, map[string]any{"permissions": out}, nil
}

func (s *Server) permissionsOf(r *request) (int, any, *refusal) {
	a, no := s.account(r)
	if no == nil {
		no = s.needView(r, "can_see_views_with_permissions_for_one_user", func(v *SystemView) bool { return v.SeesOneUser })
	}
	if no != nil {
		return 0, nil, no
	}
	u := s.people.find(r.arg("PROVIDER"), r.arg("PROVIDER_ID")) // both are scrambled together
	if u == nil {
		return 0, nil, refuse(404, "OBP-20104: User not found by PROVIDER and PROVIDER_ID.")
	}
	return 200, map[string]any{"views": show(s.viewsOf(u.UserID, a.BankID, a.ID), viewNew)}, nil
}

// accountViews are the views that the account has, whether or not anyone uses them.
func (s *Server) accountViews(r *request) (int, any, *refusal) {
	_, no := s.accountOnly(r.arg("BANK_ID"), r.arg("ACCOUNT_ID"))
	if no == nil {
		no = s.needView(r, "can_see_available_views_for_bank_account", seesAll)
	}
	if no != nil {
		return 0, nil, no
	}
	out := []map[string]any{}
	for i := range s.world.SystemViews {
		out = append(out, viewWhole(&s.world.SystemViews[i]))
	}
	return 200, map[string]any{"views": out}, nil
}
