package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

// previous is the console of the commit before, or of CONSOLE_PREVIOUS, a
// revision. Where no such commit is at hand, or it knows no several nodes, it
// is this one's source under another version.
func previous(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, from := ".", "this source"
	rev := os.Getenv("CONSOLE_PREVIOUS")
	if rev == "" {
		rev = "HEAD~1"
	}
	if exec.Command("git", "cat-file", "-e", rev+":cmd/console/stores.go").Run() == nil {
		archive := filepath.Join(dir, "source.tar")
		for _, args := range [][]string{{"git", "-C", "../..", "archive", "-o", archive, rev}, {"tar", "-xf", archive, "-C", dir}} {
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
		source, from = filepath.Join(dir, "cmd", "console"), rev
	} else if os.Getenv("CONSOLE_PREVIOUS") != "" {
		t.Fatalf("CONSOLE_PREVIOUS: %s is no revision that knows several nodes", rev)
	}
	t.Logf("restarting from %s", from)
	path := filepath.Join(dir, "previous")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.stamp=previous", "-o", path, ".")
	build.Dir = source
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// balancer sends to the nodes that are in, and to the next when one is gone.
type balancer struct {
	mu   sync.Mutex
	in   []*process
	busy map[*process]*sync.WaitGroup
	next int
}

func (l *balancer) add(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy == nil {
		l.busy = map[*process]*sync.WaitGroup{}
	}
	l.in, l.busy[p] = append(l.in, p), &sync.WaitGroup{}
}

// drain takes a node out and waits until it has answered.
func (l *balancer) drain(p *process) {
	l.drop(p)
	l.busy[p].Wait()
}

func (l *balancer) drop(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in = slices.DeleteFunc(l.in, func(o *process) bool { return o == p })
}

// send gives an error only when a node broke off in the middle.
func (l *balancer) send(method, path, cookie string, form url.Values) (*http.Response, error) {
	for {
		l.mu.Lock()
		l.next++
		p := l.in[l.next%len(l.in)]
		busy := l.busy[p]
		busy.Add(1)
		l.mu.Unlock()
		resp, err := try(method, p.url+path, cookie, form)
		busy.Done()
		if err == nil || !neverSent(err) && method != "GET" {
			return resp, err
		}
	}
}

// Two nodes of the version before are replaced one after the other while six
// people work: nobody is signed out, no decision is lost or done twice, and the
// chain is one.
func TestRollingRestart(t *testing.T) {
	b := newBank(t, false)
	before := previous(t)
	old := []*process{startProgram(t, before, b.env, "serve"), startProgram(t, before, b.env, "serve")}
	var front balancer
	var cookies []string
	for _, p := range old {
		front.add(p)
		for _, name := range []string{"anna.approver", "bella.branch", "anna.approver"} {
			cookies = append(cookies, signIn(t, p.url, name, recordedPassword))
		}
	}

	var work, all sync.WaitGroup
	var visits, broken atomic.Int64
	todo, over := make(chan sandbox.Request, len(b.start.Requests)), make(chan bool)
	lost := func(what string, resp *http.Response) bool {
		if strings.HasPrefix(resp.Header.Get("Location"), "/sign-in") {
			t.Errorf("%s: the session is lost", what)
			return true
		}
		return false
	}
	for _, cookie := range cookies {
		all.Go(func() {
			for {
				select {
				case <-over:
					return
				case r := <-todo:
					func() {
						defer work.Done()
						resp, err := front.send("POST", "/requests/"+r.ID+"/approve", cookie, because)
						if err != nil {
							broken.Add(1)
							front.mu.Lock()
							p := front.in[len(front.in)-1] // the newest: it stays
							front.mu.Unlock()
							b.finish(p, cookie, r)
						} else if !lost("approve "+r.ID, resp) && resp.StatusCode != http.StatusSeeOther {
							t.Errorf("%s: %s", r.ID, resp.Status)
						}
					}()
				default:
					resp, err := front.send("GET", "/requests", cookie, nil)
					if err == nil && !lost("the queue", resp) && resp.StatusCode != http.StatusOK {
						t.Errorf("the queue: %s", resp.Status)
					}
					visits.Add(1)
				}
			}
		})
	}
	give := func(from, to int) {
		work.Add(to - from)
		for _, r := range b.start.Requests[from:to] {
			todo <- r
		}
	}
	// The first as operators are told: out of the balancer, then stopped.
	give(0, 12)
	front.drain(old[0])
	old[0].terminate()
	old[0].stopped()
	front.add(start(t, b.env, "serve"))
	// The other without a warning to the balancer.
	give(12, 24)
	old[1].terminate()
	old[1].stopped()
	front.drop(old[1])
	front.add(start(t, b.env, "serve"))
	give(24, len(b.start.Requests))
	work.Wait()
	seen := visits.Load() // and everybody is still in, at both
	waitUntil(t, "everybody works on", func() bool { return visits.Load() >= seen+24 })
	close(over)
	all.Wait()
	t.Logf("%d visits, %d approvals broken off", visits.Load(), broken.Load())

	for _, r := range b.start.Requests {
		if !b.settled(r) {
			t.Errorf("%s for %s at %s: not given once and closed", r.Role, r.UserID, r.BankID)
		}
	}
	j := b.intact()
	var done int
	if err := j.DB().QueryRowContext(t.Context(), `SELECT count(DISTINCT request_id) FROM entries WHERE act = 'approve' AND kind = 'intent' AND act_id IN
		(SELECT act_id FROM entries WHERE kind = 'outcome' AND outcome = 'done')`).Scan(&done); err != nil || done != len(b.start.Requests) {
		t.Errorf("%d of %d approvals stand in the journal as done, %v", done, len(b.start.Requests), err)
	}
	p, err := j.Search(t.Context(), journal.Filter{Acts: []journal.Act{journal.ActStart}, Rights: journal.Rights{All: true}})
	var versions []string
	for _, r := range p.Rows {
		versions = append(versions, r.Entry.Details["version"])
	}
	if err != nil || len(versions) != 4 || strings.Count(fmt.Sprint(versions[2:]), "previous") != 2 || strings.Contains(fmt.Sprint(versions[:2]), "previous") {
		t.Errorf("started, the newest first: %v, %v", versions, err)
	}
	for i, p := range old {
		if bytes.Contains([]byte(p.errs.String()), []byte("panic")) {
			t.Errorf("node %d wrote of a panic:\n%s", i, p.errs)
		}
	}
}
