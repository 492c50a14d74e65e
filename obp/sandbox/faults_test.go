package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	granteeName = "nora.norole"
	grantOp     = "POST /users/{USER_ID}/entitlements"
	closeOp     = "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}"
	listOp      = "GET /entitlement-requests"
	roleBody    = `{"bank_id":"","role_name":"CanGetAnyUser"}`
)

// bench is a stand-in behind a real connection, with anna.approver signed in.
type bench struct {
	*testing.T
	s     *Server
	url   string
	token string
	nora  string // user id
}

func newBench(t *testing.T) *bench {
	t.Helper()
	f, err := os.Open("testdata/recordings/world.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := ReadWorld(f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	t.Cleanup(s.ClearFaults)
	b := &bench{T: t, s: s, url: srv.URL}
	for _, u := range w.Users {
		switch u.Username {
		case granteeName:
			b.nora = u.UserID
		case "anna.approver":
			r, _ := http.NewRequest("POST", srv.URL+"/my/logins/direct", nil)
			r.Header.Set("DirectLogin", fmt.Sprintf(`username="%s", password="%s", consumer_key="%s"`, u.Username, u.Password, w.ConsumerKey))
			r.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var out struct{ Token string }
			_ = json.NewDecoder(resp.Body).Decode(&out)
			resp.Body.Close()
			b.token = out.Token
		}
	}
	if b.token == "" || b.nora == "" {
		t.Fatal("the world lacks anna or nora")
	}
	return b
}

type answer struct {
	status int
	body   string
	header http.Header
	err    error
}

// send is safe for use in goroutines.
func (b *bench) send(ctx context.Context, method, path, body string) answer {
	if strings.HasPrefix(path, "/users") || strings.HasPrefix(path, "/entitlement") {
		path = prefix + path
	}
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("DirectLogin", "token="+b.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(text), resp.Header, err}
}

func (b *bench) grant() answer {
	return b.send(b.Context(), "POST", "/users/"+b.nora+"/entitlements", roleBody)
}

func (b *bench) control(method, path, body string, want int) string {
	b.Helper()
	a := b.send(b.Context(), method, "/sandbox/"+path, body)
	if a.err != nil || a.status != want {
		b.Fatalf("%s /sandbox/%s %s: %d %s %v", method, path, body, a.status, a.body, a.err)
	}
	return a.body
}

// granted counts over HTTP how often nora holds the role.
func (b *bench) granted() (n int) {
	b.Helper()
	var w World
	if err := json.Unmarshal([]byte(b.control("GET", "world", "", 200)), &w); err != nil {
		b.Fatal(err)
	}
	for _, e := range w.Entitlements {
		if e.UserID == b.nora && e.Role == "CanGetAnyUser" {
			n++
		}
	}
	return n
}

func TestFaultAnswers(t *testing.T) {
	type row struct {
		name, fault  string
		status       int // 0: the connection ends
		body         string
		html, unread bool // unread: the body ends early
		applied      int
	}
	rows := []row{
		{name: "status", fault: `"status":500,"message":"OBP-50005: An unspecified or internal error occurred."`, status: 500,
			body: `{"code":500,"message":"OBP-50005: An unspecified or internal error occurred."}`},
		{name: "status applied", fault: `"status":503,"message":"busy","applied":true`, status: 503, body: `{"code":503,"message":"busy"}`, applied: 1},
		{name: "false", fault: `"false":true`, status: 200, body: `false`},
		{name: "html", fault: `"junk":"html"`, status: 200, body: junk["html"].body, html: true},
		{name: "empty applied", fault: `"junk":"empty","applied":true`, status: 200, applied: 1},
		{name: "broken", fault: `"junk":"broken","status":201`, status: 201, body: junk["broken"].body},
		{name: "type applied", fault: `"junk":"type","applied":true`, status: 200, body: junk["type"].body, applied: 1},
		{name: "cut before", fault: `"cut":"before"`},
		{name: "cut after", fault: `"cut":"after"`, applied: 1},
		{name: "cut middle", fault: `"cut":"middle"`, status: 201, unread: true, applied: 1},
		{name: "delay", fault: `"delay_ms":1`, status: 201, applied: 1},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t)
			b.control("POST", "faults", `{"op":"`+grantOp+`",`+r.fault+`,"times":1}`, 204)
			a := b.grant()
			if (a.err != nil) != (r.status == 0 || r.unread) || a.status != r.status || r.body != "" && a.body != r.body {
				t.Errorf("%d %q %v", a.status, a.body, a.err)
			}
			if r.html != strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Errorf("Content-Type %q", a.header.Get("Content-Type"))
			}
			if n := b.granted(); n != r.applied {
				t.Errorf("granted %d times, wanted %d", n, r.applied)
			}
			want := 201
			if r.applied > 0 {
				want = 400 // already held
			}
			if a := b.grant(); a.status != want {
				t.Errorf("after the fault was used up: %d %s", a.status, a.body)
			}
			if n := b.s.Calls()["POST "+prefix+"/users/{USER_ID}/entitlements"]; n != 2 {
				t.Errorf("%d calls counted", n)
			}
		})
	}
}

