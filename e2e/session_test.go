package e2e

import (
	"strings"
	"testing"
	"time"
)

// A session that OBP ended while somebody was typing costs no word: the form
// that was sent comes back after signing in again, and is not sent by itself.
func TestSessionEndsWhileTyping(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "A long reason, typed with care")
		v.fill(id("ticket"), "OPS-3")
		c.obp.forget()
		v.click(id("approve"))
		v.see(id("sign-in-form"))
		v.quiet()
		if n := c.obp.writes(); n != 0 {
			t.Errorf("%d writes reached OBP before signing in again", n)
		}
		v.typeSignIn(anna, password)
		v.seeText(id("sheet"), felix)
		if got := v.value(id("reason")); got != "A long reason, typed with care" {
			t.Errorf("the reason is %q after signing in again", got)
		}
		if got := v.value(id("ticket")); got != "OPS-3" {
			t.Errorf("the ticket is %q after signing in again", got)
		}
		if n := c.obp.writes(); n != 0 {
			t.Errorf("%d writes reached OBP without another press", n)
		}
		v.click(id("approve"))
		v.seeText(id("flash"), felix)
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 {
			t.Errorf("felix holds the role %d times", n)
		}
	})
}

// What one person typed is not shown to the next who signs in at that browser.
func TestKeptFormIsForItsWriter(t *testing.T) {
	needs(t, faults)
	w, ids := someWorld()
	c := serve(t, w)
	v := c.visit(t)
	v.signIn(anna)
	v.open("/requests/" + ids.branch)
	v.fill(id("reason"), "for anna's eyes")
	c.obp.forget()
	v.click(id("approve"))
	v.see(id("sign-in-form"))
	v.quiet()
	v.typeSignIn(bella, secretOf(bella))
	v.seeText(id("operator"), bella)
	v.open("/requests/" + ids.branch)
	if got := v.value(id("reason")); got != "" {
		t.Errorf("the form holds another person's words: %q", got)
	}
}

// A person who does nothing is signed out: with scripts the page empties
// itself and says why; without, the next click does (security 4, security 8).
func TestIdleSessionEnds(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, "IDLE_TIMEOUT=4s")
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		shown := time.Now()
		v.see(id("session-ends"))
		if v.scripts {
			v.see("#idle") // the warning
			v.see(id("sign-in-form"))
			v.quiet()
		} else {
			v.until("the idle limit to pass", func() bool { return time.Since(shown) > 4500*time.Millisecond })
			v.follow(func() { v.click(id("nav-home")) })
			v.see(id("sign-in-form"))
		}
		if strings.Contains(v.get("document.body.innerText"), felix) {
			t.Error("the page still shows what it showed")
		}
		v.seeText("main", "signed out")
	})
}

// An account that was locked or deleted meanwhile is out at the next click,
// with a sentence that says which.
func TestSentenceForEachEnd(t *testing.T) {
	needs(t, faults)
	for op, word := range map[string]string{
		"OBP-20013: The account has been locked, please contact an administrator!": "locked",
		"OBP-20064: The user is deleted!":                                          "deleted",
	} {
		t.Run(word, func(t *testing.T) {
			w, _ := someWorld()
			c := serve(t, w)
			v := c.visit(t)
			v.signIn(anna)
			c.obp.fault("GET /entitlement-requests", map[string]any{"status": 401, "message": op})
			v.follow(func() { v.click(id("nav-requests")) })
			v.see(id("sign-in-form"))
			v.seeText("main", word)
			if n := len(v.cookies()); n > 1 {
				t.Errorf("%d cookies", n)
			}
		})
	}
}

// Back after a part of the page was swapped shows a whole page.
func TestBackAfterASwapShowsAWholePage(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup, wholeBrowser)
		v.signIn(anna)
		v.open("/requests")
		v.click(row(ids.branch))
		v.seeText(id("sheet"), felix)
		v.quiet()
		v.click(row(ids.atm))
		v.wait("the other sheet", `document.querySelector('#sheet')?.dataset.id === `+quote(ids.atm))
		v.quiet()
		for _, want := range []string{ids.branch, ""} {
			v.back()
			v.wait("the page before", `location.pathname === `+quote(strings.TrimSuffix("/requests/"+want, "/"))+
				` && (document.querySelector('#sheet')?.dataset.id ?? '') === `+quote(want))
			v.quiet()
			v.see(id("operator"))
			v.see(id("nav-requests"))
			v.see(id("request-row"))
			if n := v.count("main"); n != 1 {
				t.Errorf("%d main parts after Back", n)
			}
			if n := v.count("h1"); n != 1 {
				t.Errorf("%d headings after Back", n)
			}
		}
		v.open("/me")
		v.follow(v.back)
		v.see(id("request-row"))
	})
}
