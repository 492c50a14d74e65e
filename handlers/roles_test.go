package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func grantForm(role, bank, why string) url.Values {
	f := url.Values{"reason": {why}, "bank": {bank}}
	for r := range strings.SplitSeq(role, " ") {
		f.Add("role", r)
	}
	return f
}

// Several roles are given at once, each as an act of its own with its result.
func TestGrant(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	to := templates.Grant("u-felix", "", "")
	if page := b.get(to + "?role=CanCreateBranch&bank=bank.one"); page.doc.Find(`#role [checked]`).AttrOr("value", "") != "CanCreateBranch" || page.doc.Find(`#bank option[selected]`).AttrOr("value", "") != "bank.one" {
		t.Errorf("the form is not preset: %s", page.text("main"))
	}
	a := b.post(to, grantForm("CanCreateBranch", "bank.one", because))
	if page := b.follow(a); !strings.Contains(page.id("flash"), "Granted: felix.fresh now holds") || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Fatalf("%d %s", a.StatusCode, page.id("flash"))
	}
	a = b.post(to, grantForm("CanCreateBranch CanCreateAtm CanGetConsumers", "bank.one", because))
	if rows := a.id("result-row"); a.StatusCode != 200 || !strings.Contains(a.text("main"), "3 of 3 were granted") || strings.Count(rows, "held already") != 2 || g.held("u-felix", "CanGetConsumers", "") != 1 {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActGrant); len(rows) != 4 || rows[3].Entry.Reason != because || len(rows[3].EntitlementIDs()) != 1 {
		t.Errorf("recorded %+v", rows)
	}
	if page := b.get(templates.Undo(g.acts(journal.ActGrant)[3].ActID)); !page.has("undo-form") {
		t.Errorf("a direct grant offers no undo: %s", page.text("main"))
	}
	g.intact()
}

