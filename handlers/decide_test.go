package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

const (
	opList  = "GET /entitlement-requests"
	opGrant = "POST /users/{USER_ID}/entitlements"
	opClose = "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}"
	opUser  = "GET /users/user_id/{USER_ID}"
)

// An approval grants, closes, is recorded with what was seen, and leads to the
// next request of the same filter.
func TestApprove(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	a := anna.post("/requests/r-branch/approve?bank=bank.one", url.Values{"reason": {because}, "ticket": {"T-7"}})
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/requests/r-held?") || !strings.Contains(to, "bank=bank.one") {
		t.Fatalf("%d to %q: %s", a.StatusCode, to, a.text("main"))
	}
	if g.held("u-felix", "CanCreateBranch", "bank.one") != 1 || g.open("r-branch") {
		t.Error("not granted once, or not closed")
	}
	page := anna.follow(a)
	if flash := page.id("flash"); !strings.Contains(flash, "Approved: felix.fresh now holds") || !strings.Contains(flash, "First Bank") {
		t.Errorf("flash %q", flash)
	}
	if v, _ := page.doc.Find(`[data-testid="ticket"]`).Attr("value"); v != "T-7" {
		t.Errorf("the ticket is not offered again: %q", v)
	}
	rows := g.acts(journal.ActApprove)
	if len(rows) != 1 {
		t.Fatalf("%d approvals recorded", len(rows))
	}
	e := rows[0].Entry
	if e.Reason != because || e.Ticket != "T-7" || e.Person.UserID != "u-felix" || e.Role != "CanCreateBranch" || e.BankID != "bank.one" || e.ClientAddr != "192.0.2.7" ||
		rows[0].Result.Outcome != journal.OutcomeDone || len(rows[0].EntitlementIDs()) != 1 {
		t.Errorf("recorded %+v %+v", e, rows[0].Result)
	}
	if s := string(e.Seen); !strings.Contains(s, "felix.fresh@example.com") || !strings.Contains(s, "CanCreateAtm @ bank.one") || !strings.Contains(s, `"active"`) {
		t.Errorf("what was seen: %s", s)
	}
	g.intact()
}

// A declined request is closed and nothing is granted; the journal keeps why.
func TestDecline(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	a := anna.post("/requests/r-branch/decline", reason("not in this team"))
	if a.StatusCode != http.StatusSeeOther || g.open("r-branch") || g.held("u-felix", "CanCreateBranch", "bank.one") != 0 {
		t.Fatalf("%d: %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActDecline); len(rows) != 1 || rows[0].Entry.Reason != "not in this team" {
		t.Errorf("recorded %+v", rows)
	}
	if page := anna.get("/requests/r-branch"); page.StatusCode != 200 || !strings.Contains(page.id("outcome"), "Declined by you") {
		t.Errorf("%d %s", page.StatusCode, page.text("main"))
	}
}

// A role that is held already counts as granted: the request is closed.
func TestApproveHeld(t *testing.T) {
	g := newRig(t)
	a := g.signIn(admin).post("/requests/r-held/approve", reason(because))
	if a.StatusCode != http.StatusSeeOther || g.open("r-held") || g.held("u-felix", "CanCreateAtm", "bank.one") != 1 {
		t.Errorf("%d, open %v, held %d", a.StatusCode, g.open("r-held"), g.held("u-felix", "CanCreateAtm", "bank.one"))
	}
}

// Every refusal of the console is its own, holds against a crafted POST, is
// recorded, and lets no write reach OBP (security 18).
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, id string
		form     url.Values
		change   func(*Deps)
		status   int
		rule     Rule
		says     string
	}{
		{"own request", "r-own", reason(because), nil, 403, RuleOwnRequest, "your own request"},
		{"own by e-mail, letter case aside", "r-own2", reason(because), nil, 403, RuleOwnEmail, "your e-mail address"},
		{"own by the list", "r-branch", reason(because), func(d *Deps) { d.Settings.SamePerson = SamePerson{{admin, outsider}} }, 403, RuleOwnListed, "another of your own accounts"},
		{"deleted person", "r-gone", reason(because), nil, 403, RuleDeletedPerson, "is deleted"},
		{"not open", "r-nothing", reason(because), nil, 409, RuleGone, "not open"},
		{"swapped id of nothing", "..%2fr-branch", reason(because), nil, 409, RuleGone, "not open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var change []func(*Deps)
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRig(t, change...)
			a := g.signIn(admin).post("/requests/"+c.id+"/approve", c.form)
			if a.StatusCode != c.status || !strings.Contains(a.text("main"), c.says) {
				t.Errorf("%d, want %d: %s", a.StatusCode, c.status, a.text("main"))
			}
			if n := g.writes(); n != 0 {
				t.Errorf("%d writes reached OBP", n)
			}
			rows := g.acts(journal.ActRefused)
			if len(rows) != 1 || rows[0].Entry.Rule != string(c.rule) || rows[0].Entry.Details["act"] != "approve" {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

// What the form lacks is said beside the field, and what was typed stays.
func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, path string
		form       url.Values
		field      string
	}{
		{"no reason", "/requests/r-branch/approve", url.Values{"ticket": {"T-1"}}, "reason"},
		{"a high-risk role needs text", "/requests/r-anyuser/approve", url.Values{"reason_code": {"needed"}, "ticket": {"T-1"}}, "reason"},
		{"a decline needs text", "/requests/r-branch/decline", url.Values{"reason_code": {"needed"}, "ticket": {"T-1"}}, "reason"},
		{"a locked person needs a tick", "/requests/r-locked/approve", url.Values{"reason": {because}, "ticket": {"T-1"}}, "tick"},
		{"an unknown code", "/requests/r-branch/approve", url.Values{"reason_code": {"nonsense"}, "ticket": {"T-1"}}, "reason_code"},
		{"a reason too long", "/requests/r-branch/approve", url.Values{"reason": {strings.Repeat("ä", maxReason+1)}, "ticket": {"T-1"}}, "reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t)
			a := g.signIn(admin).post(c.path, c.form)
			if a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
				t.Fatalf("%d, %d writes: %s", a.StatusCode, g.writes(), a.text("main"))
			}
			if a.doc.Find("#"+c.field+`[aria-invalid="true"]`).Length() != 1 || a.id("field-error") == "" {
				t.Errorf("no error beside %s: %s", c.field, a.body)
			}
			if v, _ := a.doc.Find("#ticket").Attr("value"); v != "T-1" {
				t.Errorf("the ticket is lost: %q", v)
			}
			if got := a.doc.Find("#reason").Text(); got != c.form.Get("reason") {
				t.Errorf("the reason is lost: %q", got)
			}
		})
	}
	g := newRig(t)
	if a := g.signIn(admin).post("/requests/r-locked/approve", url.Values{"reason": {because}, "tick": {"1"}}); a.StatusCode != http.StatusSeeOther || g.open("r-locked") {
		t.Errorf("with the tick: %d", a.StatusCode)
	}
}

