package e2e

import "testing"

// chooseRole looks for a role in a form that takes several, and ticks it.
func (v *visitor) chooseRole(name string) {
	v.t.Helper()
	v.fill("#role-q", name)
	if !v.scripts {
		v.follow(func() { v.click(id("role-find")) })
	}
	v.click(`#role-list input[value="` + name + `"]`)
}

// Roles to grant are found by their words, as they are typed or by a button;
// those ticked stay, Enter grants nothing, and what else was typed is kept.
func TestRolePicker(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, _ := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/users/" + c.user(felix) + "/grant?role=CanGetConsumers")
		v.seeText(id("role-count"), " more")
		v.fill(id("reason"), "New colleague")
		v.fill("#role-q", "create branch")
		if v.scripts {
			v.wait("the roles that match", `!document.querySelector('#role-list input[value="CanAddKycCheck"]')`)
			v.wait("the focus where it is typed", `document.activeElement.id === 'role-q'`)
		} else {
			v.follow(func() { v.press("\r") })
			v.wait("the focus where it was typed", `document.activeElement.id === 'role-q'`)
		}
		v.seeText(id("role-choice")+`:has([value="CanCreateBranch"])`, "At one bank")
		v.wait("the ticked role", `document.querySelector('#role-list input[value="CanGetConsumers"]').checked`)
		if got := v.value(id("reason")); got != "New colleague" {
			t.Errorf("the reason is %q", got)
		}
		v.click(`#role-list input[value="CanCreateBranch"]`)
		v.hold("roles found")
		v.fill("#role-q", "no such thing")
		if !v.scripts {
			v.follow(func() { v.click(id("role-find")) })
		}
		v.seeText(id("role-count"), "No role matches")
		if n := v.count(id("role-choice") + " :checked"); n != 2 {
			t.Errorf("%d roles stay ticked", n)
		}
		if n := c.obp.writes(); n != 0 {
			t.Errorf("%d writes", n)
		}
		v.pick("#bank", bankOne)
		v.follow(func() { v.click(id("grant-go")) })
		v.seeText("main", "2 of 2 were granted")
		if c.holds(felix, "CanCreateBranch", bankOne) != 1 || c.holds(felix, "CanGetConsumers", "") != 1 {
			t.Error("not granted")
		}
	})
}
