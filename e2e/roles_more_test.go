package e2e

import "testing"

// A role that is held twice is shown as such; one of the two is revoked, and
// then what is left.
func TestRevokeOfARoleHeldTwice(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		w.hold(felix, "CanCreateAtm", bankOne)
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/users/" + c.user(felix))
		v.seeText("main", "held 2 times")
		v.follow(func() { v.click(id("user-revoke")) })
		if n := v.count(id("revoke-choice") + ":checked"); n != 2 {
			t.Errorf("%d of the two are ticked", n)
		}
		v.click(id("revoke-choice"))
		v.fill(id("reason"), "One is enough")
		v.follow(func() { v.click(id("revoke-go")) })
		if n := c.holds(felix, "CanCreateAtm", bankOne); n != 1 {
			t.Errorf("held %d times", n)
		}
		v.follow(func() { v.click(id("user-revoke")) })
		v.gone(id("revoke-choice"))
		v.fill(id("reason"), "None is needed")
		v.follow(func() { v.click(id("revoke-go")) })
		v.seeText(id("flash"), "Revoked")
		if n := c.holds(felix, "CanCreateAtm", bankOne); n != 0 {
			t.Errorf("held %d times", n)
		}
	})
}

// Two roles that one person must not hold together are marked where one of them
// is granted to a holder of the other, and then it takes two people.
func TestRolesHeldApart(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		c := serve(t, w, "HELD_APART=CanCreateAtm+CanCreateBranch")
		a, b := c.visit(t, setup), c.visit(t, setup)
		grant := "/users/" + c.user(felix) + "/grant?role=CanCreateBranch&bank=" + bankOne
		a.signIn(anna)
		a.open(grant)
		a.seeText(id("role-choice")+`:has([value="CanCreateBranch"])`, "not together with")
		a.fill(id("reason"), "Both for a week")
		a.follow(func() { a.click(id("grant-go")) })
		a.seeText("main", "one of two")
		if c.holds(felix, "CanCreateBranch", bankOne) != 0 {
			t.Fatal("one person granted it")
		}
		b.signIn(bella)
		b.open(grant)
		b.seeText(id("grant-first"), "Both for a week")
		b.fill(id("reason"), "I agree")
		b.follow(func() { b.click(id("grant-go")) })
		b.seeText(id("flash"), "Granted: "+felix)
		if c.holds(felix, "CanCreateBranch", bankOne) != 1 {
			t.Error("two people did not grant it")
		}
	})
}

// One grant of nobody makes OBP's list of all grants fail whole: a baseline
// then holds the lists by bank and says what it could not read, which no later
// review takes for new.
func TestReviewOfWhatCanBeRead(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/reviews")
		c.obp.fault("GET /entitlements", map[string]any{"status": 500, "message": "OBP-50000: Unknown Error."})
		v.follow(func() { v.click(id("review-baseline")) })
		v.seeText(id("review-unread"), "Not read, and not part of this review: System")
		v.seeText(id("review-rows"), "CanCreateAtm")
		v.hold("a baseline with gaps")
		c.obp.heal()
		v.open("/reviews")
		v.follow(func() { v.click(id("review-begin")) })
		v.seeText(id("review-rows"), "no approval on record")
		v.gone(id("review-unread"))
		v.gone(id("review-new"))
	})
}

// The catalogue follows what is typed, with its filter and its address, and
// keeps the focus and the letters.
func TestCatalogueFollowsWhatIsTyped(t *testing.T) {
	c := serve(t, emptyWorld())
	v := c.visit(t)
	v.signIn(anna)
	v.open("/roles?scope=bank")
	v.fill("#r-q", "")
	v.press("cr")
	v.press("eate bra")
	v.press("nch")
	v.see(`[data-testid="role-row"] a[href="/roles/CanCreateBranch"]`)
	v.wait("what does not match is gone", `!document.querySelector('a[href="/roles/CanCreateAtm"]')`)
	v.wait("at one bank alone", `!document.querySelector('a[href="/roles/CanCreateBranchAtAnyBank"]')`)
	v.wait("the address", `location.search.includes('create') && location.search.includes('scope=bank')`)
	if got := v.value("#r-q") + " " + v.focus(); got != "create branch input#r-q" {
		t.Errorf("the field and the focus: %s", got)
	}
	v.fill("#r-q", "no such role")
	v.see(id("roles-empty"))
	v.hold("roles as they are typed")
	v.open(v.path())
	v.see(id("roles-empty"))
}

