package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"obpconsole/web/static"
)

// flooded is a console in a process of its own, with somebody signed in.
type flooded struct {
	*process
	addr, cookie string
	most         int           // connections that it may hold
	quiet        time.Duration // median of a page while nobody else is there
	quietRSS     int           // MB
}

// underFlood starts one whose limits are the defaults.
func underFlood(t *testing.T) *flooded {
	file, err := filepath.Abs(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand := start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file)
	f := &flooded{most: mustRead(t).MaxConnections}
	f.process = start(t, []string{"OBP_BASE_URL=" + stand.url, "OBP_CONSUMER_KEY=" + recordedKey, "LISTEN_ADDR=127.0.0.1:0",
		"DATA_DIR=" + t.TempDir(), "LOG_LEVEL=error"}, "serve")
	f.addr = strings.TrimPrefix(f.url, "http://")
	f.cookie = signIn(t, f.url, "anna.approver", recordedPassword)
	f.page(t) // the first one fills caches
	f.quiet, _ = f.pages(t)
	f.quietRSS = f.megabytes(t)
	t.Logf("%-18s a page of another client: median %s; memory %d MB", "quiet:", f.quiet, f.quietRSS)
	return f
}

// page asks for the queue over a new connection.
func (f *flooded) page(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	tr := &http.Transport{DisableKeepAlives: true}
	r, err := http.NewRequest(http.MethodGet, f.url+"/requests", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", f.cookie)
	resp, err := (&http.Client{Transport: tr, Timeout: patience}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/requests" {
		t.Fatalf("%s %s, %v", resp.Status, resp.Request.URL.Path, err)
	}
	return time.Since(begun)
}

// pages gives the median and the longest of many.
func (f *flooded) pages(t *testing.T) (median, longest time.Duration) {
	t.Helper()
	var all []time.Duration
	for range 25 {
		all = append(all, f.page(t))
	}
	slices.Sort(all)
	return all[len(all)/2].Round(100 * time.Microsecond), all[len(all)-1].Round(100 * time.Microsecond)
}

// megabytes is the memory that the console holds.
func (f *flooded) megabytes(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if name, kb, _ := strings.Cut(line, ":"); name == "VmRSS" {
			n, err := strconv.Atoi(strings.Fields(kb)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n >> 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

// sockets are those that the console has open.
func (f *flooded) sockets(t *testing.T) (n int) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", f.cmd.Process.Pid)
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		if to, err := os.Readlink(filepath.Join(dir, fd.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// serves is the promise: while a flood lasts, another client is served, half of
// its pages nearly as fast as before, and neither memory nor connections grow past a bound.
func (f *flooded) serves(t *testing.T, flood string, opened int) {
	t.Helper()
	median, longest := f.pages(t)
	held, mb := f.sockets(t), f.megabytes(t)
	t.Logf("%-18s a page of another client: median %s, longest %s; memory %d MB; %d opened, %d held", flood, median, longest, mb, opened, held)
	if most := 10*f.quiet + 250*time.Millisecond; median > most {
		t.Errorf("%s a page takes %s, %s while it is quiet, want %s at most", flood, median, f.quiet, most)
	}
	if mb > f.quietRSS+500 {
		t.Errorf("%s memory grew from %d to %d MB", flood, f.quietRSS, mb)
	}
	if held > f.most+100 {
		t.Errorf("%s %d connections are held, want %d at most", flood, held, f.most)
	}
}

// small takes little at once, in small pieces, so that little is on the way.
var small = net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
	e := c.Control(func(fd uintptr) {
		err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536))
	})
	return errors.Join(e, err)
}}

// many opens connections, each with these bytes sent, and gives a way to close
// them. It needs a file handle for each, here and there.
func (f *flooded) many(t *testing.T, n int, sent string) (opened int, end func()) {
	t.Helper()
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if room := int(min(files.Cur, 1<<20)) - 300; n > room {
		t.Logf("%d file handles are allowed, so %d connections are opened and not %d", files.Cur, room, n)
		n = room
	}
	conns := make([]net.Conn, n)
	var g errgroup.Group
	g.SetLimit(64)
	for i := range conns {
		g.Go(func() (err error) {
			if conns[i], err = small.Dial("tcp", f.addr); err != nil {
				return err
			}
			_, err = io.WriteString(conns[i], sent)
			if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
				err = nil // refused already
			}
			return err
		})
	}
	err := g.Wait()
	end = func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
	}
	if err != nil {
		end()
		t.Fatal(err)
	}
	return n, end
}

