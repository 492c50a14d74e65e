package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// state is a page in one of its states.
type state struct {
	name   string
	world  world
	who    string // who is signed in, empty: nobody
	path   string
	status int64 // 0: 200
	fault  map[string]any
	see    string           // what shows that the state is reached
	act    func(v *visitor) // after opening
}

// states are the pages in the states that they have: none, one, many, error, refused.
func states() []state {
	some, ids := someWorld()
	one := emptyWorld()
	only := one.ask(felix, "CanCreateBranch", bankOne, 50*time.Hour)
	locked, _ := someWorld()
	locked.user(felix).Locked = true
	deleted, _ := someWorld()
	deleted.user(felix).Deleted = true
	other, _ := someWorld()
	other.user(felix).Provider = "https://login.example.com"
	down := map[string]any{"status": 503, "message": "OBP-50005: An unspecified or internal error occurred."}
	decide := func(button, reason string) func(*visitor) {
		return func(v *visitor) {
			v.fill(id("reason"), reason)
			v.click(id(button))
		}
	}
	gone := idOf('f', 9)
	return []state{
		{name: "sign-in", world: some, path: "/sign-in", see: id("sign-in-form")},
		{name: "sign-in refused", world: some, path: "/sign-in", see: id("sign-in-error"), act: func(v *visitor) {
			v.expect(401, "/sign-in")
			v.typeSignIn(anna, "wrong")
		}},
		{name: "home none", world: emptyWorld(), who: anna, path: "/", see: id("home-sentence")},
		{name: "home one", world: one, who: anna, path: "/", see: id("home-start")},
		{name: "home many", world: fullWorld(25), who: anna, path: "/", see: id("home-start")},
		{name: "home error", world: some, who: anna, path: "/", fault: down, see: problem("down")},
		{name: "home refused", world: some, who: nora, path: "/", see: problem("not_allowed")},
		{name: "queue none", world: emptyWorld(), who: anna, path: "/requests", see: id("queue-empty")},
		{name: "queue one", world: one, who: anna, path: "/requests", see: row(only)},
		{name: "queue many", world: fullWorld(40), who: anna, path: "/requests?page=2", see: id("queue-prev")},
		{name: "queue no match", world: some, who: anna, path: "/requests?person=nobody", see: id("queue-clear")},
		{name: "queue error", world: some, who: anna, path: "/requests", status: 502, fault: down, see: problem("down")},
		{name: "queue refused", world: some, who: nora, path: "/requests", status: 403, see: problem("not_allowed")},
		{name: "sheet", world: some, who: anna, path: "/requests/" + ids.branch, see: id("approve")},
		{name: "sheet high risk", world: some, who: anna, path: "/requests/" + ids.risk, see: id("approve")},
		{name: "sheet own", world: some, who: anna, path: "/requests/" + ids.own, see: id("refusal")},
		{name: "sheet held", world: some, who: anna, path: "/requests/" + ids.held, see: id("warning")},
		{name: "sheet locked", world: locked, who: anna, path: "/requests/" + ids.branch, see: id("tick")},
		{name: "sheet deleted", world: deleted, who: anna, path: "/requests/" + ids.branch, see: id("refusal")},
		{name: "sheet many", world: fullWorld(25), who: anna, path: "/requests/" + idOf('b', 3), see: id("approve")},
		{name: "sheet error", world: some, who: anna, path: "/requests/" + ids.branch, status: 502, fault: down, see: problem("down")},
		{name: "sheet refused", world: some, who: nora, path: "/requests/" + ids.branch, status: 403, see: problem("not_allowed")},
		{name: "sheet unknown", world: some, who: anna, path: "/requests/" + gone, status: 404, see: id("outcome")},
		{name: "sheet invalid", world: some, who: anna, path: "/requests/" + ids.atm, see: "#reason-e", act: func(v *visitor) {
			v.expect(422, "/requests/"+ids.atm+"/decline")
			v.click(id("decline"))
		}},
		{name: "result", world: one, who: anna, path: "/requests/" + only, see: id("flash"), act: decide("approve", "one of one")},
		{name: "result of the past", world: one, who: anna, path: "/requests/" + only, see: id("outcome"), act: func(v *visitor) {
			decide("decline", "no")(v)
			v.see(id("flash"))
			v.open("/requests/" + only)
		}},
		{name: "journal none", world: some, who: anna, path: "/journal?q=nobody", see: id("journal-empty")},
		{name: "journal one", world: some, who: anna, path: "/journal", see: id("journal-row")},
		{name: "journal many", world: some, who: anna, path: "/requests/" + ids.branch, see: id("journal-older"), act: func(v *visitor) {
			decide("approve", "a reason in the journal that is long enough to be wrapped in its narrow column")(v)
			v.see(id("flash"))
			for range 10 {
				signInBeside(v)
			}
			v.open("/journal")
		}},
		{name: "act", world: some, who: anna, path: "/requests/" + ids.branch, see: id("act-back"), act: func(v *visitor) {
			decide("approve", "a reason")(v)
			v.see(id("flash"))
			v.open("/journal")
			v.follow(func() { v.click(v.journalLink("Approved")) })
		}},
		{name: "act unknown", world: some, who: anna, path: "/journal/" + gone, status: 404, see: id("problem")},
		{name: "me", world: some, who: anna, path: "/me", see: id("me-roles")},
		{name: "me few roles", world: some, who: nora, path: "/me", see: id("me-roles")},
		{name: "users many", world: fullWorld(25), who: anna, path: "/users", see: id("user-row")},
		{name: "users no match", world: some, who: anna, path: "/users?name=nobody", see: id("users-empty")},
		{name: "users refused", world: some, who: nora, path: "/users", status: 403, see: id("problem")},
		{name: "user", world: some, who: anna, path: "/users/" + some.user(maria).UserID, see: id("verdict")},
		{name: "user locked", world: locked, who: anna, path: "/users/" + some.user(felix).UserID, see: id("verdict")},
		{name: "user deleted", world: deleted, who: anna, path: "/users/" + some.user(felix).UserID, see: id("verdict")},
		{name: "user other provider", world: other, who: anna, path: "/users/" + some.user(felix).UserID, see: `[data-code="other"]`},
		{name: "user few rights", world: some, who: nora, path: "/users/" + some.user(felix).UserID, status: 403, see: id("user-closed"), act: func(v *visitor) {
			v.click(id("user-closed") + " summary")
			v.see(id("user-closed") + " details[open] " + id("ask-role"))
		}},
		{name: "user call", world: some, who: anna, path: "/users/" + some.user(felix).UserID, see: id("call-end"), act: func(v *visitor) {
			v.pick(id("call-how"), "video")
			v.doAct(id("call-begin"))
		}},
		{name: "user unknown", world: some, who: anna, path: "/users/" + gone, status: 404, see: id("problem")},
		{name: "find", world: some, who: anna, path: "/find", see: id("find")},
		{name: "user new", world: some, who: anna, path: "/users/new", see: id("new-user-form")},
		{name: "user lock", world: some, who: anna, path: "/users/" + some.user(felix).UserID + "/lock", see: "main h1"},
		{name: "user reset link", world: some, who: anna, path: "/users/" + some.user(felix).UserID + "/reset-link", see: "main h1"},
		{name: "user delete", world: some, who: anna, path: "/users/" + some.user(felix).UserID + "/delete", see: "main h1"},
		{name: "no such page", world: some, who: anna, path: "/no/such/page", status: 404, see: id("problem")},
		{name: "no such page signed out", world: some, path: "/no/such/page", status: 404, see: id("problem")},
	}
}

