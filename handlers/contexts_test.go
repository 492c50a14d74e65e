package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// contextsOf are a person's keys and values in the stand-in.
func (g *rig) contextsOf(user string) (out []string) {
	for _, c := range g.obp.World().Contexts {
		if c.UserID == user {
			out = append(out, c.Key+"="+c.Value)
		}
	}
	return out
}

// Auth contexts are listed and added; the same key a second time is taken only
// when it is known.
func TestAuthContexts(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	felix := g.user(outsider)
	page := templates.Contexts(felix)
	if a := anna.get(page); a.StatusCode != 200 || a.doc.Find(`[data-testid="context-row"]`).Length() != 1 || !strings.Contains(a.text("main"), "reads this person's accounts from the core system again") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	a := anna.follow(anna.post(page, values("key", "PASSPORT", "value", "P1")))
	if !strings.Contains(a.id("flash"), "PASSPORT of felix.fresh") || len(g.contextsOf(felix)) != 2 {
		t.Errorf("%s %v", a.id("flash"), g.contextsOf(felix))
	}
	row := g.ended(ActAddContext, journal.OutcomeDone)
	if row.Entry.Details["key"] != "PASSPORT" || strings.Contains(string(row.Entry.Seen), "P1") {
		t.Errorf("%+v", row.Entry)
	}
	again := values("key", "PASSPORT", "value", "P2")
	if a := anna.post(page, again); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text("form"), "a row with the key PASSPORT already") || len(g.contextsOf(felix)) != 2 {
		t.Errorf("%d %s", a.StatusCode, a.text("form"))
	}
	again.Set("again", "1")
	if a := anna.follow(anna.post(page, again)); len(g.contextsOf(felix)) != 3 || !strings.Contains(a.text("main"), "same key") {
		t.Errorf("%v", g.contextsOf(felix))
	}
	if a := anna.post(page, nil); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find(`[data-testid="field-error"]`).Length() != 3 {
		t.Errorf("%d", a.StatusCode)
	}
	if a := anna.get(templates.Contexts("nobody")); a.StatusCode != http.StatusNotFound {
		t.Errorf("%d", a.StatusCode)
	}
}

// One is deleted with a reason, and another's id is never sent; all are deleted
// by typing the user name.
func TestDeleteAuthContexts(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	felix, other := g.user(outsider), ""
	one := ""
	for _, c := range g.obp.World().Contexts {
		switch c.UserID {
		case felix:
			one = c.ID
		case g.user("j.hansen"):
			other = c.ID
		}
	}
	const op = "DELETE /obp/v5.0.0/users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}"
	if a := anna.post(templates.DropContext(felix, other), values()); a.StatusCode != http.StatusNotFound || g.obp.Calls()[op] != 0 {
		t.Errorf("another's: %d, %d calls", a.StatusCode, g.obp.Calls()[op])
	}
	if a := anna.get(templates.DropContext(felix, one)); a.StatusCode != 200 || !strings.Contains(a.text("main"), "NL-100001") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if a := anna.follow(anna.post(templates.DropContext(felix, one), values())); !strings.Contains(a.id("flash"), "Deleted") || len(g.contextsOf(felix)) != 0 {
		t.Errorf("%s", a.id("flash"))
	}
	g.ended(ActDropContext, journal.OutcomeDone)

	niamh := g.user("niamh.osullivan")
	page := templates.DropContexts(niamh)
	if a := anna.get(page); !strings.Contains(a.text("main"), "2 auth contexts are deleted") || !strings.Contains(a.text("main"), "does not read the person's accounts again") {
		t.Errorf("%s", a.text("main"))
	}
	if a := anna.post(page, values("name", "niamh")); a.StatusCode != http.StatusUnprocessableEntity || len(g.contextsOf(niamh)) != 2 {
		t.Errorf("a wrong name: %d", a.StatusCode)
	}
	g.advance(6 * time.Minute)
	if a := anna.post(page, values("name", "niamh.osullivan")); !a.has("proof-form") {
		t.Errorf("no fresh proof was asked for: %d", a.StatusCode)
	}
	a := anna.post(page, values("name", "niamh.osullivan", proofField, password))
	if a = anna.follow(a); !strings.Contains(a.id("flash"), "no auth context any more") || len(g.contextsOf(niamh)) != 0 {
		t.Errorf("%s", a.id("flash"))
	}
	g.ended(ActDropContexts, journal.OutcomeDone)
}

