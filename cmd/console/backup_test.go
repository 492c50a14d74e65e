package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
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

// A back-up is made with a key that stands in a file, and is restored after the
// key changed, by the former one; not without it. The key that the restore
// sealed it with then verifies it alone.
func TestBackupKeysInFiles(t *testing.T) {
	dir := t.TempDir()
	former, now := fileOf(t, strings.Repeat("1a", 32)+"\n"), fileOf(t, strings.Repeat("1b", 32)+"\n")
	command := func(env map[string]string, args ...string) (int, string) {
		var out strings.Builder
		env["DATA_DIR"] = dir
		code := run(t.Context(), append([]string{"journal"}, args...), func(name string) string { return env[name] }, &out, &out)
		return code, out.String()
	}
	file := filepath.Join(dir, journalFile)
	key := [32]byte(bytes.Repeat([]byte{0x1a}, 32))
	j, err := journal.Open(t.Context(), journal.Options{Path: file, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Record(t.Context(), journal.Entry{Act: journal.ActSignIn, Operator: journal.Party{UserID: "u"}}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "journal.backup")
	if code, said := command(map[string]string{"JOURNAL_KEY_FILE": former, "JOURNAL_KEY": "x"}, "backup", backup); code != exitUsage || !strings.Contains(said, "JOURNAL_KEY_FILE") {
		t.Errorf("two ways at once: exit %d, %s", code, said)
	}
	if code, said := command(map[string]string{}, "backup", backup); code != exitUsage || !strings.Contains(said, "JOURNAL_KEY") {
		t.Errorf("without a key: exit %d, %s", code, said)
	}
	if code, said := command(map[string]string{"JOURNAL_KEY_FILE": former}, "backup", backup); code != 0 || !strings.Contains(said, "intact to entry 1") {
		t.Fatalf("exit %d, %s", code, said)
	}
	restore := []string{"restore", backup, "-head", "unknown", "-reason", "disk lost", "-by", "Olga"}
	if code, said := command(map[string]string{"JOURNAL_KEY_FILE": now}, restore...); code == 0 {
		t.Errorf("restored with a key that did not seal it: %s", said)
	}
	both := map[string]string{"JOURNAL_KEY_FILE": now, "JOURNAL_KEY_PREVIOUS_FILE": former}
	if code, said := command(both, restore...); code != 0 || !strings.Contains(said, "restored to entry 2") {
		t.Fatalf("after the rotation: exit %d, %s", code, said)
	}
	for name, env := range map[string]map[string]string{"both keys": both, "the new one": {"JOURNAL_KEY_FILE": now}} {
		if code, said := command(env, "verify"); code != 0 || !strings.Contains(said, "intact to entry 2") {
			t.Errorf("verify with %s: exit %d, %s", name, code, said)
		}
	}
	if code, said := command(map[string]string{"JOURNAL_KEY_FILE": former}, "verify"); code != exitFailed {
		t.Errorf("verify with the former key alone: exit %d, %s", code, said)
	}
}
