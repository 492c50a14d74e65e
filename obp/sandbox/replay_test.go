package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

type scenario struct {
	Scenario string `json:"scenario"`
	Steps    []struct {
		Name    string            `json:"name"`
		As      string            `json:"as"`
		Capture map[string]string `json:"capture"`
		Asked   []string          `json:"out_of_band"` // one-time passwords that no call shows
		Request struct {
			Method      string            `json:"method"`
			Path        string            `json:"path"`
			Headers     map[string]string `json:"headers"`
			ContentType *string           `json:"content_type"`
			RawBody     *string           `json:"raw_body"`
			Body        any               `json:"body"`
		} `json:"request"`
		Response struct {
			Status    int               `json:"status"`
			Headers   map[string]string `json:"headers"`
			Body      any               `json:"body"`
			BodyEmpty bool              `json:"body_empty"`
			Volatile  []string          `json:"volatile"`
		} `json:"response"`
	} `json:"steps"`
}

// TestReplay plays recordings of a real server against the stand-in.
// OBP_RECORDINGS names another folder with a world.json and NN-*.json.
func TestReplay(t *testing.T) {
	dir := cmp.Or(os.Getenv("OBP_RECORDINGS"), filepath.Join("testdata", "recordings"))
	f, err := os.Open(filepath.Join(dir, "world.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	world, err := ReadWorld(f)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	good, bad := 0, 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sc scenario
		if err := json.Unmarshal(b, &sc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		t.Run(sc.Scenario, func(t *testing.T) {
			g, n := replay(t, world, sc)
			good, bad = good+g, bad+n
		})
	}
	t.Logf("%d passed, %d failed", good, bad)
	if os.Getenv("OBP_RECORDINGS") == "" && good != 284 {
		t.Errorf("%d of 284 steps passed", good)
	}
}

func replay(t *testing.T, world World, sc scenario) (good, bad int) {
	s, err := New(world, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := player{s: s, env: map[string]string{}, tokens: map[string]string{}}
	for _, st := range sc.Steps {
		if u := s.local(st.As); u != nil && p.tokens[st.As] == "" {
			p.signIn(t, world, u)
		}
	}
	for _, st := range sc.Steps {
		h := map[string]string{}
		if tok := p.tokens[st.As]; tok != "" {
			h["DirectLogin"] = `token="` + tok + `"`
		}
		for k, v := range st.Request.Headers {
			h[k] = p.fill(v)
		}
		body := ""
		if st.Request.RawBody != nil {
			body = *st.Request.RawBody
		} else if st.Request.Body != nil {
			b, _ := json.Marshal(st.Request.Body)
			body = p.fill(string(b))
		}
		if m := st.Request.Method; m == http.MethodPost || m == http.MethodPut {
			h["Content-Type"] = "application/json"
			if st.Request.ContentType != nil {
				h["Content-Type"] = *st.Request.ContentType
			}
		}
		rec := p.send(st.Request.Method, p.fill(st.Request.Path), h, body)
		text := p.hideTokens(rec.Body.String())
		doc := parse(text)
		for name, ptr := range st.Capture {
			if v, ok := at(doc, ptr); ok {
				p.env[name] = fmt.Sprint(v)
			}
		}
		for _, name := range st.Asked {
			for captured := range st.Capture {
				p.env[name] = p.send("GET", "/sandbox/otp/"+p.env[captured], nil, "").Body.String()
			}
		}
		why := ""
		names := map[string]bool{}
		for _, v := range st.Response.Volatile {
			names[index.ReplaceAllString(v, "/*$1")] = true
		}
		switch {
		case rec.Code != st.Response.Status:
			why = fmt.Sprintf("status %d expected, %d came: %.200s", st.Response.Status, rec.Code, text)
		case st.Response.BodyEmpty && text != "":
			why = "no body expected, came: " + text
		case !st.Response.BodyEmpty:
			sets := len(names) > 0 || anyOrder[st.Name] || os.Getenv("OBP_RECORDINGS") != ""
			why = gocmp.Diff(blank(st.Response.Body, names, "", sets), blank(p.back(doc), names, "", sets))
		}
		for k, v := range st.Response.Headers {
			got := rec.Header().Get(k)
			if v == "*" && got == "" || slices.Contains([]string{"Range", "Www-Authenticate", "WWW-Authenticate", "Content-Type"}, k) && v != "*" && got != v {
				why += fmt.Sprintf(" header %s: %q expected, %q came", k, v, got)
			}
		}
		if why != "" {
			bad++
			t.Errorf("%s: %s %s: %s", st.Name, st.Request.Method, st.Request.Path, why)
		} else {
			good++
		}
	}
	return good, bad
}
