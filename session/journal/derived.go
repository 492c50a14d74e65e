package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
)

// derived checks the tables beside the chain that searches and lists use. It
// holds the acts that are open and one item a person's name, no entry.
type derived struct {
	*verifier
	ctx   context.Context
	tx    *moment
	whole bool // from the first entry on
	acts  map[string]*openAct
	last  map[string]*int64 // newest entry by user id, 0 byte, text of a party
	bare  int64             // names of parties without a user id
}

type openAct struct {
	n       int64
	row     rawAct
	outcome string
}

func (d *derived) entry(e *rawEntry) error {
	for _, t := range e.stray {
		d.strayText(t)
	}
	for _, a := range e.lost {
		d.fault(a.n, FaultSearch, "there is an act at entry %d, which opens none", a.n)
	}
	if e.n == 0 {
		return nil
	}
	d.verifier.entry(e.n, e.columns[:], e.body, e.hash)
	d.texts(e.texts)
	if d.bad {
		return nil
	}
	return errors.Join(d.act(e), d.names(e))
}

func (d *derived) act(e *rawEntry) error {
	f := &d.flat
	kind, outcome := Kind(f.columns[0]), string(f.columns[9])
	if kind == KindIntent || kind == KindEvent {
		if e.act == nil || !e.act.whole || e.act.environment != string(f.env) {
			d.fault(e.n, FaultSearch, "the act of entry %d is not listed as it was written", e.n)
			return nil
		}
		a := &openAct{n: e.n, row: *e.act, outcome: outcome}
		if kind == KindIntent {
			d.acts[string(f.columns[1])] = a
		} else {
			d.ended(a, false)
		}
		return nil
	}
	if e.act != nil {
		d.fault(e.n, FaultSearch, "there is an act at entry %d, which opens none", e.n)
	}
	if kind != KindOutcome {
		return nil
	}
	id := string(f.columns[1])
	a := d.acts[id]
	if a == nil {
		if d.whole {
			return nil // its opening is edited or missing, and reported
		}
		a = &openAct{row: rawAct{whole: true}}
		err := d.tx.QueryRowContext(d.ctx, `SELECT a.n, a.outcome, a.open FROM entries e JOIN acts a ON a.n = e.n WHERE e.act_id = ? AND e.kind = 'intent'`, id).
			Scan(&a.n, &a.row.outcome, &a.row.open)
		if errors.Is(err, sql.ErrNoRows) {
			d.fault(e.n, FaultSearch, "entry %d ends an act that is not listed", e.n)
			return nil
		}
		if err != nil {
			return err
		}
		d.acts[id] = a
	}
	if a.outcome = outcome; Outcome(outcome).Final() {
		d.ended(a, false)
		delete(d.acts, id)
	}
	return nil
}

func (d *derived) ended(a *openAct, open bool) {
	if a.row.outcome != a.outcome || a.row.open != open {
		d.fault(a.n, FaultSearch, "the outcome of the act of entry %d is not listed as it was written", a.n)
	}
}

func (d *derived) names(e *rawEntry) error {
	for _, t := range e.texts {
		var id []byte
		switch t.field {
		case "operator":
			id = d.flat.columns[4]
		case "person":
			id = d.flat.columns[5]
		default:
			continue
		}
		if len(id) > 0 {
			d.buf = append(append(append(d.buf[:0], id...), 0), t.text...)
			if last := d.last[string(d.buf)]; last != nil {
				*last = e.n
			} else {
				n := e.n
				d.last[string(d.buf)] = &n
			}
			continue
		}
		var p Party
		if json.Unmarshal([]byte(t.text), &p) != nil {
			continue // reported by its hash
		}
		for _, n := range partyNames(e.n, t.field, p) {
			var last int64
			err := d.tx.QueryRowContext(d.ctx, `SELECT last FROM names WHERE name = ? AND user_id = '' AND field = ? AND entry = ? AND typeof(last) = 'integer'`, n.name, n.field, e.n).Scan(&last)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if d.bare++; last != e.n {
				d.fault(e.n, FaultSearch, "a name in entry %d is not found by searches", e.n)
			}
		}
	}
	return nil
}

// end compares what was gathered with the tables.
func (d *derived) end() error {
	for _, a := range d.acts {
		d.ended(a, true)
	}
	want := map[name]int64{}
	for key, last := range d.last {
		id, text, _ := strings.Cut(key, "\x00")
		var p Party
		if json.Unmarshal([]byte(text), &p) != nil {
			continue
		}
		p.UserID = id
		for _, n := range partyNames(0, "", p) {
			want[n] = max(want[n], *last)
		}
	}
	rows, err := d.tx.QueryContext(d.ctx, `SELECT name, user_id, field, entry, last FROM names WHERE user_id <> '' OR typeof(user_id) <> 'text'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c [5]any
		if err := rows.Scan(&c[0], &c[1], &c[2], &c[3], &c[4]); err != nil {
			return err
		}
		text, _ := c[0].(string)
		id, _ := c[1].(string)
		last, _ := c[4].(int64)
		n, held := want[name{name: text, userID: id}]
		if d.whole && (!held || n != last) || held && last < n || c[2] != any("") || c[3] != any(int64(0)) {
			d.fault(last, FaultSearch, "searches know a name up to entry %d that no entry holds so", last)
		}
		delete(want, name{name: text, userID: id})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, n := range want {
		d.fault(n, FaultSearch, "a name in entry %d is not found by searches", n)
	}
	if err := errors.Join(d.approvals(), d.batches()); err != nil || !d.whole {
		return err
	}
	var bare, back int64
	if err := d.tx.QueryRowContext(d.ctx, `SELECT count(*) FROM names WHERE user_id = ''`).Scan(&bare); err != nil {
		return err
	}
	if bare != d.bare {
		d.fault(0, FaultSearch, "searches know %d names without a user id; the entries hold %d", bare, d.bare)
	}
	err = d.tx.QueryRowContext(d.ctx, `SELECT back FROM clock WHERE typeof(back) = 'integer'`).Scan(&back)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil || back != d.back {
		d.fault(0, FaultSearch, "the clock is noted to have run back by other than it did")
	}
	return nil
}
