package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func openTest(t testing.TB, path string, log *bytes.Buffer) *Journal {
	t.Helper()
	o := Options{Path: path, Key: [32]byte{1, 2, 3}, Now: (&clock{t: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}).now, Environment: "test"}
	if log != nil {
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	j, err := Open(t.Context(), placed(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func decision(i int) Entry {
	return Entry{Act: ActApprove, Operator: Party{"u-anna", "anna", "anna@example.com", "p"}, Person: Party{"u-felix", "felix", "f@example.com", "p"},
		Role: "CanCreateBranch", BankID: "b1", EntitlementRequestID: fmt.Sprint("r", i), Reason: "canary-reason", Ticket: "T-1", Seen: []byte(`{"roles":2}`), RequestID: "http-1"}
}

// fill writes three whole acts: nine entries.
func fill(t testing.TB, j *Journal) {
	t.Helper()
	for i := range 3 {
		in, err := j.Intend(t.Context(), decision(i))
		if err == nil {
			err = j.Step(t.Context(), in, Step{Name: "granted", OBPStatus: 201, EntitlementIDs: []string{fmt.Sprint("e", i)}})
		}
		if err == nil {
			err = j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone, OBPStatus: 200, CorrelationID: "c1", Note: "as OBP said"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestActIsReadBackWhole(t *testing.T) {
	var log bytes.Buffer
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openTest(t, path, &log)
	fill(t, j)
	n, hash := j.Head()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openTest(t, path, nil) // another start
	defer j.Close()
	if n2, h2 := j.Head(); n2 != 9 || n != 9 || h2 != hash || !strings.Contains(log.String(), "hash="+hash) {
		t.Errorf("head %d %s, then %d %s", n, hash, n2, h2)
	}
	if strings.Contains(log.String(), "canary") {
		t.Error("the log holds the reason")
	}
	p, err := j.Search(t.Context(), Filter{Request: "r1", Rights: Rights{All: true}})
	if err != nil || len(p.Rows) != 1 {
		t.Fatalf("%v %v", p, err)
	}
	r := p.Rows[0]
	if r.Entry.Reason != "canary-reason" || r.Entry.Person.Email != "f@example.com" || string(r.Entry.Seen) != `{"roles":2}` ||
		!r.Finished() || r.Result.CorrelationID != "c1" || fmt.Sprint(r.EntitlementIDs()) != "[e1]" || r.Environment != "test" || r.Erased {
		t.Errorf("got %+v", r)
	}
	if err := j.Outcome(t.Context(), r.Intent(), Result{Outcome: OutcomeFailed}); !errors.Is(err, ErrFinished) {
		t.Errorf("a second outcome: %v", err)
	}
	if err := j.Step(t.Context(), Intent{ActID: "no"}, Step{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a step of no act: %v", err)
	}
	if rep, err := j.Verify(t.Context(), VerifyOptions{ExpectedN: 9, ExpectedHash: hash}); err != nil || !rep.OK || rep.Entries != 9 {
		t.Errorf("%+v %v", rep, err)
	}
}

// Every kind of tampering is found (security 40).
func TestVerifyFinds(t *testing.T) {
	const free = `DROP TRIGGER entries_no_update; DROP TRIGGER entries_no_delete; DROP TRIGGER texts_no_update; `
	for _, c := range []struct {
		name, sql string
		want      FaultKind
	}{
		{"edit", free + `UPDATE entries SET body = replace(body, 'CanCreateBranch', 'CanCreateBank') WHERE n = 4`, FaultEdited},
		{"edit of what searches use", free + `UPDATE entries SET person_id = 'u-other' WHERE n = 4`, FaultEdited},
		{"deletion", free + `DELETE FROM entries WHERE n = 5`, FaultDeleted},
		{"reordering", free + `UPDATE entries SET n = 100 WHERE n = 4; UPDATE entries SET n = 4 WHERE n = 5; UPDATE entries SET n = 5 WHERE n = 100`, FaultReordered},
		{"cut tail", free + `DELETE FROM entries WHERE n > 6`, FaultCut},
		{"cut tail with its head", free + `DELETE FROM entries WHERE n > 6; UPDATE head SET n = 6, hash = (SELECT hash FROM entries WHERE n = 6)`, FaultHead},
		{"edit of a reason", free + `UPDATE texts SET text = 'nothing' WHERE n = 4 AND field = 'reason'`, FaultText},
		{"reason taken away", `DELETE FROM texts WHERE n = 4 AND field = 'reason'`, FaultTextMissing},
		{"head taken away", `DELETE FROM head`, FaultHead},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
			defer j.Close()
			fill(t, j)
			tamper(t, j, c.sql)
			rep, err := j.Verify(t.Context(), VerifyOptions{})
			if err != nil || rep.OK {
				t.Fatalf("%+v %v", rep, err)
			}
			for _, f := range rep.Faults {
				if f.Kind == c.want {
					return
				}
			}
			t.Errorf("got %v, want %s", rep.Faults, c.want)
		})
	}
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	fill(t, j)
	if rep, err := j.Verify(t.Context(), VerifyOptions{ExpectedN: 12, ExpectedHash: "00"}); err != nil || rep.OK {
		t.Errorf("a head kept elsewhere that is newer: %+v %v", rep, err)
	}
}

func TestAppendOnly(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	fill(t, j)
	for _, q := range []string{`UPDATE entries SET act = 'x'`, `DELETE FROM entries`, `UPDATE texts SET text = 'x'`} {
		if _, err := j.DB().Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// When the store is full nothing is written, and it is said (security 40).
func TestFullStoreFailsClosed(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	fill(t, j)
	if _, err := j.DB().Exec(`PRAGMA max_page_count = 1`); err != nil {
		t.Fatal(err)
	}
	big := decision(9)
	big.Reason = strings.Repeat("x", 1<<20)
	if _, err := j.Intend(t.Context(), big); !errors.Is(err, ErrNotWritten) {
		t.Fatalf("got %v", err)
	}
	if n, _ := j.Head(); n != 9 {
		t.Errorf("head %d", n)
	}
	if rep, err := j.Verify(t.Context(), VerifyOptions{}); err != nil || !rep.OK {
		t.Errorf("%+v %v", rep, err)
	}
}

func TestUnfinishedAndRights(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	fill(t, j)
	open, err := j.Intend(t.Context(), decision(7))
	if err != nil {
		t.Fatal(err)
	}
	half, err := j.Intend(t.Context(), decision(8))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Outcome(t.Context(), half, Result{Outcome: OutcomeGrantedNotClosed}); err != nil {
		t.Fatal(err)
	}
	rows, err := j.Unfinished(t.Context(), 0)
	if err != nil || len(rows) != 2 || rows[0].ActID != half.ActID || rows[1].ActID != open.ActID {
		t.Errorf("%+v %v", rows, err)
	}
	for _, c := range []struct {
		r    Rights
		want int
	}{{Rights{}, 0}, {Rights{Self: "u-anna"}, 5}, {Rights{Self: "u-felix"}, 0}, {Rights{BankIDs: []string{"b1"}}, 5}, {Rights{BankIDs: []string{"b2"}}, 0}, {Rights{All: true}, 5}} {
		if p, err := j.Search(t.Context(), Filter{Rights: c.r}); err != nil || len(p.Rows) != c.want {
			t.Errorf("%+v: %d rows, %v; want %d", c.r, len(p.Rows), err, c.want)
		}
	}
	p, err := j.Search(t.Context(), Filter{Rights: Rights{All: true}, Limit: 3})
	if err != nil || len(p.Rows) != 3 || p.Older == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	if p, err = j.Search(t.Context(), Filter{Rights: Rights{All: true}, Limit: 3, Before: p.Older}); err != nil || len(p.Rows) != 2 || p.Older != 0 {
		t.Errorf("second page: %+v %v", p, err)
	}
}

func TestParallelWritersMakeOneChain(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	var wg sync.WaitGroup
	var turns atomic.Int32
	for i := range 50 {
		wg.Go(func() {
			if _, err := j.Intend(context.Background(), decision(i)); err != nil {
				t.Error(err)
			}
			_, err := j.TakeTurn(context.Background(), TurnKey{"u-felix", "CanCreateBranch", "b1"}, Party{UserID: "u-anna", Username: "anna"}, fmt.Sprint(i), time.Hour)
			var busy *BusyError
			switch {
			case err == nil:
				turns.Add(1)
			case !errors.As(err, &busy) || busy.Holder.Username != "anna":
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if turns.Load() != 1 {
		t.Errorf("%d had the turn", turns.Load())
	}
	if rep, err := j.Verify(t.Context(), VerifyOptions{}); err != nil || !rep.OK || rep.Entries != 50 {
		t.Errorf("%+v %v", rep, err)
	}
}

func TestTurnsAreReleasedAndLapse(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	k := TurnKey{"u", "r", ""}
	release, err := j.TakeTurn(t.Context(), k, Party{UserID: "a"}, "1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.TakeTurn(t.Context(), TurnKey{"u", "r", "b1"}, Party{UserID: "b"}, "2", time.Hour); err != nil {
		t.Errorf("another scope: %v", err)
	}
	release()
	if _, err := j.TakeTurn(t.Context(), k, Party{UserID: "b"}, "3", time.Nanosecond); err != nil {
		t.Errorf("after the release: %v", err)
	}
	release() // of an older turn ends nothing
	if _, err := j.TakeTurn(t.Context(), k, Party{UserID: "c"}, "4", time.Hour); err != nil {
		t.Errorf("after the lapse: %v", err)
	}
}

func BenchmarkIntend(b *testing.B) {
	j := openTest(b, filepath.Join(b.TempDir(), "j.db"), nil)
	defer j.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Intend(context.Background(), decision(1)); err != nil {
			b.Fatal(err)
		}
	}
}

// A turn that is given back while another asks for it is taken or busy, never
// an error of the store.
func TestTurnGivenBackMeanwhile(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	defer j.Close()
	var g errgroup.Group
	for i := range 4 {
		g.Go(func() error {
			for n := range 200 {
				release, err := j.TakeTurn(t.Context(), TurnKey{"u", "r", ""}, Party{UserID: "a"}, fmt.Sprint(i, n), time.Hour)
				var busy *BusyError
				switch {
				case err == nil:
					release()
				case !errors.As(err, &busy):
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
