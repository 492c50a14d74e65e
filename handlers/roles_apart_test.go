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

// A DAuth user who is listed as another account of the operator gets nothing
// from them, and a role at the wrong scope is refused and recorded.
func TestDAuthRefusedByUs(t *testing.T) {
	g := newRig(t, func(d *Deps) { d.Settings.SamePerson = SamePerson{{admin, "0xanna"}} })
	b := g.signIn(admin)
	for name, status := range map[string]int{"0xanna": http.StatusForbidden, "0xelse": http.StatusUnprocessableEntity} {
		f := url.Values{"provider": {"dauth.example"}, "username": {name}, "role": {"CanCreateBranch"}, "reason": {"partner"}}
		if name == "0xanna" {
			f.Set("bank", "bank.one")
		}
		if a := b.post(templates.DAuthPattern, f); a.StatusCode != status || g.writes() != 0 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.text("main"))
		}
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 2 {
		t.Errorf("recorded %+v", rows)
	}
}

// Roles that one person must not hold together count as high risk for whoever
// holds the other: marked in the queue, on the sheet, in the grant's form and
// in a review; text and a second person are needed, and no bulk takes them.
func TestHeldApart(t *testing.T) {
	g := newRig(t, two, many, func(d *Deps) { d.Settings.HeldApart = [][2]string{{"CanCreateAtm", "CanCreateBranch"}} })
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	if page := anna.get("/requests"); !strings.Contains(page.text(`tr[data-id="r-branch"]`), "high risk") {
		t.Errorf("the queue: %s", page.text(`tr[data-id="r-branch"]`))
	}
	if page := anna.get("/requests/r-branch"); !strings.Contains(page.text("#sheet"), "must not be held together") {
		t.Errorf("the sheet: %s", page.text("#sheet"))
	}
	if text := anna.get(templates.Grant("u-felix", "CanCreateBranch", "")).text(`[data-testid="role-choice"]:has([value="CanCreateBranch"])`); !strings.Contains(text, "not together with") {
		t.Errorf("the grant's form: %s", text)
	}
	if page := anna.post(templates.BulkPattern, chosen("approve", "r-branch")); !strings.Contains(page.id("bulk-left-out"), outsider) {
		t.Errorf("a bulk takes it: %s", page.text("main"))
	}
	if a := anna.post("/requests/r-branch/approve", url.Values{"reason_code": {"needed"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without text: %d", a.StatusCode)
	}
	anna.post("/requests/r-branch/approve", reason("both for a week"))
	if a := anna.post(templates.Grant("u-felix", "", ""), grantForm("CanCreateBranch", "bank.one", because)); g.writes() != 0 || !strings.Contains(a.text("main"), "one of two") {
		t.Errorf("a direct grant goes around it: %d %s", a.StatusCode, a.text("main"))
	}
	ben.post("/requests/r-branch/approve", reason("I agree"))
	if g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Error("two people did not grant it")
	}
	anna.begin("baseline", "all")
	if _, row := anna.get(anna.begin("begin", "all")).row(outsider, "CanCreateBranch"); !strings.Contains(row.Text(), "not to be held together") {
		t.Errorf("the review: %s", row.Text())
	}
}

// Two roles of a pair that are asked for, or chosen, at once: the first is
// given, and for the second its holder counts, on every path.
func TestHeldApartAtOnce(t *testing.T) {
	pair := func(d *Deps) { d.Settings.HeldApart = [][2]string{{"CanCreateAtm", "CanCreateBranch"}} }
	w := testWorld()
	w.Entitlements = slices.DeleteFunc(w.Entitlements, func(e sandbox.Entitlement) bool { return e.UserID == "u-felix" })
	both := func(g *rig) int {
		return g.held("u-felix", "CanCreateAtm", "bank.one") + g.held("u-felix", "CanCreateBranch", "bank.one")
	}
	t.Run("bulk", func(t *testing.T) {
		g := newRigOf(t, w, two, pair)
		anna := g.signIn(admin)
		f := chosen("approve", "r-branch", "r-held")
		f.Set("reason", because)
		page := finishBulk(t, anna, anna.post(templates.BulkStartPattern, f))
		if got := page.id("bulk-counts"); got != "1 done, 0 failed, 1 left out, 0 to go." || !strings.Contains(page.text("main"), "takes two people") {
			t.Errorf("%s: %s", got, page.text("main"))
		}
		if n := both(g); n != 1 || len(g.acts(journal.ActFirstApproval)) != 0 {
			t.Errorf("%d of the two are held", n)
		}
	})
	t.Run("grant", func(t *testing.T) {
		g := newRigOf(t, w, two, pair)
		f := grantForm("CanCreateAtm", "bank.one", because)
		f.Add("role", "CanCreateBranch")
		a := g.signIn(admin).post(templates.Grant("u-felix", "", ""), f)
		if n := both(g); n != 1 || len(g.acts(journal.ActFirstApproval)) != 1 {
			t.Errorf("%d of the two are held: %s", n, a.text("main"))
		}
	})
	t.Run("dauth", func(t *testing.T) {
		g := newRigOf(t, w, two, pair)
		f := url.Values{"provider": {"dauth.example"}, "username": {"0xnew"}, "role": {"CanCreateAtm", "CanCreateBranch"}, "bank": {"bank.one"}, "reason": {"partner"}}
		if a := g.signIn(admin).post(templates.DAuthPattern, f); a.StatusCode != http.StatusForbidden || g.writes() != 0 {
			t.Errorf("%d %s", a.StatusCode, a.text("main"))
		}
	})
}
