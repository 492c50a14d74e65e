package obp

import "context"

// The calls of this file are of v5.1.0: ask Newer first. A server without them
// answers KindNotFound with the code OBP-10404.

func getNewer(op string, args ...string) call {
	q := get(op, args...)
	q.version = newer
	return q
}

// UserAccess is a person's access to accounts: GET v5.1.0
// /users/{USER_ID}/account-access, CanSeeAccountAccessForAnyUser. KindNotFound
// (OBP-20057, status 400): no such person.
func (a *API) UserAccess(ctx context.Context, userID string) ([]Access, error) {
	return a.access(ctx, getNewer("/users/{USER_ID}/account-access", userID))
}

// UserWithAccess is a person with Entitlements and Views in one call: GET
// v5.1.0 /users/{USER_ID}/entitlements-and-permissions,
// CanGetEntitlementsForAnyUserAtAnyBank. IsDeleted and IsLocked are not served.
func (a *API) UserWithAccess(ctx context.Context, userID string) (User, error) {
	return one[User](ctx, a, getNewer("/users/{USER_ID}/entitlements-and-permissions", userID))
}

// UserByProvider is a person of any provider: GET v5.1.0
// /users/provider/{PROVIDER}/username/{USERNAME}, CanGetAnyUser.
func (a *API) UserByProvider(ctx context.Context, provider, username string) (User, error) {
	return a.namedUser(ctx, username, getNewer("/users/provider/{PROVIDER}/username/{USERNAME}", provider, username))
}

// LockStatusByProvider is LockStatus of a person of any provider: GET v5.1.0
// /users/{PROVIDER}/{USERNAME}/lock-status, CanReadUserLockedStatus.
func (a *API) LockStatusByProvider(ctx context.Context, provider, username string) (LockStatus, error) {
	return one[LockStatus](ctx, a, getNewer("/users/{PROVIDER}/{USERNAME}/lock-status", provider, username))
}

// LockByProvider is Lock of a person of any provider: POST v5.1.0
// /users/{PROVIDER}/{USERNAME}/locks, CanLockUser.
func (a *API) LockByProvider(ctx context.Context, provider, username string) (LockState, error) {
	q := post(nil, "/users/{PROVIDER}/{USERNAME}/locks", provider, username)
	q.version = newer
	return a.lock(ctx, q)
}

// UnlockByProvider is Unlock of a person of any provider: PUT v5.1.0
// /users/{PROVIDER}/{USERNAME}/lock-status, CanUnlockUser; read back by the
// user id.
func (a *API) UnlockByProvider(ctx context.Context, provider, username, userID string) (s LockState, err error) {
	q := put(nil, "/users/{PROVIDER}/{USERNAME}/lock-status", provider, username)
	q.version = newer
	if s.Status, err = one[LockStatus](ctx, a, q); err != nil {
		return s, err
	}
	s.User, s.Unread = a.UserByID(ctx, userID)
	return s.check(q, false)
}

// NonPersonalAttributes are those that a person cannot change: GET v5.1.0
// /users/{USER_ID}/non-personal/attributes, CanGetNonPersonalUserAttributes.
func (a *API) NonPersonalAttributes(ctx context.Context, userID string) ([]Attribute, error) {
	return a.attributes(ctx, getNewer("/users/{USER_ID}/non-personal/attributes", userID))
}
