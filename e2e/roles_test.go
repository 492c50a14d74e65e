package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const opRevokeRole = "DELETE /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}"

func (c *console) user(name string) string {
	w := c.obp.world()
	return w.user(name).UserID
}

func (c *console) holds(name, role, bank string) int { return c.obp.granted(c.user(name), role, bank) }

// A role is found in the catalogue, granted to a person who is found from
// there, and revoked again; oneself is refused, and a wrong scope in words.
func TestGrantAndRevoke(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, _ := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.follow(func() { v.click(id("nav-roles")) })
		v.hold("roles")
		v.fill("#r-q", "add branches")
		v.click(id("roles-filter") + " button")
		v.seeText(id("roles-count"), "1 of ")
		v.follow(func() { v.click(`[data-testid="role-row"] a[href="/roles/CanCreateBranch"]`) })
		v.seeText(id("role-holders"), nora)
		v.hold("a role")
		v.follow(func() { v.click(id("role-grant")) })
		v.hold("to whom")
		v.fill("#q", anna)
		v.follow(func() { v.click(id("pick-form") + " button") })
		v.seeText(id("refusal"), "your own account")
		v.open("/grant?role=CanCreateBranch")
		v.fill("#q", felix)
		v.follow(func() { v.click(id("pick-form") + " button") })
		v.see(`#role-list [value="CanCreateBranch"]:checked`)
		v.hold("grant")
		v.fill(id("reason"), "New colleague")
		v.expect(422, "/users/"+c.user(felix)+"/grant")
		v.follow(func() { v.click(id("grant-go")) })
		v.see("#bank-e")
		v.hold("grant without a bank")
		v.pick("#bank", bankOne)
		v.follow(func() { v.click(id("grant-go")) })
		v.seeText(id("flash"), "Granted: "+felix)
		if c.holds(felix, "CanCreateBranch", bankOne) != 1 {
			t.Error("not granted")
		}
		v.open("/banks/" + bankOne + "/roles")
		v.hold("roles at a bank")
		v.follow(func() { v.click(id("bank-grant")) })
		v.seeText("label[for=q]", "Find the person first")
		v.fill("#q", orla)
		v.follow(func() { v.click(id("pick-form") + " button") })
		if got := v.value("#bank"); got != bankOne {
			t.Errorf("from a bank's page the form is for %q", got)
		}
		v.open("/banks/" + bankOne + "/roles")
		v.follow(func() { v.click(`[data-testid="grant-row"] a[href*="/users/` + c.user(felix) + `/revoke"]`) })
		v.fill(id("reason"), "Left the branch")
		v.hold("revoke")
		v.follow(func() { v.click(id("revoke-go")) })
		v.seeText(id("flash"), "Revoked")
		if c.holds(felix, "CanCreateBranch", bankOne) != 0 {
			t.Error("not revoked")
		}
		v.open("/users/" + c.user(felix) + "/evidence?role=CanCreateBranch&bank=" + bankOne)
		v.seeText(id("evidence"), "not held")
		if n := v.count(id("evidence-row")); n != 2 {
			t.Errorf("%d acts", n)
		}
		v.hold("evidence")
	})
}

