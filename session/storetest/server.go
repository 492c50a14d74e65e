// Package storetest runs private servers of PostgreSQL and Redis for tests: on
// 127.0.0.1, at a free port, in a folder that goes with them.
package storetest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait; only a test that fails uses it up.
const patience = 30 * time.Second

// find gives the path of a program that the tests need. Without it the test
// fails and says what to install.
func find(tb testing.TB, program, packages string, elsewhere ...string) string {
	tb.Helper()
	if p, err := exec.LookPath(program); err == nil {
		return p
	}
	for _, pattern := range elsewhere {
		found, _ := filepath.Glob(filepath.Join(pattern, program))
		if len(found) > 0 {
			slices.Sort(found)
			return found[len(found)-1]
		}
	}
	tb.Fatalf("there is no %s: install %s (on Debian and Ubuntu e2e/test.sh does it)", program, packages)
	return ""
}

// lifeline runs a server until its standard input ends, which it does when the
// test's process ends in whatever way. The first argument is the signal.
const lifeline = `sig=$1; shift; "$@" & p=$!; cat >/dev/null; kill -"$sig" $p; wait $p`

// server is a running server.
type server struct {
	cmd   *exec.Cmd
	stdin io.Closer
	gone  chan struct{}
}

// serve starts a server and waits until it has written ready; signal ends it at
// once. It tells by false that the server ended before; said is what it wrote.
func serve(tb testing.TB, dir, ready, signal string, args ...string) (s *server, said string, ok bool) {
	tb.Helper()
	s = &server{cmd: exec.Command("sh", append([]string{"-c", lifeline, "sh", signal}, args...)...), gone: make(chan struct{})}
	s.cmd.Dir = dir
	asOther(tb, s.cmd)
	in, err := s.cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.stdin = in
	r, w, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	_ = w.Close()
	up, all := make(chan bool, 1), make(chan string, 1)
	go func() {
		defer r.Close()
		var lines []string
		for sc := bufio.NewScanner(r); sc.Scan(); {
			if lines = append(lines, sc.Text()); strings.Contains(sc.Text(), ready) {
				up <- true
			}
			if strings.Contains(sc.Text(), "in use") { // the port; the shell still waits for its input
				_ = in.Close()
			}
		}
		up <- false
		all <- strings.Join(lines, "\n")
	}()
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	select {
	case ok = <-up:
	case <-time.After(patience):
	}
	if !ok {
		s.stop()
		said = <-all
	}
	return s, said, ok
}

func (s *server) stop() {
	_ = s.stdin.Close()
	<-s.gone
}

// freePort gives a port that nobody listens on just now.
func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// folder makes a folder that the server's user owns.
func folder(tb testing.TB, name string) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "console-"+name+"-") // not TempDir, into which only this user may look
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	if uid, gid, other := otherUser(tb); other {
		if err := os.Chown(dir, uid, gid); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// otherUser is whom a server runs as when root runs the tests: PostgreSQL
// refuses to be root.
func otherUser(tb testing.TB) (uid, gid int, other bool) {
	tb.Helper()
	if os.Geteuid() != 0 {
		return 0, 0, false
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil {
			return uid, gid, true
		}
	}
	tb.Fatal("the tests run as root, and there is no user postgres or nobody to run a server as")
	return 0, 0, false
}

// run runs a program of the server's user to its end.
func run(tb testing.TB, dir, program string, args ...string) {
	tb.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	asOther(tb, cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatal(fmt.Errorf("%s: %w\n%s", program, err, out))
	}
}
