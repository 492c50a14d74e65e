package obp

import (
	"context"
	"time"
)

// Entitlement is a role that somebody holds.
type Entitlement struct {
	EntitlementID string `json:"entitlement_id"`
	RoleName      string `json:"role_name"`
	BankID        string `json:"bank_id"`           // empty: system scope
	UserID        string `json:"user_id,omitempty"` // only in lists over people
}

// IsSuperAdmin reports whether this is the row that OBP makes up for a super
// admin; it has no id and cannot be revoked.
func (e Entitlement) IsSuperAdmin() bool { return e.EntitlementID == "" }

// EntitlementList is OBP's {"list": [...]}.
type EntitlementList struct {
	List []Entitlement `json:"list"`
}

// EntitlementRequest is an open request for a role. It has no status: it
// exists until somebody deletes it.
type EntitlementRequest struct {
	EntitlementRequestID string    `json:"entitlement_request_id"`
	User                 User      `json:"user"` // with the roles held now
	RoleName             string    `json:"role_name"`
	BankID               string    `json:"bank_id"` // empty: system role
	Created              time.Time `json:"created"` // UTC, whole seconds
}

// Held counts how often the requester holds the requested role at its scope.
func (r EntitlementRequest) Held() int {
	n := 0
	for _, e := range r.User.Entitlements.List {
		if e.RoleName == r.RoleName && e.BankID == r.BankID {
			n++
		}
	}
	return n
}

type roleAtBank struct {
	BankID   string `json:"bank_id"`
	RoleName string `json:"role_name"`
}

func (a *API) entitlements(ctx context.Context, op string, args ...string) ([]Entitlement, error) {
	var l EntitlementList
	err := a.get(ctx, &l, op, args...)
	return l.List, err
}

// MyEntitlements are the caller's: GET /my/entitlements, no role. A super
// admin cannot be seen here.
func (a *API) MyEntitlements(ctx context.Context) ([]Entitlement, error) {
	return a.entitlements(ctx, "/my/entitlements")
}

// UserEntitlements are a person's: GET /users/{USER_ID}/entitlements,
// CanGetEntitlementsForAnyUserAtAnyBank. An unknown id gives an empty list.
func (a *API) UserEntitlements(ctx context.Context, userID string) ([]Entitlement, error) {
	return a.entitlements(ctx, "/users/{USER_ID}/entitlements", userID)
}

// BankEntitlements are all grants at a bank: GET /banks/{BANK_ID}/entitlements,
// CanGetEntitlementsForOneBank or CanGetEntitlementsForAnyBank. No paging.
func (a *API) BankEntitlements(ctx context.Context, bankID string) ([]Entitlement, error) {
	return a.entitlements(ctx, "/banks/{BANK_ID}/entitlements", bankID)
}

// AllEntitlements are all grants everywhere: GET /entitlements,
// CanGetEntitlementsForAnyUserAtAnyBank. One orphaned grant makes it fail whole.
func (a *API) AllEntitlements(ctx context.Context) ([]Entitlement, error) {
	return a.entitlements(ctx, "/entitlements")
}

// CreateEntitlement grants a role: POST /users/{USER_ID}/entitlements,
// CanCreateEntitlementAtAnyBank, or CanCreateEntitlementAtOneBank for a bank
// role at that bank, or a super admin. KindAlreadyHeld when it is held. It is
// not atomic at OBP: parallel calls can each succeed. Open requests stay open.
func (a *API) CreateEntitlement(ctx context.Context, userID, roleName, bankID string) (Entitlement, error) {
	var e Entitlement
	err := a.post(ctx, &e, roleAtBank{bankID, roleName}, "/users/{USER_ID}/entitlements", userID)
	return e, err
}

// DeleteEntitlement revokes a role: DELETE
// /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}, CanDeleteEntitlementAtAnyBank,
// from which a super admin is not exempt. 204 without a body is success.
func (a *API) DeleteEntitlement(ctx context.Context, userID, entitlementID string) error {
	return a.del(ctx, nil, "/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", userID, entitlementID)
}

func (a *API) requests(ctx context.Context, op string, args ...string) ([]EntitlementRequest, error) {
	var l struct {
		List []EntitlementRequest `json:"entitlement_requests"`
	}
	err := a.get(ctx, &l, op, args...)
	return l.List, err
}

// EntitlementRequests are all open requests: GET /entitlement-requests,
// CanGetEntitlementRequestsAtAnyBank. Everybody's at once, without paging.
func (a *API) EntitlementRequests(ctx context.Context) ([]EntitlementRequest, error) {
	return a.requests(ctx, "/entitlement-requests")
}

// UserEntitlementRequests are one person's: GET
// /users/{USER_ID}/entitlement-requests, CanGetEntitlementRequestsAtAnyBank
// even for one's own id. An unknown id gives an empty list.
func (a *API) UserEntitlementRequests(ctx context.Context, userID string) ([]EntitlementRequest, error) {
	return a.requests(ctx, "/users/{USER_ID}/entitlement-requests", userID)
}

// MyEntitlementRequests are the caller's: GET /my/entitlement-requests, no role.
func (a *API) MyEntitlementRequests(ctx context.Context) ([]EntitlementRequest, error) {
	return a.requests(ctx, "/my/entitlement-requests")
}

// CreateEntitlementRequest asks for a role, always for the caller: POST
// /entitlement-requests, no role. KindAlreadyAsked when it is open already.
func (a *API) CreateEntitlementRequest(ctx context.Context, roleName, bankID string) (EntitlementRequest, error) {
	var r EntitlementRequest
	err := a.post(ctx, &r, roleAtBank{bankID, roleName}, "/entitlement-requests")
	return r, err
}

// DeleteEntitlementRequest closes a request: DELETE
// /entitlement-requests/{ENTITLEMENT_REQUEST_ID},
// CanDeleteEntitlementRequestsAtAnyBank. false: OBP answered 200 and did not
// delete it. KindNotFound (OBP-30215): it is gone already.
func (a *API) DeleteEntitlementRequest(ctx context.Context, id string) (bool, error) {
	var deleted bool
	err := a.del(ctx, &deleted, "/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", id)
	return deleted, err
}