// A high-risk role takes two people, also when it is granted directly or
// copied; whom the first gave the right to grant is no second person.
func TestGrantOfTwoPeople(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, _ := someWorld()
		c := serve(t, w)
		a, b := c.visit(t, setup), c.visit(t, setup)
		a.signIn(anna)
		a.open("/users/" + c.user(felix) + "/copy-roles")
		a.fill("#q", bella)
		a.follow(func() { a.click(id("pick-form") + " button") })
		a.hold("copy")
		a.click(`[data-testid="copy-item"] input[value="CanGetAnyUser@"]`)
		a.fill(id("reason"), "Stands in for Bella")
		a.follow(func() { a.click(id("copy-go")) })
		a.seeText("main", "one of two")
		a.hold("copied")
		if c.holds(felix, "CanGetAnyUser", "") != 0 {
			t.Fatal("one person granted a high-risk role")
		}
		a.open("/approvals")
		a.seeText(id("approvals-open"), felix)
		a.hold("approvals")
		a.gone(id("approval-go"))
		b.signIn(bella)
		b.open("/")
		b.seeText(id("home-second"), felix)
		b.follow(func() { b.click(id("to-approvals")) })
		b.follow(func() { b.click(id("approval-go")) })
		b.seeText(id("grant-first"), "Stands in for Bella")
		b.fill(id("reason"), "I agree")
		b.follow(func() { b.click(id("grant-go")) })
		b.seeText(id("flash"), "Granted: "+felix)
		if c.holds(felix, "CanGetAnyUser", "") != 1 {
			t.Error("two people did not grant it")
		}

		// anna and bella make nora an approver; nora then is no second of bella
		for _, role := range []string{"CanCreateEntitlementAtAnyBank"} {
			for _, v := range []*visitor{a, b} {
				v.open("/users/" + c.user(nora) + "/grant?role=" + role)
				v.fill(id("reason"), "Approver from today")
				v.follow(func() { v.click(id("grant-go")) })
			}
		}
		if c.holds(nora, "CanCreateEntitlementAtAnyBank", "") != 1 {
			t.Fatal("nora is no approver")
		}
		b.open("/users/" + c.user(maria) + "/grant?role=CanDeleteUser")
		b.fill(id("reason"), "For the clean-up")
		b.follow(func() { b.click(id("grant-go")) })
		n := c.visit(t, setup)
		n.signIn(nora)
		n.open("/approvals")
		n.seeText(id("approval-why"), "from the first approver")
		n.gone(id("approval-go"))
		if c.holds(maria, "CanDeleteUser", "") != 0 {
			t.Error("a puppet was the second person")
		}
		b.open("/approvals")
		b.follow(func() { b.click(id("approvals-open") + " " + id("withdraw")) })
		b.seeText(id("approvals-past"), "withdrawn")
	})
}

// Everything that a leaver holds is listed and taken away row by row; the row
// that fails is named and stays.
func TestLeaverWithOneRowFailing(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		w.hold(felix, "CanCreateProduct", bankTwo)
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/users/" + c.user(felix))
		v.follow(func() { v.click(id("user-leaver")) })
		if n := v.count(id("leaver-item")); n != 3 {
			t.Errorf("%d rows", n)
		}
		v.hold("leaver")
		c.obp.fault("DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}", map[string]any{"status": 400, "message": "OBP-50000: Unknown Error.", "times": 1})
		v.fill(id("reason"), "Leaves on Friday")
		v.follow(func() { v.click(id("leaver-go")) })
		v.seeText(id("bulk-counts"), "2 done, 1 failed, 0 left out, 0 to go")
		v.hold("leaver's result")
		if c.holds(felix, "CanCreateAtm", bankOne)+c.holds(felix, "CanCreateProduct", bankTwo) != 0 || !c.obp.open(ids.branch) {
			t.Error("the wrong rows are gone")
		}
	})
}

// An access review is begun after a baseline, left, continued by another
// reviewer, and signed off; what did not come through the console stands first.
func TestAccessReview(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.hold(felix, "CanCreateAtm", bankOne)
		c := serve(t, w, "ROWS_PER_PAGE=100")
		a, b := c.visit(t, setup), c.visit(t, setup)
		a.signIn(anna)
		a.open("/reviews")
		a.hold("reviews")
		a.expect(422, "/reviews")
		a.follow(func() { a.click(id("review-begin")) })
		a.see("#scope-e")
		a.follow(func() { a.click(id("review-baseline")) })
		a.seeText(id("review-counts"), fmt.Sprint(c.obp.allGrants(), " grants"))
		c.obp.grantBehind(t, maria, "CanCreateProduct", bankTwo)
		a.open("/reviews")
		a.follow(func() { a.click(id("review-begin")) })
		first := `[data-testid="review-row"][data-pos="0"]`
		a.seeText(first, maria)
		a.seeText(first, "not through this console")
		a.seeText(id("review-new"), "One grant is new")
		a.hold("a review")
		a.follow(func() { a.click(first + " " + id("review-decide")) })
		a.hold("a row")
		a.expect(422, a.path())
		a.follow(func() { a.click(id("row-revoke")) })
		a.see("#reason-e")
		a.fill(id("reason"), "Nobody knows who gave it")
		a.follow(func() { a.click(id("row-revoke")) })
		a.seeText(id("flash"), "Revoked")
		if c.holds(maria, "CanCreateProduct", bankTwo) != 0 {
			t.Error("not revoked")
		}
		a.follow(func() { a.click(id("review-keep-all")) })
		a.seeText(id("flash"), "Kept: ")
		reviewRest(a)
		review := a.path()

		b.signIn(bella)
		b.open("/reviews")
		b.follow(func() { b.click(id("reviews-open") + " " + id("review-link")) })
		if b.count(id("review-keep-all")) > 0 {
			b.follow(func() { b.click(id("review-keep-all")) })
		}
		reviewRest(b)
		b.seeText(id("review-counts"), "0 of ")
		b.follow(func() { b.click(id("review-sign-go")) })
		b.seeText(id("review-result"), bella)
		b.hold("the result")
		a.open(review)
		a.gone(id("review-sign-go"))
	})
}

