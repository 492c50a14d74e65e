package obp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A GET is tried again on 502 to 504, unless it was told when to come back.
func TestRetriesByStatus(t *testing.T) {
	for _, c := range []struct {
		status int
		after  string
		write  bool
		want   int32
		wait   time.Duration
	}{
		{502, "", false, 3, 0}, {503, "", false, 3, 0}, {504, "", false, 3, 0}, {500, "", false, 1, 0}, {429, "5", false, 1, 5 * time.Second},
		{408, "", false, 1, 0}, {503, "30", false, 1, 30 * time.Second}, {503, "", true, 1, 0}, {504, "", true, 1, 0}, {408, "", true, 1, 0}, {429, "", true, 1, 0},
	} {
		var n atomic.Int32
		api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			answer(c.status, `{"message":"OBP-50000: x"}`)(w, r)
		})
		var err error
		if c.write {
			_, err = api.CreateEntitlement(t.Context(), "u", "r", "")
		} else {
			_, err = api.MyEntitlements(t.Context())
		}
		e, _ := AsError(err)
		if e == nil || n.Load() != c.want || e.RetryAfter != c.wait || e.Unanswered != (c.write && c.status != 429) {
			t.Errorf("%+v: sent %d times, %+v", c, n.Load(), e)
		}
	}
	// and then it may succeed
	var n atomic.Int32
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) < 3 {
			answer(503, `{}`)(w, r)
			return
		}
		answer(200, `{"list":[]}`)(w, r)
	})
	if l, err := api.MyEntitlements(t.Context()); err != nil || l == nil {
		t.Errorf("got %v, %v", l, err)
	}
}

// A caller who gives up, or whose time is over, gets that at once; a write
// says that it may have been applied only when it was sent.
func TestCallerGivesUp(t *testing.T) {
	var calls atomic.Int32
	arrived := make(chan struct{}, 10)
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelLate()
	for _, ctx := range []ctx{gone, late} {
		_, err := api.Banks(ctx)
		_, err2 := api.CreateEntitlement(ctx, "u", "r", "")
		for _, err := range []error{err, err2} {
			if e, _ := AsError(err); e == nil || e.Kind() != KindTimeout || e.Unanswered || !errors.Is(err, ctx.Err()) {
				t.Errorf("got %+v", e)
			}
		}
	}
	if calls.Load() != 0 {
		t.Errorf("%d calls were sent for nobody", calls.Load())
	}
	during := func(call func(ctx) error) error {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		return call(ctx)
	}
	err := during(func(ctx ctx) error { _, err := api.CreateEntitlement(ctx, "u", "r", ""); return err })
	if e, _ := AsError(err); e == nil || e.Kind() != KindTimeout || !e.Unanswered {
		t.Errorf("write: got %+v", e)
	}
	err = during(func(ctx ctx) error { _, err := api.Banks(ctx); return err })
	if e, _ := AsError(err); e == nil || e.Kind() != KindTimeout || e.Unanswered || calls.Load() != 2 {
		t.Errorf("read: got %+v after %d calls", e, calls.Load())
	}
}

// Between two tries the caller can give up too.
func TestGiveUpBetweenTries(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int32
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(503, `{}`)(w, r)
		cancel()
	})
	if _, err := api.Banks(ctx); err == nil || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

