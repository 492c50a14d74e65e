package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func view2(id string, system bool) obp.View { return obp.View{ID: id, IsSystem: system} }

const (
	opGrantView   = "POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/grant"
	opRevokeView  = "POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke"
	opReplace     = "PUT /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access"
	opDAuthAccess = "POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access"
	benAuditor    = annaPath + "/revoke?provider=https%3A%2F%2Fobp.demo.example&person=ben.second&view=auditor"
)

// A view is granted to a person who is found by name, with a reason, recorded,
// and taken again.
func TestGrantAndRevokeAView(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	felix := g.user(outsider)
	if a := anna.get(annaPath + "/grant"); a.StatusCode != 200 || !a.has("grant-view") {
		t.Fatal(a.StatusCode, a.text("main"))
	}
	a := anna.post(annaPath+"/grant", values("person", outsider, "view", "accountant"))
	if a = anna.follow(a); !strings.Contains(a.id("flash"), "felix.fresh has the view “accountant”") {
		t.Errorf("%s", a.id("flash"))
	}
	if !slices.Equal(g.views(felix, annasOwn), []string{"accountant"}) {
		t.Errorf("holds %v", g.views(felix, annasOwn))
	}
	row := g.ended(ActGrantView, journal.OutcomeDone)
	if row.Entry.Person.UserID != felix || row.Entry.BankID != nordBank || row.Entry.Target != annasOwn || row.Entry.Details["view"] != "accountant" || row.Entry.Reason != because {
		t.Errorf("%+v", row.Entry)
	}
	if a := anna.get("/journal/" + row.ActID); !strings.Contains(a.text("main"), "accountant") {
		t.Error("the record does not say which view")
	}
	if a := anna.get(benAuditor); a.StatusCode != 200 || !a.has("revoke-view") {
		t.Fatal(a.StatusCode, a.text("main"))
	}
	a = anna.follow(anna.post(benAuditor, values()))
	if !strings.Contains(a.id("flash"), "no longer has the view “auditor”") || len(g.views(g.user("ben.second"), annasOwn)) != 0 {
		t.Errorf("%s %v", a.id("flash"), g.views(g.user("ben.second"), annasOwn))
	}
	if row := g.ended(ActRevokeView, journal.OutcomeDone); row.Entry.Person.UserID != g.user("ben.second") {
		t.Errorf("%+v", row.Entry)
	}
}

// What a form lacks is said beside its fields, and nothing is sent.
func TestViewFormsSayWhatIsMissing(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	for target, want := range map[string]int{annaPath + "/grant": 3, benAuditor: 1, annaPath + "/mine": 3, annaPath + "/dauth": 4} {
		a := anna.post(target, nil)
		if n := a.doc.Find(`[data-testid="field-error"]`).Length(); a.StatusCode != http.StatusUnprocessableEntity || n != want {
			t.Errorf("%s: %d with %d errors, want %d: %s", target, a.StatusCode, n, want, a.text("form"))
		}
	}
	a := anna.post(annaPath+"/grant", values("person", "nobody.here", "view", "auditor"))
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text("form"), "Nobody was found. Looked for") {
		t.Errorf("%d %s", a.StatusCode, a.text("form"))
	}
	a = anna.post(annaPath+"/grant", values("person", "Anna.Approver@demo.example", "view", "auditor")) // two accounts
	if a.StatusCode == http.StatusSeeOther {
		t.Error("one of several people was taken")
	}
	if g.writes() != 0 {
		t.Error("something was sent")
	}
}

// Nobody grants a view to themselves, or to another account of their own
// (security 18).
func TestNoViewForOneself(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	for _, who := range []string{admin, "anna.approver.private"} {
		a := anna.post(annaPath+"/grant", values("person", who, "view", "auditor"))
		if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "Not to yourself") {
			t.Errorf("%s: %d %s", who, a.StatusCode, a.text("main"))
		}
	}
	if n := len(g.acts(journal.ActRefused)); n != 2 || g.writes() != 0 {
		t.Errorf("%d refusals recorded, %d writes", n, g.writes())
	}
}

