package handlers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// The count that a page without the user name leaves out is read after it, with
// the verdict that follows; somebody else's name gives nothing of theirs.
func TestLateCounter(t *testing.T) {
	g, b := deskRig(t, desk)
	page := b.get(templates.User("u-fred"))
	to := page.doc.Find(`#counter[hx-trigger="load"]`).AttrOr("hx-get", "")
	if to != templates.UserOf(person("u-fred", "fred.failed")) || page.doc.Find("#verdict").AttrOr("data-code", "") == "locked_failed" {
		t.Fatalf("the page reads it later at %q: %s", to, page.id("verdict"))
	}
	var a answer
	made := g.made(func() {
		a = inFlight(t, g, []string{opUser, opStatus}, func() answer { return b.part(templates.CounterID).get(to) })
	})
	if d := cmp.Diff(map[string]int64{opUser: 1, opStatus: 1}, made); d != "" {
		t.Error(d)
	}
	if !strings.Contains(a.body, "6; locked beyond 5") || a.doc.Find(`#verdict[hx-swap-oob][data-code="locked_failed"]`).Length() != 1 || a.doc.Find("main").Length() != 0 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	a = b.part(templates.CounterID).get(templates.UserOf(person("u-felix", "fred.failed")))
	if strings.Contains(a.body, "6") || a.doc.Find("#counter").AttrOr("hx-get", "") != templates.UserOf(felixPerson) {
		t.Errorf("somebody else's: %s", a.body)
	}
	if err := g.obp.SetFault(opStatus, sandbox.Fault{Status: 403, Message: lacks("CanReadUserLockedStatus").message}); err != nil {
		t.Fatal(err)
	}
	if a = b.part(templates.CounterID).get(to); !strings.Contains(a.body, "CanReadUserLockedStatus") || a.doc.Find("#verdict").Length() != 1 {
		t.Errorf("without the role: %s", a.body)
	}
}
