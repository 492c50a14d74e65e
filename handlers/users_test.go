package handlers

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
)

const (
	opUsers  = "GET /users"
	opName   = "GET /users/username/{USERNAME}"
	opEmail  = "GET /users/email/{EMAIL}/terminator"
	opEnts   = "GET /users/{USER_ID}/entitlements"
	opReqs   = "GET /users/{USER_ID}/entitlement-requests"
	opCtx    = "GET /users/{USER_ID}/auth-context"
	opAttr   = "GET /users/{USER_ID}/attributes"
	opLinks  = "GET /banks/{BANK_ID}/user_customer_links/users/{USER_ID}"
	opAccess = "GET /obp/v5.1.0/users/{USER_ID}/account-access"
	opStatus = "GET /users/{USERNAME}/lock-status"
	opUnlock = "PUT /users/{USERNAME}/lock-status"
	opLock   = "POST /users/{USERNAME}/locks"
	opReset  = "POST /management/user/reset-password-url"
	opCreate = "POST /users"
	opDelete = "DELETE /users/{USER_ID}"
	opFresh  = "POST /users/{USER_ID}/refresh"
	helper   = "henry.help"
)

// hostileNames are user names that an address, a page or a call can break on.
var hostileNames = map[string]string{
	"u-blank": "robot reporting 7", "u-slash": "a/b/../c", "u-quote": "o'hara", "u-script": "<script>alert(1)</script>", "u-rtl": "مريم.الحداد\u202e",
	"u-query": "x?y#z&n=1", "u-formula": "=cmd|calc",
}

// deskWorld is the test world with a helper who may do all that the desk does.
func deskWorld() sandbox.World {
	w := testWorld()
	w.Settings.ResetPasswordURL, w.Settings.PortalHostname = true, portal
	add := func(id, name string, change func(*sandbox.User)) {
		u := sandbox.User{UserID: id, Username: name, ProviderID: name, Provider: w.Provider, Email: id + "@example.com", Validated: true, Password: password}
		if change != nil {
			change(&u)
		}
		w.Users = append(w.Users, u)
	}
	add("u-henry", helper, nil)
	add("u-fred", "fred.failed", func(u *sandbox.User) { u.BadLogins, u.BadLoginAt = 6, start.Add(-12*time.Minute) })
	add("u-ella", "ella.elsewhere", func(u *sandbox.User) { u.Provider = "https://login.other.test" })
	add("u-vic", "vic.unvalidated", func(u *sandbox.User) { u.Validated = false })
	for id, name := range hostileNames {
		add(id, name, nil)
	}
	for _, role := range []string{"CanGetAnyUser", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementRequestsAtAnyBank", "CanGetUserAuthContext",
		"CanGetUsersWithAttributes", "CanSeeAccountAccessForAnyUser", "CanReadUserLockedStatus", "CanLockUser", "CanUnlockUser", "CanCreateResetPasswordUrl",
		"CanDeleteUser", "CanRefreshUser", "CanDeleteEntitlementAtAnyBank"} {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-henry-" + role, Role: role, UserID: "u-henry", Created: start})
	}
	for _, role := range []string{"CanGetUserCustomerLink", "CanGetCustomer", "CanCreateUserInvitation", "CanGetUserInvitation"} {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-henry-" + role, Role: role, BankID: "bank.one", UserID: "u-henry", Created: start})
	}
	return w
}

func deskRig(t *testing.T, change ...func(*Deps)) (*rig, *browser) {
	t.Helper()
	change = append([]func(*Deps){func(d *Deps) { d.Settings.Server = "obp.test" }}, change...)
	g := newRigOf(t, deskWorld(), change...)
	return g, g.signIn(helper)
}

func people(a answer) []string {
	var out []string
	for _, e := range a.doc.Find(`[data-testid="user-row"]`).EachIter() {
		out = append(out, e.AttrOr("data-id", ""))
	}
	return out
}

// The list is one call, says what it shows, and keeps its filters in the address.
func TestUsersList(t *testing.T) {
	g, b := deskRig(t)
	oneHop(t, g, b, "/users", opUsers)
	a := b.get("/users")
	if got := people(a); len(got) < 10 || strings.Contains(strings.Join(got, " "), "u-gus") {
		t.Errorf("the list: %q", got)
	}
	for target, want := range map[string]string{
		"/users?state=deleted":                           "u-gus",
		"/users?state=locked":                            "u-lena u-fred",
		"/users?name=FELIX":                              "u-felix",
		"/users?provider=https%3A%2F%2Flogin.other.test": "u-ella",
		"/users?role=CanCreateAtm":                       "u-felix",
		"/users?role=CanCreateAtm&name=anna":             "",
		"/users?from=5000":                               "",
	} {
		a := b.get(target)
		if got := strings.Join(people(a), " "); a.StatusCode != 200 || got != want {
			t.Errorf("%s: %d %q, want %q", target, a.StatusCode, got, want)
		}
		if want == "" && !a.has("users-empty") {
			t.Errorf("%s: an empty list is not told", target)
		}
	}
	if a := b.get("/users?state=locked"); !strings.Contains(a.id("users-note"), "were looked at") {
		t.Errorf("what was looked at is not said: %q", a.id("users-note"))
	}
	if a := b.get("/users?name=felix"); !strings.Contains(a.id("users-note"), "of this page only") {
		t.Errorf("what the filter means is not said: %q", a.id("users-note"))
	}
	if a := b.part("users").get("/users?name=felix"); a.doc.Find("html > body > section#users").Length() != 1 || a.Header.Get("HX-Push-Url") != "/users?name=felix" {
		t.Errorf("as a part: %s %q", a.body[:min(200, len(a.body))], a.Header.Get("HX-Push-Url"))
	}
	if a := g.signIn(outsider).get("/users"); a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("problem"), "CanGetAnyUser") || a.has("users-empty") {
		t.Errorf("without the role: %d %s", a.StatusCode, a.id("problem"))
	}
}

