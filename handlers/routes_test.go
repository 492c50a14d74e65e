package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"obpconsole/session"
	"obpconsole/web/templates"
)

// fill puts an id where a pattern has a name.
func fill(pattern string) string { return strings.ReplaceAll(pattern, "{id}", "r-branch") }

// Every route that chi knows stands in the table with a named right, but for
// the probes and the static files; without a session only what anyone may is
// answered (security 14).
func TestEveryRouteHasARight(t *testing.T) {
	g := newRig(t)
	rights := map[string]right{}
	for _, rt := range g.srv.table() {
		if rt.right == "" || (rt.right == rightAnyone) != (rt.anyone != nil) || (rt.right == rightSignedIn) != (rt.signedIn != nil) {
			t.Errorf("%s %s: right %q", rt.method, rt.pattern, rt.right)
		}
		rights[rt.method+" "+rt.pattern] = rt.right
	}
	open := map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /favicon.ico": true}
	err := chi.Walk(g.srv.handler.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		name := method + " " + pattern
		if _, ok := rights[name]; !ok && !open[name] && pattern != templates.StaticPattern {
			t.Errorf("%s has no right", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range g.srv.table() {
		if rt.right != rightSignedIn {
			continue
		}
		a := g.browser().send(rt.method, fill(rt.pattern), url.Values{})
		if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, templates.SignInPattern) {
			t.Errorf("%s %s signed out: %d to %q", rt.method, rt.pattern, a.StatusCode, to)
		}
	}
	if g.writes() != 0 {
		t.Error("a write reached OBP")
	}
}

// State changes by POST alone (security 21), and only from the console's own
// pages (security 22, security 23).
func TestWritesArePostsOfOurOwn(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	pages := map[string]bool{}
	for _, rt := range g.srv.table() {
		pages[rt.pattern] = pages[rt.pattern] || rt.method == http.MethodGet
	}
	for _, rt := range g.srv.table() {
		if a := anna.get(fill(rt.pattern)); !pages[rt.pattern] && a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", rt.pattern, a.StatusCode)
		}
	}
	if g.writes() != 0 {
		t.Error("a GET wrote to OBP")
	}
	for _, h := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": ""},
	} {
		for _, rt := range g.srv.table() {
			if rt.method != http.MethodPost {
				continue
			}
			b := *anna
			b.header = h
			a := b.send("POST", fill(rt.pattern), reason(because))
			if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "did not come from a page of the console") {
				t.Errorf("POST %s with %v: %d", rt.pattern, h, a.StatusCode)
			}
		}
	}
	if g.writes() != 0 {
		t.Error("a write reached OBP")
	}
}

// Every answer carries the headers, errors too, and none may be stored
// (security 25, security 27, security 28).
func TestHeadersOnEveryAnswer(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	for _, target := range []string{"/", "/requests", "/requests/r-branch", "/requests/nothing", "/journal", "/journal/nothing", "/me", "/sign-in", "/nothing", "/healthz", "/readyz"} {
		a := anna.get(target)
		for k, v := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := a.Header.Get(k); got != v {
				t.Errorf("%s: %s is %q", target, k, got)
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none';") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", target, csp)
		}
		if a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", target)
		}
	}
}

// The session cookie is bound to this host and lives as long as the browser
// (security 1, security 2); signing in renews it (security 3, security 24).
func TestCookie(t *testing.T) {
	g := newRig(t)
	b := g.browser()
	a := b.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}})
	raw := a.Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-console=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q lacks %s", raw, want)
		}
	}
	if strings.Contains(raw, "Expires") || strings.Contains(raw, "Max-Age") || strings.Contains(raw, "Domain") {
		t.Errorf("cookie %q", raw)
	}
	first := b.cookie
	b.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}})
	if b.cookie == first {
		t.Error("signing in again keeps the cookie")
	}
	old := &browser{g: g, cookie: first}
	if a := old.get("/me"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the old cookie still works: %d", a.StatusCode)
	}
}

// Signing out destroys the session on the server (security 7) and tells the
// browser to forget (security 8).
func TestSignOut(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	cookie := b.cookie
	a := b.post(templates.SignOutPattern, nil)
	if a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Clear-Site-Data"), `"cache"`) {
		t.Errorf("%d %q", a.StatusCode, a.Header.Get("Clear-Site-Data"))
	}
	if page := b.follow(a); !strings.Contains(page.text("main"), "You are signed out") {
		t.Errorf("%s", page.text("main"))
	}
	replay := &browser{g: g, cookie: cookie}
	if a := replay.get("/"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the cookie still works: %d", a.StatusCode)
	}
}

