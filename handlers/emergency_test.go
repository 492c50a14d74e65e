package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func alone(d *Deps) { two(d); d.Settings.EmergencyGrants = true }

func emergencyForm(role, bank, request string) url.Values {
	return url.Values{"role": {role}, "bank": {bank}, "request": {request}, "reason": {"the branch is locked out"}, "ticket": {"INC-1"}}
}

// One person gives alone what takes two; it is an alarm for everybody who may
// grant until another person has reviewed it, and every step is recorded.
func TestEmergencyGrant(t *testing.T) {
	g := newRig(t, alone)
	anna := g.signIn(admin)
	form := anna.get(templates.Grant("u-felix", "", ""))
	to := form.doc.Find(`[data-testid="to-emergency"]`).AttrOr("href", "")
	page := anna.get(to)
	if !page.has("emergency-form") || page.doc.Find(`#role option[value="CanGetAnyUser"]`).Length() != 1 || page.doc.Find(`#role option[value="CanCreateBranch"]`).Length() != 0 {
		t.Fatalf("the form at %q: %s", to, page.text("main"))
	}
	anna.post(templates.Grant("u-felix", "", ""), grantForm("CanGetAnyUser", "", because)) // a first word, which is over then
	a := anna.post(to, emergencyForm("CanGetAnyUser", "", ""))
	if a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanGetAnyUser", "") != 1 || g.writes() != 1 {
		t.Fatalf("%d, %d writes: %s", a.StatusCode, g.writes(), a.text("main"))
	}
	at := a.Header.Get("Location")
	if page := anna.follow(a); !strings.Contains(page.text("main"), "INC-1") || !strings.Contains(page.id("refusal"), "Another person") || page.has("go") {
		t.Errorf("for who gave it: %s", page.text("main"))
	}
	if rows := g.acts(journal.ActGrant); len(rows) != 1 || rows[0].Entry.ParentKind != parentEmergency || rows[0].Entry.ParentID != g.acts(ActEmergency)[0].ActID || rows[0].Entry.Ticket != "INC-1" {
		t.Errorf("recorded %+v", rows)
	}
	if list, err := g.journal.Approvals(t.Context(), journal.ApprovalFilter{States: []journal.ApprovalState{journal.StateWaiting}}); err != nil || len(list) != 0 {
		t.Errorf("the first word still waits: %+v %v", list, err)
	}
	g.advance(10 * 24 * time.Hour) // it does not lapse
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	for who, b := range map[string]*browser{"anna": anna, "ben": ben} {
		for _, path := range []string{"/", templates.ApprovalsPattern} {
			if page := b.get(path); !strings.Contains(page.id("home-emergency")+page.id("approvals-emergency"), outsider) {
				t.Errorf("%s, %s: no alarm", who, path)
			}
		}
	}
	for name, f := range map[string]url.Values{"no reason": {"finding": {"right"}}, "no finding": reason(because), "another finding": {"finding": {"good"}, "reason": {because}}} {
		if a := ben.post(at, f); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	if page := ben.get(at); !strings.Contains(page.text("main"), "holds the role") {
		t.Errorf("what is true now: %s", page.text("main"))
	}
	page = ben.follow(ben.post(at, url.Values{"finding": {"right"}, "reason": {"the ticket says so"}}))
	if !strings.Contains(page.id("flash"), "The alarm is over") || !strings.Contains(page.text("main"), "the ticket says so") || page.has("go") {
		t.Errorf("reviewed: %s", page.text("main"))
	}
	if page := ben.follow(ben.post(at, url.Values{"finding": {"wrong"}, "reason": {"second thoughts"}})); !strings.Contains(page.id("flash"), "reviewed it already") || len(g.acts(ActEmergencyReview)) != 1 {
		t.Errorf("reviewed twice: %s", page.text("main"))
	}
	if page := ben.get("/"); page.has("home-emergency") {
		t.Error("the alarm stays")
	}
	if page := ben.get(templates.Evidence("u-felix", "CanGetAnyUser", "")); !strings.Contains(page.text("main"), "Emergency grant") || !strings.Contains(page.text("main"), "Reviewed an emergency grant") {
		t.Errorf("evidence: %s", page.text("main"))
	}
	g.intact()
}

// An emergency on a request approves and closes it; a finding that it was not
// right leads to the revocation.
func TestEmergencyOnARequest(t *testing.T) {
	g := newRig(t, alone)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	to := anna.get("/requests/r-anyuser").doc.Find(`[data-testid="to-emergency"]`).AttrOr("href", "")
	if page := anna.get(to); page.doc.Find(`[name="request"]`).AttrOr("value", "") != "r-anyuser" || page.doc.Find("#role").Length() != 0 {
		t.Fatalf("the form at %q: %s", to, page.text("main"))
	}
	a := anna.post(to, emergencyForm("CanGetAnyUser", "", "r-anyuser"))
	if a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanGetAnyUser", "") != 1 || g.open("r-anyuser") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActApprove); len(rows) != 1 || rows[0].Entry.EntitlementRequestID != "r-anyuser" || rows[0].Entry.ParentKind != parentEmergency {
		t.Errorf("recorded %+v", rows)
	}
	b := ben.post(a.Header.Get("Location"), url.Values{"finding": {"wrong"}, "reason": {"it could have waited"}})
	if got := b.Header.Get("Location"); got != templates.Revoke("u-felix", "CanGetAnyUser", "") {
		t.Errorf("not right leads to %q", got)
	}
	if page := ben.follow(b); !strings.Contains(page.id("flash"), "take the role away") || !page.has("revoke-go") {
		t.Errorf("%s", page.text("main"))
	}
}

