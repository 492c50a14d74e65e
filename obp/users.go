package obp

import (
	"context"
	"strings"
	"time"
)

// User is a person as OBP knows them. OBP holds no first or last name here.
type User struct {
	UserID       string          `json:"user_id"`
	Email        string          `json:"email"` // may be empty
	ProviderID   string          `json:"provider_id"`
	Provider     string          `json:"provider"`
	Username     string          `json:"username"`
	Entitlements EntitlementList `json:"entitlements"`
	IsDeleted    bool            `json:"is_deleted"` // absent in users/current and in entitlement requests
	IsLocked     bool            `json:"is_locked"`  // absent there too

	Views      AccessList  `json:"views"`      // only in users/current
	Agreements []Agreement `json:"agreements"` // only in users/user_id

	MarketingAgreementSigned time.Time `json:"last_marketing_agreement_signed_date"` // zero: not known
}

// Agreement is what a person agreed to.
type Agreement struct {
	Type string `json:"type"` // accept_marketing_info, terms_and_conditions, privacy_conditions
	Text string `json:"text"`
}

// Access is one view that somebody may use on one account.
type Access struct {
	BankID    string `json:"bank_id"`
	AccountID string `json:"account_id"`
	ViewID    string `json:"view_id"`
}

// AccessList is OBP's {"list": [...]}.
type AccessList struct {
	List []Access `json:"list"`
}

func (u User) id() string   { return u.UserID }
func (c Access) id() string { return c.ViewID }

// Deleted reports whether the person is deleted, by the flag or by the
// scrambled user name that stands where the flag is not served.
func (u User) Deleted() bool { return u.IsDeleted || strings.HasPrefix(u.Username, "DELETED-") }

// UserByID is one person: GET /users/user_id/{USER_ID}, CanGetAnyUser. A
// deleted person is still served; an unknown id is KindNotFound (OBP-20057).
func (a *API) UserByID(ctx context.Context, userID string) (User, error) {
	q := get("/users/user_id/{USER_ID}", userID)
	u, err := one[User](ctx, a, q)
	if err == nil && u.UserID != userID {
		return User{}, q.refuse(KindJunk, "OBP answered with another person")
	}
	return u, err
}

// UserByUsername is a person at the server's own provider: GET
// /users/username/{USERNAME}, CanGetAnyUser. Others are not found by name, and
// neither is a deleted person (KindNotFound, OBP-20027). A name that ends in a
// known file suffix, such as .json, may not be found although it is there.
func (a *API) UserByUsername(ctx context.Context, username string) (User, error) {
	return a.namedUser(ctx, username, get("/users/username/{USERNAME}", username))
}

func (a *API) namedUser(ctx context.Context, username string, q call) (User, error) {
	u, err := one[User](ctx, a, q)
	if err == nil && !strings.EqualFold(u.Username, username) { // letter case is left to OBP's database
		return User{}, q.refuse(KindJunk, "OBP answered with another person")
	}
	return u, err
}

// UsersByEmail are all people with this e-mail, deleted ones too: GET
// /users/email/{EMAIL}/terminator, CanGetAnyUser. Nobody: an empty list.
func (a *API) UsersByEmail(ctx context.Context, email string) ([]User, error) {
	return a.users(ctx, get("/users/email/{EMAIL}/terminator", email))
}

func (a *API) users(ctx context.Context, q call) ([]User, error) {
	var l struct {
		Users []User `json:"users"`
	}
	return list(ctx, a, q, &l, &l.Users)
}
