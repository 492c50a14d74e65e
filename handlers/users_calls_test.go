package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// made runs do and counts the calls to OBP that it made, by operation.
func (g *rig) made(do func()) map[string]int64 {
	before, out := g.obp.Calls(), map[string]int64{}
	do()
	for op, n := range g.obp.Calls() {
		if n > before[op] {
			out[strings.Replace(op, "/obp/v5.0.0", "", 1)] = n - before[op]
		}
	}
	return out
}

// inFlight asks with a POST while the calls of ops are held, and proves that
// all of them are under way at once.
func inFlight(t *testing.T, g *rig, ops []string, do func() answer) answer {
	t.Helper()
	for _, op := range ops {
		if err := g.obp.SetFault(op, sandbox.Fault{Hold: "before", Times: 1}); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan answer, 1)
	go func() { got <- do() }()
	for _, op := range ops {
		if err := g.obp.WaitHeld(t.Context(), op, "before", 1); err != nil {
			t.Errorf("%s does not run beside the others: %v", op, err)
		}
	}
	g.obp.Release("")
	return <-got
}

// A search is one hop: all look-ups are under way at once.
func TestFindIsOneHop(t *testing.T) {
	g, b := deskRig(t)
	a := inFlight(t, g, []string{opUser, opName, opEmail}, func() answer {
		return b.post("/find", url.Values{"q": {"user_id=u-felix felix.fresh@example.com"}})
	})
	if a.StatusCode != http.StatusSeeOther {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
}

// A person's page is one hop with all its parts, and without the counter when
// its address carries no name; the counter's link reads it.
func TestUserPageIsOneHop(t *testing.T) {
	g, b := deskRig(t, desk)
	oneHop(t, g, b, templates.UserOf(felixPerson), opUser, opEnts, opReqs, opCtx, opAttr, opLinks, opAccess, opStatus, "GET /banks")
	made := g.made(func() {
		page := b.get(templates.User("u-felix"))
		if to, _ := page.doc.Find(`[data-testid="user-counter"] a`).Attr("href"); to != templates.UserOf(felixPerson) {
			t.Errorf("the counter cannot be read: %q", to)
		}
	})
	if made[opStatus] != 0 || made[opUser] != 1 {
		t.Errorf("without the name: %v", made)
	}
	// a wrong name in an address gives nobody else's counter
	if page := b.get(templates.UserOf(person("u-felix", "fred.failed"))); strings.Contains(page.id("user-counter"), "6") || strings.Contains(page.id("verdict"), "6") {
		t.Errorf("somebody else's failed sign-ins: %s %s", page.id("verdict"), page.id("user-counter"))
	}
}

// Locking reads the person, then writes and reads back; unlocking reads the
// person and the counter side by side first.
func TestCallsOfLockAndUnlock(t *testing.T) {
	g, b := deskRig(t, desk)
	made := g.made(func() { b.post(templates.Lock(felixPerson), reason(because)) })
	if d := cmp.Diff(map[string]int64{opUser: 2, opLock: 1}, made); d != "" {
		t.Errorf("lock: %s", d)
	}
	made = g.made(func() {
		inFlight(t, g, []string{opUser, opStatus}, func() answer { return b.post(templates.Unlock(felixPerson), reason(because)) })
	})
	if d := cmp.Diff(map[string]int64{opUser: 1, opStatus: 1, opUnlock: 1, opName: 1}, made); d != "" {
		t.Errorf("unlock: %s", d)
	}
}

// A write that got no answer is read back before anything is said, and is never
// sent twice; what reading back does not show stays open in the journal.
func TestActsWithoutAnAnswer(t *testing.T) {
	for _, c := range []struct {
		act     journal.Act
		trigger string
		cut     string
		outcome journal.Outcome
		says    string
	}{
		{journal.ActLock, "lock", "after", journal.OutcomeDone, "Locked: felix.fresh"},
		{journal.ActLock, "lock", "before", journal.OutcomeUnknown, "may have been done all the same"},
		{journal.ActDeleteUser, "delete", "after", journal.OutcomeDone, "Deleted: felix.fresh"},
		{journal.ActDeleteUser, "delete", "before", journal.OutcomeUnknown, "may have been done all the same"},
		{journal.ActCreateUser, "create", "after", journal.OutcomeDone, "Created: nora.new1"},
		{journal.ActCreateUser, "create", "before", journal.OutcomeUnknown, "may have been made all the same"},
		{ActRefresh, "refresh", "after", journal.OutcomeUnknown, "may have been done all the same"},
		{journal.ActResetLink, "reset", "after", journal.OutcomeUnknown, "nobody has seen"},
		{ActInvite, "invite", "after", journal.OutcomeUnknown, "may have been sent all the same"},
	} {
		g, b := deskRig(t, desk)
		trig := triggers[c.trigger]
		if err := g.obp.SetFault(trig.op, sandbox.Fault{Cut: c.cut}); err != nil {
			t.Fatal(err)
		}
		var a answer
		made := g.made(func() { a = trig.do(b) })
		if a.StatusCode == http.StatusSeeOther {
			a = b.follow(a)
		}
		if !strings.Contains(a.text("main"), c.says) || made[trig.op] != 1 {
			t.Errorf("%s cut %s: %d, %d calls: %s", c.act, c.cut, a.StatusCode, made[trig.op], a.text("main"))
		}
		if rows := g.acts(c.act); len(rows) != 1 || rows[0].Result.Outcome != c.outcome {
			t.Errorf("%s cut %s: recorded %+v", c.act, c.cut, rows)
		}
	}
}

// An act on a person of a hostile name reaches that person and nobody else.
func TestActsOnHostileNames(t *testing.T) {
	g, b := deskRig(t, desk)
	for id, name := range hostileNames {
		p := person(id, name)
		page := b.get(templates.UserOf(p))
		if got := page.doc.Find("h1 bdi").Text(); page.StatusCode != 200 || got != name {
			t.Errorf("%q: %d %q", name, page.StatusCode, got)
		}
		for _, act := range []struct {
			to     string
			code   string
			locked bool
		}{{templates.Lock(p), "locked_admin", true}, {templates.Unlock(p), "clear", false}} {
			if a := b.get(act.to); a.StatusCode != 200 || a.doc.Find(`[data-testid="user-act-form"]`).Length() != 1 {
				t.Errorf("%q: %s: %d", name, act.to, a.StatusCode)
				continue
			}
			page := b.follow(b.post(act.to, reason(because)))
			if code := page.doc.Find(`[data-testid="verdict"]`).AttrOr("data-code", ""); code != act.code {
				t.Errorf("%q: %s gives %s: %s", name, act.to, code, page.text("main"))
			}
			for _, u := range g.obp.World().Users {
				if u.UserID != "u-lena" && u.UserID != "u-fred" && u.Locked != (act.locked && u.UserID == id) {
					t.Errorf("%q: %s locked: %v", name, u.Username, u.Locked)
				}
			}
		}
		a := b.post(templates.Reset(p), rightReset)
		if !a.has("link") {
			t.Errorf("%q: no link: %d %s", name, a.StatusCode, a.text("main"))
		}
		if a.doc.Find("main script").Length() != 0 {
			t.Errorf("%q: a script came in with the name", name)
		}
		if a := b.post(templates.DeleteUser(p), url.Values{"name": {name}, "reason": {because}}); !strings.Contains(a.id("user-result"), "Deleted") {
			t.Errorf("%q: %d %s", name, a.StatusCode, a.text("main"))
		}
	}
	if strings.Contains(g.log.String(), "alert(1)") {
		t.Error("a name is in the log")
	}
}

// A person who may not read users still sees the parts that they may read.
func TestUserPageInParts(t *testing.T) {
	w := deskWorld()
	for _, role := range []string{"CanGetUserAuthContext", "CanGetEntitlementsForAnyUserAtAnyBank"} {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-olga-" + role, Role: role, UserID: "u-olga"})
	}
	g := newRigOf(t, w, desk)
	a := g.signIn("olga.onebank").get(templates.User("u-felix"))
	if a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("user-roles"), "Create ATMs") || !strings.Contains(a.id("user-contexts"), "No auth context") || a.has("verdict") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if a.doc.Find(`[data-testid="ask-role"] [name=role][value="CanGetAnyUser"]`).Length() == 0 {
		t.Error("the missing role cannot be asked for")
	}
}

