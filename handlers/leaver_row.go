package handlers

import (
	"context"
	"errors"
	"slices"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// leaverItem takes away one row. Its error says that the bulk has to stop, with
// this row still pending.
func (s *Server) leaverItem(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) error {
	e := c.entryOf(journal.ActRevoke)
	if it.EntitlementRequestID != "" {
		e.Act = journal.ActDecline
	}
	e.ActID, e.Person, e.Role, e.BankID, e.Target, e.EntitlementRequestID = newActID(), it.Person, it.Role, it.BankID, it.Target, it.EntitlementRequestID
	e.Reason, e.ReasonCode, e.Ticket = b.Entry.Reason, b.Entry.ReasonCode, b.Entry.Ticket
	if it.Role == "" {
		e = extraEntry(e, it)
	}
	release, err := s.Journal.TakeTurn(ctx, turnOf(it), c.party(), e.ActID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemLeftOut, string(RuleBusy), journal.Result{})
	}
	if err != nil {
		return err
	}
	defer release()
	if it.ActID != "" {
		return s.leaverResume(ctx, c, b, it)
	}
	_, _, cause, err := s.actBy(ctx, s.itemRecord(&deciding{bulk: &it, parent: b.ActID}, e), func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		switch {
		case it.EntitlementRequestID != "":
			return s.closeItem(ctx, c, it)
		case it.Role == "":
			return s.dropExtra(ctx, c, it, e)
		}
		return s.revokeAll(ctx, c, i, it.Person.UserID, []string{it.Target})
	})
	if err != nil {
		return err
	}
	return firstOver(cause)
}

func (s *Server) closeItem(ctx context.Context, c *caller, it journal.BatchItem) (journal.Result, error) {
	state, err := s.closeRequest(ctx, c, it.EntitlementRequestID)
	res := resultOf(err)
	res.State = string(state)
	switch state {
	case requestClosed:
		res.Outcome = journal.OutcomeDone
	case requestUnknown:
		res.Outcome = journal.OutcomeUnknown
	default:
		res.Outcome = journal.OutcomeFailed
	}
	return res, err
}

// leaverResume finds out what became of a row that was cut off.
func (s *Server) leaverResume(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) error {
	row, err := s.Journal.Row(ctx, it.ActID)
	if err != nil {
		return err
	}
	if it.EntitlementRequestID != "" {
		return s.bulkFinish(ctx, c, b, it, row)
	}
	held, err := s.stillThere(ctx, c, it, row)
	if err != nil {
		return err
	}
	state, code, out := journal.ItemDone, "", journal.OutcomeDone
	if held {
		state, code, out = journal.ItemFailed, "still_held", journal.OutcomeFailed
	}
	return s.Journal.EndItem(ctx, b.ActID, it.Pos, state, code, journal.Result{Outcome: out, State: "read_back"})
}

// stillThere asks OBP whether what a row was to take away is there now.
func (s *Server) stillThere(ctx context.Context, c *caller, it journal.BatchItem, row journal.Row) (bool, error) {
	if it.Role == "" {
		truth, err := s.bankTruth(ctx, c, row)
		return truth != isApplied, err
	}
	u, err := c.api.UserByID(ctx, it.Person.UserID)
	return slices.ContainsFunc(u.Entitlements.List, func(e obp.Entitlement) bool { return e.EntitlementID == it.Target }), err
}
