package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the tests compare with")

// The README's table of settings is the Config struct's.
func TestReadmeSettings(t *testing.T) {
	const file = "../../README.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), "| name | default | meaning |")
	_, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		t.Fatal("the README has no table of settings")
	}
	want := before + settingsTable() + "\n" + after
	if want == string(b) {
		return
	}
	if !*update {
		t.Fatal("the README's table of settings is not the Config struct's; go test ./cmd/console -run Readme -update writes it")
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every field of Config has a name and a meaning, and serve's help tells it.
func TestSettingsTold(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"serve", "-help"}, noEnv, &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("exit %d, stderr %s", code, errs.String())
	}
	seen := map[string]bool{}
	for _, s := range settings() {
		if s.Name == "" || !strings.HasSuffix(s.Does, ".") || seen[s.Name] {
			t.Errorf("%+v", s)
		}
		seen[s.Name] = true
		if !strings.Contains(out.String(), "  "+s.Name+" (default ") || !strings.Contains(out.String(), s.Does) {
			t.Errorf("serve -help does not tell %s", s.Name)
		}
	}
}
