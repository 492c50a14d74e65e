package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// direct signs a person in at OBP itself, beside the console.
func (s *standIn) direct(name string) (token string) {
	s.t.Helper()
	var out struct{ Token string }
	s.asks("POST", "/my/logins/direct", `DirectLogin username="`+name+`",password="`+secretOf(name)+`",consumer_key="`+consumerKey+`"`, nil, &out)
	return out.Token
}

// grants gives a role at OBP itself, beside the console.
func (s *standIn) grants(token, userID, role, bankID string) {
	s.t.Helper()
	s.asks("POST", "/obp/v5.0.0/users/"+userID+"/entitlements", `DirectLogin token="`+token+`"`, map[string]string{"role_name": role, "bank_id": bankID}, nil)
}

func (s *standIn) asks(method, path, authorization string, in, out any) {
	s.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(string(b)))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", authorization)
	c := http.Client{Timeout: patience}
	res, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		s.t.Fatalf("OBP: %s %s: %s", method, path, res.Status)
	}
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			s.t.Fatal(err)
		}
	}
}

// ids are the entitlements by which a person holds a role.
func (s *standIn) ids(userID, role, bankID string) (out []string) {
	s.t.Helper()
	for _, e := range s.world().Entitlements {
		if e.UserID == userID && e.Role == role && e.BankID == bankID {
			out = append(out, e.ID)
		}
	}
	return out
}

// An approval is undone from its result: what it made is ticked, the same role
// given by somebody else beside it is listed and stays.
func TestUndoFromTheResult(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		data := "DATA_DIR=" + t.TempDir()
		c := serve(t, w, data)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "for the new branch")
		who := w.user(felix).UserID
		token := c.obp.direct(bella)
		c.obp.fault(opGrant, map[string]any{"hold": "between", "times": 1})
		v.click(id("approve"))
		c.obp.held(opGrant)
		c.obp.grants(token, who, "CanCreateBranch", bankOne)
		others := c.obp.ids(who, "CanCreateBranch", bankOne)
		c.obp.release(opGrant)
		v.seeText(id("flash"), felix)
		v.quiet()
		if n := c.obp.granted(who, "CanCreateBranch", bankOne); n != 2 || len(others) != 1 {
			t.Fatalf("felix holds the role %d times, %d of them given beside the console", n, len(others))
		}
		v.hold("result with undo")
		v.follow(func() { v.click(id("flash") + ` a[href$="/undo"]`) })
		v.see(id("undo-choice"))
		if n := v.count(id("undo-choice")); n != 2 {
			t.Errorf("%d entitlements are listed", n)
		}
		other := id("undo-choice") + `[value="` + others[0] + `"]`
		made := id("undo-choice") + `:not([value="` + others[0] + `"])`
		for box, want := range map[string]string{made: "true", other: "false"} {
			if got := v.get(`document.querySelector(` + quote(box) + `).checked`); got != want {
				t.Errorf("%s is ticked: %s", box, got)
			}
		}
		v.hold("undo")

		page := v.path()
		v.expect(422, page)
		v.follow(func() { v.click(id("undo-go")) })
		v.see("#reason-e")
		v.fill(id("reason"), "The branch is not built")
		v.click(made)
		v.follow(func() { v.click(id("undo-go")) })
		v.see("#entitlement-e")
		v.hold("undo of nothing")
		if got := v.value(id("reason")); got != "The branch is not built" {
			t.Errorf("the reason is lost: %q", got)
		}
		if n := c.obp.granted(who, "CanCreateBranch", bankOne); n != 2 {
			t.Fatalf("felix holds the role %d times before anything was chosen", n)
		}
		v.click(made)
		v.follow(func() { v.click(id("undo-go")) })
		v.seeText(id("flash"), felix)
		v.hold("undone")
		if left := c.obp.ids(who, "CanCreateBranch", bankOne); len(left) != 1 || left[0] != others[0] {
			t.Errorf("what is left is %s, wanted %s", left, others)
		}
		if c.obp.open(ids.branch) {
			t.Error("the request is open again")
		}
		v.open("/journal")
		v.seeText(`[data-testid="journal-row"][data-act="undo_approve"][data-outcome="done"]`, "The branch is not built")
		v.seeText(`[data-testid="journal-row"][data-act="approve"]`, "for the new branch")
		if out, err := verify(data); err != nil {
			t.Errorf("journal verify: %v %s", err, out)
		}
	})
}

