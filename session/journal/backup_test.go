package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var (
	anOlder  = Entry{Operator: Party{Username: "Olga"}, Reason: "disk lost"}
	testOpts = func(path string) Options { return Options{Path: path, Key: testKey} }
)

func headOf(j *Journal) Head {
	n, hash := j.Head()
	return Head{n, hash}
}

func verified(t *testing.T, path string, expected Head) Report {
	t.Helper()
	j := openTest(t, path, nil)
	defer j.Close()
	rep, err := j.Verify(t.Context(), VerifyOptions{ExpectedN: expected.N, ExpectedHash: expected.Hash})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// A back-up that is made while others write is one moment of the chain: intact,
// sealed, readable by its owner alone, and never over another file.
func TestBackupUnderLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j := openTest(t, path, nil)
	defer j.Close()
	fill(t, j)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				in, err := j.Intend(context.Background(), decision(1000*i+n))
				if err == nil {
					err = j.Outcome(context.Background(), in, Result{Outcome: OutcomeDone})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var copies []string
	for i := range 5 {
		before := headOf(j)
		to := filepath.Join(dir, fmt.Sprint("copy", i))
		if err := Backup(t.Context(), path, to); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(to)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if rep := verified(t, to, before); !rep.OK || rep.HeadN < before.N || rep.HeadN > headOf(j).N {
			t.Errorf("head %d, %d before and %d after: %v", rep.HeadN, before.N, headOf(j).N, rep.Faults)
		}
		copies = append(copies, to)
	}
	stop()
	writers.Wait()
	if err := Backup(t.Context(), path, copies[0]); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".journal-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if headOf(j).N < 20 {
		t.Errorf("only %d entries were written meanwhile", headOf(j).N)
	}
}

// aged gives a journal of 18 entries, closed, with a back-up of its first 9.
func aged(t *testing.T) (path, backup string, after, lost Head) {
	dir := t.TempDir()
	path, backup = filepath.Join(dir, "journal.db"), filepath.Join(dir, "backup.db")
	j := openTest(t, path, nil)
	fill(t, j)
	after = headOf(j)
	if err := Backup(t.Context(), path, backup); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), testOpts(path), backup, nil, false, anOlder); !errors.Is(err, ErrServed) {
		t.Fatalf("restored under an open journal: %v", err)
	}
	fill(t, j)
	lost = headOf(j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path, backup, after, lost
}

