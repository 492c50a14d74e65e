package journal

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"obpconsole/session/storetest"
)

// server is where journals of tests lie while TestPostgres runs; nil: in files.
var server struct {
	*storetest.Postgres
	databases map[string]string // by path
}

// placed moves a journal of a test to the server, if there is one: the same
// path is the same database.
func placed(t testing.TB, o Options) Options {
	if server.Postgres == nil {
		return o
	}
	if server.databases[o.Path] == "" {
		server.databases[o.Path] = server.Database(t)
	}
	o.Postgres = server.databases[o.Path]
	return o
}

// The journal does in PostgreSQL what it does in a file: the same tests run, but
// for those that spoil the file by means of SQLite.
func TestPostgres(t *testing.T) {
	server.Postgres, server.databases = storetest.StartPostgres(t, false), map[string]string{}
	t.Cleanup(func() { server.Postgres = nil })
	for name, test := range map[string]func(*testing.T){
		"ActIsReadBackWhole": TestActIsReadBackWhole, "ApprovalLapsesAndIsWithdrawn": TestApprovalLapsesAndIsWithdrawn,
		"BatchGoesOnAfterRestart": TestBatchGoesOnAfterRestart, "BatchRefuses": TestBatchRefuses,
		"CSVTimes": TestCSVTimes, "CancelledContext": TestCancelledContext, "ChangesTogether": TestChangesTogether, "ChangeGivenUp": TestChangeGivenUp, "LinesOfParallelWriters": TestLinesOfParallelWriters, "EarlierAndLastDecisions": TestEarlierAndLastDecisions,
		"EraseOfPerson": TestEraseOfPerson, "EraseOfTime": TestEraseOfTime, "ErasureCoversNoMore": TestErasureCoversNoMore,
		"ExportBesideWriters": TestExportBesideWriters, "ExportOfHostileText": TestExportOfHostileText,
		"ParallelWritersMakeOneChain": TestParallelWritersMakeOneChain, "ReadersDoNotWait": TestReadersDoNotWait,
		"SearchByTimeAfterClockRanBack": TestSearchByTimeAfterClockRanBack, "SearchFinds": TestSearchFinds, "SecondPerson": TestSecondPerson,
		"SecondPersonInParallel": TestSecondPersonInParallel, "SettingsSince": TestSettingsSince, "TurnGivenBackMeanwhile": TestTurnGivenBackMeanwhile,
		"TurnsAreReleasedAndLapse": TestTurnsAreReleasedAndLapse, "UnfinishedAndRights": TestUnfinishedAndRights, "VerifyBesideWriters": TestVerifyBesideWriters,
		"VerifyExport": TestVerifyExport, "VerifyExportOfPart": TestVerifyExportOfPart,
		"VerifyKeys": TestVerifyKeys, "VerifyFinds": TestVerifyFinds, "VerifyFindsAnyEdit": TestVerifyFindsAnyEdit, "VerifyFindsRows": TestVerifyFindsRows,
		"VerifyFindsEditWithItsHash": TestVerifyFindsEditWithItsHash, "VerifySince": TestVerifySince, "VerifySinceDoesNotTrustItsNote": TestVerifySinceDoesNotTrustItsNote,
		"ReadLog": TestReadLog, "EraseRefuses": TestEraseRefuses, "BatchItemsAreBound": TestBatchItemsAreBound, "FaultsAreBounded": TestFaultsAreBounded,
		"AppendOnly":           TestAppendOnly,
		"KilledWhileAppending": TestKilledWhileAppending,
	} {
		t.Run(name, test)
	}
	t.Run("one chain of two nodes", testOneChain)
	t.Run("turns of a dead node", testTurnsOfDeadNode)
}

