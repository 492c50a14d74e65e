package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a condition may take to come true. It is generous: it
// is only used up by a test that fails.
const patience = 20 * time.Second

var binary string // the console that is tested

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "console-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if binary = os.Getenv("CONSOLE_BINARY"); binary == "" {
		binary = filepath.Join(dir, "console")
		build := exec.Command("go", "build", "-o", binary, "./cmd/console")
		build.Dir = ".."
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("go build ./cmd/console: %w\n%s", err, out)
		}
	}
	if _, err := os.Stat(binary); err != nil {
		return 1, fmt.Errorf("CONSOLE_BINARY: %w", err)
	}
	defer stopChromium()
	if far, err = openServer(); err != nil || far == nil {
		if err != nil {
			return 1, err
		}
		code = m.Run()
		return code, tellOperations(os.Stdout)
	}
	return runFar(context.Background(), m)
}

// runFar runs the journeys against the server of OBP_TEST_URL: it checks first
// that they can run, puts back afterwards what it found, and reports.
func runFar(ctx context.Context, m *testing.M) (code int, err error) {
	if missing := far.preflight(ctx); len(missing) > 0 {
		return 1, fmt.Errorf("the journeys cannot run against %s yet:\n- %s", far.url, strings.Join(missing, "\n- "))
	}
	if err := far.begin(ctx); err != nil {
		return 1, errors.Join(err, far.restore(ctx))
	}
	code = m.Run()
	err = errors.Join(far.restore(ctx), writeReport(far.tells()))
	return code, err
}

// engine is a browser program of the run; each test has a context of its own.
type engine struct {
	names []string
	once  sync.Once
	ctx   context.Context
	stop  []context.CancelFunc
	err   error
}

// The shell is Chromium without the window around the page: pages work alike in
// it, at half the cost. What the window does, such as Back and the clipboard,
// is for the whole browser. Without a shell that does everything.
var (
	chromium = &engine{names: []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}}
	shell    = &engine{names: []string{"chromium-headless-shell"}}
)

func stopChromium() {
	for _, e := range []*engine{chromium, shell} {
		for i := len(e.stop) - 1; i >= 0; i-- {
			e.stop[i]()
		}
	}
}

// find gives the program's path. There is no test without a browser.
func (e *engine) find() (string, error) {
	for _, name := range e.names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no browser found: install chromium (or chromium-browser, google-chrome) and put it on the PATH")
}