// reviewRest keeps with a reason every row that the reviewer may decide.
func reviewRest(v *visitor) {
	v.t.Helper()
	for v.count(id("review-decide")) > 0 {
		v.follow(func() { v.click(id("review-decide")) })
		v.fill(id("reason"), "Still needed")
		v.follow(func() { v.click(id("row-keep")) })
		v.seeText(id("flash"), "Kept: 1")
	}
}

// grantBehind gives a role by anna's own token, without the console.
func (s *standIn) grantBehind(t *testing.T, name, role, bank string) {
	t.Helper()
	send := func(path, auth, body string) (out struct{ Token string }) {
		r, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("DirectLogin", auth)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode >= 300 {
			t.Fatalf("%s: %s %v", path, res.Status, err)
		}
		return out
	}
	token := send("/my/logins/direct", fmt.Sprintf("username=%q,password=%q,consumer_key=%q", anna, secretOf(anna), consumerKey), "").Token
	w := s.world()
	send("/obp/v5.0.0/users/"+w.user(name).UserID+"/entitlements", fmt.Sprintf("token=%q", token), fmt.Sprintf(`{"bank_id":%q,"role_name":%q}`, bank, role))
}

// Why a role is asked for reaches who decides, a question reaches who asked,
// and so does what became of it.
func TestAskAndAnswer(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		c := serve(t, emptyWorld())
		f, a := c.visit(t, setup), c.visit(t, setup)
		f.signIn(nora)
		f.open("/me?role=CanCreateBranch&bank=" + bankOne)
		f.fill(id("ask-why"), "The branch opens on Monday")
		f.follow(func() { f.click(id("me-ask-form") + " button") })
		f.seeText(id("me-requests"), "branch")
		a.signIn(anna)
		a.open("/requests")
		a.click(id("request-link"))
		a.seeText(id("talk"), "The branch opens on Monday")
		a.click(id("ask-back"))
		a.fill(id("question"), "Which branch?")
		a.follow(func() { a.click(id("question-go")) })
		a.seeText(id("talk"), "Which branch?")
		a.hold("a parked request")
		f.open("/me")
		f.seeText(id("my-question"), "Which branch?")
		f.hold("a question")
		f.fill(id("reply"), "Main Street")
		f.follow(func() { f.click(id("reply-form") + " button") })
		a.open(a.path())
		a.seeText(id("talk"), "Main Street")
		a.fill(id("reason"), "Someone else has it")
		a.click(id("shown"))
		a.click(id("decline"))
		a.seeText("main", "Declined")
		f.open("/me")
		f.seeText(id("my-fate"), "Someone else has it")
	})
}

// A refusal of OBP about a DAuth user is said in words, with what it left.
func TestDAuthUserRefused(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(nora)
		v.open("/roles")
		v.follow(func() { v.click(id("dauth")) })
		v.hold("DAuth")
		v.expect(422, v.path())
		v.follow(func() { v.click(id("dauth-go")) })
		v.see("#username-e")
		v.fill("#provider", "dauth.test")
		v.fill("#username", "0xabc"+time.Now().Format("150405"))
		v.chooseRole("CanGetConsumers")
		v.fill(id("reason"), "A partner")
		v.expect(403, v.path())
		v.follow(func() { v.click(id("dauth-go")) })
		v.see(id("problem"))
		if !strings.Contains(v.get("document.body.innerText"), "user") {
			t.Error("nothing is said of the user")
		}
		v.hold("DAuth refused")
	})
}
