package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Standing is how many acts of a kind have no final outcome.
type Standing struct {
	Act    Act
	Count  int
	Oldest time.Time // UTC, when the oldest of them began
}

// Standing counts the acts that are open and older than d, as Unfinished lists
// them, without reading them.
func (j *Journal) Standing(ctx context.Context, d time.Duration) ([]Standing, error) {
	rows, err := j.rows(ctx, `SELECT e.act, count(*), min(e.at) FROM entries e JOIN acts a ON a.n = e.n WHERE a.open = 1 AND e.at <= ? GROUP BY e.act ORDER BY e.act`,
		j.o.Now().Add(-d).UnixNano())
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	var out []Standing
	for rows.Next() {
		var s Standing
		var at int64
		if err := rows.Scan(&s.Act, &s.Count, &at); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		s.Oldest = time.Unix(0, at).UTC()
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return out, nil
}

// Waiting counts the first approvals that wait for a second person.
func (j *Journal) Waiting(ctx context.Context) (s Standing, err error) {
	var at sql.NullInt64
	s.Act = ActFirstApproval
	err = j.read.QueryRowContext(ctx, `SELECT count(*), min(at) FROM approvals WHERE state = 'waiting' AND lapses > ?`, j.o.Now().UnixNano()).Scan(&s.Count, &at)
	if err != nil {
		return s, fmt.Errorf("journal: %w", err)
	}
	if at.Valid {
		s.Oldest = time.Unix(0, at.Int64).UTC()
	}
	return s, nil
}
