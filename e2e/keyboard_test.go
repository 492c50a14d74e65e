package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// tabTo presses Tab until an element has the keyboard, as a person without a
// mouse does. It must be met within as many presses as the page has stops.
func (v *visitor) tabTo(selector string) {
	v.t.Helper()
	for range 150 {
		if v.get(`!!document.activeElement?.matches(`+quote(selector)+`)`) == "true" {
			if v.get(`document.activeElement.matches(':focus-visible')`) != "true" {
				v.t.Errorf("the focus on %s cannot be seen", selector)
			}
			return
		}
		v.press("\t")
	}
	v.t.Fatalf("Tab does not lead to %s; the focus is on %s", selector, v.focus())
}

func (v *visitor) wantFocus(after string) {
	v.t.Helper()
	v.wait("the focus on the page "+after, `document.activeElement && document.activeElement !== document.body`)
}

// Everything up to the approval and past it works by keyboard alone, and the
// focus never falls to the body after a swap.
func TestApproveByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		w.ordered = true
		c := serve(t, w)
		v := c.visit(t, setup)
		v.open("/sign-in")
		v.tabTo("#username")
		v.press(anna)
		v.press("\t")
		v.press(password)
		v.follow(func() { v.press("\r") })
		v.see(id("home-sentence"))
		v.tabTo(".skip")
		v.press("\r")
		v.tabTo(id("home-start"))
		v.press("\r")
		v.seeText(id("sheet"), felix)
		v.quiet()

		v.tabTo(id("reason"))
		v.press("by keyboard")
		v.tabTo(id("ticket"))
		v.press("OPS-4\r") // Enter in a field sends nothing
		v.tabTo(id("approve"))
		if n := c.obp.writes(); n != 0 {
			t.Fatalf("%d writes reached OBP before the button was pressed", n)
		}
		v.press("\r")
		v.seeText(id("flash"), felix)
		v.quiet()
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 {
			t.Errorf("felix holds the role %d times", n)
		}
		if v.scripts {
			v.wait("the focus in the next sheet", `document.activeElement?.closest('#sheet')?.dataset.id === `+quote(ids.atm))
		}

		v.tabTo(id("decline"))
		v.expect(422, "/requests/"+ids.atm+"/decline")
		v.press(" ")
		v.see("#reason-e")
		v.quiet()
		v.wait("the focus on the field to put right", `document.activeElement.id === 'reason'`)
		v.press("not yet")
		v.tabTo(id("decline"))
		v.press("\r")
		v.seeText(id("flash"), orla)
		v.quiet()
		if c.obp.open(ids.atm) {
			t.Error("the declined request is open")
		}
	})
}

// After each swap the focus is on what has changed, or where it was.
func TestFocusStaysOnThePage(t *testing.T) {
	needs(t, scale)
	c := serve(t, fullWorld(40))
	v := c.visit(t)
	v.signIn(anna)
	v.open("/requests")
	for _, step := range []struct {
		to   string
		done string
	}{
		{id("queue-next"), id("queue-prev")},
		{id("queue-prev"), id("queue-next")},
		{"th a", "th[aria-sort]"},
		{id("request-link"), id("sheet")},
		{"#sheet [rel=next]", id("sheet-place")},
	} {
		v.tabTo(step.to)
		v.press("\r")
		v.see(step.done)
		v.quiet()
		v.wantFocus("after " + step.to)
	}
}

// Letters move the focus and send nothing; they can be switched off, and are
// letters in a field.
func TestShortcutsSendNothing(t *testing.T) {
	w, ids := someWorld()
	w.ordered = true
	c := serve(t, w)
	v := c.visit(t)
	v.signIn(anna)
	v.open("/me")
	if v.get(`document.querySelector('[name=shortcuts]').checked`) != "true" {
		v.click("[name=shortcuts]")
		v.follow(func() { v.click(id("me-preferences") + " button") })
	}
	v.open("/requests")
	v.see(id("request-row"))
	v.press("j")
	v.press("j")
	v.press("k")
	if got := v.get(`document.activeElement.closest('tr')?.dataset.id`); got != ids.branch {
		t.Errorf("j, j, k lead to %s", got)
	}
	v.press("\r")
	v.seeText(id("sheet"), felix)
	v.wait("the focus on the sheet", `document.activeElement.id === 'sheet-h'`)
	for key, want := range map[string]string{"a": `button[data-testid="approve"]`, "d": `button[data-testid="decline"]`} {
		v.press(key)
		if got := v.focus(); got != want {
			t.Errorf("%s leads to %s", key, got)
		}
	}
	v.press("a", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	v.fill(id("reason"), "")
	v.press("jkad?")
	if got := v.value(id("reason")); got != "jkad?" {
		t.Errorf("the letters in a field are %q", got)
	}
	v.fill(id("reason"), "")
	if n := c.obp.writes(); n != 0 {
		t.Errorf("%d writes reached OBP", n)
	}
	v.follow(func() { v.click(id("nav-me")) })
	v.click("[name=shortcuts]")
	v.follow(func() { v.click(id("me-preferences") + " button") })
	v.open("/requests")
	v.press("j")
	if got := v.focus(); got != "body" {
		t.Errorf("a shortcut that is switched off leads to %s", got)
	}
}
