package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"obpconsole/session/storetest"
)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const canary = "canary-token-9f3b"

var anna = State{Person: Person{UserID: "u-anna", Username: "anna"}, Scheme: "DirectLogin", Token: NewSecret(canary)}

// browser keeps the cookie, as a browser does, and runs fn as the handler.
type browser struct {
	t      testing.TB
	m      *Manager
	cookie string
	last   http.Header
}

func (b *browser) do(fn func(context.Context)) { b.t.Helper(); b.at("/", fn) }

func (b *browser) at(path string, fn func(context.Context)) {
	b.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: CookieName, Value: b.cookie})
	}
	w := httptest.NewRecorder()
	b.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fn(r.Context())
		w.WriteHeader(200)
	})).ServeHTTP(w, r)
	if w.Code != 200 {
		b.t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.last = w.Header()
	for _, c := range w.Result().Cookies() {
		b.cookie = c.Value
	}
}

func (b *browser) must(fn func(context.Context) error) {
	b.t.Helper()
	b.do(func(ctx context.Context) {
		if err := fn(ctx); err != nil {
			b.t.Fatal(err)
		}
	})
}

func (b *browser) signIn(s State) {
	b.t.Helper()
	b.must(func(ctx context.Context) error { return b.m.SignIn(ctx, s) })
}

func (b *browser) signedIn() (ok bool) {
	b.t.Helper()
	b.do(func(ctx context.Context) { _, ok = b.m.Current(ctx) })
	return ok
}

func (b *browser) state() (s State) {
	b.t.Helper()
	b.do(func(ctx context.Context) { s, _ = b.m.Current(ctx) })
	return s
}

var servers storetest.Servers

func TestMain(m *testing.M) {
	code := m.Run()
	servers.End()
	os.Exit(code)
}

// eachStore runs fn over every kind of store.
func eachStore(t *testing.T, fn func(*testing.T, *Manager, *clock)) {
	t.Helper()
	for name, open := range stores(t) {
		t.Run(name, func(t *testing.T) {
			c := &clock{t: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
			fn(t, managerOf(t, open(t), c), c)
		})
	}
}

func managerOf(t testing.TB, s Store, c *clock) *Manager {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	m, err := New(Options{Store: s, Key: [32]byte{1}, Now: c.now,
		Poll: func(r *http.Request) bool { return r.URL.Path == "/poll" }})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// stores opens an empty store of each kind. Those of a server can be opened
// again by shared.
func stores(t testing.TB) map[string]func(testing.TB) Store {
	return map[string]func(testing.TB) Store{
		"memory": func(testing.TB) Store { return MemoryStore() },
		"sqlite": func(t testing.TB) Store {
			s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "sessions.db"))
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		"postgres": func(t testing.TB) Store { return shared(t)["postgres"]() },
		"redis":    func(t testing.TB) Store { return shared(t)["redis"]() },
	}
}

// shared gives, for each server, how a node opens the same store again.
func shared(t testing.TB) map[string]func() Store {
	t.Helper()
	url, redis := servers.Postgres(t).Database(t), servers.Redis(t).Database(t)
	postgres := func() Store {
		s, err := OpenPostgres(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return map[string]func() Store{"postgres": postgres, "redis": func() Store {
		s, err := OpenRedis(t.Context(), redis, postgres())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}}
}
