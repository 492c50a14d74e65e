package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// bulkRow waits until a row of a bulk stands so, with these words.
func (v *visitor) bulkRow(person, state, why string) {
	v.t.Helper()
	v.wait(person+" "+state, `[...document.querySelectorAll('[data-testid="bulk-result"]')].some(e => e.innerText.includes(`+quote(person)+
		`) && e.dataset.state === `+quote(state)+` && e.innerText.toLowerCase().includes(`+quote(strings.ToLower(why))+`))`)
}

func (v *visitor) tick(requests ...string) {
	v.t.Helper()
	for _, r := range requests {
		v.click(`[data-testid="request-row"][data-id="` + r + `"] input[type=checkbox]`)
	}
}

// hold holds a page to axe in both themes and to a small screen, then goes on.
func (v *visitor) hold(state string) {
	v.t.Helper()
	v.axe(state)
	wide := v.width()
	v.look(375, "light")
	v.fits(state + " at 375 px")
	v.look(wide, "light")
}

// One row of a bulk is granted and cannot be closed, one may not be decided at
// all: each is named before and after, and the row that failed is finished
// from the home page.
func TestBulkNamesEveryRow(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		data := "DATA_DIR=" + t.TempDir()
		c := serve(t, w, data, "OBP_TIMEOUT=2s")
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests")
		v.tick(ids.branch, ids.atm, ids.own, ids.held)
		v.follow(func() { v.click(id("bulk-approve")) })
		for _, r := range []struct{ request, person, role string }{{ids.branch, felix, "branch"}, {ids.atm, orla, "ATM"}, {ids.held, maria, "product"}} {
			v.seeText(`[data-testid="bulk-row"][data-id="`+r.request+`"]:has(input[name=id])`, r.person)
			v.seeText(`[data-testid="bulk-row"][data-id="`+r.request+`"]`, r.role)
		}
		out := id("bulk-left-out") + ` [data-id="` + ids.own + `"]`
		v.seeText(out+":has(input[name=id])", anna) // sent, so that the result names it
		v.seeText(out, "your own request")
		v.hold("bulk confirmation")
		v.expect(422, "/bulk-start")
		v.follow(func() { v.click(id("bulk-go")) })
		v.see("#reason-e")
		v.hold("bulk without a reason")
		if n := c.obp.writes(); n != 0 {
			t.Fatalf("%d writes reached OBP before the confirmation", n)
		}

		c.obp.fault(opClose, map[string]any{"status": 403, "message": "OBP-20006: User is missing one or more roles: CanDeleteEntitlementRequestsAtAnyBank", "skip": 1, "times": 1})
		v.fill(id("reason"), "The branch opens on Monday")
		v.follow(func() { v.click(id("bulk-go")) })
		v.seeText(id("bulk-counts"), "2 done, 1 failed, 1 left out")
		v.bulkRow(anna, "left_out", "your own request")
		v.bulkRow(felix, "done", "")
		v.bulkRow(orla, "failed", "granted, not closed")
		v.bulkRow(maria, "done", "")
		v.gone(id("bulk-continue"))
		v.hold("bulk result")
		for _, r := range []struct {
			request, person, role, bank string
			held                        int
			open                        bool
		}{{ids.branch, felix, "CanCreateBranch", bankOne, 1, false}, {ids.atm, orla, "CanCreateAtm", bankOne, 1, true},
			{ids.held, maria, "CanCreateProduct", bankTwo, 1, false}, {ids.own, anna, "CanCreateBank", "", 0, true}} {
			if n, open := c.obp.granted(w.user(r.person).UserID, r.role, r.bank), c.obp.open(r.request); n != r.held || open != r.open {
				t.Errorf("%s holds %s %d times, request open: %t", r.person, r.role, n, open)
			}
		}

		v.open("/journal")
		for _, act := range []struct{ act, outcome string }{{"bulk", "partly"}, {"approve", "done"}, {"approve", "granted_not_closed"}} {
			v.seeText(`[data-testid="journal-row"][data-act="`+act.act+`"][data-outcome="`+act.outcome+`"]`, "The branch opens on Monday")
		}
		v.open("/")
		v.follow(func() { v.click(id("home-unfinished") + ` a[href*="` + ids.atm + `"]`) })
		v.click(id("close-form") + " button")
		v.see(id("flash"))
		v.quiet()
		if n := c.obp.granted(w.user(orla).UserID, "CanCreateAtm", bankOne); n != 1 || c.obp.open(ids.atm) {
			t.Errorf("finished: orla holds the role %d times, request open: %t", n, c.obp.open(ids.atm))
		}
		v.open("/")
		v.gone(id("home-unfinished"))
		if out, err := verify(data); err != nil {
			t.Errorf("journal verify: %v %s", err, out)
		}
	})
}