// From the journal an approval is undone as well, once; OBP may refuse, and
// then the page says so and the role stays.
func TestUndoFromTheJournal(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.atm)
		v.fill(id("reason"), "for the new machine")
		v.click(id("approve"))
		v.seeText(id("flash"), orla)
		v.quiet()
		held := func() int { return c.obp.granted(w.user(orla).UserID, "CanCreateAtm", bankOne) }
		v.open("/journal")
		v.follow(func() { v.click(v.journalLink("Approved")) })
		v.hold("record that can be undone")
		v.follow(func() { v.click(id("act-link") + `[href$="/undo"]`) })
		page := v.path()
		c.obp.fault("DELETE /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", map[string]any{"status": 403, "message": "OBP-20006: User is missing one or more roles: CanDeleteEntitlementAtAnyBank", "times": 1})
		v.fill(id("reason"), "The machine is gone")
		v.follow(func() { v.click(id("undo-go")) })
		v.seeText(id("flash"), "0 of 1")
		v.hold("undo refused")
		if n := held(); n != 1 {
			t.Fatalf("orla holds the role %d times after OBP refused", n)
		}
		v.open(page)
		v.fill(id("reason"), "The machine is gone for good")
		v.follow(func() { v.click(id("undo-go")) })
		v.seeText(id("flash"), orla)
		if n := held(); n != 0 || c.obp.open(ids.atm) {
			t.Errorf("orla holds the role %d times, request open: %t", n, c.obp.open(ids.atm))
		}
		v.open(page)
		v.seeText(id("undo-why"), "nothing left to undo")
		v.hold("nothing left to undo")
		v.open("/journal")
		v.seeText(`[data-testid="journal-row"][data-act="undo_approve"][data-outcome="failed"]`, "The machine is gone")
		v.seeText(`[data-testid="journal-row"][data-act="undo_approve"][data-outcome="done"]`, "The machine is gone for good")
	})
}

// A decline cannot be undone: the page says that OBP cannot restore it and what
// can be done instead, and a made-up form reaches no write.
func TestDeclineCannotBeUndone(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "not this year")
		v.click(id("decline"))
		v.seeText(id("flash"), felix)
		v.quiet()
		if n := v.count(id("flash") + ` a[href$="/undo"]`); n != 0 {
			t.Error("the result of a decline offers to undo it")
		}
		v.open("/journal")
		v.follow(func() { v.click(v.journalLink("Declined")) })
		page := v.path() + "/undo"
		v.follow(func() { v.click(`a[href$="/undo"]`) })
		v.seeText(id("undo-why"), "OBP cannot restore a declined request")
		v.seeText(id("undo-why"), "granted directly")
		v.gone(id("undo-go"))
		v.hold("undo of a decline")
		before := c.obp.writes()
		v.expect(422, page)
		v.follow(func() {
			v.post(page, map[string]string{"reason": "made up", "entitlement": w.Entitlements[0].ID})
		})
		v.see(id("undo-why"))
		if n := c.obp.writes() - before; n != 0 || c.obp.open(ids.branch) || len(c.obp.world().Entitlements) != len(w.Entitlements) {
			t.Errorf("a made-up undo sent %d writes", n)
		}
		v.follow(func() { v.click(id("undo-instead")) })
		v.fill(id("reason"), "Asked in time after all")
		v.follow(func() { v.click(id("grant-go")) })
		v.seeText(id("flash"), "Granted: "+felix)
		if c.holds(felix, "CanCreateBranch", bankOne) != 1 {
			t.Error("not granted instead")
		}
	})
}
