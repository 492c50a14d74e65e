package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Accounts, the grid of people by views, grant, a refusal in words, revoke, and
// one's own access replaced. What became true is read from the stand-in.
func TestAccountViews(t *testing.T) {
	needs(t, ownWorld, faults)
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.follow(func() { v.click(id("nav-accounts")) })
		v.seeText(id("accounts-count"), "2 accounts")
		v.follow(func() { v.click(`[data-id="acc-1"] ` + id("account-link")) })
		v.seeText("h1", "<script>")
		v.seeText(id("grid"), maria)
		v.follow(func() { v.click(id("account-act")) })
		v.expect(422, annasAccount+"/grant")
		v.follow(func() { v.click(id("go")) })
		v.see("#person-e")
		v.fill("#person", felix)
		v.pick("#view", "accountant")
		v.send()
		v.seeText(id("flash"), "accountant")
		if got := c.views(felix, "acc-1"); len(got) != 1 {
			t.Errorf("felix has %v", got)
		}
		c.obp.fault("POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke", map[string]any{"status": 400, "times": 1,
			"message": "OBP-30064: Cannot revoke account access. Current ViewId is accountant <- OBP-30065: Cannot find account access."})
		v.follow(func() { v.click(`[data-person="` + felix + `"] ` + id("revoke-link")) })
		v.expect(404, annasAccount+"/revoke")
		v.send()
		v.see(`[data-problem="the_person"]`)
		v.axe("a refusal about the person")
		v.send()
		v.seeText(id("flash"), "no longer has the view")
		if got := c.views(felix, "acc-1"); len(got) != 0 {
			t.Errorf("felix still has %v", got)
		}
		v.open(annasAccount + "/mine")
		v.seeText(id("warning"), "This acts on you")
		v.click(`input[name="view"][value="auditor"]`)
		v.click("#tick")
		v.send()
		v.seeText(id("flash"), "exactly owner, auditor")
		if got := c.views(anna, "acc-1"); !slices.Equal(got, []string{"auditor", "owner"}) {
			t.Errorf("anna has %v", got)
		}
		v.open(annasAccount + "/dauth")
		v.fill("#username", "0xabc")
		v.fill("#provider", "dauth.test")
		v.click(`input[name="view"][value="auditor"]`)
		v.send()
		v.seeText(id("person-access"), "auditor")
		v.open("/journal")
		v.seeText(id("journal-row"), "Replaced their own access")
	})
}

// Customers by list and by number, linked and unlinked, and many at once.
func TestCustomersAndLinks(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.follow(func() { v.click(id("nav-customers")) })
		v.see(id("customer-row"))
		if n := v.count(id("customer-row")); n != 3 {
			t.Errorf("%d customers", n)
		}
		v.open("/customers?form=ids")
		v.see(id("customer-row"))
		v.open("/customers?bank=" + bankOne)
		v.seeText(id("customer-row"), "N-1")
		v.open("/customers?form=ids&bank=" + bankOne)
		v.seeText(id("current-bank"), played.bank(bankOne).FullName)
		v.fill("#number", "N-1")
		v.follow(func() { v.click(id("customer-find") + " button") })
		v.seeText("h1", "<script>")
		v.seeText(id("customer-links"), felix)
		v.follow(func() { v.click(id("link-user")) })
		v.fill("#person", maria)
		v.send()
		v.seeText(id("flash"), "Linked: "+maria)
		if !c.linked(maria, idOf('c', 1)) {
			t.Error("not linked")
		}
		v.open("/banks/" + bankOne + "/customers/" + idOf('c', 3) + "/link")
		v.fill("#person", maria)
		v.expect(409, v.path())
		v.send()
		v.see(`[data-problem="other_bank"]`)
		v.fill(id("reason"), "") // else the browser asks whether to leave it
		v.open("/banks/" + bankOne + "/customers/" + idOf('c', 1))
		v.follow(func() { v.click(`[data-id="` + idOf('d', 1) + `"] ` + id("unlink-link")) })
		v.send()
		v.seeText(id("flash"), "Unlinked")
		if c.linked(felix, idOf('c', 1)) {
			t.Error("still linked")
		}
		v.open("/users/" + c.w.user(nora).UserID + "/links?bank=" + bankOne)
		v.fill("#customer", "N-2")
		v.send()
		v.see(id("link-row"))

		v.open("/links/many?bank=" + bankOne)
		v.fill("#rows", "N-1,"+bella+"\nN-2,"+bella+"\nN-9,"+bella)
		v.follow(func() { v.click(id("many-form") + " " + id("go")) })
		v.seeText(`[data-state="no_customer"]`, "no customer with this number")
		v.fill(id("reason"), "The whole team")
		v.follow(func() { v.click(id("many-confirm") + " " + id("go")) })
		v.seeText(id("many-counts"), "2 done, 0 failed, 1 left out, 0 to go")
		if !c.linked(bella, idOf('c', 1)) || !c.linked(bella, idOf('c', 2)) {
			t.Error("bella is not linked")
		}
	})
}

