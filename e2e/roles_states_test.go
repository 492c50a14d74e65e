package e2e

import "testing"

// roleState is a page of roles in one of its states.
type roleState struct {
	name, path string
	status     int64            // 0: 200
	see        string           // what shows that the state is reached
	act        func(v *visitor) // after opening
}

// holdAll holds a page to axe on a wide and on a small screen, in both themes,
// and to no sideways scroll.
func (v *visitor) holdAll(state string) {
	v.t.Helper()
	for _, width := range []int64{1280, 375} {
		v.look(width, "light")
		v.axe(state)
		v.fits(state)
	}
	v.look(320, "light")
	v.fits(state + " at 320 px")
	v.look(1280, "light")
}

func (v *visitor) holdStates(t *testing.T, list []roleState) {
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			was := v.t
			v.t = t
			defer func() { v.t = was }()
			if s.status != 0 {
				v.expect(s.status, pathOnly(s.path))
			}
			v.open(s.path)
			if s.act != nil {
				s.act(v)
			}
			v.see(s.see)
			v.holdAll(s.name)
			v.emptied()
		})
	}
}

func pathOnly(path string) string {
	for i := range path {
		if path[i] == '?' {
			return path[:i]
		}
	}
	return path
}

// refuses sends a form that the console refuses.
func refuses(button string, status int64) func(*visitor) {
	return func(v *visitor) {
		v.expect(status, pathOnly(v.path()))
		v.follow(func() { v.click(id(button)) })
	}
}

