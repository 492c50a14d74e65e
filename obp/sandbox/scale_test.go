package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

// bigWorld is a world of the size of a large bank's, with anna of the demo signed in.
func bigWorld(tb testing.TB, n Scale) (*Server, func(method, path string) *httptest.ResponseRecorder) {
	tb.Helper()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s, err := New(Grow(DemoWorld(now), n, now), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	sign := httptest.NewRequest("POST", "/my/logins/direct", nil)
	sign.Header.Set("DirectLogin", fmt.Sprintf(`username="anna.approver", password="%s", consumer_key="%s"`, DemoPassword, DemoConsumerKey))
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, sign)
	if rec.Code != 201 {
		tb.Fatalf("sign-in: %d %s", rec.Code, rec.Body)
	}
	token := rec.Body.String()[len(`{"token":"`) : rec.Body.Len()-len(`"}`)]
	return s, func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, prefix+path, http.NoBody)
		r.Header.Set("DirectLogin", "token="+token)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec
	}
}

var large = Scale{Users: 100_000, Requests: 50_000, Entitlements: 20_000, Customers: 10_000, Seed: 7}

func TestGrow(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	n := Scale{Users: 2000, Requests: 300, Entitlements: 400, Customers: 50, Seed: 3}
	demo := DemoWorld(now)
	w, again := Grow(demo, n, now), Grow(demo, n, now)
	if len(w.Users) != len(demo.Users)+2000 || len(w.Requests) != 340 || len(w.Customers) != len(demo.Customers)+50 {
		t.Errorf("%d users, %d requests, %d customers", len(w.Users), len(w.Requests), len(w.Customers))
	}
	last, same := w.Users[len(w.Users)-1], again.Users[len(w.Users)-1]
	if last != same || w.Requests[339] != again.Requests[339] {
		t.Error("not the same world for the same seed")
	}
	_, get := bigWorld(t, n)
	if rec := get("GET", "/users/user_id/"+last.UserID); rec.Code != 200 {
		t.Errorf("the last user: %d %s", rec.Code, rec.Body)
	}
	if rec := get("GET", "/users?limit=7&offset=2000"); rec.Code != 200 || rec.Body.Len() < 7*200 {
		t.Errorf("a page far behind: %d %s", rec.Code, rec.Body)
	}
}

// BenchmarkStart makes a world of a million users and serves its first page;
// MB/start is the heap that stays.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, get := bigWorld(b, Scale{Users: 1_000_000, Seed: 1})
		rec := get("GET", "/users?limit=50&offset=900000")
		if rec.Code != 200 {
			b.Fatal(rec.Code)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB/start")
		runtime.KeepAlive(s)
	}
}

func BenchmarkLarge(b *testing.B) {
	s, get := bigWorld(b, large)
	w := s.World()
	last := w.Users[len(w.Users)-1]
	for _, c := range []struct{ name, path string }{
		{"first page of users", "/users?limit=50"},
		{"page of users far behind", "/users?limit=50&offset=90000"},
		{"user by id", "/users/user_id/" + last.UserID},
		{"user by name", "/users/username/" + last.Username},
		{"users by e-mail", "/users/email/" + last.Email + "/terminator"},
		{"roles of a user", "/users/" + last.UserID + "/entitlements"},
		{"roles at a bank", "/banks/" + nordlicht + "/entitlements"},
		{"everybody's roles", "/entitlements"},
		{"all requests", "/entitlement-requests"},
		{"requests of a user", "/users/" + last.UserID + "/entitlement-requests"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rec := get("GET", c.path); rec.Code != 200 {
					b.Fatalf("%d %s", rec.Code, rec.Body)
				}
			}
		})
	}
}
