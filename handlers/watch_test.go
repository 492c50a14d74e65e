package handlers

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"obpconsole/session/journal"
)

// The id of a request is a trusted proxy's, when it is a UUID; nobody else
// chooses what stands in the log, the journal and the answer.
func TestRequestID(t *testing.T) {
	const given = "7f1c6f0e-2b44-4a6e-9d29-0a3a1b5c7d11"
	for _, c := range []struct {
		name, trusted, sent string
		taken               bool
	}{
		{"a proxy's", "192.0.2.0/24", given, true},
		{"a proxy's, in capitals", "192.0.2.0/24", strings.ToUpper(given), true},
		{"of no proxy", "10.0.0.0/8", given, false},
		{"no UUID", "192.0.2.0/24", "canary\" id=1", false},
		{"a UUID in braces", "192.0.2.0/24", "{" + given + "}", false},
		{"none", "192.0.2.0/24", "", false},
	} {
		g := newRig(t, func(d *Deps) { d.Settings.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(c.trusted)} })
		b := g.browser()
		b.header["X-Request-Id"] = c.sent
		a := b.post("/sign-in", url.Values{"username": {admin}, "password": {password}})
		id := a.Header.Get("X-Request-Id")
		if uuid.Validate(id) != nil || (id == given) != c.taken {
			t.Errorf("%s: %q became %q", c.name, c.sent, id)
		}
		if !strings.Contains(g.log.String(), `"request_id":"`+id+`"`) || strings.Contains(g.log.String(), "canary") {
			t.Errorf("%s: the log: %s", c.name, g.log)
		}
		if rows := g.acts(journal.ActSignIn); len(rows) != 1 || rows[0].Entry.RequestID != id {
			t.Errorf("%s: the journal has %+v", c.name, rows)
		}
	}
}

// Whoever watches is told of each request by its pattern, and an act that OBP
// carried out keeps OBP's answer: status and Correlation-Id of the write.
func TestWatched(t *testing.T) {
	var mu sync.Mutex
	var told []Request
	g := newRig(t, func(d *Deps) {
		d.Observe = func(r Request) { mu.Lock(); told = append(told, r); mu.Unlock() }
	})
	anna := g.signIn(admin)
	if a := anna.post("/requests/r-branch/approve", url.Values{"reason": {because}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	anna.get("/requests/no-such-canary")
	anna.send("CANARY", "/canary", nil)
	row := g.acts(journal.ActApprove)[0]
	if row.Result.OBPStatus != 200 || uuid.Validate(row.Result.CorrelationID) != nil {
		t.Errorf("the outcome: %+v", row.Result)
	}
	if s := row.Steps[0]; s.Result.OBPStatus != 201 || uuid.Validate(s.Result.CorrelationID) != nil || s.Result.CorrelationID == row.Result.CorrelationID {
		t.Errorf("the grant: %+v", s.Result)
	}
	if r := g.acts(journal.ActSignIn)[0].Result; uuid.Validate(r.CorrelationID) != nil {
		t.Errorf("the sign-in: %+v", r)
	}
	want := []Request{{"POST", "/sign-in", 303, 0}, {"POST", "/requests/{id}/approve", 303, 0}, {"GET", "/requests/{id}", 404, 0}, {"other", "unmatched", 405, 0}}
	if len(told) != len(want) {
		t.Fatalf("%+v", told)
	}
	for i, r := range told {
		if r.Took = 0; r != want[i] {
			t.Errorf("%+v, want %+v", r, want[i])
		}
	}
}
