package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// leftIn tells which of the words stand in the journal's files.
func leftIn(t *testing.T, path string, words ...string) (left []string) {
	t.Helper()
	for _, file := range must[[]string](t)(filepath.Glob(path + "*")) {
		b := must[[]byte](t)(os.ReadFile(file))
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				left = append(left, w)
			}
		}
	}
	return left
}

var dpo = Entry{Operator: Party{UserID: "u-dpo", Username: "dpo"}, Reason: "retention"}

// Erasure of old text is recorded and no fault; nothing of it is left in the
// file or found by searches (security 40).
func TestEraseOfTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	defer j.Close()
	fill(t, j)
	event(t, j, Entry{Act: ActLock, Person: Party{UserID: "u-old", Username: "canary-name", Email: "Canary@example.com"}}, OutcomeDone)
	in := someActs(t, j)
	must[Report](t)(j.Verify(t.Context(), VerifyOptions{}))
	done := must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{Before: in[4].At}))
	if done.Through != in[4].N-1 || done.Texts == 0 || !done.Compacted {
		t.Errorf("%+v", done)
	}
	rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{}))
	if !rep.OK || rep.Erased != done.Texts {
		t.Errorf("%+v", rep)
	}
	if left := leftIn(t, path, "canary-reason", "canary-name", "Canary@", "canary@", "FELIX"); left != nil {
		t.Errorf("%q is left in the file", left)
	}
	all := Rights{All: true}
	for name, want := range map[string]int{"CANARY@example.com": 0, "zoe@example.com": 2, "u-felix": 6} {
		if p := must[Page](t)(j.Search(t.Context(), Filter{Person: name, Rights: all})); len(p.Rows) != want {
			t.Errorf("%s: %d rows", name, len(p.Rows))
		}
	}
	if r := must[Row](t)(j.Row(t.Context(), in[0].ActID)); !r.Erased || r.Entry.Person != (Party{UserID: "u-felix"}) || r.Entry.Role != "R1" {
		t.Errorf("%+v", r)
	}
	if r := must[Row](t)(j.Row(t.Context(), done.ActID)); r.Erased || r.Entry.Reason != "retention" || r.Entry.Act != ActErase {
		t.Errorf("%+v", r)
	}
	if rep := must[Report](t)(j.VerifySince(t.Context(), VerifyOptions{})); !rep.OK {
		t.Errorf("%+v", rep)
	}
	tamper(t, j, `DELETE FROM texts WHERE n = ? AND field = 'person'`, in[5].N)
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK || rep.Faults[0].Kind != FaultTextMissing {
		t.Errorf("what the act did not erase: %+v", rep)
	}
}

func TestEraseOfPerson(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	defer j.Close()
	fill(t, j)
	in := someActs(t, j)
	done := must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{PersonID: "u-felix"}))
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); !rep.OK || rep.Erased != done.Texts || !done.Compacted {
		t.Errorf("%+v %+v", rep, done)
	}
	if left := leftIn(t, path, "canary-reason", "f@example.com"); left != nil {
		t.Errorf("%q is left in the file", left)
	}
	r := must[Row](t)(j.Row(t.Context(), in[0].ActID))
	if r.Entry.Operator.Username != "Anna" || r.Entry.Person.Username != "" || !r.Erased {
		t.Errorf("%+v", r.Entry)
	}
	if r := must[Row](t)(j.Row(t.Context(), in[2].ActID)); r.Entry.Person.Username != "Zoë" || r.Erased {
		t.Errorf("another person's: %+v", r.Entry)
	}
	// bob's own entries lose who he was, not whom they are upon
	must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{PersonID: "u-bob"}))
	if r := must[Row](t)(j.Row(t.Context(), in[2].ActID)); r.Entry.Operator != (Party{UserID: "u-bob"}) || r.Entry.Person.Username != "Zoë" {
		t.Errorf("%+v", r.Entry)
	}
	// later text of the same person is not covered
	again := event(t, j, Entry{Act: ActGrant, Person: Party{UserID: "u-felix", Username: "felix"}}, OutcomeDone)
	if p := must[Page](t)(j.Search(t.Context(), Filter{Person: "Felix", Rights: Rights{All: true}})); len(p.Rows) == 0 {
		t.Error("not found by the name written again")
	}
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); !rep.OK {
		t.Errorf("%+v", rep)
	}
	tamper(t, j, `DELETE FROM texts WHERE n = ?`, again.N)
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK {
		t.Error("text taken away after the erasure is unseen")
	}
}

func TestEraseRefuses(t *testing.T) {
	j := newTest(t)
	fill(t, j)
	for name, what := range map[string]Erasure{"nothing": {}, "both": {Before: time.Unix(1, 0), PersonID: "u"}, "the future": {Before: time.Unix(1<<33, 0)}} {
		if _, err := j.Erase(t.Context(), dpo, what); err == nil {
			t.Errorf("%s was erased", name)
		}
	}
	if n, _ := j.Head(); n != 9 {
		t.Errorf("head %d", n)
	}
	tamper(t, j, `PRAGMA query_only = 1`)
	if _, err := j.Erase(t.Context(), dpo, Erasure{PersonID: "u-felix"}); !errors.Is(err, ErrNotWritten) {
		t.Errorf("got %v", err)
	}
	if r := must[Page](t)(j.Search(t.Context(), Filter{Person: "felix", Rights: Rights{All: true}})); len(r.Rows) != 3 {
		t.Error("erased without a record")
	}
}

// An erasure covers the texts that it erases, and no other that is missing.
func TestErasureCoversNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		claim Entry
		gone  string
	}{
		"operator upon a person": {Entry{}, `DELETE FROM texts WHERE n = 1 AND field = 'operator'`},
		"a later entry":          {Entry{Act: ActErase, Details: map[string]string{"through": "1000"}}, `DELETE FROM texts WHERE n = 15 AND field = 'reason'`},
		"through what it is not": {Entry{Act: ActErase, Details: map[string]string{"through": "all"}}, `DELETE FROM texts WHERE n = 1 AND field = 'operator'`},
		"by another act":         {Entry{Act: ActGrant, Details: map[string]string{"through": "9"}}, `DELETE FROM texts WHERE n = 1 AND field = 'operator'`},
	} {
		t.Run(name, func(t *testing.T) {
			j := newTest(t)
			fill(t, j)
			must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{PersonID: "u-felix"}))
			if c.claim.Act != "" {
				event(t, j, c.claim, OutcomeDone)
			}
			fill(t, j)
			fill(t, j)
			tamper(t, j, c.gone)
			rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{}))
			if rep.OK || rep.Faults[0].Kind != FaultTextMissing {
				t.Errorf("%+v", rep)
			}
		})
	}
}