// No crafted form grants in an emergency what the console refuses, and none
// reaches OBP.
func TestEmergencyRefused(t *testing.T) {
	change := func(f url.Values, k, v string) url.Values { f = maps.Clone(f); f.Set(k, v); return f }
	direct, onRequest := emergencyForm("CanGetAnyUser", "", ""), emergencyForm("CanGetAnyUser", "", "r-anyuser")
	for _, c := range []struct {
		name    string
		setting func(*Deps)
		to      string
		form    url.Values
		status  int
		rule    Rule // in the journal, "": nothing is
	}{
		{"off", two, "u-felix", direct, 403, RuleEmergencyOff},
		{"without a second person anywhere", func(d *Deps) { d.Settings.EmergencyGrants = true }, "u-felix", direct, 403, RuleEmergencyOff},
		{"off, a request", two, "u-felix", onRequest, 403, RuleEmergencyOff},
		{"to oneself", alone, "u-anna", direct, 403, RuleOwnGrant},
		{"to another account of oneself", alone, "u-anna2", direct, 403, RuleOwnGrant},
		{"to a deleted person", alone, "u-gus", direct, 403, RuleDeletedPerson},
		{"a role of one person", alone, "u-felix", emergencyForm("CanCreateBranch", "bank.one", ""), 403, RuleNotEmergency},
		{"a request of one person", alone, "u-felix", emergencyForm("CanCreateBranch", "bank.one", "r-branch"), 403, RuleNotEmergency},
		{"a request of somebody else", alone, "u-lena", change(onRequest, "tick", "1"), 403, RuleOtherRequest},
		{"one's own request", alone, "u-felix", change(onRequest, "request", "r-own"), 403, RuleOwnRequest},
		{"a request that is gone", alone, "u-felix", change(onRequest, "request", "r-none"), 409, RuleGone},
		{"no such role", alone, "u-felix", change(direct, "role", "CanDoAll"), 422, RuleWrongScope},
		{"at a bank that it does not hold at", alone, "u-felix", change(direct, "bank", "bank.one"), 422, RuleWrongScope},
		{"no role", alone, "u-felix", change(direct, "role", ""), 422, ""},
		{"no ticket", alone, "u-felix", change(direct, "ticket", " "), 422, ""},
		{"no ticket, a request", alone, "u-felix", change(onRequest, "ticket", ""), 422, ""},
		{"no text", alone, "u-felix", change(direct, "reason", ""), 422, ""},
		{"a code is no text", alone, "u-felix", change(change(onRequest, "reason", ""), "reason_code", "needed"), 422, ""},
		{"too long a ticket", alone, "u-felix", change(direct, "ticket", strings.Repeat("x", 101)), 422, ""},
		{"a locked person without the tick", alone, "u-lena", direct, 422, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, c.setting)
			a := g.signIn(admin).post(templates.Emergency(c.to, "", "", ""), c.form)
			if a.StatusCode != c.status || g.writes() != 0 || len(g.acts(ActEmergency)) != 0 {
				t.Errorf("%d, %d writes, %d alarms: %s", a.StatusCode, g.writes(), len(g.acts(ActEmergency)), a.text("main"))
			}
			rows := g.acts(journal.ActRefused)
			if c.rule == "" && len(rows) != 0 || c.rule != "" && (len(rows) != 1 || rows[0].Entry.Rule != string(c.rule) || !strings.Contains(a.text("main"), templates.Word("rule."+string(c.rule))) && c.status != 422) {
				t.Errorf("recorded %+v: %s", rows, a.text("main"))
			}
		})
	}
}

// Bulk, copy and the ordinary forms take no word of an emergency.
func TestEmergencyHasOneDoor(t *testing.T) {
	g := newRig(t, alone)
	anna := g.signIn(admin)
	with := func(f url.Values) url.Values {
		for k, v := range emergencyForm("CanGetAnyUser", "", "") {
			if !f.Has(k) {
				f[k] = v
			}
		}
		f.Set("alone", "1")
		f.Set("emergency", "1")
		return f
	}
	anna.post("/requests/r-anyuser/approve", with(reason(because)))
	anna.post(templates.Grant("u-felix", "", ""), with(grantForm("CanGetAnyUser", "", because)))
	anna.post(templates.Copy("u-felix", "u-ben"), with(url.Values{"copy": {"CanGetAnyUser@"}, "reason": {because}}))
	anna.post(templates.BulkStartPattern, with(chosen("approve", "r-anyuser")))
	if g.held("u-felix", "CanGetAnyUser", "") != 0 || len(g.acts(ActEmergency)) != 0 {
		t.Error("granted alone")
	}
}

