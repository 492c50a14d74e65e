package session

import (
	"context"
	"net/url"
	"testing"
	"time"
)

// held counts what the store holds: sessions' values and the records beside.
func held(t *testing.T, m *Manager) map[string]int {
	t.Helper()
	all, err := m.Store.(interface {
		All() (map[string][]byte, error)
	}).All()
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{"values": len(all)}
	for _, kind := range []string{kindLive, kindTrace, kindKept} {
		r, err := m.Store.Records(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		n[kind] = len(r)
	}
	return n
}

// Sign-out leaves nothing in the store, another ending only the trace that
// says why: security 7.
func TestEndingsLeaveNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.must(func(ctx context.Context) error {
			return m.KeepForAfterSignIn(ctx, "/x", url.Values{"reason": {"x"}}, "u-anna")
		})
		b.signIn(anna)
		b.must(m.SignOut)
		for what, n := range held(t, m) {
			if n != 0 {
				t.Errorf("sign-out leaves %d %s", n, what)
			}
		}
		for name, end := range map[string]func(*browser){
			"end":    func(b *browser) { b.must(func(ctx context.Context) error { return m.End(ctx, b.state().SessionID) }) },
			"expire": func(b *browser) { b.must(func(ctx context.Context) error { return m.Expire(ctx, ReasonToken) }) },
			"idle":   func(b *browser) { c.add(time.Hour); b.signedIn() },
			"swept": func(b *browser) {
				c.add(time.Hour)
				if err := m.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
		} {
			b := &browser{t: t, m: m}
			b.signIn(anna)
			end(b)
			if n := held(t, m); n["values"] != 0 || n[kindLive] != 0 {
				t.Errorf("%s leaves %v", name, n)
			}
		}
	})
}

// A replaced cookie's value is gone from the store, and would open nothing if
// it were put back: security 3.
func TestReplacedValueOpensNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		old := b.cookie
		value, ok, err := m.Store.Find(hashToken(old))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		b.must(func(ctx context.Context) error { return m.StepUp(ctx, "u-anna", Secret{}) })
		if n := held(t, m); n["values"] != 1 || n[kindLive] != 1 {
			t.Errorf("%v", n)
		}
		if err := m.Store.Commit(hashToken(old), value, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if (&browser{t: t, m: m, cookie: old}).signedIn() {
			t.Error("the old cookie opens the session")
		}
	})
}

// A form is kept with one local path only: security 35.
func TestKeptPathIsLocal(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.must(func(ctx context.Context) error {
			return m.KeepForAfterSignIn(ctx, "//evil.example", url.Values{"a": {"1"}}, "u-anna")
		})
		b.signIn(anna)
		b.do(func(ctx context.Context) {
			if path, _, ok := m.TakeKept(ctx, "u-anna"); !ok || path != "/" {
				t.Errorf("%q %v", path, ok)
			}
		})
	})
}

// The store names a cookie by a hash that only the key's holder can compute:
// security 10.
func TestTraceNeedsTheKey(t *testing.T) {
	var names []string
	for i := range 2 {
		s, err := newSealer([32]byte{byte(i)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, s.trace("cookie"))
	}
	if names[0] == names[1] || names[0] == hashToken("cookie") {
		t.Errorf("%q", names)
	}
}

// Limits that are too long, or no key, are refused at the start: security 5.
func TestOptionsAreChecked(t *testing.T) {
	good := Options{Store: MemoryStore(), Key: [32]byte{1}}
	for name, spoil := range map[string]func(*Options){
		"no store": func(o *Options) { o.Store = nil },
		"no key":   func(o *Options) { o.Key = [32]byte{} },
		"lifetime": func(o *Options) { o.Lifetime = 12*time.Hour + 1 },
		"idle":     func(o *Options) { o.Idle = 13 * time.Hour },
		"negative": func(o *Options) { o.Idle = -1 },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if m, err := New(good); err != nil || m.Idle != 15*time.Minute || m.Lifetime != 12*time.Hour {
		t.Errorf("%v", err)
	}
}
