package obp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const testToken = "aaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbb.cccccccccccccccccc"

// scripted answers every call by h, and gives an API with a token.
func scripted(t *testing.T, h http.HandlerFunc) *API {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := New(Config{BaseURL: srv.URL, ConsumerKey: "key", Timeout: 20 * time.Second, MaxBody: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return c.As(Credential{"DirectLogin", testToken})
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Correlation-Id", "corr-1")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// Every call carries the caller's own token, and nobody else's (security 15).
func TestTokenOnEveryCall(t *testing.T) {
	var got string
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("DirectLogin")
		answer(200, `{"user_id":"u1"}`)(w, r)
	})
	id, err := api.CurrentUserID(t.Context())
	if err != nil || id != "u1" {
		t.Fatalf("got %q, %v", id, err)
	}
	if want := `token="` + testToken + `"`; got != want {
		t.Errorf("header %q, want %q", got, want)
	}
}

func TestEntitlementRequestsAreRead(t *testing.T) {
	api := scripted(t, answer(200, `{"entitlement_requests":[{"entitlement_request_id":"r1","user":{"user_id":"u1","email":"f@example.com","provider_id":"felix","provider":"http://p","username":"felix","entitlements":{"list":[{"entitlement_id":"e1","role_name":"CanCreateBranch","bank_id":"b1"}]}},"role_name":"CanCreateBranch","bank_id":"b1","created":"2026-11-23T23:27:15Z","new_field":1}]}`))
	got, err := api.EntitlementRequests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []EntitlementRequest{{EntitlementRequestID: "r1", RoleName: "CanCreateBranch", BankID: "b1",
		Created: time.Date(2026, 11, 23, 23, 27, 15, 0, time.UTC),
		User: User{UserID: "u1", Email: "f@example.com", ProviderID: "felix", Provider: "http://p", Username: "felix",
			Entitlements: EntitlementList{[]Entitlement{{EntitlementID: "e1", RoleName: "CanCreateBranch", BankID: "b1"}}}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got[0].Held() != 1 {
		t.Errorf("held %d times, want 1", got[0].Held())
	}
}

// Each refusal has its kind, and no text of it holds the token (security 9).
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   Error
	}{
		{"missing role", 403, `{"code":403,"message":"OBP-20006: User is missing one or more roles: CanGetEntitlementsForOneBank or CanGetEntitlementsForAnyBank for BankId(b1)."}`,
			Error{Code: "OBP-20006", kind: KindMissingRole, Roles: []string{"CanGetEntitlementsForOneBank", "CanGetEntitlementsForAnyBank"}, BankID: "b1",
				Message: "User is missing one or more roles: CanGetEntitlementsForOneBank or CanGetEntitlementsForAnyBank for BankId(b1)."}},
		{"bad token as 400", 400, `{"code":400,"message":"OBP-20003: This DirectLogin token is invalid or expired:` + testToken + `"}`,
			Error{Code: "OBP-20003", kind: KindSignedOut}},
		{"token that is not a JWT", 401, `{"code":401,"message":"OBP-20003: This DirectLogin token is invalid or expired:hunter2"}`,
			Error{Code: "OBP-20003", kind: KindSignedOut}},
		{"no token", 401, `{"code":401,"message":"OBP-20001: User not logged in. Authentication is required!"}`,
			Error{Code: "OBP-20001", kind: KindSignedOut, Message: "User not logged in. Authentication is required!"}},
		{"locked", 401, `{"code":401,"message":"OBP-20013: The account has been locked"}`,
			Error{Code: "OBP-20013", kind: KindLocked, Message: "The account has been locked"}},
		{"chained not found", 400, `{"code":400,"message":"OBP-50200: Connector cannot return the data we requested. <- OBP-30215: EntitlementRequestId not found"}`,
			Error{Code: "OBP-50200", Causes: []string{"OBP-30215"}, kind: KindNotFound, Message: "Connector cannot return the data we requested. <- OBP-30215: EntitlementRequestId not found"}},
		{"held already", 400, `{"code":400,"message":"OBP-30216: Entitlement already exists for the user."}`,
			Error{Code: "OBP-30216", kind: KindAlreadyHeld, Message: "Entitlement already exists for the user."}},
		{"super admin or role", 403, `{"code":403,"message":"OBP-20050: Current User is not a Super Admin! orOBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank"}`,
			Error{Code: "OBP-20050", Causes: []string{"OBP-20006"}, kind: KindMissingRole, Roles: []string{"CanCreateEntitlementAtAnyBank"},
				Message: "Current User is not a Super Admin! orOBP-20006: User is missing one or more roles: CanCreateEntitlementAtAnyBank"}},
		{"internal text without a code", 400, `{"code":400,"message":"org.postgresql.util.PSQLException: value too long"}`,
			Error{kind: KindInvalid}},
		{"server failure in HTML", 500, `<html>oops</html>`, Error{kind: KindUnavailable, Unanswered: true}},
		{"refusal in HTML", 400, `<html>oops</html>`, Error{kind: KindJunk}},
		{"redirect", 302, ``, Error{kind: KindJunk}},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := scripted(t, answer(c.status, c.body))
			_, err := api.CreateEntitlement(t.Context(), "u1", "CanX", "b1")
			got, ok := AsError(err)
			if !ok {
				t.Fatalf("got %v, want *Error", err)
			}
			c.want.Op, c.want.Status, c.want.CorrelationID = "POST /users/{USER_ID}/entitlements", c.status, "corr-1"
			if d := cmp.Diff(&c.want, got, cmp.AllowUnexported(Error{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Error{}, "err")); d != "" {
				t.Error(d)
			}
			if s := fmt.Sprintf("%v %+v", err, *got); strings.Contains(s, testToken) || strings.Contains(s, "hunter2") {
				t.Error("the token stands in the error")
			}
		})
	}
}

// An answer that is not OBP's is an error, whatever its status (security 34).
func TestBadAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		want Kind
	}{
		{"HTML with 200", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>login</html>") }, KindJunk},
		{"empty", func(w http.ResponseWriter, _ *http.Request) {}, KindJunk},
		{"cut off", answer(200, `{"banks":[{"id"`), KindJunk},
		{"wrong type", answer(200, `{"banks":"none"}`), KindJunk},
		{"too long", answer(200, `{"banks":[],"x":"`+strings.Repeat("x", 2<<20)+`"}`), KindJunk},
		{"connection closed", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, KindUnreachable},
		{"unavailable", answer(503, `{}`), KindUnavailable},
		{"limited", answer(429, `{"message":"OBP-10018: Too Many Requests."}`), KindLimited},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := scripted(t, c.h).Banks(t.Context()); KindOf(err) != c.want {
				t.Errorf("kind %d (%v), want %d", KindOf(err), err, c.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Rate-Limit-Reset", "17")
		answer(429, `{"message":"OBP-10018: Too Many Requests."}`)(w, r)
	})
	_, err := api.Banks(t.Context())
	if e, ok := AsError(err); !ok || e.RetryAfter != 17*time.Second {
		t.Errorf("got %+v, want 17s", e)
	}
}

// A GET is tried again, a write never is (security 34).
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(*API) error
		want int32
	}{
		{"GET", func(a *API) error { _, err := a.Banks(context.Background()); return err }, 3},
		{"POST", func(a *API) error { _, err := a.CreateEntitlement(context.Background(), "u", "r", ""); return err }, 1},
		{"DELETE", func(a *API) error { _, err := a.DeleteEntitlementRequest(context.Background(), "r"); return err }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n atomic.Int32
			api := scripted(t, func(http.ResponseWriter, *http.Request) { n.Add(1); panic(http.ErrAbortHandler) })
			err := c.call(api)
			if n.Load() != c.want {
				t.Errorf("sent %d times, want %d", n.Load(), c.want)
			}
			e, _ := AsError(err)
			if e == nil || e.Unanswered != (c.name != "GET") {
				t.Errorf("got %+v: a write without an answer may have been applied", e)
			}
		})
	}
}

