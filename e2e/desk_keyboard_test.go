package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Somebody is found, locked, seen to be, has their accounts read again and is
// unlocked, by keyboard alone.
func TestLockRefreshUnlockByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		_, v := desk(t, deskWorld(), setup)
		v.open("/")
		v.typeIn("#find", felix)
		v.follow(func() { v.press("\r") })
		v.seeText(id("verdict"), "Nothing found")
		for _, act := range []struct{ link, verdict, flash string }{
			{id("user-acts") + ` a[href*="/lock"]`, "locked by an administrator", "Locked: " + felix},
			{id("user-acts") + ` a[href*="/refresh"]`, "locked by an administrator", "Refreshed"},
			{id("verdict-do"), "Nothing found", "Unlocked: " + felix},
		} {
			v.enter(act.link)
			v.typeIn(id("ticket"), "INC-8\r") // Enter in a field sends nothing
			v.typeInBefore(id("reason"), "by keyboard")
			v.enter(id("act-go"))
			v.seeText(id("flash"), act.flash)
			v.seeText(id("verdict"), act.verdict)
		}
	})
}

// A reset link for somebody with a high-risk role takes two people, by keyboard
// alone: the second learns of it at home, sees how the caller was verified,
// confirms and sees no link; the first presses again.
func TestResetLinkOfTwoByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		w.hold(felix, "CanDeleteUser", "")
		w.hold(bella, "CanCreateResetPasswordUrl", "")
		c, a := desk(t, w, setup)
		b := c.visit(t, setup)
		b.signIn(bella)
		reset := strings.Replace(w.page(felix), "?", "/reset-link?", 1)
		a.open(reset)
		a.choose("#verified", "in_person")
		a.typeIn(id("ticket"), "INC-9")
		a.enter(id("act-go"))
		a.see(id("withdraw"))
		if n := a.count(id("link")) + a.count(id("act-go")) + a.count(id("confirm")); n != 0 {
			t.Fatal("one person alone goes on")
		}
		a.hold("one of two")
		b.open("/")
		b.seeText(id("home-second"), felix)
		b.enter(id("to-approvals"))
		b.enter(id("approval-go"))
		b.seeText(id("second"), "INC-9")
		b.hold("the second person")
		b.enter(id("confirm"))
		b.seeText(id("flash"), "Confirmed")
		if n := b.count(id("link")) + b.count(id("act-go")) + b.count(id("confirm")); n != 0 {
			t.Error("the second person goes on")
		}
		a.open("/")
		a.enter(id("home-second") + ` a[href*="/reset-link"]`)
		a.enter(id("act-go")) // what was typed stands there
		a.tabTo(id("link"))
		if !strings.HasPrefix(a.value(id("link")), portal().String()) {
			t.Errorf("the link is %q", a.value(id("link")))
		}
	})
}

// A call is begun, a reset link made within it and the call ended, by keyboard
// alone; the call's check and ticket stand in the form.
func TestCallAndResetLinkByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		_, v := desk(t, w, setup, wholeBrowser)
		v.open(w.page(felix))
		v.choose(id("call-how"), "video")
		v.typeIn("#call-ticket", "INC-7")
		v.enter(id("call-begin"))
		v.see(id("call-end"))
		v.enter(id("user-acts") + ` a[href*="/reset-link"]`)
		v.tabTo("#verified")
		if v.value("#verified") != "video" || v.value(id("ticket")) != "INC-7" {
			t.Errorf("the call gives %q and %q", v.value("#verified"), v.value(id("ticket")))
		}
		v.enter(id("act-go"))
		v.tabTo(id("link"))
		if !strings.HasPrefix(v.value(id("link")), portal().String()) {
			t.Errorf("the link is %q", v.value(id("link")))
		}
		if v.scripts {
			v.tabTo(id("copy-link"))
			v.press("\r")
			v.wait("the copy announced", `document.querySelector('#live').textContent === 'Copied.'`)
		}
		v.enter(id("reset-done"))
		v.enter(id("call-end"))
		v.see(id("call-begin"))
	})
}

// A user is made and another invited by keyboard alone; Enter in a field sends
// what a browser sends.
func TestCreateAndInviteByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		_, v := desk(t, inviteWorld(), setup)
		name := newName("kay")
		made(t, name)
		v.open("/users")
		v.enter(id("new-user"))
		for _, f := range [][2]string{{"username", name}, {"email", name + "@example.com"}, {"first", "Kay"}, {"last", "Board"}, {"password", "G00d!Passw0rd"}, {"password_again", "G00d!Passw0rd"}, {"reason", "joined today"}} {
			v.typeIn("#"+f[0], f[1])
		}
		v.enter(id("create-user"))
		v.seeText(id("flash"), "Created: "+name)
		v.open("/users")
		v.enter(id("invite"))
		for _, f := range []string{"first", "last", "email", "company", "country", "reason"} {
			v.typeIn(id("invite-"+f), invitee[f])
		}
		v.choose("#purpose", "CUSTOMER")
		v.enter(id("invite-go"))
		v.seeText(id("invitation"), "ina@example.com")
	})
}

// A user is deleted by keyboard alone, after a wrong name leads to its field.
func TestDeleteByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		doris := w.newcomer(t, "doris")
		_, v := desk(t, w, setup)
		v.open(w.page(doris))
		v.enter(id("user-acts") + ` a[href*="/delete"]`)
		v.typeIn(id("delete-name"), "x")
		v.typeIn(id("reason"), "left the bank")
		v.refusedAt(422, strings.Replace(w.page(doris), "?", "/delete?", 1))
		v.enter(id("act-go"))
		v.see("#name-e")
		v.tabTo(id("delete-name"))
		v.press(kb.End + "\b" + doris)
		v.enter(id("act-go"))
		v.seeText(id("user-result"), "Deleted: "+doris)
	})
}

// The list is filtered, cleared and a row's menu opened by keyboard alone.
func TestUserListByKeyboard(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		w.user(felix).Locked = true
		_, v := desk(t, w, setup)
		v.open("/users")
		v.choose("#f-state", "locked")
		v.tabTo(id("users-filter") + " button")
		v.filtered(func() { v.press("\r") }, "state=locked")
		v.seeText(id("user-link"), felix)
		if n := v.count(id("user-row")); n != 1 {
			t.Errorf("%d rows", n)
		}
		v.enter(id("users-clear"))
		v.typeIn("#f-name", maria)
		v.filtered(func() { v.press("\r") }, "name=")
		v.seeText(id("users-note"), "page")
		v.tabTo(id("user-row") + " summary")
		v.press(" ")
		v.enter(id("user-row") + ` details a[href*="/lock"]`)
		v.seeText("h1", maria)
	})
}

// filtered waits until a filter stands in the address: with scripts a part of
// the page changes, without them the whole.
func (v *visitor) filtered(act func(), query string) {
	v.t.Helper()
	if !v.scripts {
		v.follow(act)
	} else {
		act()
	}
	v.until(query+" in the address", func() bool { return strings.Contains(v.path(), query) })
	v.quiet()
}
