package main

import (
	"strings"
	"testing"
	"time"
)

// Erasing is recorded, and the journal still verifies; what is wanted has to be
// clear.
func TestJournalErase(t *testing.T) {
	dir := t.TempDir()
	p := start(t, []string{"DATA_DIR=" + dir}, "demo", "-addr", "127.0.0.1:0")
	p.terminate()
	p.stopped()
	env := func(name string) string { return map[string]string{"DATA_DIR": dir}[name] }
	journal := func(args ...string) (int, string) {
		var out strings.Builder
		code := run(t.Context(), append([]string{"journal"}, args...), env, &out, &out)
		return code, out.String()
	}
	for _, args := range [][]string{{"erase"}, {"erase", "-reason", "x"}, {"erase", "-before", "soon", "-reason", "x", "-by", "y"},
		{"erase", "-before", "2020-01-01", "-person", "u", "-reason", "x", "-by", "y"}, {"erase", "-db", dir + "/none.db", "-reason", "x", "-by", "y"}} {
		if code, out := journal(args...); code != exitUsage || out == "" {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
	today := time.Now().UTC().Format(time.DateOnly)
	code, out := journal("erase", "-before", today, "-reason", "the ten years are over", "-by", "Olga")
	if code != 0 || !strings.Contains(out, "texts erased") {
		t.Errorf("exit %d, %s", code, out)
	}
	if got := strings.Join(acts(t, dir), " "); got != "start stop erase" {
		t.Errorf("journal: %s", got)
	}
	if code, out := journal("verify"); code != 0 || !strings.Contains(out, "intact to entry") {
		t.Errorf("verify: exit %d, %s", code, out)
	}
}
