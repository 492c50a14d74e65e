package handlers

import (
	"net/http"
	"strings"
	"testing"

	"obpconsole/session"
	"obpconsole/session/storetest"
	"obpconsole/web/templates"
)

// Limits hold for all nodes together: failures at one count at the other
// (security 38), and when they cannot be counted nothing goes through.
func TestLimitsOverNodes(t *testing.T) {
	url := storetest.StartPostgres(t, false).Database(t)
	sessions := func() *session.Manager {
		store, err := session.OpenPostgres(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		m, err := session.New(session.Options{Store: store, Key: [32]byte{2}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	g := newRig(t, func(d *Deps) { d.Sessions = sessions(); d.Now = nil })
	other := &rig{t: t, obp: g.obp, journal: g.journal, log: g.log}
	d := g.srv.Deps
	d.Sessions = sessions()
	var err error
	if other.srv, err = New(d); err != nil {
		t.Fatal(err)
	}
	nodes := []*rig{g, other}

	ben := g.signIn("ben.second")
	at := []*browser{ben, {g: other, cookie: ben.cookie, header: map[string]string{}}}
	for i := range exportsPerHour {
		if a := at[i%2].post(templates.ExportPattern, as2("csv")); a.StatusCode != http.StatusOK {
			t.Fatalf("export %d: %d %s", i, a.StatusCode, a.text("main"))
		}
	}
	for i, b := range at {
		if a := b.post(templates.ExportPattern, as2("csv")); a.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one export too many at node %d: %d", i, a.StatusCode)
		}
	}
	for i := range failsByName {
		if a := nodes[i%2].browser().post(templates.SignInPattern, as(admin, "wrong")); a.StatusCode != http.StatusUnauthorized {
			t.Fatalf("failure %d: %d", i, a.StatusCode)
		}
	}
	for i, n := range nodes {
		if a := n.browser().post(templates.SignInPattern, as(admin, password)); a.StatusCode != http.StatusTooManyRequests {
			t.Errorf("node %d: %d", i, a.StatusCode)
		}
	}
	if err := g.srv.Sessions.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := g.browser().post(templates.SignInPattern, as("gina.ghost", password)); a.StatusCode != http.StatusInternalServerError || strings.Contains(a.body, "sql:") {
		t.Errorf("without a store: %d %s", a.StatusCode, a.body)
	}
}
