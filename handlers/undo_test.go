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

const opRevoke = "DELETE /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}"

// approved gives an approval's act id and the entitlement that it made.
func approved(t *testing.T, g *rig, b *browser) (actID, entitlement string) {
	t.Helper()
	if a := b.post("/requests/r-branch/approve", reason(because)); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.StatusCode)
	}
	row := g.acts(journal.ActApprove)[0]
	return row.ActID, row.EntitlementIDs()[0]
}

// An undo revokes what the act made and nothing else of that role, as a new
// act with its own reason.
func TestUndoApproval(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	act, made := approved(t, g, anna)
	if page := anna.get("/requests"); !strings.Contains(page.id("flash"), "Undo") {
		t.Errorf("the result offers no undo: %s", page.id("flash"))
	}
	page := anna.get(templates.Undo(act))
	box := page.doc.Find(`[data-testid="undo-choice"]`)
	if v, _ := box.Attr("value"); box.Length() != 1 || v != made || box.AttrOr("checked", "no") == "no" {
		t.Fatalf("choices: %s", page.text("main"))
	}
	if a := anna.post(templates.Undo(act), url.Values{"entitlement": {made}}); a.StatusCode != http.StatusUnprocessableEntity || g.held("u-felix", "CanCreateBranch", "bank.one") != 1 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	a := anna.post(templates.Undo(act), url.Values{"entitlement": {made}, "reason": {"wrong person"}})
	if a.StatusCode != http.StatusSeeOther || g.held("u-felix", "CanCreateBranch", "bank.one") != 0 {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	if page := anna.follow(a); !strings.Contains(page.id("flash"), "Undone") || !strings.Contains(page.text("main"), "wrong person") {
		t.Errorf("%s", page.text("main"))
	}
	rows := g.acts(journal.ActUndoApprove)
	if len(rows) != 1 || rows[0].Entry.ParentID != act || rows[0].Entry.ParentKind != journal.ParentUndo || rows[0].Result.Outcome != journal.OutcomeDone {
		t.Errorf("recorded %+v", rows)
	}
	if page := anna.get(templates.Undo(act)); !strings.Contains(page.id("undo-why"), "does not hold") {
		t.Errorf("a second undo: %s", page.text("main"))
	}
	g.intact()
}

// Another entitlement id, another person's or another role's, is refused with
// no write; a decline and an approval that made nothing offer no undo.
func TestUndoRefuses(t *testing.T) {
	g := newRig(t)
	anna := g.signIn(admin)
	act, _ := approved(t, g, anna)
	before := g.writes()
	for _, id := range []string{"e-u-felix-CanCreateAtm-bank.one", "e-u-ben-CanGetAnyUser-", "nonsense", ""} {
		a := anna.post(templates.Undo(act), url.Values{"entitlement": {id}, "reason": {"x"}})
		if a.StatusCode != http.StatusUnprocessableEntity || g.writes() != before {
			t.Errorf("%q: %d, %d writes", id, a.StatusCode, g.writes()-before)
		}
	}
	anna.post("/requests/r-locked/decline", reason("no"))
	decline := g.acts(journal.ActDecline)[0].ActID
	if page := anna.get(templates.Undo(decline)); !strings.Contains(page.id("undo-why"), "OBP cannot restore") || page.has("undo-form") {
		t.Errorf("a decline: %s", page.text("main"))
	} else if got := page.doc.Find(`[data-testid="undo-instead"]`).AttrOr("href", ""); got != templates.Grant("u-lena", "CanCreateProduct", "bank.two") {
		t.Errorf("instead of an undo: %q", got)
	}
	if page := anna.get(templates.JournalAct(decline)); !strings.Contains(page.text("main"), templates.Word("undo.title")) {
		t.Errorf("a decline's record leads to no undo: %s", page.text("main"))
	}
	anna.post("/requests/r-held/approve", reason(because))
	held := g.acts(journal.ActApprove)[0].ActID
	if page := anna.get(templates.Undo(held)); !strings.Contains(page.id("undo-why"), "gave nothing") || page.has("undo-form") {
		t.Errorf("an approval of a role that was held: %s", page.text("main"))
	}
	if a := anna.get(templates.Undo("no-such-act")); a.StatusCode != 404 {
		t.Errorf("no such act: %d", a.StatusCode)
	}
}

// A revocation that OBP refuses, or leaves without an answer, is said as it is.
func TestUndoBreaks(t *testing.T) {
	for _, c := range []struct {
		name string
		f    sandbox.Fault
		held int
		says string
		out  journal.Outcome
	}{
		{"refused", sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanDeleteEntitlementAtAnyBank"}, 1, "0 of 1 were revoked", journal.OutcomeFailed},
		{"cut before", sandbox.Fault{Cut: "before"}, 1, "0 of 1 were revoked", journal.OutcomeUnknown},
		{"cut after", sandbox.Fault{Cut: "after"}, 0, "Undone", journal.OutcomeDone},
		{"gone already", sandbox.Fault{Status: 404, Message: "OBP-30212: EntitlementId not found", Applied: true}, 0, "Undone", journal.OutcomeDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t)
			anna := g.signIn(admin)
			act, made := approved(t, g, anna)
			anna.get("/requests")
			c.f.Times = 1
			if err := g.obp.SetFault(opRevoke, c.f); err != nil {
				t.Fatal(err)
			}
			a := anna.post(templates.Undo(act), url.Values{"entitlement": {made}, "reason": {"wrong person"}})
			if page := anna.follow(a); !strings.Contains(page.id("flash"), c.says) {
				t.Errorf("%s", page.id("flash"))
			}
			if n := g.held("u-felix", "CanCreateBranch", "bank.one"); n != c.held {
				t.Errorf("held %d times", n)
			}
			if rows := g.acts(journal.ActUndoApprove); len(rows) != 1 || rows[0].Result.Outcome != c.out {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}
