package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"obpconsole/obp"
)

// walked are the journeys that sent each call of OBP, as the stand-ins counted.
var walked struct {
	mu sync.Mutex
	by map[string][]string
}

// noted writes down, before the stand-in of a journey ends, what it was asked.
func noted(s *standIn) *standIn {
	journey, _, _ := strings.Cut(s.t.Name(), "/")
	s.t.Cleanup(func() {
		if s.t.Failed() {
			return
		}
		client := http.Client{Timeout: patience}
		res, err := client.Get(s.url + "/sandbox/calls")
		if err != nil {
			return // the journey ended it
		}
		defer res.Body.Close()
		var calls map[string]int64
		if json.NewDecoder(res.Body).Decode(&calls) != nil {
			return
		}
		walked.mu.Lock()
		defer walked.mu.Unlock()
		if walked.by == nil {
			walked.by = map[string][]string{}
		}
		for op, n := range calls {
			method, path := splitOp(op)
			if op = method + " " + path; n > 0 && !slices.Contains(walked.by[op], journey) {
				walked.by[op] = append(walked.by[op], journey)
			}
		}
	})
	return s
}

// tellOperations lists by which journeys each operation was asked for. After a
// whole run none may be without.
func tellOperations(w io.Writer) error {
	var without []string
	n := 0
	for _, o := range obp.Operations() {
		by := walked.by[o.Method+" "+o.Path]
		slices.Sort(by)
		if len(by) == 0 {
			without = append(without, o.ID)
			continue
		}
		n++
		fmt.Fprintf(w, "%s: %s\n", o.ID, strings.Join(by, ", "))
	}
	fmt.Fprintf(w, "operations: %d of %d with a journey\n", n, n+len(without))
	chosen := func(name string) bool { f := flag.Lookup(name); return f != nil && f.Value.String() != "" }
	if len(without) > 0 && n > 0 && !chosen("test.run") && !chosen("test.skip") {
		return fmt.Errorf("no journey asks for %s", strings.Join(without, ", "))
	}
	return nil
}
