package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
				if row := g.ended(c.act, journal.OutcomeDone); row.Result.State != "read_back" {
					t.Errorf("%+v", row.Result)
				}
			})
		}
	}
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
				if c.reads == "GET /users/{USER_ID}/auth-context" || c.act == ActUnlink || c.act == ActReplaceViews {
					skip = 1 // what is read before the act
				}
				g.fault(c.reads, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanGetAnyUser", Skip: skip})
				a := c.send(p)
				if !strings.Contains(a.text("main"), "Nobody knows yet") || !strings.Contains(a.doc.Find(`[name="reason"]`).Text(), because) {
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
				if page := p.anna.follow(p.anna.post(templates.FinishAct(row.ActID), url.Values{})); !strings.Contains(page.id("flash"), says) {
					t.Errorf("%q, want %q", page.id("flash"), says)
				}
				g.intact()
			})
		}
	}
}
