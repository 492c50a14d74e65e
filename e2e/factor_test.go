package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"obpconsole/handlers"
	"obpconsole/session/journal"
)

// appCode is what an authenticator app shows for the secret.
func appCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// everyLook is hold, with axe at the width of a telephone too.
func (v *visitor) everyLook(state string) {
	v.t.Helper()
	v.hold(state)
	v.look(375, "light")
	v.axe(state)
	v.look(1280, "light")
}

// A second factor is set up at the first sign-in, is asked for at the next and
// for a fresh proof, is replaced on one's own page, and is reset by an
// administrator.
func TestSecondFactorJourney(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serveClocked(t, w, func(s *handlers.Settings) {
			s.SecondFactor, s.Rights.Admins = true, []string{bella}
		})
		v := visit(t, c.url, setup)
		v.open("/sign-in")
		v.typeSignIn(anna, password)
		v.see(id("factor-qr"))
		v.everyLook("second factor at the first sign-in")
		secret := v.see(id("factor-secret"))
		v.expect(401, "/sign-in/code")
		v.fill(id("code"), "000000")
		v.follow(func() { v.click(id("code-form") + " button") })
		v.seeText(id("field-error"), "wrong")
		v.fill(id("code"), appCode(t, secret, c.now()))
		v.follow(func() { v.click(id("code-form") + " button") })
		v.see(id("home-sentence"))

		v.open("/me")
		v.follow(func() { v.click(`nav.tabs a[href="/me/second-factor"]`) })
		v.seeText(id("factor"), "Set up")
		v.everyLook("second factor of one's own")
		c.advance(6 * time.Minute)
		v.open("/requests/" + ids.risk)
		v.fill(id("reason"), "Stands in for the head")
		v.expect(403, "/requests/"+ids.risk+"/approve")
		v.click(id("approve"))
		v.seeText(id("proof-form"), "app of")
		v.everyLook("step-up by a code")
		v.fill(id("code"), appCode(t, secret, c.now()))
		v.click(id("proof-go"))
		v.seeText(id("flash"), maria)
		v.quiet()
		if firsts := c.acts(journal.ActFirstApproval); len(firsts) != 1 || firsts[0].Entry.Reason != "Stands in for the head" {
			t.Errorf("recorded: %+v", firsts)
		}

		v.open("/me/second-factor")
		v.follow(func() { v.click(id("factor-begin")) })
		v.see(id("factor-qr"))
		v.everyLook("second factor being replaced")
		next := v.see(id("factor-secret"))
		if next == secret {
			t.Error("the secret is the same")
		}
		v.fill(id("code"), appCode(t, next, c.now()))
		v.follow(func() { v.click(id("factor-confirm") + " button") })
		v.seeText(id("flash"), "is set up")
		v.gone(id("factor-secret"))

		v.follow(func() { v.click(id("sign-out")) })
		c.advance(time.Minute)
		v.typeSignIn(anna, password)
		v.see(id("code-form"))
		v.gone(id("factor-qr"))
		v.everyLook("second factor at sign-in")
		v.fill(id("code"), appCode(t, next, c.now()))
		v.follow(func() { v.click(id("code-form") + " button") })
		v.see(id("home-sentence"))

		b := visit(t, c.url, setup)
		b.open("/sign-in")
		b.typeSignIn(bella, password)
		b.fill(id("code"), appCode(t, b.see(id("factor-secret")), c.now()))
		b.follow(func() { b.click(id("code-form") + " button") })
		b.open("/operators")
		b.seeText(id("factors"), anna)
		b.everyLook("who has a second factor")
		b.follow(func() { b.click(id("factor-reset")) })
		b.see(id("operator-form"))
		b.everyLook("reset of a second factor")
		b.fill("#reason", "telephone lost, seen in person")
		b.follow(func() { b.click(id("operator-form") + " button") })
		b.seeText(id("flash"), "is reset")
		v.open("/requests")
		v.see(id("sign-in-form"))
		v.typeSignIn(anna, password)
		v.see(id("factor-qr"))
	})
}

// The program demands a code when its setting says so.
func TestSecondFactorSetting(t *testing.T) {
	w, _ := someWorld()
	c := serve(t, w, "SECOND_FACTOR=totp")
	v := c.visit(t)
	v.open("/sign-in")
	v.typeSignIn(anna, password)
	secret := v.see(id("factor-secret"))
	v.open("/requests")
	v.see(id("sign-in-form"))
	v.open("/sign-in/code")
	v.fill(id("code"), appCode(t, secret, time.Now()))
	v.follow(func() { v.click(id("code-form") + " button") })
	v.seeText(id("operator"), anna)
}
