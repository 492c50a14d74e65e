package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// counter stands between the console and a server that is not ours, and counts.
type counter struct {
	mu              sync.Mutex
	writes, signIns int64
}

func (c *counter) count(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/my/logins/direct"):
		c.signIns++
	case r.Method != http.MethodGet:
		c.writes++
	}
}

func (c *counter) counted() (writes, signIns int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes, c.signIns
}

// farStandIn is a journey's view of the server of OBP_TEST_URL, in this world.
func farStandIn(t *testing.T, w world) *standIn {
	t.Helper()
	ctx := t.Context()
	if err := far.start(ctx, t.Name()); err != nil {
		t.Fatal(err)
	}
	if err := far.place(ctx, w); err != nil {
		t.Fatalf("the world of the journey: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			if err := far.unlockAll(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	target, err := url.Parse(far.url)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.count(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return &standIn{process: &process{t: t, name: "OBP", url: s.URL}, start: w, counter: c}
}
