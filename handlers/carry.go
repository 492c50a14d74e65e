package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// done is how a decision ended.
type done struct {
	result journal.Result
	flash  string // key of the sentence for the next page
	err    error  // of OBP, when it failed
}

// run does what was decided: for an approval the grant and then the closing,
// for a decline the closing alone.
func (s *Server) run(ctx context.Context, c *caller, d *deciding, i journal.Intent) done {
	switch d.act {
	case journal.ActDecline:
		return s.runDecline(ctx, c, d)
	case journal.ActGrant:
		return s.runGrant(ctx, c, d, i)
	}
	x := *d.rd.req
	ids, fail := s.grant(ctx, c, granting{x.User.UserID, x.RoleName, x.BankID, idsOf(x), func(ctx context.Context) ([]string, bool) { return s.readBack(ctx, c, x) }}, i)
	if fail != nil {
		return *fail
	}
	state, err := s.closeRequest(ctx, c, d.id)
	res := resultOf(err)
	res.EntitlementIDs, res.State = ids, string(state)
	switch state {
	case requestClosed:
		res.Outcome = journal.OutcomeDone
		return done{res, "approved", nil}
	default:
		res.Outcome = journal.OutcomeGrantedNotClosed
		return done{res, "granted_not_closed", err}
	}
}

// granting is a role that is about to be given.
type granting struct {
	userID, role, bankID string
	before               []string // the entitlements by which it was held before
	// now gives those by which it is held now; false when that cannot be told
	now func(context.Context) ([]string, bool)
}

// grant sends one POST and tells which entitlements it made. It is never sent
// twice; without an answer OBP is asked what is true. The second value is how
// the act ends when there is no grant.
func (s *Server) grant(ctx context.Context, c *caller, x granting, i journal.Intent) ([]string, *done) {
	e, err := c.api.CreateEntitlement(ctx, x.userID, x.role, x.bankID)
	step := journal.Step{Name: "granted"}
	step.OBPStatus, step.OBPCode, step.CorrelationID = answerOf(err)
	switch {
	case err == nil:
		step.OBPStatus, step.EntitlementIDs = 201, []string{e.EntitlementID}
	case obp.KindOf(err) == obp.KindAlreadyHeld:
		step.Name = "already_held"
	case mayBeApplied(err):
		held, known := x.now(ctx)
		if !known || len(held) == 0 {
			res := resultOf(err)
			res.Outcome, res.State = journal.OutcomeUnknown, "no_answer"
			return nil, &done{res, "grant_unknown", err}
		}
		step.Name = "granted_read_back"
		step.EntitlementIDs = slices.DeleteFunc(held, func(id string) bool { return slices.Contains(x.before, id) })
	default:
		res := resultOf(err)
		res.Outcome, res.State = journal.OutcomeFailed, "not_granted"
		return nil, &done{res, "refused", err}
	}
	if err := s.step(ctx, i, step); err != nil {
		s.Log.ErrorContext(ctx, "a grant was not recorded", "act_id", i.ActID, "error", err)
		return nil, &done{journal.Result{Outcome: journal.OutcomeGrantedNotClosed, EntitlementIDs: step.EntitlementIDs, State: "not_recorded"}, "granted_not_closed", err}
	}
	return step.EntitlementIDs, nil
}

// mayBeApplied tells whether a write that failed may have been done all the
// same: it was sent, and no answer of OBP says that it was not.
func mayBeApplied(err error) bool {
	e, ok := obp.AsError(err)
	return !ok || e.Unanswered
}

// readBack gives the entitlements by which the role is held now, as the list of
// open requests tells.
func (s *Server) readBack(ctx context.Context, c *caller, x obp.EntitlementRequest) (ids []string, known bool) {
	all, err := c.api.EntitlementRequests(ctx)
	if err != nil {
		return nil, false
	}
	now := findRequest(all, x.EntitlementRequestID)
	if now == nil {
		return nil, false
	}
	return idsOf(*now), true
}

// idsOf are the entitlements by which the requester holds the role there.
func idsOf(x obp.EntitlementRequest) []string {
	var out []string
	for _, e := range x.User.Entitlements.List {
		if e.RoleName == x.RoleName && e.BankID == x.BankID {
			out = append(out, e.EntitlementID)
		}
	}
	return out
}

// closing is what became of a request that was to be closed.
type closing string

const (
	requestClosed  closing = "closed"
	requestOpen    closing = "open"    // OBP refused, or answered false
	requestUnknown closing = "unknown" // no answer, and it could not be read back
)

// closeRequest deletes the request. One that is gone counts as closed; when
// OBP gives no answer, or false, the list of open requests tells.
func (s *Server) closeRequest(ctx context.Context, c *caller, id string) (closing, error) {
	ok, err := c.api.DeleteEntitlementRequest(ctx, id)
	switch {
	case err == nil && ok, isGone(err):
		return requestClosed, nil
	case err != nil && !mayBeApplied(err):
		return requestOpen, err
	}
	all, readErr := c.api.EntitlementRequests(ctx)
	switch {
	case readErr != nil:
		return requestUnknown, errors.Join(err, readErr)
	case findRequest(all, id) == nil:
		return requestClosed, nil
	}
	return requestOpen, err
}

func (s *Server) runDecline(ctx context.Context, c *caller, d *deciding) done {
	state, err := s.closeRequest(ctx, c, d.id)
	res := resultOf(err)
	res.State = string(state)
	switch state {
	case requestClosed:
		res.Outcome = journal.OutcomeDone
		return done{res, "declined", nil}
	case requestUnknown:
		res.Outcome = journal.OutcomeUnknown
		return done{res, "decline_unknown", err}
	}
	res.Outcome = journal.OutcomeFailed
	if err == nil { // 200 false, and still there
		err = &httpError{status: 502, key: "not_closed", err: errors.New("OBP answered false")}
	}
	return done{res, "refused", err}
}

// answerOf gives what the journal keeps of OBP's answer.
func answerOf(err error) (status int, code, correlation string) {
	if e, ok := obp.AsError(err); ok {
		return e.Status, e.Code, e.CorrelationID
	}
	return 0, "", ""
}

func resultOf(err error) journal.Result {
	var r journal.Result
	r.OBPStatus, r.OBPCode, r.CorrelationID = answerOf(err)
	return r
}

// waitWords rounds a wait up to whole seconds.
func waitSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
