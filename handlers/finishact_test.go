package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// An act on a person that got no answer is an alarm on the first page; its
// record finishes it by what OBP says now, as one recorded act, and writes
// nothing to OBP.
func TestFinishAct(t *testing.T) {
	for _, c := range []struct {
		name, op, to string
		form         url.Values
		f            sandbox.Fault
		act          journal.Act
		ended        journal.Outcome
		says         string
	}{
		{"a lock that was never applied", "POST /users/{USERNAME}/locks", templates.Lock(felixPerson), url.Values{"reason": {"x"}}, sandbox.Fault{Cut: "before"}, journal.ActLock, journal.OutcomeFailed, "never carried it out"},
		{"a lock that was applied", "POST /users/{USERNAME}/locks", templates.Lock(felixPerson), url.Values{"reason": {"x"}}, sandbox.Fault{Cut: "after"}, journal.ActLock, journal.OutcomeDone, "OBP carried it out"},
		{"a grant", opGrant, templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", "x"), sandbox.Fault{Cut: "before"}, journal.ActGrant, journal.OutcomeFailed, "never carried it out"},
		{"a reset link", "POST /management/user/reset-password-url", templates.Reset(felixPerson), verified, sandbox.Fault{Cut: "after"}, journal.ActResetLink, journal.OutcomePartly, "no call of OBP can show"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRigOf(t, helpWorld(), desk)
			b := g.signIn(admin)
			c.f.Times = 1
			if err := g.obp.SetFault(c.op, c.f); err != nil {
				t.Fatal(err)
			}
			if err := g.obp.SetFault(opUser, sandbox.Fault{Skip: 1, Status: 503, Message: "unavailable"}); err != nil { // nor can it be read back
				t.Fatal(err)
			}
			b.post(c.to, c.form)
			g.obp.ClearFaults()
			rows := g.acts(c.act)
			if len(rows) != 1 || rows[0].Finished() {
				t.Fatalf("recorded %+v", rows)
			}
			finish := templates.FinishAct(rows[0].ActID)
			if page := b.follow(b.post(finish, nil)); !strings.Contains(page.id("flash"), "Too early") {
				t.Errorf("at once: %s", page.id("flash"))
			}
			g.advance(2 * obpTimeout)
			if home := b.get("/"); !strings.Contains(home.id("home-unfinished"), outsider) {
				t.Errorf("no alarm: %s", home.text("main"))
			}
			before := g.writes()
			a := b.post(finish, nil)
			if a.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d", a.StatusCode)
			}
			if page := b.follow(a); !strings.Contains(page.id("flash"), c.says) || page.has("finish-form") {
				t.Errorf("%s", page.id("flash"))
			}
			if rows := g.acts(c.act); rows[0].Result.Outcome != c.ended || g.writes() != before {
				t.Errorf("ended %q, %d writes", rows[0].Result.Outcome, g.writes()-before)
			}
			if home := b.get("/"); home.has("home-unfinished") {
				t.Errorf("the alarm stays: %s", home.id("home-unfinished"))
			}
			g.intact()
		})
	}
}

// The read log is for those who read the whole journal.
func TestReadings(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk, func(d *Deps) { d.Settings.Rights.Auditors = []string{"ben.second"} })
	anna := g.signIn(admin)
	anna.get(templates.UserOf(felixPerson))
	if a := anna.get(templates.ReadingsPattern); a.StatusCode != http.StatusForbidden {
		t.Errorf("without the right: %d", a.StatusCode)
	}
	page := g.signIn("ben.second").get(templates.ReadingsPattern)
	if n := page.doc.Find(`[data-testid="reading"]`).Length(); page.StatusCode != 200 || n != 2 || !strings.Contains(page.text("main"), outsider) {
		t.Errorf("%d rows: %s", n, page.text("main"))
	}
}

