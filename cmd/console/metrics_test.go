package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

var metricsURL = regexp.MustCompile(`url=(http://\S+/metrics)`)

// metricsOf is where a process answers Prometheus.
func (p *process) metricsOf() string {
	p.tb.Helper()
	m := metricsURL.FindStringSubmatch(p.errs.wait(p.tb, "msg=metrics"))
	if m == nil {
		p.tb.Fatalf("no metrics address; stderr:\n%s", p.errs)
	}
	return m[1]
}

// scrape gives the text of the metrics, and each value by its name with labels.
func (p *process) scrape() (text string, values map[string]float64) {
	p.tb.Helper()
	resp, text := visit(p.tb, "GET", p.metricsOf(), "", nil)
	if resp.StatusCode != http.StatusOK {
		p.tb.Fatalf("%s\n%s", resp.Status, text)
	}
	values = map[string]float64{}
	for line := range strings.Lines(text) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && line[0] != '#' {
			v, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
			if err != nil {
				p.tb.Fatalf("%v in %q", err, line)
			}
			values[line[:at]] = v
		}
	}
	return text, values
}

// behind is an OBP server with the recordings' world, and what reached it.
type behind struct {
	*sandbox.Server
	url   string
	world sandbox.World
	mu    sync.Mutex
	ids   map[string][]string // "METHOD path" -> X-Request-ID of each call
}