// Auth contexts of a person, one's own attributes, a challenge that is
// rejected, and what OBP shows of oneself.
func TestContextsAttributesAndMe(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/users/" + c.w.user(felix).UserID + "/contexts")
		v.fill("#key", "TAX_NUMBER")
		v.fill("#value", "T1")
		v.send()
		v.seeText(id("flash"), "TAX_NUMBER")
		v.follow(func() { v.click(`[data-id="` + idOf('f', 4) + `"] ` + id("context-drop")) })
		v.send()
		v.seeText(id("flash"), "Deleted")
		v.follow(func() { v.click(id("contexts-drop")) })
		v.expect(422, v.path())
		v.send()
		v.see("#name-e")
		v.fill("#name", felix)
		v.send()
		v.seeText(id("contexts"), "No auth context")
		if n := len(c.parts().Contexts); n != 0 {
			t.Errorf("%d contexts are left", n)
		}
		v.open("/users/" + c.w.user(felix).UserID + "/attributes")
		v.seeText(id("attributes"), "<script>")

		v.open("/me/attributes")
		v.fill("#name", "floor")
		v.pick("#type", "INTEGER")
		v.fill("#value", "two")
		v.expect(422, "/me/attributes")
		v.send()
		v.seeText("#value-e", "whole number")
		v.fill("#value", "2")
		v.send()
		v.seeText(id("attributes"), "floor")
		v.follow(func() { v.click(`[data-id="` + idOf('f', 1) + `"] ` + id("attribute-change")) })
		v.fill("#value", "418")
		v.send()
		v.seeText(id("attributes"), "418")

		v.open("/me/challenge?bank=" + bankOne)
		v.click(`input[value="EMAIL"]`)
		v.fill("#value", "N-1")
		v.send()
		v.fill("#answer", "00000000")
		v.send()
		v.seeText(id("refusal"), "Rejected")
		if !c.linked(anna, idOf('c', 1)) {
			t.Error("the page says that OBP links all the same, and it did not")
		}
		v.open("/me/access")
		v.seeText(id("my-customers"), "Second Customer")
		v.seeText(id("my-server"), "v5.0.0")
	})
}

// An administrator of the console ends a session and bars a person, never
// themselves; one's other sessions end from one's own page.
func TestOperatorsPage(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		c := serve(t, bankRoles(), "CONSOLE_ADMINS="+anna)
		v, other, again := c.visit(t, setup), c.visit(t, setup), c.visit(t, setup)
		v.signIn(anna)
		other.signIn(nora)
		again.signIn(anna)
		v.follow(func() { v.click(id("nav-operators")) })
		if n := v.count(id("end-session")); n != 1 {
			t.Errorf("%d sessions can be ended", n)
		}
		v.follow(func() { v.click(id("end-session")) })
		v.send()
		v.seeText(id("flash"), nora+" is signed out")
		other.open("/")
		other.see(id("sign-in-form"))
		v.follow(func() { v.click(id("bar-somebody")) })
		v.fill("#person", nora)
		v.send()
		v.seeText(id("barred"), nora)
		other.expect(403, "/sign-in")
		other.typeSignIn(nora, secretOf(nora))
		other.see(id("sign-in-error"))
		v.follow(func() { v.click(id("unbar")) })
		v.send()
		v.seeText(id("barred"), "Nobody is barred")
		v.open("/me")
		v.follow(func() { v.click(id("end-others") + " button") })
		v.gone(id("end-others"))
		again.open("/")
		again.see(id("sign-in-form"))
		v.follow(func() { v.click(id("nav-server")) })
		v.seeText("h1", "reachable")
		v.see(id("call-row"))
	})
}

