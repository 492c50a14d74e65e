package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// limits bound failed sign-ins, by address and by user name, and exports by
// operator.
type limits struct{ byAddr, byName, exports, resets, resetsFor *httprate.RateLimiter }

// Failures allowed in limitWindow. By name it is below the number at which OBP
// locks an account.
const (
	limitWindow   = time.Minute
	failsByAddr   = 30
	failsByName   = 4
	addrKey       = "addr "
	nameKey       = "name "
	maxFieldBytes = 512
)

// newLimits counts in the sessions' store when nodes share it, so that a limit
// holds for all of them together, else in this process. A count that cannot be
// made lets nothing through.
func newLimits(st Settings, sessions *session.Manager, log *slog.Logger) limits {
	limit := func(name string, most int, window time.Duration) *httprate.RateLimiter {
		o := []httprate.Option{
			httprate.WithLimitHandler(func(http.ResponseWriter, *http.Request) {}),
			httprate.WithErrorHandler(func(_ http.ResponseWriter, r *http.Request, err error) {
				if !errors.Is(err, session.ErrLimited) {
					log.ErrorContext(r.Context(), "a limit cannot be counted", "limit", name, "error", err)
				}
			}),
		}
		if c := sessions.Counter(name); c != nil {
			o = append(o, httprate.WithLimitCounter(c))
		}
		return httprate.NewRateLimiter(most, window, o...)
	}
	return limits{byAddr: limit("sign-in by address", failsByAddr, limitWindow), byName: limit("sign-in by name", failsByName, limitWindow),
		exports: limit("exports", exportsPerHour, time.Hour), resets: limit("resets by operator", st.ResetsByOperator, resetWindow),
		resetsFor: limit("resets for a person", st.ResetsForPerson, resetWindow)}
}

// reached tells whether one more failure would be too many. Status lets
// through what lies at the limit, so the count is compared here.
func (l limits) reached(addr, name string) (bool, error) {
	full := func(r *httprate.RateLimiter, key string, most int) (bool, error) {
		_, rate, err := r.Status(key)
		return int(rate+0.5) >= most, err
	}
	if full, err := full(l.byAddr, addrKey+addr, failsByAddr); full || err != nil {
		return full, err
	}
	return full(l.byName, nameKey+name, failsByName)
}

func (l limits) failed(w http.ResponseWriter, r *http.Request, addr, name string) {
	l.byAddr.OnLimit(w, r, addrKey+addr)
	l.byName.OnLimit(w, r, nameKey+name)
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := session.LocalPath(r.URL.Query().Get("next"))
	if _, ok := s.Sessions.Current(r.Context()); ok {
		return leave(w, r, next)
	}
	f := templates.SignInForm{Next: next}
	switch lapsed, over := s.Sessions.Lapsed(r.Context()); {
	case r.URL.Query().Get("out") == "1":
		f.Notice = &templates.Notice{Tone: templates.ToneGood, Text: templates.Word("session.signed_out")}
	case templates.HasWord("session.over." + r.URL.Query().Get("why")):
		f.Notice = &templates.Notice{Tone: templates.ToneWarn, Text: templates.Word("session.over." + r.URL.Query().Get("why"))}
	case over:
		f.Notice = &templates.Notice{Tone: templates.ToneWarn, Text: templates.Word("session.over." + string(lapsed.Reason))}
	}
	return s.signInForm(w, r, http.StatusOK, f)
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request, status int, f templates.SignInForm) error {
	f.Server, f.Demo, f.Password = s.Settings.Server, s.Settings.Demo, s.Settings.DemoPassword
	return s.page(w, r, nil, view{status: status, title: templates.Word("page.sign_in"), waiting: -1, body: templates.SignInPage(f)})
}

