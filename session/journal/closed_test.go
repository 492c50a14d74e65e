package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// prepared gives all ways to write, with what they need made; text is what each
// would store.
func prepared(t *testing.T, j *Journal) map[string]func(text string) error {
	ctx := t.Context()
	in := must[Intent](t)(j.Intend(ctx, decision(1)))
	var waits, goes []Approval
	for i := range 6 {
		e := risky
		e.Role = fmt.Sprint("R", i)
		waits = append(waits, must[Approval](t)(j.FirstApproval(ctx, e)))
		e.BankID = "b1"
		a := must[Approval](t)(j.FirstApproval(ctx, e))
		goes = append(goes, must[Approval](t)(j.Confirm(ctx, a.ID, Entry{Operator: bob}, nil)))
	}
	b := must[Batch](t)(j.StartBatch(ctx, Entry{Operator: anna}, fourItems()))
	empty := must[Batch](t)(j.StartBatch(ctx, Entry{Operator: anna}, nil))
	must[Intent](t)(j.IntendItem(ctx, b.ActID, 0, Entry{Act: ActApprove}))
	return map[string]func(string) error{
		"intend":  func(s string) error { _, err := j.Intend(ctx, Entry{Act: ActGrant, Reason: s}); return err },
		"record":  func(s string) error { _, err := j.Record(ctx, Entry{Act: ActSignIn, Reason: s}, Result{}); return err },
		"step":    func(s string) error { return j.Step(ctx, in, Step{Name: "granted", Note: s}) },
		"outcome": func(s string) error { return j.Outcome(ctx, in, Result{Outcome: OutcomeUnknown, Note: s}) },
		"turn": func(s string) error {
			_, err := j.TakeTurn(ctx, TurnKey{UserID: "u"}, Party{Username: s}, "1", time.Hour)
			return err
		},
		"first approval": func(s string) error {
			_, err := j.FirstApproval(ctx, Entry{Act: ActGrant, Operator: anna, Reason: s})
			return err
		},
		"confirm": func(s string) error {
			_, err := j.Confirm(ctx, waits[0].ID, Entry{Operator: bob, Reason: s}, nil)
			return err
		},
		"withdraw": func(s string) error { return j.Withdraw(ctx, waits[1].ID, Entry{Operator: anna, Reason: s}) },
		"use approval": func(s string) error {
			e := risky
			e.Role, e.BankID, e.Reason = "R0", "b1", s
			_, err := j.UseApproval(ctx, goes[0].ID, e)
			return err
		},
		"start batch": func(s string) error { _, err := j.StartBatch(ctx, Entry{Reason: s}, fourItems()); return err },
		"intend item": func(s string) error {
			_, err := j.IntendItem(ctx, b.ActID, 2, Entry{Act: ActApprove, Reason: s})
			return err
		},
		"end item": func(s string) error {
			return j.EndItem(ctx, b.ActID, 0, ItemFailed, "", Result{Outcome: OutcomeFailed, Note: s})
		},
		"leave item out": func(s string) error { return j.EndItem(ctx, b.ActID, 3, ItemLeftOut, s, Result{}) },
		"end batch":      func(s string) error { return j.EndBatch(ctx, empty.ActID, Result{Outcome: OutcomeDone, Note: s}) },
		"settings":       func(s string) error { _, err := j.SettingsSince(ctx, map[string]string{"X": s}); return err },
		"read":           func(s string) error { return j.Read(ctx, "s1", "u", ReadUser, s) },
		"erase": func(s string) error {
			_, err := j.Erase(ctx, Entry{Operator: anna, Reason: s}, Erasure{PersonID: "u-felix"})
			return err
		},
	}
}

// Whatever is wrong with the store, every act is refused, nothing is half
// written, and the chain stays intact (security 40).
func TestEveryWriteFailsClosed(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, *Journal){
		"full":      func(t *testing.T, j *Journal) { tamper(t, j, `PRAGMA max_page_count = 1`) },
		"read-only": readOnly,
		"closed": func(t *testing.T, j *Journal) {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "j.db")
			j := openTest(t, path, nil)
			defer func() { j.Close() }()
			writes := prepared(t, j)
			n, hash := j.Head()
			spoil(t, j)
			for what, write := range writes {
				if err := write(strings.Repeat("x", 1<<20)); !errors.Is(err, ErrNotWritten) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if n2, hash2 := j.Head(); n2 != n || hash2 != hash {
				t.Errorf("head went from %d to %d", n, n2)
			}
			if name == "closed" {
				j = openTest(t, path, nil)
			}
			rep, err := j.Verify(t.Context(), VerifyOptions{ExpectedN: n, ExpectedHash: hash})
			if err != nil || !rep.OK || rep.HeadN != n {
				t.Errorf("%+v %v", rep, err)
			}
		})
	}
}

// readOnly makes the store one that cannot be written, as on a disk that was
// remounted after an error.
func readOnly(t *testing.T, j *Journal) {
	t.Helper()
	for q, s := range j.stmts {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		delete(j.stmts, q)
	}
	if err := j.db.Close(); err != nil {
		t.Fatal(err)
	}
	j.db = must[*sql.DB](t)(sql.Open("sqlite", "file:"+j.o.Path+"?mode=ro&_txlock=immediate"))
	j.db.SetMaxOpenConns(1)
}

// Writes are on the disk when they return, and readers cannot write.
func TestConnections(t *testing.T) {
	j := newTest(t)
	var mode string
	var sync int
	if err := errors.Join(j.db.QueryRow(`PRAGMA journal_mode`).Scan(&mode), j.db.QueryRow(`PRAGMA synchronous`).Scan(&sync)); err != nil || mode != "wal" || sync != 2 {
		t.Errorf("%s %d %v", mode, sync, err)
	}
	if _, err := j.read.Exec(`DELETE FROM turns`); err == nil {
		t.Error("a reader wrote")
	}
}

// The journal's files are their owner's alone, also one that was there before.
func TestFileMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	j := openTest(t, path, nil)
	defer j.Close()
	for _, f := range must[[]string](t)(filepath.Glob(path + "*")) {
		if i := must[os.FileInfo](t)(os.Stat(f)); i.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", filepath.Base(f), i.Mode())
		}
	}
}

// When there is room again acts go on, on the same chain.
func TestFullStoreRecovers(t *testing.T) {
	j := newTest(t)
	fill(t, j)
	tamper(t, j, `PRAGMA max_page_count = 1`)
	refused := 0
	for i := 0; refused < 3; i++ { // small entries find room for a while
		if _, err := j.Intend(t.Context(), decision(i)); errors.Is(err, ErrNotWritten) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	tamper(t, j, `PRAGMA max_page_count = 1000000`)
	fill(t, j)
	intact(t, j)
}
