// Command load measures a built console in front of an instant stand-in.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	o := options{}
	flag.StringVar(&o.binary, "console", os.Getenv("CONSOLE_BINARY"), "`FILE` of the built console")
	flag.IntVar(&o.rows, "rows", 40, "open requests in the queue")
	flag.IntVar(&o.operators, "operators", 1000, "people who are signed in")
	flag.IntVar(&o.workers, "workers", 4, "browsers that ask at the same time")
	flag.DurationVar(&o.span, "for", 5*time.Second, "how long each figure is measured")
	flag.DurationVar(&o.latency, "latency", 14*time.Millisecond, "time of each call to OBP, for the list of users")
	flag.Parse()
	for _, part := range []func(options) error{alone, operators, users} {
		if err := part(o); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
	}
}

type options struct {
	binary                   string
	rows, operators, workers int
	span, latency            time.Duration
}

// pair is a console before a stand-in.
type pair struct {
	obp, console *process
	dir          string
}

// pairOf starts both, before a world of people who ask and of operators.
func pairOf(o options, operators int, standIn, settings []string) (_ *pair, err error) {
	p := &pair{}
	if p.dir, err = os.MkdirTemp("", "console-load-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			p.stop()
		}
	}()
	file := filepath.Join(p.dir, "world.json")
	if err := os.WriteFile(file, world(o.rows, operators), 0o600); err != nil {
		return nil, err
	}
	if p.obp, err = start(o.binary, p.dir, nil, append([]string{"sandbox", "-addr", "127.0.0.1:0", "-world", file}, standIn...)...); err != nil {
		return nil, err
	}
	p.console, err = start(o.binary, p.dir, append([]string{"OBP_BASE_URL=" + p.obp.url, "OBP_CONSUMER_KEY=" + consumerKey,
		"LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + filepath.Join(p.dir, "data"), "LOG_LEVEL=error"}, settings...), "serve")
	return p, err
}

func (p *pair) stop() {
	for _, s := range []*process{p.console, p.obp} {
		if s != nil {
			s.stop()
		}
	}
	_ = os.RemoveAll(p.dir)
}

// alone measures one operator, and what the console adds to OBP.
func alone(o options) error {
	p, err := pairOf(o, 1, nil, nil)
	if err != nil {
		return err
	}
	defer p.stop()
	cookie, err := signIn(p.console.url, operator(0))
	if err != nil {
		return err
	}
	token, err := obpToken(p.obp.url)
	if err != nil {
		return err
	}
	head(fmt.Sprintf("One operator, %d open requests, %d at a time, %s each", o.rows, o.workers, o.span))
	direct, err := measure(o.workers, o.span, request{p.obp.url + "/obp/v5.0.0/entitlement-requests", "DirectLogin", "token=" + token})
	if err != nil {
		return err
	}
	direct.print("OBP: open requests")
	for _, of := range pages {
		f, err := measure(o.workers, o.span, withCookie(p.console.url+of.path, cookie))
		if err != nil {
			return fmt.Errorf("%s: %w", of.name, err)
		}
		f.print("console: " + of.name)
		if of.path == "/requests" {
			fmt.Printf("%-34s %10s %10s\n", "  more than OBP alone", round(f.p50-direct.p50), round(f.p99-direct.p99))
		}
	}
	return nil
}

var pages = []struct{ name, path string }{{"queue", "/requests"}, {"home", "/"}, {"journal", "/journal"}, {"/healthz", "/healthz"}}

// operators measures many who are signed in, with one core for the console.
func operators(o options) error {
	p, err := pairOf(o, o.operators, nil, []string{"GOMAXPROCS=1"})
	if err != nil {
		return err
	}
	defer p.stop()
	before := p.console.memory("VmRSS")
	var cookies []string
	for i := range o.operators {
		cookie, err := signIn(p.console.url, operator(i))
		if err != nil {
			return err
		}
		cookies = append(cookies, cookie)
	}
	signedIn := p.console.memory("VmRSS")
	head(fmt.Sprintf("%d operators in turn, one core for the console, %d at a time, %s each", o.operators, o.workers, o.span))
	for _, of := range pages {
		var all []request
		for _, c := range cookies {
			all = append(all, withCookie(p.console.url+of.path, c))
		}
		f, err := measure(o.workers, o.span, all...)
		if err != nil {
			return fmt.Errorf("%s: %w", of.name, err)
		}
		f.print(of.name)
	}
	fmt.Printf("memory: %s before, %s with all signed in, %s after the load, %s at most\n", before, signedIn, p.console.memory("VmRSS"), p.console.memory("VmHWM"))
	return nil
}

// users measures the list of users, 50 rows, before an OBP that takes its time.
func users(o options) error {
	o.rows = 60 // people
	p, err := pairOf(o, 1, []string{"-latency", o.latency.String()}, []string{"ROWS_PER_PAGE=50"})
	if err != nil {
		return err
	}
	defer p.stop()
	cookie, err := signIn(p.console.url, operator(0))
	if err != nil {
		return err
	}
	list := withCookie(p.console.url+"/users", cookie)
	page, err := once(list)
	if err != nil {
		return err
	}
	if n := strings.Count(page, `href="/users/00000001-`); n < 50 {
		return fmt.Errorf("the list of users links to %d people, want 50", n)
	}
	head(fmt.Sprintf("List of users, 50 rows, each call to OBP takes %s, %s each", o.latency, o.span))
	for _, workers := range []int{1, 2, 8, 32} {
		f, err := measure(workers, o.span, list)
		if err != nil {
			return err
		}
		f.print(fmt.Sprintf("%d at a time", workers))
	}
	fmt.Printf("memory: %s, %s at most\n", p.console.memory("VmRSS"), p.console.memory("VmHWM"))
	return nil
}

// process is a running subcommand.
type process struct {
	cmd *exec.Cmd
	url string
}

func start(binary, dir string, settings []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(binary, args...)}
	var said bytes.Buffer // shown when it does not start; a measured browser that leaves is no news
	p.cmd.Dir, p.cmd.Stderr = dir, &said
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, settings...)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, found := strings.CutPrefix(lines.Text(), "listening on "); found {
			p.url = at
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p, nil
		}
	}
	return nil, fmt.Errorf("console %s ended before it listened: %w\n%s", args[0], p.cmd.Wait(), &said)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// memory reads a line of the process's status, such as VmRSS.
func (p *process) memory(what string) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return "not known"
	}
	for line := range strings.Lines(string(b)) {
		if v, found := strings.CutPrefix(line, what+":"); found {
			var kb int
			_, _ = fmt.Sscan(v, &kb)
			return fmt.Sprintf("%.1f MB", float64(kb)/1024)
		}
	}
	return "not known"
}

func signIn(console, username string) (cookie string, err error) {
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.PostForm(console+"/sign-in", url.Values{"username": {username}, "password": {password}})
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	for _, k := range res.Cookies() {
		if k.Name == "__Host-console" {
			return k.Name + "=" + k.Value, nil
		}
	}
	return "", fmt.Errorf("sign-in: %s without a session", res.Status)
}
