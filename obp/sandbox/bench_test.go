package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
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
