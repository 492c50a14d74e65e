package journal

import (
	"database/sql"
	"encoding/json"
)

// batches compares the tables of bulk acts with their entries.
func (d *derived) batches() error {
	const items = `SELECT json_group_array(json_array(pos, person_id, role, bank_id, request_id, target, state,
		CASE WHEN act_id <> '' AND NOT EXISTS (SELECT 1 FROM entries c WHERE c.act_id = i.act_id AND c.kind = 'intent' AND c.parent_id = i.batch_id) THEN 1 ELSE 0 END))
		FROM (SELECT * FROM batch_items WHERE batch_id = b.id ORDER BY pos) i`
	rows, err := d.tx.QueryContext(d.ctx, `SELECT b.n, b.operator_id = e.operator_id AND b.open = a.open AND b.id = e.act_id AND e.kind = 'intent', e.body, coalesce((`+items+`), '[]')
		FROM batches b LEFT JOIN entries e ON e.n = b.n LEFT JOIN acts a ON a.n = b.n`)
	if err != nil {
		return err
	}
	defer rows.Close()
	listed := map[int64]bool{}
	for rows.Next() {
		var n int64
		var fits sql.NullBool
		var body, list []byte
		if err := rows.Scan(&n, &fits, &body, &list); err != nil {
			return err
		}
		listed[n] = true
		var r record
		if !fits.Bool || json.Unmarshal(body, &r) != nil || !itemsFit(list, r.Details) {
			d.fault(n, FaultSearch, "the bulk act of entry %d is not listed with its items as it was written", n)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	started, err := d.tx.QueryContext(d.ctx, `SELECT n, body FROM entries WHERE act = 'bulk' AND kind IN ('intent','event')`)
	if err != nil {
		return err
	}
	defer started.Close()
	for started.Next() {
		var n int64
		var body []byte
		if err := started.Scan(&n, &body); err != nil {
			return err
		}
		var r record
		if json.Unmarshal(body, &r) == nil && r.Details[detailChosen] != "" && !listed[n] {
			d.fault(n, FaultSearch, "the bulk act of entry %d is not listed", n)
		}
	}
	return started.Err()
}

// itemsFit reads a batch's items as batches selects them.
func itemsFit(list []byte, details map[string]string) bool {
	var rows [][8]any
	if json.Unmarshal(list, &rows) != nil {
		return false
	}
	var items []BatchItem
	for i, c := range rows {
		pos, isNumber := c[0].(float64)
		var s [6]string
		for k := range s {
			text, ok := c[k+1].(string)
			if !ok {
				return false
			}
			s[k] = text
		}
		if !isNumber || int(pos) != i || c[7] != any(float64(0)) {
			return false
		}
		items = append(items, BatchItem{Pos: i, Person: Party{UserID: s[0]}, Role: s[1], BankID: s[2], EntitlementRequestID: s[3], Target: s[4], State: ItemState(s[5])})
	}
	return asChosen(items, details)
}