// A write that could not even connect was not applied.
func TestUnreachableIsNotUnanswered(t *testing.T) {
	srv := httptest.NewServer(nil)
	srv.Close()
	c, err := New(Config{BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.As(Credential{}).CreateEntitlement(t.Context(), "u", "r", "")
	if e, _ := AsError(err); e == nil || e.Unanswered || e.Kind() != KindUnreachable {
		t.Errorf("got %+v", e)
	}
}

// A redirect is not followed, so the token goes to no other host (security 33).
func TestNoRedirect(t *testing.T) {
	var second atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { second.Add(1) }))
	t.Cleanup(other.Close)
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	if _, err := api.Banks(t.Context()); KindOf(err) != KindJunk {
		t.Errorf("got %v", err)
	}
	if second.Load() != 0 {
		t.Error("the redirect was followed")
	}
}

// A path argument is one escaped part, or is refused before anything is sent (security 32).
func TestPathArguments(t *testing.T) {
	var got string
	var sent int
	mux := http.NewServeMux()
	api := scripted(t, mux.ServeHTTP)
	mux.HandleFunc("GET /obp/v5.0.0/users/username/{name}", func(w http.ResponseWriter, r *http.Request) {
		sent++
		got = r.RequestURI
		name, _ := json.Marshal(r.PathValue("name"))
		answer(200, `{"user_id":"u","username":`+string(name)+`}`)(w, r)
	})
	for arg, want := range map[string]string{
		"../x?y#z": "/obp/v5.0.0/users/username/..%2Fx%3Fy%23z",
		"a b":      "/obp/v5.0.0/users/username/a%20b",
		"100%":     "/obp/v5.0.0/users/username/100%25",
		"%2e%2e":   "/obp/v5.0.0/users/username/%252e%252e",
		"{x}":      "/obp/v5.0.0/users/username/%7Bx%7D",
		"Søren":    "/obp/v5.0.0/users/username/S%C3%B8ren",
		"עברית":    "/obp/v5.0.0/users/username/%D7%A2%D7%91%D7%A8%D7%99%D7%AA",
	} {
		if _, err := api.UserByUsername(t.Context(), arg); err != nil || got != want {
			t.Errorf("%q: sent %s, %v; want %s", arg, got, err, want)
		}
	}
	sent = 0
	for _, arg := range []string{"", ".", "..", "a\r\nb", "\x00", "\xff", strings.Repeat("x", 10_000)} {
		if _, err := api.UserByUsername(t.Context(), arg); KindOf(err) != KindInvalid {
			t.Errorf("%.20q: got %v", arg, err)
		}
	}
	if sent != 0 {
		t.Errorf("%d calls were sent", sent)
	}
}

