package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session/database"
	"obpconsole/session/journal"
	"obpconsole/session/storetest"
)

var servers storetest.Servers

const opGrant = "POST /users/{USER_ID}/entitlements"

// bank is a set of nodes over one database, before one stand-in.
type bank struct {
	t     *testing.T
	obp   *sandbox.Server
	start sandbox.World
	env   []string // of every node
}

// newBank has two approvers and requests of others, the first of felix for
// CanCreateBranch. redis: the sessions lie there.
func newBank(t *testing.T, redis bool) *bank {
	t.Helper()
	w, err := world(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	w.Entitlements, w.Requests = nil, nil
	for i, name := range []string{"anna.approver", "bella.branch"} {
		for k, role := range []string{"CanGetAnyUser", "CanGetEntitlementRequestsAtAnyBank", "CanDeleteEntitlementRequestsAtAnyBank", "CanCreateEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementsForAnyBank"} {
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: fmt.Sprint("e-", i, k), Role: role, UserID: userID(w, name), Created: time.Now().Add(-24 * time.Hour)})
		}
	}
	for i, name := range []string{"felix.smith", "robert.jones", "maria.garcia", "nora.norole", "carl.customer", "dave.doomed"} {
		for k, role := range []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct"} {
			for b, at := range w.Banks[:2] {
				w.Requests = append(w.Requests, sandbox.Request{ID: fmt.Sprintf("r-%d%d%d", i, k, b), Role: role, BankID: at.ID, UserID: userID(w, name), Created: time.Now().Add(-time.Hour)})
			}
		}
	}
	b := &bank{t: t, start: w}
	if b.obp, err = sandbox.New(w, sandbox.Options{Latency: 5 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	back := httptest.NewServer(b.obp)
	t.Cleanup(func() { b.obp.ClearFaults(); back.Close() })
	b.env = []string{"OBP_BASE_URL=" + back.URL, "OBP_CONSUMER_KEY=" + recordedKey, "OBP_TIMEOUT=1s", "LISTEN_ADDR=127.0.0.1:0", "NODES=2",
		"DATABASE_URL=" + servers.Postgres(t).Database(t), "SESSION_KEY=" + strings.Repeat("5e", 32), "JOURNAL_KEY=" + strings.Repeat("a1", 32)}
	if redis {
		b.env = append(b.env, "REDIS_URL="+servers.Redis(t).Database(t))
	}
	return b
}

func userID(w sandbox.World, name string) string {
	i := slices.IndexFunc(w.Users, func(u sandbox.User) bool { return u.Username == name })
	return w.Users[i].UserID
}

func (b *bank) getenv(name string) string {
	for _, e := range b.env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// settled tells whether a request is closed and its role given once.
func (b *bank) settled(r sandbox.Request) bool {
	w := b.obp.World()
	n := 0
	for _, e := range w.Entitlements {
		if e.UserID == r.UserID && e.Role == r.Role && e.BankID == r.BankID {
			n++
		}
	}
	return n == 1 && !slices.ContainsFunc(w.Requests, func(o sandbox.Request) bool { return o.ID == r.ID })
}

// intact wants the journal to verify, and gives it.
func (b *bank) intact() *journal.Journal {
	b.t.Helper()
	var out bytes.Buffer
	if code := run(b.t.Context(), []string{"journal", "verify"}, b.getenv, &out, &out); code != 0 || !strings.Contains(out.String(), "intact to entry") {
		b.t.Errorf("journal verify: exit %d, %s", code, out.String())
	}
	key, err := parseKey(b.getenv("JOURNAL_KEY"))
	if err != nil {
		b.t.Fatal(err)
	}
	j, err := journal.Open(b.t.Context(), journal.Options{Postgres: b.getenv("DATABASE_URL"), Key: key})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { j.Close() })
	return j
}

var because = url.Values{"reason": {"for the branch"}}

func approve(t *testing.T, p *process, cookie, request string) int {
	t.Helper()
	resp, _ := visit(t, "POST", p.url+"/requests/"+request+"/approve", cookie, because)
	return resp.StatusCode
}

// Two consoles before one bank: who signs in at one is signed in at the other;
// one that is killed in the middle of an approval leaves it to the other; fifty
// approvals of one request at both give the role once; the chain is one.
func TestSeveralNodes(t *testing.T) {
	for _, redis := range []bool{false, true} {
		t.Run(map[bool]string{false: "PostgreSQL", true: "PostgreSQL and Redis"}[redis], func(t *testing.T) {
			b := newBank(t, redis)
			one, two := start(t, b.env, "serve"), start(t, b.env, "serve")
			anna := signIn(t, one.url, "anna.approver", recordedPassword)
			bella := signIn(t, two.url, "bella.branch", recordedPassword)
			if got := approve(t, two, anna, b.start.Requests[1].ID); got != http.StatusSeeOther || !b.settled(b.start.Requests[1]) {
				t.Errorf("signed in at one, decided at the other: %d", got)
			}
			if resp, body := visit(t, "GET", one.url+"/readyz", "", nil); resp.StatusCode != 200 || !strings.Contains(body, `"sessions":"ok"`) || !strings.Contains(body, `"journal":"ok"`) {
				t.Errorf("readyz: %s %s", resp.Status, body)
			}
			b.fifty([]*process{one, two}, []string{anna, bella}, b.start.Requests[2])
			b.killed(&one, two, anna, bella)
			gone := signIn(t, one.url, "anna.approver", recordedPassword)
			if resp, _ := visit(t, "POST", two.url+"/sign-out", gone, url.Values{}); resp.StatusCode != http.StatusSeeOther {
				t.Errorf("sign-out: %s", resp.Status)
			}
			if resp, _ := visit(t, "GET", one.url+"/me", gone, nil); resp.StatusCode != http.StatusSeeOther {
				t.Errorf("signed out at one, still in at the other: %s", resp.Status)
			}
			b.intact()
		})
	}
}

// fifty approvals of one request by two people at two nodes, the server's race
// wide open.
func (b *bank) fifty(nodes []*process, cookies []string, r sandbox.Request) {
	b.t.Helper()
	b.obp.SetRace(20 * time.Millisecond)
	defer b.obp.SetRace(0)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			switch got := approve(b.t, nodes[i%2], cookies[i/2%2], r.ID); got {
			case http.StatusSeeOther:
				won.Add(1)
			case http.StatusConflict:
			default:
				b.t.Errorf("approval %d: %d", i, got)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || !b.settled(r) {
		b.t.Errorf("%d of fifty approvals went through, given once: %v", won.Load(), b.settled(r))
	}
}

// killed kills the first node in the middle of approvals, finishes each at the
// second at once, and starts the first again.
func (b *bank) killed(one **process, two *process, anna, bella string) {
	b.t.Helper()
	for i, at := range []string{"before", "after"} {
		r := b.start.Requests[3+i]
		f := sandbox.Fault{Hold: at, Times: 1}
		if at == "before" {
			f.Cut = "before" // it never reaches the server
		}
		if err := b.obp.SetFault(opGrant, f); err != nil {
			b.t.Fatal(err)
		}
		sent := make(chan bool)
		go func() {
			defer close(sent)
			_, _ = try("POST", (*one).url+"/requests/"+r.ID+"/approve", anna, because) // it ends with the node
		}()
		if err := b.obp.WaitHeld(b.t.Context(), opGrant, at, 1); err != nil {
			b.t.Fatal(err)
		}
		if got := approve(b.t, two, bella, r.ID); got != http.StatusConflict {
			b.t.Errorf("%s: beside the node that decides: %d", at, got)
		}
		_ = (*one).cmd.Process.Kill()
		<-(*one).gone
		<-sent
		b.obp.Release(opGrant)
		b.finish(two, bella, r)
		if !b.settled(r) {
			b.t.Errorf("killed %s the grant: not given once and closed", at)
		}
		*one = start(b.t, b.env, "serve")
	}
}

// finish presses what the request's page offers until it is finished.
func (b *bank) finish(p *process, cookie string, r sandbox.Request) {
	b.t.Helper()
	waitUntil(b.t, r.ID+" is finished", func() bool {
		resp, body := visit(b.t, "GET", p.url+"/requests/"+r.ID, cookie, nil)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil || resp.StatusCode >= 500 {
			b.t.Fatal(resp.Status, err)
		}
		switch {
		case doc.Find(`[data-testid="close-form"]`).Length() > 0:
			visit(b.t, "POST", p.url+"/requests/"+r.ID+"/close", cookie, url.Values{})
		case doc.Find(`[data-testid="approve"]`).Length() > 0:
			if got := approve(b.t, p, cookie, r.ID); got != http.StatusSeeOther && got != http.StatusConflict {
				b.t.Fatalf("approve: %d", got)
			}
		}
		return doc.Find(`[data-testid="outcome"]`).Length() > 0
	})
}

// try is visit for a server that may be gone.
func try(method, address, cookie string, form url.Values) (*http.Response, error) {
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", cookie)
	c := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(r)
	if err == nil {
		err = resp.Body.Close()
	}
	return resp, err
}

// neverSent tells whether a request cannot have reached the server.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// A node goes on when a newer one has changed the tables; the same program does
// not start again, and says why.
func TestOlderProgramOverNewerTables(t *testing.T) {
	b := newBank(t, false)
	old := start(t, b.env, "serve")
	anna := signIn(t, old.url, "anna.approver", recordedPassword)
	db, err := database.Postgres(b.getenv("DATABASE_URL"), database.Options{Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"goose_journal", "goose_sessions"} {
		if _, err := db.ExecContext(t.Context(), `INSERT INTO `+table+` (version_id, is_applied) VALUES (99, true)`); err != nil {
			t.Fatal(err)
		}
		if got := approve(t, old, anna, b.start.Requests[0].ID); table == "goose_journal" && got != http.StatusSeeOther {
			t.Errorf("the node that runs: %d", got)
		}
		for _, args := range [][]string{{"serve"}, {"migrate"}, {"migrate", "-dry-run"}} {
			var out, errs bytes.Buffer
			if code := run(t.Context(), args, b.getenv, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "newer console: they are at version 99") || strings.Contains(errs.String(), "panic") {
				t.Errorf("%v: exit %d, %s", args, code, errs.String())
			}
		}
		if _, err := db.ExecContext(t.Context(), `DELETE FROM `+table+` WHERE version_id = 99`); err != nil {
			t.Fatal(err)
		}
	}
}

// migrate does what is missing, once; -dry-run says it and changes nothing.
func TestMigrate(t *testing.T) {
	for name, env := range map[string]map[string]string{"files": {"DATA_DIR": t.TempDir()}, "database": {"DATABASE_URL": servers.Postgres(t).Database(t)}} {
		for i, want := range []struct{ flag, says, not string }{{"-dry-run", "sessions: 00001_sessions.sql would be done\n", "up to date"}, {"-dry-run", "journal: 00001_journal.sql would be done\n", "up to date"},
			{"", "journal: 00001_journal.sql done\n", "would"}, {"", "sessions: up to date\njournal: up to date\n", "done"}, {"-dry-run", "sessions: up to date\njournal: up to date\n", "done"}} {
			args := []string{"migrate"}
			if want.flag != "" {
				args = append(args, want.flag)
			}
			var out, errs bytes.Buffer
			if code := run(t.Context(), args, func(k string) string { return env[k] }, &out, &errs); code != 0 || !strings.Contains(out.String(), want.says) || strings.Contains(out.String(), want.not) {
				t.Errorf("%s, %d: exit %d, %s%s", name, i, code, out.String(), errs.String())
			}
		}
	}
}

// What several nodes cannot share is refused in words, and no password is shown.
func TestServeRefusesForSeveralNodes(t *testing.T) {
	keys := map[string]string{"SESSION_KEY": strings.Repeat("5e", 32), "JOURNAL_KEY": strings.Repeat("a1", 32)}
	for _, c := range []struct {
		name string
		env  map[string]string
		code int
		says []string
	}{
		{"files", map[string]string{"NODES": "2"}, 2, []string{"DATABASE_URL: nothing was given", "NODES is 2", "SQLite", "memory"}},
		{"none", map[string]string{"NODES": "0"}, 2, []string{"NODES: "}},
		{"Redis alone", map[string]string{"REDIS_URL": "redis://:hush-hush@127.0.0.1:1"}, 2, []string{"DATABASE_URL: nothing was given", "REDIS_URL"}},
		{"no Redis", map[string]string{"DATABASE_URL": "postgres://x:hush-hush@127.0.0.1:1/x", "REDIS_URL": "http://:hush-hush@127.0.0.1:1"}, 2, []string{"REDIS_URL: ", "rediss://", "SESSION_KEY: nothing was given", "JOURNAL_KEY: nothing was given"}},
		{"no PostgreSQL", map[string]string{"DATABASE_URL": "mysql://x:hush-hush@127.0.0.1:1/x"}, 2, []string{"DATABASE_URL: ", "postgres://console@"}},
		{"nobody there", map[string]string{"NODES": "2", "DATABASE_URL": "postgres://x:hush-hush@127.0.0.1:1/x?sslmode=disable", "SESSION_KEY": keys["SESSION_KEY"], "JOURNAL_KEY": keys["JOURNAL_KEY"]}, 1, []string{"DATABASE_URL: 127.0.0.1:1"}},
		{"no Redis there", map[string]string{"NODES": "2", "DATABASE_URL": servers.Postgres(t).Database(t), "REDIS_URL": "redis://:hush-hush@127.0.0.1:1", "SESSION_KEY": keys["SESSION_KEY"], "JOURNAL_KEY": keys["JOURNAL_KEY"]}, 1, []string{"REDIS_URL: 127.0.0.1:1"}},
	} {
		for k, v := range good() {
			c.env[k] = v
		}
		c.env["LISTEN_ADDR"] = "127.0.0.1:0"
		c.env["DATA_DIR"] = t.TempDir()
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"serve"}, func(k string) string { return c.env[k] }, &out, &errs)
		if code != c.code || strings.Contains(errs.String(), "hush-hush") {
			t.Errorf("%s: exit %d, %s", c.name, code, errs.String())
		}
		for _, s := range c.says {
			if !strings.Contains(errs.String(), s) {
				t.Errorf("%s: no %q in %s", c.name, s, errs.String())
			}
		}
	}
	for _, what := range []string{"backup", "restore"} {
		var errs bytes.Buffer
		env := map[string]string{"DATABASE_URL": "postgres://127.0.0.1:1/x", "JOURNAL_KEY": keys["JOURNAL_KEY"]}
		args := []string{"journal", what, t.TempDir() + "/copy.db"}
		if what == "restore" {
			args = append(args, "-head", "unknown", "-reason", "x", "-by", "x")
		}
		if code := run(t.Context(), args, func(k string) string { return env[k] }, &errs, &errs); code != exitUsage || !strings.Contains(errs.String(), "pg_") {
			t.Errorf("journal %s: exit %d, %s", what, code, errs.String())
		}
	}
}