// Pages follow one another by the address alone.
func TestUsersPaging(t *testing.T) {
	w := sandbox.Grow(deskWorld(), sandbox.Scale{Users: 70, Seed: 1}, start)
	g := newRigOf(t, w)
	b := g.signIn(helper)
	seen, to := map[string]bool{}, "/users"
	for range 10 {
		a := b.get(to)
		for _, id := range people(a) {
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		next, ok := a.doc.Find(`[data-testid="users-next"]`).Attr("href")
		if !ok {
			if _, ok := a.doc.Find(`[data-testid="users-prev"]`).Attr("href"); !ok {
				t.Error("there is no way back")
			}
			break
		}
		to = next
	}
	if want := len(w.Users) - 1; len(seen) != want { // one is deleted
		t.Errorf("%d people, want %d", len(seen), want)
	}
}

// Hostile names stay text, and every link about them leads to them.
func TestHostileNamesInTheList(t *testing.T) {
	_, b := deskRig(t)
	a := b.get("/users")
	for id, name := range hostileNames {
		row := a.doc.Find(`[data-id="` + id + `"]`)
		if got := row.Find(`[data-testid="user-link"]`).Text(); got != name {
			t.Errorf("%s is shown as %q", name, got)
		}
		href, _ := row.Find(`[data-testid="user-link"]`).Attr("href")
		u, err := url.Parse(href)
		if err != nil || u.Path != "/users/"+id || u.Query().Get("n") != name {
			t.Errorf("%s leads to %q: %v", name, href, err)
		}
	}
	if a.doc.Find("main script").Length() != 0 {
		t.Error("a script came in with a name")
	}
}

// The CSV holds everybody that the filter means, without formulas (security
// 43), needs a fresh proof, and is recorded with its count.
func TestUsersCSV(t *testing.T) {
	g, b := deskRig(t)
	a := b.post("/exports/users", url.Values{})
	rows, err := csv.NewReader(bytes.NewReader([]byte(a.body))).ReadAll()
	if err != nil || a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %v %s", a.StatusCode, err, a.body)
	}
	if want := len(deskWorld().Users); len(rows) != want { // a head, and one is deleted
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, r := range rows {
		for _, cell := range r {
			if strings.IndexAny(cell, "=+-@") == 0 {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	acts := g.acts("export")
	if len(acts) != 1 || acts[0].Result.Details["rows"] == "0" || acts[0].Entry.Target != "users" {
		t.Errorf("recorded: %+v", acts)
	}
	a = b.post("/exports/users", url.Values{"state": {"locked"}})
	if got := strings.Count(a.body, "\n"); got != 3 {
		t.Errorf("locked: %s", a.body)
	}
	g.advance(6 * time.Minute)
	if a := b.post("/exports/users", nil); a.StatusCode != http.StatusForbidden || !a.has("proof-form") {
		t.Errorf("without a fresh proof: %d", a.StatusCode)
	}
	if a := g.signIn(outsider).post("/exports/users", nil); a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("problem"), "CanGetAnyUser") {
		t.Errorf("without the role: %d", a.StatusCode)
	}
}

// The search says what it looked for; one person found opens at once, and what
// was pasted stands in no address (security 29).
func TestFindPage(t *testing.T) {
	g, b := deskRig(t)
	find := func(q string) answer { return b.post("/find", url.Values{"q": {q}}) }
	for _, q := range []string{"u-felix", outsider, outsider + "@example.com", "09:12 sign-in of user_name=felix.fresh failed, secret canary-in-a-log"} {
		a := find(q)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/users/u-felix?n=felix.fresh" {
			t.Errorf("%q: %d %q", q, a.StatusCode, a.Header.Get("Location"))
		}
	}
	for id, name := range hostileNames {
		a := find(name)
		if u, err := url.Parse(a.Header.Get("Location")); err != nil || u.Path != "/users/"+id || u.Query().Get("n") != name {
			t.Errorf("%q leads to %q", name, a.Header.Get("Location"))
		}
	}
	a := find("nobody@example.com")
	if a.StatusCode != 200 || !a.has("found-none") || !strings.Contains(a.id("tried"), "e-mail “nobody@example.com”, user name “nobody@example.com”") {
		t.Errorf("nobody: %d %s", a.StatusCode, a.id("tried"))
	}
	if a := find("ANNA.APPROVER@example.com u-x " + admin + "@example.com"); len(people(a)) != 2 {
		t.Errorf("two people: %d %q", a.StatusCode, people(a))
	}
	if a := find("  "); a.StatusCode != http.StatusUnprocessableEntity || a.id("field-error") == "" {
		t.Errorf("nothing typed: %d", a.StatusCode)
	}
	if a := g.signIn(outsider).post("/find", url.Values{"q": {"u-anna"}}); a.StatusCode != 403 || a.has("found-none") || !strings.Contains(a.id("problem"), "CanGetAnyUser") {
		t.Errorf("without the role: %d %s", a.StatusCode, a.text("main"))
	}
	if strings.Contains(g.log.String(), "canary-in-a-log") {
		t.Error("what was pasted stands in the log")
	}
	if a := b.get("/requests"); a.doc.Find(`header form[action="/find"][method="post"] input[type=search]`).Length() != 1 {
		t.Error("the box is not on every page")
	}
}