// Roles held at a bank and by one person there, a DAuth user with roles, a
// person's accounts read again, and the whole list of people.
func TestRolesAtABank(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := bankRoles()
		c := serve(t, w, "CONSOLE_ADMINS="+anna)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.follow(func() { v.click(id("nav-users")) })
		v.see(id("user-row"))
		v.open("/banks/" + bankTwo + "/roles")
		v.seeText(id("grant-row"), "CanCreateBranch")
		v.open("/banks/" + bankTwo + "/users/" + w.user(nora).UserID + "/roles")
		v.seeText("main", "CanCreateBranch")
		v.open("/dauth")
		v.fill("#provider", "dauth.test")
		who := "0xdef" + time.Now().Format("150405")
		v.fill("#username", who)
		v.chooseRole("CanCreateBranch")
		v.pick("#bank", bankOne)
		v.fill(id("reason"), "A contract that opens branches")
		v.follow(func() { v.click(id("dauth-go")) })
		v.seeText(id("flash"), who)
		v.open("/users/" + w.user(felix).UserID + "/refresh")
		v.fill(id("reason"), "Accounts are missing")
		v.follow(func() { v.click(id("user-act-form") + " .p") })
		v.seeText(id("flash"), "Refreshed")
	})
}

// Who lacks a role at a bank is told which, and asks for it there with one click.
func TestAskForARole(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := bankRoles()
		c := serve(t, w, "CONSOLE_ADMINS="+anna)
		v := c.visit(t, setup)
		v.signIn(nora)
		v.expect(403, "/customers")
		v.open("/customers?bank=" + bankOne)
		v.seeText(id("ask-role"), "Ask for this role")
		v.follow(func() { v.click(id("ask-role") + " button") })
		v.seeText(id("flash"), "Asked")
		if !slices.ContainsFunc(c.obp.world().Requests, func(q request) bool {
			return q.Role == "CanGetCustomers" && q.BankID == bankOne && q.UserID == w.user(nora).UserID
		}) {
			t.Error("no request at that bank")
		}
	})
}

// The pages of banks hold to axe in both themes, and to 375 px without a
// sideways scroll; the keyboard reaches their forms.
func TestBankPagesHoldUp(t *testing.T) {
	needs(t, ownWorld)
	t.Parallel()
	c := serveBanks(t)
	v := c.visit(t)
	v.signIn(anna)
	felixID := c.w.user(felix).UserID
	for _, path := range []string{"/accounts", "/accounts?bank=" + bankOne, "/accounts?q=nothing", "/accounts?kind=held", annasAccount + "?v=owner", annasAccount + "/grant", annasAccount + "/mine", annasAccount + "/dauth",
		annasAccount + "/person?provider=" + escape(c.w.Provider) + "&person=" + maria, annasAccount + "/revoke?provider=" + escape(c.w.Provider) + "&person=" + maria + "&view=auditor",
		"/customers", "/customers?form=ids", "/banks/" + bankOne + "/customers/" + idOf('c', 1), "/banks/" + bankOne + "/customers/" + idOf('c', 1) + "/link", "/links/many",
		"/users/" + felixID + "/links?bank=" + bankOne, "/users/" + felixID + "/contexts", "/users/" + felixID + "/contexts/delete", "/users/" + felixID + "/attributes",
		"/me/access", "/me/attributes", "/me/challenge", "/operators", "/operators/bar", "/server"} {
		v.open(path)
		v.axe(path)
		for _, width := range []int64{1280, 375, 320} {
			v.look(width, "light")
			v.fits(strings.TrimSpace(path))
		}
		v.look(1280, "light")
	}
	v.open(annasAccount + "/grant")
	v.tabTo("#person")
	v.tabTo(id("go"))
}
