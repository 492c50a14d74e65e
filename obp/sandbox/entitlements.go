package sandbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// held lists what a person holds, newest first; nil takes all.
func (s *Server) held(userID string, keep func(Entitlement) bool) []Entitlement {
	var out []Entitlement
	for _, e := range slices.Backward(s.world.Entitlements) {
		if (userID == "" || e.UserID == userID) && (keep == nil || keep(e)) {
			out = append(out, e)
		}
	}
	return out
}

func list(es []Entitlement, withUser bool) map[string]any {
	rows := []map[string]any{}
	for _, e := range es {
		row := map[string]any{"entitlement_id": e.ID, "role_name": e.Role, "bank_id": e.BankID}
		if withUser {
			row["user_id"] = e.UserID
		}
		rows = append(rows, row)
	}
	return map[string]any{"list": rows}
}

func (s *Server) allRoles(*request) (int, any, *refusal) {
	return 200, map[string]json.RawMessage{"roles": rolesJSON}, nil
}

func (s *Server) allEntitlements(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementsForAnyUserAtAnyBank"); no != nil {
		return 0, nil, no
	}
	rows := []map[string]any{}
	for _, e := range s.held("", nil) {
		row := map[string]any{"entitlement_id": e.ID, "role_name": e.Role, "bank_id": e.BankID, "user_id": e.UserID}
		if u := s.userID(e.UserID); u != nil {
			row["username"] = u.Username
		}
		rows = append(rows, row)
	}
	return 200, map[string]any{"list": rows}, nil
}

func (s *Server) myEntitlements(r *request) (int, any, *refusal) {
	return 200, list(s.held(r.user.UserID, nil), false), nil
}

func (s *Server) userEntitlements(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementsForAnyUserAtAnyBank"); no != nil {
		return 0, nil, no
	}
	id := r.arg("USER_ID")
	var es []Entitlement
	if u := s.userID(id); u != nil {
		es = s.held(id, nil)
		if u.SuperAdmin {
			es = append(es, Entitlement{Role: "SuperAdmin"})
		}
	}
	return 200, list(es, false), nil
}

func (s *Server) bankEntitlements(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if !s.holds(r.user, "CanGetEntitlementsForOneBank", bank) && !s.holds(r.user, "CanGetEntitlementsForAnyBank", "") {
		return 0, nil, missing("CanGetEntitlementsForOneBank or CanGetEntitlementsForAnyBank for BankId(" + bank + ").")
	}
	return 200, list(s.held("", func(e Entitlement) bool { return e.BankID == bank }), true), nil
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
	return 200, list(s.held(user, func(e Entitlement) bool { return e.BankID == bank }), false), nil
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

func (s *Server) grant(userID, role, bank string) Entitlement {
	e := Entitlement{ID: uuid.NewString(), Role: role, BankID: bank, UserID: userID, Created: s.now().UTC()}
	s.world.Entitlements = append(s.world.Entitlements, e)
	return e
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
	id := target.UserID
	s.window(r)
	e := s.grant(id, role, bank)
	return 201, map[string]string{"entitlement_id": e.ID, "role_name": role, "bank_id": bank}, nil
}

func (s *Server) deleteEntitlement(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanDeleteEntitlementAtAnyBank"); no != nil {
		return 0, nil, no
	}
	i := slices.IndexFunc(s.world.Entitlements, func(e Entitlement) bool { return e.ID == r.arg("ENTITLEMENT_ID") })
	switch {
	case i < 0:
		return 0, nil, refuse(404, "OBP-30212: EntitlementId not found")
	case s.world.Entitlements[i].UserID != r.arg("USER_ID"):
		return 0, nil, refuse(400, "OBP-30213: USER_ID does not have the ENTITLEMENT_ID.")
	}
	s.world.Entitlements = slices.Delete(s.world.Entitlements, i, i+1)
	return 204, nil, nil
}
