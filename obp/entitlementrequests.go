package obp

import (
	"context"
	"time"
)

// EntitlementRequest is an open request for a role. It has no status: it
// exists until somebody deletes it.
type EntitlementRequest struct {
	EntitlementRequestID string    `json:"entitlement_request_id"`
	User                 User      `json:"user"` // with the roles held now; zero when OBP has no such person any more
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

func (r EntitlementRequest) id() string { return r.EntitlementRequestID }

func (a *API) requests(ctx context.Context, q call) ([]EntitlementRequest, error) {
	var l struct {
		List []EntitlementRequest `json:"entitlement_requests"`
	}
	return list(ctx, a, q, &l, &l.List)
}

// EntitlementRequests are all open requests: GET /entitlement-requests,
// CanGetEntitlementRequestsAtAnyBank. Everybody's at once, without paging.
func (a *API) EntitlementRequests(ctx context.Context) ([]EntitlementRequest, error) {
	all, err := a.requests(ctx, get("/entitlement-requests"))
	if err == nil {
		a.client.seen.open(all, time.Now())
	}
	return all, err
}

// UserEntitlementRequests are one person's: GET
// /users/{USER_ID}/entitlement-requests, CanGetEntitlementRequestsAtAnyBank
// even for one's own id. An unknown id gives an empty list.
func (a *API) UserEntitlementRequests(ctx context.Context, userID string) ([]EntitlementRequest, error) {
	return a.requests(ctx, get("/users/{USER_ID}/entitlement-requests", userID))
}

// MyEntitlementRequests are the caller's: GET /my/entitlement-requests, no role.
func (a *API) MyEntitlementRequests(ctx context.Context) ([]EntitlementRequest, error) {
	return a.requests(ctx, get("/my/entitlement-requests"))
}

// CreateEntitlementRequest asks for a role, always for the caller: POST
// /entitlement-requests, no role. KindAlreadyAsked when it is open already. A
// role that the caller holds can be asked for. An unknown bank is KindNotFound.
func (a *API) CreateEntitlementRequest(ctx context.Context, roleName, bankID string) (EntitlementRequest, error) {
	return one[EntitlementRequest](ctx, a, post(RoleAtBank{bankID, roleName}, "/entitlement-requests"))
}

// DeleteEntitlementRequest closes a request: DELETE
// /entitlement-requests/{ENTITLEMENT_REQUEST_ID},
// CanDeleteEntitlementRequestsAtAnyBank. false: OBP answered 200 and did not
// delete it. KindNotFound (OBP-30215): it is gone already.
func (a *API) DeleteEntitlementRequest(ctx context.Context, id string) (bool, error) {
	return a.yes(ctx, del("/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", id))
}
