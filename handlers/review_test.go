package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

const opAllEnts = "GET /entitlements"

// begin signs a baseline of a scope, or begins a review of it, and gives its
// address.
func (b *browser) begin(do, scope string) string {
	b.g.t.Helper()
	a := b.post(templates.ReviewsPattern, url.Values{"scope": {scope}, "do": {do}})
	if a.StatusCode != http.StatusSeeOther {
		b.g.t.Fatalf("%s of %s: %d %s", do, scope, a.StatusCode, a.text("main"))
	}
	return a.Header.Get("Location")
}

// row finds a review's row by person and role.
func (a answer) row(person, role string) (pos string, found *goquery.Selection) {
	found = a.doc.Find(`[data-testid="review-row"]`).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Contains(s.Text(), person) && strings.Contains(s.Text(), role)
	})
	return found.AttrOr("data-pos", ""), found
}

// direct is OBP without the console.
func (g *rig) direct(name string) *obp.API {
	g.t.Helper()
	cred, err := g.srv.OBP.SignIn(g.t.Context(), name, password)
	if err != nil {
		g.t.Fatal(err)
	}
	return g.srv.OBP.As(cred)
}

func many(d *Deps) { d.Settings.RowsPerPage = 100 }

// A review is begun, left, continued by another and signed off. What is new
// since the baseline and not through this console, and what is gone and not
// through it, stands apart; what came through the console names who approved.
func TestReview(t *testing.T) {
	g := newRig(t, many)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if a := anna.post(templates.ReviewsPattern, url.Values{"scope": {"all"}, "do": {"begin"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.id("field-error"), "No baseline") {
		t.Fatalf("without a baseline: %d %s", a.StatusCode, a.text("main"))
	}
	if page := anna.get(anna.begin("baseline", "all")); !strings.Contains(page.text("main"), "This is a baseline") || page.has("review-sign-go") {
		t.Errorf("%s", page.text("main"))
	}
	behind := g.direct("ben.second")
	if _, err := behind.CreateEntitlement(t.Context(), "u-lena", "CanCreateProduct", "bank.two"); err != nil {
		t.Fatal(err)
	}
	if err := behind.DeleteEntitlement(t.Context(), "u-olga", heldID(g, "u-olga", "CanCreateEntitlementAtOneBank", "bank.one")); err != nil {
		t.Fatal(err)
	}
	anna.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because))
	to := anna.begin("begin", "all")
	page := anna.get(to)
	if gone := page.id("review-gone"); !strings.Contains(gone, "olga.onebank") {
		t.Errorf("gone: %q", gone)
	}
	if alone := anna.get(to + "?show=new"); !strings.Contains(page.id("review-new"), "One grant is new") || alone.doc.Find(`[data-testid="review-row"]`).Length() != 1 || !strings.Contains(alone.id("review-row"), "lena.locked") {
		t.Errorf("new: %q, alone: %s", page.id("review-new"), alone.text("#review"))
	}
	pos, row := page.row("lena.locked", "CanCreateProduct")
	if !strings.Contains(row.Text(), "not through this console") || row.Find("input").Length() != 0 || pos != "0" {
		t.Errorf("row %s: %s", pos, row.Text())
	}
	if _, row := page.row(outsider, "CanCreateBranch"); !strings.Contains(row.Text(), admin) {
		t.Errorf("who approved is not said: %s", row.Text())
	}
	keep := to + "/keep"
	if a := anna.post(keep, url.Values{"row": {pos}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("a flagged row in a group: %d", a.StatusCode)
	}
	if a := anna.post(to+"/rows/"+pos, url.Values{"do": {"keep"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a flagged row without a reason: %d", a.StatusCode)
	}
	if page := anna.follow(anna.post(to+"/rows/"+pos, url.Values{"do": {"revoke"}, "reason": {"nobody knows it"}})); !strings.Contains(page.id("flash"), "Revoked") || g.held("u-lena", "CanCreateProduct", "bank.two") != 0 {
		t.Errorf("revoke: %s", page.id("flash"))
	}
	anna.post(keep, url.Values{"all": {"1"}})
	decideAll(t, anna, to)
	page = anna.get(to)
	if !strings.Contains(page.id("review-sign-why"), "your own") {
		t.Errorf("%s", page.id("review-sign-why"))
	}
	if a := anna.post(to+"/rows/"+ownRow(t, page), url.Values{"do": {"keep"}, "reason": {"mine"}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("one's own row: %d", a.StatusCode)
	}
	decideAll(t, ben, to)
	if a := ben.get(to); !strings.Contains(a.id("review-counts"), " 0 of ") {
		t.Fatalf("%s", a.id("review-counts"))
	}
	page = ben.follow(ben.post(to+"/sign", url.Values{"reason": {"looked at all"}}))
	if !strings.Contains(page.id("review-result"), "ben.second") || page.doc.Find(`[data-testid="print-row"]`).Length() == 0 {
		t.Errorf("%s", page.id("review-result"))
	}
	if a := anna.post(keep, url.Values{"all": {"1"}}); !strings.Contains(anna.follow(a).id("flash"), "Nothing was kept") {
		t.Error("a signed review changes")
	}
	csv := ben.post(templates.ExportReviewPattern, url.Values{"id": {strings.TrimPrefix(to, "/reviews/")}})
	if csv.StatusCode != 200 || !strings.Contains(csv.body, ",,,outside,revoked,"+admin) || !strings.Contains(csv.body, "gone") || len(g.acts(journal.ActExport)) != 1 {
		t.Errorf("%d %s", csv.StatusCode, csv.body)
	}
	for _, act := range []journal.Act{ActBaseline, ActReview, "review_sign"} {
		if len(g.acts(act)) != 1 {
			t.Errorf("%s is recorded %d times", act, len(g.acts(act)))
		}
	}
	g.intact()
}

// decideAll keeps with a reason every row that the reviewer may decide.
func decideAll(t *testing.T, b *browser, to string) {
	t.Helper()
	page := b.get(to)
	page.doc.Find(`[data-testid="review-decide"]`).Each(func(_ int, s *goquery.Selection) {
		if a := b.post(s.AttrOr("href", ""), url.Values{"do": {"keep"}, "reason": {"still needed"}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d %s", s.AttrOr("href", ""), a.StatusCode, a.text("main"))
		}
	})
}

func ownRow(t *testing.T, page answer) string {
	t.Helper()
	pos, _ := page.row(admin, "CanGetAnyUser")
	if pos == "" {
		t.Fatalf("no row of one's own: %s", page.text("main"))
	}
	return pos
}

// Two reviewers who keep the same rows at once do not step on each other: each
// row is decided once.
func TestReviewTwoAtOnce(t *testing.T) {
	w := testWorld()
	for _, role := range []string{"CanCreateBranch", "CanCreateProduct", "CanCreateFxRate"} {
		for _, u := range []string{"u-felix", "u-olga", "u-lena"} {
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: role + u, Role: role, BankID: "bank.two", UserID: u, Created: start})
		}
	}
	g := newRigOf(t, w, many)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	anna.begin("baseline", "all")
	to := anna.begin("begin", "bank:bank.two")
	var all sync.WaitGroup
	for _, b := range []*browser{anna, ben} {
		all.Go(func() { b.post(to+"/keep", url.Values{"all": {"1"}}) })
	}
	all.Wait()
	kept := map[string]int{}
	for _, row := range g.acts(ActReviewKeep) {
		for pos := range strings.SplitSeq(row.Entry.Details["rows"], ",") {
			if kept[pos]++; kept[pos] > 1 {
				t.Errorf("row %s was kept twice", pos)
			}
		}
	}
	if len(kept) != 9 {
		t.Errorf("%d rows were kept", len(kept))
	}
	g.intact()
}

// One orphaned grant makes GET /entitlements fail whole: the lists by bank
// stand in, and what could not be read is said.
func TestReviewFallsBack(t *testing.T) {
	g := newRigOf(t, bankOf(8), many)
	b := g.signIn(admin)
	b.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because)) // the journal knows him now
	if err := g.obp.SetFault(opAllEnts, sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error."}); err != nil {
		t.Fatal(err)
	}
	page := b.get(b.begin("baseline", "all"))
	if _, row := page.row(outsider, "CanCreateAtm"); row.Length() == 0 {
		t.Errorf("the lists by bank name nobody, the journal does: %s", page.text("#review"))
	}
	if !strings.Contains(page.id("review-unread"), "System") || page.doc.Find(`[data-testid="review-row"]`).Length() < 8 {
		t.Errorf("%s", page.text("main"))
	}
	if a := b.post(templates.ReviewsPattern, url.Values{"scope": {"system"}, "do": {"baseline"}}); a.StatusCode < 500 {
		t.Errorf("system roles: %d", a.StatusCode)
	}
}

// With one orphaned grant of a system role all other system roles are in the
// review, and the one role that is not is named; what it holds is not taken
// for gone.
func TestReviewOfSystemRolesFallsBack(t *testing.T) {
	w := testWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-felix-lock", Role: "CanLockUser", UserID: "u-felix", Created: start})
	g := newRigOf(t, w, many)
	b := g.signIn(admin)
	b.begin("baseline", "system")
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-orphan", Role: "CanLockUser", UserID: "u-nobody", Created: start})
	b = newRigOf(t, w, many, func(d *Deps) { d.Journal = g.journal }).signIn(admin) // the same record, and a grant of nobody at OBP
	page := b.get(b.begin("begin", "system"))
	if got := page.id("review-unread"); !strings.Contains(got, "CanLockUser") || strings.Contains(got, "System") {
		t.Errorf("not read: %q", got)
	}
	if _, row := page.row("ben.second", "CanGetAnyUser"); row.Length() != 1 {
		t.Errorf("another system role: %s", page.text("main"))
	}
	if _, row := page.row(outsider, "CanLockUser"); row.Length() != 0 || page.has("review-gone") {
		t.Errorf("the role that was not read: %s", page.text("main"))
	}
}

// What a baseline could not read is not taken for new when it is read later.
func TestReviewOfABaselineWithGaps(t *testing.T) {
	g := newRigOf(t, bankOf(8), many)
	b := g.signIn(admin)
	g.fault(opAllEnts, sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error."})
	b.begin("baseline", "all")
	g.obp.ClearFaults()
	page := b.get(b.begin("begin", "all"))
	if _, row := page.row("ben.second", "CanGetAnyUser"); !strings.Contains(row.Text(), "no approval on record") || page.has("review-new") {
		t.Errorf("%s: %s", page.id("review-new"), row.Text())
	}
}

// An open review stands on the first page of those who may see it.
func TestOpenReviewOnTheFirstPage(t *testing.T) {
	g := newRig(t, many)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	anna.begin("baseline", "all")
	if page := ben.get("/"); page.has("home-reviews") {
		t.Errorf("a baseline waits for nobody: %s", page.id("home-reviews"))
	}
	to := anna.begin("begin", "all")
	if page := ben.get("/"); page.doc.Find(`[data-testid="home-reviews"] a`).AttrOr("href", "") != to || !strings.Contains(page.id("home-reviews"), admin) {
		t.Errorf("%s", page.text("main"))
	}
	if page := g.signIn(outsider).get("/"); page.has("home-reviews") {
		t.Error("shown to who may not see it")
	}
}

// A review's pages are shown to who may read the grants alone (security 16).
func TestReviewRights(t *testing.T) {
	g := newRig(t, many)
	to := g.signIn(admin).begin("baseline", "all")
	felix := g.signIn(outsider)
	for _, target := range []string{to, to + "/print", to + "/rows/0"} {
		if a := felix.get(target); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
	}
	for _, target := range []string{"/keep", "/rows/0", "/sign"} {
		if a := felix.post(to+target, url.Values{"row": {"0"}, "reason": {"x"}, "do": {"revoke"}}); a.StatusCode != http.StatusNotFound || g.writes() != 0 {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
	}
	if page := felix.get("/reviews"); page.has("review-link") {
		t.Error("the list names it")
	}
}

// The evidence of a role names every act about it with the numbers and hashes
// of its entries: asked, approved, reviewed, revoked.
func TestEvidence(t *testing.T) {
	g := newRig(t, many)
	anna := g.signIn(admin)
	g.signIn(outsider).post(templates.AskRolePattern, url.Values{"role": {"CanCreateBranch"}, "bank": {"bank.two"}})
	anna.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.two", because))
	anna.begin("baseline", "all")
	anna.post(templates.Revoke("u-felix", "CanCreateBranch", "bank.two"), url.Values{"reason": {"moved on"}, "entitlement": {heldID(g, "u-felix", "CanCreateBranch", "bank.two")}})
	page := anna.get(templates.Evidence("u-felix", "CanCreateBranch", "bank.two"))
	var acts []string
	page.doc.Find(`[data-testid="evidence-row"]`).Each(func(_ int, s *goquery.Selection) { acts = append(acts, s.AttrOr("data-act", "")) })
	if got := strings.Join(acts, " "); got != "ask_role grant baseline revoke" || !strings.Contains(page.id("evidence-now"), "not held") || !strings.Contains(page.text("main"), "moved on") {
		t.Errorf("%s: %s", got, page.text("main"))
	}
	if act := anna.get(templates.JournalAct(g.acts(journal.ActRevoke)[0].ActID)); act.doc.Find(`[data-testid="act-link"][href="`+templates.Evidence("u-felix", "CanCreateBranch", "bank.two")+`"]`).Length() != 1 {
		t.Errorf("the record of what is no longer held leads nowhere: %s", act.text("main"))
	}
	n, hash := g.journal.Head()
	if last := page.doc.Find(`[data-testid="evidence-entry"]`).Last().Text(); !strings.Contains(last, hash) || !strings.Contains(last, strconv.FormatInt(n, 10)) {
		t.Errorf("the last entry is %d %s, shown: %s", n, hash, last)
	}
	if page := g.signIn(outsider).get(templates.Evidence("u-felix", "CanCreateBranch", "bank.two")); strings.Contains(page.text("main"), because) {
		t.Error("a reason is shown to who may not read it")
	}
}

func heldID(g *rig, user, role, bank string) string {
	for _, e := range g.obp.World().Entitlements {
		if e.UserID == user && e.Role == role && e.BankID == bank {
			return e.ID
		}
	}
	return ""
}

// Two who begin a review of one scope at once get the same one.
func TestReviewBegunOnce(t *testing.T) {
	g := newRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	anna.begin("baseline", "all")
	const list = "GET /entitlements"
	g.fault(list, sandbox.Fault{Hold: "before"})
	begin := url.Values{"scope": {"all"}, "do": {"begin"}}
	answers := make(chan answer, 2)
	for _, b := range []*browser{anna, ben} {
		go func() { answers <- b.post(templates.ReviewsPattern, begin) }()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := g.obp.WaitHeld(ctx, list, "before", 1); err != nil {
		t.Fatal(err)
	}
	g.obp.ClearFaults()
	if a, b := <-answers, <-answers; a.Header.Get("Location") != b.Header.Get("Location") || a.StatusCode != http.StatusSeeOther {
		t.Errorf("%d %s and %d %s: %s", a.StatusCode, a.Header.Get("Location"), b.StatusCode, b.Header.Get("Location"), a.text("main")+b.text("main"))
	}
	if n := len(g.acts(ActReview)); n != 1 {
		t.Errorf("%d reviews", n)
	}
}
