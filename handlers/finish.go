package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// closeGranted finishes what was cut off: it reads OBP now, closes the request
// when the role is held, and ends the act that was left open, as one recorded
// act of its own. It never grants.
func (s *Server) closeGranted(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, q := chi.URLParam(r, "id"), requestQuery(r.URL.Query())
	p, err := s.Journal.Search(r.Context(), journal.Filter{Request: id, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 50})
	if err != nil {
		return err
	}
	var open []journal.Row
	for _, row := range p.Rows {
		if !row.Event && !row.Finished() && !canFinish(row) {
			open = append(open, row)
		}
	}
	here := templates.Request(id, "", "", q)
	if len(open) == 0 {
		return redirect(w, r, here)
	}
	f := open[0]
	actID := newActID()
	release, err := s.Journal.TakeTurn(r.Context(), journal.TurnKey{UserID: f.Entry.Person.UserID, Role: f.Entry.Role, BankID: f.Entry.BankID}, c.party(), actID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "busy", err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	e := c.entryOf(journal.ActFinish)
	e.ActID, e.ParentID, e.ParentKind, e.Person, e.Role, e.BankID, e.EntitlementRequestID = actID, f.ActID, journal.ParentFinish, f.Entry.Person, f.Entry.Role, f.Entry.BankID, id
	var ended journal.Outcome
	_, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (res journal.Result, cause error) {
		res, ended, cause = s.finish(ctx, c, f, id)
		return res, cause
	})
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(r.Context())
	if ended != "" {
		for _, row := range open {
			if err := s.Journal.Outcome(ctx, row.Intent(), journal.Result{Outcome: ended, State: res.State, Details: map[string]string{"by": actID}}); err != nil {
				return &httpError{status: http.StatusInternalServerError, key: "not_recorded", err: err}
			}
		}
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	tone := "good"
	if res.Outcome != journal.OutcomeDone {
		tone = "warn"
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: "finish_" + res.State, Args: map[string]string{"tone": tone, "correlation": res.CorrelationID,
		"person": partyView(f.Entry.Person).Username, "role": s.role(f.Entry.Role).Short, "act_href": templates.JournalAct(actID)}}); err != nil {
		s.Log.WarnContext(ctx, "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, here)
}

// finish reads what is true now. ended is how the acts that were left open
// end, empty while that is not certain.
func (s *Server) finish(ctx context.Context, c *caller, f journal.Row, id string) (res journal.Result, ended journal.Outcome, cause error) {
	all, err := c.api.EntitlementRequests(ctx)
	if err != nil {
		res = resultOf(err)
		res.Outcome, res.State = journal.OutcomeFailed, "not_read"
		return res, "", err
	}
	x := findRequest(all, id)
	granted := f.Result.Outcome == journal.OutcomeGrantedNotClosed || len(f.Steps) > 0
	switch {
	case x == nil && f.Entry.Act == journal.ActDecline:
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	case x == nil && granted:
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	case x == nil:
		return s.finishGone(ctx, c, f)
	case f.Entry.Act == journal.ActDecline || x.Held() == 0 && f.At.Add(s.Settings.OBPTimeout).Before(s.Now()):
		// nothing was applied: the request is open, and can be decided
		return journal.Result{Outcome: journal.OutcomeDone, State: "not_applied"}, journal.OutcomeFailed, nil
	case x.Held() == 0:
		return journal.Result{Outcome: journal.OutcomeFailed, State: "too_early"}, "", nil
	}
	state, err := s.closeRequest(ctx, c, id)
	res = resultOf(err)
	res.EntitlementIDs, res.State = nil, string(state)
	if state == requestClosed {
		res.Outcome = journal.OutcomeDone
		return res, journal.OutcomeDone, nil
	}
	res.Outcome = journal.OutcomeFailed
	return res, "", err
}

// finishGone ends an unanswered approval whose request is not listed any more:
// whether the role is held tells how it ended.
func (s *Server) finishGone(ctx context.Context, c *caller, f journal.Row) (journal.Result, journal.Outcome, error) {
	held, err := c.api.UserEntitlements(ctx, f.Entry.Person.UserID)
	if err != nil {
		res := resultOf(err)
		res.Outcome, res.State = journal.OutcomeFailed, "not_read"
		return res, "", err
	}
	if slices.ContainsFunc(held, func(e obp.Entitlement) bool { return e.RoleName == f.Entry.Role && e.BankID == f.Entry.BankID }) {
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	}
	if f.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
		return journal.Result{Outcome: journal.OutcomeFailed, State: "too_early"}, "", nil
	}
	return journal.Result{Outcome: journal.OutcomeDone, State: "gone_not_held"}, journal.OutcomeFailed, nil
}

// alarms lists what was cut off, once OBP's time-out has passed: to whoever may
// read its record or see the queue, and an act that is not on a request to
// whoever reads people.
func (s *Server) alarms(c *caller, rows []journal.Row, banks bankNames, queue bool) []templates.Alarm {
	var out []templates.Alarm
	for _, row := range rows {
		if isBatch(row.Entry.Act) || row.Result.Outcome == "" && row.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
			continue // waits for its own operator, or is still on its way
		}
		if !s.mayRead(c, row) && !queue && !(canFinish(row) && c.hint("CanGetAnyUser", "")) {
			continue // what is true of it is not theirs to see
		}
		if canFinish(row) {
			out = append(out, templates.Alarm{When: c.when(row.At), Href: templates.JournalAct(row.ActID),
				Text: templates.Word("alarm.act", "who", partyView(row.Entry.Operator).Username, "act", actName(row.Entry.Act), "person", partyView(row.Entry.Person).Username)})
			continue
		}
		key := "alarm.unknown"
		if row.Result.Outcome == journal.OutcomeGrantedNotClosed || len(row.Steps) > 0 {
			key = "alarm.granted_not_closed"
		}
		out = append(out, templates.Alarm{When: c.when(row.At), Href: templates.Request(row.Entry.EntitlementRequestID, row.Entry.Person.UserID, row.Entry.BankID, templates.RequestQuery{}),
			Text: templates.Word(key, "who", partyView(row.Entry.Operator).Username, "person", partyView(row.Entry.Person).Username,
				"role", s.role(row.Entry.Role).Short, "scope", banks.scope(row.Entry.BankID).Name)})
	}
	return out
}
