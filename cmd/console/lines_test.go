package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

func linesOf(t *testing.T, text string) (out []journal.Line) {
	t.Helper()
	for part := range strings.Lines(text) {
		var l journal.Line
		if !strings.Contains(part, `"stream":"journal"`) {
			continue // of the log, on stderr
		}
		if err := json.Unmarshal([]byte(part), &l); err != nil {
			t.Fatalf("%v in %q", err, part)
		}
		out = append(out, l)
	}
	return out
}

// Each entry goes to the file as one line; after SIGHUP to a new one, so that
// the old can be moved away, and no line is lost. What the command prints is
// the same.
func TestJournalLines(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "lines.json")
	p := start(t, []string{"DATA_DIR=" + dir, "JOURNAL_LINES=" + file, "LOG_LEVEL=info"}, "demo", "-addr", "127.0.0.1:0")
	who := sandbox.DemoPeople()[0]
	signIn(t, p.url, who.Username, who.Password)
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	signIn(t, p.url, who.Username, who.Password) // still to the old one
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.errs.wait(t, "opened anew")
	signIn(t, p.url, who.Username, who.Password)
	p.terminate()
	p.stopped()
	read := func(name string) string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	old, fresh := linesOf(t, read(file+".1")), linesOf(t, read(file))
	if len(old) < 3 || old[len(old)-1].Act != "sign_in" || len(fresh) != 2 || fresh[0].Act != "sign_in" || fresh[1].Act != "stop" || fresh[0].N != old[len(old)-1].N+1 || fresh[0].Operator == "" {
		t.Fatalf("before: %+v\nafter: %+v", old, fresh)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if s := read(file+".1") + read(file); strings.Contains(s, who.Username) || strings.Contains(s, "127.0.0.1") {
		t.Errorf("a line tells who or from where: %s", s)
	}
	var out bytes.Buffer
	env := func(name string) string { return map[string]string{"DATA_DIR": dir}[name] }
	if code := run(t.Context(), []string{"journal", "lines"}, env, &out, &out); code != 0 || out.String() != read(file+".1")+read(file) {
		t.Errorf("exit %d:\n%s", code, out.String())
	}
	for _, args := range [][]string{{"-after", "-1"}, {"-db", file + ".none"}, {"more"}} {
		out.Reset()
		if code := run(t.Context(), append([]string{"journal", "lines"}, args...), env, &out, &out); code != exitUsage || out.Len() == 0 {
			t.Errorf("%v: exit %d %s", args, code, out.String())
		}
	}
}

// On stderr the lines stand among those of the log, each whole.
func TestJournalLinesOnStderr(t *testing.T) {
	p := start(t, []string{"DATA_DIR=" + t.TempDir(), "JOURNAL_LINES=stderr", "LOG_LEVEL=info", "LOG_FORMAT=json"}, "demo", "-addr", "127.0.0.1:0")
	who := sandbox.DemoPeople()[0]
	signIn(t, p.url, who.Username, who.Password)
	p.terminate()
	p.stopped()
	for line := range strings.Lines(p.errs.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not a line of JSON: %q", line)
		}
	}
	got := linesOf(t, p.errs.String())
	heads := strings.Count(p.errs.String(), `"msg":"journal head"`)
	if len(got) != heads || len(got) < 3 || got[0].Act != "start" || got[len(got)-1].Act != "stop" {
		t.Errorf("%d lines, %d heads: %+v", len(got), heads, got)
	}
}

// A file that may be cut goes on at its end; a line after one that was cut off
// begins anew; a file that cannot be opened keeps the former one.
func TestLineFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "sub", "lines")
	if _, _, err := journalLines(Config{JournalLines: name}, nil, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "JOURNAL_LINES") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := os.Mkdir(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := openLines(name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write := func(s string) {
		t.Helper()
		if _, err := l.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	l.torn = true
	write("two\n")
	write("three\n")
	if b, err := os.ReadFile(name); err != nil || string(b) != "\ntwo\nthree\n" {
		t.Errorf("%q %v", b, err)
	}
	if err := os.RemoveAll(filepath.Dir(name)); err != nil {
		t.Fatal(err)
	}
	if l.reopen() == nil {
		t.Error("opened in a folder that is gone")
	}
	write("four\n")
}
