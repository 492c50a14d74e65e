package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obpconsole/session/journal"
)

// The command tells an intact journal from one that was edited, cut, or sealed
// with another key (security 40).
func TestJournalVerify(t *testing.T) {
	file := filepath.Join(t.TempDir(), "journal.db")
	j, err := journal.Open(t.Context(), journal.Options{Path: file, Key: [32]byte{31: 7}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Record(t.Context(), journal.Entry{Act: journal.ActSignIn}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	n, hash := j.Head()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	verify := func(key string, args ...string) (int, string) {
		var b bytes.Buffer
		env := func(name string) string { return map[string]string{"JOURNAL_KEY": key}[name] }
		code := run(t.Context(), append([]string{"journal", "verify"}, args...), env, &b, &b)
		return code, b.String()
	}
	key, other := strings.Repeat("00", 31)+"07", strings.Repeat("00", 31)+"08"
	at := fmt.Sprintf("%d:%s", n, hash)
	for _, c := range []struct {
		key  string
		args []string
		code int
		says string
	}{
		{key, []string{"-db", file, "-head", at}, 0, "intact to entry 1, head " + at},
		{key, []string{"-db", file, "-head", "2:" + hash}, 1, "cut:"},
		{key, []string{"-db", file, "-head", "1:00"}, 1, "head:"},
		{other, []string{"-db", file}, 1, "not sealed"},
		{"zz", []string{"-db", file}, 2, "64 hex digits"},
		{"", []string{"-db", file}, 2, journalKeyFile},
		{key, []string{"-db", file + ".not"}, 2, "no such journal"},
		{key, []string{"-db", file, "-head", "x"}, 2, "N:HASH"},
		{key, []string{"-help"}, 0, "-head"},
	} {
		if code, text := verify(c.key, c.args...); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%v: exit %d, want %d; printed %s", c.args, code, c.code, text)
		}
	}
	if code := run(t.Context(), []string{"journal"}, noEnv, &bytes.Buffer{}, &bytes.Buffer{}); code != exitUsage {
		t.Errorf("no word after journal: exit %d", code)
	}
}

// An export is checked without the journal, by its key when there is one.
func TestJournalVerifyExport(t *testing.T) {
	dir := t.TempDir()
	key := [32]byte{31: 7}
	j, err := journal.Open(t.Context(), journal.Options{Path: filepath.Join(dir, journalFile), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Record(t.Context(), journal.Entry{Act: journal.ActSignIn}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := j.ExportNDJSON(t.Context(), &b, journal.Filter{Rights: journal.Rights{All: true}}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, c := range []struct {
		key, text string
		code      int
		says      string
	}{
		{strings.Repeat("00", 31) + "07", text, 0, "1 entries checked. Every entry"},
		{"", text, 0, "Without the journal's key"},
		{strings.Repeat("00", 31) + "07", strings.Replace(text, "sign_in", "sign_on", 1), 1, "edited"},
	} {
		file := filepath.Join(t.TempDir(), "export.ndjson")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := func(name string) string {
			return map[string]string{"JOURNAL_KEY": c.key, "DATA_DIR": t.TempDir()}[name]
		}
		var out bytes.Buffer
		if code := run(t.Context(), []string{"journal", "verify", "-export", file}, env, &out, &out); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("exit %d, want %d with %q; printed %s", code, c.code, c.says, out.String())
		}
	}
}
