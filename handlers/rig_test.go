package handlers

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

const (
	consoleURL = "http://127.0.0.1:8080"
	password   = "Str0ng!Passw0rd"
	admin      = "anna.approver"
	outsider   = "felix.fresh"
	obpTimeout = 2 * time.Second
)

// rig is the console before a stand-in OBP, with a clock that the test moves.
type rig struct {
	t       testing.TB
	obp     *sandbox.Server
	srv     *Server
	journal *journal.Journal
	log     *lockedBuffer

	mu  sync.Mutex
	now time.Time
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start is where the rig's clock begins.
var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// testWorld is small: three approvers, one of them at one bank only, somebody
// without a role, a locked and a deleted person, and requests of all kinds.
func testWorld() sandbox.World {
	w := sandbox.World{Provider: "http://127.0.0.1:8090", ConsumerKey: "key", Settings: sandbox.Settings{MaxBadLogins: 5}}
	user := func(id, name string, change ...func(*sandbox.User)) {
		u := sandbox.User{UserID: id, Username: name, ProviderID: name, Provider: w.Provider, Email: name + "@example.com", Validated: true, Password: password}
		for _, c := range change {
			c(&u)
		}
		w.Users = append(w.Users, u)
	}
	user("u-anna", admin)
	user("u-ben", "ben.second")
	user("u-olga", "olga.onebank")
	user("u-felix", outsider)
	user("u-gus", "gus.gone", func(u *sandbox.User) { u.Username, u.Deleted = "DELETED-x1y2z3", true })
	user("u-lena", "lena.locked", func(u *sandbox.User) { u.Locked = true })
	user("u-anna2", "anna.other", func(u *sandbox.User) { u.Email = "ANNA.APPROVER@example.com" })
	w.Banks = []sandbox.Bank{{ID: "bank.one", ShortName: "One", FullName: "First Bank"}, {ID: "bank.two", ShortName: "Two", FullName: "Second Bank"}}
	grant := func(user, role, bank string) {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-" + user + "-" + role + "-" + bank, Role: role, BankID: bank, UserID: user, Created: start.AddDate(0, -6, 0)})
	}
	for _, u := range []string{"u-anna", "u-ben"} {
		for _, role := range []string{"CanCreateEntitlementAtAnyBank", "CanDeleteEntitlementAtAnyBank", "CanGetEntitlementRequestsAtAnyBank",
			"CanDeleteEntitlementRequestsAtAnyBank", "CanGetAnyUser", "CanGetEntitlementsForAnyUserAtAnyBank"} {
			grant(u, role, "")
		}
	}
	grant("u-olga", "CanCreateEntitlementAtOneBank", "bank.one")
	grant("u-felix", "CanCreateAtm", "bank.one")
	ask := func(id, user, role, bank string, ago time.Duration) {
		w.Requests = append(w.Requests, sandbox.Request{ID: id, Role: role, BankID: bank, UserID: user, Created: start.Add(-ago)})
	}
	const day = 24 * time.Hour
	ask("r-branch", "u-felix", "CanCreateBranch", "bank.one", 3*day)
	ask("r-anyuser", "u-felix", "CanGetAnyUser", "", 2*day)
	ask("r-held", "u-felix", "CanCreateAtm", "bank.one", 5*time.Hour)
	ask("r-own", "u-anna", "CanCreateBank", "", day)
	ask("r-own2", "u-anna2", "CanCreateBank", "", day)
	ask("r-gone", "u-gus", "CanCreateBranch", "bank.two", 40*day)
	ask("r-locked", "u-lena", "CanCreateProduct", "bank.two", 10*time.Minute)
	return w
}

func newRig(t testing.TB, change ...func(*Deps)) *rig {
	t.Helper()
	return newRigOf(t, testWorld(), change...)
}

func newRigOf(t testing.TB, w sandbox.World, change ...func(*Deps)) *rig {
	t.Helper()
	g := &rig{t: t, now: start, log: &lockedBuffer{}}
	clock := func() time.Time { g.mu.Lock(); defer g.mu.Unlock(); return g.now }
	var err error
	if g.obp, err = sandbox.New(w, sandbox.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
	back := httptest.NewServer(g.obp)
	t.Cleanup(func() { g.obp.ClearFaults(); back.Close() })
	client, err := obp.New(obp.Config{BaseURL: back.URL, ConsumerKey: w.ConsumerKey, Timeout: obpTimeout})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(g.log, nil))
	g.journal, err = journal.Open(t.Context(), journal.Options{Path: newJournal(t), Key: [32]byte{1}, Now: clock, Environment: "test", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.journal.Close() })
	sessions, err := session.New(session.Options{Store: session.MemoryStore(), Key: [32]byte{2}, Now: clock, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{OBP: client, Sessions: sessions, Journal: g.journal, Log: log, Now: clock,
		Settings: Settings{PublicURL: consoleURL, Server: "obp.test", SignIn: session.Allowed{Anyone: true}, OBPTimeout: obpTimeout,
			ReasonCodes: []ReasonCode{{"needed", "Needed for the work"}}}}
	for _, c := range change {
		c(&d)
	}
	if g.srv, err = New(d); err != nil {
		t.Fatal(err)
	}
	return g
}

// emptyJournal is the file of a journal without entries: to make one takes a
// hundred times as long as to copy it, and there are a thousand rigs.
var emptyJournal = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "journal-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "journal.db")
	j, err := journal.Open(context.Background(), journal.Options{Path: file, Key: [32]byte{1}, Environment: "test"})
	if err != nil {
		return nil, err
	}
	if err := j.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func newJournal(t testing.TB) string {
	t.Helper()
	empty, err := emptyJournal()
	file := filepath.Join(t.TempDir(), "journal.db")
	if err == nil {
		err = os.WriteFile(file, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (g *rig) advance(d time.Duration) { g.mu.Lock(); g.now = g.now.Add(d); g.mu.Unlock() }

// browser keeps a cookie, as a browser at the console's own pages.
type browser struct {
	g      *rig
	cookie string
	header map[string]string
}

func (g *rig) browser() *browser { return &browser{g: g, header: map[string]string{}} }

// answer is what came back.
type answer struct {
	*http.Response
	body string
	doc  *goquery.Document
}

func (b *browser) send(method, target string, form url.Values) answer {
	b.g.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(context.WithoutCancel(b.g.t.Context()), method, target, body)
	r.RemoteAddr = "192.0.2.7:4711"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.cookie != "" {
		r.Header.Set("Cookie", session.CookieName+"="+b.cookie)
	}
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	b.g.srv.ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() {
		if c.Name == session.CookieName {
			if b.cookie = c.Value; c.MaxAge < 0 {
				b.cookie = ""
			}
		}
	}
	a := answer{Response: res, body: w.Body.String()}
	var err error
	if a.doc, err = goquery.NewDocumentFromReader(strings.NewReader(a.body)); err != nil {
		b.g.t.Fatal(err)
	}
	return a
}

func (b *browser) get(target string) answer { b.g.t.Helper(); return b.send("GET", target, nil) }

func (b *browser) post(target string, form url.Values) answer {
	b.g.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.send("POST", target, form)
}

// part asks for one part of a page, as htmx does.
func (b *browser) part(id string) *browser {
	c := *b
	c.header = map[string]string{"HX-Request": "true", "HX-Target": "section#" + id}
	return &c
}

// follow goes where a redirect leads.
func (b *browser) follow(a answer) answer {
	b.g.t.Helper()
	to := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || to == "" {
		b.g.t.Fatalf("no redirect: %d %s", a.StatusCode, a.text("main"))
	}
	return b.get(to)
}

func (g *rig) signIn(name string) *browser {
	g.t.Helper()
	b := g.browser()
	if a := b.post(templates.SignInPattern, url.Values{"username": {name}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
		g.t.Fatalf("sign-in of %s: %d %s", name, a.StatusCode, a.text("main"))
	}
	return b
}

func (a answer) text(selector string) string {
	return strings.Join(strings.Fields(a.doc.Find(selector).Text()), " ")
}

func (a answer) id(testID string) string { return a.text(`[data-testid="` + testID + `"]`) }

func (a answer) has(testID string) bool {
	return a.doc.Find(`[data-testid="`+testID+`"]`).Length() > 0
}

// held counts a role's entitlements in the stand-in.
func (g *rig) held(user, role, bank string) int {
	n := 0
	for _, e := range g.obp.World().Entitlements {
		if e.UserID == user && e.Role == role && e.BankID == bank {
			n++
		}
	}
	return n
}

func (g *rig) open(id string) bool {
	for _, q := range g.obp.World().Requests {
		if q.ID == id {
			return true
		}
	}
	return false
}

// writes counts the grants and deletions that reached OBP.
func (g *rig) writes() (n int64) {
	for op, calls := range g.obp.Calls() {
		if !strings.HasPrefix(op, "GET ") && !strings.Contains(op, "/my/logins") {
			n += calls
		}
	}
	return n
}

// acts gives the journal's rows of an act, newest first.
func (g *rig) acts(act journal.Act) []journal.Row {
	g.t.Helper()
	p, err := g.journal.Search(g.t.Context(), journal.Filter{Acts: []journal.Act{act}, Rights: journal.Rights{All: true}, Limit: 100})
	if err != nil {
		g.t.Fatal(err)
	}
	return p.Rows
}

func (g *rig) intact() {
	g.t.Helper()
	rep, err := g.journal.Verify(g.t.Context(), journal.VerifyOptions{})
	if err != nil || !rep.OK {
		g.t.Errorf("the journal is not intact: %v %v", err, rep.Faults)
	}
}

const because = "needed for the branch work"

func reason(text string) url.Values { return url.Values{"reason": {text}} }
