package obp

import (
	"context"
	"fmt"
	"slices"
)

const account = "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}"

// Permission is somebody's access to an account.
type Permission struct {
	User  AccountUser `json:"user"`
	Views []View      `json:"views"`
}

// AccountUser is a person as accounts name them: not by user id.
type AccountUser struct {
	ProviderID  string `json:"id"` // User.ProviderID: the user name of people of the server's own provider
	Provider    string `json:"provider"`
	DisplayName string `json:"display_name"` // the e-mail in permissions, the user name in accounts; may be empty
}

func (p Permission) id() string {
	if p.Views == nil {
		return ""
	}
	return p.User.Provider + " " + p.User.ProviderID
}

// AccountPermissions are all who may use an account, with their views, by
// e-mail: GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions, no role: a
// view on the account with can_see_views_with_permissions_for_all_users
// (KindNoView, status 400). Rows name people by provider id; GrantAccess and
// RevokeAccess want user ids. KindNotFound: no such bank or account.
func (a *API) AccountPermissions(ctx context.Context, bankID, accountID string) ([]Permission, error) {
	var l struct {
		Permissions []Permission `json:"permissions"`
	}
	return list(ctx, a, get(account+"/permissions", bankID, accountID), &l, &l.Permissions)
}

// UserPermissions are the views of one person on an account, by id: GET
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID},
// no role: as AccountPermissions. No access: an empty list. KindNotFound: no
// such bank, account or person (OBP-20104).
func (a *API) UserPermissions(ctx context.Context, bankID, accountID, provider, providerID string) ([]View, error) {
	return a.views(ctx, get(account+"/permissions/{PROVIDER}/{PROVIDER_ID}", bankID, accountID, provider, providerID))
}

type accessChange struct {
	UserID string  `json:"user_id"`
	View   viewRef `json:"view"`
}

// GrantAccess lets a person use a view on an account: POST
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/grant, no role: a view
// of the caller's that may grant it (KindNoView, status 400). Again is success
// again. KindNotFound: no such person (OBP-20005) or view (OBP-30005, 30252).
// OBP does not check that bank and account exist.
func (a *API) GrantAccess(ctx context.Context, bankID, accountID, userID, viewID string) (View, error) {
	return one[View](ctx, a, post(accessChange{userID, refer(viewID)}, account+"/account-access/grant", bankID, accountID))
}

type revoked struct {
	Revoked *bool `json:"revoked"`
}

func (r revoked) id() string {
	if r.Revoked == nil {
		return ""
	}
	return "revoked"
}

func (a *API) revoke(ctx context.Context, q call) error {
	r, err := one[revoked](ctx, a, q)
	if err == nil && !*r.Revoked {
		return q.refuse(KindNotApplied, "OBP answered that nothing was revoked")
	}
	return err
}

// RevokeAccess takes a view on an account from a person: POST
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke, no role: a view
// of the caller's that may revoke it (KindNoView, status 400, OBP-20047).
// KindNotFound (OBP-30064 with cause OBP-30065): the person has no such
// access. The last owner cannot be revoked: KindInvalid, OBP-30064.
func (a *API) RevokeAccess(ctx context.Context, bankID, accountID, userID, viewID string) error {
	return a.revoke(ctx, post(accessChange{userID, refer(viewID)}, account+"/account-access/revoke", bankID, accountID))
}

// MyAccess is what the caller may use after ReplaceMyAccess.
type MyAccess struct {
	ViewIDs []string // views on the account, read back
	Unread  error    // why they could not be read back
}

// ReplaceMyAccess gives the caller, and nobody else, exactly these views on an
// account: PUT /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access, no role:
// the caller's views must be allowed to revoke all that is held (KindNoView,
// status 400). OBP takes everything away first, so that a wrong name would
// leave the caller with nothing: names are checked against known, the account's
// AccountViews as just read, before anything is sent (KindInvalid), and an empty
// list is refused. What is held afterwards is read back, after a failure too.
// KindNotApplied: it differs.
func (a *API) ReplaceMyAccess(ctx context.Context, bankID, accountID string, known []View, viewIDs []string) (MyAccess, error) {
	q := put(struct {
		Views []string `json:"views"`
	}{viewIDs}, account+"/account-access", bankID, accountID)
	if len(viewIDs) == 0 {
		return MyAccess{}, q.refuse(KindInvalid, "no view is given")
	}
	for _, id := range viewIDs {
		if !slices.ContainsFunc(known, func(v View) bool { return v.ID == id }) {
			return MyAccess{}, q.refuse(KindInvalid, fmt.Sprintf("the account has no view %q", clip(id, 60)))
		}
	}
	err := a.revoke(ctx, q)
	if e, _ := AsError(err); e != nil && e.Status == 0 && !e.Unanswered {
		return MyAccess{}, err // it was not sent
	}
	var held MyAccess
	me, unread := a.CurrentUser(ctx)
	if unread != nil {
		held.Unread = unread
		return held, err
	}
	held.ViewIDs = []string{}
	for _, v := range me.Views.List {
		if v.BankID == bankID && v.AccountID == accountID {
			held.ViewIDs = append(held.ViewIDs, v.ViewID)
		}
	}
	if err == nil && !same(held.ViewIDs, viewIDs) {
		err = q.refuse(KindNotApplied, "OBP answered success, but other views are held")
	}
	return held, err
}

// same reports whether a and b hold the same texts, in any order and number.
func same(a, b []string) bool {
	in := func(l []string) func(string) bool { return func(s string) bool { return !slices.Contains(l, s) } }
	return !slices.ContainsFunc(a, in(b)) && !slices.ContainsFunc(b, in(a))
}