// The pages of roles in every state: of a reader who may do all, of one who may
// do nothing, and where OBP does not answer.
func TestRolePagesInEveryState(t *testing.T) {
	needs(t, faults, ownWorld)
	t.Parallel()
	w, _ := someWorld()
	w.hold(felix, "CanCreateAtm", bankOne)
	w.hold(felix, "CanCreateAtm", bankOne)
	w.hold(felix, "CanGetEntitlementsForAnyUserAtAnyBank", "")
	w.user(orla).Locked = true
	nobody := w.addUser("otto.nobody")
	c := serve(t, w, "EMERGENCY_GRANTS=on", "HELD_APART=CanCreateAtm+CanCreateBranch", "ROWS_PER_PAGE=10")
	felixAt, annaAt, orlaAt, noraAt := "/users/"+c.user(felix), "/users/"+c.user(anna), "/users/"+c.user(orla), "/users/"+c.user(nora)
	twice := felixAt + "/revoke?role=CanCreateAtm&bank=" + bankOne
	v := c.visit(t)
	v.signIn(anna)
	v.holdStates(t, []roleState{
		{name: "roles", path: "/roles?page=2", see: id("role-row")},
		{name: "roles high risk", path: "/roles?scope=risk", see: id("role-row")},
		{name: "roles no match", path: "/roles?q=nothing", see: id("roles-empty")},
		{name: "role high risk", path: "/roles/CanGetAnyUser", see: id("holder")},
		{name: "role nobody holds", path: "/roles/CanCreateFxRate", see: id("role-holders") + " .none"},
		{name: "role unknown", path: "/roles/CanFly", status: 404, see: id("problem")},
		{name: "roles at a bank", path: "/banks/" + bankOne + "/roles", see: id("grant-row")},
		{name: "roles at a bank no match", path: "/banks/" + bankOne + "/roles?q=nothing", see: id("grants-count")},
		{name: "roles of a user at a bank", path: "/banks/" + bankOne + felixAt + "/roles", see: id("user-bank-roles")},
		{name: "roles of a user at a bank none", path: "/banks/" + bankTwo + felixAt + "/roles", see: id("user-bank-roles") + " .none"},
		{name: "grant to whom", path: "/grant?role=CanCreateBranch", see: id("pick-form")},
		{name: "grant to whom none", path: "/grant?role=CanCreateBranch", see: id("found-none"), act: func(v *visitor) {
			v.fill("#q", "nobody.here")
			v.follow(func() { v.click(id("pick-form") + " button") })
		}},
		{name: "grant to whom empty", path: "/grant", see: "#q-e", act: func(v *visitor) {
			v.expect(422, "/grant")
			v.follow(func() { v.click(id("pick-form") + " button") })
		}},
		{name: "grant", path: felixAt + "/grant?role=CanCreateBranch", see: id("grant-go")},
		{name: "grant to oneself", path: annaAt + "/grant", see: id("refusal")},
		{name: "grant refused", path: orlaAt + "/grant", see: "#reason-e", act: refuses("grant-go", 422)},
		{name: "grant of several", path: noraAt + "/grant?role=CanGetConsumers", see: id("result-row"), act: func(v *visitor) {
			v.click(`#role-list input[value="CanGetConsumers"]`)
			v.chooseRole("CanCreateBank")
			v.chooseRole("CanGetAnyUser")
			v.fill(id("reason"), "A new helper")
			v.follow(func() { v.click(id("grant-go")) })
		}},
		{name: "grant waits for a second", path: noraAt + "/grant", see: id("grant-first")},
		{name: "approvals mine", path: "/approvals", see: id("withdraw")},
		{name: "approvals withdrawn", path: "/approvals", see: id("approvals-past"), act: func(v *visitor) { v.follow(func() { v.click(id("withdraw")) }) }},
		{name: "revoke of two", path: twice, see: id("revoke-choice")},
		{name: "revoke refused", path: twice, see: "#reason-e", act: refuses("revoke-go", 422)},
		{name: "revoke refused by OBP", path: twice, see: id("problem"), act: func(v *visitor) {
			c.obp.fault(opRevokeRole, map[string]any{"status": 403, "message": "OBP-20006: User is missing one or more roles: CanDeleteEntitlementAtAnyBank", "times": 1})
			v.fill(id("reason"), "Moved on")
			refuses("revoke-go", 403)(v)
		}},
		{name: "revoke not held", path: felixAt + "/revoke?role=CanFly", see: id("revoke-none")},
		{name: "copy from whom", path: felixAt + "/copy-roles", see: id("pick-form")},
		{name: "copy", path: felixAt + "/copy-roles?from=" + c.user(bella), see: id("copy-item")},
		{name: "copy none", path: annaAt + "/copy-roles?from=" + c.user(orla), see: id("copy-none")},
		{name: "copy refused", path: felixAt + "/copy-roles?from=" + c.user(bella), see: "#reason-e", act: refuses("copy-go", 422)},
		{name: "emergency", path: felixAt + "/emergency", see: id("go")},
		{name: "emergency to oneself", path: annaAt + "/emergency", see: id("refusal")},
		{name: "emergency refused", path: felixAt + "/emergency", see: "#ticket-e", act: refuses("go", 422)},
		{name: "leaver", path: felixAt + "/leaver", see: id("leaver-item")},
		{name: "leaver holds nothing", path: "/users/" + nobody.UserID + "/leaver", see: id("leaver-none")},
		{name: "leaver refused", path: felixAt + "/leaver", see: "#reason-e", act: refuses("leaver-go", 422)},
		{name: "leaver oneself", path: annaAt + "/leaver", see: id("refusal")},
		{name: "DAuth", path: "/dauth", see: id("dauth-go")},
		{name: "DAuth refused", path: "/dauth", see: "#username-e", act: refuses("dauth-go", 422)},
	})

	r := c.visit(t) // whose sign-in is fresh enough for a baseline, however slow the machine
	r.signIn(anna)
	r.holdStates(t, []roleState{
		{name: "reviews none", path: "/reviews", see: id("reviews-open")},
		{name: "reviews without a baseline", path: "/reviews", see: "#scope-e", act: refuses("review-begin", 422)},
		{name: "baseline", path: "/reviews", see: id("review-counts"), act: func(v *visitor) { v.follow(func() { v.click(id("review-baseline")) }) }},
		{name: "review", path: "/reviews", see: id("review-sign-why"), act: func(v *visitor) {
			v.follow(func() { v.click(id("review-begin")) })
		}},
		{name: "review no rows", path: "/reviews", see: id("review-none"), act: func(v *visitor) {
			v.follow(func() { v.click(id("reviews-open") + " " + id("review-link")) })
			v.fill("#v-q", "nothing")
			v.click(id("review-filter") + " button")
		}},
		{name: "review row", path: "/reviews", see: id("row-keep"), act: func(v *visitor) {
			v.follow(func() { v.click(id("reviews-open") + " " + id("review-link")) })
			v.follow(func() { v.click(id("review-decide")) })
		}},
		{name: "review row refused", path: "/reviews", see: "#reason-e", act: func(v *visitor) {
			v.follow(func() { v.click(id("reviews-open") + " " + id("review-link")) })
			v.follow(func() { v.click(id("review-decide")) })
			refuses("row-revoke", 422)(v)
		}},
		{name: "review in print", path: "/reviews", see: id("review-result"), act: func(v *visitor) {
			v.follow(func() { v.click(id("reviews-open") + " " + id("review-link")) })
			v.follow(func() { v.click(id("review-print")) })
		}},
		{name: "evidence none", path: felixAt + "/evidence?role=CanFly", see: id("evidence-none")},
		{name: "evidence", path: noraAt + "/evidence?role=CanCreateBank", see: id("evidence-row")},
	})

	n := c.visit(t)
	n.signIn(felix)
	n.holdStates(t, []roleState{
		{name: "role refused", path: "/roles/CanCreateAtm", see: id("role-requests") + " " + id("problem")},
		{name: "roles at a bank refused", path: "/banks/" + bankOne + "/roles", status: 403, see: id("problem")},
		{name: "roles of a user at a bank unknown", path: "/banks/no.bank" + felixAt + "/roles", status: 404, see: id("problem")},
		{name: "approvals none", path: "/approvals", see: id("approvals-open")},
		{name: "reviews refused", path: "/reviews", see: id("reviews-open")},
		{name: "grant without the right to see", path: orlaAt + "/grant", status: 403, see: id("problem")},
		{name: "leaver without the right to see", path: orlaAt + "/leaver", status: 403, see: id("problem")},
		{name: "DAuth refused by OBP", path: "/dauth", see: id("problem"), act: func(v *visitor) {
			v.fill("#provider", "dauth.test")
			v.fill("#username", "0xabc")
			v.chooseRole("CanGetConsumers")
			v.fill(id("reason"), "A partner")
			refuses("dauth-go", 403)(v)
		}},
	})

	down := serve(t, w)
	d := down.visit(t)
	d.signIn(anna)
	down.obp.fault("GET /roles", map[string]any{"status": 503, "message": "OBP-50019: Cannot connect to the OBP database."})
	d.holdStates(t, []roleState{
		{name: "roles down", path: "/roles", status: 502, see: id("problem")},
		{name: "grant down", path: felixAt + "/grant", status: 502, see: id("problem")},
		{name: "DAuth down", path: "/dauth", status: 502, see: id("problem")},
	})
}
