package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// From a role's or a bank's page the person is found first; what was typed
// never stands in an address, and the grant's form is preset.
func TestGrantTo(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	if page := b.get(templates.Role("CanCreateBranch")); page.doc.Find(`[data-testid="role-grant"]`).AttrOr("href", "") != templates.GrantTo("CanCreateBranch", "") {
		t.Errorf("%s", page.text("main"))
	}
	for _, x := range []struct{ role, bank, says, back string }{
		{"CanCreateBranch", "", "Create branches. Find", templates.Role("CanCreateBranch")},
		{"CanCreateBranch", "bank.one", "Create branches, First Bank. Find", templates.Role("CanCreateBranch")},
		{"", "bank.one", "Roles at First Bank. Find", "/banks/bank.one/roles"},
		{"", "", "Find the person first.", templates.RolesPattern},
	} {
		page := b.get(templates.GrantTo(x.role, x.bank))
		if back, _ := page.doc.Find("main .bar a").Attr("href"); back != x.back || !strings.Contains(page.text("label[for=q]"), x.says) {
			t.Errorf("%+v: %q, back to %s", x, page.text("label[for=q]"), back)
		}
	}
	to := templates.GrantTo("CanCreateBranch", "bank.one")
	a := b.post(to, url.Values{"q": {outsider}})
	if got := a.Header.Get("Location"); got != templates.Grant("u-felix", "CanCreateBranch", "bank.one") {
		t.Fatalf("%d to %q: %s", a.StatusCode, got, a.text("main"))
	}
	page := b.follow(a)
	if page.doc.Find(`#role [checked]`).AttrOr("value", "") != "CanCreateBranch" {
		t.Error("the role is not preset")
	}
	for value, says := range map[string]string{"CanCreateAtm": "held: First Bank", "CanDeleteUser": "high risk"} {
		page := b.post(templates.Grant("u-felix", "", ""), url.Values{"do": {"find"}, "find": {value}})
		if text := page.text(`[data-testid="role-choice"]:has([value="` + value + `"])`); !strings.Contains(text, says) || g.writes() != 0 {
			t.Errorf("%s: %q", value, text)
		}
	}
	if a := b.post(to, url.Values{"q": {"nobody.here"}}); !a.has("found-none") {
		t.Errorf("nobody: %d %s", a.StatusCode, a.text("main"))
	}
	if a := b.post(to, nil); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nothing typed: %d", a.StatusCode)
	}
}

