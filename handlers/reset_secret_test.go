package handlers

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// files gives the bytes of the journal's file and of those beside it.
func (g *rig) files() string {
	g.t.Helper()
	var seq int
	var name, path string
	if err := g.journal.DB().QueryRow("PRAGMA database_list").Scan(&seq, &name, &path); err != nil && err != sql.ErrNoRows {
		g.t.Fatal(err)
	}
	all, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(all) == 0 {
		g.t.Fatalf("no file of the journal: %v", err)
	}
	var b strings.Builder
	for _, f := range all {
		text, err := os.ReadFile(f)
		if err != nil {
			g.t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// kept gives what a session keeps of its person, as the console reads it.
func (b *browser) kept() string {
	b.g.t.Helper()
	var out string
	h := b.g.srv.Sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		st, ok := b.g.srv.Sessions.Current(r.Context())
		text, err := json.Marshal(st)
		if !ok || err != nil {
			b.g.t.Errorf("no session: %v", err)
		}
		out = string(text)
	}))
	r, _ := http.NewRequestWithContext(b.g.t.Context(), "GET", "/", nil)
	r.Header.Set("Cookie", session.CookieName+"="+b.cookie)
	h.ServeHTTP(discard{http.Header{}}, r)
	return out
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header       { return d.h }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// heads writes down every header of an answer, its cookies and where it leads.
func heads(a answer) string {
	var b strings.Builder
	for k, v := range a.Header {
		fmt.Fprintf(&b, "%s: %s\n", k, strings.Join(v, " | "))
	}
	return b.String()
}

// A marked reset link and marked passwords are in no log, journal, address,
// cookie, header, session or later page; a mark of the same flow that belongs
// there shows first that each channel is watched (security 9, security 29,
// security 39, security 42).
func TestSecretsOfTheDeskStayNowhere(t *testing.T) {
	const link, pass, note, ticket = "canary-link-path", "Canary!Passw0rd1", "canary-note", "canary-ticket"
	w := deskWorld()
	w.Settings.PortalHostname = portal + "/" + link
	g := newRigOf(t, w, desk)
	b := g.signIn(helper)
	var headers, pages strings.Builder
	keep := func(a answer) answer {
		headers.WriteString(heads(a))
		pages.WriteString(a.body)
		return a
	}
	b.header["Accept-Encoding"] = "gzip"
	a := b.post(templates.Reset(felixPerson), url.Values{"verified": {"call_back"}, "ticket": {ticket}, "note": {note}})
	delete(b.header, "Accept-Encoding")
	if a.StatusCode != 200 || strings.Count(a.body, link) != 2 || a.Header.Get("Content-Encoding") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %d times the link, encoded %q, cached %q", a.StatusCode, strings.Count(a.body, link), a.Header.Get("Content-Encoding"), a.Header.Get("Cache-Control"))
	}
	headers.WriteString(heads(a))
	user := func(change string) url.Values {
		f := url.Values{}
		for k, v := range rightUser {
			f[k] = v
		}
		f["password"], f["password_again"] = []string{pass}, []string{pass}
		f.Set("first", change)
		return f
	}
	keep(b.post(templates.NewUserPattern, user(""))) // refused, shown again
	g.advance(10 * time.Minute)
	b.get("/users")
	g.advance(10 * time.Minute)
	b.get("/users")
	g.advance(11 * time.Minute)
	proof := keep(b.post(templates.NewUserPattern, user("Nora"))) // a fresh proof is asked for
	if !proof.has("proof-form") || proof.doc.Find(`input[name=first][value=Nora]`).Length() != 1 {
		t.Fatalf("%d %s", proof.StatusCode, proof.text("main"))
	}
	again := url.Values{proofField: {password}}
	for _, e := range proof.doc.Find(`[data-testid="proof-form"] input[type=hidden]`).EachIter() {
		again.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	form := keep(b.post(templates.NewUserPattern, again)) // the new password is typed again
	if form.StatusCode != http.StatusUnprocessableEntity || form.doc.Find(`input[name=first][value=Nora]`).Length() != 1 || !strings.Contains(form.id("field-error"), "Type the password of the new account") {
		t.Fatalf("%d %s", form.StatusCode, form.text("main"))
	}
	made := keep(b.post(templates.NewUserPattern, user("Nora")))
	if made.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", made.StatusCode, made.text("main"))
	}
	for _, to := range []string{templates.UserOf(felixPerson), templates.Reset(felixPerson), "/journal", "/", "/me", made.Header.Get("Location"),
		templates.JournalAct(g.acts(journal.ActResetLink)[0].ActID), templates.JournalAct(g.acts(journal.ActCreateUser)[0].ActID)} {
		keep(b.get(to))
	}
	var dump strings.Builder
	if _, err := g.journal.ExportNDJSON(t.Context(), &dump, journal.Filter{Rights: journal.Rights{All: true}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, mark string }{
		"the log":               {g.log.String(), "/users/{id}/reset-link"},
		"the journal":           {dump.String(), note},
		"the journal's files":   {g.files(), note},
		"the headers":           {headers.String(), "/users/"},
		"the session":           {b.kept(), helper},
		"the pages after it":    {pages.String(), ticket},
		"what OBP was asked in": {fmt.Sprint(g.obp.Calls()), "reset-password-url"},
	} {
		if !strings.Contains(c.text, c.mark) {
			t.Errorf("%s is not watched: no %q", name, c.mark)
		}
		for _, secret := range []string{link, pass, password} {
			if strings.Contains(c.text, secret) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
	g.intact()
}

// A form that was taken makes no second link: the page of the first may be
// loaded again. A new form makes one.
func TestResetFormIsTakenOnce(t *testing.T) {
	g, b := deskRig(t, desk)
	form := func() url.Values {
		once := b.get(templates.Reset(felixPerson)).doc.Find("input[name=once]").AttrOr("value", "")
		return url.Values{"once": {once}, "verified": {"in_person"}, "ticket": {"T-1"}}
	}
	f := form()
	if a := b.post(templates.Reset(felixPerson), f); !a.has("link") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	made := g.made(func() {
		if a := b.post(templates.Reset(felixPerson), f); a.StatusCode != http.StatusConflict || a.has("link") || !strings.Contains(a.text("main"), "is not taken again") {
			t.Errorf("again: %d %s", a.StatusCode, a.text("main"))
		}
	})
	if made[opReset] != 0 {
		t.Error("a second link was asked for")
	}
	if a := b.post(templates.Reset(felixPerson), form()); !a.has("link") {
		t.Errorf("a new form: %d %s", a.StatusCode, a.text("main"))
	}
}

// The limits hold against presses at the same time, by operator and by target,
// and each refusal is recorded (security 38).
func TestResetLimits(t *testing.T) {
	w := deskWorld()
	for i := range ResetsByOperator + 2 {
		w.Users = append(w.Users, sandbox.User{UserID: fmt.Sprintf("u-t%d", i), Username: fmt.Sprintf("target.%d", i), ProviderID: "x", Provider: w.Provider, Email: "t@example.com", Validated: true})
	}
	press := func(g *rig, b *browser, n int, target func(int) templates.Person) (links, limited int) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				c := *b
				a := c.post(templates.Reset(target(i)), rightReset)
				mu.Lock()
				defer mu.Unlock()
				if a.has("link") {
					links++
				}
				if a.StatusCode == http.StatusTooManyRequests && a.Header.Get("Retry-After") == "3600" && strings.Contains(a.text("main"), "Too many reset links") {
					limited++
				}
			})
		}
		all.Wait()
		return links, limited
	}
	g := newRigOf(t, w, desk)
	b := g.signIn(helper)
	if links, limited := press(g, b, ResetsForPerson+5, func(int) templates.Person { return felixPerson }); links != ResetsForPerson || limited != 5 {
		t.Errorf("for one target: %d links, %d limited", links, limited)
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 5 || rows[0].Entry.Rule != string(RuleResetLimit) {
		t.Errorf("recorded %d", len(rows))
	}
	g = newRigOf(t, w, desk)
	b = g.signIn(helper)
	if links, limited := press(g, b, ResetsByOperator+2, func(i int) templates.Person { return person(fmt.Sprintf("u-t%d", i), "") }); links != ResetsByOperator || limited != 2 {
		t.Errorf("by one operator: %d links, %d limited", links, limited)
	}
	g = newRigOf(t, w, desk, func(d *Deps) { d.Settings.ResetsByOperator, d.Settings.ResetsForPerson = 4, 1 })
	b = g.signIn(helper)
	if links, limited := press(g, b, 3, func(int) templates.Person { return felixPerson }); links != 1 || limited != 2 {
		t.Errorf("one for a person: %d links, %d limited", links, limited)
	}
	if got := b.post(templates.Reset(felixPerson), rightReset).id("act-failed"); !strings.Contains(got, "4 by one operator, 1 for one person") || !strings.Contains(got, "10:00") {
		t.Errorf("the words: %q", got)
	}
}

