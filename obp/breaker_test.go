package obp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// roundTrip is a server without a network, for tests on synctest's clock.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func replied(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func clocked(t *testing.T, f roundTrip) *API {
	t.Helper()
	c, err := New(Config{BaseURL: "https://obp.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	c.rest.SetTransport(newBreaker(f, 5*time.Second))
	return c.As(Credential{"DirectLogin", testToken})
}

func write(a *API, ctx ctx) error { _, err := a.CreateEntitlement(ctx, "u", "r", ""); return err }
func read(a *API, ctx ctx) error  { _, err := a.CurrentUserID(ctx); return err }

// It opens after eight failures, lets one call through after a pause, and
// closes with its success: the first GET of a new minute passes.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down, calls := true, 0
		api := clocked(t, func(r *http.Request) (*http.Response, error) {
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			calls++
			if down {
				return replied(r, 503, `{}`), nil
			}
			return replied(r, 200, `{"user_id":"u","role_name":"r"}`), nil
		})
		for range breakerFailures {
			if err := write(api, t.Context()); KindOf(err) != KindUnavailable {
				t.Fatal(err)
			}
		}
		err := write(api, t.Context())
		if e, _ := AsError(err); e == nil || e.Kind() != KindUnavailable || e.Unanswered || !errors.Is(err, errOpen) || calls != breakerFailures {
			t.Fatalf("open: %d calls, %+v", calls, e)
		}
		if err := read(api, t.Context()); !errors.Is(err, errOpen) || calls != breakerFailures {
			t.Fatalf("an open breaker let a GET through: %d calls, %v", calls, err)
		}
		time.Sleep(breakerPause + time.Millisecond)
		if err := write(api, t.Context()); err == nil || calls != breakerFailures+1 {
			t.Fatalf("no trial: %d calls, %v", calls, err)
		}
		if err := write(api, t.Context()); !errors.Is(err, errOpen) {
			t.Fatalf("a failed trial left it open for %v", err)
		}
		down = false
		time.Sleep(time.Minute)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := read(api, gone); KindOf(err) != KindTimeout {
			t.Fatalf("a trial whose caller is gone: %v", err)
		}
		for range 3 {
			if err := read(api, t.Context()); err != nil {
				t.Fatalf("OBP is back: %v", err)
			}
		}
	})
}

// While one call tries OBP, GETs beside it wait for its outcome; writes do not.
func TestBreakerSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down, tried atomic.Bool
		down.Store(true)
		api := clocked(t, func(r *http.Request) (*http.Response, error) {
			if down.Load() {
				return nil, errors.New("refused")
			}
			if !tried.Swap(true) {
				time.Sleep(20 * time.Millisecond)
			}
			return replied(r, 200, `{"user_id":"u","role_name":"r"}`), nil
		})
		for range breakerFailures {
			write(api, t.Context())
		}
		time.Sleep(breakerPause + time.Millisecond)
		down.Store(false)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := read(api, t.Context()); err != nil {
					t.Errorf("a page beside the trial failed: %v", err)
				}
			})
		}
		synctest.Wait()
		if err := write(api, t.Context()); !errors.Is(err, errTrying) {
			t.Errorf("got %v", err)
		}
		wg.Wait()
	})
}

// Calls that outlast any interval count; callers who give up do not.
func TestBreakerCounts(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	many := func(t *testing.T, api *API, ctx func() (ctx, context.CancelFunc)) {
		var wg sync.WaitGroup
		for range 2 * breakerFailures {
			wg.Go(func() {
				c, cancel := ctx()
				defer cancel()
				if err := write(api, c); KindOf(err) != KindTimeout {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
	}
	for _, c := range []struct {
		name string
		ctx  func(*testing.T) (ctx, context.CancelFunc)
		open bool
	}{
		{"OBP silent for 60 s", func(t *testing.T) (ctx, context.CancelFunc) { return t.Context(), func() {} }, true},
		{"callers with 30 s", func(t *testing.T) (ctx, context.CancelFunc) { return context.WithTimeout(t.Context(), 30*time.Second) }, true},
		{"callers in a hurry", func(t *testing.T) (ctx, context.CancelFunc) { return context.WithTimeout(t.Context(), time.Second) }, false},
		{"callers who left", func(t *testing.T) (ctx, context.CancelFunc) {
			c, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Second, cancel)
			return c, cancel
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				silent := true
				api := clocked(t, func(r *http.Request) (*http.Response, error) {
					if silent {
						return hang(r)
					}
					return replied(r, 200, `{"user_id":"u"}`), nil
				})
				many(t, api, func() (ctx, context.CancelFunc) { return c.ctx(t) })
				silent = false
				if err := read(api, t.Context()); errors.Is(err, errOpen) != c.open || (err == nil) == c.open {
					t.Errorf("got %v, want open: %v", err, c.open)
				}
			})
		})
	}
}

// A trial that panics ends, so that the next one can pass.
func TestBreakerSurvivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := "down"
		b := newBreaker(roundTrip(func(r *http.Request) (*http.Response, error) {
			switch mode {
			case "down":
				return replied(r, 502, ""), nil
			case "panic":
				panic(mode)
			}
			return replied(r, 200, ""), nil
		}), time.Second)
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://obp.example.com/", nil)
		for range breakerFailures {
			b.RoundTrip(r)
		}
		for _, mode = range []string{"panic", "up"} {
			time.Sleep(breakerPause + time.Millisecond)
			func() {
				defer func() { recover() }()
				_, err := b.RoundTrip(r)
				if err != nil {
					t.Errorf("%s: got %v", mode, err)
				}
			}()
		}
	})
}

// A GET that fails late is not tried again: the time of a call is bounded.
func TestLateFailureIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		api := clocked(t, func(r *http.Request) (*http.Response, error) {
			calls++
			time.Sleep(40 * time.Second)
			return nil, errors.New("reset")
		})
		start := time.Now()
		if err := read(api, t.Context()); KindOf(err) != KindUnreachable || calls != 1 || time.Since(start) > time.Minute {
			t.Errorf("%d calls in %v, %v", calls, time.Since(start), err)
		}
	})
}

func TestReachable(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		ok     bool
	}{{200, `{"version":"v5.0.0"}`, true}, {400, `{"message":"OBP-20003: x"}`, true}, {404, `{"message":"OBP-10404: x"}`, true}, {200, `<html>`, false}, {503, ``, false}} {
		api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("DirectLogin") != "" || r.URL.Path != "/obp/v5.0.0/root" {
				t.Errorf("asked for %s with %q", r.URL, r.Header.Get("DirectLogin"))
			}
			answer(c.status, c.body)(w, r)
		})
		if err := api.client.Reachable(t.Context()); (err == nil) != c.ok {
			t.Errorf("%d %s: got %v", c.status, c.body, err)
		}
	}
}
