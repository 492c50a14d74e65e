package journal

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The kinds of subjects whose reading is noted; any short word may be used.
const (
	ReadUser     = "user"
	ReadCustomer = "customer"
	ReadJournal  = "journal"
)

// Reading is one line of the read log.
type Reading struct {
	N          int64
	At         time.Time // UTC
	SessionID  string
	OperatorID string
	Kind       string
	Subject    string // an id, never a name
}

// ReadFilter selects readings; empty fields do not restrict.
type ReadFilter struct {
	OperatorID, Kind, Subject string
	From, To                  time.Time // inclusive, exclusive
	Before                    int64     // the next page
	Limit                     int       // 0: 50; at most 500
}

// Read notes that an operator looks at a subject, once a session: a second
// time costs a look only. After an error, ErrNotWritten, it should not be shown.
func (j *Journal) Read(ctx context.Context, sessionID, operatorID, kind, subject string) error {
	var noted bool
	err := j.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reads WHERE session_id = ? AND kind = ? AND subject = ?)`, sessionID, kind, subject).Scan(&noted)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	if noted {
		return nil
	}
	return j.change(ctx, func(w *writer) error {
		return w.exec(`INSERT INTO reads (at, session_id, operator_id, kind, subject) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING`,
			w.j.o.Now().UnixNano(), sessionID, operatorID, kind, subject)
	})
}

// Readings lists the read log, newest first; older is ReadFilter.Before of the
// next page, 0 when there is none. Whoever calls it checks the right.
func (j *Journal) Readings(ctx context.Context, f ReadFilter) (list []Reading, older int64, err error) {
	limit := min(max(f.Limit, 0), 500)
	if limit == 0 {
		limit = 50
	}
	where, args := []string{"TRUE"}, []any{}
	add := func(on bool, cond string, v any) {
		if on {
			where, args = append(where, cond), append(args, v)
		}
	}
	add(f.OperatorID != "", "operator_id = ?", f.OperatorID)
	add(f.Subject != "", "subject = ?", f.Subject)
	add(f.Kind != "", "kind = ?", f.Kind)
	add(!f.From.IsZero(), "at >= ?", f.From.UnixNano())
	add(!f.To.IsZero(), "at < ?", f.To.UnixNano())
	add(f.Before > 0, "n < ?", f.Before)
	rows, err := j.rows(ctx, `SELECT n, at, session_id, operator_id, kind, subject FROM reads WHERE `+strings.Join(where, " AND ")+` ORDER BY n DESC LIMIT ?`, append(args, limit+1)...)
	if err != nil {
		return nil, 0, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Reading
		var at int64
		if err := rows.Scan(&r.N, &at, &r.SessionID, &r.OperatorID, &r.Kind, &r.Subject); err != nil {
			return nil, 0, fmt.Errorf("journal: %w", err)
		}
		r.At = time.Unix(0, at).UTC()
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("journal: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		older = list[limit-1].N
	}
	return list, older, nil
}
