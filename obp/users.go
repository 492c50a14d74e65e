package obp

import (
	"context"
	"strings"
)

// User is a person as OBP knows them. OBP holds no first or last name here.
type User struct {
	UserID       string          `json:"user_id"`
	Email        string          `json:"email"`
	ProviderID   string          `json:"provider_id"`
	Provider     string          `json:"provider"`
	Username     string          `json:"username"`
	Entitlements EntitlementList `json:"entitlements"`
	IsDeleted    bool            `json:"is_deleted"` // absent in users/current and in entitlement requests
	IsLocked     bool            `json:"is_locked"`  // absent there too
}

// Deleted reports whether the person is deleted, by the flag or by the
// scrambled user name that stands where the flag is not served.
func (u User) Deleted() bool { return u.IsDeleted || strings.HasPrefix(u.Username, "DELETED-") }

// CurrentUser is the caller: GET /users/current, no role.
func (a *API) CurrentUser(ctx context.Context) (User, error) {
	var u User
	err := a.get(ctx, &u, "/users/current")
	return u, err
}

// CurrentUserID is the caller's user id: GET /users/current/user_id, no role.
// The cheapest call that shows whether a token still works.
func (a *API) CurrentUserID(ctx context.Context) (string, error) {
	var u struct {
		UserID string `json:"user_id"`
	}
	err := a.get(ctx, &u, "/users/current/user_id")
	return u.UserID, err
}

// UserByID is one person: GET /users/user_id/{USER_ID}, CanGetAnyUser. A
// deleted person is still served; an unknown id is KindNotFound (OBP-20057).
func (a *API) UserByID(ctx context.Context, userID string) (User, error) {
	var u User
	err := a.get(ctx, &u, "/users/user_id/{USER_ID}", userID)
	return u, err
}

// UserByUsername is a person at the server's own provider: GET
// /users/username/{USERNAME}, CanGetAnyUser. Others are not found by name.
func (a *API) UserByUsername(ctx context.Context, username string) (User, error) {
	var u User
	err := a.get(ctx, &u, "/users/username/{USERNAME}", username)
	return u, err
}
