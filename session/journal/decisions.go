package journal

import (
	"context"
	"fmt"
	"strings"
)

// decisions are the acts that decide about a role of a person.
var decisions = []Act{ActApprove, ActDecline, ActCloseRequest, ActUndoApprove, ActGrant, ActRevoke,
	ActFirstApproval, ActConfirm, ActWithdraw, ActLapse, ActUseApproval}

// Earlier gives, newest first, the latest decisions upon a person (at most
// limit) and those on a role at a bank, upon anybody (at most limit); "" leaves
// person or role out. It knows no rights: see Row.WithoutText.
func (j *Journal) Earlier(ctx context.Context, personID, role, bankID string, limit int) ([]Row, error) {
	var about [][]cond
	if personID != "" {
		about = append(about, []cond{{"e.person_id = ?", []any{personID}}})
	}
	if role != "" {
		about = append(about, []cond{{"e.role = ?", []any{role}}, {"e.bank_id = ?", []any{bankID}}})
	}
	return j.decided(ctx, limit, about...)
}

// OnRequest gives the decisions on an entitlement request, newest first. It
// knows no rights: see Row.WithoutText.
func (j *Journal) OnRequest(ctx context.Context, requestID string, limit int) ([]Row, error) {
	if requestID == "" {
		return nil, nil
	}
	return j.decided(ctx, limit, []cond{{"e.request_id = ?", []any{requestID}}})
}

// LastDecisions gives an operator's latest decisions, newest first.
func (j *Journal) LastDecisions(ctx context.Context, operatorID string, limit int) ([]Row, error) {
	if operatorID == "" {
		return nil, nil
	}
	return j.decided(ctx, limit, []cond{{"e.operator_id = ?", []any{operatorID}}})
}

func (j *Journal) decided(ctx context.Context, limit int, about ...[]cond) ([]Row, error) {
	var picks []string
	var args []any
	acts := cond{"+e.act IN ('" + strings.Join(words(decisions), "','") + "')", nil}
	for _, a := range about {
		q := opening(append([]cond{acts}, a...)...)
		pick, with := q.pick("act_id", 0, limit)
		picks, args = append(picks, pick), append(args, with...)
	}
	if len(picks) == 0 {
		return nil, nil
	}
	rows, err := j.acts(ctx, strings.Join(picks, " UNION "), args...)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return rows, nil
}

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// WithoutText leaves out what only a reader of the act may see: its reason,
// ticket, notes, what was seen, and everybody's names but the operator's.
func (r Row) WithoutText() Row {
	strip := func(e Entry) Entry {
		e.Person = Party{UserID: e.Person.UserID}
		e.Reason, e.ReasonCode, e.Ticket, e.Verified, e.Seen, e.ClientAddr, e.Details = "", "", "", "", nil, "", nil
		return e
	}
	r.Entry, r.Result.Note, r.Result.Details = strip(r.Entry), "", nil
	steps := make([]Stored, len(r.Steps))
	for i, s := range r.Steps {
		s.Entry, s.Result.Note, s.Result.Details = strip(s.Entry), "", nil
		steps[i] = s
	}
	r.Steps = steps
	return r
}