// Crafted forms cannot grant to oneself, to a deleted person, at the wrong
// scope, or without a reason; nothing reaches OBP (security 18).
func TestGrantRefused(t *testing.T) {
	for _, c := range []struct {
		name, user string
		form       url.Values
		change     func(*Deps)
		status     int
		rule       Rule
	}{
		{"oneself", "u-anna", grantForm("CanCreateBank", "", because), nil, 403, RuleOwnGrant},
		{"one's other account", "u-anna2", grantForm("CanCreateBank", "", because), nil, 403, RuleOwnGrant},
		{"one's listed account", "u-felix", grantForm("CanCreateBank", "", because), func(d *Deps) { d.Settings.SamePerson = SamePerson{{admin, outsider}} }, 403, RuleOwnGrant},
		{"a deleted person", "u-gus", grantForm("CanCreateBank", "", because), nil, 403, RuleDeletedPerson},
		{"no reason", "u-felix", grantForm("CanCreateBank", "", ""), nil, 422, ""},
		{"a bank role without bank", "u-felix", grantForm("CanCreateBranch", "", because), nil, 422, RuleWrongScope},
		{"a system role at a bank", "u-felix", grantForm("CanCreateBank", "bank.one", because), nil, 422, RuleWrongScope},
		{"an unknown role", "u-felix", grantForm("CanFly", "", because), nil, 422, RuleWrongScope},
		{"an unknown bank", "u-felix", grantForm("CanCreateBranch", "bank.none", because), nil, 422, RuleWrongScope},
		{"no role", "u-felix", url.Values{"reason": {because}}, nil, 422, ""},
		{"a locked person without the tick", "u-lena", grantForm("CanCreateBank", "", because), nil, 422, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var change []func(*Deps)
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRig(t, change...)
			a := g.signIn(admin).post(templates.Grant(c.user, "", ""), c.form)
			if a.StatusCode != c.status || g.writes() != 0 {
				t.Errorf("%d, %d writes: %s", a.StatusCode, g.writes(), a.text("main"))
			}
			if rows := g.acts(journal.ActRefused); c.rule != "" && (len(rows) != 1 || rows[0].Entry.Rule != string(c.rule)) {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

// A direct grant of a high-risk role takes two people as well.
func TestGrantOfTwo(t *testing.T) {
	g := newRig(t, two)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	to, f := templates.Grant("u-felix", "", ""), grantForm("CanDeleteUser", "", because)
	for range 2 { // pressing twice is not two people
		if a := anna.post(to, f); a.StatusCode != 200 || g.writes() != 0 {
			t.Fatalf("first: %d %s", a.StatusCode, a.text("main"))
		}
	}
	if a := ben.post(to, grantForm("CanDeleteUser", "", "I agree")); a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanDeleteUser", "") != 1 {
		t.Errorf("second: %d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActGrant); len(rows) != 1 || rows[0].Entry.Operator.UserID != "u-ben" || rows[0].Entry.ParentKind != journal.ParentSecondPerson {
		t.Errorf("recorded %+v", rows)
	}
}

// A grant without an answer is read back, and never sent twice.
func TestGrantBreaks(t *testing.T) {
	for _, c := range []struct {
		f    sandbox.Fault
		held int
		says string
	}{
		{sandbox.Fault{Cut: "after"}, 1, "Granted"},
		{sandbox.Fault{Cut: "before"}, 0, "no answer"},
		{sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank"}, 0, "CanCreateEntitlementAtAnyBank"},
	} {
		g := newRig(t)
		b := g.signIn(admin)
		c.f.Times = 1
		if err := g.obp.SetFault(opGrant, c.f); err != nil {
			t.Fatal(err)
		}
		a := b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because))
		page := a
		if a.StatusCode == http.StatusSeeOther {
			page = b.follow(a)
		}
		if !strings.Contains(page.text("main"), c.says) || g.held("u-felix", "CanCreateBranch", "bank.one") != c.held {
			t.Errorf("%+v: held %d: %s", c.f, g.held("u-felix", "CanCreateBranch", "bank.one"), page.text("main"))
		}
	}
}

// Revoking takes every entitlement of the role at that scope, as it is read
// now; a crafted id changes nothing.
func TestRevoke(t *testing.T) {
	w := testWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "twice", Role: "CanCreateAtm", BankID: "bank.one", UserID: "u-felix", Created: start})
	g := newRigOf(t, w)
	b := g.signIn(admin)
	to := templates.Revoke("u-felix", "CanCreateAtm", "bank.one")
	if page := b.get(to); !strings.Contains(page.text("main"), "held 2 times") {
		t.Errorf("%s", page.text("main"))
	}
	if a := b.post(to, url.Values{}); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	for _, id := range []string{"e-u-ben-CanGetAnyUser-", "nothing"} { // of somebody else, and of nobody
		crafted := url.Values{"reason": {"left the team"}, "entitlement": {id, "twice"}, "user_id": {"u-ben"}}
		if a := b.post(to, crafted); a.StatusCode != http.StatusForbidden || g.writes() != 0 {
			t.Errorf("crafted: %d %s", a.StatusCode, a.text("main"))
		}
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 2 || rows[0].Entry.Rule != string(RuleNotTheirs) || rows[0].Entry.Person.UserID != "u-felix" {
		t.Errorf("recorded %+v", rows)
	}
	if a := b.post(to, url.Values{"reason": {"none ticked"}, "choose": {"1"}}); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("none ticked: %d", a.StatusCode)
	}
	crafted := url.Values{"reason": {"left the team"}, "entitlement": {"twice", "e-u-felix-CanCreateAtm-bank.one"}, "user_id": {"u-ben"}}
	page := b.follow(b.post(to, crafted))
	if !strings.Contains(page.id("flash"), "Revoked") || g.held("u-felix", "CanCreateAtm", "bank.one") != 0 || g.held("u-ben", "CanGetAnyUser", "") != 1 {
		t.Errorf("%s", page.id("flash"))
	}
	if rows := g.acts(journal.ActRevoke); len(rows) != 1 || len(rows[0].EntitlementIDs()) != 2 || rows[0].Entry.Reason != "left the team" {
		t.Errorf("recorded %+v", rows)
	}
	if a := b.post(to, crafted); a.StatusCode != http.StatusForbidden {
		t.Errorf("not held any more: %d", a.StatusCode)
	}
}

// The catalogue finds by name and by words; a role's page says who holds it;
// a bank's page filters over all of its grants. Each takes one hop.
func TestRolePages(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	page := b.get("/roles?q=reset")
	if n := page.doc.Find(`[data-testid="role-row"]`).Length(); n == 0 || !strings.Contains(page.text("main"), "CanCreateResetPasswordUrl") || strings.Contains(page.text("main"), "CanCreateAtm") {
		t.Errorf("%d rows: %s", n, page.text("main"))
	}
	if page := b.get("/roles?scope=risk"); !strings.Contains(page.id("roles-count"), fmt.Sprintf("%d of ", len(templates.DefaultHighRisk()))) {
		t.Errorf("%s", page.id("roles-count"))
	}
	page = b.get(templates.Role("CanGetAnyUser"))
	if n := page.doc.Find(`[data-testid="holder"]`).Length(); n != 2 || !strings.Contains(page.id("role-requests"), "1 open request") {
		t.Errorf("%d holders: %s", n, page.text("main"))
	}
	if a := b.get(templates.Role("CanFly")); a.StatusCode != 404 {
		t.Errorf("an unknown role: %d", a.StatusCode)
	}
	olga := g.signIn("olga.onebank")
	if a := olga.get(templates.BankRoles(templates.BankRoleQuery{Bank: "bank.one"})); a.StatusCode != 403 || !strings.Contains(a.id("problem"), "CanGetEntitlementsForOneBank") {
		t.Errorf("without the role: %d %s", a.StatusCode, a.text("main"))
	}
}

// Who may read the grants of one bank alone sees who holds a role there.
func TestRoleHoldersAtABank(t *testing.T) {
	w := testWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "list", Role: "CanGetEntitlementsForOneBank", BankID: "bank.one", UserID: "u-olga"},
		sandbox.Entitlement{ID: "other", Role: "CanCreateAtm", BankID: "bank.two", UserID: "u-lena"})
	g := newRigOf(t, w)
	page := g.signIn("olga.onebank").get(templates.Role("CanCreateAtm"))
	if n := page.doc.Find(`[data-testid="holder"]`).Length(); n != 1 || !strings.Contains(page.id("holders-at"), "First Bank") || page.doc.Find(`#holders ~ [data-testid="problem"]`).Length() != 0 {
		t.Errorf("%d holders: %s", n, page.id("role-holders"))
	}
	if page := g.signIn(outsider).get(templates.Role("CanCreateAtm")); !strings.Contains(page.id("role-holders"), "CanGetEntitlementsForAnyUserAtAnyBank") {
		t.Errorf("without any right: %s", page.id("role-holders"))
	}
}

