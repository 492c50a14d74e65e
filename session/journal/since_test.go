package journal

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestVerifySince(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	defer func() { j.Close() }()
	if _, err := j.LastChecked(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the first: %v", err)
	}
	since := func(o VerifyOptions) Report { return must[Report](t)(j.VerifySince(t.Context(), o)) }
	fill(t, j)
	if rep := since(VerifyOptions{}); !rep.OK || rep.From != 1 || rep.Entries != 9 {
		t.Errorf("first: %+v", rep)
	}
	someActs(t, j)
	// in slices of three, ending in the middle of an act
	for from := int64(10); from <= 17; from += 3 {
		rep := since(VerifyOptions{AtMost: 3})
		if !rep.OK || rep.From != from || rep.Reached != (from == 16) {
			t.Errorf("slice from %d: %+v", from, rep)
		}
	}
	c := must[Checked](t)(j.LastChecked(t.Context()))
	if n, hash := j.Head(); c.N != n || c.Hash != hash || c.WholeN != 9 || c.Faults != 0 || !c.At.After(c.WholeAt) {
		t.Errorf("%+v", c)
	}
	if rep := since(VerifyOptions{ExpectedN: 3, ExpectedHash: "00"}); rep.OK {
		t.Error("a head kept elsewhere, older than what was checked, was not looked at")
	}
	if rep := since(VerifyOptions{}); !rep.OK || rep.From != 1 {
		t.Errorf("after a fault the whole chain is due: %+v", rep)
	}
	in := must[Intent](t)(j.Intend(t.Context(), decision(77)))
	since(VerifyOptions{})
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	if rep := since(VerifyOptions{}); !rep.OK || rep.Entries != 1 {
		t.Errorf("an outcome alone: %+v", rep)
	}
	tamper(t, j, dropTriggers+`UPDATE entries SET body = replace(body, 'CanCreateBranch', 'CanCreateBank') WHERE n = 4`)
	if rep := since(VerifyOptions{}); !rep.OK || rep.From == 1 {
		t.Errorf("what is before is not read again: %+v", rep)
	}
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK {
		t.Error("the whole chain is intact")
	}
}

// The note of how far the chain is intact is not believed blindly.
func TestVerifySinceDoesNotTrustItsNote(t *testing.T) {
	for name, sql := range map[string]string{
		"note moved on":         `UPDATE verified SET n = 9, hash = (SELECT hash FROM entries WHERE n = 9)`,
		"checked entry edited":  `UPDATE entries SET body = replace(body, 'granted', 'refused') WHERE n = 5`,
		"note's faults removed": `UPDATE verified SET faults = 0, n = 9`,
	} {
		t.Run(name, func(t *testing.T) {
			j := newTest(t)
			fill(t, j)
			must[Report](t)(j.VerifySince(t.Context(), VerifyOptions{AtMost: 5}))
			tamper(t, j, dropTriggers+`UPDATE entries SET role = 'X' WHERE n = 7`)
			tamper(t, j, sql)
			if rep := must[Report](t)(j.VerifySince(t.Context(), VerifyOptions{})); rep.OK {
				t.Errorf("%+v", rep)
			}
		})
	}
}
