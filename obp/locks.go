package obp

import (
	"context"
	"time"
)

// LockStatus is OBP's count of failed sign-ins. More than the server's maximum
// (5 unless set) means locked. A lock that was placed through the API is not
// seen here, but in User.IsLocked.
type LockStatus struct {
	Username       string    `json:"username"`
	FailedAttempts int       `json:"bad_attempts_since_last_success_or_reset"`
	LastFailure    time.Time `json:"last_failure_date"` // without failures: the moment of the call
}

func (s LockStatus) id() string { return s.Username }

// Lock is a lock that was placed through the API.
type Lock struct {
	UserID string    `json:"user_id"`
	Type   string    `json:"type_of_lock"` // lock_via_api
	Last   time.Time `json:"last_lock_date"`
}

func (l Lock) id() string { return l.UserID }

// LockState is what was read back after a lock or an unlock.
type LockState struct {
	Locked bool       // IsLocked of the person, read back; says nothing when Unread is set
	User   User       // as read back
	Placed Lock       // only after Lock
	Status LockStatus // only after Unlock
	Unread error      // why it could not be read back; OBP had said yes
}

// LockStatus counts a person's failed sign-ins: GET
// /users/{USERNAME}/lock-status, CanReadUserLockedStatus. Only for people of
// the server's own provider; others, and deleted ones, are KindNotFound.
func (a *API) LockStatus(ctx context.Context, username string) (LockStatus, error) {
	return one[LockStatus](ctx, a, get("/users/{USERNAME}/lock-status", username))
}

// Lock shuts a person out, tokens included: POST /users/{USERNAME}/locks,
// CanLockUser, and CanGetAnyUser to read back. Nothing stops one from locking
// oneself. KindNotFound: nobody of that name at the server's own provider.
// KindNotApplied: read back, the person is not locked.
func (a *API) Lock(ctx context.Context, username string) (LockState, error) {
	return a.lock(ctx, post(nil, "/users/{USERNAME}/locks", username))
}

func (a *API) lock(ctx context.Context, q call) (s LockState, err error) {
	if s.Placed, err = one[Lock](ctx, a, q); err != nil {
		return s, err
	}
	s.User, s.Unread = a.UserByID(ctx, s.Placed.UserID)
	return s.check(q, true)
}

// Unlock clears failed sign-ins and a lock placed through the API: PUT
// /users/{USERNAME}/lock-status, CanUnlockUser, and CanGetAnyUser to read
// back. Success too when nothing was locked. KindNotFound comes before a
// missing role. KindNotApplied: read back, the person is still locked.
func (a *API) Unlock(ctx context.Context, username string) (LockState, error) {
	q := put(nil, "/users/{USERNAME}/lock-status", username)
	var s LockState
	var err error
	if s.Status, err = one[LockStatus](ctx, a, q); err != nil {
		return s, err
	}
	s.User, s.Unread = a.UserByUsername(ctx, username)
	return s.check(q, false)
}

func (s LockState) check(q call, want bool) (LockState, error) {
	if s.Unread != nil {
		return s, nil
	}
	s.Locked = s.User.IsLocked
	if s.Locked != want {
		return s, q.refuse(KindNotApplied, "OBP answered success, but reading back shows the opposite")
	}
	return s, nil
}
