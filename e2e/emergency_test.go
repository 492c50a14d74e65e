package e2e

import "testing"

// A role that takes two people is given alone: off unless it is set up, only
// with text and ticket, and an alarm until another person has reviewed it.
func TestEmergencyGrant(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, _ := someWorld()
		c := serve(t, w, "EMERGENCY_GRANTS=on")
		a, b := c.visit(t, setup), c.visit(t, setup)
		a.signIn(anna)
		a.open("/users/" + c.user(felix) + "/grant")
		a.follow(func() { a.click(id("to-emergency")) })
		a.hold("emergency")
		a.pick("#role", "CanGetAnyUser")
		a.fill(id("reason"), "The branch is locked out")
		a.expect(422, a.path())
		a.follow(func() { a.click(id("go")) })
		a.see("#ticket-e")
		a.hold("emergency without a ticket")
		a.fill("#ticket", "INC-7")
		a.follow(func() { a.click(id("go")) })
		a.seeText(id("flash"), "Granted in an emergency: "+felix)
		a.seeText(id("refusal"), "Another person has to review it")
		if c.holds(felix, "CanGetAnyUser", "") != 1 {
			t.Fatal("not granted")
		}
		a.hold("an emergency grant")

		b.signIn(bella)
		b.open("/")
		b.seeText(id("home-emergency"), felix)
		b.hold("home with an emergency")
		b.follow(func() { b.click(id("home-emergency") + " a") })
		b.seeText("main", "INC-7")
		b.seeText("main", "holds the role")
		b.expect(422, b.path())
		b.fill(id("reason"), "It could have waited")
		b.follow(func() { b.click(id("go")) })
		b.see("#finding-e")
		b.hold("review of an emergency grant")
		b.click(`input[value="wrong"]`)
		b.follow(func() { b.click(id("go")) })
		b.seeText(id("flash"), "take the role away")
		b.fill(id("reason"), "Not needed")
		b.follow(func() { b.click(id("revoke-go")) })
		if c.holds(felix, "CanGetAnyUser", "") != 0 {
			t.Error("not revoked")
		}
		b.open("/approvals")
		b.gone(id("approvals-emergency"))
	})
}

// Where emergency grants are not set up, none is offered, and a crafted form
// is refused.
func TestEmergencyGrantIsOff(t *testing.T) {
	w, ids := someWorld()
	c := serve(t, w)
	v := c.visit(t)
	v.signIn(anna)
	v.open("/users/" + c.user(felix) + "/grant?role=CanGetAnyUser")
	v.gone(id("to-emergency"))
	path := "/users/" + c.user(felix) + "/emergency"
	v.open(path)
	v.seeText(id("refusal"), "EMERGENCY_GRANTS")
	for _, request := range []string{"", ids.branch} {
		v.expect(403, path)
		v.follow(func() {
			v.post(path, map[string]string{"role": "CanGetAnyUser", "request": request, "reason": "now", "ticket": "INC-1"})
		})
		v.seeText(id("refusal"), "EMERGENCY_GRANTS")
	}
	if n := c.obp.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
}
