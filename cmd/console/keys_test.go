package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A key is made once, with mode 0600, and said without being shown.
func TestKeyFile(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	file := filepath.Join(t.TempDir(), sessionKeyFile)
	made, err := keyOr(secretKey{}, "SESSION_KEY", file, log)
	if err != nil || made == [32]byte{} {
		t.Fatal(made, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if s := said.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "SESSION_KEY") || !strings.Contains(s, file) ||
		strings.Contains(s, strings.TrimSpace(string(text))) {
		t.Errorf("said %q", s)
	}
	said.Reset()
	if again, err := keyOr(secretKey{}, "SESSION_KEY", file, log); err != nil || again != made || said.Len() > 0 {
		t.Errorf("at the next start: another key, %v, or a line %q", err, said.String())
	}
	if given, err := keyOr(secretKey{5}, "SESSION_KEY", file, log); err != nil || given != (secretKey{5}) {
		t.Errorf("the setting does not go first: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeyFileJunk(t *testing.T) {
	file := filepath.Join(t.TempDir(), journalKeyFile)
	if err := os.WriteFile(file, []byte("hunter2!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := keyOr(secretKey{}, "JOURNAL_KEY", file, slog.New(slog.DiscardHandler))
	var m Mistake
	if !errors.As(err, &m) || m.Name != "JOURNAL_KEY" || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestDataDir(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := openDataDir(dir, log); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 || said.Len() > 0 {
		t.Errorf("mode %v, %v, said %q", info.Mode(), err, said.String())
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := openDataDir(dir, log); err != nil || !strings.Contains(said.String(), "0700") {
		t.Errorf("%v, said %q", err, said.String())
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var m Mistake
	if err := openDataDir(filepath.Join(file, "x"), log); !errors.As(err, &m) || m.Name != "DATA_DIR" {
		t.Error(err)
	}
}
