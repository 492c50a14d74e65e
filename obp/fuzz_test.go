package obp

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// readers are the shapes of answers, each with how to tell a hole in one.
var readers = []struct {
	name string
	read func(*API, ctx) (whole bool, err error)
}{
	{"users", reads((*API).UsersByEmail, "m")},
	{"requests", readsAll((*API).EntitlementRequests)},
	{"roles", readsAll((*API).Roles)},
	{"banks", readsAll((*API).Banks)},
	{"my roles", readsAll((*API).MyEntitlements)},
	{"customers", readsAll((*API).CurrentUserCustomers)},
	{"accounts", readsAll((*API).MyAccounts)},
	{"bare array", reads((*API).BankAccounts, "b")},
	{"contexts", reads((*API).AuthContexts, "u")},
	{"attributes", readsAll((*API).MyAttributes)},
	{"views", func(a *API, ctx ctx) (bool, error) { l, err := a.AccountViews(ctx, "b", "a"); return whole(l), err }},
	{"permissions", func(a *API, ctx ctx) (bool, error) {
		l, err := a.AccountPermissions(ctx, "b", "a")
		return whole(l), err
	}},
	{"view", func(a *API, ctx ctx) (bool, error) { v, err := a.SystemView(ctx, "v"); return v.ID != "", err }},
	{"user", func(a *API, ctx ctx) (bool, error) { u, err := a.CurrentUser(ctx); return u.UserID != "", err }},
	{"bank", func(a *API, ctx ctx) (bool, error) { b, err := a.Bank(ctx, "b"); return b.ID != "", err }},
	{"correlated", func(a *API, ctx ctx) (bool, error) {
		c, err := a.CorrelatedUsers(ctx, "b", "c")
		return c.Users != nil, err
	}},
	{"challenge", func(a *API, ctx ctx) (bool, error) {
		c, err := a.AnswerChallenge(ctx, "b", "i", "1")
		return c.Status != "" && c.ID != "", err
	}},
	{"spaces", func(a *API, ctx ctx) (bool, error) { s, err := a.MySpaces(ctx); return s != nil, err }},
	{"ids", func(a *API, ctx ctx) (bool, error) { s, err := a.PrivateAccountIDs(ctx, "b"); return s != nil, err }},
	{"closed", func(a *API, ctx ctx) (bool, error) { _, err := a.DeleteEntitlementRequest(ctx, "r"); return true, err }},
}

func whole[T row](l []T) bool {
	for _, r := range l {
		if r.id() == "" {
			return false
		}
	}
	return l != nil
}

func readsAll[T row](f func(*API, ctx) ([]T, error)) func(*API, ctx) (bool, error) {
	return func(a *API, ctx ctx) (bool, error) { l, err := f(a, ctx); return whole(l), err }
}

func reads[T row](f func(*API, ctx, string) ([]T, error), arg string) func(*API, ctx) (bool, error) {
	return func(a *API, ctx ctx) (bool, error) { l, err := f(a, ctx, arg); return whole(l), err }
}

// FuzzAnswers gives any bytes with any status to each reader: it is read
// whole, or it is an error of ours without the token.
func FuzzAnswers(f *testing.F) {
	for _, file := range []string{"01-session", "02-users", "05-entitlement-requests", "07-customers", "08-auth-contexts", "10-supporting"} {
		for _, x := range readJSON[[]exchange](f, "testdata/recorded/"+file+".json") {
			for i := range readers {
				if len(x.Response.Body) < 1000 {
					f.Add(uint8(i), x.Response.Status, []byte(x.Response.Body))
				}
			}
		}
	}
	f.Add(uint8(10), 200, []byte(`{"views":[{"id":"v","can_x":true,"is_system":null}]}`))
	f.Add(uint8(0), 503, []byte(`<html>`))
	f.Add(uint8(0), 400, []byte(`{"message":"OBP-20003: `+testToken+`"}`))
	status, body := 0, []byte(nil)
	c, err := New(Config{BaseURL: "https://obp.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	c.rest.SetTransport(roundTrip(func(r *http.Request) (*http.Response, error) { return replied(r, status, string(body)), nil }))
	api := c.As(Credential{"DirectLogin", testToken})
	f.Fuzz(func(t *testing.T, n uint8, s int, b []byte) {
		if status, body = s, b; s < 200 || s > 599 || s >= 502 && s <= 504 {
			status = 500
		}
		reader := readers[int(n)%len(readers)]
		whole, err := reader.read(api, t.Context())
		e, ours := AsError(err)
		switch {
		case err == nil && !whole:
			t.Errorf("%s: %d %q was read with a hole", reader.name, status, b)
		case err != nil && (!ours || e.Kind() == KindOther || strings.Contains(e.Error()+e.Message+e.BankID, testToken)):
			t.Errorf("%s: got %+v", reader.name, err)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{`null`, `""`, `"1990-01-02"`, `"1990-01-02T00:00:00Z"`, `"0000-00-00"`, `1`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Date
		if json.Unmarshal(b, &d) == nil && d != "" {
			if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
				t.Errorf("%q became %q", b, d)
			}
		}
	})
}

func FuzzWait(f *testing.F) {
	for _, s := range []string{"17", "-1", "Tue, 24 Nov 2026 12:00:30 GMT", "99999999999999999999"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d := wait(now, s); d < 0 || d > 31*24*time.Hour {
			t.Errorf("%q: %v", s, d)
		}
	})
}

// FuzzResetLink lets no link pass whose host a browser could read differently.
func FuzzResetLink(f *testing.F) {
	for _, s := range []string{"https://obp.example.com/x", "https://obp.example.com@evil.com", `https://obp.example.com\@evil.com`, "https://obp.example.com:443/"} {
		f.Add(s)
	}
	c, err := New(Config{BaseURL: "https://obp.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !c.allowedLink(s, []string{"obp.example.com"}) {
			return
		}
		u, err := url.Parse(s)
		rest, ok := strings.CutPrefix(strings.ToLower(s), "https://obp.example.com")
		if err != nil || u.User != nil || !ok || rest != "" && !strings.ContainsAny(rest[:1], "/?#") {
			t.Errorf("%q passed", s)
		}
	})
}

// FuzzSignIn reads the header as OBP does and finds what was typed.
func FuzzSignIn(f *testing.F) {
	f.Add("felix", "Str0ng!=Passw0rd")
	f.Add(`a"b`, "x y")
	f.Fuzz(func(t *testing.T, name, password string) {
		if CheckSignIn(name, password) != nil || name == "" || password == "" {
			return
		}
		got := map[string]string{}
		for p := range strings.SplitSeq(`username="`+name+`", password="`+password+`", consumer_key="k"`, ",") {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			got[k] = strings.TrimSuffix(strings.TrimPrefix(v, `"`), `"`)
		}
		if got["username"] != name || got["password"] != password || got["consumer_key"] != "k" || len(got) != 3 {
			t.Errorf("%q %q arrive as %q", name, password, got)
		}
	})
}
