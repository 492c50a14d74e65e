package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

// Without CanGetAnyUser the person's state is not known, which needs a tick.
func TestUnknownState(t *testing.T) {
	w := testWorld()
	for i, e := range w.Entitlements {
		if e.UserID == "u-anna" && e.Role == "CanGetAnyUser" {
			w.Entitlements = append(w.Entitlements[:i], w.Entitlements[i+1:]...)
			break
		}
	}
	g := newRigOf(t, w)
	anna := g.signIn(admin)
	page := anna.get("/requests/r-branch?u=u-felix&b=bank.one")
	if s := page.id("sheet-state"); !strings.Contains(s, "not known") || !strings.Contains(s, "CanGetAnyUser") || !page.has("tick") {
		t.Errorf("state %q", s)
	}
	if a := anna.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without the tick: %d", a.StatusCode)
	}
	if a := anna.post("/requests/r-gone/approve", url.Values{"reason": {because}, "tick": {"1"}}); a.StatusCode != 403 {
		t.Errorf("a scrambled user name is a deleted person: %d", a.StatusCode)
	}
	if a := anna.post("/requests/r-branch/approve", url.Values{"reason": {because}, "tick": {"1"}}); a.StatusCode != http.StatusSeeOther || g.open("r-branch") {
		t.Errorf("with the tick: %d", a.StatusCode)
	}
}

// fault is one break of the way, and what has to be true afterwards.
type fault struct {
	name    string
	op      string
	f       sandbox.Fault
	status  int
	outcome journal.Outcome
	granted int
	open    bool
	says    string // on the page that the browser ends on
	retry   bool   // the alarm's button finishes it afterwards
}

// Each step fails in each way: at most one grant, the request is never lost
// without one, the page says what is true, the journal has it, and pressing
// again finishes it (security 19).
func TestEveryBreak(t *testing.T) {
	refusal := sandbox.Fault{Status: 400, Message: "OBP-50000: Unknown Error."}
	for _, c := range []fault{
		{"grant refused", opGrant, refusal, 400, journal.OutcomeFailed, 0, true, "The role was not given and the request stays open", false},
		{"grant not allowed", opGrant, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank"}, 403, journal.OutcomeFailed, 0, true, "CanCreateEntitlementAtAnyBank", false},
		{"grant cut before", opGrant, sandbox.Fault{Cut: "before"}, 200, journal.OutcomeUnknown, 0, true, "no answer", true},
		{"grant cut after", opGrant, sandbox.Fault{Cut: "after"}, 200, journal.OutcomeDone, 1, false, "Approved", false},
		{"grant answered with HTML, applied", opGrant, sandbox.Fault{Junk: "html", Applied: true}, 200, journal.OutcomeDone, 1, false, "Approved", false},
		{"grant answered with HTML, not applied", opGrant, sandbox.Fault{Junk: "html"}, 200, journal.OutcomeUnknown, 0, true, "no answer", true},
		{"grant answered 502, applied", opGrant, sandbox.Fault{Status: 502, Message: "bad gateway", Applied: true}, 200, journal.OutcomeDone, 1, false, "Approved", false},
		{"grant answered after the time-out, applied", opGrant, sandbox.Fault{Hold: "before"}, 200, journal.OutcomeUnknown, 1, true, "no answer", true},
		{"close refused", opClose, refusal, 200, journal.OutcomeGrantedNotClosed, 1, true, "Granted, not closed", true},
		{"close not allowed", opClose, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanDeleteEntitlementRequestsAtAnyBank"}, 200, journal.OutcomeGrantedNotClosed, 1, true, "Granted, not closed", true},
		{"close false", opClose, sandbox.Fault{False: true}, 200, journal.OutcomeGrantedNotClosed, 1, true, "Granted, not closed", true},
		{"close false, applied", opClose, sandbox.Fault{False: true, Applied: true}, 200, journal.OutcomeDone, 1, false, "Approved", false},
		{"close cut before", opClose, sandbox.Fault{Cut: "before"}, 200, journal.OutcomeGrantedNotClosed, 1, true, "Granted, not closed", true},
		{"close cut after", opClose, sandbox.Fault{Cut: "after"}, 200, journal.OutcomeDone, 1, false, "Approved", false},
		{"close of a request that is gone", opClose, sandbox.Fault{Status: 400, Message: "OBP-50200: Connector cannot return the data we requested. <- OBP-30215: EntitlementRequestId not found", Applied: true}, 200, journal.OutcomeDone, 1, false, "Approved", false},
	} {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); breakOnce(t, c) })
	}
}

func breakOnce(t *testing.T, c fault) {
	g := newRig(t)
	anna := g.signIn(admin)
	c.f.Times = 1
	if err := g.obp.SetFault(c.op, c.f); err != nil {
		t.Fatal(err)
	}
	a := anna.post("/requests/r-branch/approve", reason(because))
	page := a
	if c.status == 200 {
		page = anna.follow(a)
	} else if a.StatusCode != c.status {
		t.Errorf("status %d, want %d", a.StatusCode, c.status)
	}
	if c.f.Hold != "" { // it is applied long after the client hung up
		g.obp.Release(c.op)
		waitUntil(t, func() bool { return g.held("u-felix", "CanCreateBranch", "bank.one") == 1 })
	}
	if n := g.held("u-felix", "CanCreateBranch", "bank.one"); n != c.granted {
		t.Errorf("granted %d times, want %d", n, c.granted)
	}
	if g.open("r-branch") != c.open {
		t.Errorf("request open: %v, want %v", g.open("r-branch"), c.open)
	}
	if !strings.Contains(page.text("body"), c.says) {
		t.Errorf("%q is not said: %s", c.says, page.text("main"))
	}
	rows := g.acts(journal.ActApprove)
	if len(rows) != 1 || rows[0].Result.Outcome != c.outcome {
		t.Fatalf("recorded %+v", rows)
	}
	if c.open {
		finish(t, g, anna, c)
	}
	if n := g.obp.Calls()["POST /obp/v5.0.0/users/{USER_ID}/entitlements"]; c.granted == 1 && n != 1 && !c.retry {
		t.Errorf("%d grants were sent", n)
	}
	g.intact()
}

