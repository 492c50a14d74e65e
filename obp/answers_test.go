package obp

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An answer without what was asked for is an error of every method: nothing
// reads as an empty list, as nobody, or as done.
func TestNothingIsNoAnswer(t *testing.T) {
	fill := map[reflect.Type]any{
		reflect.TypeFor[string](): "dauth.x", reflect.TypeFor[[]string](): []string{"dauth.x"},
		reflect.TypeFor[[]RoleAtBank](): []RoleAtBank{{"b", "r"}},
		reflect.TypeFor[[]View]():       []View{{ID: "dauth.x"}}, reflect.TypeFor[[]Attribute](): []Attribute{{ID: "dauth.x"}},
		reflect.TypeFor[[]AuthContext](): []AuthContext{{ID: "dauth.x", UserID: "dauth.x"}},
		reflect.TypeFor[ctx]():           t.Context(), reflect.TypeFor[SCAMethod](): SCAEmail,
	}
	keys := "banks roles bank_ids users list entitlement_requests permissions views accounts customers user_customer_links user_auth_contexts user_attributes"
	null, row := "{", "{"
	for _, k := range strings.Fields(keys) {
		null += fmt.Sprintf("%q:null,", k)
		row += fmt.Sprintf("%q:[null],", k)
	}
	api := reflect.TypeFor[*API]()
	tried := 0
	for _, body := range []string{"null", "{}", null + `"x":0}`, row + `"x":0}`, "[null]", "", "{", `"text"`, "0"} {
		server := scripted(t, answer(200, body))
		for i := range api.NumMethod() {
			m := api.Method(i)
			if m.Type.NumIn() < 2 {
				continue // String
			}
			in := []reflect.Value{reflect.ValueOf(server)}
			for j := 1; j < m.Type.NumIn(); j++ {
				if v, ok := fill[m.Type.In(j)]; ok {
					in = append(in, reflect.ValueOf(v))
				} else {
					in = append(in, reflect.New(m.Type.In(j)).Elem())
				}
			}
			out := m.Func.Call(in)
			var err error
			switch last := out[len(out)-1].Interface().(type) {
			case error:
				err = last
			case iter.Seq2[User, error]:
				for _, e := range last {
					err = e
				}
			case iter.Seq2[CustomerKey, error]:
				for _, e := range last {
					err = e
				}
			case iter.Seq2[Customer, error]:
				for _, e := range last {
					err = e
				}
			}
			if KindOf(err) != KindJunk {
				if body == "" && m.Name == "DeleteEntitlement" && err == nil {
					continue // no body is its success
				}
				t.Errorf("%s answered with %q: %v", m.Name, body, err)
			}
			if len(out) == 2 && out[0].Kind() == reflect.Slice && !out[0].IsNil() {
				t.Errorf("%s answered with %q gives a list beside its error", m.Name, body)
			}
			tried++
		}
	}
	t.Logf("%d answers tried", tried)
}

// What OBP adds or garbles inside a good answer.
func TestOddAnswers(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"unknown fields", `{"user_id":"u","x":[{}],"username":"n"}`, "n"},
		{"null text", `{"user_id":"u","username":null}`, ""},
		{"invalid UTF-8", "{\"user_id\":\"u\",\"username\":\"a\xffb\"}", "a\ufffdb"},
		{"number as text", `{"user_id":"u","username":7}`, "error"},
		{"text as flag", `{"user_id":"u","is_locked":"no"}`, "error"},
		{"bad date", `{"user_id":"u","last_marketing_agreement_signed_date":"soon"}`, "error"},
		{"two objects", `{"user_id":"u"}{"user_id":"v"}`, "error"},
	} {
		u, err := scripted(t, answer(200, c.body)).CurrentUser(t.Context())
		got := u.Username
		if err != nil {
			got = "error"
		}
		if got != c.want || err != nil && KindOf(err) != KindJunk {
			t.Errorf("%s: got %q, %v", c.name, u.Username, err)
		}
	}
	for text, want := range map[string]Date{
		`null`: "", `""`: "", `"1990-01-02"`: "1990-01-02", `"1990-01-02T00:00:00Z"`: "1990-01-02", `"1990-01-02T23:00:00-05:00"`: "1990-01-02",
		`"1990"`: "error", `"1990-13-01"`: "error", `"1990-01-02T"`: "error", `7`: "error", `"yesterday, perhaps"`: "error",
	} {
		var d Date
		if err := d.UnmarshalJSON([]byte(text)); err != nil {
			d = "error"
		}
		if d != want {
			t.Errorf("%s: got %q, want %q", text, d, want)
		}
	}
}

// Only JSON is OBP's own answer, whatever the status says.
func TestContentTypes(t *testing.T) {
	const ok, refusal = `{"banks":[]}`, `{"code":401,"message":"OBP-20001: User not logged in."}`
	for _, c := range []struct {
		kind   string
		status int
		body   string
		want   Kind
		none   bool
	}{
		{"application/json", 200, ok, 0, true},
		{"application/json;charset=utf-8", 200, ok, 0, true},
		{"Application/JSON; charset=UTF-8", 200, ok, 0, true},
		{"application/jsonp", 200, ok, KindJunk, false},
		{"text/html", 200, ok, KindJunk, false},
		{"", 200, ok, KindJunk, false},
		{"text/html", 401, refusal, KindJunk, false},
		{"text/html", 403, refusal, KindJunk, false},
		{"application/json", 401, refusal, KindSignedOut, false},
		{"application/json", 401, `{"error":"no"}`, KindJunk, false},
		{"application/json", 401, `{"message":7}`, KindJunk, false},
		{"text/html", 429, "slow down", KindLimited, false},
		{"text/html", 500, "oops", KindUnavailable, false},
		{"application/json", 304, "", KindJunk, false},
		{"application/json", 204, "", KindJunk, false},
	} {
		api := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.kind}
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		_, err := api.Banks(t.Context())
		if KindOf(err) != c.want || (err == nil) != c.none {
			t.Errorf("%d %s %s: got %v, want kind %d", c.status, c.kind, c.body, err, c.want)
		}
	}
}