// Copying shows the difference first, high-risk roles not ticked, and grants
// only what the other person holds: a crafted role is refused and recorded.
func TestCopyRoles(t *testing.T) {
	g := newRig(t, two)
	b := g.signIn(admin)
	pick := b.follow(b.post(templates.Copy("u-felix", ""), url.Values{"q": {"ben.second"}}))
	ticked := func(page answer) (out []string) {
		page.doc.Find(`[data-testid="copy-item"] input[checked]`).Each(func(_ int, s *goquery.Selection) { out = append(out, s.AttrOr("value", "")) })
		return out
	}
	n := pick.doc.Find(`[data-testid="copy-item"]`).Length()
	if got := fmt.Sprint(ticked(pick)); n != 6 || got != "[CanDeleteEntitlementRequestsAtAnyBank@ CanGetEntitlementRequestsAtAnyBank@]" {
		t.Fatalf("%d rows, ticked %s", n, got)
	}
	to := templates.Copy("u-felix", "u-ben")
	for name, f := range map[string]url.Values{
		"a role that is not held": {"copy": {"CanCreateBank@"}, "reason": {because}},
		"at another scope":        {"copy": {"CanGetAnyUser@bank.one"}, "reason": {because}},
	} {
		if a := b.post(to, f); a.StatusCode != http.StatusForbidden || g.writes() != 0 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 2 || rows[0].Entry.Rule != string(RuleWrongScope) {
		t.Errorf("recorded %+v", rows)
	}
	if a := b.post(templates.Copy("u-anna2", "u-ben"), url.Values{"copy": {"CanGetAnyUser@"}, "reason": {because}}); a.StatusCode != http.StatusForbidden || g.writes() != 0 || g.acts(journal.ActRefused)[0].Entry.Rule != string(RuleOwnGrant) {
		t.Errorf("to oneself: %d", a.StatusCode)
	}
	if a := b.post(to, url.Values{"copy": {"CanGetAnyUser@"}}); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	a := b.post(to, url.Values{"copy": {"CanGetAnyUser@", "CanGetEntitlementRequestsAtAnyBank@"}, "reason": {because}})
	if !strings.Contains(a.id("result-row"), "one of two") || g.held("u-felix", "CanGetEntitlementRequestsAtAnyBank", "") != 1 || g.held("u-felix", "CanGetAnyUser", "") != 0 {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
}

// What waits for a second person has a page and stands on the home page; a
// puppet and the first person are told why they are no second; it can be
// withdrawn.
func TestApprovalsPage(t *testing.T) {
	g := newRig(t, two)
	anna := g.signIn(admin)
	anna.post(templates.Grant("u-olga", "", ""), grantForm("CanCreateBank", "", because)) // not high risk
	to, f := templates.Grant("u-felix", "", ""), grantForm("CanDeleteUser", "", because)
	anna.post(to, f)
	ben := g.signIn("ben.second")
	if page := ben.get("/"); !strings.Contains(page.id("home-second"), outsider) {
		t.Errorf("home: %s", page.id("home-second"))
	}
	page := ben.get(templates.ApprovalsPattern)
	if row := page.id("approvals-open"); !strings.Contains(row, outsider) || page.doc.Find(`[data-testid="approval-go"]`).AttrOr("href", "") != templates.Grant("u-felix", "CanDeleteUser", "") {
		t.Errorf("%s", row)
	}
	if page := ben.get(templates.Grant("u-felix", "CanDeleteUser", "")); !strings.Contains(page.id("grant-first"), because) {
		t.Errorf("the form does not say who was first: %s", page.text("main"))
	}
	if page := anna.get(templates.ApprovalsPattern); !page.has("approval-why") || page.has("approval-go") {
		t.Errorf("the first person: %s", page.id("approvals-open"))
	}
	action := anna.get(templates.ApprovalsPattern).doc.Find(`[data-testid="withdraw"]`).Parent().AttrOr("action", "")
	if page := anna.follow(anna.post(action, nil)); !strings.Contains(page.id("approvals-past"), "withdrawn") || page.has("approval-go") {
		t.Errorf("withdrawn: %s", page.text("main"))
	}
	if page := g.signIn(outsider).get(templates.ApprovalsPattern); page.has("approval-row") {
		t.Error("shown to who cannot grant")
	}
}

// Whoever got the right to approve from two people is no second person of
// either of them.
func TestPuppetOfEither(t *testing.T) {
	g := newRig(t, two)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	for _, b := range []*browser{anna, ben} {
		b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateEntitlementAtAnyBank CanGetAnyUser", "", because))
	}
	if g.held("u-felix", "CanCreateEntitlementAtAnyBank", "") != 1 {
		t.Fatal("felix is no approver")
	}
	for i, first := range []*browser{anna, ben} {
		person := []string{"u-olga", "u-lena"}[i]
		f := grantForm("CanDeleteUser", "", because)
		f.Set("tick", "1")
		first.post(templates.Grant(person, "", ""), f)
		a := g.signIn(outsider).post(templates.Grant(person, "", ""), f)
		if g.held(person, "CanDeleteUser", "") != 0 || !strings.Contains(a.text("main"), "do not count as a second person") {
			t.Errorf("%s: %d %s", person, a.StatusCode, a.text("main"))
		}
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 2 || rows[0].Entry.Rule != string(RuleSecondPuppet) {
		t.Errorf("recorded %+v", rows)
	}
}

// A grant takes one call after the read.
func TestGrantCalls(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	b.get(templates.Grant("u-felix", "", "")) // roles and banks are kept from now on
	before := g.obp.Calls()
	b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because))
	made := map[string]int64{}
	for op, n := range g.obp.Calls() {
		if n > before[op] {
			made[strings.Replace(op, "/obp/v5.0.0", "", 1)] = n - before[op]
		}
	}
	if len(made) != 2 || made[opUser] != 1 || made[opGrant] != 1 {
		t.Errorf("calls: %v", made)
	}
}

// The pages of roles take one hop; the catalogue asks for the roles once.
func TestRoleHops(t *testing.T) {
	for _, c := range []struct {
		target string
		ops    []string
	}{
		{"/roles", []string{"GET /roles", "GET /banks", "GET /users/current/user_id"}},
		{templates.Role("CanGetAnyUser"), []string{"GET /roles", "GET /banks", "GET /entitlements", opList}},
		{templates.BankRoles(templates.BankRoleQuery{Bank: "bank.one"}), []string{"GET /banks/{BANK_ID}/entitlements", "GET /banks"}},
		{templates.UserBankRoles("bank.one", "u-felix"), []string{"GET /banks/{BANK_ID}/users/{USER_ID}/entitlements", "GET /banks"}},
		{templates.Grant("u-felix", "", ""), []string{opUser, "GET /roles", "GET /banks"}},
		{templates.Revoke("u-felix", "CanCreateAtm", "bank.one"), []string{opUser, "GET /banks"}},
		{templates.Leaver("u-felix"), []string{opUser, opReqs, "GET /banks", opAccess}},
	} {
		t.Run(c.target, func(t *testing.T) {
			w := testWorld()
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "list", Role: "CanGetEntitlementsForAnyBank", UserID: "u-anna"})
			g := newRigOf(t, w)
			oneHop(t, g, g.signIn(admin), c.target, c.ops...)
		})
	}
	g := newRig(t)
	b := g.signIn(admin)
	for range 3 {
		b.get("/roles")
	}
	if n := g.obp.Calls()["GET /obp/v5.0.0/roles"] + g.obp.Calls()["GET /roles"]; n != 1 {
		t.Errorf("the roles were asked for %d times", n)
	}
}

