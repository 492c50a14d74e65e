package obp

import (
	"context"
	"net/url"
)

// Entitlement is a role that somebody holds.
type Entitlement struct {
	EntitlementID string `json:"entitlement_id"`
	RoleName      string `json:"role_name"`
	BankID        string `json:"bank_id"`            // empty: system scope
	UserID        string `json:"user_id,omitempty"`  // only in lists over people
	Username      string `json:"username,omitempty"` // only in AllEntitlements and RoleHolders
}

func (e Entitlement) id() string { return e.RoleName }

// IsSuperAdmin reports whether this is the row that OBP makes up for a super
// admin; it has no id and cannot be revoked.
func (e Entitlement) IsSuperAdmin() bool { return e.EntitlementID == "" }

// EntitlementList is OBP's {"list": [...]}.
type EntitlementList struct {
	List []Entitlement `json:"list"`
}

func (a *API) entitlements(ctx context.Context, q call) ([]Entitlement, error) {
	var l EntitlementList
	return list(ctx, a, q, &l, &l.List)
}

// MyEntitlements are the caller's: GET /my/entitlements, no role. A super
// admin cannot be seen here.
func (a *API) MyEntitlements(ctx context.Context) ([]Entitlement, error) {
	return a.entitlements(ctx, get("/my/entitlements"))
}

// UserEntitlements are a person's: GET /users/{USER_ID}/entitlements,
// CanGetEntitlementsForAnyUserAtAnyBank, even for one's own. An unknown id
// gives an empty list; a super admin has a last row without an id.
func (a *API) UserEntitlements(ctx context.Context, userID string) ([]Entitlement, error) {
	return a.entitlements(ctx, get("/users/{USER_ID}/entitlements", userID))
}

// BankEntitlements are all grants at a bank: GET /banks/{BANK_ID}/entitlements,
// CanGetEntitlementsForOneBank or CanGetEntitlementsForAnyBank. No paging. An
// unknown bank gives an empty list.
func (a *API) BankEntitlements(ctx context.Context, bankID string) ([]Entitlement, error) {
	return a.entitlements(ctx, get("/banks/{BANK_ID}/entitlements", bankID))
}

// AllEntitlements are all grants everywhere: GET /entitlements,
// CanGetEntitlementsForAnyUserAtAnyBank. One orphaned grant makes it fail whole.
func (a *API) AllEntitlements(ctx context.Context) ([]Entitlement, error) {
	return a.entitlements(ctx, get("/entitlements"))
}

// RoleHolders are all grants of one role: GET /entitlements?role=,
// CanGetEntitlementsForAnyUserAtAnyBank. The name must match exactly; an
// unknown one gives an empty list.
func (a *API) RoleHolders(ctx context.Context, roleName string) ([]Entitlement, error) {
	q := get("/entitlements")
	if roleName == "" {
		return nil, q.refuse(KindInvalid, "role is empty") // OBP would give everything
	}
	q.query = url.Values{"role": {roleName}}
	return a.entitlements(ctx, q)
}

// UserBankEntitlements are a person's roles at one bank, never system roles:
// GET /banks/{BANK_ID}/users/{USER_ID}/entitlements,
// CanGetEntitlementsForAnyUserAtOneBank or
// CanGetEntitlementsForAnyUserAtAnyBank. KindNotFound for an unknown bank
// (OBP-30001) or person (OBP-20005), even without the role.
func (a *API) UserBankEntitlements(ctx context.Context, bankID, userID string) ([]Entitlement, error) {
	return a.entitlements(ctx, get("/banks/{BANK_ID}/users/{USER_ID}/entitlements", bankID, userID))
}

// CreateEntitlement grants a role: POST /users/{USER_ID}/entitlements,
// CanCreateEntitlementAtAnyBank, or CanCreateEntitlementAtOneBank for a bank
// role at that bank, or a super admin. KindAlreadyHeld when it is held. It is
// not atomic at OBP: parallel calls can each succeed. Open requests stay open.
func (a *API) CreateEntitlement(ctx context.Context, userID, roleName, bankID string) (Entitlement, error) {
	return one[Entitlement](ctx, a, post(RoleAtBank{bankID, roleName}, "/users/{USER_ID}/entitlements", userID))
}

// DeleteEntitlement revokes a role: DELETE
// /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}, CanDeleteEntitlementAtAnyBank,
// from which a super admin is not exempt. 204 without a body is success.
// KindNotFound: there is none (OBP-30212), or it is not that person's
// (OBP-30213).
func (a *API) DeleteEntitlement(ctx context.Context, userID, entitlementID string) error {
	return a.send(ctx, del("/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", userID, entitlementID))
}
