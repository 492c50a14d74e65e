package session

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

// Kinds of records kept beside the sessions.
const (
	kindLive        = "live"        // one a signed-in session, by its public id; sealed
	kindTrace       = "trace"       // whose cookie it was, by HMAC of the cookie; sealed
	kindKept        = "kept"        // a form kept for after sign-in; sealed
	kindBarred      = "barred"      // by user id
	kindPreferences = "preferences" // by user id
	kindFactor      = "factor"      // a person's second factor, by user id; sealed
	kindNewFactor   = "new_factor"  // one that waits for its first code; sealed
	kindHalf        = "half"        // a sign-in that waits for its code; sealed
)

// Record is a value with the time after which it may be swept; zero: never.
type Record struct {
	Value   []byte
	Expires time.Time
}

// ns is Expires in nanoseconds since 1970; 0: never.
func (r Record) ns() int64 {
	if r.Expires.IsZero() {
		return 0
	}
	return r.Expires.UnixNano()
}

// fromNS is the time that ns gave.
func fromNS(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// Store keeps sessions (as scs does) and the records beside them. It must be
// safe for concurrent use.
type Store interface {
	scs.Store
	// Swap puts next (nil: nothing) in the place of a session's value, in one
	// step. False: the value is no longer old, and stays as it is.
	Swap(ctx context.Context, token string, old, next []byte, expiry time.Time) (bool, error)
	// Record gives a record, and false when there is none. It does not look at
	// Expires: the Manager has the clock.
	Record(ctx context.Context, kind, key string) (Record, bool, error)
	// Change replaces a record in one step that no other change comes between.
	// fn gets nil when there is none; returning nil deletes. An error of fn
	// leaves the record as it was and is returned. fn must not use the store,
	// and is called again when another node's change came between.
	Change(ctx context.Context, kind, key string, fn func(old *Record) (*Record, error)) error
	// Records gives all records of a kind by key.
	Records(ctx context.Context, kind string) (map[string]Record, error)
	// Sweep deletes the records that expired before now.
	Sweep(ctx context.Context, now time.Time) error
	// Ready tells whether the store can be used, for /readyz.
	Ready(ctx context.Context) error
	Close() error
}

// Memory is a Store that forgets everything when the process ends.
type Memory struct {
	*memstore.MemStore
	mu      sync.Mutex
	records map[string]map[string]Record
}

// MemoryStore makes an empty Memory.
func MemoryStore() *Memory {
	return &Memory{MemStore: memstore.New(), records: map[string]map[string]Record{}}
}

// Commit implements scs.Store.
func (m *Memory) Commit(token string, b []byte, expiry time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.MemStore.Commit(token, b, expiry)
}

// Delete implements scs.Store.
func (m *Memory) Delete(token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.MemStore.Delete(token)
}

// Swap implements Store.
func (m *Memory) Swap(_ context.Context, token string, old, next []byte, expiry time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, ok, err := m.MemStore.Find(token)
	if err != nil || !ok || !bytes.Equal(now, old) {
		return false, err
	}
	if next == nil {
		return true, m.MemStore.Delete(token)
	}
	return true, m.MemStore.Commit(token, next, expiry)
}

// Record implements Store.
func (m *Memory) Record(_ context.Context, kind, key string) (Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[kind][key]
	return r, ok, nil
}

// Change implements Store.
func (m *Memory) Change(_ context.Context, kind, key string, fn func(*Record) (*Record, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var old *Record
	if r, ok := m.records[kind][key]; ok {
		old = &r
	}
	next, err := fn(old)
	if err != nil {
		return err
	}
	if next == nil {
		delete(m.records[kind], key)
		return nil
	}
	if m.records[kind] == nil {
		m.records[kind] = map[string]Record{}
	}
	m.records[kind][key] = *next
	return nil
}

// Records implements Store.
func (m *Memory) Records(_ context.Context, kind string) (map[string]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]Record, len(m.records[kind]))
	maps.Copy(out, m.records[kind])
	return out, nil
}

// Sweep implements Store.
func (m *Memory) Sweep(_ context.Context, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, byKey := range m.records {
		maps.DeleteFunc(byKey, func(_ string, r Record) bool {
			return !r.Expires.IsZero() && r.Expires.Before(now)
		})
	}
	return nil
}

// Ready implements Store.
func (m *Memory) Ready(context.Context) error { return nil }

// Close implements Store.
func (m *Memory) Close() error { return nil }