// Codes count where OBP puts them, not inside what somebody typed; and no
// secret of the call stays in what is kept of a refusal.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		message string
		status  int
		want    Error
	}{
		{"OBP-20027: User not found by provider and username.(OBP-20003: x)", 404,
			Error{Code: "OBP-20027", kind: KindNotFound, Message: "User not found by provider and username.(OBP-20003: x)"}},
		{"OBP-30064: Cannot revoke account access. Current ViewId is x <- OBP-30065: Cannot find account access.", 400,
			Error{Code: "OBP-30064", Causes: []string{"OBP-30065"}, kind: KindNotFound, Message: "Cannot revoke account access. Current ViewId is x <- OBP-30065: Cannot find account access."}},
		{"OBP-50200: No. <- OBP-20003: bad:hunter2", 400, Error{Code: "OBP-50200", Causes: []string{"OBP-20003"}, kind: KindSignedOut}},
		{"OBP-50200: echo s3cr3t-word here", 400, Error{Code: "OBP-50200", kind: KindInvalid, Message: "echo [removed] here"}},
		{"OBP-20006: User is missing one or more roles: CanX for BankId(s3cr3t-word).", 403,
			Error{Code: "OBP-20006", kind: KindMissingRole, Roles: []string{"CanX"}, Message: "User is missing one or more roles: CanX for BankId([removed])."}},
		{"OBP-20006: User is missing one or more roles: CanX or CanY for BankId(b.1).", 403,
			Error{Code: "OBP-20006", kind: KindMissingRole, Roles: []string{"CanX", "CanY"}, BankID: "b.1", Message: "User is missing one or more roles: CanX or CanY for BankId(b.1)."}},
		{"OBP-20050: Current User is not a Super Admin! orOBP-20006: User is missing one or more roles: CanA BankId(b). orOBP-20006: User is missing one or more roles: CanB", 403,
			Error{Code: "OBP-20050", Causes: []string{"OBP-20006"}, kind: KindMissingRole, Roles: []string{"CanA", "CanB"}, BankID: "b",
				Message: "Current User is not a Super Admin! orOBP-20006: User is missing one or more roles: CanA BankId(b). orOBP-20006: User is missing one or more roles: CanB"}},
		{"OBP-20023: Consumer is missing one or more roles:CanCreateUserAuthContextUpdate", 403,
			Error{Code: "OBP-20023", kind: KindConsumerKey, Message: "Consumer is missing one or more roles:CanCreateUserAuthContextUpdate"}},
		{"OBP-200060: no such code", 400, Error{kind: KindInvalid}},
		{"", 409, Error{kind: KindExists}},
		{"OBP-01000: Request Timeout.", 408, Error{Code: "OBP-01000", kind: KindTimeout, Message: "Request Timeout."}},
		{"OBP-10018: " + strings.Repeat("é", 20_000), 429, Error{Code: "OBP-10018", kind: KindLimited, Message: strings.Repeat("é", 150) + "…"}},
	} {
		got := Error{Status: c.status}
		got.fill(c.message, "s3cr3t-word", "")
		c.want.Status = c.status
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(Error{}), cmp.Transformer("none", func(s []string) string { return strings.Join(s, " ") })); d != "" {
			t.Errorf("%.60s: %s", c.message, d)
		}
	}
	e := &Error{Code: "OBP-1", Causes: []string{"OBP-2"}}
	if !e.HasCode("OBP-1") || !e.HasCode("OBP-2") || e.HasCode("OBP-3") {
		t.Error("HasCode")
	}
	if KindOf(io.EOF) != KindOther {
		t.Error("an error of others has a kind")
	}
	api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Correlation-Id", "token="+testToken)
		w.WriteHeader(400)
		io.WriteString(w, `{"message":"OBP-20011: Value contains invalid characters: Pa55word in key"}`)
	})
	_, err := api.client.SignIn(t.Context(), "felix", "Pa55word")
	if e, _ := AsError(err); e == nil || strings.Contains(fmt.Sprintf("%+v", *e), "Pa55word") || e.CorrelationID != "" {
		t.Errorf("got %+v", e)
	}
	for _, token := range []string{"", strings.Repeat("x", 513), `a"b`, "a b"} {
		if _, err := scripted(t, answer(201, `{"token":`+jsonText(token)+`}`)).client.SignIn(t.Context(), "felix", "x"); KindOf(err) != KindJunk {
			t.Errorf("token %.9q: got %v", token, err)
		}
	}
}

func TestWait(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"17": 17 * time.Second, " 17 ": 17 * time.Second, "0": 0, "-1": 0, "": 0, "soon": 0, "1.5": 0,
		"Tue, 24 Nov 2026 12:00:30 GMT": 30 * time.Second, "Tue, 24 Nov 2026 11:00:00 GMT": 0,
		"2147483647": 31 * 24 * time.Hour, "99999999999": 0, "Tue, 24 Nov 2099 12:00:00 GMT": 31 * 24 * time.Hour,
	} {
		if got := wait(now, header); got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
	if got := wait(now, "", "-1", "9"); got != 9*time.Second {
		t.Errorf("got %v, want the first that says something", got)
	}
}
