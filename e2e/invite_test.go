package e2e

import (
	"net/url"
	"testing"
)

// Somebody is invited to sign up at a bank, beside Create; what is missing is
// said beside its field, and the invitation stands in the bank's list.
func TestInvite(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		w.hold(anna, "CanCreateUserInvitation", bankOne)
		_, v := desk(t, w, setup)
		v.open("/users")
		v.see(id("new-user"))
		v.doAct(id("invite"))
		v.pick("#invite-at", bankOne)
		v.expect(403, "/invitations")
		v.doAct(id("invite-bank") + " button")
		v.seeText(id("invitations"), "CanGetUserInvitation")
		v.see(id("invite-go"))
		v.holdAll("invitations without the role to see them")
	})
}

// With both roles the list is seen, filled and kept.
func TestInviteAndSee(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := inviteWorld()
		_, v := desk(t, w, setup)
		v.open("/users")
		v.doAct(id("invite"))
		if far == nil { // OBP has no call that takes an invitation back
			v.seeText(id("invitations"), "Nobody was invited")
		}
		v.holdAll("no invitation yet")
		at := "/invitations"
		v.expect(422, at)
		v.fill(id("invite-first"), "Ina")
		v.doAct(id("invite-go"))
		v.see("#last-e")
		v.see("#email-e")
		if got := v.value(id("invite-first")); got != "Ina" {
			t.Errorf("typed was Ina, shown is %q", got)
		}
		v.holdAll("an invitation refused")
		for field, text := range invitee {
			v.fill(id("invite-"+field), text)
		}
		v.pick("#purpose", "CUSTOMER")
		v.doAct(id("invite-go"))
		v.seeText(id("flash"), "ina@example.com")
		v.seeText(id("invitation"), "Ina Vited")
		v.holdAll("an invitation")
		v.open("/invitations?bank=" + url.QueryEscape(bankOne))
		v.seeText(id("invitation"), "ina@example.com")
		v.open("/journal")
		v.seeText("main", "Invited")
	})
}

// invitee is what the form of an invitation asks for, but for its purpose.
var invitee = map[string]string{"first": "Ina", "last": "Vited", "email": "ina@example.com", "company": "Lab", "country": "Germany", "reason": "runs the pilot"}

func inviteWorld() world {
	w := deskWorld()
	w.hold(anna, "CanCreateUserInvitation", bankOne)
	w.hold(anna, "CanGetUserInvitation", bankOne)
	return w
}
