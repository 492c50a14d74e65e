package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// names that an address, a page or a call can break on.
var oddNames = []string{"robot reporting 7", "a/b/../c", "o'hara", "<script>alert(1)</script>", "مريم.الحداد"}

// deskWorld lets anna do what the helpdesk does; the server makes reset links.
func deskWorld() world {
	w := emptyWorld()
	w.Settings.ResetLinks = true
	for _, role := range []string{"CanLockUser", "CanUnlockUser", "CanReadUserLockedStatus", "CanCreateResetPasswordUrl", "CanDeleteUser", "CanRefreshUser",
		"CanGetUserAuthContext", "CanGetUsersWithAttributes", "CanSeeAccountAccessForAnyUser"} {
		w.hold(anna, role, "")
	}
	w.hold(maria, "CanCreateProduct", bankTwo)
	return w
}

func desk(t *testing.T, w world, options ...option) (*console, *visitor) {
	t.Helper()
	c := serve(t, w, "RESET_HOSTS="+portal().Host, "OBP_MAX_BAD_LOGINS=5")
	v := c.visit(t, options...)
	v.signIn(anna)
	return c, v
}

func (w *world) page(name string) string {
	return "/users/" + w.user(name).UserID + "?n=" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// find looks somebody up in the box that stands on every page.
func (v *visitor) find(text string) {
	v.t.Helper()
	v.fill("#find", text)
	v.follow(func() { v.press("\r") })
}

// refusedAt expects an answer at an address, without its query.
func (v *visitor) refusedAt(status int64, address string) {
	path, _, _ := strings.Cut(address, "?")
	v.expect(status, path)
}

func (v *visitor) doAct(button string) {
	v.t.Helper()
	v.follow(func() { v.click(button) })
}

// Anybody is found from any page in one box: by user id, user name, e-mail, or
// a line of a log that holds one; what was looked for is said.
func TestFindAPerson(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		_, v := desk(t, w, setup)
		for _, text := range []string{felix, w.user(felix).UserID, w.user(felix).Email, "09:12:03 WARN login of user=" + felix + " failed from 10.0.0.7"} {
			v.open("/journal")
			v.find(text)
			v.seeText("h1", felix)
			v.seeText(id("flash"), "Looked for")
		}
		v.find("nobody@example.com")
		v.seeText(id("tried"), "e-mail “nobody@example.com”")
		v.see(id("found-none"))
		v.axe("nobody found")
		v.find(w.user(felix).Email + " and " + w.user(maria).Email)
		if n := v.count(id("user-row")); n != 2 {
			t.Errorf("%d people are found", n)
		}
		v.axe("two found")
		if strings.Contains(v.addresses(), "10.0.0.7") {
			t.Error("what was pasted stands in an address")
		}
	})
}

// A name that is hard to write is found like any other.
func TestFindAnOddName(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		for _, name := range oddNames {
			w.addUser(name)
		}
		_, v := desk(t, w, setup)
		for _, name := range oddNames {
			v.find(name)
			v.seeText("h1", name)
			v.seeText(id("verdict"), "Nothing found")
		}
	})
}

// The key / leads to the box on every page, unless shortcuts are off.
func TestFindByKey(t *testing.T) {
	_, v := desk(t, deskWorld(), func(*visitor) {})
	for _, page := range []string{"/", "/requests", "/users", "/journal", "/me"} {
		v.open(page)
		v.press("/")
		v.wait("the focus in the box", `document.activeElement.id === 'find'`)
	}
}

// A lock and an unlock are seen at once; failed sign-ins lock, are told apart
// and counted, and the unlock says what it cleared.
func TestLockAndUnlock(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		c, v := desk(t, w, setup)
		v.open(w.page(felix))
		v.doAct(id("user-acts") + ` a[href*="/lock"]`)
		v.axe("lock")
		v.refusedAt(422, strings.Replace(w.page(felix), "?", "/lock?", 1))
		v.doAct(id("act-go"))
		v.see("#reason-e")
		v.fill(id("reason"), "lost the telephone")
		v.doAct(id("act-go"))
		v.seeText(id("flash"), "Locked: "+felix)
		v.seeText(id("verdict"), "locked by an administrator")
		v.axe("locked by an administrator")
		v.doAct(id("verdict-do"))
		v.fill(id("reason"), "found it")
		v.doAct(id("act-go"))
		v.seeText(id("flash"), "Unlocked: "+felix)
		v.seeText(id("verdict"), "Nothing found")

		for range 6 {
			c.obp.failSignIn(t, maria)
		}
		v.open(w.page(maria))
		v.seeText(id("verdict"), "6 failed attempts")
		v.seeText(id("user-counter"), "6; locked beyond 5")
		v.axe("locked by failures")
		v.open("/users/" + w.user(maria).UserID) // a link without the name: the count comes after the page
		if !v.scripts {
			v.doAct("#counter")
		}
		v.seeText(id("user-counter"), "6; locked beyond 5")
		v.seeText(id("verdict"), "6 failed attempts")
		if y := v.get("scrollY"); y != "0" {
			t.Errorf("the late count scrolled the page to %s", y)
		}
		v.axe("the count came after the page")
		v.doAct(id("verdict-do"))
		v.seeText(id("warning"), "clears 6 failed sign-ins")
		v.fill(id("reason"), "typed it wrongly")
		v.doAct(id("act-go"))
		v.seeText(id("flash"), "6 failed sign-ins were cleared")
		v.seeText(id("user-journal"), "Unlocked a user")
	})
}