// finish presses on after a break, as the operator would.
func finish(t *testing.T, g *rig, anna *browser, c fault) {
	g.advance(2 * obpTimeout)
	sheet := anna.get("/requests/r-branch?u=u-felix&b=bank.one")
	to := "/requests/r-branch/approve"
	if sheet.has("close-form") {
		to = "/requests/r-branch/close"
	}
	if home := anna.get("/"); c.retry && !strings.Contains(home.text("main"), "felix.fresh") {
		t.Errorf("no alarm on the home page: %s", home.text("main"))
	}
	if a := anna.post(to, reason(because)); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s: %d %s", to, a.StatusCode, a.text("main"))
	}
	if g.held("u-felix", "CanCreateBranch", "bank.one") != 1 || g.open("r-branch") {
		t.Errorf("after pressing again: held %d, open %v", g.held("u-felix", "CanCreateBranch", "bank.one"), g.open("r-branch"))
	}
	left, err := g.journal.Unfinished(t.Context(), 0)
	if err != nil || len(left) != 0 {
		t.Errorf("%d acts are left open: %+v %v", len(left), left, err)
	}
}

// waitUntil looks again and again, for the test's own deadline at most.
func waitUntil(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("it never came")
		}
	}
}

// An unanswered grant may still be applied: none is sent again before OBP's
// time-out has passed, and then the read-back decides.
func TestNoSecondGrantBeforeTheTimeout(t *testing.T) {
	g := newRig(t)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if err := g.obp.SetFault(opGrant, sandbox.Fault{Cut: "before", Times: 1}); err != nil {
		t.Fatal(err)
	}
	anna.post("/requests/r-branch/approve", reason(because))
	for _, b := range []*browser{anna, ben} {
		a := b.post("/requests/r-branch/approve", reason(because))
		if a.StatusCode != http.StatusConflict || a.Header.Get("Retry-After") != "2" || !strings.Contains(a.text("main"), "possible again in 2 seconds") {
			t.Errorf("%d, Retry-After %q: %s", a.StatusCode, a.Header.Get("Retry-After"), a.text("main"))
		}
	}
	if n := g.obp.Calls()["POST /obp/v5.0.0/users/{USER_ID}/entitlements"]; n != 1 {
		t.Errorf("%d grants were sent", n)
	}
	g.advance(obpTimeout)
	if a := ben.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Errorf("afterwards: %d %s", a.StatusCode, a.text("main"))
	}
}

// Fifty approvals at once, the server's race wide open: one grant, one
// outcome, and the others are told (security 20).
func TestFiftyAtOnce(t *testing.T) {
	g := newRig(t)
	g.obp.SetRace(30 * time.Millisecond)
	people := []*browser{g.signIn(admin), g.signIn("ben.second")}
	codes := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			b := *people[i%2]
			a := b.post("/requests/r-branch/approve", reason(because))
			mu.Lock()
			defer mu.Unlock()
			codes[a.StatusCode]++
			if a.StatusCode == http.StatusConflict && !strings.Contains(a.text("main"), admin) && !strings.Contains(a.text("main"), "ben.second") && !strings.Contains(a.text("main"), "by you") {
				t.Errorf("nobody is named: %s", a.text("main"))
			}
		})
	}
	wg.Wait()
	if codes[http.StatusSeeOther] != 1 || codes[http.StatusConflict] != 49 {
		t.Errorf("answers %v", codes)
	}
	if n := g.held("u-felix", "CanCreateBranch", "bank.one"); n != 1 {
		t.Errorf("held %d times", n)
	}
	if n := g.obp.Calls()["POST /obp/v5.0.0/users/{USER_ID}/entitlements"]; n != 1 {
		t.Errorf("%d grants were sent", n)
	}
	g.intact()
}

// When the journal cannot be written nothing is done (security 40).
func TestJournalFull(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	fillUp(t, g)
	a := anna.post("/requests/r-branch/approve", reason(because))
	if a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.text("main"), "The journal cannot be written") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if g.writes() != 0 || !g.open("r-branch") {
		t.Error("something was done all the same")
	}
}

// fillUp leaves the journal's file no room to grow.
func fillUp(t *testing.T, g *rig) {
	t.Helper()
	if _, err := g.journal.DB().ExecContext(t.Context(), `PRAGMA max_page_count = 1`); err != nil {
		t.Fatal(err)
	}
	for range 2000 { // what is left of the last page
		if _, err := g.journal.Record(t.Context(), journal.Entry{Act: "filler", Reason: strings.Repeat("x", 500)}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
			return
		}
	}
	t.Fatal("the journal is never full")
}
