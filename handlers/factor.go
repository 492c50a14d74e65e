package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts on a second factor, and the console's own refusals.
const (
	ActEnrolFactor  journal.Act = "enrol_factor"
	ActRemoveFactor journal.Act = "remove_factor" // by its owner
	ActResetFactor  journal.Act = "reset_factor"  // by an administrator

	RuleOwnFactor    Rule = "own_factor"    // one's own is not reset by oneself
	RuleSecondFactor Rule = "second_factor" // a wrong code, or one used before
)

// factorDetail says in a record that a code was given.
var factorDetail = map[string]string{"factor": "TOTP"}

// codeField carries the code of a second factor.
const codeField = "code"

// issuer is what an app calls this console.
func (s *Server) issuer() string {
	name := templates.Word("page.product")
	if s.Settings.Environment != "" {
		name += " " + strings.ReplaceAll(s.Settings.Environment, ":", " ")
	}
	return name
}

// lacksFactor tells whether a session was begun before a code was demanded.
func (s *Server) lacksFactor(c *caller) bool {
	return s.Settings.SecondFactor && !c.me.SecondFactor
}

// codeProblem says in words why a code was not taken, and the status; false
// when it is no failure of a code. For too many it sets Retry-After.
func (s *Server) codeProblem(w http.ResponseWriter, err error) (status int, says string, ok bool) {
	var tries *session.TriesError
	switch {
	case errors.As(err, &tries):
		left := max(tries.Until.Sub(s.Now()), time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int(left.Seconds())))
		return http.StatusTooManyRequests, templates.WordN("factor.wait", int((left+time.Minute-1)/time.Minute)), true
	case errors.Is(err, session.ErrCodeUsed):
		return http.StatusUnauthorized, templates.Word("factor.used"), true
	case errors.Is(err, session.ErrWrongCode):
		return http.StatusUnauthorized, templates.Word("factor.wrong"), true
	}
	return 0, "", false
}

// typedCode is what was typed, without the blanks that apps show.
func typedCode(in url.Values) string { return strings.Join(strings.Fields(in.Get(codeField)), "") }

// myFactor shows the operator's own second factor, and what is needed to set
// one up.
func (s *Server) myFactor(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.factorPage(w, r, c, http.StatusOK, "")
}

func (s *Server) factorPage(w http.ResponseWriter, r *http.Request, c *caller, status int, wrong string) error {
	f, has, err := s.Sessions.Factor(r.Context(), c.me.UserID)
	if err != nil && !errors.Is(err, session.ErrFactorUnreadable) {
		return err
	}
	p := templates.FactorPage{Has: has, Broken: f.Unreadable, Demanded: s.Settings.SecondFactor, Since: c.when(f.Since)}
	if p.New, err = s.newFactor(r.Context(), wrong); err != nil {
		return err
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("factor.title"), section: templates.MePattern, canon: templates.MyFactorPattern, waiting: -1, body: templates.FactorView(p)})
}

// newFactor is the factor that is being set up, nil when there is none.
func (s *Server) newFactor(ctx context.Context, wrong string) (*templates.NewFactor, error) {
	n, ok, err := s.Sessions.PendingFactor(ctx)
	if err != nil || !ok {
		return nil, err
	}
	out := &templates.NewFactor{Secret: grouped(n.Secret), Issuer: s.issuer(), Error: wrong}
	out.QR, out.QRSize, err = qrPath(n.URL)
	return out, err
}

// grouped parts a secret so that it can be typed.
func grouped(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// beginFactor makes a new secret; the one in use holds until it is confirmed.
func (s *Server) beginFactor(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	if err := s.Sessions.BeginFactor(r.Context(), s.issuer()); err != nil {
		return err
	}
	return redirect(w, r, templates.MyFactorPattern)
}

// confirmFactor makes the new secret the operator's own, by its first code.
func (s *Server) confirmFactor(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	e := c.entryOf(ActEnrolFactor)
	e.Person, e.Details = c.party(), factorDetail
	cause, err := s.enrol(r.Context(), e, typedCode(in), true)
	if err != nil {
		return err
	}
	if status, says, ok := s.codeProblem(w, cause); ok {
		return s.factorPage(w, r, c, status, says)
	}
	if errors.Is(cause, session.ErrNoFactor) {
		return s.flashTo(w, r, "factor_late", "warn", templates.MyFactorPattern, nil)
	}
	if cause != nil {
		return cause
	}
	if err := s.Sessions.Update(r.Context(), func(st *session.State) { st.SecondFactor = true }); err != nil {
		return err
	}
	return s.flashTo(w, r, "factor_on", "good", templates.MyFactorPattern, nil)
}

// enrol records and confirms a new factor; cause is why it was not taken.
func (s *Server) enrol(ctx context.Context, e journal.Entry, code string, replace bool) (cause, err error) {
	_, _, cause, err = s.act(ctx, e, func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
		if err := s.Sessions.ConfirmFactor(ctx, code, replace); err != nil {
			return journal.Result{Outcome: journal.OutcomeRefused}, err
		}
		return journal.Result{Outcome: journal.OutcomeDone}, nil
	})
	return cause, err
}

// removeFactor takes the operator's own factor away, where none is demanded.
func (s *Server) removeFactor(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	e := c.entryOf(ActRemoveFactor)
	e.Person = c.party()
	if s.Settings.SecondFactor {
		if err := s.refused(r.Context(), e, ActRemoveFactor, RuleSecondFactor); err != nil {
			return err
		}
		return s.flashTo(w, r, "factor_stays", "warn", templates.MyFactorPattern, nil)
	}
	return s.perform(w, r, c, deed{entry: e, in: url.Values{}, within: proofDangerous, flash: "factor_off", to: templates.MyFactorPattern,
		again: func(int, *templates.Problem) error { return redirect(w, r, templates.MyFactorPattern) },
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			err := s.Sessions.DropFactor(ctx, c.me.UserID)
			if err != nil && !errors.Is(err, session.ErrNoFactor) {
				return journal.Result{Outcome: journal.OutcomeFailed}, err
			}
			return journal.Result{Outcome: journal.OutcomeDone}, nil
		}})
}

// factorRoutes are the routes of second factors. Pages that show a new secret
// are not compressed.
func (s *Server) factorRoutes() []route {
	open := func(method string, h func(http.ResponseWriter, *http.Request) error) route {
		return route{method, templates.SignInCodePattern, rightAnyone, h, nil, true}
	}
	resetPage, reset := s.operatorAct(ActResetFactor, s.resetFactor)
	return []route{
		open(http.MethodGet, s.codePage),
		open(http.MethodPost, s.signInCode),
		get(templates.MyFactorPattern, s.myFactor).secret(),
		post(templates.BeginFactorPattern, s.beginFactor),
		post(templates.ConfirmFactorPattern, s.confirmFactor).secret(),
		post(templates.RemoveFactorPattern, s.removeFactor),
		get(templates.ResetFactorPattern, resetPage),
		post(templates.ResetFactorPattern, reset),
	}
}