func newBehind(t *testing.T) *behind {
	t.Helper()
	r := &behind{ids: map[string][]string{}}
	var err error
	if r.world, err = world(worldFile); err != nil {
		t.Fatal(err)
	}
	if r.Server, err = sandbox.New(r.world, sandbox.Options{}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		call := req.Method + " " + req.URL.Path
		r.ids[call] = append(r.ids[call], req.Header.Get("X-Request-ID"))
		r.mu.Unlock()
		r.ServeHTTP(w, req)
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

func (r *behind) env(dir string, more ...string) []string {
	return append([]string{"OBP_BASE_URL=" + r.url, "OBP_CONSUMER_KEY=" + recordedKey, "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + dir}, more...)
}

// A journal that was changed is an alarm soon after the start, although nobody
// opens a page.
func TestChangedJournalIsAnAlarm(t *testing.T) {
	o, dir := newBehind(t), t.TempDir()
	env := o.env(dir, "METRICS_ADDRESS=127.0.0.1:0", "JOURNAL_KEY="+testKey)
	p := start(t, env, "serve")
	p.terminate()
	p.stopped()
	key, err := parseKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Path: filepath.Join(dir, journalFile), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.DB().ExecContext(t.Context(), `UPDATE acts SET outcome = 'failed' WHERE n = 1; DELETE FROM verified`)
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	p = start(t, env, "serve")
	waitUntil(t, "the alarm", func() bool {
		_, v := p.scrape()
		return v[`obpconsole_alarms{kind="journal_faults"}`] > 0
	})
}

// Where sessions and journal lie in a database, nothing is missed that a file
// would tell: a scrape that fails is an alarm.
func TestMetricsOverADatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not made")
	p := start(t, newBehind(t).env(dir, "METRICS_ADDRESS=127.0.0.1:0", "DATABASE_URL="+servers.Postgres(t).Database(t), "SESSION_KEY="+testKey, "JOURNAL_KEY="+testKey), "serve")
	p.scrape()
	_, v := p.scrape()
	for _, of := range []string{"sessions", "acts", "alarms", "disk"} {
		if n, ok := v[`obpconsole_scrape_failures_total{of="`+of+`"}`]; !ok || n != 0 {
			t.Errorf("%s could not be read %v times", of, n)
		}
	}
	if _, ok := v["obpconsole_disk_free_bytes"]; ok || v["obpconsole_journal_head"] < 1 {
		t.Errorf("disk %v, head %v", v["obpconsole_disk_free_bytes"], v["obpconsole_journal_head"])
	}
}

// The metrics tell what was done by patterns and words of the program. What a
// person typed, and who anybody is, stands in none (security 29, security 39).
// They are on a listener of their own, and not on the public one.
func TestMetrics(t *testing.T) {
	o := newBehind(t)
	dir := t.TempDir()
	p := start(t, o.env(dir, "METRICS_ADDRESS=127.0.0.1:0"), "serve")
	if _, v := p.scrape(); v["obpconsole_sessions"] != 0 || v["obpconsole_journal_head"] < 1 || v[`obpconsole_obp_circuit_state{state="closed"}`] != 1 || v["obpconsole_disk_free_bytes"] <= 0 {
		t.Errorf("at the start: %v", v)
	}
	// look waits until the request was counted, which is after its answer
	look := func(method, path, cookie string, form url.Values) {
		t.Helper()
		resp, _ := visit(t, method, p.url+path, cookie, form)
		p.errs.wait(t, "request_id="+resp.Header.Get("X-Request-Id")+" operator")
	}
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	p.errs.wait(t, "route=/sign-in status=303")
	for _, path := range []string{"/requests", "/requests?q=canary-query", "/canary-path/canary%20name", "/users/canary-id", "/journal", "/"} {
		look("GET", path, cookie, nil)
	}
	look("CANARY", "/canary", cookie, nil)
	look("POST", "/sign-in", "", url.Values{"username": {"canary.name"}, "password": {"canary-password"}})
	if err := o.SetFault("GET /entitlement-requests", sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error. canary-fault", Header: map[string]string{"X-Rate-Limit-Limit": "50", "X-Rate-Limit-Remaining": "41"}}); err != nil {
		t.Fatal(err)
	}
	look("GET", "/requests", cookie, nil)
	text, v := p.scrape()
	oldest := time.Now()
	for _, q := range o.world.Requests {
		if q.Created.Before(oldest) {
			oldest = q.Created
		}
	}
	for name, want := range map[string]float64{
		"obpconsole_sessions": 1, "obpconsole_queue_open_requests": float64(len(o.world.Requests)), "obpconsole_obp_rate_limit_remaining": 41,
		`obpconsole_requests_total{method="POST",route="/sign-in",status="303"}`:         1,
		`obpconsole_requests_total{method="POST",route="/sign-in",status="401"}`:         1,
		`obpconsole_requests_total{method="GET",route="/requests",status="200"}`:         2,
		`obpconsole_requests_total{method="other",route="unmatched",status="405"}`:       1,
		`obpconsole_request_duration_seconds_count{route="/requests"}`:                   3,
		`obpconsole_obp_calls_total{operation="GET /entitlement-requests",status="500"}`: 1,
		`obpconsole_obp_call_duration_seconds_count{operation="POST /my/logins/direct"}`: 2,
		`obpconsole_alarms{kind="unfinished"}`:                                           0, `obpconsole_alarms{kind="emergency"}`: 0, `obpconsole_alarms{kind="second_person"}`: 0, `obpconsole_alarms{kind="journal_faults"}`: 0,
		"obpconsole_journal_write_failures_total": 0, "obpconsole_journal_line_failures_total": 0,
	} {
		if got, ok := v[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if age, want := v["obpconsole_queue_oldest_age_seconds"], time.Since(oldest).Seconds(); age < want-60 || age > want+60 {
		t.Errorf("the oldest request is %v s old, want %v", age, want)
	}
	if !strings.Contains(text, `obpconsole_build_info{go_version="go1.`) || v["process_resident_memory_bytes"] <= 0 {
		t.Error("build or memory is missing")
	}
	if strings.Contains(strings.ToLower(text), "canary") {
		t.Errorf("a metric holds what was typed:\n%s", text)
	}
	for _, u := range o.world.Users {
		for _, s := range []string{u.UserID, u.Username, u.Email} {
			if s != "" && strings.Contains(text, s) {
				t.Errorf("a metric holds %s", s)
			}
		}
	}
	for _, r := range o.world.Requests {
		if strings.Contains(text, r.ID) {
			t.Errorf("a metric holds the request %s", r.ID)
		}
	}
	if resp, body := visit(t, "GET", p.url+"/metrics", "", nil); resp.StatusCode != http.StatusNotFound || strings.Contains(body, "obpconsole_") {
		t.Errorf("on the public listener: %s", resp.Status)
	}
	inner := strings.TrimSuffix(p.metricsOf(), "/metrics")
	for _, c := range [][2]string{{"GET", "/"}, {"GET", "/sign-in"}, {"POST", "/metrics"}} {
		if resp, _ := visit(t, c[0], inner+c[1], cookie, nil); resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%v on the inner listener: %s", c, resp.Status)
		}
	}
	p.terminate()
	p.stopped()
	if strings.Contains(p.out.String(), "metrics") {
		t.Error("stdout is for the address alone")
	}
}

// Nothing listens for metrics unless it is asked for; an address that cannot be
// had is told before anything is served.
func TestMetricsAddress(t *testing.T) {
	o := newBehind(t)
	p := start(t, o.env(t.TempDir()), "serve")
	signIn(t, p.url, "anna.approver", recordedPassword)
	if s := p.errs.String(); strings.Contains(s, "msg=metrics") {
		t.Errorf("it listens unasked:\n%s", s)
	}
	taken := strings.TrimPrefix(p.url, "http://")
	for addr, says := range map[string]string{taken: "cannot listen on", "here": "HOST:PORT", "127.0.0.1:8080": "another port than LISTEN_ADDR"} {
		env := o.env(filepath.Join(t.TempDir(), "data"), "METRICS_ADDRESS="+addr)
		if strings.HasPrefix(says, "another") {
			env = append(env, "LISTEN_ADDR=127.0.0.1:8080")
		}
		var errs strings.Builder
		get := func(name string) string {
			for _, e := range env {
				if v, ok := strings.CutPrefix(e, name+"="); ok && (name != "LISTEN_ADDR" || e != "LISTEN_ADDR=127.0.0.1:0" || !strings.HasPrefix(says, "another")) {
					return v
				}
			}
			return ""
		}
		if code := run(t.Context(), []string{"serve"}, get, &errs, &errs); code == 0 || !strings.Contains(errs.String(), says) || strings.Contains(errs.String(), "listening on http") {
			t.Errorf("%s: exit %d: %s", addr, code, errs.String())
		}
	}
}
