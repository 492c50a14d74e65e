package sandbox

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/google/uuid"
)

// entitlementJSON is an entitlement in answers; UserID and Username stand in
// some lists only.
type entitlementJSON struct {
	ID       string  `json:"entitlement_id"`
	Role     string  `json:"role_name"`
	BankID   string  `json:"bank_id"`
	UserID   *string `json:"user_id,omitempty"`
	Username *string `json:"username,omitempty"`
}

type entitlementList struct {
	List []entitlementJSON `json:"list"`
}

// list shows entitlements in the order given, with their holders on demand.
func list(es iter.Seq[*Entitlement], withUser bool) entitlementList {
	rows := []entitlementJSON{}
	for e := range es {
		row := entitlementJSON{ID: e.ID, Role: e.Role, BankID: e.BankID}
		if withUser {
			row.UserID = &e.UserID
		}
		rows = append(rows, row)
	}
	return entitlementList{rows}
}

func (s *Server) allRoles(*request) (int, any, *refusal) {
	return 200, map[string]json.RawMessage{"roles": rolesJSON}, nil
}

func (s *Server) allEntitlements(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementsForAnyUserAtAnyBank"); no != nil {
		return 0, nil, no
	}
	role := r.URL.Query().Get("role") // exact; empty means all
	rows := make([]entitlementJSON, 0)
	for e := range s.entitlements.newest() {
		if role != "" && e.Role != role {
			continue
		}
		u := s.userID(e.UserID)
		if u == nil { // one grant of nobody makes the whole call fail
			return 0, nil, refuse(500, "OBP-50000: Unknown Error.")
		}
		rows = append(rows, entitlementJSON{ID: e.ID, Role: e.Role, BankID: e.BankID, UserID: &e.UserID, Username: &u.Username})
	}
	return 200, entitlementList{rows}, nil
}

func (s *Server) myEntitlements(r *request) (int, any, *refusal) {
	return 200, list(s.entitlements.newestOf(0, r.user.UserID), false), nil
}

func (s *Server) userEntitlements(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementsForAnyUserAtAnyBank"); no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 200, entitlementList{[]entitlementJSON{}}, nil
	}
	out := list(s.entitlements.newestOf(0, u.UserID), false)
	if u.SuperAdmin {
		out.List = append(out.List, entitlementJSON{Role: "SuperAdmin"})
	}
	return 200, out, nil
}

func (s *Server) bankEntitlements(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if no := s.needAt(r, bank, "CanGetEntitlementsForOneBank", "CanGetEntitlementsForAnyBank"); no != nil {
		return 0, nil, no
	}
	return 200, list(s.entitlements.newestOf(1, bank), true), nil
}

func (s *Server) bankUserEntitlements(r *request) (int, any, *refusal) {
	bank, user := r.arg("BANK_ID"), r.arg("USER_ID")
	switch {
	case s.findBank(bank) == nil:
		return 0, nil, noBank(bank)
	case s.userID(user) == nil:
		return 0, nil, noUser(user)
	case !s.holds(r.user, "CanGetEntitlementsForAnyUserAtOneBank", bank) && !s.holds(r.user, "CanGetEntitlementsForAnyUserAtAnyBank", ""):
		return 0, nil, missing("CanGetEntitlementsForAnyUserAtOneBank or CanGetEntitlementsForAnyUserAtAnyBank")
	}
	return 200, list(func(yield func(*Entitlement) bool) {
		for e := range s.entitlements.newestOf(0, user) {
			if e.BankID == bank && !yield(e) {
				return
			}
		}
	}, false), nil
}

func noUser(id string) *refusal {
	return refuse(404, "OBP-20005: User not found. Please specify a valid value for USER_ID. Current USER_ID(%s)", id)
}

type roleAtBank struct {
	BankID *string `json:"bank_id"`
	Role   *string `json:"role_name"`
}

// readRole reads a body of bank id and role name.
func readRole(body []byte, shape string) (role, bank string, no *refusal) {
	var in roleAtBank
	if json.Unmarshal(body, &in) != nil || in.BankID == nil || in.Role == nil {
		return "", "", refuse(400, "OBP-10001: Incorrect json format. The Json body should be the %s ", shape)
	}
	return *in.Role, *in.BankID, nil
}

// level refuses an unknown role, and one at the wrong scope.
func (s *Server) level(name, bank string) *refusal {
	r, ok := s.roles[name]
	switch {
	case !ok:
		return refuse(400, "OBP-10007: Incorrect Role name:%s. Possible roles are %s", name, strings.Join(s.names, ", "))
	case r.RequiresBankID && bank == "":
		return refuse(400, "OBP-30205: This entitlement is a Bank Role. Please set bank_id to a valid bank id.")
	case !r.RequiresBankID && bank != "":
		return refuse(400, "OBP-30206: This entitlement is a System Role. Please set bank_id to empty string.")
	}
	return nil
}

func (s *Server) grant(userID, role, bank string) *Entitlement {
	return s.entitlements.add(Entitlement{ID: uuid.NewString(), Role: role, BankID: bank, UserID: userID, Created: s.now().UTC()})
}

func (s *Server) createEntitlement(r *request) (int, any, *refusal) {
	target := s.userID(r.arg("USER_ID"))
	if target == nil {
		return 0, nil, noUser(r.arg("USER_ID"))
	}
	role, bank, no := readRole(r.body, "CreateEntitlementJSON")
	if no == nil {
		no = s.level(role, bank)
	}
	if no != nil {
		return 0, nil, no
	}
	may := r.user.SuperAdmin || s.holds(r.user, "CanCreateEntitlementAtAnyBank", "") ||
		bank != "" && s.holds(r.user, "CanCreateEntitlementAtOneBank", bank)
	switch {
	case !may:
		return 0, nil, refuse(403, "OBP-20050: Current User is not a Super Admin! orOBP-20006: User is missing one or more roles: CanCreateEntitlementAtOneBank BankId(%s). orOBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank", bank)
	case bank != "" && s.findBank(bank) == nil:
		return 0, nil, refuse(400, "OBP-30001: Bank not found. Please specify a valid value for BANK_ID.")
	case s.holds(target, role, bank):
		return 0, nil, refuse(400, "OBP-30216: Entitlement already exists for the user.")
	}
	s.window(r)
	e := s.grant(target.UserID, role, bank)
	return 201, map[string]string{"entitlement_id": e.ID, "role_name": role, "bank_id": bank}, nil
}

func (s *Server) deleteEntitlement(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanDeleteEntitlementAtAnyBank"); no != nil {
		return 0, nil, no
	}
	e := s.entitlements.get(r.arg("ENTITLEMENT_ID"))
	switch {
	case e == nil:
		return 0, nil, refuse(404, "OBP-30212: EntitlementId not found")
	case e.UserID != r.arg("USER_ID"):
		return 0, nil, refuse(400, "OBP-30213: USER_ID does not have the ENTITLEMENT_ID.")
	}
	s.entitlements.remove(e.ID)
	return 204, nil, nil
}
