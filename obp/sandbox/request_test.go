package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestBeforeThePath: what is refused before path, token and roles are looked at.
func TestBeforeThePath(t *testing.T) {
	st := newStage(t)
	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		status                   int
		part                     string
	}{
		{"a query twice", "GET", "/banks?a=1&a=2", "", nil, 400, "OBP-09016"},
		{"a header twice", "GET", "/banks", "", http.Header{"X-Tag": {"1", "2"}}, 400, "OBP-09017"},
		{"wants HTML only", "GET", "/banks", "", http.Header{"Accept": {"text/html"}}, 404, "OBP-10404"},
		{"takes anything", "GET", "/banks", "", http.Header{"Accept": {"text/html, */*;q=0.1"}}, 200, nordlicht},
		{"no content type", "POST", "/entitlement-requests", "{}", nil, 404, "OBP-10404"},
		{"broken body without a token", "POST", "/entitlement-requests", "{", http.Header{"Content-Type": {"application/json"}}, 400, "OBP-10001"},
		{"no token", "GET", "/users", "", nil, 401, "OBP-20001"},
		{"unknown token", "GET", "/users", "", http.Header{"Directlogin": {"token=abc"}}, 400, "OBP-20003"},
		{"unknown token where none is needed", "GET", "/banks", "", http.Header{"Directlogin": {"token=abc"}}, 400, "OBP-20003"},
		{"wrong method", "PUT", "/banks", "{}", http.Header{"Content-Type": {"application/json"}}, 404, "OBP-10404"},
		{"OPTIONS", "OPTIONS", "/anything", "", nil, 204, ""},
	} {
		r := httptest.NewRequest(c.method, prefix+c.path, strings.NewReader(c.body))
		for k, v := range c.header {
			r.Header[k] = v
		}
		rec := httptest.NewRecorder()
		st.s.ServeHTTP(rec, r)
		if rec.Code != c.status || !strings.Contains(rec.Body.String(), c.part) {
			t.Errorf("%s: %d %.200s, wanted %d %s", c.name, rec.Code, rec.Body, c.status, c.part)
		}
	}
}

// TestLastPart: a known file suffix at the end of the path is lost, others are not.
func TestLastPart(t *testing.T) {
	st := newStage(t)
	st.wants(200, `"username":"felix.fresh"`, "henry.helpdesk", "GET", "/users/username/felix.fresh.json", "")
	st.wants(200, `"username":"o'hara@example.com"`, "henry.helpdesk", "GET", "/users/username/o'hara@example.com", "")
	st.wants(200, `"username":"robot reporting 7"`, "henry.helpdesk", "GET", "/users/username/robot%20reporting%207", "")
	st.wants(404, "OBP-20027", "henry.helpdesk", "GET", "/users/username/%2e%2e%2Fcurrent", "")
	st.wants(404, "OBP-20027", "henry.helpdesk", "GET", "/users/"+"felix.fresh.json"+"/lock-status", "") // not the last part
}

func TestNotModified(t *testing.T) {
	st := newStage(t)
	r := httptest.NewRequest("GET", prefix+"/banks", http.NoBody)
	rec := httptest.NewRecorder()
	st.s.ServeHTTP(rec, r)
	r.Header.Set("If-None-Match", rec.Header().Get("ETag"))
	again := httptest.NewRecorder()
	if st.s.ServeHTTP(again, r); again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("%d %s", again.Code, again.Body)
	}
}

// TestFailedSignIns: the sixth failure locks, the time of the last one stands.
func TestFailedSignIns(t *testing.T) {
	st := newStage(t)
	sign := func(pass string) string {
		r := httptest.NewRequest("POST", "/my/logins/direct", nil)
		r.Header.Set("DirectLogin", `username="felix.fresh", password="`+pass+`", consumer_key="`+DemoConsumerKey+`"`)
		rec := httptest.NewRecorder()
		st.s.ServeHTTP(rec, r)
		return rec.Body.String()
	}
	for i := range 6 {
		if text := sign("wrong"); !strings.Contains(text, "OBP-20004") {
			t.Errorf("failure %d: %s", i+1, text)
		}
	}
	if text := sign(DemoPassword); !strings.Contains(text, "OBP-20013") {
		t.Errorf("the right password after six: %s", text)
	}
	failed := st.now.Format(time.RFC3339)
	st.now = st.now.Add(time.Hour)
	st.wants(200, `"bad_attempts_since_last_success_or_reset":6`, "henry.helpdesk", "GET", "/users/felix.fresh/lock-status", "")
	st.wants(200, failed, "henry.helpdesk", "GET", "/users/felix.fresh/lock-status", "")
	st.wants(200, st.now.Format(time.RFC3339), "henry.helpdesk", "PUT", "/users/felix.fresh/lock-status", "{}")
	if text := sign(DemoPassword); !strings.Contains(text, "token") {
		t.Errorf("after the unlock: %s", text)
	}
}
