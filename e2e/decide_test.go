package e2e

import (
	"strings"
	"testing"
)

// An approval grants once, closes the request, and says so; a decline closes
// it and grants nothing. Both stand in the journal with their reason. What
// became true is read from the stand-in, not from the page.
func TestApproveAndDecline(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		w.ordered = true
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.click(id("nav-requests"))
		v.see(id("request-row"))
		if n := v.count(id("request-row")); n != 5 {
			t.Errorf("the queue has %d rows", n)
		}
		v.click(row(ids.branch))
		v.seeText(id("sheet"), felix)
		v.fill(id("reason"), "Needs it for the new branch")
		v.fill(id("ticket"), "OPS-1")
		v.click(id("approve"))
		v.seeText(id("flash"), felix)
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 {
			t.Errorf("felix holds the role %d times", n)
		}
		if c.obp.open(ids.branch) {
			t.Error("the approved request is still open")
		}

		v.wait("the next request", `document.querySelector('#sheet')?.dataset.id === `+quote(ids.atm))
		if got := v.value(id("ticket")); got != "OPS-1" {
			t.Errorf("the ticket is not remembered: %q", got)
		}
		v.fill(id("reason"), "Not without a contract")
		v.click(id("decline"))
		v.seeText(id("flash"), orla)
		if n := c.obp.granted(w.user(orla).UserID, "CanCreateAtm", bankOne); n != 0 {
			t.Errorf("orla got the role %d times by a decline", n)
		}
		if c.obp.open(ids.atm) {
			t.Error("the declined request is still open")
		}
		if n := c.obp.writes(); n != 3 {
			t.Errorf("%d writes reached OBP: one grant and two closings were to be", n)
		}

		v.click(id("nav-journal"))
		v.seeText(id("journal-row"), "Needs it for the new branch")
		v.seeText(id("journal-row"), "Not without a contract")
		v.follow(func() { v.click(v.journalLink("Approved")) })
		v.seeText("main", "OPS-1")
	})
}

// Without a reason nothing is done, and what was typed stays: a decline and a
// high-risk role need words, an approval is content with one from the list.
func TestReasonIsNeeded(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		for _, act := range []struct{ request, button string }{{ids.branch, "approve"}, {ids.branch, "decline"}, {ids.risk, "approve"}} {
			v.expect(422, "/requests/"+act.request+"/"+act.button)
			v.open("/requests/" + act.request)
			v.fill(id("ticket"), "OPS-2")
			v.click(id(act.button))
			v.see("#reason-e")
			v.quiet()
			if got := v.value(id("ticket")); got != "OPS-2" {
				t.Errorf("the ticket is lost: %q", got)
			}
			v.wait("the focus on the field to put right", `document.activeElement.id === 'reason'`)
		}
		if n := c.obp.writes(); n != 0 {
			t.Errorf("%d writes reached OBP", n)
		}
	})
}

// A high-risk role takes two people: the first approval waits and gives
// nothing, the first cannot confirm it, the second gives the role once.
func TestHighRiskTakesTwoPeople(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		first, second := c.visit(t, setup), c.visit(t, setup)
		first.signIn(anna)
		first.open("/requests/" + ids.risk)
		first.see(id("second"))
		first.fill(id("reason"), "Stands in for the head of operations")
		first.click(id("approve"))
		first.see(id("flash"))
		held := func() int { return c.obp.granted(w.user(maria).UserID, "CanCreateEntitlementAtAnyBank", "") }
		if n := held(); n != 0 || !c.obp.open(ids.risk) {
			t.Fatalf("after one approval maria holds the role %d times, request open: %t", n, c.obp.open(ids.risk))
		}
		first.open("/requests/" + ids.risk)
		first.see(id("withdraw"))

		second.signIn(bella)
		second.open("/requests/" + ids.risk)
		second.seeText(id("second"), anna)
		second.fill(id("reason"), "Asked her on the telephone")
		second.click(id("approve"))
		second.seeText(id("flash"), maria)
		if n := held(); n != 1 || c.obp.open(ids.risk) {
			t.Errorf("after two approvals maria holds the role %d times, request open: %t", n, c.obp.open(ids.risk))
		}
	})
}

