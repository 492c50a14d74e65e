package obp

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// exchange is one call that a scripted server waits for, and its answer.
type exchange struct {
	Request struct {
		Method string          `json:"method"`
		Path   string          `json:"path"` // without the version's prefix, when that is v5.0.0
		Body   json.RawMessage `json:"body"`
	} `json:"request"`
	Response struct {
		Status int             `json:"status"`
		Type   string          `json:"type"`
		Body   json.RawMessage `json:"body"`
	} `json:"response"`
}

// xc writes an exchange by hand: call is "METHOD /path", body "" means none.
func xc(call, sent string, status int, body string) exchange {
	var x exchange
	x.Request.Method, x.Request.Path, _ = strings.Cut(call, " ")
	x.Request.Body = json.RawMessage(sent)
	x.Response.Status, x.Response.Type, x.Response.Body = status, "application/json;charset=utf-8", json.RawMessage(body)
	return x
}

// script gives an API whose server answers these calls, in this order, and
// fails the test on any other call and on a missing one.
func script(t *testing.T, want ...exchange) *API {
	t.Helper()
	var mu sync.Mutex
	next := 0
	t.Cleanup(func() {
		for _, x := range want[next:] {
			t.Errorf("%s %s was not called", x.Request.Method, x.Request.Path)
		}
	})
	return scripted(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		sent, _ := io.ReadAll(r.Body)
		path := strings.TrimPrefix(r.RequestURI, "/obp/v5.0.0")
		if next == len(want) {
			t.Errorf("unexpected call: %s %s", r.Method, path)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		x := want[next]
		next++
		if r.Method != x.Request.Method || path != x.Request.Path {
			t.Errorf("call %d is %s %s, want %s %s", next, r.Method, path, x.Request.Method, x.Request.Path)
		}
		if got, ask := value(t, sent), value(t, x.Request.Body); !reflect.DeepEqual(got, ask) {
			t.Errorf("%s %s sent %s, want %s", r.Method, path, sent, x.Request.Body)
		}
		if r.Method == "POST" || r.Method == "PUT" {
			if r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s has Content-Type %q", r.Method, path, r.Header.Get("Content-Type"))
			}
		}
		if r.Header.Get("DirectLogin") != `token="`+testToken+`"` {
			t.Errorf("%s %s goes without the caller's token", r.Method, path)
		}
		if x.Response.Type != "" {
			w.Header().Set("Content-Type", x.Response.Type)
		}
		w.WriteHeader(x.Response.Status)
		w.Write(x.Response.Body)
	})
}

func value(t *testing.T, b []byte) (v any) {
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Errorf("%s: %v", b, err)
	}
	return v
}

// recorded finds calls of a recording in their order. A key is "METHOD /path",
// or "403 METHOD /path" where another answer than the first is meant.
func recorded(t *testing.T, file string, keys ...string) []exchange {
	t.Helper()
	all := readJSON[[]exchange](t, "testdata/recorded/"+file+".json")
	var out []exchange
	for _, key := range keys {
		found := false
		for i, x := range all {
			call := x.Request.Method + " " + x.Request.Path
			if call == key || http.StatusText(x.Response.Status) != "" && status(x.Response.Status)+" "+call == key {
				out, all, found = append(out, x), all[i+1:], true
				break
			}
		}
		if !found {
			t.Fatalf("%s has no further %s", file, key)
		}
	}
	return out
}

func status(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func readJSON[T any](t testing.TB, path string) T {
	t.Helper()
	var v T
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mapped[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

func jsonText(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
