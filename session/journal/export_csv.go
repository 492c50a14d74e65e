package journal

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

var csvHead = []string{"entry", "time", "environment", "act", "act_id", "parent_id", "parent_kind",
	"operator_id", "operator_username", "operator_email", "operator_provider",
	"person_id", "person_username", "person_email", "person_provider",
	"role", "bank_id", "entitlement_request_id", "target", "reason_code", "reason", "ticket", "verified", "shown_to_requester", "rule",
	"seen", "client_address", "request_id", "details",
	"outcome", "ended", "obp_status", "obp_code", "correlation_id", "entitlement_ids", "state", "note", "result_details", "erased"}

// ExportCSV writes a line for each act that f selects (Before, Limit and Count
// aside), oldest first. Cells that a spreadsheet would compute are escaped.
func (j *Journal) ExportCSV(ctx context.Context, w io.Writer, f Filter) (Exported, error) {
	out := Exported{}
	cells := csv.NewWriter(w)
	err := cells.Write(csvHead)
	if err == nil {
		err = j.eachAct(ctx, f, func(r Row) error {
			out.Rows++
			return cells.Write(csvRow(r))
		})
	}
	cells.Flush()
	if err == nil {
		err = cells.Error()
	}
	if err != nil {
		return out, fmt.Errorf("journal: export: %w", err)
	}
	return out, nil
}

// eachAct calls fn with the acts of a filter, oldest first.
func (j *Journal) eachAct(ctx context.Context, f Filter, fn func(Row) error) error {
	q, err := j.query(ctx, f)
	if err != nil {
		return err
	}
	pick, args := q.pick("n", 0, noLimit)
	ns, err := j.numbers(ctx, `SELECT n FROM (`+pick+`) AS picked ORDER BY n`, args...)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ns, perRead) {
		list, err := json.Marshal(part)
		if err != nil {
			return err
		}
		rows, err := j.acts(ctx, `SELECT act_id FROM entries WHERE n IN (SELECT value FROM json_each(?))`, string(list))
		if err != nil {
			return err
		}
		for _, r := range slices.Backward(rows) {
			if err := fn(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func csvRow(r Row) []string {
	e, ended := r.Entry, ""
	if !r.EndedAt.IsZero() {
		ended = r.EndedAt.Format(time.RFC3339Nano)
	}
	cells := []string{strconv.FormatInt(r.N, 10), r.At.Format(time.RFC3339Nano), r.Environment, string(e.Act), r.ActID, e.ParentID, e.ParentKind,
		e.Operator.UserID, e.Operator.Username, e.Operator.Email, e.Operator.Provider,
		e.Person.UserID, e.Person.Username, e.Person.Email, e.Person.Provider,
		e.Role, e.BankID, e.EntitlementRequestID, e.Target, e.ReasonCode, e.Reason, e.Ticket, e.Verified, strconv.FormatBool(e.ShownToRequester), e.Rule,
		string(e.Seen), e.ClientAddr, e.RequestID, jsonText(e.Details),
		string(r.Result.Outcome), ended, strconv.Itoa(r.Result.OBPStatus), r.Result.OBPCode, r.Result.CorrelationID,
		strings.Join(r.EntitlementIDs(), " "), r.Result.State, r.Result.Note, jsonText(r.Result.Details), strconv.FormatBool(r.Erased)}
	for i := range cells {
		cells[i] = csvCell(cells[i])
	}
	return cells
}

func jsonText(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	b, _ := json.Marshal(m) // strings cannot fail
	return string(b)
}

// csvCell puts an apostrophe before what a spreadsheet would take for a
// formula, also behind blanks, and in the full-width forms.
func csvCell(s string) string {
	switch t := strings.TrimLeft(s, " \u00a0\u3000"); {
	case t == "":
		return s
	case strings.HasPrefix(t, "\t"), strings.HasPrefix(t, "\r"), strings.HasPrefix(t, "\n"),
		strings.ContainsRune("=+-@|%＝＋－＠", []rune(t)[0]):
		return "'" + s
	}
	return s
}
