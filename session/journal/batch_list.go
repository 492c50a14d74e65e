package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Batch gives a bulk act with its items, ErrNotFound when there is none.
func (j *Journal) Batch(ctx context.Context, id string) (Batch, error) {
	list, err := j.batches(ctx, `id = ?`, id)
	if err != nil {
		return Batch{}, err
	}
	if len(list) == 0 {
		return Batch{}, ErrNotFound
	}
	return list[0], nil
}

// OpenBatches lists the bulk acts that have not ended, of an operator ("": of
// all), newest first: they wait for a person to go on.
func (j *Journal) OpenBatches(ctx context.Context, operatorID string) ([]Batch, error) {
	return j.batches(ctx, `open = 1 AND ? IN ('', operator_id) ORDER BY n DESC`, operatorID)
}

func (j *Journal) batches(ctx context.Context, where string, args ...any) ([]Batch, error) {
	ids, err := j.texts(ctx, `SELECT id FROM batches WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var out []Batch
	for _, id := range ids {
		b, err := j.batch(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		out = append(out, b)
	}
	return out, nil
}

func (j *Journal) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := j.rows(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func (j *Journal) batch(ctx context.Context, id string) (Batch, error) {
	row, err := j.Row(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{Row: row, Open: !row.Finished(), Counts: map[ItemState]int{}}
	var seen batchSeen
	if len(row.Entry.Seen) > 0 { // else it was erased
		err = json.Unmarshal(row.Entry.Seen, &seen)
	}
	b.Entry.Seen = seen.Seen
	rows, qerr := j.rows(ctx, `SELECT pos, state, code, act_id, person_id, role, bank_id, request_id, target FROM batch_items WHERE batch_id = ? ORDER BY pos`, id)
	if err = errors.Join(err, qerr); err != nil {
		return Batch{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var it BatchItem
		if err := rows.Scan(&it.Pos, &it.State, &it.Code, &it.ActID, &it.Person.UserID, &it.Role, &it.BankID, &it.EntitlementRequestID, &it.Target); err != nil {
			return Batch{}, err
		}
		if it.Pos < len(seen.Items) && seen.Items[it.Pos].UserID == it.Person.UserID {
			id := it.Person.UserID
			it.Person = seen.Items[it.Pos].Party
			it.Person.UserID = id
		}
		b.Items = append(b.Items, it)
		b.Counts[it.State]++
	}
	if err := rows.Err(); err != nil {
		return Batch{}, err
	}
	if !asChosen(b.Items, row.Entry.Details) {
		return Batch{}, fmt.Errorf("bulk act %s: %w", id, ErrItemsChanged)
	}
	return b, nil
}
