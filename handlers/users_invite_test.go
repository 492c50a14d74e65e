package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/web/templates"
)

// An invitation is sent, recorded with its reason, and listed; each field that
// lacks is named, and nothing is sent then.
func TestInvite(t *testing.T) {
	g, b := deskRig(t, desk)
	to := templates.Invitations("bank.one")
	for field, bad := range map[string]string{"first": "", "last": " ", "email": "nobody", "company": "", "country": "", "purpose": "FRIEND", "reason": ""} {
		f := maps.Clone(rightInvite)
		f[field] = []string{bad}
		if a := b.post(to, f); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find("#"+field+"-e").Length() != 1 || g.writes() != 0 {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.text("main"))
		}
	}
	if a := b.post(to, nil); !a.doc.Find("[aria-invalid=true]").First().Is("[autofocus]") || a.doc.Find("main [autofocus]").Length() != 1 {
		t.Errorf("the focus is not on the first of %d wrong fields", a.doc.Find("[aria-invalid=true]").Length())
	}
	page := b.follow(b.post(to, rightInvite))
	if !strings.Contains(page.id("flash"), "Invited") || !strings.Contains(page.id("invitation"), "Ina Vited") || !strings.Contains(page.id("invitation"), "ina@example.com") {
		t.Errorf("%s", page.text("main"))
	}
	if rows := g.acts(ActInvite); len(rows) != 1 || rows[0].Entry.Reason != because || rows[0].Entry.BankID != "bank.one" || rows[0].Entry.Person.Email != "ina@example.com" {
		t.Errorf("recorded %+v", rows)
	}
	if page := b.get("/invitations"); page.doc.Find(`select[name=bank] option[selected]`).AttrOr("value", "") != "bank.one" {
		t.Error("the bank at which one may see invitations is not chosen")
	}
	if page := b.get(templates.NewUserPattern); page.doc.Find(`main a[href="/invitations"]`).Length() != 1 {
		t.Error("it is not offered beside creating")
	}
}

// A refresh says how long it took.
func TestRefreshUser(t *testing.T) {
	g, b := deskRig(t, desk)
	page := b.follow(b.post(templates.Refresh(felixPerson), reason(because)))
	if !strings.Contains(page.id("flash"), "read the accounts of felix.fresh again in 20 ms") {
		t.Errorf("%s", page.text("main"))
	}
	if rows := g.acts(ActRefresh); len(rows) != 1 || rows[0].Result.Details["took"] != "20 ms" {
		t.Errorf("recorded %+v", rows)
	}
}

// What was typed survives a step-up, and the act goes on with it (security 12).
func TestDeskStepUp(t *testing.T) {
	for _, c := range []struct {
		name, to string
		form     url.Values
		idle     time.Duration // how old the last proof is
		done     string
	}{
		{"reset link", templates.Reset(felixPerson), rightReset, 6 * time.Minute, "Give this link to felix.fresh"},
		{"delete", templates.DeleteUser(felixPerson), rightDelete, 6 * time.Minute, "Deleted: felix.fresh"},
		{"lock", templates.Lock(felixPerson), reason(because), 31 * time.Minute, "Locked: felix.fresh"},
		{"invite", templates.Invitations("bank.one"), rightInvite, 31 * time.Minute, "Invited"},
	} {
		g, b := deskRig(t, desk)
		for past := time.Duration(0); past < c.idle; past += 6 * time.Minute {
			g.advance(6 * time.Minute)
			b.get("/users")
		}
		a := b.post(c.to, c.form)
		if a.StatusCode != http.StatusForbidden || !a.has("proof-form") || g.writes() != 0 {
			t.Errorf("%s: %d, %d writes: %s", c.name, a.StatusCode, g.writes(), a.text("main"))
			continue
		}
		again := url.Values{proofField: {password}}
		for _, e := range a.doc.Find(`[data-testid="proof-form"] input[type=hidden]`).EachIter() {
			again.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
		}
		a = b.post(c.to, again)
		if a.StatusCode == http.StatusSeeOther {
			a = b.follow(a)
		}
		if !strings.Contains(a.text("body"), c.done) {
			t.Errorf("%s: %d %s", c.name, a.StatusCode, a.text("main"))
		}
	}
}
