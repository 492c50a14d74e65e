package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Files of DATA_DIR.
const (
	sessionsFile   = "sessions.db"
	sessionKeyFile = "session.key"
	journalFile    = "journal.db"
	journalKeyFile = "journal.key"
)

// openDataDir makes the folder with mode 0700. One that exists stays as it is,
// and is told of when others can look into it.
func openDataDir(dir string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Mistake{"DATA_DIR", dir, fmt.Sprintf("wanted a folder that the console can write: %v", err)}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return Mistake{"DATA_DIR", dir, fmt.Sprintf("wanted a folder that the console can read: %v", err)}
	}
	if info.Mode().Perm()&0o077 != 0 {
		log.Warn("others than the console may look into DATA_DIR; mode 0700 is wanted", "dir", dir, "mode", fmt.Sprintf("%#o", info.Mode().Perm()))
	}
	return nil
}

// keyOr gives the key from the settings, else the one in the file, which is
// made with mode 0600 when it is absent.
func keyOr(given secretKey, name, file string, log *slog.Logger) ([32]byte, error) {
	if given != (secretKey{}) {
		return given, nil
	}
	k, err := readKeyFile(name, file)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	_, _ = rand.Read(k[:]) // never fails
	if err := writeNew(file, hex.EncodeToString(k[:])+"\n"); err != nil {
		return k, Mistake{"DATA_DIR", filepath.Dir(file), fmt.Sprintf("wanted a folder that the console can write: %v", err)}
	}
	log.Info(name+" is not set: made a key", "file", file)
	return k, nil
}

// readKeyFile fails with fs.ErrNotExist when there is no file.
func readKeyFile(name, file string) (secretKey, error) {
	b, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return secretKey{}, err
	case err != nil:
		return secretKey{}, Mistake{name, "", fmt.Sprintf("its file cannot be read: %v", err)}
	}
	k, err := parseKey(strings.TrimSpace(string(b)))
	if err != nil {
		return secretKey{}, Mistake{name, hidden, fmt.Sprintf("that is what %s holds; %v", file, err)}
	}
	return k, nil
}

// writeNew writes a file with mode 0600 that is there whole or not at all.
func writeNew(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), file) // never over another's file
}
