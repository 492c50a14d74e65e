package obp

import (
	"context"
	"strings"
)

// DAuthPrefix begins the provider of every DAuth user.
const DAuthPrefix = "dauth."

// RoleAtBank is a role and its scope; BankID is empty for a system role.
type RoleAtBank struct {
	BankID   string `json:"bank_id"`
	RoleName string `json:"role_name"`
}

func dauthUser(q call, username, provider string) error {
	switch {
	case username == "":
		return q.refuse(KindInvalid, "user name is empty")
	case !strings.HasPrefix(provider, DAuthPrefix):
		return q.refuse(KindInvalid, "provider does not begin with "+DAuthPrefix)
	}
	return nil
}

// CreateDAuthUserWithRoles finds or makes a DAuth user and grants roles: POST
// /user-entitlements, no role: CanCreateEntitlementAtAnyBank may grant
// anything not held yet (else KindAlreadyHeld); others only what they hold
// themselves (OBP-30220). A super admin has no advantage. A refused call can
// leave a new user behind.
func (a *API) CreateDAuthUserWithRoles(ctx context.Context, username, provider string, roles []RoleAtBank) ([]Entitlement, error) {
	q := post(struct {
		Username string       `json:"username"`
		Provider string       `json:"provider"`
		Roles    []RoleAtBank `json:"roles"`
	}{username, provider, roles}, "/user-entitlements")
	if err := dauthUser(q, username, provider); err != nil {
		return nil, err
	}
	if len(roles) == 0 {
		return nil, q.refuse(KindInvalid, "no role is given")
	}
	return a.entitlements(ctx, q)
}

// CreateDAuthUserWithAccess finds or makes a DAuth user and grants views on an
// account: POST
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access, no role: the
// caller needs a view on the account that may grant these (KindNoView, here
// with status 403). A refused call can leave a new user behind.
func (a *API) CreateDAuthUserWithAccess(ctx context.Context, bankID, accountID, username, provider string, viewIDs []string) ([]View, error) {
	views := make([]viewRef, len(viewIDs))
	for i, v := range viewIDs {
		views[i] = refer(v)
	}
	q := post(struct {
		Username string    `json:"username"`
		Provider string    `json:"provider"`
		Views    []viewRef `json:"views"`
	}{username, provider, views}, "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access", bankID, accountID)
	if err := dauthUser(q, username, provider); err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, q.refuse(KindInvalid, "no view is given")
	}
	var granted []View // a bare array
	return list(ctx, a, q, &granted, &granted)
}