// A challenge is begun and answered once: OBP answers 200 with REJECTED, which
// is said, and a second answer is never sent.
func TestChallenge(t *testing.T) {
	g := bankRig(t, func(d *Deps) { d.Settings.ChallengeTime = 10 * time.Minute })
	felix := g.signIn(outsider)
	a := felix.get("/me/challenge?bank=" + nordBank)
	if !strings.Contains(a.id("warning"), "links you to the customer") || a.doc.Find(`option[value="`+nordBank+`"][selected]`).Length() != 1 {
		t.Errorf("%s", a.text("main"))
	}
	if a := felix.post("/me/challenge", nil); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find(`[data-testid="field-error"]`).Length() != 3 {
		t.Errorf("%d", a.StatusCode)
	}
	if a := felix.post("/me/challenge", url.Values{"bank": {nordBank}, "method": {"SMS"}, "value": {"none"}}); a.about() != "the_customer" {
		t.Errorf("%d %s", a.StatusCode, a.about())
	}
	sent := felix.post("/me/challenge", url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
	page := sent.Header.Get("Location")
	if a = felix.follow(sent); !strings.Contains(a.text("main"), "2026-11-24 09:10") || !strings.Contains(a.text("main"), "Time left10 minutes") || strings.Contains(page, "NL-100003") {
		t.Errorf("%s %s", page, a.text("main"))
	}
	g.advance(10 * time.Minute)
	if a := felix.get(page); !strings.Contains(a.id("warning"), "its time is over") || strings.Contains(a.text("main"), "Time left") {
		t.Errorf("%s", a.text("main"))
	}
	g.advance(-10 * time.Minute)
	if ben := g.signIn("ben.second"); ben.get(page).StatusCode != http.StatusNotFound || ben.post(page, url.Values{"answer": {"1"}}).StatusCode != http.StatusNotFound {
		t.Error("another's challenge is open to ben")
	}
	a = felix.follow(felix.post(page, url.Values{"answer": {"wrong"}}))
	if !strings.Contains(a.id("refusal"), "Rejected") || !strings.Contains(a.id("refusal"), "linked you to the customer all the same") || g.linked(g.user(outsider), g.customerID("NL-100003")) == "" {
		t.Errorf("%s", a.text("main"))
	}
	const op = "POST /obp/v5.0.0/banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge"
	if a := felix.post(page, url.Values{"answer": {"again"}}); a.StatusCode != http.StatusConflict || g.obp.Calls()[op] != 1 {
		t.Errorf("%d, sent %d times", a.StatusCode, g.obp.Calls()[op])
	}
	if row := g.ended(ActAnswer, journal.OutcomeDone); row.Result.State != "rejected" {
		t.Errorf("%+v", row.Result)
	}
}

// A right answer adds the auth context, once.
func TestChallengeAccepted(t *testing.T) {
	g := bankRig(t)
	felix := g.signIn(outsider)
	sent := felix.post("/me/challenge", url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
	started := g.acts(ActChallenge)[0]
	w := httptest.NewRecorder()
	g.obp.ServeHTTP(w, httptest.NewRequest("GET", "/sandbox/otp/"+started.Result.Details["challenge"], nil))
	for range 2 {
		felix.post(sent.Header.Get("Location"), url.Values{"answer": {w.Body.String()}})
	}
	a := felix.follow(sent)
	if !strings.Contains(a.id("refusal"), "Accepted") || len(g.contextsOf(g.user(outsider))) != 2 {
		t.Errorf("%s %v", a.text("main"), g.contextsOf(g.user(outsider)))
	}
	if b, _ := json.Marshal(g.acts(ActAnswer)); w.Body.Len() == 0 || strings.Contains(string(b), w.Body.String()) {
		t.Error("the one-time password is in the journal")
	}
}

// Without the setting no time is named, and what OBP refuses is said.
func TestChallengeRefusals(t *testing.T) {
	for message, about := range map[string]string{
		"OBP-50200: Connector cannot return the data we requested. <- OBP-20211: The One Time Password (OTP) has expired. ":                     "the_challenge",
		"OBP-50200: Connector cannot return the data we requested. <- OBP-30057: User Auth Context Update not found by AUTH_CONTEXT_UPDATE_ID.": "the_challenge",
		"OBP-30025: Could not create user_customer_links ":                                                                                      "the_customer",
	} {
		g := bankRig(t)
		felix := g.signIn(outsider)
		sent := felix.post("/me/challenge", url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
		if a := felix.follow(sent); !strings.Contains(a.text("main"), "does not tell it") {
			t.Errorf("%s", a.text("main"))
		}
		g.fault("POST /banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge", sandbox.Fault{Status: 400, Message: message})
		if a := felix.post(sent.Header.Get("Location"), url.Values{"answer": {"1"}}); a.about() != about || a.StatusCode < 400 {
			t.Errorf("%s: %d %s", message, a.StatusCode, a.about())
		}
	}
}
