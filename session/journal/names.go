package journal

import (
	"context"
	"fmt"
	"strings"
)

// name is a user name or e-mail by which acts are found.
type name struct {
	name, userID, field string
	entry               int64
}

// namesOf gives the names in entry n. Of a party without a user id the name
// leads to the entry alone.
func namesOf(n int64, e Entry) []name {
	return append(partyNames(n, "operator", e.Operator), partyNames(n, "person", e.Person)...)
}

func partyNames(n int64, field string, p Party) []name {
	var out []name
	for _, text := range []string{p.Username, p.Email} {
		text = strings.ToLower(text)
		if text == "" || len(out) == 1 && out[0].name == text {
			continue
		}
		if p.UserID != "" {
			out = append(out, name{name: text, userID: p.UserID})
		} else {
			out = append(out, name{text, "", field, n})
		}
	}
	return out
}

// maxNamesakes bounds how many persons one name may lead to.
const maxNamesakes = 20

// called gives the conditions that find whom text names in field: by user id,
// or by the user name or e-mail of any letter case that an entry holds.
func (j *Journal) called(ctx context.Context, field, text string) ([]cond, error) {
	out := []cond{{"e." + field + "_id = ?", []any{text}}}
	rows, err := j.read.QueryContext(ctx, `SELECT user_id FROM names WHERE name = ? AND user_id NOT IN ('', ?) ORDER BY last DESC LIMIT ?`,
		strings.ToLower(text), text, maxNamesakes)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		out = append(out, cond{"e." + field + "_id = ?", []any{id}})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var nameless bool
	err = j.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM names WHERE name = ? AND user_id = '' AND field = ?)`, strings.ToLower(text), field).Scan(&nameless)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if nameless {
		out = append(out, cond{"e.n IN (SELECT entry FROM names WHERE name = ? AND user_id = '' AND field = ?)", []any{strings.ToLower(text), field}})
	}
	return out, nil
}
