package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; only a test that fails uses it up.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	servers.End()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// binary is the console as people run it: CONSOLE_BINARY, else built once.
func binary(tb testing.TB) string {
	tb.Helper()
	built.once.Do(func() {
		if built.path = os.Getenv("CONSOLE_BINARY"); built.path != "" {
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "console-test-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "console")
		build := exec.Command("go", "build", "-o", built.path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		tb.Fatal(built.err)
	}
	return built.path
}

// process is a subcommand that listens, in a process of its own.
type process struct {
	tb   testing.TB
	cmd  *exec.Cmd
	url  string
	errs *lines
	out  *lines
	gone chan struct{}
}

// start runs a subcommand with nothing but these settings in its environment.
// Its first line must say where it listens.
func start(tb testing.TB, env []string, args ...string) *process {
	tb.Helper()
	return startProgram(tb, binary(tb), env, args...)
}

// startProgram is start for another binary.
func startProgram(tb testing.TB, program string, env []string, args ...string) *process {
	tb.Helper()
	p := startAs(tb, nil, program, env, args...)
	first := p.out.wait(tb, "")
	at, ok := strings.CutPrefix(first, "listening on ")
	if !ok {
		tb.Fatalf("%v: first line %q, stderr:\n%s", args, first, p.errs)
	}
	p.url = at
	return p
}

// startAs runs a program, in another root or as somebody else when attr says so.
func startAs(tb testing.TB, attr *syscall.SysProcAttr, path string, env []string, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb, errs: newLines(), out: newLines(), gone: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.SysProcAttr = attr
	if p.cmd.Dir = "/"; attr == nil {
		p.cmd.Dir = tb.TempDir()
		env = append([]string{"TMPDIR=" + p.cmd.Dir}, env...)
	}
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.errs
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		p.out.end()
		p.errs.end()
		close(p.gone)
	}()
	tb.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.gone
	})
	return p
}

// terminate sends SIGTERM; stopped waits for a clean end.
func (p *process) terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

func (p *process) stopped() {
	p.tb.Helper()
	select {
	case <-p.gone:
	case <-time.After(patience):
		p.tb.Fatalf("did not stop; stderr:\n%s", p.errs)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.tb.Errorf("exit %d; stderr:\n%s", code, p.errs)
	}
}

// lines is what a process wrote; one can wait for a line.
type lines struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	ended bool
	news  chan struct{}
}

func newLines() *lines { return &lines{news: make(chan struct{})} }

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.news)
	l.news = make(chan struct{})
	return l.buf.Write(b)
}

func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	close(l.news)
	l.news = make(chan struct{})
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// wait gives the first whole line that holds text, "" when the process ended.
func (l *lines) wait(tb testing.TB, text string) string {
	tb.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		all, ended, news := l.buf.String(), l.ended, l.news
		l.mu.Unlock()
		whole := all[:strings.LastIndexByte(all, '\n')+1]
		for s := bufio.NewScanner(strings.NewReader(whole)); s.Scan(); {
			if strings.Contains(s.Text(), text) {
				return s.Text()
			}
		}
		if ended {
			return ""
		}
		select {
		case <-news:
		case <-late:
			tb.Fatalf("no line with %q in:\n%s", text, all)
		}
	}
}

// visit is one request of a person without a browser; it follows no redirect.
func visit(tb testing.TB, method, address, cookie string, form url.Values) (*http.Response, string) {
	tb.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, address, body)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return do(tb, r)
}

func do(tb testing.TB, r *http.Request) (*http.Response, string) {
	tb.Helper()
	c := http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp, string(b)
}

// signIn gives the cookie of a person who signed in.
func signIn(tb testing.TB, base, username, password string) string {
	tb.Helper()
	resp, body := visit(tb, "POST", base+"/sign-in", "", url.Values{"username": {username}, "password": {password}})
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) == 0 {
		tb.Fatalf("sign-in of %s: %s\n%s", username, resp.Status, body)
	}
	c := resp.Cookies()[0]
	return c.Name + "=" + c.Value
}
