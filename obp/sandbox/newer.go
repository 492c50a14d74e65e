package sandbox

import (
	"encoding/json"
	"strings"
)

// The few calls of v5.1.0 that say what v5.0.0 cannot.
const newer = "/obp/v5.1.0"

func (s *Server) newerRoutes(open, signed func(string, handler)) {
	open("GET "+newer+"/root", s.newerRoot)
	signed("GET "+newer+"/users/{USER_ID}/account-access", s.accountAccess)
	signed("GET "+newer+"/users/{USER_ID}/entitlements-and-permissions", s.entitlementsAndPermissions)
	signed("GET "+newer+"/users/{USER_ID}/non-personal/attributes", s.nonPersonal)
	signed("GET "+newer+"/users/provider/{PROVIDER}/username/{USERNAME}", s.userAtProvider)
	signed("GET "+newer+"/users/{PROVIDER}/{USERNAME}/lock-status", s.lockStatusAt)
	signed("PUT "+newer+"/users/{PROVIDER}/{USERNAME}/lock-status", s.unlock)
	signed("POST "+newer+"/users/{PROVIDER}/{USERNAME}/locks", s.lock)
}

func (s *Server) newerRoot(*request) (int, any, *refusal) {
	m := map[string]any{}
	p, _ := json.Marshal(s.world.Provider)
	if err := json.Unmarshal([]byte(strings.ReplaceAll(rootJSON, "${provider}", strings.Trim(string(p), `"`))), &m); err != nil {
		return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
	}
	m["version"], m["version_status"], m["stage"] = "v5.1.0", "BLEEDING_EDGE", "development"
	return 200, m, nil
}

// userOf checks the role and finds the user of the path.
func (s *Server) userOf(r *request, role string) (*User, *refusal) {
	if no := s.need(r, role); no != nil {
		return nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return nil, refuse(400, "OBP-20057: User not found by userId. Current USER_ID(%s) ", r.arg("USER_ID"))
	}
	return u, nil
}

func (s *Server) accountAccess(r *request) (int, any, *refusal) {
	u, no := s.userOf(r, "CanSeeAccountAccessForAnyUser")
	if no != nil {
		return 0, nil, no
	}
	return 200, map[string]any{"accounts": s.accessRows(u.UserID)}, nil
}

func (s *Server) entitlementsAndPermissions(r *request) (int, any, *refusal) {
	u, no := s.userOf(r, "CanGetEntitlementsForAnyUserAtAnyBank")
	if no != nil {
		return 0, nil, no
	}
	return 200, s.withViews(u), nil
}

// nonPersonal: the stand-in knows personal attributes only.
func (s *Server) nonPersonal(r *request) (int, any, *refusal) {
	if _, no := s.userOf(r, "CanGetNonPersonalUserAttributes"); no != nil {
		return 0, nil, no
	}
	return 200, map[string]any{"user_attributes": []any{}}, nil
}

func (s *Server) userAtProvider(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	u := s.people.find(r.arg("PROVIDER"), r.arg("USERNAME"))
	if u == nil {
		return 0, nil, noLocal()
	}
	return 200, s.whole(u, s.person(u)), nil
}

func (s *Server) lockStatusAt(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanReadUserLockedStatus"); no != nil {
		return 0, nil, no
	}
	u := s.people.find(r.arg("PROVIDER"), r.arg("USERNAME"))
	if u == nil {
		return 0, nil, noLocal()
	}
	return 200, s.lockJSON(u), nil
}
