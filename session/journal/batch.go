package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// batchSeen is what the entry of a bulk act keeps as seen: the choice with its
// names, which the table of items does not hold.
type batchSeen struct {
	Items []batchPerson   `json:"items"`
	Seen  json.RawMessage `json:"seen,omitempty"`
}

type batchPerson struct {
	UserID string `json:"user_id,omitempty"`
	Party
	Role    string    `json:"role,omitempty"`
	BankID  string    `json:"bank_id,omitempty"`
	Request string    `json:"entitlement_request_id,omitempty"`
	Target  string    `json:"target,omitempty"`
	State   ItemState `json:"state"`
	Code    string    `json:"code,omitempty"`
}

// StartBatch writes the intent of a bulk act (ActBulk when e.Act is empty)
// with its items, those left out too, in one step. Its id is the act's.
func (j *Journal) StartBatch(ctx context.Context, e Entry, items []BatchItem) (Batch, error) {
	if e.Act == "" {
		e.Act = ActBulk
	}
	items = slices.Clone(items)
	seen := batchSeen{Seen: e.Seen}
	for i, it := range items {
		if it.State == "" {
			it.State = ItemPending
		}
		if it.State != ItemPending && it.State != ItemLeftOut {
			return Batch{}, errors.New("journal: an item begins pending or left out")
		}
		it.Pos, it.ActID = i, ""
		items[i] = it
		seen.Items = append(seen.Items, batchPerson{it.Person.UserID, it.Person, it.Role, it.BankID, it.EntitlementRequestID, it.Target, it.State, it.Code})
	}
	var err error
	if e.Seen, err = json.Marshal(seen); err != nil {
		return Batch{}, err
	}
	e.Details = maps.Clone(e.Details)
	if e.Details == nil {
		e.Details = map[string]string{}
	}
	e.Details[detailChosen], e.Details[detailLeftOut] = chosen(items)
	var in Intent
	err = j.change(ctx, func(w *writer) error {
		if in, err = w.begin(KindIntent, e, Result{}); err != nil {
			return err
		}
		if err := w.exec(`INSERT INTO batches (id, n, operator_id, open) VALUES (?,?,?,1)`, in.ActID, in.N, e.Operator.UserID); err != nil {
			return err
		}
		for _, it := range items {
			if err := w.exec(`INSERT INTO batch_items (batch_id, pos, state, code, act_id, person_id, role, bank_id, request_id, target) VALUES (?,?,?,?,'',?,?,?,?,?)`,
				in.ActID, it.Pos, string(it.State), it.Code, it.Person.UserID, it.Role, it.BankID, it.EntitlementRequestID, it.Target); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Batch{}, err
	}
	return j.Batch(context.WithoutCancel(ctx), in.ActID)
}

// The details of a bulk act's entry that bind the table of items to it.
const (
	detailChosen  = "chosen"   // hash of the ids of all items
	detailLeftOut = "left_out" // positions that were left out from the start
)

func chosen(items []BatchItem) (hash, leftOut string) {
	var ids [][5]string
	var out []string
	for _, it := range items {
		ids = append(ids, [5]string{it.Person.UserID, it.Role, it.BankID, it.EntitlementRequestID, it.Target})
		if it.State == ItemLeftOut {
			out = append(out, strconv.Itoa(it.Pos))
		}
	}
	b, _ := json.Marshal(ids) // strings cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), strings.Join(out, ",")
}

// asChosen tells whether items are those that the bulk act's entry was
// written with, and none that was left out is to be done.
func asChosen(items []BatchItem, details map[string]string) bool {
	hash, leftOut := chosen(items)
	now := strings.Split(leftOut, ",")
	for _, pos := range strings.Split(details[detailLeftOut], ",") {
		if pos != "" && !slices.Contains(now, pos) {
			return false
		}
	}
	return hash == details[detailChosen]
}

// item gives the state and act of an item of an open batch.
func (w *writer) item(batchID string, pos int) (state ItemState, actID string, err error) {
	var open bool
	err = w.row(`SELECT i.state, i.act_id, b.open FROM batch_items i JOIN batches b ON b.id = i.batch_id WHERE i.batch_id = ? AND i.pos = ?`, batchID, pos).Scan(&state, &actID, &open)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", refusal{ErrNotFound}
	case err == nil && (!open || state != ItemPending):
		return "", "", refusal{ErrFinished}
	}
	return state, actID, err
}

// IntendItem writes the intent of a pending item's own act, as a child of the
// batch. ErrUnfinished: it had begun before, and what became of it must be
// found out first; ErrFinished: it is done.
func (j *Journal) IntendItem(ctx context.Context, batchID string, pos int, e Entry) (in Intent, err error) {
	err = j.change(ctx, func(w *writer) error {
		_, actID, err := w.item(batchID, pos)
		if err != nil {
			return err
		}
		if actID != "" {
			var outcome Outcome
			if err := w.row(`SELECT a.outcome FROM entries e JOIN acts a ON a.n = e.n WHERE e.act_id = ? AND e.kind = 'intent'`, actID).Scan(&outcome); err != nil {
				return err
			}
			switch {
			case !outcome.Final():
				return refusal{ErrUnfinished}
			case outcome == OutcomeDone:
				return refusal{ErrFinished}
			}
		}
		e.ParentID, e.ParentKind = batchID, ParentBulk
		if in, err = w.begin(KindIntent, e, Result{}); err != nil {
			return err
		}
		return w.exec(`UPDATE batch_items SET act_id = ? WHERE batch_id = ? AND pos = ?`, in.ActID, batchID, pos)
	})
	return in, err
}

// EndItem ends a pending item, and its act if that is open, in one step, even
// when ctx is cancelled. code says in a word why it failed or was left out. An
// item that did not begin can only fail or be left out.
func (j *Journal) EndItem(ctx context.Context, batchID string, pos int, state ItemState, code string, r Result) error {
	return j.change(context.WithoutCancel(ctx), func(w *writer) error {
		_, actID, err := w.item(batchID, pos)
		if err != nil {
			return err
		}
		switch {
		case state != ItemDone && state != ItemFailed && state != ItemLeftOut, state == ItemDone && actID == "", state == ItemLeftOut && actID != "":
			return refusal{errors.New("journal: item " + strconv.Itoa(pos) + " cannot end as " + string(state))}
		case actID != "":
			if _, err := w.add(KindOutcome, Entry{ActID: actID}, "", r); err != nil && !errors.Is(err, ErrFinished) {
				return err
			}
		}
		return w.exec(`UPDATE batch_items SET state = ?, code = ? WHERE batch_id = ? AND pos = ?`, string(state), code, batchID, pos)
	})
}

// EndBatch ends a bulk act, with r as its outcome, even when ctx is cancelled.
// With OutcomeDone nothing may be pending, else ErrUnfinished; with another
// final outcome what is pending and has not begun is left out.
func (j *Journal) EndBatch(ctx context.Context, id string, r Result) error {
	return j.change(context.WithoutCancel(ctx), func(w *writer) error {
		var pending, begun int
		if err := w.row(`SELECT count(*), count(*) FILTER (WHERE act_id <> '') FROM batch_items WHERE batch_id = ? AND state = 'pending'`, id).Scan(&pending, &begun); err != nil {
			return err
		}
		if begun > 0 || pending > 0 && (r.Outcome == OutcomeDone || !r.Outcome.Final()) {
			return refusal{ErrUnfinished}
		}
		if _, err := w.add(KindOutcome, Entry{ActID: id}, "", r); err != nil {
			return err
		}
		if err := w.exec(`UPDATE batch_items SET state = 'left_out', code = 'ended' WHERE batch_id = ? AND state = 'pending'`, id); err != nil {
			return err
		}
		n, err := w.count(`UPDATE batches SET open = ? WHERE id = ?`, yesNo(!r.Outcome.Final()), id)
		if err == nil && n == 0 {
			err = refusal{ErrNotFound}
		}
		return err
	})
}
