package e2e

import (
	"testing"
	"time"
)

// A first approval stands as one of two in the queue and at home, until the
// one who gave it takes it back, or it lapses: then it is said to have lapsed,
// and the next approval is the first again.
func TestFirstApprovalIsWithdrawnAndLapses(t *testing.T) {
	needs(t, clock)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serveClocked(t, w)
		a, b := visit(t, c.url, setup), visit(t, c.url, setup)
		maria, risky := w.user(maria).UserID, "CanCreateEntitlementAtAnyBank"
		line := id("request-row") + `[data-id="` + ids.risk + `"]`
		halved := line + " .t.i"
		a.signIn(anna)
		b.signIn(bella)

		a.approveFirst(ids.risk, "Stands in for the head")
		b.open("/requests")
		b.seeText(line, "one of two")
		b.open("/")
		b.seeText(id("home-second"), anna+" approved")
		b.open("/requests/" + ids.risk)
		b.gone(id("withdraw"))
		a.open("/requests/" + ids.risk)
		a.seeText(id("second"), "waits for a second person and lapses at")
		a.hold("one of two")
		a.follow(func() { a.click(id("withdraw")) })
		a.seeText(id("flash"), "Withdrawn")
		a.gone(id("second-lapsed"))
		b.open("/")
		b.gone(id("home-second"))
		b.open("/requests")
		b.see(line)
		b.gone(halved)

		a.approveFirst(ids.risk, "Still stands in")
		b.open("/")
		b.see(id("home-second"))
		c.advance(7*24*time.Hour + time.Minute)
		b.open("/")
		b.signIn(bella)
		b.open("/")
		b.gone(id("home-second"))
		b.open("/requests")
		b.gone(halved)
		b.open("/requests/" + ids.risk)
		b.seeText(id("second-lapsed"), anna+" approved this first. Nobody confirmed it in time")
		b.hold("lapsed")
		b.approveFirst(ids.risk, "Needed after all")
		if n := c.obp.granted(maria, risky, ""); n != 0 || c.obp.writes() != 0 {
			t.Fatalf("a lapsed approval still counts: granted %d times", n)
		}
		b.open("/approvals")
		b.seeText(id("approvals-past"), "lapsed")
		b.seeText(id("approvals-past"), "withdrawn")
		b.hold("approvals that ended")

		a.open("/")
		a.signIn(anna)
		a.open("/requests/" + ids.risk)
		a.seeText(id("second"), "Approved first by "+bella)
		a.fill(id("reason"), "I agree")
		a.click(id("approve"))
		a.seeText(id("flash"), "Approved: ")
		if n := c.obp.granted(maria, risky, ""); n != 1 || c.obp.open(ids.risk) {
			t.Errorf("two people granted it %d times", n)
		}
	})
}

// approveFirst approves a request of a role that takes two people.
func (v *visitor) approveFirst(request, why string) {
	v.t.Helper()
	v.open("/requests/" + request)
	v.fill(id("reason"), why)
	v.click(id("approve"))
	v.seeText(id("flash"), "one of two")
}