// Who does not review: who gave it, their other accounts, whom they made an
// approver lately, who got it, and who cannot grant it.
func TestEmergencyReviewers(t *testing.T) {
	for _, c := range []struct {
		name   string
		by     string
		change func(*Deps)
		before func(*rig)
		rule   Rule
		status int
	}{
		{"who gave it", admin, nil, nil, RuleEmergencyOwn, 403},
		{"their other account", "ben.second", func(d *Deps) { d.Settings.SamePerson = SamePerson{{admin, "ben.second"}} }, nil, RuleSecondSame, 403},
		{"a puppet", "ben.second", nil, func(g *rig) { madeApprover(g, "u-ben", "u-anna") }, RuleSecondPuppet, 403},
		{"who got it", outsider, func(d *Deps) { d.Settings.Rights.Readers = []string{outsider} }, nil, RuleEmergencyReceived, 403},
		{"who cannot grant it, a reader", "lena.ok", func(d *Deps) { d.Settings.Rights.Readers = []string{"lena.ok"} }, nil, RuleEmergencyReviewer, 403},
		{"who cannot grant it", "lena.ok", nil, nil, "", 404},
		{"an approver of one bank", "olga.onebank", nil, nil, "", 404},
		{"an auditor", "ben.second", func(d *Deps) { d.Settings.Rights.Auditors = []string{"ben.second"} }, nil, RuleAuditor, 403},
		{"an administrator of the console", "lena.ok", func(d *Deps) { d.Settings.Rights.Admins = []string{"lena.ok"} }, nil, "", 303},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := testWorld()
			w.Users = append(w.Users, sandbox.User{UserID: "u-lena-ok", Username: "lena.ok", ProviderID: "lena.ok", Provider: w.Provider, Email: "lena.ok@example.com", Validated: true, Password: password})
			change := []func(*Deps){alone}
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRigOf(t, w, change...)
			at := g.signIn(admin).post(templates.Emergency("u-felix", "", "", ""), emergencyForm("CanGetAnyUser", "", "")).Header.Get("Location")
			if c.before != nil {
				c.before(g)
			}
			a := g.signIn(c.by).post(at, url.Values{"finding": {"right"}, "reason": {because}})
			if a.StatusCode != c.status {
				t.Errorf("%d %s", a.StatusCode, a.text("main"))
			}
			if open := !g.acts(ActEmergency)[0].Finished(); open != (c.status != http.StatusSeeOther) {
				t.Errorf("the alarm is open: %v", open)
			}
			if rows := g.acts(journal.ActRefused); c.rule != "" && (len(rows) != 1 || rows[0].Entry.Rule != string(c.rule)) {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

// Whoever lost the right to grant since sign-in does not review: it is read
// again at OBP.
func TestEmergencyReviewReadsAgain(t *testing.T) {
	g := newRig(t, alone)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	at := anna.post(templates.Emergency("u-felix", "", "", ""), emergencyForm("CanGetAnyUser", "", "")).Header.Get("Location")
	anna.post(templates.Revoke("u-ben", "CanCreateEntitlementAtAnyBank", ""), reason("moved on"))
	if a := ben.post(at, url.Values{"finding": {"right"}, "reason": {because}}); a.StatusCode != http.StatusForbidden || g.acts(journal.ActRefused)[0].Entry.Rule != string(RuleEmergencyReviewer) {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
}

// What OBP refuses leaves no alarm; what it does not answer stays one, and is
// never sent twice.
func TestEmergencyNotGiven(t *testing.T) {
	const op = "POST /users/{USER_ID}/entitlements"
	for _, c := range []struct {
		name  string
		fault sandbox.Fault
		open  bool
	}{
		{"refused", sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank", Times: 1}, false},
		{"no answer", sandbox.Fault{Cut: "before", Times: 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, alone)
			anna := g.signIn(admin)
			if err := g.obp.SetFault(op, c.fault); err != nil {
				t.Fatal(err)
			}
			a := anna.post(templates.Emergency("u-felix", "", "", ""), emergencyForm("CanGetAnyUser", "", ""))
			rows := g.acts(ActEmergency)
			if len(rows) != 1 || rows[0].Finished() == c.open {
				t.Errorf("%d, alarms %+v: %s", a.StatusCode, rows, a.text("main"))
			}
			if !c.open && (a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "CanCreateEntitlementAtAnyBank")) {
				t.Errorf("%d %s", a.StatusCode, a.text("main"))
			}
			if c.open && a.StatusCode != http.StatusSeeOther {
				t.Errorf("%d %s", a.StatusCode, a.text("main"))
			}
			if page := anna.get("/"); page.has("home-emergency") != c.open {
				t.Errorf("home: %s", page.text("main"))
			}
			g.intact()
		})
	}
}
