package handlers

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

var (
	lockedFault = sandbox.Fault{Status: 401, Message: "OBP-20013: The account has been locked, please contact an administrator!"}
	downFault   = sandbox.Fault{Status: 503, Message: "unavailable"}
)

func prefixes(t *testing.T, s string) []netip.Prefix {
	t.Helper()
	if s == "" {
		return nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		t.Fatal(err)
	}
	return []netip.Prefix{p}
}

func as(name, pass string) url.Values { return url.Values{"username": {name}, "password": {pass}} }

// What cannot be right is said before anything is sent; what OBP refuses is
// said in words, with the name still there and the password never.
func TestSignInRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		form   url.Values
		change func(*Deps)
		fault  *sandbox.Fault
		status int
		says   string
		rows   int // failed sign-ins recorded
	}{
		{"empty", as("", ""), nil, nil, 422, "Type your user name.Password Type your password.", 0},
		{"a comma in the name", as("a,b", password), nil, nil, 422, "cannot carry the character ,", 0},
		{"letters outside ASCII in the password", as(admin, "pässword"), nil, nil, 422, "cannot carry a comma", 0},
		{"wrong password", as(admin, "n0t-the-0ne"), nil, nil, 401, "The user name or the password is wrong", 1},
		{"nobody of that name", as("nobody", password), nil, nil, 401, "The user name or the password is wrong", 1},
		{"locked", as("lena.locked", password), nil, nil, 401, "This account is locked at OBP", 1},
		{"not admitted", as("anna.other", password), func(d *Deps) { d.Settings.SignIn = session.Allowed{RoleHolders: true} }, nil, 403, "SIGN_IN_ALLOWED", 1},
		{"OBP down", as(admin, password), nil, &downFault, 502, "The server cannot be reached", 0},
		{"OBP answers with HTML", as(admin, password), nil, &sandbox.Fault{Junk: "html"}, 502, "not an answer of OBP", 0},
		{"the console's key is refused", as(admin, password), nil, &sandbox.Fault{Status: 401, Message: "OBP-20008: Invalid Consumer Key."}, 502, "refuses the console's own key", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var change []func(*Deps)
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRig(t, change...)
			if c.fault != nil {
				if err := g.obp.SetFault("POST /my/logins/direct", *c.fault); err != nil {
					t.Fatal(err)
				}
			}
			b := g.browser()
			a := b.post(templates.SignInPattern, c.form)
			text := a.text("main")
			if a.StatusCode != c.status || !strings.Contains(text, c.says) {
				t.Errorf("%d, want %d: %s", a.StatusCode, c.status, text)
			}
			if v, _ := a.doc.Find("#username").Attr("value"); v != c.form.Get("username") {
				t.Errorf("the name is lost: %q", v)
			}
			if pass := c.form.Get("password"); pass != "" && strings.Contains(a.body, pass) {
				t.Error("the password is in the page")
			}
			if rows := g.acts(journal.ActSignInFailed); len(rows) != c.rows {
				t.Errorf("%d failed sign-ins recorded, want %d", len(rows), c.rows)
			}
			if a := b.get("/me"); a.StatusCode != http.StatusSeeOther {
				t.Errorf("signed in all the same: %d", a.StatusCode)
			}
		})
	}
}

// Failures are limited by name below OBP's own lock, and by address
// (security 38).
func TestSignInLimits(t *testing.T) {
	g := newRig(t)
	b := g.browser()
	for i := range failsByName {
		if a := b.post(templates.SignInPattern, as(admin, "wrong")); a.StatusCode != 401 {
			t.Fatalf("failure %d: %d", i, a.StatusCode)
		}
	}
	a := b.post(templates.SignInPattern, as(admin, password))
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "60" || !strings.Contains(a.text("main"), "Try again in 60 seconds") {
		t.Errorf("%d %q %s", a.StatusCode, a.Header.Get("Retry-After"), a.text("main"))
	}
	if a := b.post(templates.SignInPattern, as("ben.second", password)); a.StatusCode != http.StatusSeeOther {
		t.Errorf("somebody else at the same address: %d", a.StatusCode)
	}
	for i := range failsByAddr {
		b.post(templates.SignInPattern, as("nobody"+strings.Repeat("x", i), "wrong"))
	}
	if a := b.post(templates.SignInPattern, as("ben.second", password)); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the address is not limited: %d", a.StatusCode)
	}
}

// A person barred by the console stays out, and their sessions end at once.
func TestBarred(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	if err := g.srv.Sessions.Bar(t.Context(), "u-anna"); err != nil {
		t.Fatal(err)
	}
	if a := b.get("/me"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the session goes on: %d", a.StatusCode)
	}
	if a := b.post(templates.SignInPattern, as(admin, password)); a.StatusCode != 403 || !strings.Contains(a.text("main"), "You are barred") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActSignIn); len(rows) != 1 {
		t.Errorf("%d sign-ins recorded", len(rows))
	}
}

// A form that waited is for its writer alone.
func TestKeptFormIsForItsWriter(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	g.advance(16 * time.Minute)
	b.post("/requests/r-branch/approve", reason("secret of anna"))
	a := b.post(templates.SignInPattern, as("ben.second", password))
	if page := b.get("/requests/r-branch"); strings.Contains(page.body, "secret of anna") || a.Header.Get("Location") != "/" {
		t.Errorf("to %q", a.Header.Get("Location"))
	}
}
