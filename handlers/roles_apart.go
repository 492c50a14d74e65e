package handlers

import (
	"slices"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// apart gives the role that somebody holds and that must not be held together
// with the one that is asked for, "" when there is none. A role of the whole
// system counts at every bank.
func (s *Server) apart(x obp.EntitlementRequest) string {
	for _, e := range x.User.Entitlements.List {
		if e.BankID != x.BankID && e.BankID != "" && x.BankID != "" {
			continue
		}
		if slices.Contains(s.Settings.HeldApart, [2]string{x.RoleName, e.RoleName}) || slices.Contains(s.Settings.HeldApart, [2]string{e.RoleName, x.RoleName}) {
			return e.RoleName
		}
	}
	return ""
}

// riskyFor tells whether giving a role to a person counts as high risk: by the
// role itself, or by what they hold already.
func (s *Server) riskyFor(x obp.EntitlementRequest) bool {
	return s.highRisk[x.RoleName] || s.apart(x) != ""
}

// twoFor tells whether giving a role to a person takes two people.
func (s *Server) twoFor(x obp.EntitlementRequest) bool {
	return s.Settings.SecondPerson && s.riskyFor(x)
}

// roleFor says a role in plain words, with the risk that it is for a person.
func (s *Server) roleFor(x obp.EntitlementRequest) templates.RoleView {
	v := s.role(x.RoleName)
	if other := s.apart(x); other != "" {
		v.HighRisk, v.RiskWhy = true, templates.Word("risk.apart", "role", s.role(other).Short, "name", other)
	}
	return v
}

// wanting is a role for a person as a request for it would be.
func wanting(u obp.User, role, bankID string) obp.EntitlementRequest {
	return obp.EntitlementRequest{User: u, RoleName: role, BankID: bankID}
}

// holding is a person as if they held further roles.
func holding(u obp.User, more ...obp.RoleAtBank) obp.User {
	u.Entitlements.List = slices.Clone(u.Entitlements.List)
	for _, x := range more {
		u.Entitlements.List = append(u.Entitlements.List, obp.Entitlement{RoleName: x.RoleName, BankID: x.BankID, UserID: u.UserID})
	}
	return u
}

// riskyTogether tells whether one of several roles counts as high risk for a
// person who gets them all.
func (s *Server) riskyTogether(u obp.User, want []obp.RoleAtBank) bool {
	u = holding(u, want...)
	return slices.ContainsFunc(want, func(x obp.RoleAtBank) bool { return s.riskyFor(wanting(u, x.RoleName, x.BankID)) })
}

// apartAmong tells which of a list of grants are of people who hold, at the
// same scope, what must not be held together.
func (s *Server) apartAmong(list []obp.Entitlement) map[string]bool {
	out, held := map[string]bool{}, map[string][]obp.Entitlement{}
	if len(s.Settings.HeldApart) == 0 {
		return out
	}
	for _, e := range list {
		held[e.UserID] = append(held[e.UserID], e)
	}
	for _, e := range list {
		u := obp.User{UserID: e.UserID, Entitlements: obp.EntitlementList{List: held[e.UserID]}}
		if s.apart(wanting(u, e.RoleName, e.BankID)) != "" {
			out[e.EntitlementID] = true
		}
	}
	return out
}
