package handlers

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// lostActs are the acts whose answer can be lost: the write, what reads it
// back, and how it is asked for.
var lostActs = map[string]struct {
	act       journal.Act
	op, reads string
	send      func(p place) answer
}{
	"grant a view": {ActGrantView, opGrantView, "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", func(p place) answer {
		return p.anna.post(annaPath+"/grant", values("person", outsider, "view", "auditor"))
	}},
	"revoke a view": {ActRevokeView, opRevokeView, "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", func(p place) answer {
		return p.anna.post(benAuditor, values())
	}},
	"replace my views": {ActReplaceViews, opReplace, "GET /users/current", func(p place) answer {
		return p.anna.post(annaPath+"/mine", values("view", "owner", "view", "auditor", "tick", "1"))
	}},
	"DAuth access": {ActDAuthAccess, opDAuthAccess, "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", func(p place) answer {
		return p.anna.post(annaPath+"/dauth", values("username", "0xab", "provider", "dauth.x", "view", "auditor", "view", "owner"))
	}},
	"link": {ActLink, opLink, "GET /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID}", func(p place) answer {
		return p.anna.post(templates.LinkUser(nordBank, p.customer), values("person", "henry.helpdesk"))
	}},
	"unlink": {ActUnlink, "DELETE /banks/{BANK_ID}/user_customer_links/{USER_CUSTOMER_LINK_ID}", "GET /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID}", func(p place) answer {
		return p.anna.post(templates.Unlink(nordBank, p.g.linked(p.felix, p.customer), p.felix, p.customer), values())
	}},
	"add a context": {ActAddContext, "POST /users/{USER_ID}/auth-context", "GET /users/{USER_ID}/auth-context", func(p place) answer {
		return p.anna.post(templates.Contexts(p.felix), values("key", "PASSPORT", "value", "P1"))
	}},
	"delete a context": {ActDropContext, "DELETE /users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}", "GET /users/{USER_ID}/auth-context", func(p place) answer {
		return p.anna.post(templates.DropContext(p.felix, p.ctx), values())
	}},
	"delete all contexts": {ActDropContexts, "DELETE /users/{USER_ID}/auth-context", "GET /users/{USER_ID}/auth-context", func(p place) answer {
		return p.anna.post(templates.DropContexts(p.felix), values("name", outsider))
	}},
	"add an attribute": {ActAddAttribute, "POST /my/user/attributes", "GET /my/user/attributes", func(p place) answer {
		return p.anna.post(templates.MyAttributesPattern, values("name", "floor", "type", "INTEGER", "value", "2"))
	}},
	"change an attribute": {ActChangeAttribute, "PUT /my/user/attributes/{USER_ATTRIBUTE_ID}", "GET /my/user/attributes", func(p place) answer {
		return p.anna.post(templates.MyAttribute(p.att), values("name", "floor", "type", "INTEGER", "value", "2"))
	}},
	"DAuth roles": {ActDAuth, "POST /user-entitlements", "GET /obp/v5.1.0/users/provider/{PROVIDER}/username/{USERNAME}", func(p place) answer {
		return p.anna.post(templates.DAuthPattern, values("username", "0xab", "provider", "dauth.x", "role", "CanCreateBranch", "role", "CanGetConsumers", "bank", nordBank))
	}},
	"a right answer": {ActAnswer, opAnswer, "GET /users/{USER_ID}/auth-context", func(p place) answer {
		return p.answers(p.g.password(p.begins()))
	}},
	"a wrong answer": {ActAnswer, opAnswer, "GET /users/{USER_ID}/auth-context", func(p place) answer {
		p.begins()
		return p.answers("wrong")
	}},
}

const opAnswer = "POST /banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge"

