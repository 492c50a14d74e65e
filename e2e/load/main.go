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
	flag.IntVar(&o.sessions, "sessions", 1000, "sessions for the memory figure")
	flag.IntVar(&o.workers, "workers", 4, "browsers that ask at the same time")
	flag.DurationVar(&o.span, "for", 5*time.Second, "how long each figure is measured")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

type options struct {
	binary                  string
	rows, sessions, workers int
	span                    time.Duration
}

func run(o options) (err error) {
	dir, err := os.MkdirTemp("", "console-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "world.json")
	if err := os.WriteFile(file, world(o.rows), 0o600); err != nil {
		return err
	}
	obp, err := start(o.binary, dir, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file)
	if err != nil {
		return err
	}
	defer obp.stop()
	console, err := start(o.binary, dir, []string{"OBP_BASE_URL=" + obp.url, "OBP_CONSUMER_KEY=" + consumerKey,
		"LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + filepath.Join(dir, "data"), "LOG_LEVEL=error"}, "serve")
	if err != nil {
		return err
	}
	defer console.stop()

	cookie, err := signIn(console.url)
	if err != nil {
		return err
	}
	token, err := obpToken(obp.url)
	if err != nil {
		return err
	}
	fmt.Printf("%d open requests, %d at a time, %s each, by %s\n\n", o.rows, o.workers, o.span, meterName())
	fmt.Printf("%-34s %10s %10s %12s\n", "", "p50", "p99", "a second")
	direct, err := show("OBP: open requests", o, obp.url+"/obp/v5.0.0/entitlement-requests", "DirectLogin: token="+token)
	if err != nil {
		return err
	}
	for _, p := range []struct{ name, path string }{{"console: queue", "/requests"}, {"console: home", "/"}, {"console: journal", "/journal"}, {"console: /healthz", "/healthz"}} {
		f, err := show(p.name, o, console.url+p.path, "Cookie: "+cookie)
		if err != nil {
			return err
		}
		if p.path == "/requests" {
			fmt.Printf("%-34s %10s %10s\n", "  more than OBP alone", round(f.p50-direct.p50), round(f.p99-direct.p99))
		}
	}
	before := console.memory("VmRSS")
	for range o.sessions - 1 {
		if _, err := signIn(console.url); err != nil {
			return err
		}
	}
	fmt.Printf("\nmemory: %s before, %s with %d sessions, %s at most\n", before, console.memory("VmRSS"), o.sessions, console.memory("VmHWM"))
	return nil
}

func show(name string, o options, address, header string) (figures, error) {
	f, err := measure(o, address, header)
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	fmt.Printf("%-34s %10s %10s %12.0f\n", name, round(f.p50), round(f.p99), f.rate)
	return f, nil
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

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

func signIn(console string) (cookie string, err error) {
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.PostForm(console+"/sign-in", url.Values{"username": {"anna.approver"}, "password": {password}})
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