// Every refusal of OBP is said in words: whether it is about one's own right,
// the view, the person or the last owner.
func TestViewRefusals(t *testing.T) {
	grant, dauth := values("person", outsider, "view", "auditor"), values("username", "0xab", "provider", "dauth.X", "view", "auditor")
	mine := values("view", "auditor", "tick", "1")
	for name, c := range map[string]struct {
		op, target     string
		form           map[string][]string
		status         int // of OBP
		message, about string
		words          string
	}{
		"grant, my right":         {opGrantView, annaPath + "/grant", grant, 400, "OBP-20047: If target viewId is system view", "my_right", "may grant this view"},
		"grant, my view":          {opGrantView, annaPath + "/grant", grant, 400, "OBP-20022: View does not permit the access.", "my_right", "None of yours does"},
		"grant, no system view":   {opGrantView, annaPath + "/grant", grant, 400, "OBP-30252: System view not found.", "the_view", "no system view"},
		"grant, no custom view":   {opGrantView, annaPath + "/grant", grant, 400, "OBP-30005: View not found for Account.", "the_view", "no custom view"},
		"grant, no person":        {opGrantView, annaPath + "/grant", grant, 404, "OBP-20005: User not found.", "the_person", "nobody with this user id"},
		"grant, bad id":           {opGrantView, annaPath + "/grant", grant, 400, "OBP-10001: Incorrect json format. Here are all invalid values", "the_entry", "36 letters"},
		"revoke, my right":        {opRevokeView, benAuditor, values(), 400, "OBP-20047: If target viewId is system view", "my_right", "may revoke this view"},
		"revoke, no such access":  {opRevokeView, benAuditor, values(), 400, "OBP-30064: Cannot revoke account access. Current ViewId is auditor <- OBP-30065: Cannot find account access.", "the_person", "not any more"},
		"revoke, custom":          {opRevokeView, benAuditor, values(), 400, "OBP-30064: Cannot revoke account access. Current ViewId is auditor", "the_person", "not any more"},
		"revoke, last owner":      {opRevokeView, strings.Replace(benAuditor, "auditor", "owner", 1), values(), 400, "OBP-30064: Cannot revoke account access. Current ViewId is owner", "last_owner", "Grant the owner view to somebody else first"},
		"replace, my right":       {opReplace, annaPath + "/mine", mine, 400, "OBP-20047: If target viewId is system view", "my_right", "may not revoke all of them"},
		"replace, after removal":  {opReplace, annaPath + "/mine", mine, 400, "OBP-50005: An unspecified or internal error occurred.", "the_view", "What you have now"},
		"dauth, my right, as 403": {opDAuthAccess, annaPath + "/dauth", dauth, 403, "OBP-20047: If target viewId is system view", "my_right", "may grant this view"},
		"dauth, provider":         {opDAuthAccess, annaPath + "/dauth", dauth, 400, "OBP-20103: Invalid DAuth User Provider.", "the_person", "dauth."},
		"permissions":             {"GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions", annaPath, nil, 400, "OBP-20022: View does not permit the access.", "my_right", "no role helps"},
		"one person":              {"GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", annaPath + "/person?provider=x&person=y", nil, 404, "OBP-20104: User not found by PROVIDER and PROVIDER_ID.", "the_person", "at this provider"},
		"firehose off":            {"GET /banks/{BANK_ID}/firehose/accounts/views/{VIEW_ID}", "/accounts?kind=firehose&bank=" + nordBank, nil, 400, "OBP-00009: Account firehose is not allowed on this instance.", "the_server", "allow_account_firehose"},
		"firehose view":           {"GET /banks/{BANK_ID}/firehose/accounts/views/{VIEW_ID}", "/accounts?kind=firehose&bank=" + nordBank, nil, 403, "OBP-20017: Current user does not have access to the view.", "the_view", "not a firehose view"},
	} {
		t.Run(name, func(t *testing.T) {
			g := bankRig(t)
			anna := g.signIn(admin)
			g.fault(c.op, sandbox.Fault{Status: c.status, Message: c.message})
			a := anna.get(c.target)
			if c.form != nil {
				a = anna.post(c.target, c.form)
			}
			if a.about() != c.about || !strings.Contains(a.text("main"), c.words) {
				t.Errorf("%d about %q: %s", a.StatusCode, a.about(), a.text("main"))
			}
			if c.form != nil && a.StatusCode < 400 {
				t.Errorf("status %d", a.StatusCode)
			}
		})
	}
}