// The number on file is masked until it is asked for, which is noted; why there
// is none is said.
func TestPhoneOnFile(t *testing.T) {
	w := deskWorld()
	w.Customers = append(w.Customers, sandbox.Customer{BankID: "bank.one", ID: "c-felix", Number: "C-1", Mobile: "+49 170 5551234", BirthDate: "1984-04-23", DependantsDOB: []string{}})
	w.Links = append(w.Links, sandbox.CustomerLink{ID: "l-1", CustomerID: "c-felix", UserID: "u-felix", Active: true})
	g := newRigOf(t, w, desk)
	b := g.signIn(helper)
	a := b.get(templates.Reset(felixPerson))
	if got := a.id("phone"); !strings.Contains(got, "+•• ••• ••••234") || strings.Contains(a.body, "5551234") || len(g.readings(journal.ReadCustomer)) != 0 {
		t.Errorf("masked: %q", got)
	}
	a = b.post(templates.Reset(felixPerson), url.Values{"show": {"1"}, "ticket": {"T-5"}, "verified": {"call_back"}})
	if got := a.id("phone"); !strings.Contains(got, "+49 170 5551234") || a.has("link") || a.doc.Find("#ticket").AttrOr("value", "") != "T-5" {
		t.Errorf("shown: %d %q", a.StatusCode, got)
	}
	if list := g.readings(journal.ReadCustomer); len(list) != 1 || list[0].Subject != "c-felix" {
		t.Errorf("noted: %+v", list)
	}
	if got := b.get(templates.Reset(person("u-fred", "fred.failed"))).id("phone"); !strings.Contains(got, "linked to no customer") {
		t.Errorf("no link: %q", got)
	}
	g2 := newRigOf(t, helpWorld(), desk)
	if got := g2.signIn(admin).get(templates.Reset(felixPerson)).id("phone"); !strings.Contains(got, "CanGetCustomer") {
		t.Errorf("no right: %q", got)
	}
}