// The idle limit and the absolute one hold over a console in use (security 4,
// security 5), and OBP's ending of an account is noticed at the next request,
// whatever page it is (security 11).
func TestSessionsEnd(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	g.advance(14 * time.Minute)
	if a := b.get("/me"); a.StatusCode != 200 {
		t.Fatalf("within the idle limit: %d", a.StatusCode)
	}
	g.advance(15*time.Minute + time.Second)
	if a := b.get("/me"); a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "why=idle") {
		t.Errorf("past the idle limit: %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	b = g.signIn(admin)
	for range 12*60/10 - 1 {
		g.advance(10 * time.Minute)
		if a := b.get("/journal"); a.StatusCode != 200 {
			t.Fatalf("in steady use: %d", a.StatusCode)
		}
	}
	g.advance(10 * time.Minute)
	if a := b.get("/journal"); a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "why=lifetime") {
		t.Errorf("past the absolute limit: %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	for _, target := range []string{"/", "/requests", "/requests/r-branch", "/journal", "/me"} {
		b := g.signIn("ben.second")
		lockUser(g, "u-ben", true)
		a := b.get(target)
		lockUser(g, "u-ben", false)
		if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || !strings.Contains(to, "why=locked") {
			t.Errorf("%s of a locked account: %d %q", target, a.StatusCode, to)
			continue
		}
		if page := b.follow(a); !strings.Contains(page.text("main"), "Your account at OBP is locked") {
			t.Errorf("%s: it is not said: %s", target, page.text("main"))
		}
	}
}

func lockUser(g *rig, id string, locked bool) {
	w := g.obp
	w.ClearFaults()
	if !locked {
		return
	}
	for _, op := range w.Operations() {
		if op != "POST /my/logins/direct" && !strings.Contains(op, "/banks") && !strings.Contains(op, "/root") {
			if err := w.SetFault(op, lockedFault); err != nil {
				g.t.Fatal(err)
			}
		}
	}
}

// A link from another site arrives signed in: the first answer, to which a
// strict cookie is not sent, goes to the same address once more.
func TestLinkFromAnotherSite(t *testing.T) {
	g := newRig(t)
	b := g.browser()
	b.header = map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
	a := b.get("/requests/r-branch?u=u-felix&b=bank.one")
	to, _ := a.doc.Find(`meta[http-equiv="refresh"]`).Attr("content")
	if a.StatusCode != 200 || to != "0;url=/requests/r-branch?u=u-felix&b=bank.one" {
		t.Errorf("%d %q", a.StatusCode, to)
	}
	if a := b.get("//evil.example/x"); strings.Contains(a.body, "evil.example") {
		t.Errorf("it leads elsewhere: %s", a.body)
	}
	b.cookie = g.signIn(admin).cookie
	if a := b.get("/requests"); a.doc.Find(`meta[http-equiv="refresh"]`).Length() != 0 {
		t.Error("with the cookie it is answered at once")
	}
}

// next leads to one local path (security 35).
func TestNextIsLocal(t *testing.T) {
	g := newRig(t)
	for _, bad := range []string{"//evil.example", `/\evil.example`, "https:evil.example", "/%0d%0aX:y", "javascript:alert(1)", "https://evil.example/"} {
		a := g.browser().post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}, "next": {bad}})
		if to := a.Header.Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", bad, to)
		}
	}
}

// A forged X-Forwarded-For changes nothing; a trusted proxy's is believed
// (security 37).
func TestClientAddress(t *testing.T) {
	for _, c := range []struct {
		trusted, want string
	}{{"", "192.0.2.7"}, {"10.0.0.0/8", "192.0.2.7"}, {"192.0.2.0/24", "203.0.113.9"}} {
		g := newRig(t, func(d *Deps) { d.Settings.TrustedProxies = prefixes(t, c.trusted) })
		b := g.browser()
		b.header = map[string]string{"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
		b.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}})
		rows := g.acts("sign_in")
		if len(rows) != 1 || rows[0].Entry.ClientAddr != c.want {
			t.Errorf("trusting %q: %+v", c.trusted, rows)
		}
	}
}

// A panic gives a page with the request id, and the console lives on
// (security 41).
func TestUnknownPagesAndProbes(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	if a := b.get("/nothing"); a.StatusCode != 404 || !strings.Contains(a.text("main"), "No such page") || a.doc.Find("nav").Length() == 0 {
		t.Errorf("%d %s", a.StatusCode, a.text("body"))
	}
	if a := g.browser().get("/healthz"); a.StatusCode != 200 || strings.TrimSpace(a.body) != "alive" {
		t.Errorf("healthz %d %q", a.StatusCode, a.body)
	}
	if a := g.browser().get("/readyz"); a.StatusCode != 200 || !strings.Contains(a.body, `"obp":"ok"`) {
		t.Errorf("readyz %d %s", a.StatusCode, a.body)
	}
	if err := g.obp.SetFault("GET /root", downFault); err != nil {
		t.Fatal(err)
	}
	if a := g.browser().get("/readyz"); a.StatusCode != 200 || !strings.Contains(a.body, `"obp":"down"`) {
		t.Errorf("readyz with OBP down: %d %s", a.StatusCode, a.body)
	}
	g.srv.Stop()
	if a := g.browser().get("/readyz"); a.StatusCode != 503 || !strings.Contains(a.body, "stopping") {
		t.Errorf("readyz while stopping: %d %s", a.StatusCode, a.body)
	}
	g.journal.Close()
	if a := g.browser().get("/readyz"); a.StatusCode != 503 || !strings.Contains(a.body, `"journal":"failed"`) {
		t.Errorf("readyz without journal: %d %s", a.StatusCode, a.body)
	}
	_ = session.CookieName
}
