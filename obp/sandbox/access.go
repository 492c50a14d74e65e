package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// accessRows lists a user's views on accounts: by bank and account, views
// without regard to letter case, as the server's database has them.
func (s *Server) accessRows(userID string) []map[string]string {
	rows := slices.Collect(s.access.of(0, userID))
	slices.SortFunc(rows, func(a, b *AccountAccess) int {
		return cmp.Or(strings.Compare(a.BankID, b.BankID), strings.Compare(a.AccountID, b.AccountID),
			strings.Compare(strings.ToLower(a.ViewID), strings.ToLower(b.ViewID)))
	})
	out := make([]map[string]string, len(rows))
	for i, a := range rows {
		out[i] = map[string]string{"bank_id": a.BankID, "account_id": a.AccountID, "view_id": a.ViewID}
	}
	return out
}

// viewsOf are a user's views on one account, by id.
func (s *Server) viewsOf(userID, bank, account string) (out []*SystemView) {
	for a := range s.access.of(0, userID) {
		if v := s.systemView(a.ViewID); a.BankID == bank && a.AccountID == account && v != nil {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *SystemView) int { return strings.Compare(a.ID, b.ID) })
	return out
}

type viewRef struct {
	ID     *string `json:"view_id"`
	System *bool   `json:"is_system"`
}

func (v viewRef) whole() bool { return v.ID != nil && v.System != nil }

func custom(view string) bool { return strings.HasPrefix(view, "_") }

// mayChange tells whether one of the views lets its user grant, or revoke, a view.
func mayChange(views []*SystemView, target string, revoke bool) bool {
	return slices.ContainsFunc(views, func(v *SystemView) bool {
		switch {
		case custom(target) && revoke:
			return v.MayRevokeCustom
		case custom(target):
			return v.MayGrantCustom
		case revoke:
			return slices.Contains(v.MayRevoke, target)
		}
		return slices.Contains(v.MayGrant, target)
	})
}

// mayNot is worded for granting even where revoking is refused.
func mayNot(status int, what, views, userID string) *refusal {
	return refuse(status, "OBP-20047: If target viewId is system view,  the current view.can_grant_access_to_views does not contains it. Orif target viewId is custom view, the current view.can_grant_access_to_custom_views is false.Current %s(%s) and current UserId(%s)", what, views, userID)
}

// findView looks a view up as system or custom; the stand-in has no custom views.
func (s *Server) findView(ref viewRef) (*SystemView, *refusal) {
	if !*ref.System {
		return nil, refuse(400, "OBP-30005: View not found for Account. Please specify a valid value for VIEW_ID. Current ViewId is %s", *ref.ID)
	}
	if v := s.systemView(*ref.ID); v != nil {
		return v, nil
	}
	return nil, noSystemView(*ref.ID)
}

// accessChange is what grant and revoke have in common: body, permission, user, view.
func (s *Server) accessChange(r *request, revoke bool) (*User, *SystemView, *refusal) {
	type body struct {
		UserID *string  `json:"user_id"`
		View   *viewRef `json:"view"`
	}
	in, no := read(r.body, "PostAccountAccessJsonV400", func(b body) bool { return b.UserID != nil && b.View != nil && b.View.whole() })
	if no != nil {
		return nil, nil, no
	}
	if !mayChange(s.viewsOf(r.user.UserID, r.arg("BANK_ID"), r.arg("ACCOUNT_ID")), *in.View.ID, revoke) {
		return nil, nil, mayNot(400, "ViewId", *in.View.ID, r.user.UserID)
	}
	u := s.userID(*in.UserID)
	if u == nil {
		return nil, nil, noUser(*in.UserID)
	}
	v, no := s.findView(*in.View)
	return u, v, no
}

// giveView is harmless when the user has the view already.
func (s *Server) giveView(bank, account, view, userID string) {
	if s.access.get(key(bank, account, view, userID)) == nil {
		s.access.add(AccountAccess{bank, account, view, userID})
	}
}

func (s *Server) grantAccess(r *request) (int, any, *refusal) {
	u, v, no := s.accessChange(r, false)
	if no != nil {
		return 0, nil, no
	}
	s.giveView(r.arg("BANK_ID"), r.arg("ACCOUNT_ID"), v.ID, u.UserID)
	return 201, viewNew(v), nil
}

// revokeAccess keeps the last owner of an account.
func (s *Server) revokeAccess(r *request) (int, any, *refusal) {
	u, v, no := s.accessChange(r, true)
	if no != nil {
		return 0, nil, no
	}
	bank, account := r.arg("BANK_ID"), r.arg("ACCOUNT_ID")
	row, owners := key(bank, account, v.ID, u.UserID), 0
	for a := range s.access.of(1, key(bank, account)) {
		if a.ViewID == "owner" {
			owners++
		}
	}
	switch {
	case s.access.get(row) == nil:
		return 0, nil, refuse(400, "OBP-30064: Cannot revoke account access. Current ViewId is %s <- OBP-30065: Cannot find account access.", v.ID)
	case v.ID == "owner" && owners == 1:
		return 0, nil, refuse(400, "OBP-30064: Cannot revoke account access. Current ViewId is owner")
	}
	s.access.remove(row)
	return 201, map[string]bool{"revoked": true}, nil
}
