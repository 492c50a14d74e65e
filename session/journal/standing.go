package journal

import (
	"context"
	"fmt"
	"time"
)

// Standing is how many acts of a kind have no final outcome.
type Standing struct {
	Act    Act
	Count  int
	Oldest time.Time // UTC, when the oldest of them began
}

// Standing counts the acts that are open, as Unfinished lists them, without
// reading them.
func (j *Journal) Standing(ctx context.Context) ([]Standing, error) {
	rows, err := j.rows(ctx, `SELECT e.act, count(*), min(e.at) FROM entries e JOIN acts a ON a.n = e.n WHERE a.open = 1 GROUP BY e.act ORDER BY e.act`)
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