// spelled is a test's tampering in the words of PostgreSQL, when the journal lies there.
func spelled(j *Journal, sql string) string {
	if !j.shared() {
		return sql
	}
	return strings.NewReplacer(dropTriggers, `DROP TRIGGER entries_append_only ON entries; DROP TRIGGER texts_append_only ON texts; `,
		`replace(body, 'CanCreateBranch', 'CanCreateBank')`, `convert_to(replace(convert_from(body, 'UTF8'), 'CanCreateBranch', 'CanCreateBank'), 'UTF8')`,
		`replace(body, 'granted', 'refused')`, `convert_to(replace(convert_from(body, 'UTF8'), 'granted', 'refused'), 'UTF8')`,
		`PRAGMA foreign_keys = 0`, `SET session_replication_role = replica`, `PRAGMA query_only = 1`, `SET default_transaction_read_only = on`,
		`PRAGMA query_only = 0`, `SET default_transaction_read_only = off`,
		`x'00'`, `'\x00'`, `SELECT name FROM pragma_table_info(?)`, `SELECT CAST(column_name AS text) FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position`,
		`ORDER BY hex(`, `ORDER BY md5(''||`, `abs(?)`, `abs(CAST(? AS bigint))`).Replace(sql)
}

// Two nodes write at once: the chain is one, and each sees what the other wrote.
func testOneChain(t *testing.T) {
	path := t.TempDir()
	a, b := openTest(t, path, nil), openTest(t, path, nil)
	defer a.Close()
	defer b.Close()
	const each = 60
	var wg sync.WaitGroup
	for _, j := range []*Journal{a, b} {
		for range 3 {
			wg.Go(func() {
				for i := range each {
					in, err := j.Intend(t.Context(), decision(i))
					if err == nil {
						err = j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone})
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for _, j := range []*Journal{a, b} {
		rep, err := j.Verify(t.Context(), VerifyOptions{})
		if err != nil || !rep.OK || rep.Entries != 2*2*3*each {
			t.Errorf("%d entries, %+v, %v", rep.Entries, rep.Faults, err)
		}
	}
	h, err := a.newest(t.Context())
	if err != nil || h.n != 2*2*3*each {
		t.Errorf("the head is at %d, %v", h.n, err)
	}
	// An act that one node began is ended by the other, once.
	in := must[Intent](t)(a.Intend(t.Context(), decision(1)))
	if err := b.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
		t.Error(err)
	}
	if err := a.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); !errors.Is(err, ErrFinished) {
		t.Errorf("ended twice: %v", err)
	}
}

// What a node held that is gone is free at once; what a living one holds stays,
// also over another's start.
func testTurnsOfDeadNode(t *testing.T) {
	path := t.TempDir()
	a, b := openTest(t, path, nil), openTest(t, path, nil)
	defer b.Close()
	k := TurnKey{UserID: "u1", Role: "CanX"}
	if _, err := a.TakeTurn(t.Context(), k, Party{UserID: "a"}, "act1", time.Hour); err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := b.TakeTurn(t.Context(), k, Party{UserID: "b"}, "act2", time.Hour); !errors.As(err, &busy) || busy.Holder.UserID != "a" {
		t.Fatalf("beside a living node: %v", err)
	}
	if err := b.DropTurns(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.TakeTurn(t.Context(), k, Party{UserID: "b"}, "act2", time.Hour); !errors.As(err, &busy) {
		t.Fatalf("after the other's start: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		_, err := b.TakeTurn(t.Context(), k, Party{UserID: "b"}, "act3", time.Hour)
		return err == nil
	})
	// The sign of life is set up again when its connection breaks.
	if _, err := b.DB().Exec(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid = ?::oid`, b.node.id); err != nil {
		t.Fatal(err)
	}
	other := TurnKey{UserID: "u2", Role: "CanX"}
	eventually(t, func() bool {
		_, err := b.TakeTurn(t.Context(), other, Party{UserID: "b"}, "act4", time.Hour)
		return err == nil
	})
	c := openTest(t, path, nil)
	defer c.Close()
	if _, err := c.TakeTurn(t.Context(), other, Party{UserID: "c"}, "act5", time.Hour); !errors.As(err, &busy) {
		t.Errorf("of a node whose connection was renewed: %v", err)
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it did not happen")
		}
	}
}
