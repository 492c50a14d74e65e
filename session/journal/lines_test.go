package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// collector takes lines, and can be made to fail.
type collector struct {
	bytes.Buffer
	err error
}

func (f *collector) Write(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(b)
}

func openLines(t *testing.T, path string) (*Journal, *collector) {
	t.Helper()
	f := &collector{}
	j, err := Open(t.Context(), Options{Path: path, Key: [32]byte{1, 2, 3}, Now: (&clock{t: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}).now, Environment: "test", Lines: f})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, f
}

func readLines(t *testing.T, text string) (out []Line) {
	t.Helper()
	for part := range strings.Lines(text) {
		var l Line
		if err := json.Unmarshal([]byte(part), &l); err != nil {
			t.Fatalf("%v in %s", err, part)
		}
		out = append(out, l)
	}
	return out
}

// marked fills every text of v with a marker: what a person typed can stand
// anywhere.
func marked(v reflect.Value, mark string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(mark)
	case reflect.Struct:
		for i := range v.NumField() {
			marked(v.Field(i), mark)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.ValueOf([]string{mark}))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"act": mark, "to": mark}))
	}
}

// Each entry gives one line, in the order of the chain, with what a collector
// needs to find it again.
func TestLines(t *testing.T) {
	j, out := openLines(t, filepath.Join(t.TempDir(), "j.db"))
	fill(t, j)
	if _, err := j.Record(t.Context(), Entry{Act: ActRefused, Operator: Party{UserID: "u-anna"}, Rule: "own", Details: map[string]string{"act": "approve", "more": "canary"}}, Result{Outcome: OutcomeRefused}); err != nil {
		t.Fatal(err)
	}
	got := readLines(t, out.String())
	n, hash := j.Head()
	if len(got) != 10 || got[9].N != n || got[9].Hash != hash {
		t.Fatalf("%d lines, head %d %s: %+v", len(got), n, hash, got)
	}
	first, step, end, no := got[0], got[1], got[2], got[9]
	if first.Stream != "journal" || first.N != 1 || first.Act != "approve" || first.Kind != KindIntent || first.Role != "CanCreateBranch" || first.BankID != "b1" ||
		first.RequestOfRole != "r0" || first.RequestID != "http-1" || first.Environment != "test" || len(first.Operator) != 32 || first.Person == first.Operator {
		t.Errorf("%+v", first)
	}
	if step.Step != "granted" || step.OBPStatus != 201 || fmt.Sprint(step.EntitlementIDs) != "[e0]" || step.ActID != first.ActID || step.Operator != first.Operator {
		t.Errorf("%+v", step)
	}
	if end.Outcome != "done" || end.CorrelationID != "c1" || no.Wanted != "approve" || no.Rule != "own" || no.Operator != first.Operator || no.Person != "" {
		t.Errorf("%+v %+v", end, no)
	}
	for _, word := range []string{"u-anna", "u-felix", "anna", "felix", "canary", "T-1", "as OBP said"} {
		if strings.Contains(out.String(), word) {
			t.Errorf("a line holds %q", word)
		}
	}
	var again []Line
	keep := func(l Line) error { again = append(again, l); return nil }
	if err := j.Lines(t.Context(), 0, "", keep); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("read back: %v\n%+v\n%+v", err, again, got)
	}
	again = nil
	if err := j.Lines(t.Context(), 5, "u-felix", keep); err != nil || len(again) != 4 || again[0].N != 6 {
		t.Errorf("of one person after entry 5: %v %+v", err, again)
	}
	other, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "j.db"), Key: [32]byte{9}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if other.pseudonym("u-anna") == first.Operator || j.pseudonym("u-anna") != first.Operator {
		t.Error("a pseudonym does not hang on the key alone")
	}
}

// Whatever stands in an entry, a line holds codes and ids alone (security 39).
func TestLinesHoldNothingPersonal(t *testing.T) {
	for _, mark := range []string{"Canary Smith", "canary@example.com", "Cäcilie-canary", "canary\nline", strings.Repeat("canary", 60)} {
		j, out := openLines(t, filepath.Join(t.TempDir(), "j.db"))
		var e Entry
		var r Result
		marked(reflect.ValueOf(&e).Elem(), mark)
		marked(reflect.ValueOf(&r).Elem(), mark)
		e.Seen = json.RawMessage(`"canary"`)
		if _, err := j.Record(t.Context(), e, r); err != nil {
			t.Fatal(err)
		}
		e.Act, e.ActID, e.Role = ActRefused, "", "canary.smith" // a user name in the form of a code
		if _, err := j.Record(t.Context(), e, r); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); strings.Contains(strings.ToLower(s), "canary") || strings.Count(s, "\n") != 2 || !strings.Contains(s, withheld) {
			t.Errorf("%q: %s", mark, s)
		}
	}
	fields := map[string]bool{}
	for f := range reflect.TypeFor[Line]().Fields() {
		fields[f.Name] = true
	}
	for _, no := range []string{"Reason", "Ticket", "Note", "Seen", "Verified", "ClientAddr", "Details", "Target", "Username", "Email"} {
		if fields[no] {
			t.Errorf("a line has %s: %v", no, maps.Keys(fields))
		}
	}
}

// A line that cannot be written is counted and stops nothing; an entry that
// cannot be written is counted and stops the act. A refusal counts as neither.
func TestFailuresAreCounted(t *testing.T) {
	j, out := openLines(t, filepath.Join(t.TempDir(), "j.db"))
	out.err = errors.New("disk full")
	in, err := j.Intend(t.Context(), decision(1))
	if err != nil {
		t.Fatalf("an act stopped for its line: %v", err)
	}
	out.err = nil
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); !errors.Is(err, ErrFinished) {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Intend(gone, decision(2)); !errors.Is(err, ErrNotWritten) {
		t.Errorf("%v", err)
	}
	if f := j.Failures(); f != (Failures{Lines: 1}) {
		t.Errorf("%+v", f)
	}
	if got := readLines(t, out.String()); len(got) != 1 || got[0].N != 2 {
		t.Errorf("%+v", got)
	}
	if err := j.DB().Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Intend(t.Context(), decision(3)); !errors.Is(err, ErrNotWritten) {
		t.Errorf("%v", err)
	}
	if f := j.Failures(); f != (Failures{Entries: 1, Lines: 1}) {
		t.Errorf("%+v", f)
	}
}

// Open acts are counted by act, with the oldest of each.
func TestStanding(t *testing.T) {
	j, _ := openLines(t, filepath.Join(t.TempDir(), "j.db"))
	fill(t, j)
	first, err := j.Intend(t.Context(), decision(7))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Intend(t.Context(), decision(8)); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Intend(t.Context(), Entry{Act: ActLock}); err != nil {
		t.Fatal(err)
	}
	got, err := j.Standing(t.Context(), 0)
	if err != nil || len(got) != 2 || got[0].Act != ActApprove || got[0].Count != 2 || !got[0].Oldest.Equal(first.At) || got[1].Act != ActLock || got[1].Count != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := j.Standing(t.Context(), time.Hour); err != nil || len(got) != 0 {
		t.Errorf("older than an hour: %+v %v", got, err)
	}
	if w, err := j.Waiting(t.Context()); err != nil || w.Count != 0 || !w.Oldest.IsZero() {
		t.Errorf("nobody waits: %+v %v", w, err)
	}
	a, err := j.FirstApproval(t.Context(), risky)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := j.Waiting(t.Context()); err != nil || w.Count != 1 || !w.Oldest.Equal(a.At) {
		t.Errorf("%+v %v, %v", w, err, a.At)
	}
}
