package session

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// ErrLimited is given by a Counter instead of counting more than its limit.
var ErrLimited = errors.New("session: the limit is reached")

// swapper is a store that replaces a record only when it is still the old one.
type swapper interface {
	Record(ctx context.Context, kind, key string) (Record, bool, error)
	// swapRecord puts next (nil: nothing) in the place of old (nil: nothing);
	// not both are nil. False: another came between.
	swapRecord(ctx context.Context, kind, key string, old, next *Record) (bool, error)
}

// changeBySwap is Store.Change over a server: nothing is locked, so that a node
// that dies holds nobody up; whoever was overtaken begins again.
func changeBySwap(ctx context.Context, s swapper, kind, key string, fn func(*Record) (*Record, error)) error {
	for {
		r, ok, err := s.Record(ctx, kind, key)
		if err != nil {
			return err
		}
		var old *Record
		if ok {
			old = &r
		}
		next, err := fn(old)
		if err != nil {
			return err
		}
		if old == nil && next == nil || old != nil && next != nil && bytes.Equal(old.Value, next.Value) && old.Expires.Equal(next.Expires) {
			return nil
		}
		if done, err := s.swapRecord(ctx, kind, key, old, next); err != nil || done {
			return err
		}
	}
}

// keepsOld lets scs renew a cookie's value without deleting the old one first,
// when the request says so: then Swap takes it away.
type keepsOld struct{ Store }

// DeleteCtx implements scs.CtxStore, as the two beneath.
func (s keepsOld) DeleteCtx(ctx context.Context, token string) error {
	if ctx.Value(keepOldKey) != nil {
		return nil
	}
	return s.Delete(token)
}

// FindCtx implements scs.CtxStore.
func (s keepsOld) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	return s.Find(token)
}

// CommitCtx implements scs.CtxStore.
func (s keepsOld) CommitCtx(_ context.Context, token string, b []byte, expiry time.Time) error {
	return s.Commit(token, b, expiry)
}

// Counts is what a store that several nodes share offers beside Store: how
// often something was done within a window of time.
type Counts interface {
	// Add adds n to the count of key in the window that began at since, and
	// gives the sum. It is forgotten after keep.
	Add(ctx context.Context, key string, since time.Time, n int, keep time.Duration) (int, error)
	// Count gives the sum; 0 when nothing was counted.
	Count(ctx context.Context, key string, since time.Time) (int, error)
}

// countTimeout bounds one question to the store.
const countTimeout = 5 * time.Second

// Counter counts for a rate limit once for all nodes. It is a LimitCounter of
// go-chi/httprate. Keys are kept as an HMAC: they may be names.
type Counter struct {
	counts Counts
	hide   func(string) string
	name   string
	limit  int
	window time.Duration
}

// Counter gives the counter of the limit called name; nil when the store is of
// this process alone.
func (m *Manager) Counter(name string) *Counter {
	c, ok := m.Store.(Counts)
	if !ok {
		return nil
	}
	return &Counter{counts: c, hide: m.sealer.trace, name: name}
}

// Config sets how much may be counted in a window of time.
func (c *Counter) Config(limit int, window time.Duration) { c.limit, c.window = limit, window }

// Increment counts one.
func (c *Counter) Increment(key string, since time.Time) error { return c.IncrementBy(key, since, 1) }

// IncrementBy counts n. ErrLimited when another node was quicker and the limit
// is reached: then it does not count.
func (c *Counter) IncrementBy(key string, since time.Time, n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	key, keep := c.hide(c.name+"|"+key), 3*c.window
	total, err := c.counts.Add(ctx, key, since, n, keep)
	if err != nil || total <= c.limit {
		return err
	}
	if _, err := c.counts.Add(ctx, key, since, -n, keep); err != nil {
		return err
	}
	return ErrLimited
}

// Get gives the counts of a window and of the one before.
func (c *Counter) Get(key string, since, before time.Time) (now, then int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	key = c.hide(c.name + "|" + key)
	if now, err = c.counts.Count(ctx, key, since); err != nil {
		return 0, 0, err
	}
	then, err = c.counts.Count(ctx, key, before)
	return now, then, err
}