// Every page that shows a person is noted in the read log, once a session; what
// cannot be noted is not shown.
func TestEveryLookAtAPersonIsNoted(t *testing.T) {
	felix := templates.Person{UserID: "u-felix", Username: outsider}
	for _, path := range []string{templates.User("u-felix"), templates.Contexts("u-felix"), templates.Attributes("u-felix"), templates.Links("u-felix", "bank.one"),
		templates.Grant("u-felix", "", ""), templates.Copy("u-felix", ""), templates.Copy("u-anna", "u-felix"), templates.Revoke("u-felix", "CanCreateAtm", "bank.one"), templates.Leaver("u-felix"),
		templates.Lock(felix), templates.Reset(felix), templates.DeleteUser(felix), templates.Evidence("u-felix", "CanCreateAtm", "bank.one")} {
		g := newRigOf(t, helpWorld(), desk)
		b := g.signIn(admin)
		for range 2 {
			if a := b.get(path); a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s: %d", path, a.StatusCode)
			}
		}
		list := g.readings(journal.ReadUser)
		if n := slices.IndexFunc(list, func(x journal.Reading) bool { return x.Subject == "u-felix" }); n < 0 || len(list) > 2 {
			t.Errorf("%s: %+v", path, list)
		}
		h := newRigOf(t, helpWorld(), desk)
		b = h.signIn(admin)
		if _, err := h.journal.DB().Exec(`ALTER TABLE reads RENAME TO lost`); err != nil {
			t.Fatal(err)
		}
		if a := b.get(path); a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.text("main"), "felix.fresh@example.com") {
			t.Errorf("%s, not noted: %d %s", path, a.StatusCode, a.text("main"))
		}
	}
}

// A revocation that got no answer is an alarm for whoever can find out what is
// true, and for nobody else; any of them ends it.
func TestUnansweredUndoIsEndedByAnother(t *testing.T) {
	g := newRig(t)
	anna, ben, felix := g.signIn(admin), g.signIn("ben.second"), g.signIn(outsider)
	act, made := approved(t, g, anna)
	g.fault(opRevoke, sandbox.Fault{Cut: "before", Times: 1})
	anna.post(templates.Undo(act), url.Values{"entitlement": {made}, "reason": {"wrong person"}})
	g.advance(2 * obpTimeout)
	undo := g.acts(journal.ActUndoApprove)[0].ActID
	if home := felix.get("/"); home.has("home-unfinished") {
		t.Errorf("somebody without rights reads %s", home.id("home-unfinished"))
	}
	for _, b := range []*browser{anna, ben} {
		if n := b.get("/").doc.Find(`[data-testid="home-unfinished"] a[href="` + templates.JournalAct(undo) + `"]`).Length(); n != 1 {
			t.Errorf("%d alarms", n)
		}
	}
	if page := ben.get(templates.JournalAct(undo)); !page.has("finish-form") || strings.Contains(page.text("main"), "wrong person") {
		t.Errorf("its record: %s", page.text("main"))
	}
	if page := ben.follow(ben.post(templates.FinishAct(undo), nil)); !strings.Contains(page.id("flash"), "never carried it out") {
		t.Errorf("%s", page.id("flash"))
	}
	if g.acts(journal.ActUndoApprove)[0].Result.Outcome != journal.OutcomeFailed || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Error("it is not ended by what is true")
	}
	g.intact()
}

// "Granted, not closed" names a person and a role: only who may see the queue,
// or read the record, is told.
func TestAlarmIsNotForEverybody(t *testing.T) {
	g := newRig(t)
	anna, felix := g.signIn(admin), g.signIn(outsider)
	g.fault(opClose, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanDeleteEntitlementRequestsAtAnyBank", Times: 1})
	anna.post("/requests/r-branch/approve", reason(because))
	g.advance(2 * obpTimeout)
	if home := anna.get("/"); !home.has("home-unfinished") {
		t.Errorf("no alarm: %s", home.text("main"))
	}
	if home := felix.get("/"); home.has("home-unfinished") {
		t.Errorf("somebody without rights reads %s", home.id("home-unfinished"))
	}
}