func FuzzPart(f *testing.F) {
	for _, s := range []string{"", "..", "a/b", "%2f", "é", "\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := part("X", s)
		if err == nil && (p == "" || p == "." || p == ".." || strings.ContainsAny(p, "/?#\r\n ")) {
			t.Errorf("%q became %q", s, p)
		}
	})
}

func FuzzErrorReader(f *testing.F) {
	f.Add("OBP-20006: User is missing one or more roles: CanX")
	f.Add("OBP-20003: bad:" + testToken)
	f.Fuzz(func(t *testing.T, s string) {
		e := &Error{Status: 400}
		e.fill(s+" "+testToken, testToken)
		if strings.Contains(fmt.Sprintf("%s %+v", e, *e), testToken) || !utf8.ValidString(e.Message) || len(e.Message) > 310 {
			t.Errorf("token left in %q", e.Message)
		}
	})
}

func TestSignIn(t *testing.T) {
	var got string
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.RequestURI + " " + r.Header.Get("DirectLogin")
		answer(201, `{"token":"`+testToken+`"}`)(w, r)
	})
	cred, err := api.client.SignIn(t.Context(), "felix", "Str0ng!=Passw0rd")
	if err != nil || cred.Token != testToken {
		t.Fatal(err)
	}
	if want := `POST /my/logins/direct username="felix", password="Str0ng!=Passw0rd", consumer_key="key"`; got != want {
		t.Errorf("sent %s", got)
	}
	if s := fmt.Sprintf("%v %+v %#v", cred, cred, cred); strings.Contains(s, testToken) {
		t.Error("a printed credential shows its token")
	}
	got = ""
	for _, c := range []struct{ user, pass, field string }{
		{"a,b", "x", "username"}, {"søren", "x", "username"}, {"a", "x,y", "password"}, {"a", "pässword", "password"},
		{"a", `"x"`, "password"}, {"a", strings.Repeat("x", 513), "password"},
	} {
		var fe *FieldError
		if _, err := api.client.SignIn(t.Context(), c.user, c.pass); !errors.As(err, &fe) || fe.Field != c.field || strings.Contains(fe.Error(), c.pass) {
			t.Errorf("%q %q: got %v", c.user, c.pass, err)
		}
	}
	if got != "" {
		t.Error("something was sent")
	}
}

func TestDeleteEntitlementRequest(t *testing.T) {
	for body, want := range map[string]bool{"true": true, "false": false} {
		got, err := scripted(t, answer(200, body)).DeleteEntitlementRequest(t.Context(), "r1")
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v", body, got, err)
		}
	}
	if err := scripted(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }).DeleteEntitlement(t.Context(), "u", "e"); err != nil {
		t.Errorf("204 is success, got %v", err)
	}
}

func TestMeterCounts(t *testing.T) {
	api := scripted(t, answer(200, `{"list":[]}`))
	ctx, m := WithMeter(t.Context())
	for range 2 {
		if _, err := api.MyEntitlements(ctx); err != nil {
			t.Fatal(err)
		}
	}
	calls, took := m.Totals()
	status, corr := m.Last()
	if calls != 2 || took <= 0 || status != 200 || corr != "corr-1" {
		t.Errorf("got %d calls, %v, %d, %q", calls, took, status, corr)
	}
}

func TestBreakerOpensAndSaysSo(t *testing.T) {
	api := scripted(t, answer(503, `{"message":"OBP-50000: down"}`))
	for range 10 {
		_, _ = api.DeleteEntitlementRequest(t.Context(), "r")
	}
	_, err := api.DeleteEntitlementRequest(t.Context(), "r")
	if e, _ := AsError(err); e == nil || e.Kind() != KindUnavailable || e.Status != 0 || e.Unanswered {
		t.Errorf("got %+v", e)
	}
}

func TestBaseURL(t *testing.T) {
	for base, ok := range map[string]bool{
		"https://obp.example.com": true, "http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:1": true,
		"http://obp.example.com": false, "http://inner:80": true, "https://a:b@obp.example.com": false, "ftp://x": false,
		"": false, "obp.example.com": false, "https://obp.example.com?x=1": false,
	} {
		if err := CheckBaseURL(base, []string{"inner"}); (err == nil) != ok {
			t.Errorf("%q: got %v", base, err)
		}
	}
}
