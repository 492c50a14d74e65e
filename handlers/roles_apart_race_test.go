package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// apartRig is felix, who holds neither of a pair and has asked for both.
func apartRig(t *testing.T) (g *rig, held func() int) {
	w := testWorld()
	w.Entitlements = slices.DeleteFunc(w.Entitlements, func(e sandbox.Entitlement) bool { return e.UserID == "u-felix" })
	g = newRigOf(t, w, two, func(d *Deps) { d.Settings.HeldApart = [][2]string{{"CanCreateAtm", "CanCreateBranch"}} })
	return g, func() int {
		return g.held("u-felix", "CanCreateAtm", "bank.one") + g.held("u-felix", "CanCreateBranch", "bank.one")
	}
}

// inFlight sends, and comes back when a call of op stands held; wait releases
// it and gives the answer.
func (g *rig) inFlight(op, at string, send func() answer) (wait func() answer) {
	g.t.Helper()
	g.fault(op, sandbox.Fault{Hold: at, Times: 1})
	done := make(chan answer, 1)
	go func() { done <- send() }()
	if err := g.obp.WaitHeld(g.t.Context(), op, at, 1); err != nil {
		g.t.Fatal(err)
	}
	return func() answer { g.obp.Release(op); return <-done }
}

const opReadRequests = "GET /entitlement-requests"

// The two of a pair are decided at the same moment, on every path: while one is
// being given the other is refused, and afterwards it takes two people.
func TestHeldApartAtTheSameMoment(t *testing.T) {
	grant := func(b *browser, role string) answer {
		return b.post(templates.Grant("u-felix", "", ""), grantForm(role, "bank.one", because))
	}
	approve := func(b *browser, id string) answer { return b.post("/requests/"+id+"/approve", reason(because)) }
	for name, c := range map[string]struct{ first, second func(*browser) answer }{
		"two requests":             {func(b *browser) answer { return approve(b, "r-branch") }, func(b *browser) answer { return approve(b, "r-held") }},
		"a request and a grant":    {func(b *browser) answer { return approve(b, "r-branch") }, func(b *browser) answer { return grant(b, "CanCreateAtm") }},
		"a grant and a request":    {func(b *browser) answer { return grant(b, "CanCreateAtm") }, func(b *browser) answer { return approve(b, "r-branch") }},
		"two grants":               {func(b *browser) answer { return grant(b, "CanCreateAtm") }, func(b *browser) answer { return grant(b, "CanCreateBranch") }},
		"a grant and a bulk's row": {func(b *browser) answer { return grant(b, "CanCreateAtm") }, func(b *browser) answer { return b.bulkApprove("r-branch") }},
	} {
		t.Run(name, func(t *testing.T) {
			g, held := apartRig(t)
			anna, ben := g.signIn(admin), g.signIn("ben.second")
			wait := g.inFlight(opGrant, "before", func() answer { return c.first(anna) })
			c.second(ben)
			if rows := g.acts(journal.ActRefused); len(rows) != 1 || rows[0].Entry.Rule != string(RuleBusy) {
				t.Errorf("while it is given: %+v", rows)
			}
			wait()
			if n := held(); n != 1 {
				t.Fatalf("%d of the two are held", n)
			}
			c.second(ben)
			if n := held(); n != 1 {
				t.Errorf("%d of the two are held afterwards", n)
			}
		})
	}
}

// bulkApprove sends a bulk of one row.
func (b *browser) bulkApprove(id string) answer {
	f := chosen("approve", id)
	f.Set("reason", because)
	a := b.post(templates.BulkStartPattern, f)
	if to := a.Header.Get("Location"); strings.HasPrefix(to, "/bulk/") {
		return b.post(templates.BulkGo(strings.TrimPrefix(to, "/bulk/")), nil)
	}
	return a
}

// What was read before the other of the pair was given is read again in the
// turn: the request takes two people by then, and text.
func TestHeldApartReadsAgain(t *testing.T) {
	for name, form := range map[string]struct {
		reason, code string
		status       int
	}{"with text": {because, "", http.StatusSeeOther}, "with a code": {"", "needed", http.StatusUnprocessableEntity}} {
		t.Run(name, func(t *testing.T) {
			g, held := apartRig(t)
			anna, ben := g.signIn(admin), g.signIn("ben.second")
			f := reason(form.reason)
			f.Set("reason_code", form.code)
			wait := g.inFlight(opReadRequests, "after", func() answer { return ben.post("/requests/r-held/approve", f) })
			if a := anna.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusSeeOther || held() != 1 {
				t.Fatalf("%d %s", a.StatusCode, a.text("main"))
			}
			if a := wait(); a.StatusCode != form.status || held() != 1 {
				t.Errorf("%d, %d held: %s", a.StatusCode, held(), a.text("main"))
			}
			if n := len(g.acts(journal.ActFirstApproval)); (n == 1) != (form.status == http.StatusSeeOther) {
				t.Errorf("%d first approvals", n)
			}
			g.intact()
		})
	}
}

// While a grant has no answer, the other of its pair waits: it may be applied
// yet.
func TestHeldApartWithoutAnAnswer(t *testing.T) {
	g, held := apartRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	g.fault(opGrant, sandbox.Fault{Cut: "before", Times: 1})
	anna.post("/requests/r-branch/approve", reason(because))
	if a := ben.post("/requests/r-held/approve", reason(because)); a.StatusCode != http.StatusConflict || held() != 0 || g.acts(journal.ActRefused)[0].Entry.Rule != string(RuleGrantPending) {
		t.Errorf("%d, %d held: %s", a.StatusCode, held(), a.text("main"))
	}
	g.advance(obpTimeout + 1)
	if a := ben.post("/requests/r-held/approve", reason(because)); a.StatusCode != http.StatusSeeOther || held() != 1 {
		t.Errorf("afterwards: %d, %d held: %s", a.StatusCode, held(), a.text("main"))
	}
}

// A DAuth user who holds one of a pair does not get the other by the form that
// makes users, nor does one of whom it cannot be read; a new one gets one.
func TestHeldApartDAuth(t *testing.T) {
	for name, c := range map[string]struct {
		existing, knows bool
		status          int
	}{"new": {false, true, 303}, "holds the other": {true, true, 403}, "a server that cannot be asked": {false, false, 403}} {
		t.Run(name, func(t *testing.T) {
			w := testWorld()
			w.Users = append(w.Users, sandbox.User{UserID: "u-dauth", Username: "0xold", ProviderID: "0xold", Provider: "dauth.example"})
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-dauth", Role: "CanCreateAtm", BankID: "bank.one", UserID: "u-dauth"})
			g := newRigOf(t, w, two, func(d *Deps) { d.Settings.HeldApart = [][2]string{{"CanCreateAtm", "CanCreateBranch"}} })
			if !c.knows {
				g.fault("GET /obp/v5.1.0/root", sandbox.Fault{Status: 404, Message: "OBP-10404: 404 Not Found."})
			}
			user := "0xnew"
			if c.existing {
				user = "0xold"
			}
			f := url.Values{"provider": {"dauth.example"}, "username": {user}, "role": {"CanCreateBranch"}, "bank": {"bank.one"}, "reason": {"partner"}}
			if a := g.signIn(admin).post(templates.DAuthPattern, f); a.StatusCode != c.status || (g.writes() != 0) != (c.status == 303) {
				t.Errorf("%d, %d writes: %s", a.StatusCode, g.writes(), a.text("main"))
			}
		})
	}
}
