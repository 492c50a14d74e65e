package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
)

// The demo says its address first, then whom to sign in as; it leaves nothing behind.
func TestDemo(t *testing.T) {
	p := start(t, nil, "demo", "-addr", "127.0.0.1:0")
	people := sandbox.DemoPeople()
	p.out.wait(t, "Ctrl-C")
	for _, who := range people {
		if s := p.out.String(); !strings.Contains(s, who.Username) || !strings.Contains(s, who.Password) || !strings.Contains(s, who.Does) {
			t.Errorf("%s is not told of:\n%s", who.Username, s)
		}
	}
	for _, who := range people {
		cookie := signIn(t, p.url, who.Username, who.Password)
		if resp, body := visit(t, "GET", p.url+"/", cookie, nil); resp.StatusCode != 200 {
			t.Errorf("%s: %s\n%s", who.Username, resp.Status, body)
		}
	}
	p.terminate()
	p.stopped()
	if s := p.errs.String(); s != "" {
		t.Errorf("stderr:\n%s", s)
	}
	left, err := os.ReadDir(p.cmd.Dir) // its TMPDIR
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// The same in this process, where the race detector looks on.
func TestDemoHere(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, errs := newLines(), newLines()
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"demo", "-addr", "localhost:0"}, noEnv, out, errs) }()
	base := strings.TrimPrefix(out.wait(t, "listening on "), "listening on ")
	anna := sandbox.DemoPeople()[0]
	cookie := signIn(t, base, anna.Username, anna.Password)
	if resp, body := visit(t, "GET", base+"/requests", cookie, nil); resp.StatusCode != 200 || !strings.Contains(body, "demo") {
		t.Errorf("%s\n%s", resp.Status, body)
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// With DATA_DIR the journal stays.
func TestDemoKeepsJournal(t *testing.T) {
	dir := t.TempDir()
	p := start(t, []string{"DATA_DIR=" + dir}, "demo", "-addr", "127.0.0.1:0")
	p.terminate()
	p.stopped()
	if got := strings.Join(acts(t, dir), " "); got != "start stop" {
		t.Errorf("journal: %s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, sessionsFile)); !os.IsNotExist(err) {
		t.Errorf("sessions are kept: %v", err)
	}
}

// A port that is taken is not the end of it.
func TestDemoPortTaken(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	addr := strings.TrimPrefix(taken.URL, "http://")
	p := start(t, nil, "demo", "-addr", addr)
	if p.url == taken.URL || !strings.Contains(p.errs.wait(t, "is taken"), addr) {
		t.Errorf("listens on %s, stderr:\n%s", p.url, p.errs)
	}
	p.terminate()
	p.stopped()
}

// The demo's passwords are known, so it is for this machine alone.
func TestDemoLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80", "127.0.0.1", "127.0.0.1:http"} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"demo", "-addr", addr}, noEnv, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "loopback") {
			t.Errorf("%s: exit %d, %s%s", addr, code, out.String(), errs.String())
		}
	}
}

// What a person set for themselves is checked in the demo too.
func TestDemoMistake(t *testing.T) {
	var out, errs bytes.Buffer
	env := func(k string) string { return map[string]string{"TIME_ZONE": "Mars/Olympus"}[k] }
	if code := run(t.Context(), []string{"demo", "-addr", "127.0.0.1:0"}, env, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "TIME_ZONE") {
		t.Errorf("exit %d, %s%s", code, out.String(), errs.String())
	}
}

// BenchmarkFirstPage is from the start of the built program to the first page.
func BenchmarkFirstPage(b *testing.B) {
	binary(b)
	for b.Loop() {
		p := start(b, nil, "demo", "-addr", "127.0.0.1:0")
		if resp, _ := visit(b, "GET", p.url+"/sign-in", "", nil); resp.StatusCode != 200 {
			b.Fatal(resp.Status)
		}
		b.StopTimer()
		p.terminate()
		p.stopped()
		b.StartTimer()
	}
}
