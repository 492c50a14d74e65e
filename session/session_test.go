package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cookie's attributes: security 1, security 2.
func TestCookie(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		got := b.last.Get("Set-Cookie")
		want := "__Host-console=" + b.cookie + "; Path=/; HttpOnly; Secure; SameSite=Strict"
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		b.cookie = ""
		if b.do(func(context.Context) {}); b.last.Get("Set-Cookie") != "" {
			t.Error("a visit alone made a session: security 24")
		}
	})
}

// A new cookie at sign-in, step-up and over a live session, the old one
// refused: security 3, security 24; sign-out destroys: security 7.
func TestRenewal(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		acts := []func(context.Context) error{
			func(ctx context.Context) error { return m.SignIn(ctx, anna) },
			func(ctx context.Context) error { return m.SignIn(ctx, anna) },
			func(ctx context.Context) error { return m.StepUp(ctx, "u-anna", NewSecret("second")) },
			m.SignOut,
		}
		for i, act := range acts {
			before := b.cookie
			b.must(act)
			if b.cookie == before {
				t.Errorf("act %d kept the cookie", i)
			}
			if old := (&browser{t: t, m: m, cookie: before}); before != "" && old.signedIn() {
				t.Errorf("act %d left the old cookie valid", i)
			}
			if want := i < 3; b.signedIn() != want {
				t.Errorf("act %d: signed in is not %v", i, want)
			}
			if i == 2 && b.state().Token.Reveal() != "second" {
				t.Error("step-up kept the old credential")
			}
		}
	})
}

// Idle limit on the server: security 4. Absolute limit under steady traffic,
// which step-up does not move: security 5. Polling: security 6.
func TestLimits(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		c.add(15 * time.Minute)
		if !b.signedIn() {
			t.Fatal("ended at the idle limit itself")
		}
		c.add(15*time.Minute + time.Second)
		if b.signedIn() {
			t.Fatal("alive past the idle limit")
		}
		b.do(func(ctx context.Context) {
			if l, _ := m.Lapsed(ctx); l != (Lapsed{"u-anna", ReasonIdle}) {
				t.Errorf("lapsed: %+v", l)
			}
		})
		b.signIn(anna)
		for range 71 {
			c.add(10 * time.Minute)
			b.must(func(ctx context.Context) error { return m.StepUp(ctx, "u-anna", Secret{}) })
		}
		c.add(10 * time.Minute)
		if b.signedIn() {
			t.Fatal("alive past the absolute limit")
		}
		b.signIn(anna)
		for range 4 {
			c.add(4 * time.Minute)
			b.at("/poll", func(context.Context) {})
		}
		if b.signedIn() {
			t.Error("polling kept the session alive")
		}
	})
}

// No printing shows the credential, and the store shows neither it nor the
// cookie, only a hash: security 9, security 10.
func TestSecrets(t *testing.T) {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "state", anna, "token", anna.Token)
	hidden := struct{ s Secret }{anna.Token}
	j, err := json.Marshal(map[string]any{"s": anna, "t": anna.Token})
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(j)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		out += fmt.Sprintf(verb, anna) + fmt.Sprintf(verb, anna.Token) + fmt.Sprintf(verb, hidden)
	}
	out += anna.Token.String() + anna.Token.GoString()
	if strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
		t.Errorf("shown: %s", out)
	}
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		all, err := m.Store.(interface {
			All() (map[string][]byte, error)
		}).All()
		if err != nil || len(all) != 1 || all[hashToken(b.cookie)] == nil {
			t.Fatalf("%d sessions, by hash: %v, %v", len(all), all[hashToken(b.cookie)] != nil, err)
		}
		dump := fmt.Sprintf("%s", all)
		for _, kind := range []string{kindLive, kindTrace} {
			r, err := m.Store.Records(t.Context(), kind)
			if err != nil || len(r) != 1 {
				t.Fatal(kind, len(r), err)
			}
			for k, v := range r {
				dump += k + string(v.Value)
			}
		}
		for _, text := range []string{canary, b.cookie, "anna"} {
			if strings.Contains(dump, text) {
				t.Errorf("the store shows %q", text)
			}
		}
		next, err := New(Options{Store: m.Store, Key: [32]byte{2}, PreviousKeys: [][32]byte{{1}}, Now: m.Now})
		if err != nil {
			t.Fatal(err)
		}
		if b.m = next; !b.signedIn() {
			t.Error("a previous key does not open")
		}
		if b.m, _ = New(Options{Store: m.Store, Key: [32]byte{3}, Now: m.Now}); b.signedIn() {
			t.Error("a foreign key opens")
		}
	})
}