func TestFaultsInTurn(t *testing.T) {
	b := newBench(t)
	if err := b.s.SetFault("GET /obp/v5.0.0/entitlement-requests", Fault{Skip: 1, Times: 2, Status: 429, Header: map[string]string{"Retry-After": "7"}}, Fault{Status: 503, Times: 1}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{200, 429, 429, 503, 200} {
		a := b.send(t.Context(), "GET", "/entitlement-requests", "")
		if a.status != want || (want == 429) != (a.header.Get("Retry-After") == "7") {
			t.Errorf("call %d: %d, wanted %d", i, a.status, want)
		}
	}
	if left := b.control("GET", "faults", "", 200); left != "{}\n" {
		t.Errorf("faults left: %s", left)
	}
	b.control("POST", "faults", `{"op":"`+listOp+`","status":500,"times":1,"then":[{"junk":"html"}]}`, 204)
	if got := b.s.Faults()[listOp]; len(got) != 2 || got[0].Status != 500 || got[1].Junk != "html" {
		t.Errorf("faults: %+v", got)
	}
	b.control("DELETE", "faults", "", 204)
	if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
		t.Errorf("after clearing: %d", a.status)
	}
	for _, bad := range []string{`{}`, `{"op":"GET /nowhere","cut":"before"}`, `{"op":"` + listOp + `","cut":"sideways"}`, `{"op":"` + listOp + `","kut":"before"}`, `{"op":"` + listOp + `","times":-1}`} {
		b.control("POST", "faults", bad, 400)
	}
}

// TestLate: the client gives up first, and the grant still comes.
func TestLate(t *testing.T) {
	b := newBench(t)
	b.control("POST", "faults", `{"op":"`+grantOp+`","late":true,"late_ms":1,"hold":"after","times":1}`, 204)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan answer)
	go func() { done <- b.send(ctx, "POST", "/users/"+b.nora+"/entitlements", roleBody) }()
	b.control("GET", "held?at=late&timeout_ms=60000", "", 200)
	if n := b.granted(); n != 0 {
		t.Errorf("granted %d times before the client hung up", n)
	}
	cancel()
	if a := <-done; !errors.Is(a.err, context.Canceled) {
		t.Errorf("the client got %d %v", a.status, a.err)
	}
	b.control("GET", "held?at=after&timeout_ms=60000", "", 200) // held after: so it was applied
	if n := b.granted(); n != 1 {
		t.Errorf("granted %d times after the client hung up", n)
	}
}

func TestHold(t *testing.T) {
	for at, applied := range map[string]int{"before": 0, "between": 0, "after": 1} {
		t.Run(at, func(t *testing.T) {
			b := newBench(t)
			b.control("POST", "faults", `{"op":"`+grantOp+`","hold":"`+at+`","times":1}`, 204)
			done := make(chan answer)
			go func() { done <- b.grant() }()
			b.control("GET", "held?timeout_ms=60000&op="+strings.ReplaceAll(grantOp, " ", "%20"), "", 200)
			if n := b.granted(); n != applied {
				t.Errorf("held %s: granted %d times, wanted %d", at, n, applied)
			}
			if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
				t.Errorf("another call meanwhile: %d", a.status)
			}
			if got := b.control("POST", "release", `{"op":"`+grantOp+`"}`, 200); got != "{\"released\":1}\n" {
				t.Errorf("released %s", got)
			}
			if a := <-done; a.status != 201 {
				t.Errorf("released call: %d %s", a.status, a.body)
			}
			if n := b.granted(); n != 1 {
				t.Errorf("granted %d times in the end", n)
			}
		})
	}
}

func TestHeldTimesOut(t *testing.T) {
	b := newBench(t)
	b.control("GET", "held?timeout_ms=1", "", 408)
}

