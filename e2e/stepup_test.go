package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"obpconsole/handlers"
	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
)

// clocked is the console's pages on a clock that the test moves, which the
// program itself does not have.
type clocked struct {
	obp     *standIn
	url     string
	journal *journal.Journal
	ahead   atomic.Int64
}

func (c *clocked) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clocked) advance(by time.Duration) { c.ahead.Add(int64(by)) }

func (c *clocked) acts(act journal.Act) []journal.Row {
	c.obp.t.Helper()
	p, err := c.journal.Search(context.Background(), journal.Filter{Acts: []journal.Act{act}, Rights: journal.Rights{All: true}, Limit: 50})
	if err != nil {
		c.obp.t.Fatal(err)
	}
	return p.Rows
}

func serveClocked(t *testing.T, w world, change ...func(*handlers.Settings)) *clocked {
	t.Helper()
	c := &clocked{obp: newStandIn(t, w)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	client, err := obp.New(obp.Config{BaseURL: c.obp.url, ConsumerKey: consumerKey, Timeout: 5 * time.Second})
	must(err)
	c.journal, err = journal.Open(t.Context(), journal.Options{Path: filepath.Join(t.TempDir(), "journal.db"), Key: [32]byte{1}, Now: c.now})
	must(err)
	t.Cleanup(func() { _ = c.journal.Close() })
	sessions, err := session.New(session.Options{Store: session.MemoryStore(), Key: [32]byte{2}, Now: c.now})
	must(err)
	var pages http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	c.url = s.URL
	settings := handlers.Settings{PublicURL: s.URL, Server: "obp", SignIn: session.Allowed{Anyone: true}, OBPTimeout: 5 * time.Second, SecondPerson: true}
	for _, set := range change {
		set(&settings)
	}
	pages, err = handlers.New(handlers.Deps{OBP: client, Sessions: sessions, Journal: c.journal, Now: c.now, Settings: settings})
	must(err)
	return c
}

// An act that needs a fresh proof asks for the password, more than five
// minutes after the last one. The form that waits keeps its reason and ticket,
// a wrong password costs a try, and the right one carries the act out by
// itself, once.
func TestStepUpKeepsTheReason(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serveClocked(t, w)
		v := visit(t, c.url, setup)
		v.signIn(anna)
		before := v.cookies()[0].Value
		c.advance(6 * time.Minute)
		v.open("/requests/" + ids.risk)
		v.fill(id("reason"), "Stands in for the head")
		v.fill(id("ticket"), "OPS-9")
		path := "/requests/" + ids.risk + "/approve"
		v.expect(403, path)
		v.click(id("approve"))
		v.see(id("proof"))
		v.quiet()
		v.hold("step-up")
		v.expect(401, path)
		v.fill(id("proof"), "n0t-the-password")
		v.click(id("proof-go"))
		v.seeText(id("form-error"), "2 more tries")
		v.quiet()
		v.hold("step-up refused")
		if n := c.obp.writes(); n != 0 || len(c.acts(journal.ActFirstApproval)) != 0 {
			t.Fatalf("%d writes reached OBP before the proof", n)
		}
		v.fill(id("proof"), password)
		v.click(id("proof-go"))
		v.seeText(id("flash"), maria)
		v.quiet()
		v.hold("step-up done")
		firsts := c.acts(journal.ActFirstApproval)
		if len(firsts) != 1 || firsts[0].Entry.Reason != "Stands in for the head" || firsts[0].Entry.Ticket != "OPS-9" {
			t.Errorf("recorded: %+v", firsts)
		}
		if n := c.obp.granted(w.user(maria).UserID, "CanCreateEntitlementAtAnyBank", ""); n != 0 || !c.obp.open(ids.risk) {
			t.Errorf("one of two gave the role %d times", n)
		}
		if v.cookies()[0].Value == before {
			t.Error("the cookie is the one from before the proof")
		}
		if n := len(c.acts(journal.ActStepUp)); n != 2 {
			t.Errorf("%d proofs are recorded, one refused and one done were to be", n)
		}

		c.advance(6 * time.Minute)
		v.open("/requests")
		v.tick(ids.branch, ids.atm)
		v.follow(func() { v.click(id("bulk-approve")) })
		v.fill(id("reason"), "Both are new")
		v.expect(403, "/bulk-start")
		v.follow(func() { v.click(id("bulk-go")) })
		v.see(id("proof"))
		v.hold("step-up of a bulk")
		if n := c.obp.writes(); n != 0 {
			t.Fatalf("%d writes reached OBP before the proof", n)
		}
		v.fill(id("proof"), password)
		v.follow(func() { v.click(id("proof-go")) })
		v.seeText(id("bulk-counts"), "2 done, 0 failed")
		for who, role := range map[string]string{felix: "CanCreateBranch", orla: "CanCreateAtm"} {
			if n := c.obp.granted(w.user(who).UserID, role, bankOne); n != 1 {
				t.Errorf("%s holds the role %d times", who, n)
			}
		}
		if c.obp.open(ids.branch) || c.obp.open(ids.atm) {
			t.Error("a request is open")
		}
		if rows := c.acts(journal.ActBulk); len(rows) != 1 || rows[0].Entry.Reason != "Both are new" {
			t.Errorf("recorded: %+v", rows)
		}
	})
}

