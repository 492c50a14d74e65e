package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"golang.org/x/sync/errgroup"

	"obpconsole/web/static"
)

// A client that sends or takes too slowly, or nothing at all, is cut off in
// time, with TLS as without; one that keeps the rate is not.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	plain := start(t, []string{"OBP_BASE_URL=http://127.0.0.1:9", "OBP_CONSUMER_KEY=abc", "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + t.TempDir(), "LOG_LEVEL=error"}, "serve")
	a := newAuthority(t)
	cert, key := a.issue(t, 2, "console.test")
	secret := start(t, []string{"OBP_BASE_URL=http://127.0.0.1:9", "OBP_CONSUMER_KEY=abc", "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + t.TempDir(), "LOG_LEVEL=error",
		"TLS_CERT_FILE=" + cert, "TLS_KEY_FILE=" + key}, "serve")
	http1, https := plain.url[len("http://"):], secret.url[len("https://"):]
	var g errgroup.Group
	for _, c := range []struct {
		name   string
		within time.Duration
		cut    func() error // returns when the client is cut off
	}{
		{"a slow header", headerWithin, func() error { return trickle(http1, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") }},
		{"a slow body", bodyWithin, func() error { return trickle(http1, slowBody) }},
		{"a slow reader", takeWithin, func() error { return trickle(http1, greedy) }},
		{"no TLS", headerWithin, func() error { return trickle(https, "\x16\x03\x01\x02\x00") }},
		{"a slow reader of HTTP/2", takeWithin, func() error { return takesNothing(https, a) }},
	} {
		g.Go(func() error {
			begun := time.Now()
			err := c.cut()
			took := time.Since(begun)
			t.Logf("%s is cut off after %.1f s", c.name, took.Seconds())
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if took > c.within+4*time.Second || took < c.within/2 {
				t.Errorf("%s is cut off after %s, want %s", c.name, took, c.within)
			}
			return nil
		})
	}
	_ = g.Wait()
}

const slowBody = "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nusername="

// trickle sends first, and a byte now and then, until the other side closes.
func trickle(addr, first string) error {
	c, err := small.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, first); err != nil {
		return err
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * patience); time.Now().Before(end); <-tick.C {
		if _, err := io.WriteString(c, "a"); err != nil {
			return nil
		}
	}
	return errors.New("it is never cut off")
}

// takesNothing asks over HTTP/2 for a file and gives no room to send it, until
// the stream is ended.
func takesNothing(addr string, a *authority) error {
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: a.pool, NextProtos: []string{"h2"}})
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * patience))
	fr := http2.NewFramer(c, c)
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return err
	}
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", addr}, {":path", static.URL("app.css")}} {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return err
		}
	}
	if err := errors.Join(fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}),
		fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})); err != nil {
		return err
	}
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			return err
		}
		switch f.(type) {
		case *http2.RSTStreamFrame:
			return nil
		case *http2.DataFrame:
			return errors.New("data came without room for it")
		}
	}
}

// An answer may take as long as it needs when the client keeps the rate, and
// no longer when it does not; while the handler works no time runs.
func TestPace(t *testing.T) {
	w := &pacedWriter{}
	if w.left() != takeWithin {
		t.Errorf("at first %s", w.left())
	}
	w.taken, w.spent = 100*takeRate, 99*time.Second
	if w.left() != takeWithin {
		t.Errorf("one that keeps the rate: %s", w.left())
	}
	if w.spent = 110 * time.Second; w.left() != takeWithin-10*time.Second {
		t.Errorf("one that is behind: %s", w.left())
	}
	if w.spent = 116 * time.Second; w.left() > 0 {
		t.Errorf("one that is far behind: %s", w.left())
	}

	url, _, _ := serving(t, paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // the client has what was sent so far
	}), time.Minute).ServeHTTP, func() {})
	c := http.Client{Timeout: patience}
	resp, err := c.Post(url, "text/plain", bytes.NewReader([]byte("echo")))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b := make([]byte, 4)
	if _, err := io.ReadFull(resp.Body, b); err != nil || string(b) != "echo" {
		t.Errorf("%q, %v", b, err)
	}
}

// Past a bound the connection that waits longest is closed, or the one that
// sent most of what is not a request yet; one with work never is.
func TestConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cs := boundConnections(l, 3, 100)
	defer cs.Close()
	pair := func() (client net.Conn, server *connection) {
		t.Helper()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		s, err := cs.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return client, s.(*connection)
	}
	shut := func(want ...*connection) {
		t.Helper()
		cs.mu.Lock()
		defer cs.mu.Unlock()
		for i, n := range want {
			if !n.shut {
				t.Errorf("number %d is open", i)
			}
		}
	}
	_, first := pair()
	first.busy()
	_, second := pair()
	_, third := pair()
	second.busy()
	second.waits() // it waits since now, third since before
	_, fourth := pair()
	shut(third)
	if first.shut || second.shut || fourth.shut || cs.open != 3 {
		t.Errorf("%t %t %t, %d open", first.shut, second.shut, fourth.shut, cs.open)
	}
	second.busy()
	fourth.busy()
	_, none := pair()
	shut(none)
	first.waits()
	client, fifth := pair()
	shut(first)

	send := func(from net.Conn, to *connection, n int) {
		t.Helper()
		if _, err := from.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(to, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	send(client, fifth, 60)
	fourth.Close()
	client, sixth := pair()
	send(client, sixth, 39)
	if fifth.shut || sixth.shut || cs.bytes != 99 {
		t.Errorf("%t %t, %d bytes", fifth.shut, sixth.shut, cs.bytes)
	}
	send(client, sixth, 2)
	shut(fifth)
	sixth.busy()
	if sixth.shut || cs.bytes != 0 {
		t.Errorf("%t, %d bytes", sixth.shut, cs.bytes)
	}
	send(client, sixth, 200) // what comes while there is work is not counted
	if sixth.shut || cs.bytes != 0 {
		t.Errorf("%t, %d bytes", sixth.shut, cs.bytes)
	}
}
