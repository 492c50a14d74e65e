package e2e

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What OBP refuses about roles, and what every call of it may be refused for.
//
//go:embed testdata/role_refusals.json
var roleRefusals []byte

// refusedWords are what a page says of a refusal, by the act and OBP's code,
// or by the code alone.
var refusedWords = map[string]string{
	"OBP-10001":        "because of its form",
	"OBP-10007":        "no role of this name",
	"OBP-20005":        "nobody of this id",
	"OBP-20050":        "CanCreateEntitlementAtAnyBank",
	"OBP-30001":        "does not know the bank",
	"OBP-30205":        "at a bank only",
	"OBP-30206":        "never at a bank",
	"OBP-30216":        "holds this role already",
	"OBP-30214":        "open request for this role",
	"OBP-20103":        "begins with “dauth.”",
	"OBP-30220":        "only roles that you hold yourself",
	"OBP-20006":        "CanDeleteEntitlementAtAnyBank",
	"OBP-30219":        "still holds it",
	"OBP-09014":        "because of its form",
	"OBP-09016":        "because of its form",
	"OBP-09017":        "because of its form",
	"OBP-40034":        "because of its form",
	"OBP-10404":        "knows nothing under this address",
	"OBP-10018":        "takes no more",
	"OBP-01000":        "did not answer in time",
	"OBP-50019":        "does not answer",
	"OBP-50005":        "does not say why",
	"":                 "no role of this name", // the one refusal without a code
	"grant OBP-30216":  "held already",
	"grant OBP-01000":  "gave no answer",
	"grant OBP-50019":  "gave no answer",
	"dauth OBP-01000":  "gave no answer",
	"dauth OBP-50019":  "gave no answer",
	"revoke OBP-30212": "no longer holds",
	"revoke OBP-30213": "no longer holds",
	"ask OBP-01000":    "before you ask again",
	"ask OBP-50019":    "before you ask again",
}

// settled are the refusals after which nothing is left to do.
var settled = map[string]bool{"grant OBP-30216": true, "revoke OBP-30212": true, "revoke OBP-30213": true}

// refusable is an act on roles that OBP may refuse.
type refusable struct {
	op    string
	open  func(v *visitor) // its page
	fill  func(v *visitor, role string)
	send  string            // its button
	last  string            // a field before the button
	typed map[string]string // what was typed and stays
	ticks bool              // the role is ticked
}

const because = "The colleague moves to the branch"

func refusables(c *console) map[string]refusable {
	felixID, onBranch := c.user(felix), "?role=CanCreateAtm&bank="+bankOne
	return map[string]refusable{
		"grant": {op: opGrant, send: id("grant-go"), last: id("reason"), open: func(v *visitor) { v.open("/users/" + felixID + "/grant") },
			fill: func(v *visitor, role string) {
				v.chooseRole(role)
				v.pick("#bank", bankOne)
				v.fill(id("reason"), because)
				v.fill("#ticket", "HR-7")
			},
			typed: map[string]string{id("reason"): because, "#ticket": "HR-7", "#bank": bankOne}, ticks: true},
		"revoke": {op: opRevokeRole, send: id("revoke-go"), last: id("reason"), open: func(v *visitor) { v.open("/users/" + felixID + "/revoke" + onBranch) },
			fill: func(v *visitor, role string) {
				v.fill(id("reason"), because)
				v.fill("#ticket", "HR-7")
			},
			typed: map[string]string{id("reason"): because, "#ticket": "HR-7"}},
		"ask": {op: "POST /entitlement-requests", send: id("me-ask-form") + " button", last: id("ask-why"), open: func(v *visitor) { v.open("/me") },
			fill: func(v *visitor, role string) {
				v.fill("#role", role)
				v.pick("#bank", bankOne)
				v.fill(id("ask-why"), because)
			},
			typed: map[string]string{"#bank": bankOne, id("ask-why"): because}},
		"dauth": {op: "POST /user-entitlements", send: id("dauth-go"), last: id("reason"), open: func(v *visitor) { v.open("/dauth") },
			fill: func(v *visitor, role string) {
				v.fill("#provider", "dauth.test")
				v.fill("#username", "0xabc")
				v.chooseRole(role)
				v.pick("#bank", bankOne)
				v.fill(id("reason"), because)
			},
			typed: map[string]string{"#provider": "dauth.test", "#username": "0xabc", "#bank": bankOne, id("reason"): because}, ticks: true},
	}
}

