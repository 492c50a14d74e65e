package obp

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func userPage(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"user_id":"98fb03d6-a48c-42d5-8ef2-%012d","email":"user%d@example.com","provider_id":"user.%d","provider":"http://127.0.0.1:8080","username":"user.%d","entitlements":{"list":[{"entitlement_id":"6fb17583-1e49-4435-bb74-%012d","role_name":"CanGetAnyUser","bank_id":""}]},"is_deleted":false,"last_marketing_agreement_signed_date":null,"is_locked":false}`, i, i, i, i, i)
	}
	return `{"users":[` + strings.Join(rows, ",") + `]}`
}

func requestList(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"entitlement_request_id":"3d1f0d6c-7f5b-4a53-9f5d-%012d","user":{"user_id":"9ca9a7e4-6d02-40e3-a129-%012d","email":"user%d@example.com","provider_id":"user.%d","provider":"http://127.0.0.1:8080","username":"user.%d","entitlements":{"list":[{"entitlement_id":"6fb17583-1e49-4435-bb74-a14fe0996723","role_name":"CanGetAnyUser","bank_id":""},{"entitlement_id":"0f1b7b8e-5f0b-4d2f-9a0e-2f6d6b8f4a11","role_name":"CanCreateBranch","bank_id":"gh.29.uk"}]}},"role_name":"CanCreateAtm","bank_id":"gh.29.uk","created":"2026-10-16T08:15:30Z"}`, i, i%700, i, i, i)
	}
	return `{"entitlement_requests":[` + strings.Join(rows, ",") + `]}`
}

func benchAPI(b *testing.B, body string) (*API, string) {
	b.Helper()
	srv := httptest.NewServer(answer(200, body))
	b.Cleanup(srv.Close)
	c, err := New(Config{BaseURL: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	return c.As(Credential{"DirectLogin", testToken}), srv.URL
}

// A page of 50 people from a server that answers at once.
func BenchmarkGet50Users(b *testing.B) {
	api, _ := benchAPI(b, userPage(50))
	b.ReportAllocs()
	for b.Loop() {
		if u, err := api.UsersByEmail(b.Context(), "m"); err != nil || len(u) != 50 {
			b.Fatal(err)
		}
	}
}

// The same with net/http and json.Unmarshal alone.
func BenchmarkGet50UsersPlain(b *testing.B) {
	_, base := benchAPI(b, userPage(50))
	client := &http.Client{Transport: &http.Transport{}}
	b.ReportAllocs()
	for b.Loop() {
		r, _ := http.NewRequestWithContext(b.Context(), "GET", base+"/obp/v5.0.0/users", nil)
		r.Header.Set("DirectLogin", `token="`+testToken+`"`)
		resp, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		var l struct {
			Users []User `json:"users"`
		}
		if err != nil || json.Unmarshal(body, &l) != nil || len(l.Users) != 50 {
			b.Fatal(err)
		}
	}
}

// The smallest call.
func BenchmarkGetUserID(b *testing.B) {
	api, _ := benchAPI(b, `{"user_id":"98fb03d6-a48c-42d5-8ef2-ce09f8988f81"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := api.CurrentUserID(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// Reading the queue, without a network.
func BenchmarkDecodeRequests(b *testing.B) {
	for _, n := range []int{40, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			body := []byte(requestList(n))
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var l struct {
					List []EntitlementRequest `json:"entitlement_requests"`
				}
				q := call{out: &l}
				if err := q.read(200, "application/json;charset=utf-8", body); err != nil || len(l.List) != n {
					b.Fatal(err)
				}
			}
		})
	}
}