// bankOf gives a bank so many grants.
func bankOf(n int) sandbox.World {
	w := testWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-list", Role: "CanGetEntitlementsForAnyBank", UserID: "u-anna"})
	for i := range n {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Role: []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct"}[i%3],
			BankID: "bank.two", UserID: []string{"u-felix", "u-olga", "u-lena", "u-ben"}[i%4], Created: start})
	}
	return w
}

// bankOfMany gives a bank 5,000 grants to 500 people, none of them twice.
func bankOfMany() sandbox.World {
	w := bankOf(0)
	roles := []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct", "CanCreateCustomer", "CanGetCustomer", "CanCreateFxRate", "CanUpdateBranch", "CanDeleteBranch", "CanCreateWebhook", "CanCreateCounterparty"}
	for i := range 500 {
		u := sandbox.User{UserID: fmt.Sprintf("%08d-0000-4000-8000-0000000000aa", i), Username: fmt.Sprintf("otto.lang.%03d", i), Provider: w.Provider, Validated: true, Password: password}
		u.ProviderID, u.Email = u.Username, u.Username+"@example.com"
		w.Users = append(w.Users, u)
		for k, role := range roles {
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: fmt.Sprintf("%08d-%04d-4000-8000-000000000000", i, k), Role: role, BankID: "bank.two", UserID: u.UserID, Created: start})
		}
	}
	return w
}

// The grants at a bank are filtered over all of them, and a page stays small.
func TestBankRoles(t *testing.T) {
	g := newRigOf(t, bankOf(5000))
	b := g.signIn(admin)
	page := b.get(templates.BankRoles(templates.BankRoleQuery{Bank: "bank.two", Role: "CanCreateAtm"}))
	if n := page.doc.Find(`[data-testid="grant-row"]`).Length(); n != 4 || !strings.Contains(page.id("grants-count"), "4 of 5000") {
		t.Errorf("%d rows, %s", n, page.id("grants-count"))
	}
	if strings.Contains(page.id("grant-row"), outsider) {
		t.Errorf("a name that nobody gave: %s", page.id("grant-row"))
	}
	if !page.has("grants-ids") {
		t.Error("nothing is said of the ids")
	}
	b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because)) // the journal knows him now
	page = b.get(templates.BankRoles(templates.BankRoleQuery{Bank: "bank.two", Text: outsider}))
	if n := page.doc.Find(`[data-testid="grant-row"]`).Length(); n != 3 || strings.Count(page.id("grant-row"), outsider) != 3 || page.has("grants-ids") {
		t.Errorf("by name: %d rows, %s", n, page.id("grant-row"))
	}
}

// BenchmarkBankRoles is the page of 5,000 grants at a bank, with its bytes on
// the wire.
func BenchmarkBankRoles(b *testing.B) {
	g := newRigOf(b, bankOfMany())
	anna := g.signIn(admin)
	anna.header["Accept-Encoding"] = "gzip"
	for name, q := range map[string]templates.BankRoleQuery{"all": {}, "filtered by role": {Role: "CanCreateAtm"}, "filtered by text": {Text: "branch"}} {
		q.Bank = "bank.two"
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			weighs := 0
			for b.Loop() {
				a := anna.get(templates.BankRoles(q))
				if weighs = len(a.body); a.StatusCode != 200 {
					b.Fatal(a.StatusCode)
				}
			}
			b.ReportMetric(float64(weighs), "wire-B")
		})
	}
}
