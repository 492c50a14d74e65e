package handlers

import (
	"context"
	"net/http"

	"obpconsole/obp"
	"obpconsole/session/journal"

	"github.com/google/uuid"
)

// entryOf begins the record of an act by the operator of a request.
func (c *caller) entryOf(act journal.Act) journal.Entry {
	return journal.Entry{Act: act, Operator: c.party(), ClientAddr: c.addr, RequestID: c.reqID}
}

// partyOf is a person as the journal keeps them.
func partyOf(u obp.User) journal.Party {
	return journal.Party{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider}
}

// record is how an act is begun and ended in the journal.
type record struct {
	intend func(context.Context) (journal.Intent, error)
	end    func(context.Context, journal.Intent, journal.Result) error
}

// plain is the record of an act that belongs to nothing else.
func (s *Server) plain(e journal.Entry) record {
	return record{func(ctx context.Context) (journal.Intent, error) { return s.Journal.Intend(ctx, e) }, s.Journal.Outcome}
}

// act records an act and does it: the intent first, so that nothing is done
// that cannot be recorded; then do, which does not stop when the browser goes
// away and gives how it ended beside OBP's error; then the outcome. The error
// returned here is the record's own: what was done is in the result and cause.
func (s *Server) act(ctx context.Context, e journal.Entry, do func(context.Context, journal.Intent) (journal.Result, error)) (i journal.Intent, res journal.Result, cause, err error) {
	return s.actBy(ctx, s.plain(e), do)
}

// actBy is act with another way to begin and end the record.
func (s *Server) actBy(ctx context.Context, rec record, do func(context.Context, journal.Intent) (journal.Result, error)) (i journal.Intent, res journal.Result, cause, err error) {
	ctx, cancel := s.detached(ctx)
	defer cancel()
	if i, err = rec.intend(ctx); err != nil {
		return i, res, nil, err
	}
	ctx, _ = obp.WithMeter(ctx)
	res, cause = do(ctx, i)
	answered(ctx, &res)
	if err = rec.end(ctx, i, res); err != nil {
		s.Log.ErrorContext(ctx, "an outcome was not recorded", "act_id", i.ActID, "outcome", string(res.Outcome), "error", err)
		return i, res, cause, &httpError{status: http.StatusInternalServerError, key: "not_recorded", err: err}
	}
	return i, res, cause, nil
}

// plainResult is how a single call ended: done, refused by OBP, or not known
// because no answer came.
func plainResult(err error) journal.Result {
	res := resultOf(err)
	switch {
	case err == nil:
		res.Outcome = journal.OutcomeDone
	case mayBeApplied(err):
		res.Outcome, res.State = journal.OutcomeUnknown, "no_answer"
	default:
		res.Outcome = journal.OutcomeFailed
	}
	return res
}

// refused records that the console refused an act, by which rule, and that OBP
// got no write. The entry says who, on whom and what; act is what was wanted.
func (s *Server) refused(ctx context.Context, e journal.Entry, act journal.Act, rule Rule) error {
	e.Act, e.Rule = journal.ActRefused, string(rule)
	if e.Details == nil {
		e.Details = map[string]string{}
	}
	e.Details["act"] = string(act)
	_, err := s.Journal.Record(ctx, e, journal.Result{Outcome: journal.OutcomeRefused})
	return err
}

// newActID makes the id of an act that has to be known before its intent.
func newActID() string { return uuid.NewString() }
