package sandbox

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

type keyValue struct{ Key, Value *string }

func readKeyValue(body []byte) (key, value string, no *refusal) {
	in, no := read(body, "PostUserAuthContextJson", func(b keyValue) bool { return b.Key != nil && b.Value != nil })
	if no != nil {
		return "", "", no
	}
	return strings.TrimSpace(*in.Key), strings.TrimSpace(*in.Value), nil
}

func contextJSON(c *AuthContext) map[string]any {
	return map[string]any{"user_auth_context_id": c.ID, "user_id": c.UserID, "key": c.Key, "value": c.Value,
		"time_stamp": stamp(c.Created), "consumer_id": c.ConsumerID}
}

func (s *Server) addContext(userID, key, value string) *AuthContext {
	return s.contexts.add(AuthContext{ID: uuid.NewString(), UserID: userID, Key: key, Value: value, Created: s.now(), ConsumerID: s.world.ConsumerID})
}

// contextUser checks the role and finds the user of the path.
func (s *Server) contextUser(r *request, role string) (*User, *refusal) {
	if no := s.need(r, role); no != nil {
		return nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return nil, noUser(r.arg("USER_ID"))
	}
	return u, nil
}

// createContext takes a key a second time too.
func (s *Server) createContext(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanCreateUserAuthContext"); no != nil {
		return 0, nil, no
	}
	key, value, no := readKeyValue(r.body)
	if no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 0, nil, noUser(r.arg("USER_ID"))
	}
	return 201, contextJSON(s.addContext(u.UserID, key, value)), nil
}

func (s *Server) listContexts(r *request) (int, any, *refusal) {
	u, no := s.contextUser(r, "CanGetUserAuthContext")
	if no != nil {
		return 0, nil, no
	}
	out := []map[string]any{}
	for c := range s.contexts.of(0, u.UserID) {
		out = append(out, contextJSON(c))
	}
	return 200, map[string]any{"user_auth_contexts": out}, nil
}

func (s *Server) deleteContexts(r *request) (int, any, *refusal) {
	u, no := s.contextUser(r, "CanDeleteUserAuthContext")
	if no != nil {
		return 0, nil, no
	}
	for _, c := range slices.Collect(s.contexts.of(0, u.UserID)) {
		s.contexts.remove(c.ID)
	}
	return 200, true, nil
}

// deleteContext goes by the context's id alone, whoever it belongs to.
func (s *Server) deleteContext(r *request) (int, any, *refusal) {
	if _, no := s.contextUser(r, "CanDeleteUserAuthContext"); no != nil {
		return 0, nil, no
	}
	if !s.contexts.remove(r.arg("USER_AUTH_CONTEXT_ID")) {
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested. <- OBP-30056: UserAuthContext not found by USER_AUTH_CONTEXT_ID.")
	}
	return 200, true, nil
}
