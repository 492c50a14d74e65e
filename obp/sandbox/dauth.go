package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// dauthEntitlements gets or makes a user of a DAuth provider and grants roles.
// As on the server, a refused call can leave a new user behind.
func (s *Server) dauthEntitlements(r *request) (int, any, *refusal) {
	var in struct {
		Username *string      `json:"username"`
		Provider *string      `json:"provider"`
		Roles    []roleAtBank `json:"roles"`
	}
	if json.Unmarshal(r.body, &in) != nil || in.Username == nil || in.Provider == nil || in.Roles == nil {
		return 0, nil, refuse(400, "OBP-10001: Incorrect json format. The Json body should be the PostCreateUserWithRolesJsonV400 ")
	}
	if !strings.HasPrefix(*in.Provider, "dauth.") {
		return 0, nil, refuse(400, "OBP-20103: Invalid DAuth User Provider. The user.provider must be start with 'dauth.'")
	}
	for _, w := range in.Roles {
		if no := s.dauthRole(w); no != nil {
			return 0, nil, no
		}
	}
	u := s.dauthUser(*in.Provider, *in.Username)
	if no := s.dauthMay(r.user, u, in.Roles); no != nil {
		return 0, nil, no
	}
	var made []*Entitlement
	for _, w := range in.Roles {
		made = append(made, s.grant(u.UserID, *w.Role, *w.BankID))
	}
	return 201, list(slices.Values(made), true), nil
}

func (s *Server) dauthUser(provider, username string) *User {
	u := s.people.find(provider, username)
	if u == nil {
		u = &User{UserID: uuid.NewString(), Username: username, ProviderID: username, Provider: provider}
		s.people.put(u)
	}
	return u
}

func (s *Server) dauthRole(w roleAtBank) *refusal {
	if w.BankID == nil || w.Role == nil {
		return refuse(400, "OBP-10001: Incorrect json format. The Json body should be the PostCreateUserWithRolesJsonV400 ")
	}
	if _, ok := s.roles[*w.Role]; !ok {
		return refuse(400, "Incorrect ApiRole value: %s", *w.Role)
	}
	if no := s.level(*w.Role, *w.BankID); no != nil {
		return no
	}
	if *w.BankID != "" && s.findBank(*w.BankID) == nil {
		return refuse(400, "OBP-30001: Bank not found. Please specify a valid value for BANK_ID. Current BANK_ID (%s)", *w.BankID)
	}
	return nil
}

// dauthMay: a holder of CanCreateEntitlementAtAnyBank may grant what is not
// held yet, anybody else may pass on what they hold themselves.
func (s *Server) dauthMay(caller, target *User, want []roleAtBank) *refusal {
	if s.holds(caller, "CanCreateEntitlementAtAnyBank", "") {
		for _, w := range want {
			if s.holds(target, *w.Role, *w.BankID) {
				return refuse(400, "OBP-30216: Entitlement already exists for the user. user_id(%s)", target.UserID)
			}
		}
		return nil
	}
	var lacks []string
	for _, w := range want {
		if !s.holds(caller, *w.Role, *w.BankID) {
			lacks = append(lacks, fmt.Sprintf("(%s,%s)", *w.Role, *w.BankID))
		}
	}
	if len(lacks) > 0 {
		return refuse(400, "OBP-30220: Entitlement cannot be granted. user_id(%s). The login user does not have the following roles: %s", caller.UserID, strings.Join(lacks, ","))
	}
	return nil
}
