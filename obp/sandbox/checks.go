package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// holds tells whether a person holds a role at a bank, or at system scope when bankID is empty.
func (s *Server) holds(u *User, name, bankID string) bool {
	for e := range s.entitlements.of(0, u.UserID) {
		if e.Role == name && e.BankID == bankID {
			return true
		}
	}
	return false
}

func missing(names string) *refusal {
	return refuse(403, "OBP-20006: User is missing one or more roles: %s", names)
}

// need refuses unless the caller holds a system role.
func (s *Server) need(r *request, name string) *refusal {
	if s.holds(r.user, name, "") {
		return nil
	}
	return missing(name)
}

// needAt refuses unless the caller holds one of the roles, each at its own
// scope: bank roles at the bank.
func (s *Server) needAt(r *request, bank string, names ...string) *refusal {
	text := strings.Join(names, " or ")
	for _, n := range names {
		at := ""
		if s.roles[n].RequiresBankID {
			at = bank
		}
		if s.holds(r.user, n, at) {
			return nil
		}
	}
	return missing(fmt.Sprintf("%s for BankId(%s).", text, bank))
}

var (
	idFields = []string{"id", "user_id", "bank_id", "account_id", "customer_id", "branch_id", "atm_id", "transaction_id", "transaction_request_id", "card_id", "view_id"}
	idChars  = regexp.MustCompile(`^[A-Za-z0-9\-._]{0,36}$`)
)

// idShape refuses a body with an id that no OBP server makes. The calls of
// v4.0.0 and v5.0.0 check it after the token and before roles.
func idShape(body []byte) *refusal {
	var doc any
	if json.Unmarshal(body, &doc) != nil {
		return nil
	}
	var bad []string
	var walk func(any)
	walk = func(x any) {
		switch v := x.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				if id, ok := e.(string); ok && slices.Contains(idFields, k) && !idChars.MatchString(id) {
					bad = append(bad, fmt.Sprintf("(%s,%s)", k, id))
				}
				walk(e)
			}
		}
	}
	walk(doc)
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	return refuse(400, "OBP-10001: Incorrect json format. Here are all invalid values: List(%s)", strings.Join(bad, ", "))
}

// shaped puts the check of ids before a handler.
func shaped(h handler) handler {
	return func(r *request) (int, any, *refusal) {
		if no := idShape(r.body); no != nil {
			return 0, nil, no
		}
		return h(r)
	}
}

// read decodes a body; fill tells whether every required field came.
func read[T any](body []byte, shape string, fill func(T) bool) (T, *refusal) {
	var in T
	if json.Unmarshal(body, &in) != nil || !fill(in) {
		return in, refuse(400, "OBP-10001: Incorrect json format. The Json body should be the %s ", shape)
	}
	return in, nil
}