// One's own request cannot be approved: the page does not offer it, and a
// crafted form is refused, written down, and reaches no write at OBP
// (security 17, security 18).
func TestSelfApprovalIsRefused(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.own)
		v.seeText(id("refusal"), "your own request")
		if v.count(id("approve")) != 0 {
			t.Error("the page offers to approve one's own request")
		}
		path := "/requests/" + ids.own + "/approve"
		v.expect(403, path)
		v.follow(func() {
			v.post(path, map[string]string{"reason": "mine", "tick": "1", "user_id": w.user(felix).UserID, "role_name": "CanCreateBank", "bank_id": ""})
		})
		v.seeText("main", "your own request")
		if n := c.obp.granted(w.user(anna).UserID, "CanCreateBank", ""); n != 0 || !c.obp.open(ids.own) || c.obp.writes() != 0 {
			t.Errorf("a crafted approval was carried out: %d grants, %d writes", n, c.obp.writes())
		}
		v.fill(id("reason"), "") // else the browser asks before it leaves
		v.open("/journal")
		v.seeText(id("journal-row"), "Refused by the console")
	})
}

// Fields that a form makes up change nothing: role, bank and person are those
// of the request (security 16, security 17).
func TestCraftedFieldsChangeNothing(t *testing.T) {
	w, ids := someWorld()
	c := serve(t, w)
	v := c.visit(t)
	v.signIn(anna)
	v.open("/requests/" + ids.branch)
	v.follow(func() {
		v.post("/requests/"+ids.branch+"/approve?u="+w.user(maria).UserID+"&b="+bankTwo, map[string]string{"reason": "crafted",
			"user_id": w.user(anna).UserID, "role_name": "CanCreateBank", "role": "CanCreateBank", "bank_id": bankTwo, "id": ids.own})
	})
	v.see(id("flash"))
	if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 || !c.obp.open(ids.own) {
		t.Errorf("felix holds the role of the request %d times", n)
	}
	if got, want := len(c.obp.world().Entitlements), len(w.Entitlements)+1; got != want {
		t.Errorf("there are %d entitlements, want %d", got, want)
	}
	v.expect(404, "/requests/"+idOf('f', 1))
	v.open("/requests/" + idOf('f', 1))
	v.see(id("outcome"))
}

// Who comes second is told who decided, and nothing is done twice (security 20).
func TestDecidedBySomebodyElse(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		first, second := c.visit(t, setup), c.visit(t, setup)
		first.signIn(anna)
		second.signIn(bella)
		first.open("/requests/" + ids.branch)
		second.open("/requests/" + ids.branch)
		second.fill(id("reason"), "second")
		first.fill(id("reason"), "first")
		first.click(id("approve"))
		first.see(id("flash"))
		second.expect(409, "/requests/"+ids.branch+"/approve")
		second.click(id("approve"))
		second.seeText(id("outcome"), anna)
		second.quiet()
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 {
			t.Errorf("felix holds the role %d times", n)
		}
		second.open("/requests/" + ids.branch)
		second.seeText(id("outcome"), anna)
		if strings.Contains(second.get("document.body.innerText"), "first") {
			t.Error("the reason of another decider is shown to who may not read it")
		}
	})
}

// row is the link of a request in the queue.
func row(requestID string) string {
	return `[data-testid="request-row"][data-id="` + requestID + `"] [data-testid="request-link"]`
}

// journalLink is the link to the record of the newest act with these words.
func (v *visitor) journalLink(words string) string {
	v.t.Helper()
	v.seeText(id("journal-row"), words)
	return `a[href="` + v.get(`[...document.querySelectorAll('[data-testid="journal-row"]')].find(r => r.innerText.includes(`+quote(words)+`)).querySelector('a').getAttribute('href')`) + `"]`
}

// post sends a form that the page does not have, from the page's own origin.
func (v *visitor) post(path string, fields map[string]string) {
	v.t.Helper()
	js := `const f = document.createElement('form'); f.method = 'post'; f.action = ` + quote(path) + `;`
	for name, value := range fields {
		js += `{const i = document.createElement('input'); i.name = ` + quote(name) + `; i.value = ` + quote(value) + `; f.append(i)}`
	}
	if _, err := evaluate[bool](v, `(() => {`+js+` document.body.append(f); f.submit(); return true})()`); err != nil {
		v.t.Fatalf("post %s: %v", path, err)
	}
}
