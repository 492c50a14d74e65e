package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// proofCodeField carries the code of a step-up beside the form that waits. Its
// name is one that is never kept.
const proofCodeField = "step_up_otp"

// hasFactor tells whether the operator proves who they are by a code.
func (s *Server) hasFactor(r *http.Request, c *caller) (bool, error) {
	_, has, err := s.Sessions.Factor(r.Context(), c.me.UserID)
	if errors.Is(err, session.ErrFactorUnreadable) {
		err = &httpError{status: http.StatusForbidden, key: "factor_unreadable", err: err}
	}
	return has, err
}

// proveByCode is prover for whoever has a second factor: the code is the proof,
// and OBP is not asked.
func (s *Server) proveByCode(w http.ResponseWriter, r *http.Request, c *caller, in url.Values) (bool, error) {
	code := in.Get(proofCodeField)
	in.Del(proofCodeField)
	if code == "" {
		return false, s.proofPage(w, r, c, http.StatusUnprocessableEntity, templates.Word("factor.missing"))
	}
	left, err := s.Sessions.BeginStepUp(r.Context())
	if err != nil {
		return false, s.proofOver(w, r, c, err)
	}
	e := c.entryOf(journal.ActStepUp)
	e.Details = factorDetail
	cause := s.Sessions.TakeCode(r.Context(), c.me.UserID, typedCode(url.Values{codeField: {code}}))
	if status, says, ok := s.codeProblem(w, cause); ok {
		e.Rule = string(RuleSecondFactor)
		if _, err := s.Journal.Record(r.Context(), e, journal.Result{Outcome: journal.OutcomeRefused}); err != nil {
			return false, err
		}
		if err := s.Sessions.FailStepUp(r.Context()); err != nil {
			return false, s.proofOver(w, r, c, err)
		}
		return false, s.proofPage(w, r, c, status, says+" "+templates.WordN("factor.left", left))
	}
	if cause != nil {
		return false, cause
	}
	return s.proved(r, c, session.Secret{}, e)
}

// proved takes a good proof: the cookie is new, and the record says so.
func (s *Server) proved(r *http.Request, c *caller, token session.Secret, e journal.Entry) (bool, error) {
	if err := s.Sessions.StepUp(r.Context(), c.me.UserID, token); err != nil {
		return false, err
	}
	res := journal.Result{Outcome: journal.OutcomeDone}
	answered(r.Context(), &res)
	if _, err := s.Journal.Record(r.Context(), e, res); err != nil {
		return false, err
	}
	again, err := s.caller(r)
	if err != nil {
		return false, err
	}
	*c = *again
	return true, nil
}