// The third wrong password signs out before OBP locks the account; who signs
// in again finds what was typed, and nothing was sent.
func TestStepUpFailsThreeTimes(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serveClocked(t, w)
		v := visit(t, c.url, setup)
		v.signIn(anna)
		c.advance(6 * time.Minute)
		v.open("/requests/" + ids.risk)
		v.fill(id("reason"), "Stands in for the head")
		path := "/requests/" + ids.risk + "/approve"
		v.expect(403, path)
		v.expect(401, path)
		v.click(id("approve"))
		for _, says := range []string{"2 more tries", "One more try"} {
			v.fill(id("proof"), "n0t-the-password")
			v.click(id("proof-go"))
			v.seeText(id("form-error"), says)
			v.quiet()
		}
		v.fill(id("proof"), "n0t-the-password")
		v.click(id("proof-go"))
		v.see(id("sign-in-form"))
		v.quiet()
		v.hold("signed out by the step-up")
		v.typeSignIn(anna, password)
		v.see(id("approve"))
		if got := v.value(id("reason")); got != "Stands in for the head" {
			t.Errorf("the reason is %q after signing in again", got)
		}
		for _, u := range c.obp.world().Users {
			if u.Locked {
				t.Errorf("%s is locked", u.Username)
			}
		}
		if n := c.obp.writes(); n != 0 || len(c.acts(journal.ActFirstApproval)) != 0 {
			t.Errorf("%d writes reached OBP", n)
		}
	})
}

// Who gives the proof up is led back to the page, and nothing was sent.
func TestStepUpGivenUp(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serveClocked(t, w)
		v := visit(t, c.url, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "for the new branch")
		v.click(id("approve"))
		v.seeText(id("flash"), felix)
		v.quiet()
		before := c.obp.writes()
		c.advance(6 * time.Minute)
		v.open("/requests/" + ids.risk)
		v.fill(id("reason"), "Stands in for the head")
		v.expect(403, "/requests/"+ids.risk+"/approve")
		v.click(id("approve"))
		v.see(id("proof"))
		v.quiet()
		v.follow(func() { v.click(id("proof-form") + " a") })
		v.see(id("approve"))

		v.open("/journal")
		v.follow(func() { v.click(v.journalLink("Approved")) })
		v.follow(func() { v.click(id("act-link") + `[href$="/undo"]`) })
		v.fill(id("reason"), "The branch is not built")
		v.expect(403, v.path())
		v.follow(func() { v.click(id("undo-go")) })
		v.hold("step-up of an undo")
		v.follow(func() { v.click(id("proof-form") + " a") })
		v.see(id("undo-go"))
		if n := c.obp.writes() - before; n != 0 || len(c.acts(journal.ActFirstApproval))+len(c.acts(journal.ActUndoApprove)) != 0 {
			t.Errorf("%d writes reached OBP", n)
		}
	})
}
