package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obpconsole/obp/sandbox"
)

// The drill of the README: a back-up under load, a loss, a restore. The gap is
// told by the command, by verify and on the journal page, and nothing is
// restored under a console that serves.
func TestBackupDrill(t *testing.T) {
	dir := t.TempDir()
	env := func(name string) string { return map[string]string{"DATA_DIR": dir}[name] }
	command := func(args ...string) (int, string) {
		var out strings.Builder
		code := run(t.Context(), append([]string{"journal"}, args...), env, &out, &out)
		return code, out.String()
	}
	p := start(t, []string{"DATA_DIR=" + dir}, "demo", "-addr", "127.0.0.1:0")
	who := sandbox.DemoPeople()[0]
	var people sync.WaitGroup
	load := func() {
		for range 4 {
			people.Go(func() {
				for range 5 {
					signIn(t, p.url, who.Username, who.Password)
				}
			})
		}
	}
	file := filepath.Join(t.TempDir(), "journal.backup")
	load()
	code, said := command("backup", file)
	people.Wait()
	if info, err := os.Stat(file); code != 0 || err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(said, "intact to entry") {
		t.Fatalf("exit %d, %s, %v", code, said, err)
	}
	if code, said := command("backup", file); code != exitFailed || !strings.Contains(said, "exists") {
		t.Errorf("over another file: exit %d, %s", code, said)
	}
	if code, said := command("restore", file, "-head", "unknown", "-reason", "drill", "-by", "Olga"); code != exitFailed || !strings.Contains(said, "stop it first") {
		t.Errorf("under a console: exit %d, %s", code, said)
	}
	load() // lost by the restore
	people.Wait()
	p.terminate()
	p.stopped()
	_, said = command("verify")
	_, head, _ := strings.Cut(strings.TrimSpace(said), ", head ")
	if err := os.Remove(filepath.Join(dir, journalFile)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"restore"}, {"restore", file}, {"restore", file, "-head", "x", "-reason", "r", "-by", "b"}, {"restore", file + "x", "-head", head, "-reason", "r", "-by", "b"}, {"backup"}} {
		if code, said := command(args...); code != exitUsage || said == "" {
			t.Errorf("%v: exit %d, %s", args, code, said)
		}
	}
	code, said = command("restore", file, "-head", head, "-reason", "disk lost", "-by", "Olga")
	if code != 0 || !strings.Contains(said, "gap: entry") || !strings.Contains(said, head) {
		t.Fatalf("exit %d, %s", code, said)
	}
	if code, said := command("verify", "-head", head); code != 0 || !strings.Contains(said, "gap: entry") || !strings.Contains(said, "intact to entry") {
		t.Errorf("verify: exit %d, %s", code, said)
	}
	var n int
	fmt.Sscan(head, &n)
	if code, said := command("verify", "-head", fmt.Sprintf("%d:00", n)); code != exitFailed || !strings.Contains(said, "a back-up was restored") {
		t.Errorf("verify with a head that the gap does not state: exit %d, %s", code, said)
	}
	p = start(t, []string{"DATA_DIR=" + dir}, "demo", "-addr", "127.0.0.1:0")
	cookie := signIn(t, p.url, who.Username, who.Password)
	if _, page := visit(t, "GET", p.url+"/journal", cookie, nil); !strings.Contains(page, "A back-up was restored on") {
		t.Error("the journal page does not tell the gap")
	}
}