// A leaver's rows are taken away at most four side by side, in their order,
// each with its result.
func TestLeaverSideBySide(t *testing.T) {
	w := testWorld()
	f := url.Values{"reason": {"left the bank"}}
	for i := range 5 {
		id := fmt.Sprintf("e-%d", i)
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: id, Role: []string{"CanCreateBranch", "CanCreateProduct", "CanCreateFxRate"}[i%3], BankID: []string{"bank.one", "bank.two"}[i/3], UserID: "u-felix", Created: start})
		f.Add("item", id)
	}
	f.Add("item", "r-branch")
	g := newRigOf(t, w)
	b := g.signIn(admin)
	var chosen []string
	b.get(templates.Leaver("u-felix")).doc.Find(`[data-testid="leaver-item"]`).Each(func(_ int, s *goquery.Selection) {
		if id := s.Find("input").AttrOr("value", ""); slices.Contains(f["item"], id) {
			end := " done"
			if id == "r-branch" {
				end = " failed"
			}
			words := s.Find("span").First().Clone()
			words.Find(".t").Remove()
			chosen = append(chosen, strings.Join(strings.Fields(words.Text()), " ")+end)
		}
	})
	g.fault(opClose, sandbox.Fault{Status: 400, Message: "OBP-50005: An unspecified or internal error occurred."})
	if err := g.obp.SetFault(opRevoke, sandbox.Fault{Hold: "before", Times: 4}); err != nil {
		t.Fatal(err)
	}
	got := make(chan answer, 1)
	go func() { got <- b.post(templates.Leaver("u-felix"), f) }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := g.obp.WaitHeld(ctx, opRevoke, "before", 4); err != nil {
		t.Fatalf("not four side by side: %v", err)
	}
	if n := g.writes(); n != 4 {
		t.Errorf("%d are under way at once", n)
	}
	g.obp.Release("")
	page := finishBulk(t, b, <-got)
	if page.id("bulk-counts") != "5 done, 1 failed, 0 left out, 0 to go." {
		t.Errorf("%s", page.id("bulk-counts"))
	}
	var rows []string
	page.doc.Find(`[data-testid="bulk-result"]`).Each(func(_ int, s *goquery.Selection) {
		what, scope, _ := strings.Cut(strings.TrimSpace(s.Find("small").First().Text()), ", ")
		rows = append(rows, what+" "+scope+" "+s.AttrOr("data-state", ""))
	})
	if d := cmp.Diff(chosen, rows); d != "" {
		t.Error(d)
	}
	if !g.open("r-branch") {
		t.Error("the row that failed is gone")
	}
	g.intact()
}

// The page of 5,000 grants at a bank, and a filter of it, stays within what one
// page may weigh.
func TestBankRolesWeigh(t *testing.T) {
	g := newRigOf(t, bankOfMany())
	b := g.signIn(admin)
	b.header["Accept-Encoding"] = "gzip"
	for _, q := range []templates.BankRoleQuery{{}, {Page: 200}, {Role: "CanCreateAtm"}, {Text: "branch"}} {
		q.Bank = "bank.two"
		if a := b.get(templates.BankRoles(q)); a.StatusCode != 200 || len(a.body) > 14_600 || a.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%+v: %d, %d bytes, encoded %q", q, a.StatusCode, len(a.body), a.Header.Get("Content-Encoding"))
		}
	}
}