// Another's session ends at their next request, and a request under way does
// not bring it back: security 11.
func TestEndAndBar(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		a, b := &browser{t: t, m: m}, &browser{t: t, m: m}
		a.signIn(anna)
		b.signIn(anna)
		list, err := m.List(t.Context())
		if err != nil || len(list) != 2 || list[0].Username != "anna" {
			t.Fatal(list, err)
		}
		a.do(func(ctx context.Context) {
			s, _ := m.Current(ctx)
			if err := m.End(ctx, s.SessionID); err != nil {
				t.Fatal(err)
			}
			_ = m.Update(ctx, func(s *State) { s.Ticket = "T" })
			if err := m.StepUp(ctx, "u-anna", Secret{}); !errors.Is(err, ErrEnded) {
				t.Errorf("step-up of an ended session: %v", err)
			}
		})
		if a.signedIn() || !b.signedIn() {
			t.Error("not exactly the one was ended")
		}
		if err := m.Bar(t.Context(), "u-anna"); err != nil {
			t.Fatal(err)
		}
		if list, err := m.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("sessions of a barred person: %+v %v", list, err)
		}
		if b.signedIn() {
			t.Error("a barred person is still in")
		}
		b.do(func(ctx context.Context) {
			if err := m.SignIn(ctx, anna); !errors.Is(err, ErrBarred) {
				t.Errorf("sign-in while barred: %v", err)
			}
		})
		if err := m.Unbar(t.Context(), "u-anna"); err != nil {
			t.Fatal(err)
		}
		if b.signIn(anna); !b.signedIn() {
			t.Error("unbarred, yet out")
		}
	})
}

// Fresh proof by time, of the same person, and three failures: security 12.
func TestStepUp(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		c.add(6 * time.Minute)
		b.do(func(ctx context.Context) {
			if s, _ := m.Current(ctx); c.now().Sub(s.ProvedAt) != 6*time.Minute {
				t.Errorf("the last proof is said to be of %v", s.ProvedAt)
			}
			if m.StepUp(ctx, "u-other", NewSecret("x")) == nil {
				t.Error("another person's proof was taken")
			}
		})
		b.must(func(ctx context.Context) error { return m.StepUp(ctx, "u-anna", Secret{}) })
		if s := b.state(); !s.ProvedAt.Equal(c.now()) || !s.SignedInAt.Equal(c.now().Add(-6*time.Minute)) {
			t.Errorf("after a good proof: proved %v, signed in %v", s.ProvedAt, s.SignedInAt)
		}
		for i := range proofs {
			b.do(func(ctx context.Context) {
				if _, err := m.BeginStepUp(ctx); err != nil {
					t.Fatal(err)
				}
				if err := m.FailStepUp(ctx); errors.Is(err, ErrTooManyProofs) != (i == proofs-1) {
					t.Errorf("failure %d: %v", i+1, err)
				}
			})
		}
		if b.signedIn() {
			t.Error("still in after three failures")
		}
	})
}

// What was typed returns to its writer alone, once, within its time, without
// passwords.
func TestKept(t *testing.T) {
	form := url.Values{"reason": {"long text"}, "password": {"pw"}}
	cases := map[string]struct {
		who  string
		wait time.Duration
		want bool
	}{
		"same person": {"u-anna", time.Minute, true}, "another": {"u-bob", time.Minute, false},
		"too late": {"u-anna", KeptFor, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, m *Manager, c *clock) {
				b := &browser{t: t, m: m}
				b.signIn(anna)
				c.add(time.Hour)
				b.must(m.Sweep)
				b.must(func(ctx context.Context) error {
					l, _ := m.Lapsed(ctx)
					return m.KeepForAfterSignIn(ctx, "/requests/1", form, l.UserID)
				})
				c.add(tc.wait)
				s := anna
				s.UserID = tc.who
				b.signIn(s)
				b.do(func(ctx context.Context) {
					path, f, ok := m.TakeKept(ctx, tc.who)
					if ok != tc.want || ok && (path != "/requests/1" || f.Get("reason") != "long text" || f.Has("password")) {
						t.Errorf("%v %q %v", ok, path, f)
					}
					if _, _, again := m.TakeKept(ctx, tc.who); again {
						t.Error("given twice")
					}
				})
			})
		})
	}
}

