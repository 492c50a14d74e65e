package obp

import (
	"net/http"
	"testing"
	"time"
)

// Health tells the last calls by operation, and the limit that was sent last.
func TestHealth(t *testing.T) {
	var h health
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for i := range 250 {
		status := 200
		if i >= 240 {
			status = 503
		}
		h.add("GET /banks", at.Add(time.Duration(i)*time.Second), time.Duration(i)*time.Millisecond, status, http.Header{})
	}
	h.add("GET /root", at, time.Second, 0, nil)
	h.add("GET /users", at.Add(time.Hour), time.Second, 200, http.Header{"X-Rate-Limit-Limit": {"50"}, "X-Rate-Limit-Remaining": {"49"}, "X-Rate-Limit-Reset": {"17"}})
	got := h.stats()
	if len(got.Calls) != 3 || got.Calls[0].Op != "GET /users" {
		t.Fatalf("%+v", got.Calls)
	}
	b := got.Calls[1]
	if b.Calls != 100 || b.Failed != 10 || b.Last != 503 || b.Took != 249*time.Millisecond || b.Worst != 249*time.Millisecond || b.Median != 200*time.Millisecond {
		t.Errorf("%+v", b)
	}
	if r := got.Calls[2]; r.Failed != 1 || r.Last != 0 {
		t.Errorf("%+v", r)
	}
	if l := got.Limits; l.Limit != "50" || l.Remaining != "49" || l.Reset != "17" || !l.At.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v", l)
	}
	c, err := New(Config{BaseURL: "http://127.0.0.1:1", ConsumerKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Health().Circuit != "closed" {
		t.Error(c.Health())
	}
	if c.Reachable(t.Context()) == nil || c.Health().Calls[0].Failed == 0 {
		t.Errorf("a call without an answer is not told: %+v", c.Health())
	}
}
