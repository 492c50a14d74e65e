package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func two(d *Deps) { d.Settings.SecondPerson = true }

// A high-risk role takes two people: the first approval waits and grants
// nothing, the second's carries it out, each recorded and bound together.
func TestSecondPerson(t *testing.T) {
	g := newRig(t, two)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if page := anna.get("/requests/r-anyuser?u=u-felix&b="); !strings.Contains(page.id("second"), "takes two people") {
		t.Errorf("not said: %s", page.id("second"))
	}
	a := anna.post("/requests/r-anyuser/approve", reason("first word"))
	if a.StatusCode != http.StatusSeeOther || g.writes() != 0 || !g.open("r-anyuser") {
		t.Fatalf("first: %d, %d writes", a.StatusCode, g.writes())
	}
	if page := anna.follow(a); !strings.Contains(page.id("flash"), "one of two") {
		t.Errorf("flash %q", page.id("flash"))
	}
	if page := ben.get("/"); !strings.Contains(page.id("home-second"), admin) {
		t.Errorf("home: %s", page.text("main"))
	}
	if page := ben.get("/requests"); !strings.Contains(page.text(`tr[data-id="r-anyuser"]`), "one of two") {
		t.Errorf("queue: %s", page.text(`tr[data-id="r-anyuser"]`))
	}
	page := anna.get("/requests/r-anyuser?u=u-felix&b=")
	if page.has("approve") || !page.has("withdraw") || !page.has("decline") {
		t.Errorf("the first person's sheet: %s", page.text("#sheet"))
	}
	if a := anna.post("/requests/r-anyuser/approve", reason("again")); a.StatusCode != http.StatusForbidden || g.writes() != 0 {
		t.Errorf("the first person alone: %d", a.StatusCode)
	}
	if page := ben.get("/requests/r-anyuser?u=u-felix&b="); !strings.Contains(page.id("second"), "first word") || !page.has("approve") {
		t.Errorf("the second person's sheet: %s", page.text("#sheet"))
	}
	if a := ben.post("/requests/r-anyuser/approve", reason("second word")); a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanGetAnyUser", "") != 1 || g.open("r-anyuser") {
		t.Fatalf("second: %d %s", a.StatusCode, a.text("main"))
	}
	rows := g.acts(journal.ActApprove)
	if len(rows) != 1 || rows[0].Entry.Operator.UserID != "u-ben" || rows[0].Entry.ParentKind != journal.ParentSecondPerson || rows[0].Result.Outcome != journal.OutcomeDone {
		t.Errorf("recorded %+v", rows)
	}
	for _, act := range []journal.Act{journal.ActFirstApproval, journal.ActConfirm, journal.ActUseApproval} {
		if len(g.acts(act)) != 1 {
			t.Errorf("%s is recorded %d times", act, len(g.acts(act)))
		}
	}
	g.intact()
}

// Who is no second person: an account of the first, and whom the first gave
// the right to approve lately.
func TestNoSecondPerson(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Deps)
		before func(*rig)
		after  time.Duration
		rule   Rule
	}{
		{"the same person by the list", func(d *Deps) { d.Settings.SamePerson = SamePerson{{admin, "ben.second"}} }, nil, 0, RuleSecondSame},
		{"a puppet", nil, func(g *rig) { madeApprover(g, "u-ben", "u-anna") }, 29 * 24 * time.Hour, RuleSecondPuppet},
		{"a puppet of long ago", nil, func(g *rig) { madeApprover(g, "u-ben", "u-anna") }, 31 * 24 * time.Hour, ""},
		{"made an approver by a third", nil, func(g *rig) { madeApprover(g, "u-ben", "u-olga") }, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := []func(*Deps){two}
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRig(t, change...)
			if c.before != nil {
				c.before(g)
			}
			g.advance(c.after)
			anna, ben := g.signIn(admin), g.signIn("ben.second")
			anna.post("/requests/r-anyuser/approve", reason(because))
			a := ben.post("/requests/r-anyuser/approve", reason(because))
			if c.rule == "" {
				if a.StatusCode != http.StatusSeeOther || g.open("r-anyuser") {
					t.Errorf("%d %s", a.StatusCode, a.text("main"))
				}
				return
			}
			if a.StatusCode != http.StatusForbidden || g.writes() != 0 || !strings.Contains(a.text("main"), templates.Word("rule."+string(c.rule))) {
				t.Errorf("%d %s", a.StatusCode, a.text("main"))
			}
			if rows := g.acts(journal.ActRefused); len(rows) != 1 || rows[0].Entry.Rule != string(c.rule) {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

// madeApprover records that one person gave another the right to approve.
func madeApprover(g *rig, person, by string) {
	g.t.Helper()
	i, err := g.journal.Intend(g.t.Context(), journal.Entry{Act: journal.ActApprove, Operator: journal.Party{UserID: by}, Person: journal.Party{UserID: person}, Role: "CanCreateEntitlementAtAnyBank"})
	if err != nil {
		g.t.Fatal(err)
	}
	if err := g.journal.Outcome(g.t.Context(), i, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		g.t.Fatal(err)
	}
}

// A first approval lapses, can be withdrawn by its author alone, and ends with
// the request.
func TestFirstApprovalEnds(t *testing.T) {
	g := newRig(t, two)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	anna.post("/requests/r-anyuser/approve", reason(because))
	id := g.acts(journal.ActFirstApproval)[0].ActID
	if a := ben.post(templates.Withdraw(id), nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("withdrawn by another: %d", a.StatusCode)
	}
	if page := anna.follow(anna.post(templates.Withdraw(id), nil)); !strings.Contains(page.id("flash"), "Withdrawn") || !strings.Contains(page.id("second"), "takes two people") {
		t.Errorf("%s", page.text("main"))
	}
	anna.post("/requests/r-anyuser/approve", reason(because))
	g.advance(7*24*time.Hour + time.Minute)
	anna, ben = g.signIn(admin), g.signIn("ben.second")
	if a := ben.post("/requests/r-anyuser/approve", reason(because)); a.StatusCode != http.StatusSeeOther || g.writes() != 0 {
		t.Errorf("a lapsed approval still counts: %d, %d writes", a.StatusCode, g.writes())
	}
	if a := anna.post("/requests/r-anyuser/decline", reason("no")); a.StatusCode != http.StatusSeeOther || g.open("r-anyuser") {
		t.Errorf("decline: %d", a.StatusCode)
	}
	if list, err := g.journal.Approvals(t.Context(), journal.ApprovalFilter{States: []journal.ApprovalState{journal.StateWaiting}}); err != nil || len(list) != 0 {
		t.Errorf("still waiting: %+v %v", list, err)
	}
	g.intact()
}
