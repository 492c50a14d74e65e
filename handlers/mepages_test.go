package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// What OBP shows of oneself: customers of both lists, access, spaces, server.
func TestMyAccess(t *testing.T) {
	w := bankWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "space", Role: "CanReadDynamicResourceDocsAtOneBank", BankID: lakeBank, UserID: userNamed(w, admin)})
	g := newRigOf(t, w)
	anna := g.signIn(admin)
	a := anna.get("/me/access")
	for part, want := range map[string]string{"my-customers": "NL-100002", "my-access": annasOwn, "my-spaces": "Banque du Lac", "my-server": "portal.demo.example"} {
		if !strings.Contains(a.id(part), want) {
			t.Errorf("%s: %s", part, a.id(part))
		}
	}
	if href, _ := a.doc.Find(`[data-testid="logout-link"]`).Attr("href"); !strings.HasPrefix(href, "https://portal.demo.example") || a.has("customers-differ") {
		t.Errorf("%q", href)
	}
	g.fault("GET /my/customers", sandbox.Fault{Status: 403, Message: "OBP-20006: no"})
	if a := anna.get("/me/access"); !strings.Contains(a.id("customers-differ"), "Only one") || !strings.Contains(a.id("my-customers"), "NL-100002") {
		t.Errorf("%s", a.id("my-customers"))
	}
}

// A sign-out link of the server that is not a web address is not offered.
func TestLogoutLink(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "//evil.example/x", "/user_mgt/logout", "https://", "https://user:pw@portal.example", "data:text/html,x", "%zz"} {
		if l, what := logoutLink(bad); l != nil || what == "" {
			t.Errorf("%q was offered as %+v", bad, l)
		}
	}
	if l, what := logoutLink("http://127.0.0.1:8090/user_mgt/logout"); l == nil || !strings.Contains(what, "127.0.0.1:8090") {
		t.Errorf("%v %q", l, what)
	}
}

// One's other sessions end, and this one goes on.
func TestEndMyOtherSessions(t *testing.T) {
	g := bankRig(t)
	here, there, ben := g.signIn(admin), g.signIn(admin), g.signIn("ben.second")
	if a := here.get("/me"); a.doc.Find(`[data-testid="my-session"]`).Length() != 2 || !a.has("end-others") {
		t.Fatalf("%s", a.id("me-sessions"))
	}
	a := here.follow(here.post("/me/sessions/end-others", nil))
	if !strings.Contains(a.id("flash"), "other sessions have ended") || a.has("end-others") {
		t.Errorf("%s", a.id("flash"))
	}
	if there.get("/").StatusCode != http.StatusSeeOther || ben.get("/").StatusCode != http.StatusOK {
		t.Error("the wrong sessions ended")
	}
	g.ended(ActEndOthers, journal.OutcomeDone)
}

// Preferences are kept by person, hold in another browser too, and what cannot
// be is not saved.
func TestPreferences(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	good := url.Values{"theme": {"dark"}, "zone": {"Asia/Tokyo"}, "rows": {"10"}}
	if a := anna.follow(anna.post(templates.ThemePattern, good)); !a.has("flash") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	for _, b := range []*browser{anna, g.signIn(admin)} {
		a := b.get("/customers")
		if a.doc.Find(`html[data-theme="dark"]`).Length() != 1 || a.doc.Find(`[data-testid="customer-row"]`).Length() != 10 || !strings.Contains(a.text("footer"), "Asia/Tokyo") || strings.Contains(a.body, "data-keys") {
			t.Errorf("%d rows, %s", a.doc.Find(`[data-testid="customer-row"]`).Length(), a.text("footer"))
		}
	}
	if a := g.signIn("ben.second").get("/me"); a.doc.Find(`html[data-theme]`).Length() != 0 || !strings.Contains(a.body, "data-keys") {
		t.Error("another person has them too")
	}
	for field, bad := range map[string]string{"theme": "pink", "zone": "Mars/North", "rows": "101"} {
		in := maps.Clone(good)
		in.Set(field, bad)
		if a := anna.post(templates.ThemePattern, in); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find(`[data-testid="field-error"]`).Length() != 1 {
			t.Errorf("%s %q: %d", field, bad, a.StatusCode)
		}
	}
	if a := anna.get("/customers"); a.doc.Find(`[data-testid="customer-row"]`).Length() != 10 {
		t.Error("a wrong form was kept")
	}
}

