// Command release builds the console so that anybody who builds the same source
// with the same Go gets the same bytes, and writes what it is made of beside it:
// console, console.cdx.json (a CycloneDX list of its parts) and SHA256SUMS.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	b := build{root: "."}
	flag.StringVar(&b.out, "out", "dist", "`FOLDER` to write to")
	flag.StringVar(&b.version, "version", "", "version to stamp in, such as v1.2.3; without it what git describe says")
	flag.StringVar(&b.commit, "commit", "", "commit to stamp in; without it what git says")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// build is one build of the source in the folder root.
type build struct{ root, out, version, commit string }

func (b build) run() error {
	if err := b.name(); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	binary, parts := filepath.Join(b.out, "console"), filepath.Join(b.out, "console.cdx.json")
	if err := b.compile(binary); err != nil {
		return err
	}
	if err := b.list(binary, parts); err != nil {
		return err
	}
	var sums strings.Builder
	for _, file := range []string{binary, parts} {
		sum, err := sumOf(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, filepath.Base(file))
	}
	fmt.Print(sums.String())
	return os.WriteFile(filepath.Join(b.out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// name asks git for what was not given.
func (b *build) name() (err error) {
	if b.version == "" {
		if b.version, err = b.git("describe", "--tags", "--always", "--dirty"); err != nil {
			return err
		}
	}
	if b.commit == "" {
		if b.commit, err = b.git("rev-parse", "HEAD"); err != nil {
			return err
		}
	}
	for _, name := range []string{b.version, b.commit} {
		if !plain.MatchString(name) {
			return fmt.Errorf("%q: wanted letters, digits and . _ + - only", name)
		}
	}
	return nil
}

var plain = regexp.MustCompile(`^[0-9A-Za-z._+-]+$`)

func (b build) git(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = b.root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w; -version and -commit need no git", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// compile builds the program. Whatever of the environment would change its
// bytes is set here, but for GOOS and GOARCH.
func (b build) compile(to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X main.stamp="+b.version+" -X main.commit="+b.commit, "-o", to, "./cmd/console")
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func sumOf(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(b)), nil
}