// Which lock it is, is told apart by the count and the server's limit; without
// the limit it is said that it is unknown.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		p     templates.Person
		limit int
		code  string
		says  string
	}{
		{person("u-fred", "fred.failed"), 5, "locked_failed", "6 failed attempts, the last 2026-11-24 08:48"},
		{person("u-fred", "fred.failed"), 0, "locked_either", "limit is unknown"},
		{person("u-lena", "lena.locked"), 5, "locked_admin", "by an administrator"},
		{person("u-lena", "lena.locked"), 0, "locked_admin", "by an administrator"},
		{person("u-lena", ""), 5, "locked", "was not read"},
		{person("u-gus", ""), 5, "deleted", "Deleted"},
		{person("u-ella", "ella.elsewhere"), 5, "other", "only for people of its own provider"},
		{felixPerson, 5, "clear", "cannot show whether the address was validated"},
	} {
		g, b := deskRig(t, desk, func(d *Deps) { d.Settings.MaxBadLogins = c.limit })
		page := b.get(templates.UserOf(c.p))
		if code := page.doc.Find(`[data-testid="verdict"]`).AttrOr("data-code", ""); code != c.code || !strings.Contains(page.id("verdict"), c.says) {
			t.Errorf("%s with limit %d: %s, want %s: %s", c.p.UserID, c.limit, code, c.code, page.id("verdict"))
		}
		if n := len(g.readings(journal.ReadUser)); n != 1 {
			t.Errorf("%s: %d readings noted", c.p.UserID, n)
		}
	}
}

func (g *rig) readings(kind string) []journal.Reading {
	g.t.Helper()
	list, _, err := g.journal.Readings(g.t.Context(), journal.ReadFilter{Kind: kind})
	if err != nil {
		g.t.Fatal(err)
	}
	return list
}
