package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Search gives acts, newest first, each with its steps and latest outcome.
func (j *Journal) Search(ctx context.Context, f Filter) (Page, error) {
	limit := min(max(f.Limit, 0), 500)
	if limit == 0 {
		limit = 50
	}
	q, err := j.query(ctx, f)
	if err != nil {
		return Page{}, err
	}
	pick, args := q.pick("act_id", f.Before, limit+1)
	rows, err := j.acts(ctx, pick, args...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Rows: rows}
	if len(rows) > limit {
		p.Rows = rows[:limit]
		p.Older = p.Rows[limit-1].N
	}
	if f.Count {
		pick, args := q.pick("count(*)", 0, MaxCount+1)
		if err := j.read.QueryRowContext(ctx, pick, args...).Scan(&p.Count); err != nil {
			return Page{}, fmt.Errorf("journal: %w", err)
		}
		if p.CountMore = p.Count > MaxCount; p.CountMore {
			p.Count = MaxCount
		}
	}
	return p, nil
}

// Unfinished gives the acts whose intent is older than d and that have no
// final outcome: cut off in the middle, or granted and not closed.
func (j *Journal) Unfinished(ctx context.Context, d time.Duration) ([]Row, error) {
	return j.acts(ctx, `SELECT act_id FROM entries WHERE n IN (SELECT n FROM acts WHERE open = 1) AND at <= ?`, j.o.Now().Add(-d).UnixNano())
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
	rows, err := j.rows(ctx, `SELECT e.n, e.body, e.hash, (SELECT json_group_object(t.field, t.text) FROM texts t WHERE t.n = e.n)
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
