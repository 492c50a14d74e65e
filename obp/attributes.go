package obp

import (
	"context"
	"slices"
	"time"
)

// Attribute is a further fact about a person.
type Attribute struct {
	ID       string        `json:"user_attribute_id"`
	Name     string        `json:"name"`
	Type     AttributeType `json:"type"`
	Value    string        `json:"value"`
	Inserted time.Time     `json:"insert_date"`
}

// AttributeType says how an attribute's value is written.
type AttributeType string

// The types that OBP takes.
const (
	AttributeString  AttributeType = "STRING"
	AttributeInteger AttributeType = "INTEGER"
	AttributeDouble  AttributeType = "DOUBLE"
	AttributeDay     AttributeType = "DATE_WITH_DAY" // yyyy-mm-dd
)

// UserWithAttributes is a person with all attributes, personal and not.
type UserWithAttributes struct {
	UserID     string      `json:"user_id"`
	Email      string      `json:"email"`
	ProviderID string      `json:"provider_id"`
	Provider   string      `json:"provider"`
	Username   string      `json:"username"`
	Attributes []Attribute `json:"user_attributes"`
}

func (t Attribute) id() string { return t.ID }

func (u UserWithAttributes) id() string {
	if u.Attributes == nil {
		return ""
	}
	return u.UserID
}

type newAttribute struct {
	Name  string        `json:"name"`
	Type  AttributeType `json:"type"`
	Value string        `json:"value"`
}

func (a *API) attributes(ctx context.Context, q call) ([]Attribute, error) {
	var l struct {
		Attributes []Attribute `json:"user_attributes"`
	}
	return list(ctx, a, q, &l, &l.Attributes)
}

// MyAttributes are the caller's personal ones, newest first: GET
// /my/user/attributes, no role.
func (a *API) MyAttributes(ctx context.Context) ([]Attribute, error) {
	return a.attributes(ctx, get("/my/user/attributes"))
}

// CreateMyAttribute adds a personal attribute to the caller: POST
// /my/user/attributes, no role. No call of v5.0.0 deletes one.
func (a *API) CreateMyAttribute(ctx context.Context, name string, typ AttributeType, value string) (Attribute, error) {
	return one[Attribute](ctx, a, post(newAttribute{name, typ, value}, "/my/user/attributes"))
}

// UpdateMyAttribute changes one of the caller's: PUT
// /my/user/attributes/{USER_ATTRIBUTE_ID}, no role. OBP would take over
// anybody's by that id, so it is looked for among own, MyAttributes as just
// read. KindNotFound: it is not there, and nothing is sent.
func (a *API) UpdateMyAttribute(ctx context.Context, own []Attribute, id, name string, typ AttributeType, value string) (Attribute, error) {
	q := put(newAttribute{name, typ, value}, "/my/user/attributes/{USER_ATTRIBUTE_ID}", id)
	if !slices.ContainsFunc(own, func(t Attribute) bool { return t.ID == id }) {
		return Attribute{}, q.refuse(KindNotFound, "the caller has no such attribute")
	}
	return one[Attribute](ctx, a, q)
}

// UserAttributes is a person with all attributes: GET
// /users/{USER_ID}/attributes, CanGetUsersWithAttributes. KindNotFound
// (OBP-20057, status 400): no such person.
func (a *API) UserAttributes(ctx context.Context, userID string) (UserWithAttributes, error) {
	return one[UserWithAttributes](ctx, a, get("/users/{USER_ID}/attributes", userID))
}
