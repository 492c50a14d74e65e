package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An auditor reads what everybody did, and the log of who reads it.
func TestAuditorSeesTheWholeJournal(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, "AUDITORS="+bella, "SIGN_IN_ALLOWED=anyone")
		b := &plain{t: t, base: c.url}
		for name, act := range map[string]string{anna: "/requests/" + ids.branch + "/approve", nora: "/requests/" + ids.atm + "/decline"} {
			b.cookie = ""
			b.signIn(name)
			if _, _, err := b.send("POST", act, url.Values{"reason": {"seen by " + name}}); err != nil {
				t.Fatal(err)
			}
		}
		v := c.visit(t, setup)
		v.signIn(bella)
		v.hold("auditor home")
		v.open("/requests")
		v.see(id("request-row"))
		if n := v.count("#queue input[type=checkbox], #bulk-bar"); n != 0 {
			t.Error("the queue offers an auditor to decide")
		}
		v.hold("auditor queue")
		v.open("/requests/" + ids.atm)
		v.seeText(id("refusal"), "An auditor changes nothing")
		if n := v.count(id("approve")) + v.count(id("decline")); n != 0 {
			t.Error("the page offers an auditor to decide")
		}
		v.hold("auditor sheet")
		v.open("/journal")
		v.seeText(`[data-testid="journal-row"][data-act="approve"][data-outcome="done"]`, "seen by "+anna)
		for _, name := range []string{anna, nora, bella} {
			v.seeText(`[data-testid="journal-row"][data-act="sign_in"]`, name)
		}
		v.hold("auditor journal")
		v.open("/journal?act=start")
		v.see(`[data-testid="journal-row"][data-act="start"]`)
		v.open("/journal")
		v.follow(func() { v.click(v.journalLink("Approved")) })
		v.seeText(id("act-fact"), "seen by "+anna)
		v.hold("auditor record")
		v.open("/readings")
		v.seeText("main table", "readings")
		v.hold("auditor readings")

		b.cookie = ""
		b.signIn(anna)
		if text := b.must(http.StatusOK, "GET", "/journal", nil).Find(id("journal-row")).Text(); strings.Contains(text, nora) || !strings.Contains(text, "seen by "+anna) {
			t.Errorf("who is no auditor reads %s", text)
		}
	})
}

// Every act is refused to an auditor in words, whatever the form says, is
// recorded, and reaches OBP as nothing.
func TestAuditorIsRefusedEveryAct(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		data := "DATA_DIR=" + t.TempDir()
		c := serve(t, w, data, "AUDITORS="+bella)
		first := &plain{t: t, base: c.url}
		first.signIn(anna)
		first.must(http.StatusSeeOther, "POST", "/requests/"+ids.risk+"/approve", url.Values{"reason": {"the first of two"}})
		first.must(http.StatusSeeOther, "POST", "/requests/"+ids.branch+"/approve", url.Values{"reason": {"to be undone"}})
		v := c.visit(t, setup)
		v.signIn(bella)
		v.open("/journal")
		record := v.get(`[...document.querySelectorAll('[data-act="approve"] a')][0].getAttribute('href')`)
		waits := strings.TrimPrefix(v.get(`[...document.querySelectorAll('[data-act="first_approval"] a')][0].getAttribute('href')`), "/journal/")
		before, world := c.obp.writes(), c.obp.world()
		who := "/users/" + w.user(felix).UserID
		account := "/banks/" + bankOne + "/accounts/a"
		acts := []string{
			"/requests/" + ids.atm + "/approve", "/requests/" + ids.atm + "/decline", "/requests/" + ids.atm + "/close", "/requests/" + ids.risk + "/approve",
			"/bulk", "/bulk-start", "/bulk/" + waits + "/continue", "/bulk/" + waits + "/end", "/approvals/" + waits + "/withdraw",
			record + "/undo", record + "/finish", "/me/requests", "/me/attributes", "/me/challenge", "/me/sessions/end-others",
			"/users/new", "/invitations", who + "/lock", who + "/unlock", who + "/refresh", who + "/delete", who + "/call", who + "/reset-link", who + "/reset-link/confirm",
			who + "/grant", who + "/revoke", who + "/leaver", who + "/links", who + "/contexts", who + "/contexts/delete", "/dauth", "/links/many-start",
			account + "/grant", account + "/revoke", account + "/mine", account + "/dauth", "/operators/end", "/operators/bar", "/operators/unbar",
		}
		form := map[string]string{"reason": "made up", "reason_code": "needed", "act": "approve", "id": ids.atm, "role": "CanCreateBank", "role_name": "CanCreateBank",
			"entitlement": w.Entitlements[0].ID, "username": felix, "user_id": w.user(felix).UserID, "bank_id": bankOne, "tick": "1", "step_up_password": password}
		for i, path := range acts {
			if i < 3 {
				v.open("/requests/" + ids.atm)
				v.expect(403, path)
				v.follow(func() { v.post(path, form) })
				v.seeText("main", "You read here, and change nothing")
				continue
			}
			b := &plain{t: t, base: c.url, cookie: v.cookies()[0].Value}
			fields := url.Values{}
			for k, s := range form {
				fields.Set(k, s)
			}
			if text := b.must(http.StatusForbidden, "POST", path, fields).Find("main").Text(); !strings.Contains(text, "You read here, and change nothing") {
				t.Errorf("POST %s: %s", path, text)
			}
		}
		v.hold("auditor refused")
		now := c.obp.world()
		if n := c.obp.writes() - before; n != 0 || len(now.Entitlements) != len(world.Entitlements) || len(now.Requests) != len(world.Requests) || len(now.Users) != len(world.Users) {
			t.Errorf("an auditor's %d writes reached OBP", n)
		}
		recorded := 0
		for next := "/journal?act=refused"; next != ""; {
			v.open(next)
			recorded += v.count(`[data-testid="journal-row"][data-act="refused"]`)
			next = v.get(`document.querySelector('[data-testid="journal-older"]')?.getAttribute('href') ?? ''`)
		}
		if recorded != len(acts) {
			t.Errorf("%d refusals of %d are recorded", recorded, len(acts))
		}
		if out, err := verify(data); err != nil {
			t.Errorf("journal verify: %v %s", err, out)
		}
	})
}
