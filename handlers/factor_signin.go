package handlers

import (
	"errors"
	"maps"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5/middleware"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// halfWhy is the word for a sign-in that waited too long for its code.
const halfWhy = "half"

// askForCode keeps a sign-in whose password was right until its code is given;
// false when none is needed. Who has no factor yet sets one up.
func (s *Server) askForCode(w http.ResponseWriter, r *http.Request, st session.State, next string) (bool, error) {
	_, has, err := s.Sessions.Factor(r.Context(), st.UserID)
	if errors.Is(err, session.ErrFactorUnreadable) {
		return true, &httpError{status: http.StatusForbidden, key: "factor_unreadable", err: err}
	}
	if err != nil || !has && !s.Settings.SecondFactor {
		return false, err
	}
	if err := s.Sessions.HalfSignIn(r.Context(), st, next); err != nil {
		return true, err
	}
	if !has {
		if err := s.Sessions.BeginFactor(r.Context(), s.issuer()); err != nil {
			return true, err
		}
	}
	return true, leave(w, r, templates.SignInCodePattern)
}

// codePage asks for the code of a sign-in that waits, or shows the new factor.
func (s *Server) codePage(w http.ResponseWriter, r *http.Request) error {
	st, _, ok, err := s.Sessions.Half(r.Context())
	if err != nil {
		return err
	}
	if !ok {
		return leave(w, r, templates.SignIn("/", ""))
	}
	return s.codeForm(w, r, st, http.StatusOK, "")
}

func (s *Server) codeForm(w http.ResponseWriter, r *http.Request, st session.State, status int, wrong string) error {
	f := templates.CodeForm{Username: st.Username, Error: wrong, Again: templates.SignInPattern}
	_, has, err := s.Sessions.Factor(r.Context(), st.UserID)
	if err != nil {
		return err
	}
	title := "factor.sign_in"
	if !has {
		title = "factor.first"
		if f.New, err = s.newFactor(r.Context(), wrong); err != nil {
			return err
		}
		if f.New == nil {
			return leave(w, r, templates.SignIn("/", halfWhy))
		}
	}
	return s.page(w, r, nil, view{status: status, title: templates.Word(title), waiting: -1, body: templates.CodePage(f)})
}

// signInCode takes the code of a sign-in that waits, or the first one of a new
// factor, and starts the session.
func (s *Server) signInCode(w http.ResponseWriter, r *http.Request) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	st, next, ok, err := s.Sessions.Half(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return leave(w, r, templates.SignIn("/", halfWhy))
	}
	addr, reqID := middleware.GetClientIP(ctx), factsOf(ctx).requestID
	limited, err := s.limits.reached(addr, st.Username)
	if err != nil {
		return err
	}
	if limited {
		w.Header().Set("Retry-After", strconv.Itoa(int(limitWindow.Seconds())))
		return s.codeForm(w, r, st, http.StatusTooManyRequests, templates.Word("sign_in.limited", "seconds", strconv.Itoa(int(limitWindow.Seconds()))))
	}
	code := typedCode(in)
	if code == "" {
		return s.codeForm(w, r, st, http.StatusUnprocessableEntity, templates.Word("factor.missing"))
	}
	who := journal.Party{UserID: st.UserID, Username: st.Username, Email: st.Email, Provider: st.Provider}
	e := journal.Entry{Operator: who, ClientAddr: addr, RequestID: reqID, Details: maps.Clone(factorDetail)}
	_, has, err := s.Sessions.Factor(ctx, st.UserID)
	if err != nil {
		return err
	}
	var cause error
	if has {
		cause = s.Sessions.TakeCode(ctx, st.UserID, code)
	} else {
		enrol := e
		enrol.Act, enrol.Person = ActEnrolFactor, who
		if cause, err = s.enrol(ctx, enrol, code, false); err != nil {
			return err
		}
	}
	if errors.Is(cause, session.ErrNoFactor) || errors.Is(cause, session.ErrFactorThere) { // it changed meanwhile
		return leave(w, r, templates.SignIn("/", halfWhy))
	}
	if status, says, ok := s.codeProblem(w, cause); ok {
		s.limits.failed(w, r, addr, st.Username)
		e.Act, e.Rule = journal.ActSignInFailed, string(RuleSecondFactor)
		if _, err := s.Journal.Record(ctx, e, journal.Result{Outcome: journal.OutcomeRefused}); err != nil {
			return err
		}
		return s.codeForm(w, r, st, status, says)
	}
	if cause != nil {
		return cause
	}
	st.SecondFactor = true
	return s.enter(w, r, st, next, factorDetail)
}

// enter records a sign-in, starts the session and leads on.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, st session.State, next string, details map[string]string) error {
	who := journal.Party{UserID: st.UserID, Username: st.Username, Email: st.Email, Provider: st.Provider}
	res := journal.Result{Outcome: journal.OutcomeDone}
	answered(r.Context(), &res)
	entry := journal.Entry{Act: journal.ActSignIn, Operator: who, ClientAddr: st.ClientAddr, RequestID: factsOf(r.Context()).requestID, Details: details}
	if _, err := s.Journal.Record(r.Context(), entry, res); err != nil {
		return err
	}
	if err := s.Sessions.SignIn(r.Context(), st); err != nil {
		return err
	}
	factsOf(r.Context()).operator = st.UserID
	return s.welcome(w, r, st.UserID, next)
}