// failSignIn tries a wrong password at OBP itself.
func (s *standIn) failSignIn(t *testing.T, name string) {
	t.Helper()
	r, err := http.NewRequest("POST", s.url+"/my/logins/direct", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("DirectLogin", fmt.Sprintf(`username="%s", password="wrong", consumer_key="%s"`, name, consumerKey))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

func (v *visitor) verifyCaller(ticket string) {
	v.t.Helper()
	v.see("#verified")
	if _, err := evaluate[bool](v, `(document.querySelector('#verified').focus(), true)`); err != nil {
		v.t.Fatal(err)
	}
	v.press("C") // "Called back", as by keyboard
	if got := v.value("#verified"); got != "call_back" {
		v.t.Fatalf("verified by %q", got)
	}
	v.fill(id("ticket"), ticket)
}

// Each of OBP's rules is said beside its field; a new user is made once all
// are kept, and the page says what is missing before they can sign in.
func TestCreateAUser(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		_, v := desk(t, deskWorld(), setup)
		name := newName("nina")
		made(t, name)
		v.open("/users")
		v.doAct(id("new-user"))
		v.axe("create")
		fields := []string{"username", "email", "first", "last", "password", "password_again", "reason"}
		good := map[string]string{"username": name, "email": name + "@example.com", "first": "Nina", "last": "New", "password": "G00d!Passw0rd", "password_again": "G00d!Passw0rd", "reason": "joined today"}
		for _, broken := range [][2]string{{"username", "no"}, {"username", "nina..new"}, {"email", "nobody"}, {"first", ""}, {"last", ""}, {"reason", ""}, {"password_again", "G00d!Passw0rdx"},
			{"password", "Sh0rt!Pw"}, {"password", "NoDigit!Pass"}, {"password", "NO_SMALL_1ETTER"}, {"password", "no_capital_1"}, {"password", "N0SignAtAll"}, {"password", "Blank! Passw0rd"}, {"password", "C0mma,Passw!rd"}} {
			for _, f := range fields {
				text := good[f]
				if f == broken[0] || f == "password_again" && broken[0] == "password" {
					text = broken[1]
				}
				v.fill("#"+f, text)
			}
			v.expect(422, "/users/new")
			v.doAct(id("create-user"))
			v.see("#" + broken[0] + "-e")
			if n := v.count("main [aria-invalid=true]"); n != 1 {
				t.Errorf("%q: %d fields are said to be wrong", broken, n)
			}
			if v.value("#password") != "" || v.value("#password_again") != "" {
				t.Errorf("%q: a password is shown again", broken)
			}
		}
		v.axe("create, refused")
		for _, f := range fields {
			v.fill("#"+f, good[f])
		}
		v.doAct(id("create-user"))
		v.seeText(id("flash"), "Created: "+name)
		v.seeText("h1", name)
	})
}

// A deletion wants the user name typed, says what stays, revokes first, and is
// read back.
func TestDeleteAUser(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		doris := w.newcomer(t, "doris")
		w.hold(doris, "CanCreateProduct", bankTwo)
		c, v := desk(t, w, setup)
		v.open(w.page(doris))
		v.doAct(id("user-acts") + ` a[href*="/delete"]`)
		v.seeText("main", "Links to customers")
		v.axe("delete")
		v.fill(id("delete-name"), "doris")
		v.fill(id("reason"), "left the bank")
		v.refusedAt(422, strings.Replace(w.page(doris), "?", "/delete?", 1))
		v.doAct(id("act-go"))
		v.see("#name-e")
		v.fill(id("delete-name"), doris)
		v.doAct(id("act-go"))
		v.seeText(id("user-result"), "Deleted: "+doris)
		v.seeText(id("result-row"), "revoked")
		v.axe("deleted")
		if n := c.obp.granted(w.user(doris).UserID, "CanCreateProduct", bankTwo); n != 0 {
			t.Errorf("the role is held %d times", n)
		}
		v.open("/users/" + w.user(doris).UserID)
		v.seeText(id("verdict"), "Deleted")
	})
}
