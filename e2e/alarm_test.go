package e2e

import (
	"strings"
	"testing"
)

// An approval that was granted and not closed is an alarm on the first page of
// whoever can finish it. Another person reads there what is true and closes it
// by one recorded act; then it is gone for both.
func TestAlarmIsClosedByAnother(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		data := "DATA_DIR=" + t.TempDir()
		c := serve(t, w, data, "OBP_TIMEOUT=2s")
		held := func() int { return c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne) }
		first := c.visit(t, setup)
		first.signIn(anna)
		first.gone(id("home-unfinished"))
		first.open("/requests/" + ids.branch)
		first.fill(id("reason"), "for the new branch")
		c.obp.fault(opClose, map[string]any{"status": 403, "message": "OBP-20006: User is missing one or more roles: CanDeleteEntitlementRequestsAtAnyBank", "times": 2})
		first.click(id("approve"))
		first.seeText(id("flash"), "granted, not closed")
		first.hold("granted not closed")
		if n := held(); n != 1 || !c.obp.open(ids.branch) {
			t.Fatalf("felix holds the role %d times, request open: %t", n, c.obp.open(ids.branch))
		}
		first.open("/")
		first.seeText(id("home-unfinished"), felix)
		first.hold("home with an alarm")

		second := c.visit(t, setup)
		second.signIn(bella)
		second.seeText(id("home-unfinished"), "Granted, not closed: "+anna+" gave "+felix)
		second.follow(func() { second.click(id("home-unfinished") + " a") })
		second.seeText(id("warning"), anna)
		if second.count(id("approve"))+second.count(id("decline")) != 0 {
			t.Error("the page offers to decide what was decided")
		}
		second.hold("alarm page")
		second.click(id("close-form") + " button")
		second.seeText(id("flash"), "could not be closed")
		second.hold("alarm not closed")
		if n := held(); n != 1 || !c.obp.open(ids.branch) {
			t.Fatalf("refused again: felix holds the role %d times, request open: %t", n, c.obp.open(ids.branch))
		}
		second.open("/")
		second.see(id("home-unfinished"))
		second.open("/requests/" + ids.branch)
		second.click(id("close-form") + " button")
		second.seeText(id("flash"), "finished")
		second.hold("alarm closed")
		if n := held(); n != 1 || c.obp.open(ids.branch) {
			t.Errorf("closed: felix holds the role %d times, request open: %t", n, c.obp.open(ids.branch))
		}
		for _, v := range []*visitor{first, second} {
			v.open("/")
			v.see(id("home-sentence"))
			v.gone(id("home-unfinished"))
		}
		second.open("/journal")
		second.see(`[data-testid="journal-row"][data-act="finish"][data-outcome="failed"]`)
		second.see(`[data-testid="journal-row"][data-act="finish"][data-outcome="done"]`)
		first.open("/journal")
		first.seeText(`[data-testid="journal-row"][data-act="approve"][data-outcome="done"]`, "for the new branch")
		if out, err := verify(data); err != nil || !strings.Contains(out, "intact to entry") {
			t.Errorf("journal verify: %v %s", err, out)
		}
	})
}

// A decline that got no answer, and could not be read back, is an alarm too;
// the request's page asks OBP what is true and sends nothing again.
func TestAlarmOfADecline(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, "OBP_TIMEOUT=1s")
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "not this year")
		c.obp.fault(opClose, map[string]any{"cut": "after", "times": 1})
		c.obp.fault(opList, map[string]any{"junk": "html", "skip": 1, "times": 1})
		v.click(id("decline"))
		v.seeText(id("flash"), "no answer")
		v.hold("decline not answered")
		if c.obp.open(ids.branch) {
			t.Fatal("the request is open")
		}
		before := c.obp.writes()
		v.open("/")
		v.seeText(id("home-unfinished"), felix)
		v.hold("home with a decline cut off")
		v.follow(func() { v.click(id("home-unfinished") + " a") })
		v.click(id("close-form") + " button")
		v.seeText(id("flash"), "finished")
		v.hold("decline finished")
		v.open("/")
		v.gone(id("home-unfinished"))
		if n := c.obp.writes() - before; n != 0 {
			t.Errorf("%d writes reached OBP by finishing", n)
		}
		v.open("/journal")
		v.see(`[data-testid="journal-row"][data-act="finish"][data-outcome="done"]`)
		v.seeText(`[data-testid="journal-row"][data-act="decline"][data-outcome="done"]`, "not this year")
	})
}
