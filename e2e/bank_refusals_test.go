package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// told is one refusal of OBP's contract.
type told struct {
	When    string `json:"when"`
	Status  int    `json:"status"`
	Message string `json:"message"`
}

// bankRefusals are those of the contract for the calls of accounts, customers,
// links, auth contexts, attributes and oneself, by operation.
func bankRefusals(t *testing.T) (out map[string][]told) {
	t.Helper()
	b, err := os.ReadFile("testdata/bank_refusals.json")
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	leadingCode = regexp.MustCompile(`^OBP-\d{5}`)
	// pages show what is read; forms send what was typed.
	refusedPages = map[string]string{
		"GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions":                          annasAccount + "?v=owner",
		"GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}": annasAccount + "/person?provider=" + escape(played.Provider) + "&person=" + escape(maria),
		"GET /customers":                         "/customers",
		"GET /customers-minimal":                 "/customers?form=ids",
		"GET /banks/{BANK_ID}/customers":         "/customers?bank=" + bankOne,
		"GET /banks/{BANK_ID}/customers-minimal": "/customers?form=ids&bank=" + bankOne,
		"GET /users/current":                     "/me/access",
		"GET /users/current/customers":           "/me/access",
		"GET /users/current/logout-link":         "/me/access",
		"GET /my/customers":                      "/me/access",
		"GET /my/spaces":                         "/me/access",
		"GET /my/user/attributes":                "/me/attributes",
		"GET /users/{USER_ID}/auth-context":      "/users/FELIX/contexts",
		"GET /users/{USER_ID}/attributes":        "/users/FELIX/attributes",
	}
	refusedForms = map[string]struct {
		path string
		fill func(v *visitor)
	}{
		"POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/grant": {annasAccount + "/grant", func(v *visitor) {
			v.fill("#person", felix)
			v.pick("#view", "accountant")
		}},
		"POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke": {annasAccount + "/revoke?provider=" + escape(played.Provider) + "&person=" + escape(maria) + "&view=auditor", func(*visitor) {}},
		"PUT /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access": {annasAccount + "/mine", func(v *visitor) {
			v.click(`input[name="view"][value="auditor"]`)
			v.click("#tick")
		}},
		"POST /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access": {annasAccount + "/dauth", func(v *visitor) {
			v.fill("#username", "0xabc")
			v.fill("#provider", "dauth.test")
			v.click(`input[name="view"][value="auditor"]`)
		}},
		"POST /banks/{BANK_ID}/user_customer_links": {"/banks/" + bankOne + "/customers/" + idOf('c', 1) + "/link", func(v *visitor) { v.fill("#person", maria) }},
		"POST /users/{USER_ID}/auth-context": {"/users/FELIX/contexts", func(v *visitor) {
			v.fill("#key", "TAX_NUMBER")
			v.fill("#value", hostileName)
		}},
		"DELETE /users/{USER_ID}/auth-context":                        {"/users/FELIX/contexts/delete", func(v *visitor) { v.fill("#name", felix) }},
		"DELETE /users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}": {"/users/FELIX/contexts/" + idOf('f', 4) + "/delete", func(*visitor) {}},
		"POST /banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}": {"/me/challenge?bank=" + bankOne, func(v *visitor) {
			v.click(`input[value="EMAIL"]`)
			v.fill("#value", "N-1")
		}},
		"POST /banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge": {"/me/challenge?bank=" + bankOne, func(v *visitor) {
			v.click(`input[value="EMAIL"]`)
			v.fill("#value", "N-1")
			v.send()
			v.fill("#answer", "12345678")
		}},
		"POST /my/user/attributes": {"/me/attributes", func(v *visitor) {
			v.fill("#name", "floor")
			v.pick("#type", "INTEGER")
			v.fill("#value", "2")
		}},
		"PUT /my/user/attributes/{USER_ATTRIBUTE_ID}": {"/me/attributes/" + idOf('f', 1), func(v *visitor) { v.fill("#value", "418") }},
	}
)