// Slow, endless, long and inflated answers end (security 34).
func TestBounds(t *testing.T) {
	one := func(h http.HandlerFunc, timeout time.Duration) error {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		c, err := New(Config{BaseURL: srv.URL, Timeout: timeout, MaxBody: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.As(Credential{"DirectLogin", testToken}).Banks(t.Context())
		return err
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	io.WriteString(z, `{"banks":[],"x":"`+strings.Repeat("x", 10<<20)+`"}`)
	z.Close()
	json := func(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/json") }
	for _, c := range []struct {
		name string
		want Kind
		h    http.HandlerFunc
	}{
		{"no answer", KindTimeout, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"slow drip", KindTimeout, func(w http.ResponseWriter, r *http.Request) {
			json(w)
			io.WriteString(w, `{"banks":[`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
		{"endless", KindJunk, func(w http.ResponseWriter, r *http.Request) {
			json(w)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		}},
		{"inflated", KindJunk, func(w http.ResponseWriter, _ *http.Request) {
			json(w)
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		}},
		{"long refusal", KindJunk, func(w http.ResponseWriter, r *http.Request) {
			answer(400, `{"message":"OBP-20001: `+strings.Repeat("x", 2<<20)+`"}`)(w, r)
		}},
	} {
		timeout := 20 * time.Second
		if c.want == KindTimeout {
			timeout = 100 * time.Millisecond
		}
		if err := one(c.h, timeout); KindOf(err) != c.want {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if err := one(func(w http.ResponseWriter, _ *http.Request) {
		json(w)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, `{"banks":[]}`)
		z.Close()
	}, 20*time.Second); err != nil {
		t.Errorf("gzip: got %v", err)
	}
}

// A cookie that OBP sets for one person goes with nobody's later call.
func TestNoCookies(t *testing.T) {
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Errorf("cookie %s was sent", r.Header.Get("Cookie"))
		}
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "of-felix", Path: "/"})
		answer(200, `{"user_id":"u"}`)(w, r)
	})
	for range 2 {
		if _, err := api.CurrentUserID(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A write is not sent again to where a redirect points (security 33).
func TestNoRedirectOfWrites(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var calls atomic.Int32
		api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			http.Redirect(w, r, "/elsewhere", status)
		})
		_, err := api.CreateEntitlement(t.Context(), "u", "r", "")
		if e, _ := AsError(err); e == nil || e.Kind() != KindJunk || e.Status != status || calls.Load() != 1 {
			t.Errorf("%d: %d calls, %+v", status, calls.Load(), e)
		}
	}
}

// Banks and roles are asked for by ETag; everybody's own token still goes.
func TestKeptAnswers(t *testing.T) {
	var asked []string
	tag := `"1"`
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("DirectLogin")+r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		answer(200, `{"banks":[{"id":"b`+strings.Trim(tag, `"`)+`"}]}`)(w, r)
	})
	other := api.client.As(Credential{"DirectLogin", "other"})
	for i, c := range []struct {
		api  *API
		tag  string
		want string
	}{{api, `"1"`, "b1"}, {other, `"1"`, "b1"}, {api, `"2"`, "b2"}, {other, `"2"`, "b2"}} {
		tag = c.tag
		got, err := c.api.Banks(t.Context())
		if err != nil || len(got) != 1 || got[0].ID != c.want {
			t.Fatalf("%d: got %+v, %v", i, got, err)
		}
		got[0].ID = "changed by the caller"
	}
	mine, others := `token="`+testToken+`"`, `token="other"`
	if d := cmp.Diff([]string{mine, others + `"1"`, mine + `"1"`, others + `"2"`}, asked); d != "" {
		t.Error(d)
	}
	api.client.kept.Store("/obp/v5.0.0/banks", keptAnswer{`"2"`, "application/json", []byte(`{}`)})
	if _, err := api.Banks(t.Context()); KindOf(err) != KindJunk {
		t.Errorf("a spoilt copy: got %v", err)
	}
}

// 200 callers at once share at most 64 connections.
func TestConnections(t *testing.T) {
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	srv := httptest.NewUnstartedServer(answer(200, `{"user_id":"u"}`))
	srv.Config.ConnState = func(c net.Conn, s http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if s == http.StateNew {
			open[c] = true
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c, err := New(Config{BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for range 5 {
				if _, err := c.As(Credential{"DirectLogin", testToken}).CurrentUserID(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if len(open) > 64 {
		t.Errorf("%d connections", len(open))
	}
}

func TestNewRefusesABadAddress(t *testing.T) {
	for _, base := range []string{"http://obp.example.com", "https://:8080", "https://x?", "https://x#y"} {
		if c, err := New(Config{BaseURL: base}); err == nil || c != nil {
			t.Errorf("%s was taken", base)
		}
	}
	c, err := New(Config{BaseURL: "https://obp.example.com/prefix/"})
	if err != nil || c.cfg.BaseURL != "https://obp.example.com/prefix" || c.cfg.APIVersion != "v5.0.0" {
		t.Errorf("got %+v, %v", c, err)
	}
}
