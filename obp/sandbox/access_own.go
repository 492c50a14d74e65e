package sandbox

import (
	"slices"
	"strings"
)

// replaceAccess acts on the caller: all of their views go, then the listed ones
// come. An unknown one leaves them without any.
func (s *Server) replaceAccess(r *request) (int, any, *refusal) {
	type body struct{ Views *[]string }
	in, no := read(r.body, "PostAccountAccessJsonV400", func(b body) bool { return b.Views != nil })
	if no != nil {
		return 0, nil, no
	}
	bank, account, me := r.arg("BANK_ID"), r.arg("ACCOUNT_ID"), r.user.UserID
	held := s.viewsOf(me, bank, account)
	if len(held) == 0 || slices.ContainsFunc(held, func(v *SystemView) bool { return !mayChange(held, v.ID, true) }) {
		return 0, nil, mayNot(400, "ViewIds", strings.Join(*in.Views, ""), me)
	}
	for _, v := range held {
		s.access.remove(key(bank, account, v.ID, me))
	}
	for _, id := range *in.Views {
		if s.systemView(id) == nil {
			return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
		}
		s.giveView(bank, account, id, me)
	}
	return 201, map[string]bool{"revoked": true}, nil
}

// dauthAccess gives views to a user of a DAuth provider, made when unknown.
func (s *Server) dauthAccess(r *request) (int, any, *refusal) {
	type body struct {
		Username, Provider *string
		Views              *[]viewRef
	}
	in, no := read(r.body, "PostCreateUserAccountAccessJsonV400", func(b body) bool {
		return b.Username != nil && b.Provider != nil && b.Views != nil && !slices.ContainsFunc(*b.Views, func(v viewRef) bool { return !v.whole() })
	})
	if no != nil {
		return 0, nil, no
	}
	if !strings.HasPrefix(*in.Provider, "dauth.") {
		return 0, nil, refuse(400, "OBP-20103: Invalid DAuth User Provider. The user.provider must be start with 'dauth.'")
	}
	bank, account := r.arg("BANK_ID"), r.arg("ACCOUNT_ID")
	mine, ids := s.viewsOf(r.user.UserID, bank, account), ""
	for _, v := range *in.Views {
		ids += *v.ID
	}
	for _, v := range *in.Views {
		if !mayChange(mine, *v.ID, false) {
			return 0, nil, mayNot(403, "ViewIds", ids, r.user.UserID)
		}
	}
	u := s.dauthUser(*in.Provider, *in.Username)
	var views []*SystemView
	for _, ref := range *in.Views {
		v, no := s.findView(ref)
		if no != nil {
			return 0, nil, no
		}
		views = append(views, v)
	}
	for _, v := range views {
		s.giveView(bank, account, v.ID, u.UserID)
	}
	return 201, show(views, viewNew), nil
}
