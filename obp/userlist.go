package obp

import (
	"context"
	"iter"
)

// UserQuery chooses a page of people.
type UserQuery struct {
	Offset  int
	Limit   int  // 1 to 1000; 0: 50
	Deleted bool // only the deleted ones; else only the others
}

func (a *API) fetchUsers(deleted bool) fetch[User] {
	return func(ctx context.Context, offset, limit int) ([]User, error) {
		q := get("/users")
		q.query = paged(offset, limit)
		if deleted {
			q.query.Set("is_deleted", "true")
		}
		return a.users(ctx, q)
	}
}

// Users are people with their entitlements: GET /users, CanGetAnyUser. OBP
// gives no total and no order: a person may stand on two pages, or on none,
// when people come and go between two calls. Past the end: no rows.
func (a *API) Users(ctx context.Context, u UserQuery) (Page[User], error) {
	limit, err := window(get("/users"), u.Offset, u.Limit)
	if err != nil {
		return Page[User]{}, err
	}
	return page(ctx, a.fetchUsers(u.Deleted), u.Offset, limit)
}

// AllUsers walks over people from u.Offset to the end, whatever u.Limit:
// GET /users, CanGetAnyUser. An error is the last thing it gives.
func (a *API) AllUsers(ctx context.Context, u UserQuery) iter.Seq2[User, error] {
	return walk(ctx, get("/users"), a.fetchUsers(u.Deleted), max(u.Offset, 0))
}

// Scan is what a walk in search of some rows found.
type Scan[T any] struct {
	Rows    []T
	Seen    int  // rows looked at
	Next    int  // offset from which to go on
	End     bool // there is nothing behind Next
	Stopped bool // the bound stopped it before it was full or at the end
}

// ScanBound is how many rows one scan looks at, at most.
const ScanBound = 5000

// UsersByLock looks for u.Limit people who are, or are not, locked, from
// u.Offset on: GET /users, CanGetAnyUser. It reads is_locked itself: OBP's own
// locked_status cuts the page before it filters, so that its end cannot be
// known, and it misses locks that were placed through the API. At most
// ScanBound people are looked at; Stopped says when that was too few.
func (a *API) UsersByLock(ctx context.Context, locked bool, u UserQuery) (Scan[User], error) {
	limit, err := window(get("/users"), u.Offset, u.Limit)
	if err != nil {
		return Scan[User]{}, err
	}
	found := Scan[User]{Rows: []User{}, Next: u.Offset}
	for v, err := range walk(ctx, get("/users"), a.fetchUsers(u.Deleted), u.Offset) {
		switch {
		case err != nil:
			return Scan[User]{}, err
		case len(found.Rows) == limit:
			return found, nil // v is the next one: not the end
		case found.Seen == ScanBound:
			found.Stopped = true
			return found, nil
		}
		found.Seen++
		found.Next++
		if v.IsLocked == locked {
			found.Rows = append(found.Rows, v)
		}
	}
	found.End = true
	return found, nil
}