// Forms that nobody was shown: none grants to oneself, goes past the second
// person, takes what is of somebody else or names a role at the wrong scope;
// each is refused and recorded, and OBP gets no write.
func TestCraftedFormsAboutRoles(t *testing.T) {
	w, _ := someWorld()
	c := serve(t, w)
	now := c.obp.world()
	theirs := ""
	for _, e := range now.Entitlements {
		if e.UserID == c.user(bella) {
			theirs = e.ID
		}
	}
	v := c.visit(t)
	v.signIn(anna)
	me, other, her := "/users/"+c.user(anna), "/users/"+c.user(felix), "/users/"+c.user(maria)
	because := map[string]string{"reason": "crafted", "ticket": "T-1", "tick": "1"}
	for _, f := range []struct {
		name, path string
		status     int64
		form       map[string]string
		rule       string
	}{
		{"to oneself", me + "/grant", 403, map[string]string{"role": "CanCreateBank"}, "your own account"},
		{"to oneself by a copy", me + "/copy-roles?from=" + c.user(nora), 403, map[string]string{"copy": "CanCreateBranch@" + bankTwo}, "your own account"},
		{"to oneself in an emergency", me + "/emergency", 403, map[string]string{"role": "CanGetAnyUser"}, "EMERGENCY_GRANTS"},
		{"alone by another door", other + "/emergency", 403, map[string]string{"role": "CanGetAnyUser"}, "EMERGENCY_GRANTS"},
		{"alone to a DAuth user", "/dauth", 403, map[string]string{"provider": "dauth.test", "username": "0x1", "role": "CanGetAnyUser"}, "takes two people"},
		{"somebody else's entitlement", her + "/revoke?role=CanCreateProduct&bank=" + bankTwo, 403, map[string]string{"entitlement": theirs}, "not this role of this person"},
		{"somebody else's entitlement of a leaver", her + "/leaver", 403, map[string]string{"item": theirs}, "not this role of this person"},
		{"everything from oneself", me + "/leaver", 403, map[string]string{"item": theirs}, "your own"},
		{"a bank's role for the system", other + "/grant", 422, map[string]string{"role": "CanCreateBranch"}, "This role holds at one bank: choose which."},
		{"the system's role at a bank", other + "/grant", 422, map[string]string{"role": "CanCreateBank", "bank": bankOne}, "This role holds for the whole system: leave the bank empty."},
		{"a role that is not held", other + "/copy-roles?from=" + c.user(nora), 403, map[string]string{"copy": "CanGetAnyUser@"}, "has changed meanwhile"},
		{"asked for at the wrong scope", "/me/requests", 422, map[string]string{"role": "CanCreateBank", "bank": bankOne}, "This role holds for the whole system: leave the bank empty."},
	} {
		for k, value := range because {
			f.form[k] = value
		}
		v.open("/roles")
		v.expect(f.status, pathOnly(f.path))
		v.follow(func() { v.post(f.path, f.form) })
		v.seeText("main", f.rule)
		v.emptied()
		v.open("/journal?act=refused")
		if n := v.count(id("journal-row")); n == 0 {
			t.Errorf("%s: not recorded", f.name)
		}
		if n := c.obp.writes(); n != 0 {
			t.Fatalf("%s: %d writes", f.name, n)
		}
	}
	v.open("/journal?act=refused")
	if n := v.count(id("journal-row")); n != 12 {
		t.Errorf("%d refusals are recorded, want one for each form", n)
	}
}