// TestHeldOutlivesClient: what was held happens although nobody waits for it.
func TestHeldOutlivesClient(t *testing.T) {
	b := newBench(t)
	b.control("POST", "faults", `{"op":"`+grantOp+`","hold":"before","times":1}`, 204)
	b.control("POST", "faults", `{"op":"`+listOp+`","hold":"after","times":1}`, 204)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan answer)
	go func() { done <- b.send(ctx, "POST", "/users/"+b.nora+"/entitlements", roleBody) }()
	if err := b.s.WaitHeld(t.Context(), grantOp, "before", 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-done
	if n := b.granted(); n != 0 {
		t.Errorf("granted %d times while held", n)
	}
	if n := b.s.Release(grantOp); n != 1 {
		t.Errorf("released %d", n)
	}
	for b.granted() == 0 { // ends with the test's own limit
	}
}

// TestRace: with both calls past the check, both grants succeed, as on the real server.
func TestRace(t *testing.T) {
	b := newBench(t)
	if err := b.s.SetFault(grantOp, Fault{Hold: "between"}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	codes := make([]int, 5)
	for i := range codes {
		wg.Go(func() { codes[i] = b.grant().status })
	}
	b.control("GET", "held?n=5&timeout_ms=60000", "", 200)
	b.control("DELETE", "faults", "", 204)
	wg.Wait()
	for _, c := range codes {
		if c != 201 {
			t.Errorf("codes %v", codes)
			break
		}
	}
	if n := b.granted(); n != 5 {
		t.Errorf("granted %d times", n)
	}
	if a := b.grant(); a.status != 400 {
		t.Errorf("a later grant: %d", a.status)
	}
}

// TestRaceWindow: the switch opens the same window by time; without it the
// check and the insert are one step.
func TestRaceWindow(t *testing.T) {
	for ms, least := range map[int]int{0: 1, 500: 2} {
		b := newBench(t)
		b.control("POST", "faults", fmt.Sprintf(`{"race_ms":%d}`, ms), 204)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { b.grant() })
		}
		wg.Wait()
		if n := b.granted(); n < least || ms == 0 && n != 1 {
			t.Errorf("window %d ms: granted %d times", ms, n)
		}
	}
}

func TestWorldOverHTTP(t *testing.T) {
	b := newBench(t)
	text := b.control("GET", "world", "", 200)
	if strings.Contains(text, "Passw0rd") {
		t.Error("the world tells passwords")
	}
	var w World
	if err := json.Unmarshal([]byte(text), &w); err != nil || len(w.Users) == 0 || len(w.Entitlements) == 0 || len(w.Requests) == 0 {
		t.Errorf("%d users, %d entitlements, %d requests, %v", len(w.Users), len(w.Entitlements), len(w.Requests), err)
	}
	b.control("GET", "otp/none", "", 404)
	if !bytes.Contains([]byte(text), []byte(b.nora)) {
		t.Error("nora is missing")
	}
	if got := b.s.Operations(); len(got) < 80 || !slices.Contains(got, closeOp) {
		t.Errorf("operations: %v", got)
	}
}

func TestParseFault(t *testing.T) {
	op, f, err := ParseFault("POST /users/*/entitlements=503@0.25")
	if err != nil || op != "POST /users/*/entitlements" || f.Status != 503 || f.Chance != 0.25 {
		t.Errorf("%q %+v %v", op, f, err)
	}
	for _, bad := range []string{"", "POST /x", "/x=503", "POST /x=abc", "POST /x=99", "POST /x=503@2", "POST /x=503@0"} {
		if _, _, err := ParseFault(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestChance: the same seed fails the same calls, and only those of the pattern.
func TestChance(t *testing.T) {
	var runs [2]string
	for i := range runs {
		b := newBench(t)
		if err := b.s.SetFault("GET /users/*/entitlement*", Fault{Status: 503}); err == nil {
			t.Error("a * inside a part was taken")
		}
		if err := b.s.SetFault("GET /users/*/entitlements", Fault{Status: 503, Chance: 0.5}); err != nil {
			t.Fatal(err)
		}
		for range 40 {
			runs[i] += fmt.Sprint(b.send(t.Context(), "GET", "/users/"+b.nora+"/entitlements", "").status)
		}
		if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
			t.Errorf("another operation: %d", a.status)
		}
	}
	if n := strings.Count(runs[0], "503"); n < 10 || n > 30 || runs[0] != runs[1] {
		t.Errorf("%d of 40 failed; runs agree: %v", n, runs[0] == runs[1])
	}
}

func TestLatency(t *testing.T) {
	s, err := New(DemoWorld(time.Now()), Options{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest("GET", prefix+"/banks", http.NoBody))
	if took := time.Since(begin); rec.Code != 200 || took < 15*time.Millisecond {
		t.Errorf("%d after %v", rec.Code, took)
	}
}
