package handlers

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
)

const publicURL = "https://console.example.com"

// testRouter has one read, one write and one route that panics behind the
// whole chain, and gives the log.
func testRouter(t *testing.T) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	status := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	same, err := sameOrigin(publicURL, status(http.StatusForbidden))
	if err != nil {
		t.Fatal(err)
	}
	m := chi.NewRouter()
	m.Use(observe(watch{log: slog.New(slog.NewJSONHandler(&out, nil)), now: time.Now, broken: status(http.StatusInternalServerError)}), secureHeaders, same)
	m.Get("/things/{id}", func(w http.ResponseWriter, r *http.Request) {
		factsOf(r.Context()).operator = "u1"
		io.WriteString(w, "seen")
	})
	m.Post("/things/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSeeOther) })
	m.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("canary-panic") })
	return m, &out
}

func send(h http.Handler, method, target string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader("reason=canary-body"))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Writes from elsewhere are refused, and reads are not (security 22, security 23).
func TestSameOrigin(t *testing.T) {
	h, _ := testRouter(t)
	for _, c := range []struct {
		name, method string
		header       map[string]string
		want         int
	}{
		{"own page", "POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, 303},
		{"own page without referrer", "POST", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303},
		{"cross-site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"same-site", "POST", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"foreign origin", "POST", map[string]string{"Origin": "https://evil.example"}, 403},
		{"own origin, old browser", "POST", map[string]string{"Origin": publicURL}, 303},
		{"neither header, with a cookie", "POST", map[string]string{"Cookie": "__Host-console=x"}, 403},
		{"neither header, no cookie", "POST", nil, 303},
		{"cross-site read", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 200},
	} {
		if got := send(h, c.method, "/things/1", c.header).Code; got != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got, c.want)
		}
	}
}

// Every answer carries the headers, errors too (security 25, security 27, security 28).
func TestSecureHeaders(t *testing.T) {
	h, _ := testRouter(t)
	for _, path := range []string{"/things/1", "/no/such", "/panic"} {
		head := send(h, "GET", path, nil).Header()
		for k, want := range map[string]string{
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if head.Get(k) != want {
				t.Errorf("%s %s: %q, want %q", path, k, head.Get(k), want)
			}
		}
		policy := map[string]string{}
		for _, d := range strings.Split(head.Get("Content-Security-Policy"), "; ") {
			name, value, _ := strings.Cut(d, " ")
			policy[name] = value
		}
		for name, want := range map[string]string{
			"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
			"font-src": "'self'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
		} {
			if policy[name] != want {
				t.Errorf("%s policy %s: %q, want %q", path, name, policy[name], want)
			}
		}
	}
}

// The log says route, status, operator and request id, and nothing that was
// typed (security 29, security 39). The operator shows that the line is there.
func TestRequestLog(t *testing.T) {
	h, out := testRouter(t)
	w := send(h, "GET", "/things/canary-id?q=canary-query", map[string]string{"Cookie": "canary-cookie", "Authorization": "canary-auth"})
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if line["route"] != "/things/{id}" || line["status"] != 200.0 || line["operator"] != "u1" || line["obp_calls"] != 0.0 {
		t.Errorf("got %v", line)
	}
	if id := w.Header().Get("X-Request-Id"); id == "" || line["request_id"] != id {
		t.Errorf("request id %v in the log, %q in the answer", line["request_id"], id)
	}
	if strings.Contains(out.String(), "canary") {
		t.Errorf("the log holds what was sent: %s", out)
	}
}

// A panic becomes an answer, and its value stays out of it (security 41).
func TestPanicIsAnswered(t *testing.T) {
	h, out := testRouter(t)
	w := send(h, "GET", "/panic", nil)
	if w.Code != 500 || strings.Contains(w.Body.String(), "canary") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(out.String(), `"stack"`) || !strings.Contains(out.String(), `"status":500`) {
		t.Errorf("log: %s", out)
	}
}
