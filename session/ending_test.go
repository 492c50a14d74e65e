package session

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A session ended for a reason tells it at once and at the next request, and
// its cookie opens nothing: security 7.
func TestExpire(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.do(func(ctx context.Context) {
			if err := m.Expire(ctx, ReasonToken); !errors.Is(err, ErrNoSession) {
				t.Errorf("nobody signed in: %v", err)
			}
			if _, ok := m.Lapsed(ctx); ok {
				t.Error("nobody's session has lapsed")
			}
		})
		for _, why := range []Reason{ReasonToken, ReasonLocked, ReasonDeleted} {
			b.signIn(anna)
			want := Lapsed{"u-anna", why}
			b.do(func(ctx context.Context) {
				if err := m.Expire(ctx, why); err != nil {
					t.Fatal(err)
				}
				_, in := m.Current(ctx)
				if l, ok := m.Lapsed(ctx); in || !ok || l != want {
					t.Errorf("in the same request: %v %+v", in, l)
				}
				if err := m.Update(ctx, func(*State) {}); !errors.Is(err, ErrNoSession) {
					t.Errorf("changed after the end: %v", err)
				}
			})
			b.do(func(ctx context.Context) {
				_, in := m.Current(ctx)
				if l, ok := m.Lapsed(ctx); in || !ok || l != want {
					t.Errorf("%s, at the next request: %v %+v", why, in, l)
				}
			})
		}
		// in the very request that signed in
		b = &browser{t: t, m: m}
		b.must(func(ctx context.Context) error { return errors.Join(m.SignIn(ctx, anna), m.Expire(ctx, ReasonLocked)) })
		if b.signedIn() {
			t.Error("ended in the request of the sign-in, yet in")
		}
		if list, err := m.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// All of a person's other sessions end, nobody else's: security 11.
func TestEndAllOfExcept(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		var of [3]*browser
		for i := range of {
			of[i] = &browser{t: t, m: m}
			of[i].signIn(anna)
		}
		bob := &browser{t: t, m: m}
		s := anna
		s.UserID = "u-bob"
		bob.signIn(s)
		if err := m.EndAllOf(t.Context(), "u-anna", of[1].state().SessionID); err != nil {
			t.Fatal(err)
		}
		for i, b := range of {
			if b.signedIn() != (i == 1) {
				t.Errorf("session %d", i)
			}
		}
		of[0].do(func(ctx context.Context) {
			if l, _ := m.Lapsed(ctx); l != (Lapsed{"u-anna", ReasonEnded}) {
				t.Errorf("%+v", l)
			}
		})
		if err := m.EndAllOf(t.Context(), "u-anna", ""); err != nil || of[1].signedIn() || !bob.signedIn() {
			t.Error("not exactly all of hers were ended", err)
		}
		if err := m.End(t.Context(), "no such session"); err != nil {
			t.Error(err)
		}
	})
}

// The limits as a page shows them, to the second: security 4, security 5.
func TestExpiry(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		expiry := func() (idle, absolute time.Time) {
			b.do(func(ctx context.Context) { idle, absolute = m.Expiry(ctx) })
			return idle, absolute
		}
		if idle, absolute := expiry(); !idle.IsZero() || !absolute.IsZero() {
			t.Error("nobody signed in, yet a limit")
		}
		start := c.now()
		b.signIn(anna)
		for _, after := range []time.Duration{0, 10 * time.Minute, 14*time.Minute + 59*time.Second} {
			c.add(after)
			if idle, absolute := expiry(); !idle.Equal(c.now().Add(15*time.Minute)) || !absolute.Equal(start.Add(12*time.Hour)) {
				t.Errorf("after %v: %v, %v", after, idle, absolute)
			}
		}
		for c.now().Before(start.Add(11*time.Hour + 50*time.Minute)) {
			c.add(10 * time.Minute)
			expiry()
		}
		if idle, absolute := expiry(); !idle.Equal(absolute) || !absolute.Equal(start.Add(12*time.Hour)) {
			t.Errorf("the idle limit lies beyond the end: %v, %v", idle, absolute)
		}
		c.t = start.Add(12*time.Hour - time.Second)
		if !b.signedIn() {
			t.Error("ended before the absolute limit")
		}
		if c.add(time.Second); b.signedIn() {
			t.Error("alive at the absolute limit: security 5")
		}
	})
}

// A request marked so reads the session and does not keep it alive: security 6.
func TestWithoutTouch(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		quiet := func() (in bool) {
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: CookieName, Value: b.cookie})
			m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, in = m.Current(r.Context())
			})).ServeHTTP(httptest.NewRecorder(), r.WithContext(WithoutTouch(r.Context())))
			return in
		}
		for range 3 {
			if c.add(5 * time.Minute); !quiet() {
				t.Fatal("ended within the limit")
			}
		}
		if c.add(time.Second); quiet() {
			t.Error("kept alive")
		}
		b.signIn(anna)
		c.add(14 * time.Minute)
		b.signedIn() // a real request
		if c.add(14 * time.Minute); !quiet() {
			t.Error("a real request did not keep it alive")
		}
	})
}

// The store's files are their owner's alone, also one that was there before.
func TestStoreFileMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if i, err := os.Stat(f); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(f), i.Mode(), err)
		}
	}
}
