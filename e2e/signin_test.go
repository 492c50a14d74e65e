package e2e

import (
	"strings"
	"testing"
)

const signInError = `[data-testid="sign-in-error"], [data-testid="field-error"]`

// A wrong password is refused in words and keeps the name that was typed; the
// right one leads to the first page, which says what waits.
func TestSignInWrongAndRight(t *testing.T) {
	w, _ := someWorld()
	c := serve(t, w)
	inTurn(t, func(t *testing.T, setup option) {
		v := c.visit(t, setup)
		v.open("/sign-in")
		v.expect(401, "/sign-in")
		v.typeSignIn(anna, "not the password")
		v.seeText(signInError, "wrong")
		if got := v.value("#username"); got != anna {
			t.Errorf("the name is %q after a wrong password", got)
		}
		if got := v.value("#password"); got != "" {
			t.Errorf("the page gives the password back: %q", got)
		}
		if n := len(v.cookies()); n != 0 {
			t.Errorf("%d cookies before signing in", n)
		}
		v.typeSignIn(anna, password)
		v.seeText(id("home-sentence"), "5 requests wait")
		v.seeText(id("operator"), anna)
		if v.path() != "/" {
			t.Errorf("signing in leads to %s", v.path())
		}
		if n := len(v.cookies()); n != 1 {
			t.Errorf("%d cookies after signing in", n)
		}
	})
}

// Characters that DirectLogin cannot carry are named at their field, and
// nothing is sent to OBP.
func TestSignInNamesBadCharacters(t *testing.T) {
	c := serve(t, emptyWorld())
	inTurn(t, func(t *testing.T, setup option) {
		v := c.visit(t, setup)
		v.open("/sign-in")
		v.expect(422, "/sign-in")
		for _, in := range []struct{ name, secret, field, word string }{
			{"anna,approver", password, "username", ","},
			{"żółw", password, "username", "ż"},
			{anna, "pass,word", "password", "comma"},
			{anna, "pässword", "password", ""},
		} {
			v.typeSignIn(in.name, in.secret)
			v.seeText("#"+in.field+"-e", in.word)
			if got := v.get(`document.querySelector('[aria-invalid="true"]')?.id`); got != in.field {
				t.Errorf("%q: the field in error is %q", in.name, got)
			}
			if strings.Contains(v.get("document.documentElement.outerHTML"), in.secret) {
				t.Error("the page holds the password")
			}
		}
		if n := c.obp.signIns(); n != 0 {
			t.Errorf("%d sign-ins were sent to OBP", n)
		}
	})
}

// Without a role nobody gets in where role holders may; the refusal names the
// setting.
func TestSignInRefusedBySetting(t *testing.T) {
	c := serve(t, emptyWorld())
	inTurn(t, func(t *testing.T, setup option) {
		v := c.visit(t, setup)
		v.open("/sign-in")
		v.expect(403, "/sign-in")
		v.typeSignIn(felix, secretOf(felix))
		v.seeText(signInError, "SIGN_IN_ALLOWED")
	})
}

// Signing out ends the session on the server, and Back shows nothing
// (security 7, security 8).
func TestSignOutThenBackShowsNothing(t *testing.T) {
	w, ids := someWorld()
	c := serve(t, w)
	inTurn(t, func(t *testing.T, setup option) {
		v := c.visit(t, setup, wholeBrowser)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.seeText(id("sheet"), felix)
		v.follow(func() { v.click(id("sign-out")) })
		v.see(id("sign-in-form"))
		v.follow(v.back)
		v.see(id("sign-in-form"))
		if text := v.get("document.body.innerText"); strings.Contains(text, felix) {
			t.Error("Back shows the page of a person who is signed out")
		}
		if n := len(v.cookies()); n > 1 {
			t.Errorf("%d cookies after signing out", n)
		}
	})
}

// A link in a mail or a ticket opens for who is signed in, although the strict
// cookie is not sent with the first request.
func TestLinkFromAnotherSiteArrivesSignedIn(t *testing.T) {
	w, ids := someWorld()
	c := serve(t, w)
	inTurn(t, func(t *testing.T, setup option) {
		v := c.visit(t, setup)
		v.signIn(anna)
		mail := otherSite(t, `<a href="`+c.url+`/requests/`+ids.branch+`?role=CanCreateBranch" data-testid="link">the request</a>`)
		v.navigate(mail)
		v.click(id("link"))
		v.seeText(id("sheet"), felix)
		v.seeText(id("operator"), anna)
		if !strings.Contains(v.path(), "role=CanCreateBranch") {
			t.Errorf("the filter of the link is lost: %s", v.path())
		}
		v.quiet()
	})
}

// Forms of another site are refused: no decision, no forged sign-in
// (security 22, security 24).
func TestFormsOfAnotherSiteAreRefused(t *testing.T) {
	w, ids := someWorld()
	c := serve(t, w)
	v := c.visit(t)
	v.signIn(anna)
	for path, fields := range map[string]string{
		"/requests/" + ids.branch + "/approve": `<input name="reason" value="forged">`,
		"/requests/" + ids.branch + "/decline": `<input name="reason" value="forged">`,
		"/sign-in":                             `<input name="username" value="` + bella + `"><input name="password" value="` + secretOf(bella) + `">`,
		"/sign-out":                            "",
	} {
		v.navigate(otherSite(t, `<form method="post" action="`+c.url+path+`">`+fields+`<button data-testid="send">Send</button></form>`))
		v.expect(403, path)
		v.click(id("send"))
		v.see(id("problem"))
		v.quiet()
	}
	if n := c.obp.writes(); n != 0 {
		t.Errorf("%d writes reached OBP", n)
	}
	v.open("/requests")
	v.seeText(id("operator"), anna)
}