// A bulk that was cut off waits on its own operator's home page, nothing goes
// on by itself when the program starts again, and from there the rest is done
// by the rules that hold then.
func TestBulkGoesOnAfterARestart(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		const day = 24 * time.Hour
		w := emptyWorld()
		rows := []struct{ person, role, bank, request string }{
			{person: felix, role: "CanCreateBranch", bank: bankOne}, {person: orla, role: "CanCreateAtm", bank: bankOne},
			{person: maria, role: "CanCreateProduct", bank: bankTwo}, {person: nora, role: "CanCreateCustomer", bank: bankOne}}
		for i := range rows {
			rows[i].request = w.ask(rows[i].person, rows[i].role, rows[i].bank, time.Duration(9-i)*day)
		}
		state := func(obp *standIn) (closed, held int) {
			for _, r := range rows {
				if !obp.open(r.request) {
					closed++
				}
				held += obp.granted(w.user(r.person).UserID, r.role, r.bank)
			}
			return closed, held
		}
		data := "DATA_DIR=" + t.TempDir()
		first := serve(t, w, data, "OBP_TIMEOUT=2s")
		v := first.visit(t, setup)
		v.signIn(anna)
		v.open("/requests")
		v.tick(rows[0].request, rows[1].request, rows[2].request, rows[3].request)
		v.follow(func() { v.click(id("bulk-approve")) })
		v.fill(id("reason"), "All four are new")
		// the list is read once for all rows, and once for each
		first.obp.fault(opList, map[string]any{"status": 503, "message": "OBP-50005: An unspecified or internal error occurred.", "skip": 3})
		v.follow(func() { v.click(id("bulk-go")) })
		v.see(id("bulk-stopped"))
		v.seeText(id("bulk-counts"), "2 done, 0 failed, 0 left out, 2 to go")
		v.bulkRow(felix, "done", "")
		v.bulkRow(orla, "done", "")
		v.bulkRow(maria, "pending", "")
		v.bulkRow(nora, "pending", "")
		v.hold("bulk cut off")
		first.obp.heal()
		v.open("/")
		v.seeText(id("home-unfinished"), "2 requests are to go")
		v.hold("home with a bulk")
		writes := first.obp.writes()
		if closed, held := state(first.obp); closed != 2 || held != 2 || writes != 4 {
			t.Fatalf("cut off: %d closed, %d held, %d writes", closed, held, writes)
		}
		cookie := v.cookies()
		first.stop()

		second := serveAgainst(t, first.obp.url, data, "OBP_TIMEOUT=2s", "HIGH_RISK_ROLES=default,"+rows[3].role)
		other := &plain{t: t, base: second.url}
		other.signIn(bella)
		if text := other.must(http.StatusOK, "GET", "/", nil).Find(id("home-unfinished")).Text(); text != "" {
			t.Errorf("another person is asked to go on: %s", text)
		}
		v = visit(t, second.url, setup)
		v.take(cookie[0])
		v.open("/")
		v.seeText(id("home-unfinished"), "2 requests are to go")
		bulk := v.get(`document.querySelector('[data-testid="home-unfinished"] a[href^="/bulk/"]').getAttribute('href')`)
		for _, path := range []string{bulk + "/continue", bulk + "/end"} {
			if res, _, err := other.send("POST", path, nil); err != nil || res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusForbidden {
				t.Errorf("another person: POST %s: %v %v", path, res, err)
			}
		}
		if n := first.obp.writes(); n != writes {
			t.Errorf("%d writes reached OBP before Continue was pressed", n-writes)
		}
		v.follow(func() { v.click(id("home-unfinished") + ` a[href^="/bulk/"]`) })
		v.see(id("bulk-continue"))
		if n := first.obp.writes(); n != writes {
			t.Errorf("%d writes reached OBP by opening the page", n-writes)
		}
		v.hold("bulk that waits")
		v.click(id("bulk-continue") + " button")
		v.seeText(id("bulk-counts"), "3 done, 0 failed, 1 left out, 0 to go")
		v.quiet()
		v.bulkRow(maria, "done", "")
		v.bulkRow(nora, "left_out", "takes two people")
		v.gone(id("bulk-continue"))
		v.hold("bulk continued")
		if closed, held := state(first.obp); closed != 3 || held != 3 || !first.obp.open(rows[3].request) {
			t.Errorf("continued: %d closed, %d held", closed, held)
		}
		if n := first.obp.writes(); n != writes+2 {
			t.Errorf("%d writes reached OBP by Continue", n-writes)
		}
		v.open("/")
		v.gone(id("home-unfinished"))
		if out, err := verify(data); err != nil {
			t.Errorf("journal verify: %v %s", err, out)
		}
	})
}