// begins starts a challenge of anna's and gives its record.
func (p place) begins() journal.Row {
	p.anna.post(templates.ChallengePattern, url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
	return p.g.acts(ActChallenge)[0]
}

func (p place) answers(text string) answer {
	return p.anna.post(templates.Answer(p.g.acts(ActChallenge)[0].ActID), url.Values{"answer": {text}})
}

// password is the one-time password that the stand-in sent.
func (g *rig) password(begun journal.Row) string {
	w := httptest.NewRecorder()
	g.obp.ServeHTTP(w, httptest.NewRequest("GET", "/sandbox/otp/"+begun.Result.Details["challenge"], nil))
	return w.Body.String()
}

// readBackAs is what stands in the journal of an act that was read back.
func readBackAs(name string) string {
	return cmp.Or(map[string]string{"a right answer": isApplied, "a wrong answer": isRejected}[name], "read_back")
}

// What OBP did and whose answer was lost, by a cut connection or by silence, is
// read back and counts as done.
func TestLostAnswersAreReadBack(t *testing.T) {
	for name, c := range lostActs {
		for how, f := range map[string]sandbox.Fault{"cut": {Cut: "after", Times: 1}, "a gateway's page": {Status: 504, Junk: "html", Applied: true, Times: 1}} {
			t.Run(name+", "+how, func(t *testing.T) {
				g := bankRig(t)
				p := g.place()
				g.fault(c.op, f)
				if a := c.send(p); a.StatusCode != http.StatusSeeOther {
					t.Errorf("%d %s", a.StatusCode, a.text("main"))
				}
				if row := g.ended(c.act, journal.OutcomeDone); row.Result.State != readBackAs(name) {
					t.Errorf("%+v", row.Result)
				}
			})
		}
	}
}

// silence sends every act to a server that never answers it, all at once, and
// gives what came of each.
func silence(t *testing.T, f sandbox.Fault, then func(t *testing.T, name string, p place, a answer)) {
	type sent struct {
		place
		answer
	}
	out := map[string]*sent{}
	var all sync.WaitGroup
	for name, c := range lostActs {
		g := bankRig(t)
		x := &sent{place: g.place()}
		out[name] = x
		g.fault(c.op, f)
		all.Go(func() { x.answer = c.send(x.place) })
	}
	all.Wait()
	for name, x := range out {
		t.Run(name, func(t *testing.T) { x.g.t = t; then(t, name, x.place, x.answer) })
	}
}

// What OBP did without ever answering is read back once the time-out is over.
func TestSilenceIsReadBack(t *testing.T) {
	silence(t, sandbox.Fault{Delay: time.Hour, Times: 1}, func(t *testing.T, name string, p place, a answer) {
		if a.StatusCode != http.StatusSeeOther {
			t.Errorf("%d %s", a.StatusCode, a.text("main"))
		}
		if row := p.g.ended(lostActs[name].act, journal.OutcomeDone); row.Result.State != readBackAs(name) {
			t.Errorf("%+v", row.Result)
		}
	})
}

// What OBP neither did nor answered stays open and is said to be unknown, with
// what to do, on the page and in the journal; later it ends by what is true.
func TestSilenceIsSaid(t *testing.T) {
	silence(t, sandbox.Fault{Delay: time.Hour, Cut: "before", Times: 1}, func(t *testing.T, name string, p place, a answer) {
		if said := a.text("main"); !strings.Contains(said, "Nobody knows yet") || !strings.Contains(said, "stays open in the journal") {
			t.Errorf("%d %s", a.StatusCode, said)
		}
		row := p.g.acts(lostActs[name].act)[0]
		if row.Finished() || row.Result.Outcome != journal.OutcomeUnknown {
			t.Fatalf("ended %q", row.Result.Outcome)
		}
		record := templates.JournalAct(row.ActID)
		if x := p.anna.get(record); !strings.Contains(x.text("main"), templates.Word("outcome.unknown")) || x.doc.Find(`form[action="`+templates.FinishAct(row.ActID)+`"]`).Length() != 1 {
			t.Errorf("%s", x.text("main"))
		}
		p.g.advance(2 * obpTimeout)
		if x := p.anna.follow(p.anna.post(templates.FinishAct(row.ActID), url.Values{})); !strings.Contains(x.id("flash"), "never carried it out") {
			t.Errorf("%q", x.id("flash"))
		}
	})
}

// What reading back does not show, or cannot be read, stays open with what was
// typed, and is ended later by what is true then.
func TestLostAnswersAreFoundOut(t *testing.T) {
	for name, c := range lostActs {
		for _, applied := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				g := bankRig(t)
				p := g.place()
				g.fault(c.op, sandbox.Fault{Cut: "before", Times: 1})
				if applied {
					g.fault(c.op, sandbox.Fault{Cut: "after", Times: 1})
				}
				skip := 0
				if slices.Contains([]string{"GET /users/{USER_ID}/auth-context", "GET /my/user/attributes"}, c.reads) || c.act == ActUnlink || c.act == ActReplaceViews {
					skip = 1 // what is read before the act
				}
				g.fault(c.reads, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanGetAnyUser", Skip: skip})
				a := c.send(p)
				if !strings.Contains(a.text("main"), "Nobody knows yet") || a.doc.Find(`[name="reason"]`).Length() > 0 && !strings.Contains(a.doc.Find(`[name="reason"]`).Text(), because) {
					t.Errorf("%d %s", a.StatusCode, a.text("main"))
				}
				row := g.acts(c.act)[0]
				if row.Finished() || row.Result.Outcome != journal.OutcomeUnknown {
					t.Fatalf("ended %q", row.Result.Outcome)
				}
				g.obp.ClearFaults()
				g.advance(2 * obpTimeout)
				says := "never carried it out"
				if applied {
					says = "OBP carried it out"
				}
				if applied && name == "a wrong answer" {
					says = "rejected it"
				}
				if page := p.anna.follow(p.anna.post(templates.FinishAct(row.ActID), url.Values{})); !strings.Contains(page.id("flash"), says) {
					t.Errorf("%q, want %q", page.id("flash"), says)
				}
				g.intact()
			})
		}
	}
}