// A back-up that is older than the head that was noted elsewhere is restored
// with a gap that the chain states: verification finds it, of the journal and
// of an export, and tells it from a fork (security 40).
func TestRestoreOfAnOldOne(t *testing.T) {
	for name, gone := range map[string]bool{"beside the newer one": false, "after a loss": true} {
		t.Run(name, func(t *testing.T) {
			path, backup, after, lost := aged(t)
			known := []Head{lost}
			if gone {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			} else {
				known = nil // the journal that is there tells it
			}
			got, err := Restore(t.Context(), testOpts(path), backup, known, false, anOlder)
			if err != nil || !got.OK || got.Gap == nil || got.Gap.After != after || got.Gap.Known != lost || got.Gap.Lost() != 9 || (got.Aside == "") != gone {
				t.Fatalf("%+v %v", got, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v %v", info.Mode(), err)
			}
			rep := verified(t, path, lost)
			if !rep.OK || len(rep.Gaps) != 1 || rep.Gaps[0] != *got.Gap || rep.HeadN != 10 {
				t.Errorf("%+v", rep)
			}
			if rep := verified(t, path, got.Head); !rep.OK {
				t.Errorf("its own head: %v", rep.Faults)
			}
			for _, fork := range []Head{{lost.N, after.Hash}, {lost.N - 1, lost.Hash}, {after.N + 1, lost.Hash}} {
				if rep := verified(t, path, fork); rep.OK || !strings.Contains(rep.Faults[0].Text, "entry 10 records that a back-up was restored") {
					t.Errorf("a head that the gap does not state: %+v", rep)
				}
			}
			if rep := verified(t, path, Head{lost.N + 1, lost.Hash}); rep.OK || strings.Contains(rep.Faults[0].Text, "restored") {
				t.Errorf("a head beyond the gap: %+v", rep)
			}
			if !gone {
				if rep := verified(t, got.Aside, lost); !rep.OK || rep.HeadN != lost.N {
					t.Errorf("what was put aside: %+v", rep)
				}
			}
			j := openTest(t, path, nil)
			defer j.Close()
			fill(t, j)
			gaps, err := j.Gaps(t.Context())
			if err != nil || len(gaps) != 1 || gaps[0] != *got.Gap {
				t.Errorf("%+v %v", gaps, err)
			}
			p, err := j.Search(t.Context(), Filter{Acts: []Act{ActRestore}, Rights: Rights{All: true}})
			if err != nil || len(p.Rows) != 1 || p.Rows[0].Entry.Reason != "disk lost" || p.Rows[0].Entry.Operator.Username != "Olga" {
				t.Errorf("%+v %v", p.Rows, err)
			}
			var out bytes.Buffer
			if _, err := j.ExportNDJSON(t.Context(), &out, Filter{Rights: Rights{All: true}}); err != nil {
				t.Fatal(err)
			}
			exp, err := VerifyExport(&out, [][32]byte{testKey}, VerifyOptions{ExpectedN: lost.N, ExpectedHash: strings.ToUpper(lost.Hash)})
			if err != nil || !exp.OK || len(exp.Gaps) != 1 {
				t.Errorf("%+v %v", exp, err)
			}
		})
	}
}

// A back-up that holds all that is known is restored without a gap; when nobody
// knows how much was written, the gap says so.
func TestRestoreWholeAndUnknown(t *testing.T) {
	path, backup, after, _ := aged(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	got, err := Restore(t.Context(), testOpts(path), backup, []Head{after}, false, anOlder)
	if err != nil || !got.OK || got.Gap != nil || got.Head.N != after.N+1 {
		t.Fatalf("%+v %v", got, err)
	}
	if rep := verified(t, path, got.Head); !rep.OK || len(rep.Gaps) != 0 {
		t.Errorf("%+v", rep)
	}
	if got, err = Restore(t.Context(), testOpts(path), backup, nil, true, anOlder); err != nil || got.Gap == nil || !got.Gap.Unknown || got.Gap.Known.N != after.N+1 {
		t.Fatalf("%+v %v", got, err)
	}
	if rep := verified(t, path, Head{5000, "00"}); rep.OK || !strings.Contains(rep.Faults[0].Text, "restored") {
		t.Errorf("%+v", rep)
	}
}

// Another journal, or one that cannot be read, is put aside with all that
// belongs to it, and the chain says what it was.
func TestRestoreOverAnother(t *testing.T) {
	path, backup, after, _ := aged(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	j := openTest(t, path, nil) // begun anew after the loss
	if _, err := j.Record(t.Context(), Entry{Act: ActStart}, Result{Outcome: OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	anew := headOf(j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Restore(t.Context(), testOpts(path), backup, []Head{after}, false, anOlder)
	if err != nil || !got.OK || got.Gap == nil || got.Gap.Replaced != anew || got.Gap.Lost() != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if rep := verified(t, path, anew); !rep.OK || len(rep.Gaps) != 1 {
		t.Errorf("the head of the other: %+v", rep)
	}
	junk := bytes.Repeat([]byte("junk"), 5000)
	if err := os.WriteFile(path, junk, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err = Restore(t.Context(), testOpts(path), backup, []Head{after}, false, anOlder)
	if err != nil || !got.OK || got.Aside == "" {
		t.Fatalf("%+v %v", got, err)
	}
	if b, err := os.ReadFile(got.Aside); err != nil || !bytes.Equal(b, junk) {
		t.Errorf("it is not put aside: %v", err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path+"-wal", junk, 0o600)); err != nil { // left of one that is lost
		t.Fatal(err)
	}
	if got, err = Restore(t.Context(), testOpts(path), backup, []Head{after}, false, anOlder); err != nil || !got.OK || got.Aside != "" {
		t.Fatalf("%+v %v", got, err)
	}
	if aside, _ := filepath.Glob(path + ".before-*-wal"); len(aside) != 1 {
		t.Errorf("what is left of a lost journal is not put aside: %v", aside)
	}
	if rep := verified(t, path, after); !rep.OK {
		t.Errorf("%+v", rep)
	}
}

// What is not intact, not of this key, or of another chain than the head that
// was noted, is not restored, and what is there stays.
func TestRestoreRefuses(t *testing.T) {
	path, backup, after, lost := aged(t)
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "edited.db")
	if err := Backup(t.Context(), backup, edited); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", edited)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DROP TRIGGER entries_no_update; UPDATE entries SET role = 'CanX' WHERE n = 4`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	other := testOpts(path)
	other.Key = [32]byte{9}
	for name, c := range map[string]struct {
		o      Options
		backup string
		known  Head
		kind   FaultKind
	}{
		"edited":        {testOpts(path), edited, lost, FaultEdited},
		"another key":   {other, backup, lost, FaultHead},
		"another chain": {testOpts(path), backup, Head{after.N, lost.Hash}, FaultHead},
	} {
		got, err := Restore(t.Context(), c.o, c.backup, []Head{c.known}, false, anOlder)
		if err != nil || got.OK || len(got.Faults) == 0 || got.Faults[0].Kind != c.kind {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if _, err := Restore(t.Context(), testOpts(path), backup+".not", nil, true, anOlder); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(edited, bytes.Repeat([]byte("junk"), 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), testOpts(path), edited, nil, true, anOlder); err == nil {
		t.Error("junk was restored")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
		t.Errorf("the journal that is there was changed: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if rep := verified(t, path, lost); !rep.OK {
		t.Errorf("%v", rep.Faults)
	}
}