// More drafts than are kept push out the one saved longest ago, and nothing
// that is kept until a time, which goes when that comes.
func TestDraftsPushOutTheOldest(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		save := func(key string, until time.Time) {
			b.must(func(ctx context.Context) error { return m.SaveDraftUntil(ctx, key, url.Values{"a": {key}}, until) })
		}
		kept := func() (keys []string) {
			b.do(func(ctx context.Context) {
				s, _ := m.Current(ctx)
				if len(s.Drafts) != len(s.Draft) {
					t.Errorf("%d keys of %d drafts", len(s.Drafts), len(s.Draft))
				}
				keys = slices.Sorted(maps.Keys(s.Draft))
			})
			return keys
		}
		save("call", c.now().Add(time.Minute))
		for i := range 12 {
			save(string(rune('a'+i)), time.Time{})
			save("b", time.Time{}) // used again and again
		}
		if got := strings.Join(kept(), " "); got != "b call d e f g h i j k l" {
			t.Errorf("kept: %s", got)
		}
		for i := range 12 {
			save(fmt.Sprintf("call %02d", i), c.now().Add(time.Hour))
		}
		if got := kept(); len(got) != 20 || slices.Contains(got, "call 01") || !slices.Contains(got, "call 02") || !slices.Contains(got, "d") {
			t.Errorf("kept: %s", got)
		}
		c.add(time.Minute)
		save("l", time.Time{})
		c.add(59 * time.Minute)
		b.signIn(anna)
		save("call", c.now().Add(time.Minute))
		c.add(time.Minute)
		save("x", time.Time{})
		if got := strings.Join(kept(), " "); got != "x" {
			t.Errorf("kept past its time: %s", got)
		}
	})
}

func TestFlashDraftPreferences(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		b.must(func(ctx context.Context) error { return m.Flash(ctx, Flash{Key: "approved"}) })
		b.must(func(ctx context.Context) error { return m.SaveDraft(ctx, "r", url.Values{"a": {"1"}}) })
		b.do(func(ctx context.Context) {
			f, ok := m.TakeFlash(ctx)
			_, again := m.TakeFlash(ctx)
			if !ok || again || f.Key != "approved" || m.Draft(ctx, "r").Get("a") != "1" {
				t.Error(f, ok, again, m.Draft(ctx, "r"))
			}
		})
		want := Preferences{Theme: "dark", RowsPerPage: 20, TimeZone: "UTC"}
		if err := m.SavePreferences(t.Context(), "u-anna", want); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Preferences(t.Context(), "u-anna"); got != want || err != nil {
			t.Error(got, err)
		}
	})
}

// One local path only: security 35.
func TestLocalPath(t *testing.T) {
	for _, bad := range []string{"", "//evil", `/\evil`, "https:evil", "https://evil", "/a%0d%0aX: y", "javascript:alert(1)",
		"/\t/evil", "/.//evil", "/" + strings.Repeat("a", 2048), "/%2fevil", "/%5Cevil", "/a\nb", "requests"} {
		if got := LocalPath(bad); got != "/" {
			t.Errorf("%q gave %q", bad, got)
		}
	}
	for _, good := range []string{"/", "/requests?page=2&role=Can%20X", "/users/a%2Fb"} {
		if got := LocalPath(good); got != good {
			t.Errorf("%q gave %q", good, got)
		}
	}
}

func TestAllowed(t *testing.T) {
	a, err := ParseAllowed("role-holders, susan.super")
	if err != nil || !a.Admits("susan.super", false) || !a.Admits("x", true) || a.Admits("x", false) {
		t.Error(a, err)
	}
	for _, bad := range []string{"", "a,,b", "anyone,susan"} {
		if _, err := ParseAllowed(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
