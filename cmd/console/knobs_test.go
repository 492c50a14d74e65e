package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The stand-in can be made large, slow and faulty from the command line.
func TestSandboxKnobs(t *testing.T) {
	p := start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-users", "1000", "-latency", "1ms", "-fail", "GET /banks=503@1", "-seed", "7")
	res, err := http.Get(p.url + "/sandbox/world")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var w struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := json.NewDecoder(res.Body).Decode(&w); err != nil || len(w.Users) < 1000 {
		t.Errorf("%d users, %v", len(w.Users), err)
	}
	banks, err := http.Get(p.url + "/obp/v5.0.0/banks")
	if err != nil {
		t.Fatal(err)
	}
	banks.Body.Close()
	if banks.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("banks: %d", banks.StatusCode)
	}
}

func TestSandboxKnobsMistakes(t *testing.T) {
	for _, args := range [][]string{{"-users", "-1"}, {"-jitter", "5ms"}, {"-fail", "nonsense"}, {"-fail", "GET /no-such=503"}} {
		var out strings.Builder
		code := run(t.Context(), append([]string{"sandbox", "-addr", "127.0.0.1:0"}, args...), func(string) string { return "" }, &out, &out)
		if code != exitUsage || out.Len() == 0 {
			t.Errorf("%v: exit %d, %s", args, code, out.String())
		}
	}
}
