package obp

import "context"

// CurrentUser is the caller, with entitlements and account access: GET
// /users/current, no role. IsDeleted and IsLocked are not served here, nor is
// it shown that the caller is a super admin.
func (a *API) CurrentUser(ctx context.Context) (User, error) {
	return one[User](ctx, a, get("/users/current"))
}

// CurrentUserID is the caller's user id: GET /users/current/user_id, no role.
// The cheapest call that shows whether a token still works.
func (a *API) CurrentUserID(ctx context.Context) (string, error) {
	u, err := one[User](ctx, a, get("/users/current/user_id"))
	return u.UserID, err
}

// LogoutLink is where the server's own portal signs people out: GET
// /users/current/logout-link, no role. It does not end the token: nothing does.
func (a *API) LogoutLink(ctx context.Context) (string, error) {
	l, err := one[link](ctx, a, get("/users/current/logout-link"))
	return l.Link, err
}

type link struct {
	Link string `json:"link"`
}

func (l link) id() string { return l.Link }

// MySpaces are ids of the banks at which the caller holds
// CanReadDynamicResourceDocsAtOneBank: GET /my/spaces, no role. Often empty.
func (a *API) MySpaces(ctx context.Context) ([]string, error) {
	var l struct {
		BankIDs []name `json:"bank_ids"`
	}
	names, err := list(ctx, a, get("/my/spaces"), &l, &l.BankIDs)
	return texts(names), err
}

// name is a row that is only a text.
type name string

func (n name) id() string { return string(n) }

func texts(names []name) []string {
	if names == nil {
		return nil
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return out
}
