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

// Why a role is asked for stands on the sheet; a question parks the request and
// reaches the person who asked, and so does the reply; what became of it, and
// the reason when the decider shows it, stands on their page.
func TestAskTalk(t *testing.T) {
	g := newRig(t)
	felix, anna := g.signIn(outsider), g.signIn(admin)
	felix.post(templates.AskRolePattern, url.Values{"role": {"CanCreateProduct"}, "bank": {"bank.two"}, "why": {"I look after the price list"}})
	id := ""
	for _, q := range g.obp.World().Requests {
		if q.UserID == "u-felix" && q.Role == "CanCreateProduct" {
			id = q.ID
		}
	}
	sheet := templates.RequestOf(id, "u-felix", "bank.two", "CanCreateProduct", templates.RequestQuery{})
	if page := anna.get(sheet); !strings.Contains(page.id("talk"), "I look after the price list") {
		t.Fatalf("the sheet: %s", page.text("#sheet"))
	}
	before := g.writes()
	if page := anna.follow(anna.post(templates.Question(id, templates.RequestQuery{}), url.Values{"question": {"Which products?"}})); !strings.Contains(page.id("talk"), "Which products?") || g.writes() != before {
		t.Errorf("the question: %s", page.text("#sheet"))
	}
	if page := anna.get("/requests"); !strings.Contains(page.text(`tr[data-id="`+id+`"]`), "question asked") {
		t.Error("the queue does not say that it is parked")
	}
	if page := felix.get("/me"); !strings.Contains(page.id("my-question"), "Which products?") {
		t.Errorf("the person is not asked: %s", page.text("main"))
	}
	if a := g.signIn("olga.onebank").post(templates.Reply(id), url.Values{"reply": {"all"}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else replies: %d", a.StatusCode)
	}
	if page := felix.follow(felix.post(templates.Reply(id), url.Values{"reply": {"Savings only"}})); page.has("reply-form") {
		t.Error("the question still waits")
	}
	if page := anna.get(sheet); !strings.Contains(page.id("talk"), "Savings only") {
		t.Errorf("the reply: %s", page.id("talk"))
	}
	anna.post("/requests/"+id+"/decline", url.Values{"reason": {"the team has it"}, "shown_to_requester": {"1"}})
	if page := felix.get("/me"); !strings.Contains(page.id("my-fate"), "the team has it") || !strings.Contains(page.id("my-fate"), admin) {
		t.Errorf("what became of it: %s", page.id("my-fate"))
	}
	felix.post(templates.AskRolePattern, url.Values{"role": {"CanCreateProduct"}, "bank": {"bank.one"}})
	for _, q := range g.obp.World().Requests {
		if q.UserID == "u-felix" && q.Role == "CanCreateProduct" {
			anna.post("/requests/"+q.ID+"/decline", url.Values{"reason": {"a secret reason"}})
		}
	}
	if page := felix.get("/me"); strings.Contains(page.text("main"), "a secret reason") || page.doc.Find(`[data-testid="my-fate"]`).Length() != 2 {
		t.Errorf("a reason that is not to be shown: %s", page.id("my-fate"))
	}
	if n := len(g.acts(ActQuestion)) + len(g.acts(ActReply)); n != 2 || len(g.acts(journal.ActAskRole)) != 2 {
		t.Errorf("%d recorded", n)
	}
	g.intact()
}

// What became of a request that was made elsewhere is told as well, once.
func TestFateOfARequestMadeElsewhere(t *testing.T) {
	g := newRig(t)
	felix, anna := g.signIn(outsider), g.signIn(admin)
	anna.post("/requests/r-branch/decline", url.Values{"reason": {"the team has it"}, "shown_to_requester": {"1"}})
	page := felix.get("/me")
	if n := page.doc.Find(`[data-testid="my-fate"]`).Length(); n != 1 || !strings.Contains(page.id("my-fate"), "the team has it") {
		t.Errorf("%d: %s", n, page.text("#me-requests"))
	}
}

// What was typed to ask for a role, and the tick that shows a reason, outlive a
// refusal.
func TestAskKeepsWhatWasTyped(t *testing.T) {
	g := newRig(t)
	felix, anna := g.signIn(outsider), g.signIn(admin)
	g.fault("POST /entitlement-requests", sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error."})
	ask := url.Values{"role": {"CanCreateProduct"}, "bank": {"bank.two"}, "why": {"I look after the price list"}}
	page := felix.follow(felix.post(templates.AskRolePattern, ask))
	if page.doc.Find(`[name="why"]`).AttrOr("value", page.text(`[name="why"]`)) != ask.Get("why") || page.doc.Find(`option[value="CanCreateProduct"][selected]`).Length() != 1 {
		t.Errorf("%s", page.text("main"))
	}
	if page = anna.post("/requests/r-branch/decline", url.Values{"shown_to_requester": {"1"}}); page.doc.Find(`[name="shown_to_requester"][checked]`).Length() == 0 {
		t.Errorf("the tick is lost: %s", page.text("#sheet"))
	}
}
