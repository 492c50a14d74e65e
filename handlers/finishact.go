package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// canFinish tells whether an act that was cut off is finished on its own
// record's page: a decision on a request is finished on the request's, a bulk
// on its own.
func canFinish(row journal.Row) bool {
	return !row.Event && !row.Finished() && (row.Entry.EntitlementRequestID == "" || row.Entry.Act == journal.ActUndoApprove) && !isBatch(row.Entry.Act)
}

// isBatch tells whether an act has rows of its own and waits for a person who
// goes on with them, or waits to be reviewed.
func isBatch(a journal.Act) bool {
	return slices.Contains([]journal.Act{journal.ActBulk, ActLeaver, ActLinkMany, ActReview, ActBaseline, ActEmergency}, a)
}

// finishAct asks OBP what is true of an act that was cut off, and ends it by
// that, as one recorded act. It changes nothing at OBP.
func (s *Server) finishAct(w http.ResponseWriter, r *http.Request, c *caller) error {
	row, err := s.Journal.Row(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) {
		return &httpError{status: http.StatusNotFound, key: "no_act", err: err}
	}
	if err != nil {
		return err
	}
	here := templates.JournalAct(row.ActID)
	if !canFinish(row) {
		return redirect(w, r, here)
	}
	if row.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
		return s.flashTo(w, r, "finish_too_early", "warn", here, nil)
	}
	e := c.entryOf(journal.ActFinish)
	e.ParentID, e.ParentKind, e.Person, e.Role, e.BankID = row.ActID, journal.ParentFinish, row.Entry.Person, row.Entry.Role, row.Entry.BankID
	ended := journal.Outcome("")
	_, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
		truth, err := s.whatIsTrue(ctx, c, row)
		res := resultOf(err)
		if err != nil {
			res.Outcome, res.State = journal.OutcomeFailed, notReadable
			return res, err
		}
		ended, res.State = truths[truth], truth
		res.Outcome = journal.OutcomeDone
		return res, nil
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if ended != "" {
		if err := s.Journal.Outcome(context.WithoutCancel(r.Context()), row.Intent(), journal.Result{Outcome: ended, State: res.State}); err != nil {
			return &httpError{status: http.StatusInternalServerError, key: "not_recorded", err: err}
		}
	}
	tone := "good"
	if cause != nil {
		tone = "warn"
	}
	return s.flashTo(w, r, "finish_"+res.State, tone, here, map[string]string{"person": partyView(row.Entry.Person).Username, "role": s.role(row.Entry.Role).Short})
}

// whatIsTrue reads at OBP what became of an act. Some no call can show, such as
// whether a reset link was made.
func (s *Server) whatIsTrue(ctx context.Context, c *caller, row journal.Row) (string, error) {
	p := row.Entry.Person
	if row.Entry.Act == journal.ActCreateUser {
		_, err := c.api.UserByUsername(ctx, p.Username)
		if obp.KindOf(err) == obp.KindNotFound {
			return notApplied, nil
		}
		return isApplied, err
	}
	if truth, err := s.bankTruth(ctx, c, row); truth != "" {
		return truth, err
	}
	if !slices.Contains([]journal.Act{journal.ActGrant, journal.ActRevoke, journal.ActUndoApprove, journal.ActLock, journal.ActUnlock, journal.ActDeleteUser}, row.Entry.Act) {
		return neverKnown, nil
	}
	u, err := c.api.UserByID(ctx, p.UserID)
	if err != nil {
		return notReadable, err
	}
	held := slices.ContainsFunc(u.Entitlements.List, func(e obp.Entitlement) bool { return e.RoleName == row.Entry.Role && e.BankID == row.Entry.BankID })
	switch row.Entry.Act {
	case journal.ActGrant:
		return appliedIf(held), nil
	case journal.ActRevoke, journal.ActUndoApprove:
		return appliedIf(!held), nil
	case journal.ActLock:
		return appliedIf(u.IsLocked), nil
	case journal.ActUnlock:
		return appliedIf(!u.IsLocked), nil
	}
	return appliedIf(u.Deleted()), nil
}