// The current bank stands in the address: every picker begins with it, and the
// navigation carries it on.
func TestCurrentBank(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	anna.get("/accounts") // banks are kept from now on
	for _, target := range []string{"/accounts", "/customers", "/links/many", "/me/challenge", "/me", "/invitations", "/requests", "/dauth"} {
		a := anna.get(target + "?bank=" + nordBank)
		if n := a.doc.Find(`main option[value="` + nordBank + `"]`).Length(); n > 0 && a.doc.Find(`main option[value="`+nordBank+`"][selected]`).Length() == 0 {
			t.Errorf("%s: a picker does not begin with the bank", target)
		}
		if !strings.Contains(a.id("current-bank"), "Nordlicht Bank AG") {
			t.Errorf("%s: the bank is not named", target)
		}
		if href, _ := a.doc.Find(`[data-testid="nav-customers"]`).Attr("href"); href != "/customers?bank="+nordBank {
			t.Errorf("%s: the navigation leads to %q", target, href)
		}
		if href, _ := a.doc.Find(`[data-testid="leave-bank"]`).Attr("href"); strings.Contains(href, nordBank) {
			t.Errorf("%s: leaving leads to %q", target, href)
		}
	}
	if a := anna.get(annaPath); !strings.Contains(a.id("current-bank"), "Nordlicht") {
		t.Error("a page of a bank")
	}
	if a := anna.get("/requests?bank=system"); a.has("current-bank") {
		t.Error("the whole system is no bank")
	}
}

// Hostile names and ids come through lists, forms and addresses as they are.
func TestHostileNamesAtBanks(t *testing.T) {
	const evil = `<script>alert(1)</script>"'&/../?#%`
	w := bankWorld()
	w.Banks[0].FullName = evil
	for i := range w.Accounts {
		w.Accounts[i].Label = evil
	}
	for i := range w.Customers {
		w.Customers[i].LegalName, w.Customers[i].Email = evil, evil
	}
	w.Accounts = append(w.Accounts, sandbox.Account{BankID: nordBank, ID: "a/b ?#%", Label: evil, Currency: "EUR"})
	w.Access = append(w.Access, sandbox.AccountAccess{BankID: nordBank, AccountID: "a/b ?#%", ViewID: "owner", UserID: userNamed(w, admin)})
	w.Users = append(w.Users, sandbox.User{UserID: "u-evil", Username: evil, ProviderID: evil, Provider: w.Provider, Email: evil})
	w.Access = append(w.Access, sandbox.AccountAccess{BankID: nordBank, AccountID: "a/b ?#%", ViewID: "auditor", UserID: "u-evil"})
	g := newRigOf(t, w)
	anna := g.signIn(admin)
	one := "/banks/" + nordBank + "/accounts/a%2Fb%20%3F%23%25"
	for _, target := range []string{"/accounts", "/accounts?bank=" + nordBank, one, one + "/grant", one + "/mine", one + "/dauth", "/customers", "/me/access"} {
		a := anna.get(target)
		if a.StatusCode != 200 || strings.Contains(a.body, "<script>alert") || !strings.Contains(a.body, "&lt;script&gt;") {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
	}
	a := anna.get(one + "?v=owner")
	person, _ := a.doc.Find(`[data-testid="grid-row"] th a`).FilterFunction(func(_ int, x *goquery.Selection) bool { return x.Text() == evil }).Attr("href")
	if a := anna.get(person); a.StatusCode != 200 || a.doc.Find(`[data-testid="person-view"]`).Length() != 1 {
		t.Errorf("%q: %d %s", person, a.StatusCode, a.text("main"))
	}
	revoke, _ := a.doc.Find(`td[data-view="auditor"] a`).Attr("href")
	if a := anna.post(revoke, values()); a.StatusCode != http.StatusSeeOther || len(g.views("u-evil", "a/b ?#%")) != 0 {
		t.Errorf("%q: %d %s", revoke, a.StatusCode, a.text("main"))
	}
}
