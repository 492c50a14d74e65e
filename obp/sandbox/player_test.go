package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type player struct {
	s           *Server
	env, tokens map[string]string
}

func (p *player) send(method, path string, h map[string]string, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for k, v := range h {
		r.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	p.s.ServeHTTP(rec, r)
	return rec
}

func (p *player) signIn(t *testing.T, w World, u *User) {
	t.Helper()
	rec := p.send("POST", "/my/logins/direct", map[string]string{"DirectLogin": fmt.Sprintf(`username="%s", password="%s", consumer_key="%s"`, u.Username, u.Password, w.ConsumerKey)}, "")
	b, _ := io.ReadAll(rec.Body)
	var out struct{ Token string }
	if json.Unmarshal(b, &out) != nil || out.Token == "" {
		t.Fatalf("cannot sign in %s: %d %s", u.Username, rec.Code, b)
	}
	p.tokens[u.Username] = out.Token
}

var (
	index  = regexp.MustCompile(`/\d+(/|$)`)
	varRef = regexp.MustCompile(`\$\{([^}]+)\}`)
)

func (p *player) fill(s string) string {
	return varRef.ReplaceAllStringFunc(s, func(m string) string { return cmp.Or(p.env[m[2:len(m)-1]], m) })
}

func (p *player) hideTokens(s string) string {
	for _, tok := range p.tokens {
		s = strings.ReplaceAll(s, tok, "${token}")
	}
	return s
}

func (p *player) back(x any) any {
	switch v := x.(type) {
	case string:
		for n, val := range p.env {
			if len(val) > 7 {
				v = strings.ReplaceAll(v, val, "${"+n+"}")
			}
		}
		return v
	case []any:
		for i := range v {
			v[i] = p.back(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = p.back(v[k])
		}
	}
	return x
}

func parse(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	return v
}

func at(doc any, ptr string) (any, bool) {
	for _, part := range strings.Split(strings.Trim(ptr, "/"), "/") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(v) {
				return nil, false
			}
			doc = v[i]
		default:
			return nil, false
		}
	}
	return doc, doc != nil
}

// anyOrder are lists that the server itself gives in no order.
var anyOrder = map[string]bool{"all at a bank": true, "two, oldest first": true}

// blank puts types for volatile values, and sorts lists that compare as sets.
func blank(x any, names map[string]bool, ptr string, sets bool) any {
	if names[ptr] {
		return fmt.Sprintf("<%T>", x)
	}
	switch v := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for k := range v {
			out[k] = blank(v[k], names, ptr+"/"+k, sets)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = blank(v[i], names, ptr+"/*", sets)
		}
		if !sets {
			return out
		}
		slices.SortFunc(out, func(a, b any) int {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			return strings.Compare(string(x), string(y))
		})
		return out
	}
	return x
}
