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

// A 404 that does not say that the entitlement is gone is no revocation: the
// form says why, with what was typed, and the record says that it failed.
func TestNotRevoked(t *testing.T) {
	for code, says := range map[string]string{
		"OBP-30219: EntitlementId cannot be deleted.":                                    "still holds it",
		"OBP-10404: 404 Not Found. The server could not find the requested URI.":         "knows nothing under this address",
		"OBP-20006: User is missing one or more roles: CanDeleteEntitlementAtAnyBank":    "CanDeleteEntitlementAtAnyBank",
		"OBP-10018: Too Many Requests. We only allow 10 requests per second for this Co": "takes no more",
	} {
		g := newRig(t)
		b := g.signIn(admin)
		g.fault(opRevoke, sandbox.Fault{Status: 404, Message: code})
		a := b.post(templates.Revoke("u-felix", "CanCreateAtm", "bank.one"), url.Values{"reason": {"moved on"}, "entitlement": {"e-u-felix-CanCreateAtm-bank.one"}})
		if a.StatusCode < 400 || !strings.Contains(a.text("main"), says) || a.text("#reason") != "moved on" || g.held("u-felix", "CanCreateAtm", "bank.one") != 1 {
			t.Errorf("%s: %d %s", code, a.StatusCode, a.text("main"))
		}
		if rows := g.acts(journal.ActRevoke); len(rows) != 1 || rows[0].Result.Outcome != journal.OutcomeFailed || len(rows[0].EntitlementIDs()) != 0 {
			t.Errorf("%s: recorded %+v", code, rows)
		}
	}
}

// Of several roles those that were not granted can be tried again with all that
// was typed, and they alone are ticked.
func TestGrantAgain(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	g.fault(opGrant, sandbox.Fault{Status: 400, Times: 1, Message: "OBP-30001: Bank not found. Please specify a valid value for BANK_ID."})
	f := grantForm("CanCreateBranch CanGetConsumers", "bank.one", because)
	f.Set("ticket", "T-9")
	a := b.post(templates.Grant("u-felix", "", ""), f)
	if !strings.Contains(a.text("main"), "1 of 2 were granted") || !strings.Contains(a.text("main"), "does not know the bank") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	page := b.get(a.doc.Find(`[data-testid="user-result"] a`).First().AttrOr("href", ""))
	ticked := page.doc.Find("#role-list [checked]")
	if ticked.Length() != 1 || ticked.AttrOr("value", "") != "CanCreateBranch" || page.text("#reason") != because || page.doc.Find("#ticket").AttrOr("value", "") != "T-9" {
		t.Errorf("%s", page.text("main"))
	}
}

// A role that OBP says is held is not told as granted.
func TestGrantOfWhatIsHeld(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	page := b.follow(b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateAtm", "bank.one", because)))
	if got := page.id("flash"); !strings.Contains(got, "Held already") {
		t.Errorf("%s", got)
	}
}

// A request for a role that OBP does not answer is looked for before anything
// is said: what was asked is told so, what is in doubt is not told as refused.
func TestAskWithoutAnAnswer(t *testing.T) {
	for cut, says := range map[string]string{"after": "Asked", "before": "before you ask again"} {
		g := newRig(t)
		b := g.signIn(outsider)
		g.fault("POST /entitlement-requests", sandbox.Fault{Cut: cut, Times: 1})
		a := b.post(templates.AskRolePattern, url.Values{"role": {"CanCreateProduct"}, "bank": {"bank.two"}, "why": {"price list"}})
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d %s", a.StatusCode, a.text("main"))
		}
		if page := b.follow(a); !strings.Contains(page.id("flash"), says) {
			t.Errorf("cut %s: %s", cut, page.id("flash"))
		}
		if rows := g.acts(journal.ActAskRole); len(rows) != 1 || (rows[0].Result.Details["entitlement_request_id"] != "") != (cut == "after") {
			t.Errorf("cut %s: recorded %+v", cut, rows)
		}
	}
}

// The catalogue finds by every word, and answers with the list alone to who
// types.
func TestCatalogueAsTyped(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	a := b.part(templates.RolesFoundID).get("/roles?q=branch+create&scope=bank")
	if a.doc.Find("h1, form").Length() != 0 || a.doc.Find(`[data-testid="role-row"] a[href="/roles/CanCreateBranch"]`).Length() != 1 || strings.Contains(a.body, "CanCreateAtm") {
		t.Errorf("%s", a.body)
	}
	if page := b.get("/roles?q=branch+create"); page.doc.Find(`[data-testid="role-row"]`).Length() < 2 || page.doc.Find("#r-q").AttrOr("value", "") != "branch create" {
		t.Errorf("%s", page.text("main"))
	}
}

// Asking for a role at the wrong scope is refused before OBP, and recorded.
func TestAskAtTheWrongScope(t *testing.T) {
	g := newRig(t)
	b := g.signIn(outsider)
	for _, f := range []url.Values{{"role": {"CanCreateProduct"}}, {"role": {"CanCreateBank"}, "bank": {"bank.one"}}, {"role": {"CanFly"}}} {
		if a := b.post(templates.AskRolePattern, f); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
			t.Errorf("%v: %d, %d writes", f, a.StatusCode, g.writes())
		}
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 3 || rows[0].Entry.Rule != string(RuleWrongScope) || rows[0].Entry.Person.UserID != "u-felix" {
		t.Errorf("recorded %+v", rows)
	}
}