// signIn asks OBP for a token with what was typed, and starts a session. The
// answer to a wrong name and a wrong password is the same.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	a := attempt{username: in.Get("username"), password: in.Get("password"), next: session.LocalPath(in.Get("next")),
		addr: middleware.GetClientIP(r.Context()), reqID: factsOf(r.Context()).requestID}
	f := templates.SignInForm{Username: a.username, Next: a.next, Errors: a.check()}
	if len(f.Errors) > 0 {
		return s.signInForm(w, r, http.StatusUnprocessableEntity, f)
	}
	limited, err := s.limits.reached(a.addr, a.username)
	if err != nil {
		return err
	}
	if limited {
		w.Header().Set("Retry-After", strconv.Itoa(int(limitWindow.Seconds())))
		f.Errors[""] = templates.Word("sign_in.limited", "seconds", strconv.Itoa(int(limitWindow.Seconds())))
		return s.signInForm(w, r, http.StatusTooManyRequests, f)
	}
	st, err := s.prove(r.Context(), a)
	if err != nil {
		return s.signInRefused(w, r, a, f, err)
	}
	st.ClientAddr, st.UserAgent = a.addr, r.UserAgent()
	if asked, err := s.askForCode(w, r, st, a.next); asked || err != nil {
		return err
	}
	return s.enter(w, r, st, a.next, nil)
}

// attempt is what somebody typed to sign in.
type attempt struct{ username, password, next, addr, reqID string }

// check names what cannot be sent, by field.
func (a attempt) check() map[string]string {
	out := map[string]string{}
	for field, v := range map[string]string{"username": a.username, "password": a.password} {
		if strings.TrimSpace(v) == "" {
			out[field] = templates.Word("sign_in." + field + "_missing")
		}
	}
	var bad *obp.FieldError
	if err := obp.CheckSignIn(a.username, a.password); len(out) == 0 && errors.As(err, &bad) {
		switch {
		case bad.TooLong:
			out[bad.Field] = templates.Word("sign_in.too_long", "n", strconv.Itoa(maxFieldBytes))
		case bad.Field == "password": // the character is a part of the secret
			out[bad.Field] = templates.Word("sign_in.password_char")
		default:
			out[bad.Field] = templates.Word("sign_in.char", "char", string(bad.Char))
		}
	}
	return out
}

// refusedSignIn is a refusal by the console.
type refusedSignIn struct {
	key, rule string
	person    journal.Party
}

func (e *refusedSignIn) Error() string { return "sign-in refused: " + e.rule }

// prove asks OBP for a token and for whose it is: two calls, one after the
// other, since the second needs the first's answer.
func (s *Server) prove(ctx context.Context, a attempt) (session.State, error) {
	cred, err := s.OBP.SignIn(ctx, a.username, a.password)
	if err != nil {
		return session.State{}, err
	}
	api := s.OBP.As(cred)
	var u obp.User
	var newer bool
	g, beside := errgroup.WithContext(ctx)
	g.Go(func() error { u, err = api.CurrentUser(ctx); return err })
	g.Go(func() error { newer, _ = api.Newer(beside); return nil }) // without an answer its pages say what they cannot show
	if err := g.Wait(); err != nil {
		return session.State{}, err
	}
	who := journal.Party{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider}
	if !s.Settings.SignIn.Admits(u.Username, len(u.Entitlements.List) > 0) {
		return session.State{}, &refusedSignIn{key: "sign_in.not_admitted", rule: "sign_in_not_allowed", person: who}
	}
	barred, err := s.Sessions.Barred(ctx, u.UserID)
	if err != nil {
		return session.State{}, err
	}
	if barred {
		return session.State{}, &refusedSignIn{key: "sign_in.barred", rule: "barred", person: who}
	}
	st := session.State{Person: session.Person{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider, ProviderID: u.ProviderID},
		Scheme: cred.Scheme, Token: session.NewSecret(cred.Token), ServesV510: newer}
	for _, e := range u.Entitlements.List {
		st.Roles = append(st.Roles, session.RoleHint{Name: e.RoleName, BankID: e.BankID})
	}
	return st, nil
}

