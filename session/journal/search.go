package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// where gives the conditions of a filter over opening entries.
func (f Filter) where() (string, []any) {
	conds, args := []string{"kind IN ('intent','event')"}, []any{}
	eq := func(col, v string) {
		if v != "" {
			conds, args = append(conds, col+" = ?"), append(args, v)
		}
	}
	in := func(col string, vs []string) {
		conds = append(conds, col+" IN (?"+strings.Repeat(",?", len(vs)-1)+")")
		for _, v := range vs {
			args = append(args, v)
		}
	}
	eq("person_id", f.Person)
	eq("operator_id", f.Operator)
	eq("role", f.Role)
	eq("request_id", f.Request)
	eq("act_id", f.ActID)
	eq("parent_id", f.ParentID)
	if len(f.Acts) > 0 {
		acts := make([]string, len(f.Acts))
		for i, a := range f.Acts {
			acts[i] = string(a)
		}
		in("act", acts)
	}
	if len(f.BankIDs) > 0 {
		in("bank_id", f.BankIDs)
	}
	cmp := func(cond string, v any) { conds, args = append(conds, cond), append(args, v) }
	if !f.From.IsZero() {
		cmp("at >= ?", f.From.UnixNano())
	}
	if !f.To.IsZero() {
		cmp("at < ?", f.To.UnixNano())
	}
	if f.Before > 0 {
		cmp("n < ?", f.Before)
	}
	if !f.Rights.All {
		or, with := []string{"operator_id = ?"}, []any{f.Rights.Self}
		if f.Rights.Self == "" {
			or, with = []string{"0"}, nil
		}
		for _, b := range f.Rights.BankIDs {
			or, with = append(or, "bank_id = ?"), append(with, b)
		}
		conds, args = append(conds, "("+strings.Join(or, " OR ")+")"), append(args, with...)
	}
	return strings.Join(conds, " AND "), args
}

// Search gives acts, newest first, each with its steps and latest outcome.
// Filter.Person and Operator are user ids.
func (j *Journal) Search(ctx context.Context, f Filter) (Page, error) {
	limit := min(max(f.Limit, 0), 500)
	if limit == 0 {
		limit = 50
	}
	where, args := f.where()
	rows, err := j.acts(ctx, `SELECT act_id FROM entries WHERE `+where+` ORDER BY n DESC LIMIT ?`, append(args, limit+1)...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Rows: rows}
	if len(rows) > limit {
		p.Rows = rows[:limit]
		p.Older = p.Rows[limit-1].N
	}
	return p, nil
}

// Unfinished gives the acts whose intent is older than d and that have no
// final outcome: cut off in the middle, or granted and not closed.
func (j *Journal) Unfinished(ctx context.Context, d time.Duration) ([]Row, error) {
	return j.acts(ctx, `SELECT act_id FROM entries i WHERE kind = 'intent' AND at <= ? AND NOT EXISTS (
		SELECT 1 FROM entries o WHERE o.act_id = i.act_id AND o.kind = 'outcome' AND o.outcome NOT IN ('', ?, ?)) ORDER BY n DESC`,
		j.o.Now().Add(-d).UnixNano(), string(OutcomeUnknown), string(OutcomeGrantedNotClosed))
}

// Row gives one act by its id, ErrNotFound when there is none.
func (j *Journal) Row(ctx context.Context, actID string) (Row, error) {
	rows, err := j.acts(ctx, `SELECT act_id FROM entries WHERE act_id = ? AND kind IN ('intent','event')`, actID)
	if err != nil {
		return Row{}, err
	}
	if len(rows) == 0 {
		return Row{}, ErrNotFound
	}
	return rows[0], nil
}

// acts reads every entry of the acts that pick names, newest act first.
func (j *Journal) acts(ctx context.Context, pick string, args ...any) ([]Row, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT e.n, e.body, e.hash, (SELECT json_group_object(t.field, t.text) FROM texts t WHERE t.n = e.n)
		FROM entries e WHERE e.act_id IN (`+pick+`) ORDER BY e.n`, args...)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	var out []*Row
	byID := map[string]*Row{}
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		row := byID[s.Entry.ActID]
		switch {
		case row == nil:
			row = &Row{N: s.N, ActID: s.Entry.ActID, At: s.At, Environment: s.Environment, Entry: s.Entry, Event: s.Kind == KindEvent, Result: s.Result}
			byID[s.Entry.ActID] = row
			out = append(out, row)
		case s.Kind == KindStep:
			row.Steps = append(row.Steps, s)
		case s.Kind == KindOutcome:
			row.Result, row.EndedAt = s.Result, s.At
		}
		row.Erased = row.Erased || s.Erased
	}
	found := make([]Row, len(out))
	for i, r := range out {
		found[len(out)-1-i] = *r
	}
	return found, rows.Err()
}

func scan(rows *sql.Rows) (Stored, error) {
	var n int64
	var body, hash []byte
	var texts string
	if err := rows.Scan(&n, &body, &hash, &texts); err != nil {
		return Stored{}, err
	}
	var rec record
	text := map[string]string{}
	if err := json.Unmarshal(body, &rec); err != nil {
		return Stored{}, fmt.Errorf("entry %d: %w", n, err)
	}
	if err := json.Unmarshal([]byte(texts), &text); err != nil {
		return Stored{}, fmt.Errorf("text of entry %d: %w", n, err)
	}
	return rec.stored(hex.EncodeToString(hash), text), nil
}
