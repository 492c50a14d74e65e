package handlers

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
)

// oneHop asks for a page while every call to OBP is held, and proves that all
// that the page needs are under way at once: the page comes when these alone
// are let go.
func oneHop(t *testing.T, g *rig, b *browser, target string, ops ...string) {
	t.Helper()
	calls := g.obp.Calls()
	for _, op := range ops {
		if err := g.obp.SetFault(op, sandbox.Fault{Hold: "before", Times: 1}); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan answer, 1)
	go func() { got <- b.get(target) }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, op := range ops {
		if err := g.obp.WaitHeld(ctx, op, "before", 1); err != nil {
			t.Errorf("%s: %s does not run beside the others: %v", target, op, err)
		}
	}
	g.obp.Release("")
	if a := <-got; a.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s", target, a.StatusCode, a.text("main"))
	}
	var made []string
	for op, n := range g.obp.Calls() {
		for range n - calls[op] {
			made = append(made, strings.Replace(op, "/obp/v5.0.0", "", 1))
		}
	}
	slices.Sort(made)
	slices.Sort(ops)
	if d := cmp.Diff(ops, made); d != "" {
		t.Errorf("%s: calls made: %s", target, d)
	}
}

// A page takes one hop: its calls run side by side, and none is made twice.
func TestHops(t *testing.T) {
	for _, c := range []struct {
		target string
		ops    []string
	}{
		{"/", []string{opList, "GET /my/entitlement-requests", "GET /banks"}},
		{"/requests", []string{opList, "GET /banks"}},
		{"/requests/r-branch?u=u-felix&b=bank.one&r=CanCreateBranch", []string{opList, opUser, "GET /entitlements", "GET /banks"}},
		{"/journal", []string{"GET /users/current/user_id", "GET /banks"}},
		{"/me", []string{"GET /my/entitlements", "GET /my/entitlement-requests", "GET /roles", "GET /banks"}},
	} {
		t.Run(c.target, func(t *testing.T) {
			g := newRig(t)
			oneHop(t, g, g.signIn(admin), c.target, c.ops...)
		})
	}
}

// Without the hints of the queue's link a sheet takes a second hop, and with
// wrong ones too: they are checked against the request.
func TestSheetWithoutHints(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	b.get("/requests") // banks are kept from now on
	for _, target := range []string{"/requests/r-branch", "/requests/r-branch?u=u-anna&b=", "/requests/r-branch?u=u-nobody&b=bank.one&r=CanDeleteUser"} {
		a := b.get(target)
		if a.StatusCode != 200 || !strings.Contains(a.id("sheet-person"), outsider) || !strings.Contains(a.id("sheet-state"), "active") {
			t.Errorf("%s: %d %s", target, a.StatusCode, a.id("sheet-person"))
		}
	}
}

// An approval reads twice and writes twice; a decline reads once and writes once.
func TestCallsOfADecision(t *testing.T) {
	for act, want := range map[string]map[string]int64{
		"approve": {opList: 1, opUser: 1, opGrant: 1, opClose: 1},
		"decline": {opList: 1, opClose: 1},
	} {
		g := newRig(t)
		b := g.signIn(admin)
		b.get("/requests")
		before := g.obp.Calls()
		if a := b.post("/requests/r-branch/"+act, reason(because)); a.StatusCode != http.StatusSeeOther {
			t.Fatal(a.StatusCode)
		}
		made := map[string]int64{}
		for op, n := range g.obp.Calls() {
			if n > before[op] {
				made[strings.Replace(op, "/obp/v5.0.0", "", 1)] = n - before[op]
			}
		}
		if d := cmp.Diff(want, made); d != "" {
			t.Errorf("%s: %s", act, d)
		}
	}
}

// instant answers every call from memory at once, as an OBP that costs nothing.
type instant map[string]string

func (i instant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	body, ok := i[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/obp/v5.0.0")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		body = `{"code":404,"message":"OBP-10404: not found"}`
	}
	_, _ = io.WriteString(w, body)
}

// benchConsole is the console over an OBP whose answers were taken from the
// demo world once, so that only the console's own time is measured.
func benchConsole(b *testing.B) (h http.Handler, cookie string) {
	b.Helper()
	world := sandbox.DemoWorld(time.Now())
	box, err := sandbox.New(world, sandbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	real := httptest.NewServer(box)
	defer real.Close()
	client, err := obp.New(obp.Config{BaseURL: real.URL, ConsumerKey: world.ConsumerKey})
	if err != nil {
		b.Fatal(err)
	}
	pass := sandbox.DemoPeople()[0].Password
	cred, err := client.SignIn(b.Context(), admin, pass)
	if err != nil {
		b.Fatal(err)
	}
	answers := instant{"POST /my/logins/direct": `{"token":"a.b.c"}`}
	for _, path := range []string{"/users/current", "/banks", "/entitlement-requests", "/my/entitlement-requests", "/users/current/user_id", "/entitlements"} {
		req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, real.URL+"/obp/v5.0.0"+path, nil)
		req.Header.Set("DirectLogin", `token="`+cred.Token+`"`)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		answers["GET "+path] = string(body)
	}
	back := httptest.NewServer(answers)
	b.Cleanup(back.Close)
	client, err = obp.New(obp.Config{BaseURL: back.URL, ConsumerKey: world.ConsumerKey})
	if err != nil {
		b.Fatal(err)
	}
	j, err := journal.Open(b.Context(), journal.Options{Path: filepath.Join(b.TempDir(), "j.db"), Key: [32]byte{1}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { j.Close() })
	m, err := session.New(session.Options{Store: session.MemoryStore(), Key: [32]byte{2}})
	if err != nil {
		b.Fatal(err)
	}
	srv, err := New(Deps{OBP: client, Sessions: m, Journal: j, Log: slog.New(slog.DiscardHandler),
		Settings: Settings{PublicURL: consoleURL, SignIn: session.Allowed{Anyone: true}, RowsPerPage: 40}})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/sign-in", strings.NewReader(url.Values{"username": {admin}, "password": {pass}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		cookie = c.Value
	}
	if cookie == "" {
		b.Fatalf("no session: %d %s", w.Code, w.Body)
	}
	return srv, cookie
}

func benchPage(b *testing.B, target string) {
	h, cookie := benchConsole(b)
	b.ReportAllocs()
	var took []time.Duration
	for b.Loop() {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Cookie", session.CookieName+"="+cookie)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		begun := time.Now()
		h.ServeHTTP(w, r)
		took = append(took, time.Since(begun))
		if w.Code != 200 {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkQueuePage is the queue of 40 rows over an OBP that answers at once.
func BenchmarkQueuePage(b *testing.B) { benchPage(b, "/requests") }

// BenchmarkHomePage is the first page, likewise.
func BenchmarkHomePage(b *testing.B) { benchPage(b, "/") }

// BenchmarkJournalPage is an almost empty journal.
func BenchmarkJournalPage(b *testing.B) { benchPage(b, "/journal") }
