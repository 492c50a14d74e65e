package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Everything that a person holds is listed; what is chosen is taken away row by
// row under one reason, and bound together in the journal. A crafted row is not.
func TestLeaver(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	to := templates.Leaver("u-felix")
	page := b.get(to)
	if n := page.doc.Find(`[data-testid="leaver-item"]`).Length(); n != 4 {
		t.Fatalf("%d rows: %s", n, page.text("main"))
	}
	crafted := url.Values{"item": {"e-u-felix-CanCreateAtm-bank.one", "e-u-ben-CanGetAnyUser-", "r-own"}, "reason": {"left"}}
	if a := b.post(to, crafted); a.StatusCode != http.StatusForbidden || g.writes() != 0 || len(g.acts(journal.ActRefused)) != 1 {
		t.Errorf("somebody else's: %d", a.StatusCode)
	}
	if a := b.post(templates.Leaver("u-anna"), url.Values{"item": {"e-u-anna-CanGetAnyUser-"}, "reason": {"x"}}); a.StatusCode != http.StatusForbidden || g.writes() != 0 {
		t.Errorf("oneself: %d", a.StatusCode)
	}
	f := url.Values{"item": {"e-u-felix-CanCreateAtm-bank.one", "r-branch", "r-held"}}
	if a := b.post(to, f); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	f.Set("reason", "left the bank")
	if err := g.obp.SetFault(opClose, sandbox.Fault{Times: 1, Status: 400, Message: "OBP-50000: Unknown Error."}); err != nil {
		t.Fatal(err)
	}
	page = finishBulk(t, b, b.post(to, f))
	if got := page.id("bulk-counts"); got != "2 done, 1 failed, 0 left out, 0 to go." {
		t.Errorf("%q: %s", got, states(page))
	}
	if g.held("u-felix", "CanCreateAtm", "bank.one") != 0 || g.held("u-ben", "CanGetAnyUser", "") != 1 || !g.open("r-own") || g.open("r-branch") == g.open("r-held") {
		t.Error("the wrong things are gone")
	}
	bulk, rows := g.acts(ActLeaver), append(g.acts(journal.ActRevoke), g.acts(journal.ActDecline)...)
	if len(bulk) != 1 || len(rows) != 3 || bulk[0].Result.Outcome != journal.OutcomePartly {
		t.Fatalf("recorded %+v %+v", bulk, rows)
	}
	for _, row := range rows {
		if row.Entry.ParentID != bulk[0].ActID || row.Entry.Reason != "left the bank" {
			t.Errorf("recorded %+v", row.Entry)
		}
	}
	g.intact()
}

// A leaver's row that was cut off is found out by reading, after a restart too.
func TestLeaverCutOff(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	if err := g.obp.SetFault(opRevoke, sandbox.Fault{Times: 1, Cut: "before"}); err != nil {
		t.Fatal(err)
	}
	page := finishBulk(t, b, b.post(templates.Leaver("u-felix"), url.Values{"item": {"e-u-felix-CanCreateAtm-bank.one"}, "reason": {"left"}}))
	if got := page.id("bulk-counts"); got != "0 done, 1 failed, 0 left out, 0 to go." || g.held("u-felix", "CanCreateAtm", "bank.one") != 1 {
		t.Errorf("%q", got)
	}
	if left, err := g.journal.Unfinished(t.Context(), 0); err != nil || len(left) != 1 {
		t.Errorf("the row's act must stay an alarm: %+v %v", left, err)
	}
}

// Roles for a DAuth user: each refusal in words beside its field, and whether a
// refused call left the user behind.
func TestDAuthRoles(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	good := url.Values{"provider": {"dauth.example"}, "username": {"0xabc"}, "role": {"CanCreateBranch", "CanGetConsumers"}, "bank": {"bank.one"}, "reason": {"partner"}}
	for field, bad := range map[string]string{"provider": "example", "username": "", "role": "CanFly", "bank": "", "reason": ""} {
		f := url.Values{}
		for k, v := range good {
			f[k] = v
		}
		f.Set(field, bad)
		if a := b.post(templates.DAuthPattern, f); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find("#"+field+`[aria-invalid="true"]`).Length() != 1 {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.text("main"))
		}
	}
	w := testWorld()
	w.Settings.AllowDAuth = true
	g = newRigOf(t, w)
	b = g.signIn(admin)
	page := b.follow(b.post(templates.DAuthPattern, good))
	if !strings.Contains(page.id("flash"), "0xabc holds 2 more roles") {
		t.Fatalf("%s", page.text("main"))
	}
	if a := b.post(templates.DAuthPattern, good); a.StatusCode != http.StatusConflict || !strings.Contains(a.text("main"), "Held already") {
		t.Errorf("twice: %d %s", a.StatusCode, a.text("main"))
	}
	g.fault("POST /user-entitlements", sandbox.Fault{Status: 400, Message: "OBP-10001: Incorrect json format.", Times: 2})
	for name, says := range map[string]bool{"0xabc": true, "0xnobody": false} {
		a := b.post(templates.DAuthPattern, url.Values{"provider": {"dauth.example"}, "username": {name}, "role": {"CanGetConsumers"}, "reason": {"x"}})
		if a.StatusCode < 400 || strings.Contains(a.id("problem"), "OBP has this user now") != says || strings.Contains(a.id("problem"), "may have made") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.id("problem"))
		}
	}
	olga := g.signIn("olga.onebank")
	a := olga.post(templates.DAuthPattern, url.Values{"provider": {"dauth.example"}, "username": {"0xdef"}, "role": {"CanGetConsumers"}, "reason": {"x"}})
	if a.StatusCode < 400 || !strings.Contains(a.text("main"), "made the user all the same") {
		t.Errorf("left behind: %d %s", a.StatusCode, a.text("main"))
	}
}

// A person's roles at one bank are shown to who may read there.
func TestUserBankRoles(t *testing.T) {
	g := newRig(t)
	page := g.signIn(admin).get(templates.UserBankRoles("bank.one", "u-felix"))
	revoke, _ := page.doc.Find(`[data-testid="user-revoke"]`).Attr("href")
	grant, _ := page.doc.Find(`[data-testid="user-grant"]`).Attr("href")
	if page.StatusCode != 200 || !strings.Contains(page.id("user-bank-roles"), "CanCreateAtm") || revoke != templates.Revoke("u-felix", "CanCreateAtm", "bank.one") || grant != templates.Grant("u-felix", "", "bank.one") {
		t.Errorf("%d %q %q %s", page.StatusCode, revoke, grant, page.text("main"))
	}
	if a := g.signIn(admin).get(templates.UserBankRoles("no.bank", "u-felix")); a.StatusCode != 404 {
		t.Errorf("no such bank: %d", a.StatusCode)
	}
}
