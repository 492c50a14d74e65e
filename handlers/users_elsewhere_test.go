package handlers

import (
	"net/http"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// elsewhere is a world with two people of one name: one here, one of another
// provider.
func elsewhere() (sandbox.World, templates.Person) {
	w := deskWorld()
	w.Users = append(w.Users, sandbox.User{UserID: "u-double", Username: outsider, ProviderID: "f", Provider: "https://login.other.test", Email: "double@example.com", Validated: true})
	return w, templates.Person{UserID: "u-double", Username: outsider, Provider: "https://login.other.test"}
}

// Where v5.1.0 is served, somebody of another provider is locked and unlocked
// there, never whoever has the same name here.
func TestLockElsewhere(t *testing.T) {
	w, double := elsewhere()
	g := newRigOf(t, w, desk)
	b := g.signIn(helper)
	locked := func() (who []string) {
		for _, u := range g.obp.World().Users {
			if u.Locked && u.UserID != "u-lena" && u.UserID != "u-fred" { // locked from the start
				who = append(who, u.UserID)
			}
		}
		return who
	}
	for _, c := range []struct{ to, op, code, locked string }{
		{templates.Lock(double), "POST /obp/v5.1.0/users/{PROVIDER}/{USERNAME}/locks", "other_locked_newer", "u-double"},
		{templates.Unlock(double), "PUT /obp/v5.1.0/users/{PROVIDER}/{USERNAME}/lock-status", "other", ""},
	} {
		var page answer
		made := g.made(func() { page = b.follow(b.post(c.to, reason(because))) })
		v := page.doc.Find(`[data-testid="verdict"]`)
		if v.AttrOr("data-code", "") != c.code || !strings.Contains(v.Text(), "reset links only for people of its own provider") || strings.Join(locked(), " ") != c.locked {
			t.Errorf("%s: locked %q: %s", c.to, locked(), page.text("main"))
		}
		if made[opLock]+made[opUnlock] != 0 || g.obp.Calls()[c.op] != 1 {
			t.Errorf("%s: %v", c.to, made)
		}
	}
	if n := len(g.acts(journal.ActLock)) + len(g.acts(journal.ActUnlock)); n != 2 {
		t.Errorf("%d acts are recorded", n)
	}
}

// Where it is not served, nobody of another provider is locked, and the page
// says so.
func TestNoLockElsewhere(t *testing.T) {
	w, double := elsewhere()
	g := newRigOf(t, w, desk)
	if err := g.obp.SetFault("GET /obp/v5.1.0/root", sandbox.Fault{Status: 404, Message: "OBP-10404: 404 Not Found. The server could not find the requested URI."}); err != nil {
		t.Fatal(err)
	}
	b := g.signIn(helper)
	page := b.get(templates.UserOf(double))
	if !strings.Contains(page.id("verdict"), "lock, unlock and make reset links only for people of its own provider") || strings.Contains(page.id("user-acts"), "Lock") {
		t.Errorf("%s", page.text("main"))
	}
	for _, to := range []string{templates.Lock(double), templates.Unlock(double), templates.Reset(double)} {
		a := b.post(to, rightReset)
		if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), templates.Word("rule.other_provider")) || g.writes() != 0 {
			t.Errorf("%s: %d, %d writes: %s", to, a.StatusCode, g.writes(), a.text("main"))
		}
	}
}
