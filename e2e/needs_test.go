package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What a journey may need of the stand-in, which no OBP server gives.
const (
	faults   = "calls that fail or wait on demand"
	scale    = "more people and requests than the world file has"
	clock    = "a clock that is set, or requests of a given age"
	ownWorld = "people, accounts or settings that only a made-up world has"
	alone    = "a world of its own beside other journeys, at the same time"
)

// marks are the journeys that said what they need, and how each journey ended.
var marks struct {
	mu     sync.Mutex
	needed map[string][]string // by test
	left   map[string]string   // left out, and why
	ended  map[string]bool     // passed
}

// needs marks a journey: it needs this of the stand-in. Against a server of
// OBP_TEST_URL it is left out, and the report says so.
func needs(t *testing.T, what ...string) {
	t.Helper()
	marks.mu.Lock()
	if marks.needed == nil {
		marks.needed = map[string][]string{}
	}
	marks.needed[t.Name()] = append(marks.needed[t.Name()], what...)
	marks.mu.Unlock()
	if far == nil {
		return
	}
	marks.mu.Lock()
	if marks.left == nil {
		marks.left = map[string]string{}
	}
	marks.left[t.Name()] = strings.Join(what, "; ")
	marks.mu.Unlock()
	t.Skip("left out: it needs " + strings.Join(what, "; "))
}

// marked says whether a journey, or one that it is part of, needs what.
func marked(t *testing.T, what string) bool {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	for name := t.Name(); name != ""; name = name[:max(0, strings.LastIndexByte(name, '/'))] {
		if slices.Contains(marks.needed[name], what) {
			return true
		}
	}
	return false
}

// watch notes how a journey ends.
func watch(t *testing.T) {
	t.Cleanup(func() {
		marks.mu.Lock()
		defer marks.mu.Unlock()
		if marks.ended == nil {
			marks.ended = map[string]bool{}
		}
		marks.ended[t.Name()] = !t.Failed()
	})
}

// report tells of the run in Markdown: the server, and the journeys that
// passed, that failed and that were left out.
func report(server string) string {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	var passed, failed []string
	for name, ok := range marks.ended {
		if ok {
			passed = append(passed, name)
		} else {
			failed = append(failed, name)
		}
	}
	var left []string
	for name, why := range marks.left {
		left = append(left, name+": it needs "+why)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Journeys against an OBP server\n\n%s\n\n%d passed, %d failed, %d left out\n", server, len(passed), len(failed), len(left))
	for _, part := range []struct {
		title string
		names []string
	}{{"Failed", failed}, {"Left out", left}, {"Passed", passed}} {
		if len(part.names) == 0 {
			continue
		}
		slices.Sort(part.names)
		fmt.Fprintf(&b, "\n## %s\n\n", part.title)
		for _, n := range part.names {
			fmt.Fprintf(&b, "- %s\n", n)
		}
	}
	return b.String()
}

// writeReport writes the report to OBP_TEST_REPORT, else to stdout.
func writeReport(server string) error {
	text := report(server)
	if file := os.Getenv("OBP_TEST_REPORT"); file != "" {
		return os.WriteFile(file, []byte(text), 0o644)
	}
	_, err := fmt.Print(text)
	return err
}
