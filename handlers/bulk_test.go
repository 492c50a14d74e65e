package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func chosen(act string, ids ...string) url.Values { return url.Values{"act": {act}, "id": ids} }

// finishBulk presses Continue until nothing is left to do, and gives the last page.
func finishBulk(t *testing.T, b *browser, a answer) answer {
	t.Helper()
	page := b.follow(a)
	for range 50 {
		to, more := page.doc.Find(`[data-testid="bulk-continue"]`).Attr("action")
		if !more {
			return page
		}
		if a := b.post(to, nil); a.StatusCode == http.StatusSeeOther {
			page = b.follow(a)
		} else {
			return a
		}
	}
	t.Fatal("the bulk never ends")
	return page
}

func states(a answer) string {
	var out []string
	a.doc.Find(`[data-testid="bulk-result"]`).Each(func(_ int, row *goquery.Selection) {
		out = append(out, row.AttrOr("data-state", ""))
	})
	return strings.Join(out, " ")
}

// A bulk lists every row by name first and names those left out; each row is an
// act of its own, bound to the bulk; what is refused is named and the rest done.
func TestBulk(t *testing.T) {
	g := newRig(t, two)
	anna := g.signIn(admin)
	ids := []string{"r-branch", "r-anyuser", "r-held", "r-own", "r-own2", "r-gone", "r-locked", "r-vanished"}
	page := anna.post(templates.BulkPattern, chosen("approve", ids...))
	if n := page.doc.Find(`input[type="hidden"][name="id"]`).Length(); page.StatusCode != 200 || n != 7 {
		t.Fatalf("%d: %d rows: %s", page.StatusCode, n, page.text("main"))
	}
	for _, says := range []string{"takes two people", "your own request", "your e-mail address", "is deleted", "One of those chosen is not open"} {
		if !strings.Contains(page.text("main"), says) {
			t.Errorf("%q is not said: %s", says, page.text("main"))
		}
	}
	if g.writes() != 0 {
		t.Error("a write reached OBP before the confirmation")
	}
	f := chosen("approve", ids...)
	if a := anna.post(templates.BulkStartPattern, f); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	f.Set("reason", because)
	page = finishBulk(t, anna, anna.post(templates.BulkStartPattern, f))
	if got := page.id("bulk-counts"); got != "2 done, 0 failed, 5 left out, 0 to go." {
		t.Errorf("%q: %s", got, states(page))
	}
	if g.open("r-branch") || g.open("r-held") || !g.open("r-locked") || !g.open("r-own") || !g.open("r-anyuser") || !g.open("r-gone") {
		t.Error("the wrong requests are closed")
	}
	if !strings.Contains(page.text("main"), "The person is locked") {
		t.Errorf("the locked row is not named: %s", page.text("main"))
	}
	bulk := g.acts(journal.ActBulk)
	rows := g.acts(journal.ActApprove)
	if len(bulk) != 1 || bulk[0].Result.Outcome != journal.OutcomeDone || len(rows) != 2 {
		t.Fatalf("recorded %+v", bulk)
	}
	for _, row := range rows {
		if row.Entry.ParentID != bulk[0].ActID || row.Entry.ParentKind != journal.ParentBulk || row.Entry.Reason != because {
			t.Errorf("recorded %+v", row.Entry)
		}
	}
	g.intact()
}

// A row that OBP refuses fails alone; declines need text.
func TestBulkOneFails(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	if err := g.obp.SetFault(opClose, sandbox.Fault{Times: 1, Status: 400, Message: "OBP-50000: Unknown Error."}); err != nil {
		t.Fatal(err)
	}
	f := chosen("decline", "r-branch", "r-own", "r-held")
	f.Set("reason_code", "needed")
	if a := anna.post(templates.BulkStartPattern, f); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a decline without text: %d", a.StatusCode)
	}
	f.Set("reason", "a clean-up")
	page := finishBulk(t, anna, anna.post(templates.BulkStartPattern, f))
	if got := page.id("bulk-counts"); got != "2 done, 1 failed, 0 left out, 0 to go." {
		t.Errorf("%q", got)
	}
	if bulk := g.acts(journal.ActBulk); len(bulk) != 1 || bulk[0].Result.Outcome != journal.OutcomePartly {
		t.Errorf("recorded %+v", bulk)
	}
}

