package handlers

import (
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// The read log names people as the journal or, side by side and once each, OBP
// knows them; without the right to read people, whom the journal does not know
// stays an id.
func TestReadLogNamesPeople(t *testing.T) {
	readers := func(d *Deps) { d.Settings.Rights.Readers = []string{admin, "olga.onebank"} }
	g := newRigOf(t, helpWorld(), desk, readers)
	b, other := g.signIn(admin), g.signIn("ben.second")
	for _, p := range []templates.Person{felixPerson, person("u-fred", "fred.failed")} {
		b.get(templates.UserOf(p))
		other.get(templates.UserOf(p))
	}
	b.post(templates.Lock(felixPerson), reason(because)) // the journal knows him now
	var page answer
	made := g.made(func() { page = b.get(templates.ReadingsPattern) })
	if n := strings.Count(page.text("tbody"), "fred.failed"); n != 2 || strings.Count(page.text("tbody"), outsider) != 2 || strings.Count(page.text("tbody"), "ben.second") != 2 || made[opUser] != 1 {
		t.Errorf("%d of fred, %v: %s", n, made, page.text("tbody"))
	}
	if n := page.doc.Find(`tbody a[href="` + templates.UserOf(felixPerson) + `"]`).Length(); n != 2 {
		t.Errorf("%d links to his page", n)
	}
	olga := g.signIn("olga.onebank")
	made = g.made(func() { page = olga.get(templates.ReadingsPattern) })
	if strings.Contains(page.text("tbody"), "fred.failed") || !strings.Contains(page.text("tbody"), outsider) || made[opUser] != 0 {
		t.Errorf("without the right: %v: %s", made, page.text("tbody"))
	}
	if err := g.obp.SetFault(opUser, sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error."}); err != nil {
		t.Fatal(err)
	}
	if page = b.get(templates.ReadingsPattern); page.StatusCode != 200 || !strings.Contains(page.text("tbody"), "u-fred") {
		t.Errorf("with OBP down: %d %s", page.StatusCode, page.text("tbody"))
	}
}