// Every page in every state has no accessibility fault that axe knows, in
// light and dark, and nothing scrolls sideways on a small screen: 375 and 320
// pixels wide, which is a desktop at 200 and 400 % zoom as well.
func TestEveryPageInEveryState(t *testing.T) {
	needs(t, alone, faults, scale)
	for _, s := range states() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, s.world, "ENVIRONMENT_LABEL=test", "OBP_TIMEOUT=2s", "ROWS_PER_PAGE=10")
			v := c.visit(t)
			if s.who != "" {
				v.signIn(s.who)
			}
			if s.fault != nil {
				for _, op := range []string{"GET /entitlement-requests", "GET /my/entitlement-requests"} {
					c.obp.fault(op, s.fault)
				}
			}
			if s.status != 0 {
				v.expect(s.status, s.path)
			}
			v.open(s.path)
			if s.act != nil {
				s.act(v)
			}
			v.see(s.see)
			v.axe(s.name)
			for _, width := range []int64{375, 320} {
				v.look(width, "light")
				v.fits(fmt.Sprintf("%s at %d px", s.name, width))
				v.shot(s.name, "light")
			}
		})
	}
}

// signInBeside signs anna in once more without a browser, for another entry of the journal.
func signInBeside(v *visitor) {
	v.t.Helper()
	res, err := http.PostForm(v.base+"/sign-in", url.Values{"username": {anna}, "password": {password}})
	if err != nil {
		v.t.Fatal(err)
	}
	res.Body.Close()
}

// fits wants that the page as a whole does not scroll sideways.
func (v *visitor) fits(what string) {
	v.t.Helper()
	wide := v.get(`(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return '';
		return [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length && e.getBoundingClientRect().right > w + 1)
			.slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).join('; ') || 'scrolls';
	})()`)
	if wide != "" {
		v.t.Errorf("%s scrolls sideways: %s", what, wide)
	}
}

// The pages without scripts are held to the same.
func TestPagesWithoutScripts(t *testing.T) {
	needs(t, alone, scale)
	for _, s := range states() {
		switch s.name {
		case "home many", "queue many", "sheet", "sheet invalid", "journal many", "me":
		default:
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, s.world, "ROWS_PER_PAGE=10")
			v := c.visit(t, withoutScripts)
			v.signIn(s.who)
			v.open(s.path)
			if s.act != nil {
				s.act(v)
			}
			v.see(s.see)
			v.axe(s.name)
			v.look(320, "light")
			v.fits(s.name)
		})
	}
}
