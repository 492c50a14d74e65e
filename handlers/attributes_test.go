package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func TestAttributeTypes(t *testing.T) {
	for _, c := range []struct {
		typ   obp.AttributeType
		value string
		ok    bool
	}{
		{obp.AttributeString, "any text", true}, {obp.AttributeString, "", false},
		{obp.AttributeInteger, "417", true}, {obp.AttributeInteger, "-1", true}, {obp.AttributeInteger, "4.5", false}, {obp.AttributeInteger, "x", false}, {obp.AttributeInteger, "99999999999999999999", false},
		{obp.AttributeDouble, "7.5", true}, {obp.AttributeDouble, "7", true}, {obp.AttributeDouble, "NaN", false}, {obp.AttributeDouble, "inf", false}, {obp.AttributeDouble, "0x1p3", false}, {obp.AttributeDouble, "1e999", false},
		{obp.AttributeDay, "2026-02-28", true}, {obp.AttributeDay, "2026-02-30", false}, {obp.AttributeDay, "24.11.2026", false}, {"OTHER", "x", false},
	} {
		if fits(c.typ, c.value) != c.ok {
			t.Errorf("%s %q: want %v", c.typ, c.value, c.ok)
		}
	}
}

// One's own attributes are listed, added and changed; an id that is another's
// is never sent (security 16).
func TestMyAttributes(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	if a := anna.get("/me/attributes"); a.doc.Find(`[data-testid="attribute-row"]`).Length() != 2 {
		t.Fatal(a.text("main"))
	}
	if a := anna.post("/me/attributes", url.Values{"name": {"floor"}, "type": {"INTEGER"}, "value": {"two"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text("form"), "whole number") || g.writes() != 0 {
		t.Errorf("%d %s", a.StatusCode, a.text("form"))
	}
	a := anna.follow(anna.post("/me/attributes", url.Values{"name": {"floor"}, "type": {"INTEGER"}, "value": {"2"}}))
	if !strings.Contains(a.id("flash"), "“floor”") || a.doc.Find(`[data-testid="attribute-row"]`).Length() != 3 {
		t.Errorf("%s", a.id("flash"))
	}
	g.ended(ActAddAttribute, journal.OutcomeDone)
	mine, other := "", ""
	for _, x := range g.obp.World().Attributes {
		if x.UserID == g.user(admin) && x.Name == "desk" {
			mine = x.ID
		}
		if x.UserID == g.user(outsider) {
			other = x.ID
		}
	}
	change := url.Values{"name": {"desk"}, "type": {"INTEGER"}, "value": {"418"}}
	if a := anna.get(templates.MyAttribute(mine)); a.StatusCode != 200 || a.doc.Find(`input[name="value"][value="417"]`).Length() != 1 {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if a := anna.follow(anna.post(templates.MyAttribute(mine), change)); !strings.Contains(a.text("main"), "418") {
		t.Errorf("%s", a.text("main"))
	}
	const op = "PUT /obp/v5.0.0/my/user/attributes/{USER_ATTRIBUTE_ID}"
	before := g.obp.Calls()[op]
	if a := anna.get(templates.MyAttribute(other)); a.StatusCode != http.StatusNotFound {
		t.Errorf("another's form: %d", a.StatusCode)
	}
	if a := anna.post(templates.MyAttribute(other), change); a.StatusCode != http.StatusNotFound || g.obp.Calls()[op] != before {
		t.Errorf("another's: %d, sent %d times", a.StatusCode, g.obp.Calls()[op]-before)
	}
	if a := anna.get(templates.Attributes(g.user(outsider))); a.doc.Find(`[data-testid="attribute-row"]`).Length() != 2 || a.has("attribute-form") {
		t.Errorf("of a user: %s", a.text("main"))
	}
	if a := anna.get(templates.Attributes("nobody")); a.StatusCode != http.StatusNotFound || a.about() != "the_person" {
		t.Errorf("of nobody: %d %s", a.StatusCode, a.about())
	}
}
