package journal

import (
	"database/sql"
	"encoding/json"
	"strconv"
)

// approvals compares the table of approvals with what the chain says of each.
func (d *derived) approvals() error {
	rows, err := d.tx.QueryContext(d.ctx, `SELECT body FROM entries WHERE kind IN ('intent','event')
		AND act IN ('first_approval','confirm','withdraw','lapse','use_approval') ORDER BY n`)
	if err != nil {
		return err
	}
	defer rows.Close()
	want := map[string]*approval{}
	for rows.Next() {
		var body sql.RawBytes
		var r record
		if err := rows.Scan(&body); err != nil {
			return err
		}
		if json.Unmarshal(body, &r) != nil {
			continue // reported
		}
		if r.Act == ActFirstApproval {
			lapses, _ := strconv.ParseInt(r.Details["lapses"], 10, 64)
			want[r.ActID] = &approval{id: r.ActID, state: r.State, act: r.Details["for"], first: r.OperatorID, person: r.PersonID, role: r.Role,
				bank: r.BankID, request: r.RequestID, target: r.Target, at: r.At, lapses: lapses, changed: r.At}
			continue
		}
		a := want[r.ParentID]
		if a == nil {
			continue
		}
		a.state, a.changed, a.usedBy = r.State, r.At, r.Details["used_by"]
		if r.Act == ActConfirm {
			a.second = r.OperatorID
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	table, err := d.tx.QueryContext(d.ctx, `SELECT `+approvalColumns+` FROM approvals`)
	if err != nil {
		return err
	}
	defer table.Close()
	for table.Next() {
		var c [14]any
		var p [14]any
		for i := range c {
			p[i] = &c[i]
		}
		if err := table.Scan(p[:]...); err != nil {
			return err
		}
		id, _ := c[0].(string)
		a := want[id]
		delete(want, id)
		if a == nil || c != [14]any{a.id, a.state, a.act, a.first, a.second, a.person, a.role, a.bank, a.request, a.target, a.at, a.lapses, a.changed, a.usedBy} {
			d.fault(0, FaultSearch, "an approval is not listed as the entries say")
		}
	}
	for range want {
		d.fault(0, FaultSearch, "an approval of the entries is not listed")
	}
	return table.Err()
}
