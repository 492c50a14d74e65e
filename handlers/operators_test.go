package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func adminRig(t *testing.T, change ...func(*Deps)) *rig {
	t.Helper()
	return bankRig(t, append(change, func(d *Deps) { d.Settings.Rights.Admins = []string{admin} })...)
}

// An administrator of the console sees who is signed in and ends a session; it
// is over at the next request (security 11).
func TestOperatorsEndASession(t *testing.T) {
	g := adminRig(t)
	anna, felix := g.signIn(admin), g.signIn(outsider)
	a := anna.get("/operators")
	if a.doc.Find(`[data-testid="operator-row"]`).Length() != 2 || a.doc.Find(`[data-testid="end-session"]`).Length() != 1 {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	end, _ := a.doc.Find(`[data-testid="end-session"]`).Attr("href")
	if a := anna.post(end, nil); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	if a := anna.follow(anna.post(end, values())); !strings.Contains(a.id("flash"), "felix.fresh is signed out") {
		t.Errorf("%s", a.id("flash"))
	}
	if a := felix.get("/"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("felix is still in: %d", a.StatusCode)
	}
	if row := g.ended(ActEndSession, journal.OutcomeDone); row.Entry.Person.Username != outsider || row.Entry.Reason != because {
		t.Errorf("%+v", row.Entry)
	}
	if a := anna.get(end); a.StatusCode != http.StatusNotFound || !strings.Contains(a.text("main"), "ended already") {
		t.Errorf("%d", a.StatusCode)
	}
}

// A person is barred and let in again, each with a reason.
func TestOperatorsBar(t *testing.T) {
	g := adminRig(t)
	anna, felix := g.signIn(admin), g.signIn(outsider)
	if a := anna.get("/operators/bar"); a.StatusCode != 200 || a.doc.Find("#person").Length() != 1 {
		t.Fatal(a.StatusCode)
	}
	a := anna.follow(anna.post("/operators/bar", values("person", outsider)))
	if !strings.Contains(a.id("barred"), outsider) || !strings.Contains(a.id("barred"), because) {
		t.Errorf("%s", a.text("main"))
	}
	if felix.get("/").StatusCode != http.StatusSeeOther {
		t.Error("a barred person's session goes on")
	}
	in := url.Values{"username": {outsider}, "password": {password}}
	if a := g.browser().post(templates.SignInPattern, in); a.StatusCode == http.StatusSeeOther {
		t.Error("a barred person signed in")
	}
	unbar, _ := a.doc.Find(`[data-testid="unbar"]`).Attr("href")
	if a := anna.follow(anna.post(unbar, values())); !strings.Contains(a.id("barred"), "Nobody is barred") {
		t.Errorf("%s", a.text("main"))
	}
	g.signIn(outsider)
	g.ended(ActBar, journal.OutcomeDone)
	g.ended(ActUnbar, journal.OutcomeDone)
}

// Never one's own, and never without the console's right.
func TestOperatorsRefuse(t *testing.T) {
	g := adminRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	list, err := g.srv.Sessions.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.Username == admin {
			if a := anna.post(templates.EndSession(x.SessionID), values()); a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("refusal"), "sign out instead") {
				t.Errorf("%d %s", a.StatusCode, a.text("main"))
			}
		}
	}
	for target, form := range map[string]url.Values{"/operators/bar": values("person", admin), templates.Bar(g.user(admin)): values(), templates.Unbar(g.user(admin)): values()} {
		if a := anna.post(target, form); a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("refusal"), "another administrator") {
			t.Errorf("%s: %d %s", target, a.StatusCode, a.text("main"))
		}
	}
	for _, target := range []string{"/operators", "/server", "/operators/bar"} {
		if a := ben.get(target); a.StatusCode != http.StatusForbidden || a.has("nav-operators") {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
	}
	if a := ben.post("/operators/bar", values("person", outsider)); a.StatusCode != http.StatusForbidden {
		t.Errorf("%d", a.StatusCode)
	}
	if n := len(g.acts(journal.ActRefused)); n != 5 {
		t.Errorf("%d refusals are recorded", n)
	}
	if barred, err := g.srv.Sessions.BarredPeople(t.Context()); err != nil || len(barred) != 0 {
		t.Errorf("%v %v", barred, err)
	}
	if a := anna.get("/"); !a.has("nav-operators") || !a.has("nav-server") {
		t.Error("the administrator's navigation")
	}
}

// The server page says what the server is, and how the last calls went.
func TestServerPage(t *testing.T) {
	g := adminRig(t)
	anna := g.signIn(admin)
	g.fault("GET /banks", sandbox.Fault{Status: 500, Message: "OBP-50005: An unspecified or internal error occurred.", Times: 1, Header: map[string]string{"X-Rate-Limit-Limit": "50", "X-Rate-Limit-Remaining": "49", "X-Rate-Limit-Reset": "17"}})
	anna.get("/accounts")
	a := anna.get("/server")
	if a.StatusCode != 200 || !strings.Contains(a.id("server-facts"), "v5.0.0") || !strings.Contains(a.id("server-facts"), g.srv.OBP.RootAddress()) || !strings.Contains(a.id("server-limits"), "closed") || !strings.Contains(a.id("server-limits"), "49") ||
		!strings.Contains(a.id("server-calls"), "1 failed") || !strings.Contains(a.text("h1"), "reachable") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	g.fault("GET /root", sandbox.Fault{Status: 503, Message: "OBP-50019: Cannot connect to the OBP database."})
	if a := anna.get("/server"); a.StatusCode != http.StatusBadGateway || !a.has("server-calls") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	// without any answer the circuit opens, and the page stays
	for _, op := range []string{"GET /users/current/user_id", "GET /obp/v5.1.0/root"} {
		g.fault(op, sandbox.Fault{Status: 503, Message: "OBP-50019: Cannot connect to the OBP database."})
	}
	for range 2 {
		a = anna.get("/server")
	}
	if a.StatusCode != http.StatusBadGateway || !strings.Contains(a.id("server-limits"), "open: no call goes out") || !strings.Contains(a.id("server-calls"), "no answer") || !strings.Contains(a.id("server-facts"), "/root") {
		t.Errorf("with an open circuit: %d %s", a.StatusCode, a.text("main"))
	}
}
