package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"
)

func attributeJSON(a *UserAttribute) map[string]any {
	return map[string]any{"user_attribute_id": a.ID, "name": a.Name, "type": a.Type, "value": a.Value, "insert_date": stamp(a.Inserted)}
}

// attributesOf a user, newest first.
func (s *Server) attributesOf(userID string) []map[string]any {
	out := []map[string]any{}
	for a := range s.attributes.newest() {
		if a.UserID == userID {
			out = append(out, attributeJSON(a))
		}
	}
	return out
}

func (s *Server) myAttributes(r *request) (int, any, *refusal) {
	return 200, map[string]any{"user_attributes": s.attributesOf(r.user.UserID)}, nil
}

func (s *Server) userAttributes(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetUsersWithAttributes"); no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 0, nil, refuse(400, "OBP-20057: User not found by userId. Current USER_ID(%s) ", r.arg("USER_ID"))
	}
	return 200, s.withUserAttributes(u), nil
}

func (s *Server) withUserAttributes(u *User) map[string]any {
	return map[string]any{"user_id": u.UserID, "email": u.Email, "provider_id": u.ProviderID, "provider": u.Provider,
		"username": u.Username, "user_attributes": s.attributesOf(u.UserID)}
}

func readAttribute(body []byte) (UserAttribute, *refusal) {
	var in struct{ Name, Type, Value *string }
	if json.Unmarshal(body, &in) != nil || in.Name == nil || in.Type == nil || in.Value == nil {
		return UserAttribute{}, refuse(400, "OBP-10001: Incorrect json format. The Json body should be the UserAttributeJsonV400 ")
	}
	if !slices.Contains([]string{"STRING", "INTEGER", "DOUBLE", "DATE_WITH_DAY"}, *in.Type) {
		return UserAttribute{}, refuse(400, "OBP-10001: Incorrect json format. The `Type` field can only accept the following field: DOUBLE(12.1234), STRING(TAX_NUMBER), INTEGER (123)and DATE_WITH_DAY(2012-04-23)")
	}
	return UserAttribute{Name: *in.Name, Type: *in.Type, Value: *in.Value}, nil
}

func (s *Server) createAttribute(r *request) (int, any, *refusal) {
	a, no := readAttribute(r.body)
	if no != nil {
		return 0, nil, no
	}
	a.ID, a.UserID, a.Inserted = uuid.NewString(), r.user.UserID, s.now()
	return 201, attributeJSON(s.attributes.add(a)), nil
}

// updateAttribute takes an attribute over when it is somebody else's, as the
// server does.
func (s *Server) updateAttribute(r *request) (int, any, *refusal) {
	a, no := readAttribute(r.body)
	if no != nil {
		return 0, nil, no
	}
	old := s.attributes.get(r.arg("USER_ATTRIBUTE_ID"))
	if old == nil {
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested.")
	}
	a.ID, a.UserID, a.Inserted = old.ID, r.user.UserID, old.Inserted
	*old = a
	return 200, attributeJSON(old), nil
}