// When OBP cannot be read the bulk stands still with its rows to go; it waits
// on the home page for its own operator, goes on from there, and nothing goes
// on by itself.
func TestBulkCutOffAndContinued(t *testing.T) {
	g := newRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if err := g.obp.SetFault(opList, sandbox.Fault{Skip: 2, Status: 503, Message: "unavailable"}); err != nil {
		t.Fatal(err)
	}
	f := chosen("approve", "r-branch", "r-held")
	f.Set("reason", because)
	a := anna.post(templates.BulkStartPattern, f)
	if !a.has("bulk-stopped") || !strings.Contains(a.id("bulk-counts"), "1 to go") && !strings.Contains(a.id("bulk-counts"), "2 to go") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	g.obp.ClearFaults()
	before := g.writes()
	home := anna.get("/")
	if !strings.Contains(home.id("home-unfinished"), "Your bulk was cut off") || g.writes() != before {
		t.Errorf("home: %s", home.text("main"))
	}
	id := g.acts(journal.ActBulk)[0].ActID
	if a := ben.post(templates.BulkGo(id), nil); a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusForbidden {
		t.Errorf("continued by another: %d", a.StatusCode)
	}
	g.advance(6 * time.Minute)
	if a := anna.post(templates.BulkGo(id), nil); !a.has("proof-form") || g.writes() != before {
		t.Errorf("with an old proof: %d", a.StatusCode)
	}
	page := finishBulk(t, anna, anna.post(templates.BulkGo(id), url.Values{proofField: {password}}))
	if got := page.id("bulk-counts"); got != "2 done, 0 failed, 0 left out, 0 to go." || g.open("r-branch") || g.open("r-held") {
		t.Errorf("%q", got)
	}
}

// A row cut off between the grant and its record is found out by reading OBP,
// and granted once.
func TestBulkRowCutOff(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	if err := g.obp.SetFault(opGrant, sandbox.Fault{Cut: "before", Times: 1}); err != nil {
		t.Fatal(err)
	}
	f := chosen("approve", "r-branch")
	f.Set("reason", because)
	page := finishBulk(t, anna, anna.post(templates.BulkStartPattern, f))
	if got := page.id("bulk-counts"); got != "0 done, 1 failed, 0 left out, 0 to go." || !strings.Contains(page.text("main"), "no answer") {
		t.Errorf("%q %s", got, page.text("main"))
	}
	if left, err := g.journal.Unfinished(t.Context(), 0); err != nil || len(left) != 1 {
		t.Errorf("the row's act must stay an alarm: %+v %v", left, err)
	}
	g.advance(2 * obpTimeout)
	if home := anna.get("/"); !strings.Contains(home.id("home-unfinished"), outsider) {
		t.Errorf("home: %s", home.text("main"))
	}
	if a := anna.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Errorf("afterwards: %d", a.StatusCode)
	}
	g.intact()
}

// The rest of a bulk can be left out.
func TestBulkEnd(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	if err := g.obp.SetFault(opList, sandbox.Fault{Skip: 1, Status: 503, Message: "unavailable"}); err != nil {
		t.Fatal(err)
	}
	f := chosen("approve", "r-branch", "r-held")
	f.Set("reason", because)
	anna.post(templates.BulkStartPattern, f)
	g.obp.ClearFaults()
	id := g.acts(journal.ActBulk)[0].ActID
	page := anna.follow(anna.post(templates.BulkEnd(id), nil))
	if got := page.id("bulk-counts"); got != "0 done, 0 failed, 2 left out, 0 to go." || page.has("bulk-continue") || g.writes() != 0 {
		t.Errorf("%q", got)
	}
}

// A session that ends at a bulk says that its rows are chosen anew, and offers
// the reason.
func TestBulkAfterSigningInAgain(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	f := chosen("approve", "r-branch", "r-held")
	f.Set("reason", "Both are new")
	g.fault(opList, sandbox.Fault{Status: 401, Message: "OBP-20001: User not logged in. Authentication is required!"})
	a := anna.post(templates.BulkStartPattern, f)
	g.obp.ClearFaults()
	to := a.Header.Get("Location")
	if !strings.HasPrefix(to, templates.SignInPattern) || g.writes() != 0 {
		t.Fatalf("%d to %s", a.StatusCode, to)
	}
	next, _ := url.Parse(to)
	page := anna.follow(anna.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}, "next": {next.Query().Get("next")}}))
	if page.StatusCode != http.StatusOK || !strings.Contains(page.id("flash"), "Choose the requests again") {
		t.Errorf("%d %s", page.StatusCode, page.id("flash"))
	}
	if sheet := anna.get("/requests/r-branch"); sheet.doc.Find(`[data-fill="Both are new"]`).Length() == 0 {
		t.Errorf("the reason is not offered: %s", sheet.text("#sheet"))
	}
}
