package journal

import (
	"context"
	"encoding/json"
	"fmt"
)

// Approval gives one approval, ErrNotFound when there is none.
func (j *Journal) Approval(ctx context.Context, id string) (Approval, error) {
	list, err := j.approvals(ctx, `id = ?`, id)
	if err != nil {
		return Approval{}, err
	}
	if len(list) == 0 {
		return Approval{}, ErrNotFound
	}
	return list[0], nil
}

// Approvals lists approvals, newest first. It knows no rights.
func (j *Journal) Approvals(ctx context.Context, f ApprovalFilter) ([]Approval, error) {
	limit := min(max(f.Limit, 0), 500)
	if limit == 0 {
		limit = 50
	}
	where, args := "TRUE", []any{}
	for col, v := range map[string]string{"act": string(f.Act), "first_id": f.FirstID, "person_id": f.PersonID, "request_id": f.RequestID} {
		if v != "" {
			where, args = where+" AND "+col+" = ?", append(args, v)
		}
	}
	if len(f.States) > 0 {
		where += ` AND CASE WHEN state IN ('waiting','confirmed') AND lapses <= ? THEN 'lapsed' ELSE state END IN (` + marks(len(f.States)) + `)`
		args = append(args, j.o.Now().UnixNano())
		lapsed := false
		for _, s := range f.States {
			lapsed = lapsed || s == StateLapsed
			args = append(args, string(s))
		}
		if !lapsed { // along the index of states
			where += ` AND state IN (` + marks(len(f.States)) + `)`
			for _, s := range f.States {
				args = append(args, string(s))
			}
		}
	}
	return j.approvals(ctx, where+` ORDER BY at DESC, id LIMIT ?`, append(args, limit)...)
}

func (j *Journal) approvals(ctx context.Context, where string, args ...any) ([]Approval, error) {
	rows, err := j.rows(ctx, `SELECT `+approvalColumns+` FROM approvals WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	now := j.o.Now()
	var out []Approval
	var ids []string
	for rows.Next() {
		var a approval
		if err := rows.Scan(a.fields()...); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		p := a.public()
		if p.State.Open() && !now.Before(p.LapsesAt) {
			p.State = StateLapsed
		}
		out, ids = append(out, p), append(ids, a.id)
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		return out, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	// names and reasons are in the entries
	acts, err := j.acts(ctx, `SELECT value FROM json_each(?) UNION
		SELECT act_id FROM entries WHERE parent_id IN (SELECT value FROM json_each(?)) AND act = 'confirm'`, string(list), string(list))
	if err != nil {
		return nil, err
	}
	by := map[string]Row{}
	for _, r := range acts {
		by[r.ActID] = r
		if r.Entry.Act == ActConfirm {
			by["confirmed "+r.Entry.ParentID] = r
		}
	}
	for i := range out {
		e := by[out[i].ID].Entry
		out[i].First, out[i].Person, out[i].Reason, out[i].ReasonCode = e.Operator, e.Person, e.Reason, e.ReasonCode
		out[i].Ticket, out[i].Verified, out[i].Seen = e.Ticket, e.Verified, e.Seen
		if c, ok := by["confirmed "+out[i].ID]; ok {
			out[i].Second = c.Entry.Operator
		}
	}
	return out, nil
}