// typed is what stands in the fields of the form that is shown. What is secret
// is typed anew each time.
func (v *visitor) typed() string {
	v.t.Helper()
	return v.get(`JSON.stringify([...document.querySelectorAll('main form:has(` + id("go") + `) :is(input, select, textarea)')]
		.filter(f => f.name && f.type !== 'hidden' && f.id !== 'answer')
		.map(f => [f.name, f.type === 'checkbox' || f.type === 'radio' ? f.value + f.checked : f.value]))`)
}

// lastStatus is the status of the page that is shown, which a refusal makes
// one that the journey expects.
func (v *visitor) lastStatus() int64 {
	v.t.Helper()
	sent := v.sent()
	for i := len(sent) - 1; i >= 0; i-- {
		if sent[i].kind == network.ResourceTypeDocument {
			if sent[i].status >= 400 {
				v.expect(sent[i].status, sent[i].path)
			}
			return sent[i].status
		}
	}
	return 0
}

// inWords wants that the refusal on the page is said in words of ours.
func (v *visitor) inWords(op string, r told) {
	v.t.Helper()
	key := v.get(`document.querySelector('main ` + id("problem") + `')?.dataset.problem ?? ''`)
	words := v.get(`document.querySelector('main ` + id("problem") + ` p')?.innerText ?? ''`)
	if key == "" || key == "broken" || key == "unspecified" || len(words) < 20 || leadingCode.MatchString(words) {
		v.t.Errorf("%s: %s (%s): said as %q: %s", op, r.Message, r.When, key, words)
	}
}

// Every refusal of the contract is said in words where it happens, and nothing
// that was typed is lost by it, nor when the session ends.
func TestBankRefusals(t *testing.T) {
	needs(t, ownWorld, faults)
	all := bankRefusals(t)
	for op := range all {
		if refusedPages[op] == "" && refusedForms[op].path == "" {
			t.Errorf("nothing shows how %s is refused", op)
		}
	}
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t)
		v := c.visit(t, setup)
		v.signIn(anna)
		here := func(path string) string { return strings.Replace(path, "FELIX", c.w.user(felix).UserID, 1) }
		fault := func(op string, r told) {
			c.obp.fault(op, map[string]any{"status": r.Status, "message": strings.NewReplacer("{BANK_ID}", bankOne, "{VIEW_ID}", "auditor").Replace(r.Message), "times": 1})
		}
		said := 0
		for op, path := range refusedPages {
			for _, r := range all[op] {
				fault(op, r)
				v.open(here(path))
				said++
				if r.Status == 401 {
					v.see(id("sign-in-form"))
					v.typeSignIn(anna, password)
					continue
				}
				v.lastStatus()
				v.inWords(op, r)
				c.obp.heal()
			}
		}
		for op, f := range refusedForms {
			refusals := append(all[op][1:], all[op][0]) // the one that ends the session last
			v.open(here(f.path))
			f.fill(v)
			if v.count(id("reason")) > 0 {
				v.fill(id("reason"), "Needed for the review")
			}
			before := v.typed()
			for _, r := range refusals {
				fault(op, r)
				v.follow(func() { v.click(id("go")) })
				said++
				if r.Status == 401 {
					v.see(id("sign-in-form"))
					v.typeSignIn(anna, password)
				} else {
					if v.lastStatus() < 400 {
						t.Errorf("%s: %s: it looks done", op, r.Message)
					}
					v.inWords(op, r)
				}
				if now := v.typed(); now != before {
					t.Errorf("%s: %s: %s stood in the form, and now %s", op, r.Message, before, now)
				}
				c.obp.heal()
				if v.count("#answer") > 0 {
					v.fill("#answer", "12345678")
				}
			}
			if v.count(id("reason")) > 0 {
				v.fill(id("reason"), "") // else the browser asks whether to leave it
			}
		}
		t.Logf("%d refusals of %d operations", said, len(all))
	})
}