// Role, bank and person come from OBP, never from the form (security 17).
func TestTamperedFieldsChangeNothing(t *testing.T) {
	g := newRig(t)
	f := url.Values{"reason": {because}, "role": {"CanDeleteUser"}, "role_name": {"CanDeleteUser"}, "bank_id": {""}, "bank": {"bank.two"}, "user_id": {"u-anna"}}
	a := g.signIn(admin).post("/requests/r-branch/approve?u=u-anna&b=", f)
	if a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 || g.held("u-anna", "CanDeleteUser", "") != 0 {
		t.Errorf("%d", a.StatusCode)
	}
}

// A decision that was made between the reading and the turn is seen.
func TestDecidedMeanwhile(t *testing.T) {
	g := newRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if a := ben.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.StatusCode)
	}
	a := anna.post("/requests/r-branch/decline", reason("no"))
	if a.StatusCode != http.StatusConflict || !strings.Contains(a.id("outcome"), "Approved by ben.second, less than a minute ago") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActDecline); len(rows) != 0 {
		t.Errorf("recorded %+v", rows)
	}
}

// A session that ends while somebody types loses nothing: after signing in the
// text is back in the form, and nothing was sent.
func TestTypedTextSurvivesSigningInAgain(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	g.advance(16 * time.Minute)
	a := anna.post("/requests/r-branch/approve?role=CanCreateBranch", url.Values{"reason": {because}, "ticket": {"T-9"}})
	to := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, templates.SignInPattern+"?next=") || g.writes() != 0 {
		t.Fatalf("%d to %q", a.StatusCode, to)
	}
	if page := anna.get(to); !strings.Contains(page.text("main"), "nothing was done for a while") {
		t.Errorf("it is not said why: %s", page.text("main"))
	}
	a = anna.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}, "next": {"/"}})
	if to := a.Header.Get("Location"); to != "/requests/r-branch?role=CanCreateBranch" {
		t.Fatalf("to %q", to)
	}
	page := anna.follow(a)
	if page.doc.Find("#reason").Text() != because || !strings.Contains(page.id("flash"), "back in the form") || g.writes() != 0 {
		t.Errorf("reason %q, flash %q", page.doc.Find("#reason").Text(), page.id("flash"))
	}
}
