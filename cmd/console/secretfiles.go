package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// fileSuffix makes the name of the variable that holds a secret's file.
const fileSuffix = "_FILE"

// maxSecret bounds what a secret's file may hold, in bytes.
const maxSecret = 64 << 10

// readSecretFile gives what a file holds, without the end of its last line.
// Its errors say what is wanted.
func readSecretFile(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("wanted a file that can be read: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	text := strings.TrimRight(string(b), "\r\n")
	switch {
	case err != nil:
		return "", fmt.Errorf("wanted a file that can be read: %w", err)
	case len(b) > maxSecret:
		return "", fmt.Errorf("wanted a file of %d bytes at most", maxSecret)
	case strings.TrimSpace(text) == "":
		return "", errors.New("wanted a file that holds the secret; it holds nothing")
	}
	return text, nil
}

// readFiles puts what the files of secrets hold in the place of their
// variables. What is wrong with a file is one mistake, of NAME_FILE.
func (r *reader) readFiles() {
	out := map[string]string{}
	for name, v := range r.environ {
		out[name] = v
	}
	for _, s := range settings() {
		file := r.environ[s.Name+fileSuffix]
		if !s.secret || file == "" {
			continue
		}
		if r.environ[s.Name] != "" {
			r.bad(s.Name+fileSuffix, "%s is set as well; wanted one of them", s.Name)
			continue
		}
		text, err := readSecretFile(file)
		if err != nil {
			r.bad(s.Name+fileSuffix, "%v", err)
			continue
		}
		out[s.Name] = text
	}
	r.environ = out
}

// secretOf reads one secret for a command that reads no Config; "" when it is
// not set.
func secretOf(getenv func(string) string, name string) (string, error) {
	v, file := getenv(name), getenv(name+fileSuffix)
	switch {
	case file == "":
		return v, nil
	case v != "":
		return "", fmt.Errorf("%s%s: %s is set as well; wanted one of them", name, fileSuffix, name)
	}
	text, err := readSecretFile(file)
	if err != nil {
		return "", fmt.Errorf("%s%s: %w", name, fileSuffix, err)
	}
	return text, nil
}