// A challenge whose beginning got no answer can be answered by nobody: that is
// said, and ends the act.
func TestLostChallenge(t *testing.T) {
	g := bankRig(t)
	p := g.place()
	g.fault("POST /banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}", sandbox.Fault{Cut: "after", Times: 1})
	a := p.anna.post(templates.ChallengePattern, url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
	if said := a.text("main"); !strings.Contains(said, "Nobody knows yet") || !strings.Contains(said, "Begin another challenge, and use the password that comes with that one") || a.doc.Find(`input[name="value"][value="NL-100003"]`).Length() != 1 {
		t.Errorf("%d %s", a.StatusCode, said)
	}
	if row := g.ended(ActChallenge, journal.OutcomePartly); row.Result.State != neverKnown {
		t.Errorf("%+v", row.Result)
	}
}

// signs are what can be read before and after an answer.
func TestWhatAnAnswerBecame(t *testing.T) {
	unread, none := answerSigns{contexts: -1}, answerSigns{asLink: true}
	linked := answerSigns{linked: true, asLink: true}
	both := answerSigns{contexts: 1, linked: true, asLink: true}
	noRole := func(a answerSigns) answerSigns { a.contexts = -1; return a }
	for name, c := range map[string]struct {
		before, after answerSigns
		want          string
	}{
		"one more context":                      {none, both, isApplied},
		"a link alone":                          {none, linked, isRejected},
		"neither":                               {none, none, notApplied},
		"linked before, no context":             {linked, linked, neverKnown},
		"linked before, a context":              {linked, both, isApplied},
		"contexts are not shown, linked":        {noRole(none), noRole(linked), neverKnown},
		"contexts are not shown, not linked":    {noRole(none), noRole(none), notApplied},
		"nothing is shown":                      {unread, unread, neverKnown},
		"links are not shown, no context":       {answerSigns{}, answerSigns{}, neverKnown},
		"links are not shown, a context":        {answerSigns{}, answerSigns{contexts: 1}, isApplied},
		"contexts were not shown before":        {noRole(none), both, neverKnown},
		"contexts are not shown any more, link": {none, noRole(linked), neverKnown},
	} {
		if got := c.before.became(c.after); got != c.want || signsOf(c.before.details()) != c.before {
			t.Errorf("%s: %q, want %q; kept as %+v", name, got, c.want, signsOf(c.before.details()))
		}
	}
}

// A server without v5.1.0 is asked for everybody. Whoever may not list them is
// told that it could not be read.
func TestLostDAuthRolesAtAnOlderServer(t *testing.T) {
	g := bankRig(t)
	g.fault("GET /obp/v5.1.0/root", sandbox.Fault{Status: 404, Message: "OBP-10404: 404 Not Found."})
	p := g.place()
	c := lostActs["DAuth roles"]
	g.fault(c.op, sandbox.Fault{Cut: "after", Times: 1})
	g.fault("GET /users", sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanGetAnyUser", Times: 1})
	if a := c.send(p); !strings.Contains(a.text("main"), "Nobody knows yet") || !strings.Contains(a.text("main"), "It could not be read") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	row := g.acts(c.act)[0]
	g.advance(2 * obpTimeout)
	if a := p.anna.follow(p.anna.post(templates.FinishAct(row.ActID), url.Values{})); !strings.Contains(a.id("flash"), "OBP carried it out") {
		t.Errorf("%q", a.id("flash"))
	}
	g.intact()
}

// A part that was done is neither done nor not done, and every end has words.
func TestTruths(t *testing.T) {
	for there, want := range map[int]string{0: notApplied, 1: isPartly, 2: isApplied} {
		if got := share(there, 2); got != want {
			t.Errorf("%d of 2: %q, want %q", there, got, want)
		}
	}
	for truth := range truths {
		if !templates.HasWord("flash.finish_" + truth) {
			t.Errorf("no words for %q", truth)
		}
	}
}
