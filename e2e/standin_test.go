package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obpconsole/obp"
)

// standIn is the OBP server of a test: a process of its own, or the server of
// OBP_TEST_URL, of which only OBP's own calls may be asked.
type standIn struct {
	*process
	start   world
	counter *counter // of a server that is not ours; nil: the stand-in
}

func newStandIn(t *testing.T, w world) *standIn {
	t.Helper()
	watch(t)
	if far != nil {
		return farStandIn(t, w)
	}
	file := filepath.Join(t.TempDir(), "world.json")
	b, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return noted(&standIn{process: start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file), start: w})
}

// only says that what follows is the stand-in's alone, and wants the journey
// marked so.
func (s *standIn) only(what string) {
	s.t.Helper()
	if s.counter != nil || !marked(s.t, what) {
		s.t.Fatalf("this journey needs of the stand-in %q: call needs first", what)
	}
}

// fault makes an operation fail, as POST /sandbox/faults describes.
func (s *standIn) fault(op string, how map[string]any) {
	s.t.Helper()
	s.only(faults)
	f := maps.Clone(how)
	f["op"] = op
	s.call("POST", "/sandbox/faults", f, nil)
}

// heal ends every fault.
func (s *standIn) heal() {
	s.t.Helper()
	s.call("DELETE", "/sandbox/faults", nil, nil)
}

// held waits until a call of op stands held.
func (s *standIn) held(op string) {
	s.t.Helper()
	s.call("GET", "/sandbox/held?op="+escape(op), nil, nil)
}

// release lets the held calls of op go.
func (s *standIn) release(op string) {
	s.t.Helper()
	s.call("POST", "/sandbox/release?op="+escape(op), nil, nil)
}

// world reads the state that the stand-in has now.
func (s *standIn) world() (w world) {
	s.t.Helper()
	if s.counter != nil {
		w, err := far.now(s.t.Context(), s.start)
		if err != nil {
			s.t.Fatal(err)
		}
		return w
	}
	s.call("GET", "/sandbox/world", nil, &w)
	return w
}

// granted counts how often a person holds a role there.
func (s *standIn) granted(userID, role, bankID string) int {
	s.t.Helper()
	n := 0
	for _, e := range s.world().Entitlements {
		if e.UserID == userID && e.Role == role && e.BankID == bankID {
			n++
		}
	}
	return n
}

// allGrants counts what everybody at the server holds.
func (s *standIn) allGrants() int {
	s.t.Helper()
	if s.counter == nil {
		return len(s.world().Entitlements)
	}
	boss, err := far.boss(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := boss.AllEntitlements(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return len(slices.DeleteFunc(all, obp.Entitlement.IsSuperAdmin))
}

// open tells whether a request is still there.
func (s *standIn) open(id string) bool {
	s.t.Helper()
	return slices.ContainsFunc(s.world().Requests, func(r request) bool { return r.ID == id })
}

// writes counts the calls that change something at OBP.
func (s *standIn) writes() (n int64) {
	s.t.Helper()
	if s.counter != nil {
		n, _ = s.counter.counted()
		return n
	}
	var calls map[string]int64
	s.call("GET", "/sandbox/calls", nil, &calls)
	for op, k := range calls {
		if method, path := splitOp(op); method != "GET" && path != "/my/logins/direct" {
			n += k
		}
	}
	return n
}

func (s *standIn) call(method, path string, in, out any) {
	s.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	c := http.Client{Timeout: patience}
	res, err := c.Do(r)
	if err != nil {
		s.t.Fatalf("stand-in: %v", err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode >= 300 {
		s.t.Fatalf("stand-in: %s %s: %s %s", method, path, res.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			s.t.Fatalf("stand-in: %s %s: %v in %s", method, path, err, b)
		}
	}
}

// eventually waits until ok, asked from outside the browser.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// signIns counts the sign-ins that reached OBP.
func (s *standIn) signIns() (n int64) {
	s.t.Helper()
	if s.counter != nil {
		_, n = s.counter.counted()
		return n
	}
	var calls map[string]int64
	s.call("GET", "/sandbox/calls", nil, &calls)
	for op, k := range calls {
		if _, path := splitOp(op); path == "/my/logins/direct" {
			n += k
		}
	}
	return n
}

// forget ends every OBP token and puts the world back to its start.
func (s *standIn) forget() {
	s.t.Helper()
	s.only(faults)
	s.call("POST", "/sandbox/reset", nil, nil)
}
