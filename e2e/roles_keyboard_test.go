package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enter goes to an element by Tab and presses Enter, which leads to another page.
func (v *visitor) enter(selector string) {
	v.t.Helper()
	v.tabTo(selector)
	v.follow(func() { v.press("\r") })
	v.wantHeading()
}

// wantHeading wants that the page can be told by who cannot see it.
func (v *visitor) wantHeading() {
	v.t.Helper()
	if n := v.count("main h1"); n != 1 {
		v.t.Errorf("%d headings on %s", n, v.path())
	}
}

// typeIn goes to a field by Tab and types into it.
func (v *visitor) typeIn(selector, text string) {
	v.t.Helper()
	v.tabTo(selector)
	v.press(text)
}

// choose goes to a select by Tab and moves to an option by the arrow.
func (v *visitor) choose(selector, value string) {
	v.t.Helper()
	v.tabTo(selector)
	for range 100 {
		if v.value(selector) == value {
			return
		}
		v.press(kb.ArrowDown)
	}
	v.t.Fatalf("the arrow does not lead to %s", value)
}

// A role is found, granted to a person who is found, and revoked, by keyboard
// alone; Enter in a field sends nothing.
func TestGrantAndRevokeByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/roles")
		v.typeIn("#r-q", "branches add")
		if v.scripts {
			v.seeText(id("roles-count"), "1 of ")
			v.wait("the focus where it is typed", `document.activeElement.id === 'r-q'`)
		} else {
			v.follow(func() { v.press("\r") })
		}
		v.enter(`[data-testid="role-row"] a[href="/roles/CanCreateBranch"]`)
		v.enter(id("role-grant"))
		v.typeIn("#q", felix)
		v.follow(func() { v.press("\r") })
		v.tabTo(`#role-list input[value="CanCreateBranch"]`)
		v.press(" ") // off
		v.press(" ") // and on
		v.choose("#bank", bankOne)
		v.typeIn(id("reason"), "by keyboard")
		v.typeIn("#ticket", "HR-1")
		if n := c.obp.writes(); n != 0 {
			t.Fatalf("%d writes before the button was pressed", n)
		}
		v.enter(id("grant-go"))
		v.seeText(id("flash"), "Granted: "+felix)
		if c.holds(felix, "CanCreateBranch", bankOne) != 1 {
			t.Fatal("not granted")
		}
		v.enter(id("user-revoke"))
		v.typeIn("#ticket", "HR-2\r") // Enter in a field sends nothing
		v.typeInBefore(id("reason"), "by keyboard as well")
		v.enter(id("revoke-go"))
		v.seeText(id("flash"), "Revoked")
		if c.holds(felix, "CanCreateBranch", bankOne) != 0 {
			t.Error("not revoked")
		}
	})
}

// typeInBefore goes back to a field by Shift and Tab and types into it.
func (v *visitor) typeInBefore(selector, text string) {
	v.t.Helper()
	for range 150 {
		if v.get(`!!document.activeElement?.matches(`+quote(selector)+`)`) == "true" {
			v.press(text)
			return
		}
		v.press("\t", chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	v.t.Fatalf("Shift and Tab do not lead to %s", selector)
}

// What a leaver holds is taken away by keyboard alone, but for what is not
// ticked any more.
func TestLeaverByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		w.hold(felix, "CanCreateProduct", bankTwo)
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/users/" + c.user(felix))
		v.enter(id("user-leaver"))
		stays := v.get(`document.querySelector('[data-testid="leaver-item"]').innerText`)
		v.tabTo(id("leaver-item") + " input")
		v.press(" ")
		v.typeIn(id("reason"), "by keyboard")
		v.enter(id("leaver-go"))
		v.seeText(id("bulk-counts"), "1 done, 0 failed, 0 left out, 0 to go")
		v.enter(id("bulk") + " a.p")
		if n := c.holds(felix, "CanCreateAtm", bankOne) + c.holds(felix, "CanCreateProduct", bankTwo); n != 1 {
			t.Errorf("%d roles are left, %q was to stay", n, stays)
		}
	})
}

// A review is begun, decided row by row and in a group, and signed off by
// keyboard alone. The second bank has no roles of DAuth people, which OBP cannot
// take away.
func TestReviewByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankTwo)
		w.hold(maria, "CanCreateProduct", bankTwo)
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		for _, do := range []string{"review-baseline", "review-begin"} {
			v.open("/reviews")
			v.choose("#scope", "bank:"+bankTwo)
			v.enter(id(do))
		}
		pending := id("review-row") + `[data-state="pending"]`
		v.enter(pending + `:has(input[aria-label*="` + felix + `"]) ` + id("review-decide"))
		v.typeIn(id("reason"), "by keyboard")
		v.enter(id("row-revoke"))
		v.seeText(id("flash"), "Revoked")
		if c.holds(felix, "CanCreateAtm", bankTwo) != 0 || c.holds(maria, "CanCreateProduct", bankTwo) != 1 {
			t.Error("another row was revoked")
		}
		flagged := pending + ":not(:has(input)) " + id("review-decide")
		for range v.count(flagged) {
			v.enter(flagged)
			v.typeIn(id("reason"), "still needed")
			v.enter(id("row-keep"))
		}
		rows := v.count(pending)
		for range rows {
			v.tabTo(pending + " input:not(:checked)")
			v.press(" ")
		}
		v.enter(id("review-keep"))
		v.seeText(id("flash"), "Kept: "+strconv.Itoa(rows))
		v.enter(id("review-sign-go"))
		v.seeText(id("review-result"), anna)
		v.enter(`a[href^="/reviews/"]`)
		v.enter(id("review-print"))
	})
}