// Replacing one's own access checks every name before anything is sent, needs
// a tick, and says afterwards what is held.
func TestReplaceMyAccess(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	me, before := g.user(admin), g.views(g.user(admin), annasOwn)
	if a := anna.get(annaPath + "/mine"); !strings.Contains(a.id("warning"), "This acts on you") {
		t.Errorf("no warning: %s", a.text("main"))
	}
	a := anna.post(annaPath+"/mine", values("view", "owner", "view", "ownr", "tick", "1"))
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text("form"), "no view “ownr”") || g.writes() != 0 || !slices.Equal(g.views(me, annasOwn), before) {
		t.Errorf("a wrong name: %d, %d writes, %s", a.StatusCode, g.writes(), a.text("form"))
	}
	a = anna.follow(anna.post(annaPath+"/mine", values("view", "owner", "view", "auditor", "tick", "1")))
	if !strings.Contains(a.id("flash"), "exactly owner, auditor") || !slices.Equal(g.views(me, annasOwn), []string{"auditor", "owner"}) {
		t.Errorf("%s %v", a.id("flash"), g.views(me, annasOwn))
	}
	row := g.ended(ActReplaceViews, journal.OutcomeDone)
	if row.Entry.Person.UserID != me || !strings.Contains(row.Entry.Details["before"], "ManageCustomViews") || row.Result.Details["held_after"] == "" {
		t.Errorf("%+v %+v", row.Entry, row.Result)
	}
}

// A DAuth user gets views; what OBP gave no answer to is read back.
func TestDAuthAccessAndLostAnswers(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	a := anna.follow(anna.post(annaPath+"/dauth", values("username", "0xabc", "provider", "dauth.test", "view", "auditor")))
	if !strings.Contains(a.id("flash"), "0xabc has auditor") || a.doc.Find(`[data-testid="person-view"]`).Length() != 1 {
		t.Errorf("%s %s", a.id("flash"), a.text("main"))
	}
	for op, send := range map[string]func() answer{
		opGrantView:  func() answer { return anna.post(annaPath+"/grant", values("person", outsider, "view", "auditor")) },
		opRevokeView: func() answer { return anna.post(benAuditor, values()) },
	} {
		g.fault(op, sandbox.Fault{Cut: "after", Times: 1})
		if a := send(); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s was applied, its answer lost: %d %s", op, a.StatusCode, a.text("main"))
		}
	}
	if g.acts(ActGrantView)[0].Result.State != "read_back" || g.acts(ActRevokeView)[0].Result.State != "read_back" {
		t.Errorf("%+v", g.acts(ActGrantView))
	}
	g.fault(opGrantView, sandbox.Fault{Cut: "after", Times: 1})
	g.fault("GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", sandbox.Fault{Status: 400, Message: "OBP-20022: no"})
	a = anna.post(annaPath+"/grant", values("person", "henry.helpdesk", "view", "auditor"))
	if !strings.Contains(a.text("main"), "Nobody knows yet") || g.acts(ActGrantView)[0].Result.Outcome != journal.OutcomeUnknown {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	g.intact()
}

// A write whose answer was lost, and that reading back does not show, has not
// failed: OBP may still be at it. The act stays open, and what is true later
// ends it.
func TestLostAnswerStaysOpen(t *testing.T) {
	for _, applied := range []bool{false, true} {
		g := bankRig(t)
		anna := g.signIn(admin)
		grant := func() answer {
			return anna.post(annaPath+"/grant", values("person", "henry.helpdesk", "view", "auditor"))
		}
		g.fault(opGrantView, sandbox.Fault{Cut: "before", Times: 1})
		if a := grant(); !strings.Contains(a.text("main"), "Nobody knows yet") {
			t.Errorf("%d %s", a.StatusCode, a.text("main"))
		}
		row := g.acts(ActGrantView)[0]
		if row.Finished() || row.Result.Outcome != journal.OutcomeUnknown {
			t.Errorf("ended %q", row.Result.Outcome)
		}
		g.advance(2 * obpTimeout)
		want, says := journal.OutcomeFailed, "never carried it out"
		if applied {
			want, says = journal.OutcomeDone, "OBP carried it out"
			if a := grant(); a.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d %s", a.StatusCode, a.text("main"))
			}
		}
		if page := anna.follow(anna.post(templates.FinishAct(row.ActID), nil)); !strings.Contains(page.id("flash"), says) {
			t.Errorf("%s", page.id("flash"))
		}
		if i := slices.IndexFunc(g.acts(ActGrantView), func(r journal.Row) bool { return r.ActID == row.ActID }); g.acts(ActGrantView)[i].Result.Outcome != want {
			t.Errorf("ended %q, want %q", g.acts(ActGrantView)[i].Result.Outcome, want)
		}
		g.intact()
	}
}
