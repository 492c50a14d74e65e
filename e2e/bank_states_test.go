package e2e

import "testing"

// The pages of banks in the states beside the full one hold to axe in both
// themes and to 375 px: empty, refused, unknown, down, wrongly filled in,
// several found, and what is shown after an act.
func TestBankPagesInEveryState(t *testing.T) {
	needs(t, ownWorld, faults)
	t.Parallel()
	c := serveBanks(t)
	felixID, noraID := c.w.user(felix).UserID, c.w.user(nora).UserID
	customer := "/banks/" + bankOne + "/customers/" + idOf('c', 1)
	wrong := func(v *visitor) {
		v.follow(func() { v.click(id("go")) })
		v.lastStatus()
	}
	reason := func(v *visitor) {
		if v.count(id("reason")) > 0 {
			v.fill(id("reason"), "Needed for the review")
		}
		wrong(v)
	}
	anne, no := c.visit(t), c.visit(t)
	anne.signIn(anna)
	no.signIn(nora)
	for _, s := range []struct {
		name  string
		v     *visitor
		path  string
		see   string
		fault string
		act   func(*visitor)
	}{
		{"accounts none", no, "/accounts", id("accounts-empty"), "", nil},
		{"accounts choose a bank", anne, "/accounts?kind=firehose", id("accounts-empty"), "", nil},
		{"accounts firehose refused", anne, "/accounts?kind=firehose&bank=" + bankOne, id("problem"), "", nil},
		{"accounts down", anne, "/accounts", id("problem"), "GET /my/accounts", nil},
		{"account not mine", no, annasAccount, id("problem"), "", nil},
		{"account unknown", anne, "/banks/" + bankOne + "/accounts/none", id("problem"), "", nil},
		{"person without access", anne, annasAccount + "/person?provider=" + escape(c.w.Provider) + "&person=" + escape(nora), "main h1", "", nil},
		{"grant wrong", anne, annasAccount + "/grant", "#person-e", "", wrong},
		{"mine not allowed", no, annasAccount + "/mine", id("problem"), "", nil},
		{"mine wrong", anne, annasAccount + "/mine", "#tick-e", "", wrong},
		{"dauth wrong", anne, annasAccount + "/dauth", "#username-e", "", wrong},
		{"customers refused", no, "/customers", id("ask-role"), "", nil},
		{"customers behind the end", anne, "/customers?from=100", id("customers-empty"), "", nil},
		{"customers down", anne, "/customers", id("problem"), "GET /customers", nil},
		{"customer unknown", anne, "/banks/" + bankOne + "/customers/" + idOf('c', 9), id("problem"), "", nil},
		{"customer refused", no, customer, id("ask-role"), "", nil},
		{"link wrong", anne, customer + "/link", "#person-e", "", wrong},
		{"unlink gone", anne, "/banks/" + bankOne + "/links/" + idOf('d', 9) + "/unlink?customer=" + idOf('c', 1), id("refusal"), "", nil},
		{"links choose a bank", anne, "/users/" + felixID + "/links", "main h1", "", nil},
		{"links none", anne, "/users/" + noraID + "/links?bank=" + bankOne, "main h1", "", nil},
		{"many checked", anne, "/links/many?bank=" + bankOne, id("many-confirm"), "", func(v *visitor) {
			v.fill("#rows", "N-1,"+bella+"\nN-9,"+bella+"\nbroken")
			v.follow(func() { v.click(id("many-form") + " " + id("go")) })
		}},
		{"many done", anne, "/links/many?bank=" + bankOne, id("many-counts"), "", func(v *visitor) {
			v.fill("#rows", "N-1,"+bella+"\nN-9,"+bella)
			v.follow(func() { v.click(id("many-form") + " " + id("go")) })
			v.fill(id("reason"), "The whole team")
			v.follow(func() { v.click(id("many-confirm") + " " + id("go")) })
		}},
		{"contexts none", anne, "/users/" + noraID + "/contexts", "main h1", "", nil},
		{"contexts same key again", anne, "/users/" + felixID + "/contexts", "#again-e", "", func(v *visitor) {
			v.fill("#key", "PASSPORT")
			v.fill("#value", "P9")
			reason(v)
		}},
		{"context refused", no, "/users/" + felixID + "/contexts", id("ask-role"), "", nil},
		{"context delete", anne, "/users/" + felixID + "/contexts/" + idOf('f', 4) + "/delete", id("drop-context"), "", nil},
		{"attributes refused", no, "/users/" + felixID + "/attributes", id("ask-role"), "", nil},
		{"my attributes wrong", anne, "/me/attributes", "#name-e", "", wrong},
		{"my attribute", anne, "/me/attributes/" + idOf('f', 1), "#value", "", nil},
		{"challenge wrong", anne, "/me/challenge", "#value-e", "", wrong},
		{"challenge answered", anne, "/me/challenge?bank=" + bankOne, id("refusal"), "", func(v *visitor) {
			v.click(`input[value="SMS"]`)
			v.fill("#value", "N-2")
			v.send()
			v.hold("challenge begun")
			v.fill("#answer", "1")
			v.send()
		}},
		{"me of few", no, "/me/access", id("my-server"), "", nil},
		{"me down", anne, "/me/access", id("problem"), "GET /my/spaces", nil},
		{"operators refused", no, "/operators", id("problem"), "", nil},
	} {
		if s.fault != "" {
			c.obp.fault(s.fault, map[string]any{"status": 503, "message": "OBP-50005: An unspecified or internal error occurred."})
		}
		s.v.open(s.path)
		s.v.lastStatus()
		if s.act != nil {
			s.act(s.v)
		}
		s.v.see(s.see)
		s.v.hold(s.name)
		c.obp.heal()
		if s.v.count(id("reason")) > 0 {
			s.v.fill(id("reason"), "") // else the browser asks whether to leave it
		}
	}
}