// greedy asks for far more than is on the way at once.
var greedy = strings.Repeat("GET "+static.URL("app.css")+" HTTP/1.1\r\nHost: x\r\n\r\n", 100)

// Whatever others send, or do not send, the console serves whoever asks.
func TestFloods(t *testing.T) {
	t.Parallel()
	f := underFlood(t)
	var fields strings.Builder // as many as go in
	for i := 0; fields.Len() < maxHeader; i++ {
		fmt.Fprintf(&fields, "X%s:\r\n", strconv.FormatInt(int64(i), 36))
	}
	for _, c := range []struct {
		name string
		n    int
		sent string
	}{
		{"idle:", 10_000, ""},
		{"slow headers:", 6000, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "},
		{"slow bodies:", 6000, slowBody},
		{"slow readers:", 300, greedy},
		{"great headers:", 1000, "GET / HTTP/1.1\r\nHost: x\r\nX-Great: " + strings.Repeat("a", 256<<10)},
		{"many headers:", 3000, "GET / HTTP/1.1\r\nHost: x\r\n" + fields.String()},
	} {
		opened, end := f.many(t, c.n, c.sent)
		f.serves(t, c.name, opened)
		end()
	}
	f.greatHeaderIsRefused(t)
	ctx, end := context.WithCancel(t.Context())
	uploads := f.uploads(ctx, 4)
	f.serves(t, "1 GB uploads:", 4)
	end()
	if n, most := <-uploads, int64(8<<20); n > most {
		t.Errorf("%d bytes of a refused upload were taken, want %d at most", n, most)
	}
	f.terminate()
	f.stopped()
}

func (f *flooded) greatHeaderIsRefused(t *testing.T) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, f.url+"/sign-in", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Great", strings.Repeat("a", maxHeader+8<<10))
	resp, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of %d bytes: %s", maxHeader+8<<10, resp.Status)
	}
}

// uploads sends 1 GB again and again over some connections until ctx ends, and
// gives the most bytes that one of them could send before it was refused.
func (f *flooded) uploads(ctx context.Context, width int) <-chan int64 {
	out := make(chan int64, 1)
	most := make([]int64, width)
	var g errgroup.Group
	for i := range width {
		g.Go(func() error {
			for ctx.Err() == nil {
				most[i] = max(most[i], f.upload(i%2 == 0))
			}
			return nil
		})
	}
	go func() {
		_ = g.Wait()
		out <- slices.Max(most)
	}()
	return out
}

// upload gives how much of 1 GB could be sent. One that says its size, and one
// that does not.
func (f *flooded) upload(sized bool) int64 {
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		return 0
	}
	defer c.Close()
	size, piece := "Content-Length: 1073741824\r\n\r\n", strings.Repeat("a", 32<<10)
	if !sized {
		size, piece = "Transfer-Encoding: chunked\r\n\r\n", "8000\r\n"+piece+"\r\n"
	}
	_, _ = io.WriteString(c, "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"+size)
	var sent int64
	for sent < 1<<30 {
		n, err := io.WriteString(c, piece)
		sent += int64(n)
		if err != nil {
			break
		}
	}
	return sent
}

// An upload that is too great is told so before it is sent.
func TestGreatUploadIsRefused(t *testing.T) {
	f := underFlood(t)
	for _, size := range []string{"Content-Length: 1073741824\r\nExpect: 100-continue\r\n\r\n", "Content-Length: 65537\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n10001\r\n" + strings.Repeat("a", 0x10001) + "\r\n"} {
		c, err := net.Dial("tcp", f.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		if _, err := io.WriteString(c, "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"+size); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusRequestEntityTooLarge || !resp.Close || err != nil || !strings.Contains(string(b), "64 KB") {
			t.Errorf("%.40q: %s, closed %t, %v\n%s", size, resp.Status, resp.Close, err, b)
		}
	}
}