// signInRefused records a failed sign-in and says why, as far as that helps
// only the right person.
func (s *Server) signInRefused(w http.ResponseWriter, r *http.Request, a attempt, f templates.SignInForm, cause error) error {
	ctx := r.Context()
	entry := journal.Entry{Act: journal.ActSignInFailed, Operator: journal.Party{Username: a.username}, ClientAddr: a.addr, RequestID: a.reqID}
	res := journal.Result{Outcome: journal.OutcomeRefused}
	status, key := http.StatusUnauthorized, ""
	var own *refusedSignIn
	e, isOBP := obp.AsError(cause)
	switch {
	case errors.As(cause, &own):
		status, key, entry.Rule, entry.Operator = http.StatusForbidden, own.key, own.rule, own.person
	case isOBP && (e.Kind() == obp.KindCredentials || e.Kind() == obp.KindLocked || e.Kind() == obp.KindDeleted):
		s.limits.failed(w, r, a.addr, a.username)
		key = map[obp.Kind]string{obp.KindCredentials: "sign_in.wrong", obp.KindLocked: "sign_in.locked", obp.KindDeleted: "sign_in.wrong"}[e.Kind()]
		res.OBPStatus, res.OBPCode, res.CorrelationID = e.Status, e.Code, e.CorrelationID
	case isOBP:
		p := s.problem(r, cause)
		s.Log.WarnContext(ctx, "sign-in failed", "request_id", a.reqID, "error", cause)
		f.Errors[""] = p.Title + " " + p.Sentence
		f.Correlation = p.Correlation
		return s.signInForm(w, r, p.Status, f)
	default:
		return cause
	}
	if _, err := s.Journal.Record(ctx, entry, res); err != nil {
		return err
	}
	f.Errors[""] = templates.Word(key, "setting", "SIGN_IN_ALLOWED")
	return s.signInForm(w, r, status, f)
}

// welcome goes to where the person was, and puts a form that waited back into
// the page it was typed on.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request, userID, next string) error {
	path, typed, ok := s.Sessions.TakeKept(r.Context(), userID)
	if !ok {
		return leave(w, r, next)
	}
	u, err := url.Parse(path)
	if err != nil {
		return leave(w, r, next)
	}
	page, err := url.Parse(pageOf(u))
	if err != nil {
		return leave(w, r, next)
	}
	key, kept := page.Path, "kept"
	if u.Path == templates.BulkPattern || u.Path == templates.BulkStartPattern { // its rows are chosen anew
		key, kept, typed = lastReasonKey, "kept_bulk", url.Values{"reason": {typed.Get("reason")}}
	}
	if err := s.Sessions.SaveDraft(r.Context(), key, typed); err != nil {
		return err
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: kept, Args: map[string]string{"tone": "info"}}); err != nil {
		return err
	}
	return leave(w, r, pageOf(u))
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if me, ok := s.Sessions.Current(ctx); ok {
		factsOf(ctx).operator = me.UserID
		_, err := s.Journal.Record(ctx, journal.Entry{Act: journal.ActSignOut, ClientAddr: middleware.GetClientIP(ctx), RequestID: factsOf(ctx).requestID,
			Operator: journal.Party{UserID: me.UserID, Username: me.Username, Email: me.Email, Provider: me.Provider}}, journal.Result{Outcome: journal.OutcomeDone})
		if err != nil { // leaving is always possible
			s.Log.ErrorContext(ctx, "a sign-out was not recorded", "error", err)
		}
	}
	if err := s.Sessions.SignOut(ctx); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return leave(w, r, templates.SignInPattern+"?out=1")
}

// stay keeps the session alive: the request itself did, so only the new end
// is told.
func (s *Server) stay(w http.ResponseWriter, r *http.Request, c *caller) error {
	if r.Header.Get("Accept") == "application/json" {
		idle, _ := s.Sessions.Expiry(r.Context())
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte(`{"seconds":` + strconv.Itoa(int(idle.Sub(c.now).Seconds())) + `}`))
		return err
	}
	f, err := form(w, r)
	if err != nil {
		return err
	}
	return leave(w, r, session.LocalPath(f.Get("return")))
}