// contractRefusals are OBP's refusals of an act, and with every those that all
// calls have in common.
func contractRefusals(t *testing.T, act string, every bool) (out []refusalOf) {
	t.Helper()
	var all map[string][]refusalOf
	if err := json.Unmarshal(roleRefusals, &all); err != nil {
		t.Fatal(err)
	}
	out = all[act]
	if every {
		out = append(out, all["every"]...)
	}
	if len(all[act]) < 5 || len(all["every"]) < 8 {
		t.Fatalf("%s: %d refusals", act, len(out))
	}
	// those that leave in doubt whether it was done come last: the role waits
	slices.SortStableFunc(out, func(a, b refusalOf) int { return a.doubt() - b.doubt() })
	for i := range out {
		out[i].Message = strings.NewReplacer("{bank_id}", bankOne, "{role_name}", "CanCreateBranch").Replace(out[i].Message)
	}
	return out
}

type refusalOf struct {
	When    string `json:"when"`
	Status  int    `json:"status"`
	Message string `json:"message_prefix"`
}

// doubt is 1 after a refusal that leaves open whether it was done.
func (r refusalOf) doubt() int {
	if r.Status == 408 || r.Status >= 500 {
		return 1
	}
	return 0
}

var obpCode = regexp.MustCompile(`OBP-\d{5}`)

// code is the innermost one, which says most.
func (r refusalOf) code() string {
	codes := obpCode.FindAllString(r.Message, -1)
	if len(codes) == 0 {
		return ""
	}
	if strings.Contains(r.Message, "<-") {
		return codes[len(codes)-1]
	}
	return codes[0]
}

// Each refusal of the contract of granting, revoking, asking and giving roles
// to a DAuth user is said in words, never in OBP's own, and nothing that was
// typed is lost, also when OBP ends the session over it.
func TestEveryRefusalAboutRoles(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		for _, act := range []string{"grant", "revoke", "ask", "dauth"} {
			t.Run(act, func(t *testing.T) {
				w := emptyWorld()
				w.hold(felix, "CanCreateAtm", bankOne)
				c := serve(t, w)
				a := refusables(c)[act]
				v := c.visit(t, setup)
				v.signIn(anna)
				roles := []string{"CanCreateBranch", "CanCreateProduct"}
				for _, r := range contractRefusals(t, act, v.scripts) {
					v.refuse(c, act, a, r, roles[0])
					roles = roles[r.doubt()*(len(roles)-1):]
				}
				if n := c.holds(felix, "CanCreateBranch", bankOne) + 1 - c.holds(felix, "CanCreateAtm", bankOne); n != 0 {
					t.Error("something was changed")
				}
			})
		}
	})
}

func (v *visitor) refuse(c *console, act string, a refusable, r refusalOf, role string) {
	v.t.Helper()
	says, known := refusedWords[act+" "+r.code()]
	if !known {
		says, known = refusedWords[r.code()]
	}
	ends := r.code() == "OBP-20001"
	if !known && !ends {
		v.t.Errorf("%s: no words are known for %s (%s)", act, r.Message, r.When)
		return
	}
	c.obp.fault(a.op, map[string]any{"status": r.Status, "message": r.Message, "times": 1})
	a.open(v)
	a.fill(v, role)
	before := len(v.sent())
	v.follow(func() { v.click(a.send) })
	for _, x := range v.sent()[before:] {
		if x.status >= 400 {
			v.expect(x.status, x.path)
		}
	}
	c.obp.heal()
	if ends {
		v.see(id("sign-in-form"))
		v.signIn(anna)
	} else if text := v.see("main"); !strings.Contains(text, says) && !strings.Contains(strings.ToLower(text), says) {
		v.t.Errorf("%s, %s: it does not say %q: %s", act, r.Message, says, text)
	} else if obpCode.MatchString(strings.ReplaceAll(text, "(OBP-50005)", "")) || strings.Contains(text, "Incorrect") {
		v.t.Errorf("%s: OBP's own words are shown: %s", act, text)
	}
	if settled[act+" "+r.code()] {
		return
	}
	if v.count(a.send) == 0 { // a result on a page of its own
		a.open(v)
	}
	if v.get(`document.querySelector(`+quote(a.send)+`).form?.contains(document.querySelector(`+quote(a.last)+`))`) != "true" {
		v.t.Errorf("%s, %s: the button sends no form any more", act, r.Message)
	}
	for field, want := range a.typed {
		if got := v.value(field); got != want {
			v.t.Errorf("%s, %s: %s holds %q, not %q", act, r.Message, field, got, want)
		}
	}
	if a.ticks && r.doubt() == 0 {
		v.wait("the ticked role", `!!document.querySelector('input[name="role"][value="`+role+`"]:checked')`)
	}
	if act == "ask" && v.value("#role") != role {
		v.t.Errorf("%s: the role is lost", r.Message)
	}
	v.emptied()
}

// emptied clears what was typed, so that leaving the page asks nothing.
func (v *visitor) emptied() {
	v.t.Helper()
	if v.scripts && v.count("#reason") > 0 {
		v.fill("#reason", "")
	}
}
