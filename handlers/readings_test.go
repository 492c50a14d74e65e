package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
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

// A page of the read log is one hop, whomever the journal does not know.
func TestReadLogIsOneHop(t *testing.T) {
	const people = readingsAtMost - 1 // and the reading of the log itself
	w := helpWorld()
	for i := range people {
		name := fmt.Sprintf("reader.nobody%02d", i)
		w.Users = append(w.Users, sandbox.User{UserID: "u-" + name, Username: name, ProviderID: name, Provider: w.Provider})
	}
	g := newRigOf(t, w, func(d *Deps) { d.Settings.Rights.Readers, d.Settings.RowsPerPage = []string{admin}, 100 })
	b := g.signIn(admin)
	for i := range people {
		if err := g.journal.Read(t.Context(), "session", "u-anna", journal.ReadUser, fmt.Sprintf("u-reader.nobody%02d", i)); err != nil {
			t.Fatal(err)
		}
	}
	const opSelf = "GET /users/current/user_id"
	for _, op := range []string{opUser, opSelf} {
		if err := g.obp.SetFault(op, sandbox.Fault{Hold: "before"}); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan answer, 1)
	before := g.obp.Calls()
	go func() { got <- b.get(templates.ReadingsPattern) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for op, n := range map[string]int{opUser: people, opSelf: 1} {
		if err := g.obp.WaitHeld(ctx, op, "before", n); err != nil {
			t.Errorf("%s: not all %d are under way at once: %v", op, n, err)
		}
	}
	g.obp.ClearFaults()
	page := <-got
	if n := strings.Count(page.text("tbody"), "reader.nobody"); n != people || g.obp.Calls()[opUser]-before[opUser] > people {
		t.Errorf("%d of %d are named: %s", n, people, page.text("main"))
	}
}
