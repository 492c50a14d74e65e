package journal

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

var (
	scale     = flag.Int("journal.entries", 30_000, "entries of the journal that BenchmarkScale builds; 1000000 is what the page's limit is for")
	scaleFile = flag.String("journal.file", "", "file in which BenchmarkScale keeps its journal for the next run")
)

// build appends acts of three entries until there are n, in few transactions.
func build(t testing.TB, j *Journal, n int) {
	t.Helper()
	ctx := context.Background()
	for i := 0; i < n; {
		err := j.change(ctx, func(w *writer) error {
			for range 3000 {
				if i++; i > n {
					return nil
				}
				e := decision(i)
				e.Act = []Act{ActApprove, ActDecline, ActGrant, ActLock}[i%4]
				e.Operator = Party{UserID: fmt.Sprint("op", i%17), Username: fmt.Sprint("op-name", i%17), Email: fmt.Sprintf("op%d@example.com", i%17), Provider: "p"}
				e.Person = Party{UserID: fmt.Sprint("u", i%5003), Username: fmt.Sprint("name", i%5003), Email: fmt.Sprintf("n%d@example.com", i%5003), Provider: "p"}
				e.Role, e.BankID, e.Ticket = fmt.Sprint("Role", i%301), fmt.Sprint("b", i%41), fmt.Sprint("T-", i)
				e.Reason, e.Seen = "needs it for the branch, as agreed with the manager", []byte(`{"roles":["CanGetUsers","CanCreateBranch"],"locked":false,"warnings":[]}`)
				in, err := w.begin(KindIntent, e, Result{})
				if err != nil {
					return err
				}
				outcome := OutcomeDone
				if i%100_000 == 1 {
					outcome = OutcomeFailed
				}
				if i++; i <= n {
					_, err = w.add(KindStep, Entry{ActID: in.ActID}, "granted", Result{OBPStatus: 201, EntitlementIDs: []string{in.ActID}})
				}
				if i++; i <= n && err == nil {
					_, err = w.add(KindOutcome, Entry{ActID: in.ActID}, "", Result{Outcome: outcome, OBPStatus: 200, CorrelationID: in.ActID})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func scaleJournal(b *testing.B) *Journal {
	b.Helper()
	path := *scaleFile
	if path == "" {
		path = filepath.Join(b.TempDir(), "j.db")
	}
	_, err := os.Stat(path)
	j := openTest(b, path, nil)
	b.Cleanup(func() { j.Close() })
	if errors.Is(err, fs.ErrNotExist) {
		start := time.Now()
		build(b, j, *scale)
		b.Logf("built %d entries in %v", *scale, time.Since(start))
	}
	return j
}

// BenchmarkScale measures a journal of -journal.entries entries: each kind of
// page, and the rate of a verification.
func BenchmarkScale(b *testing.B) {
	j := scaleJournal(b)
	all := Rights{All: true}
	n, _ := j.Head()
	mid, err := j.Search(b.Context(), Filter{Rights: all, Before: n / 2, Limit: 1})
	if err != nil {
		b.Fatal(err)
	}
	day := mid.Rows[0].At
	for _, c := range []struct {
		name string
		f    Filter
	}{
		{"newest", Filter{Rights: all}},
		{"deep", Filter{Rights: all, Before: n / 2}},
		{"person", Filter{Rights: all, Person: "u77"}},
		{"personByMail", Filter{Rights: all, Person: "N77@example.com"}},
		{"operator", Filter{Rights: all, Operator: "op3"}},
		{"anyone", Filter{Rights: all, Anyone: "op-name3"}},
		{"role", Filter{Rights: all, Role: "Role7"}},
		{"bank", Filter{Rights: all, BankIDs: []string{"b7"}}},
		{"acts", Filter{Rights: all, Acts: []Act{ActApprove, ActGrant}}},
		{"noSuchAct", Filter{Rights: all, Acts: []Act{ActErase}}},
		{"rareOutcome", Filter{Rights: all, Outcomes: []Outcome{OutcomeFailed}}},
		{"outcomeOfOperator", Filter{Rights: all, Operator: "op3", Outcomes: []Outcome{OutcomeDone}}},
		{"rareOutcomeOfAct", Filter{Rights: all, Acts: []Act{ActGrant}, Outcomes: []Outcome{OutcomeFailed}}},
		{"environment", Filter{Rights: all, Environment: "test"}},
		{"ticket", Filter{Rights: all, Ticket: "t-300"}},
		{"oldTime", Filter{Rights: all, From: day.Add(-time.Minute), To: day}},
		{"time", Filter{Rights: all, To: day}},
		{"counted", Filter{Rights: all, Operator: "op3", Count: true}},
		{"ofBanksAndSelf", Filter{Rights: Rights{Self: "op3", BankIDs: []string{"b1", "b2", "b3"}}}},
		{"ofSelfWithoutActs", Filter{Rights: Rights{Self: "nobody"}}},
	} {
		b.Run("page/"+c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := j.Search(context.Background(), c.f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("page/unfinished", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Unfinished(context.Background(), time.Minute); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("page/earlier", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Earlier(context.Background(), "u77", "Role7", "b7", 5); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.ExportNDJSON(context.Background(), io.Discard, Filter{Rights: all}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("append", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := j.Intend(context.Background(), decision(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verifySince", func(b *testing.B) {
		if _, err := j.VerifySince(context.Background(), VerifyOptions{}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if rep, err := j.VerifySince(context.Background(), VerifyOptions{}); err != nil || !rep.OK {
				b.Fatal(rep, err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		var mem runtime.MemStats
		var highest uint64
		n, _ := j.Head()
		for b.Loop() {
			rep, err := j.Verify(context.Background(), VerifyOptions{})
			if err != nil || !rep.OK {
				b.Fatal(rep, err)
			}
			runtime.ReadMemStats(&mem)
			highest = max(highest, mem.HeapAlloc)
		}
		b.ReportMetric(float64(highest)/1e6, "MB-heap")
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}
