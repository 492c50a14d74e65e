package journal

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

func fourItems() []BatchItem {
	return []BatchItem{{Person: felix, Role: "R1", BankID: "b1", EntitlementRequestID: "r1"},
		{Person: anna, Role: "R1", State: ItemLeftOut, Code: "yours"},
		{Person: Party{"u-zoe", "zoe", "", ""}, Role: "R2", EntitlementRequestID: "r2", Target: "x"},
		{Person: Party{"u-eve", "eve", "", ""}, Role: "R3"}}
}

// A bulk act that was cut off waits after a restart with its items as they
// were, and goes on where it stood.
func TestBatchGoesOnAfterRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	b := must[Batch](t)(j.StartBatch(t.Context(), Entry{Operator: anna, Reason: "quarter end", Seen: []byte(`{"filter":"b1"}`)}, fourItems()))
	if b.Entry.Act != ActBulk || !b.Open || fmt.Sprint(b.Counts) != "map[left_out:1 pending:3]" || b.Items[0].Person != felix || b.Items[1].Code != "yours" {
		t.Fatalf("%+v", b)
	}
	e := Entry{Act: ActApprove, Operator: anna, Person: felix, Role: "R1", BankID: "b1", EntitlementRequestID: "r1"}
	in := must[Intent](t)(j.IntendItem(t.Context(), b.ActID, 0, e))
	if err := j.EndItem(t.Context(), b.ActID, 0, ItemDone, "", Result{Outcome: OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	cut := must[Intent](t)(j.IntendItem(t.Context(), b.ActID, 2, Entry{Act: ActApprove, Operator: anna, Role: "R2"}))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	j = openTest(t, path, nil)
	defer j.Close()
	open := must[[]Batch](t)(j.OpenBatches(t.Context(), "u-anna"))
	if len(open) != 1 || len(must[[]Batch](t)(j.OpenBatches(t.Context(), "u-bob"))) != 0 || len(must[[]Batch](t)(j.OpenBatches(t.Context(), ""))) != 1 {
		t.Fatalf("%+v", open)
	}
	b = open[0]
	next, ok := b.Next()
	if !ok || next.Pos != 2 || next.ActID != cut.ActID || next.Person.Username != "zoe" || b.Items[0].State != ItemDone || b.Items[0].ActID != in.ActID ||
		b.Entry.Reason != "quarter end" || string(b.Entry.Seen) != `{"filter":"b1"}` {
		t.Errorf("%+v", b)
	}
	if _, err := j.IntendItem(t.Context(), b.ActID, 2, e); !errors.Is(err, ErrUnfinished) {
		t.Errorf("begun again before it is known what became of it: %v", err)
	}
	if err := j.EndBatch(t.Context(), b.ActID, Result{Outcome: OutcomePartly}); !errors.Is(err, ErrUnfinished) {
		t.Errorf("ended over an item that has begun: %v", err)
	}
	if err := j.EndItem(t.Context(), b.ActID, 2, ItemFailed, "refused", Result{Outcome: OutcomeRefused, OBPCode: "OBP-30216"}); err != nil {
		t.Fatal(err)
	}
	if err := j.EndBatch(t.Context(), b.ActID, Result{Outcome: OutcomeDone}); !errors.Is(err, ErrUnfinished) {
		t.Errorf("done with a pending item: %v", err)
	}
	if err := j.EndItem(t.Context(), b.ActID, 3, ItemLeftOut, "deleted", Result{}); err != nil {
		t.Fatal(err)
	}
	if err := j.EndBatch(t.Context(), b.ActID, Result{Outcome: OutcomePartly}); err != nil {
		t.Fatal(err)
	}
	b = must[Batch](t)(j.Batch(t.Context(), b.ActID))
	if b.Open || fmt.Sprint(b.Counts) != "map[done:1 failed:1 left_out:2]" || b.Items[3].Code != "deleted" || b.Result.Outcome != OutcomePartly {
		t.Errorf("%+v", b)
	}
	if rows := must[[]Row](t)(j.Unfinished(t.Context(), 0)); len(rows) != 0 {
		t.Errorf("unfinished: %+v", rows)
	}
	if p := must[Page](t)(j.Search(t.Context(), Filter{ParentID: b.ActID, Rights: Rights{All: true}})); len(p.Rows) != 2 || p.Rows[0].Entry.ParentKind != ParentBulk {
		t.Errorf("%+v", p.Rows)
	}
	for name, err := range map[string]error{
		"item after the end": j.EndItem(t.Context(), b.ActID, 3, ItemFailed, "", Result{}), "batch after the end": j.EndBatch(t.Context(), b.ActID, Result{Outcome: OutcomeDone})} {
		if !errors.Is(err, ErrFinished) {
			t.Errorf("%s: %v", name, err)
		}
	}
	intact(t, j)
}

func TestBatchRefuses(t *testing.T) {
	j := newTest(t)
	if _, err := j.StartBatch(t.Context(), Entry{}, []BatchItem{{State: ItemDone}}); err == nil {
		t.Error("an item began done")
	}
	b := must[Batch](t)(j.StartBatch(t.Context(), Entry{Operator: anna}, fourItems()))
	for name, err := range map[string]error{
		"done without an act": j.EndItem(t.Context(), b.ActID, 0, ItemDone, "", Result{}),
		"pending again":       j.EndItem(t.Context(), b.ActID, 0, ItemPending, "", Result{}),
	} {
		if err == nil || errors.Is(err, ErrNotWritten) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := j.EndItem(t.Context(), b.ActID, 9, ItemFailed, "", Result{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := j.EndItem(t.Context(), b.ActID, 1, ItemFailed, "", Result{}); !errors.Is(err, ErrFinished) {
		t.Errorf("left out, then failed: %v", err)
	}
	if _, err := j.Batch(t.Context(), "no"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := j.EndBatch(t.Context(), "no", Result{Outcome: OutcomeDone}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	// an item's act that the alarm page closed does not hold the batch up
	in := must[Intent](t)(j.IntendItem(t.Context(), b.ActID, 0, Entry{Act: ActApprove}))
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	if err := j.EndItem(t.Context(), b.ActID, 0, ItemDone, "", Result{Outcome: OutcomeDone}); err != nil {
		t.Error(err)
	}
	// what was given up
	if err := j.EndBatch(t.Context(), b.ActID, Result{Outcome: OutcomePartly}); err != nil {
		t.Error(err)
	}
	if b = must[Batch](t)(j.Batch(t.Context(), b.ActID)); b.Counts[ItemLeftOut] != 3 || b.Items[3].Code != "ended" {
		t.Errorf("%+v", b)
	}
	// one browser at a time
	release, err := j.TakeTurn(t.Context(), BatchKey(b.ActID), anna, "1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := j.TakeTurn(t.Context(), BatchKey(b.ActID), anna, "2", time.Minute); !errors.As(err, &busy) {
		t.Errorf("two go on at once: %v", err)
	}
	release()
	must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{Before: j.o.Now()}))
	if b = must[Batch](t)(j.Batch(t.Context(), b.ActID)); b.Items[0].Person != (Party{UserID: "u-felix"}) || b.Items[0].State != ItemDone {
		t.Errorf("after the erasure: %+v", b.Items)
	}
	intact(t, j)
}

// Items that were edited in the store are not gone on with.
func TestBatchItemsAreBound(t *testing.T) {
	for name, c := range map[string]struct {
		sql   string
		stops bool // also who would go on with it
	}{
		"another person":     {`UPDATE batch_items SET person_id = 'u-eve' WHERE pos = 0`, true},
		"another role":       {`UPDATE batch_items SET role = 'R9' WHERE pos = 0`, true},
		"left out, then not": {`UPDATE batch_items SET state = 'pending' WHERE pos = 1`, true},
		"an item more":       {`INSERT INTO batch_items SELECT batch_id, 4, 'pending', '', '', 'u-eve', 'R', '', '', '' FROM batch_items WHERE pos = 0`, true},
		"an item less":       {`DELETE FROM batch_items WHERE pos = 0`, true},
		"another's act":      {`UPDATE batch_items SET act_id = batch_id WHERE pos = 0`, false},
		"another operator":   {`UPDATE batches SET operator_id = 'u-eve'`, false},
		"open for ever":      {`UPDATE batches SET open = 1 - open`, false},
		"a batch gone":       {`DELETE FROM batch_items; DELETE FROM batches`, false},
	} {
		t.Run(name, func(t *testing.T) {
			j := newTest(t)
			b := must[Batch](t)(j.StartBatch(t.Context(), Entry{Operator: anna}, fourItems()))
			in := must[Intent](t)(j.IntendItem(t.Context(), b.ActID, 0, Entry{Act: ActApprove}))
			if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
				t.Fatal(err)
			}
			if _, err := j.IntendItem(t.Context(), b.ActID, 0, Entry{Act: ActApprove}); !errors.Is(err, ErrFinished) {
				t.Errorf("done twice: %v", err)
			}
			intact(t, j)
			tamper(t, j, `PRAGMA foreign_keys = 0`)
			tamper(t, j, c.sql)
			if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK {
				t.Error("unseen")
			}
			if _, err := j.Batch(t.Context(), b.ActID); c.stops && !errors.Is(err, ErrItemsChanged) {
				t.Errorf("got %v", err)
			}
		})
	}
}
