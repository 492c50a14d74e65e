package obp

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"
)

const anID = "7f1c6f0e-2b44-4a6e-9d29-0a3a1b5c7d11"

// Whoever watches is told of each try with its operation, status, code and
// ids; never of what was asked for. A call that was not sent says so.
func TestObserve(t *testing.T) {
	var mu sync.Mutex
	var told []Call
	var ids []string
	srv := func(w http.ResponseWriter, r *http.Request) {
		ids = append(ids, r.Header.Get("X-Request-ID"))
		switch r.Method {
		case http.MethodPost:
			answer(403, `{"message":"OBP-20006: CanCreateEntitlementAtAnyBank"}`)(w, r)
		case http.MethodDelete:
			answer(503, `{"message":"OBP-50000: down"}`)(w, r)
		default:
			answer(200, `{"list":[]}`)(w, r)
		}
	}
	api := scripted(t, srv)
	api.client.cfg.Observe = func(_ context.Context, c Call) { mu.Lock(); told = append(told, c); mu.Unlock() }
	ctx, whole := WithRequest(t.Context(), anID)
	if _, err := api.MyEntitlements(ctx); err != nil {
		t.Fatal(err)
	}
	part, _ := WithMeter(ctx)
	_, _ = api.CreateEntitlement(part, "canary-person", "CanX", "")
	if status, corr := LastWrite(part); status != 403 || corr != "corr-1" {
		t.Errorf("last write: %d %q", status, corr)
	}
	if _, err := api.MyEntitlements(part); err != nil {
		t.Fatal(err)
	}
	if status, _ := LastWrite(part); status != 403 {
		t.Errorf("a read took the place of a write: %d", status)
	}
	if calls, _ := whole.Totals(); calls != 3 {
		t.Errorf("the request counts %d calls", calls)
	}
	for range breakerFailures + 1 {
		_, _ = api.DeleteEntitlementRequest(t.Context(), "canary-request")
	}
	if len(told) != 3+breakerFailures+1 || told[0].Op != "GET /my/entitlements" || told[0].Status != 200 || told[0].Write || !told[0].Sent || told[0].RequestID != anID || told[0].CorrelationID != "corr-1" || told[0].Took <= 0 {
		t.Fatalf("%+v", told)
	}
	if w := told[1]; w.Op != "POST /users/{USER_ID}/entitlements" || w.Code != "OBP-20006" || !w.Write || w.Failed() {
		t.Errorf("%+v", w)
	}
	if d := told[3]; !d.Sent || !d.Failed() || d.RequestID != "" {
		t.Errorf("%+v", d)
	}
	if last := told[len(told)-1]; last.Sent || last.Status != 0 {
		t.Errorf("a call that the circuit held back: %+v", last)
	}
	if ids[0] != anID || ids[1] != anID || ids[2] != anID || ids[3] != "" {
		t.Errorf("X-Request-ID: %q", ids)
	}
}

// The age of the queue is that of the last whole list that was asked for.
func TestQueueSeen(t *testing.T) {
	api := scripted(t, answer(200, `{"entitlement_requests":[
		{"entitlement_request_id":"r1","user":{"user_id":"u1"},"role_name":"CanA","created":"2026-11-23T10:00:00Z"},
		{"entitlement_request_id":"r2","user":{"user_id":"u1"},"role_name":"CanB","created":"2026-11-20T10:00:00Z"}]}`))
	if q := api.client.Health().Queue; !q.At.IsZero() {
		t.Errorf("before any list: %+v", q)
	}
	if _, err := api.UserEntitlementRequests(t.Context(), "u1"); err != nil || !api.client.Health().Queue.At.IsZero() {
		t.Errorf("one person's list counts as the queue: %v", err)
	}
	if _, err := api.EntitlementRequests(t.Context()); err != nil {
		t.Fatal(err)
	}
	if q := api.client.Health().Queue; q.Open != 2 || !q.Oldest.Equal(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)) || q.At.IsZero() {
		t.Errorf("%+v", q)
	}
}

// A caller who goes away is no failure of OBP.
func TestObserveGaveUp(t *testing.T) {
	arrived, release := make(chan bool), make(chan bool)
	api := scripted(t, func(http.ResponseWriter, *http.Request) { arrived <- true; <-release })
	defer close(release)
	told := make(chan Call, 1)
	api.client.cfg.Observe = func(_ context.Context, c Call) { told <- c }
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-arrived; leave() }()
	if _, err := api.CreateEntitlement(ctx, "u", "CanX", ""); err == nil {
		t.Fatal("an answer came")
	}
	if c := <-told; !c.GaveUp || c.Failed() || !c.Sent || c.Status != 0 {
		t.Errorf("%+v", c)
	}
}
