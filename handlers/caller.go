package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// caller is the signed-in operator of one request. A handler gets OBP only
// through it, so nothing reaches OBP without a person's own token.
type caller struct {
	me    session.State
	api   *obp.API
	prefs session.Preferences
	zone  *time.Location
	now   time.Time
	addr  string                     // of the client
	reqID string                     // of this request, as in the log
	banks func() ([]obp.Bank, error) // asks at most once for a request, also when that fails
}

func (c *caller) identity() Identity {
	return Identity{UserID: c.me.UserID, Username: c.me.Username, Email: c.me.Email}
}

func (c *caller) party() journal.Party {
	return journal.Party{UserID: c.me.UserID, Username: c.me.Username, Email: c.me.Email, Provider: c.me.Provider}
}

// hint tells whether the operator seemed to hold a role at sign-in. It decides
// what is offered, never what is allowed: a super admin holds rights that no
// call shows.
func (c *caller) hint(role, bankID string) bool {
	for _, h := range c.me.Roles {
		if h.Name == role && h.BankID == bankID {
			return true
		}
	}
	return false
}

// open adapts a handler that needs nobody to be signed in.
func (s *Server) open(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, nil, err)
		}
	})
}

// signedIn adapts a handler that needs an operator: without one the browser is
// sent to sign in, and a form that was posted waits until then.
func (s *Server) signedIn(h func(http.ResponseWriter, *http.Request, *caller) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.caller(r)
		if errors.Is(err, session.ErrNoSession) {
			err = s.askToSignIn(w, r)
			if err != nil {
				s.fail(w, r, nil, err)
			}
			return
		}
		if err != nil {
			s.fail(w, r, nil, err)
			return
		}
		factsOf(r.Context()).operator = c.me.UserID
		if s.lacksFactor(c) {
			if err = s.sessionOver(w, r, c, session.ReasonFactor); err != nil {
				s.fail(w, r, c, err)
			}
			return
		}
		err = s.guarded(w, r, c, h)
		var need *proofNeeded
		if errors.As(err, &need) {
			err = s.proofPage(w, r, c, http.StatusForbidden, "")
		}
		if reason, over := endsSession(err); over {
			err = s.sessionOver(w, r, c, reason)
		}
		if err != nil {
			s.fail(w, r, c, err)
		}
	})
}

// guarded runs a handler behind what stands before every act: an auditor does
// none, and a step-up that came with the form is proved first.
func (s *Server) guarded(w http.ResponseWriter, r *http.Request, c *caller, h func(http.ResponseWriter, *http.Request, *caller) error) error {
	if isWrite(r.Method) && s.isAuditor(c) && !readsOnly(r.URL) {
		if err := s.refused(r.Context(), c.entryOf(journal.ActRefused), journal.Act(routeOf(r)), RuleAuditor); err != nil {
			return err
		}
		return &httpError{status: http.StatusForbidden, key: "auditor"}
	}
	if goOn, err := s.prover(w, r, c); err != nil || !goOn {
		return err
	}
	return h(w, r, c)
}

func (s *Server) caller(r *http.Request) (*caller, error) {
	ctx := r.Context()
	me, ok := s.Sessions.Current(ctx)
	if !ok {
		return nil, session.ErrNoSession
	}
	prefs, err := s.Sessions.Preferences(ctx, me.UserID)
	if err != nil {
		s.Log.WarnContext(ctx, "preferences cannot be read", "error", err)
	}
	zone := s.Settings.Zone
	if prefs.TimeZone != "" {
		if z, err := time.LoadLocation(prefs.TimeZone); err == nil {
			zone = z
		}
	}
	api := s.OBP.As(obp.Credential{Scheme: me.Scheme, Token: me.Token.Reveal()})
	banks := sync.OnceValues(func() ([]obp.Bank, error) { return cached(ctx, s.common, s.common.banks, "banks", api.Banks) })
	return &caller{me: me, api: api, banks: banks, prefs: prefs, zone: zone, now: s.Now(), addr: middleware.GetClientIP(ctx), reqID: factsOf(ctx).requestID}, nil
}

// endsSession tells whether a failure of OBP means that this operator is out.
func endsSession(err error) (session.Reason, bool) {
	switch obp.KindOf(err) {
	case obp.KindSignedOut:
		return session.ReasonToken, true
	case obp.KindLocked:
		return session.ReasonLocked, true
	case obp.KindDeleted:
		return session.ReasonDeleted, true
	}
	return "", false
}

// firstOver gives the first of several failures that ends the session.
func firstOver(errs ...error) error {
	for _, err := range errs {
		if _, over := endsSession(err); over {
			return err
		}
	}
	return nil
}

// sessionOver ends the operator's session because OBP no longer takes their
// credential, and keeps what they posted.
func (s *Server) sessionOver(w http.ResponseWriter, r *http.Request, c *caller, why session.Reason) error {
	if err := s.Sessions.Expire(r.Context(), why); err != nil && !errors.Is(err, session.ErrNoSession) {
		return err
	}
	s.Log.InfoContext(r.Context(), "session ended", "reason", string(why), "operator", c.me.UserID, "request_id", c.reqID)
	return s.askToSignIn(w, r)
}

// askToSignIn leads to the sign-in page, and back to where the person was. A
// posted form is kept for the same person, for a while.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	next, why := r.URL.RequestURI(), ""
	lapsed, ok := s.Sessions.Lapsed(ctx)
	if ok {
		why = string(lapsed.Reason)
	}
	if isWrite(r.Method) {
		next = pageOf(r.URL)
		if ok {
			f, err := form(w, r)
			if err == nil {
				err = s.Sessions.KeepForAfterSignIn(ctx, r.URL.RequestURI(), f, lapsed.UserID)
			}
			if err != nil && !errors.Is(err, session.ErrNoSession) {
				s.Log.WarnContext(ctx, "a form could not be kept", "error", err)
			}
		}
	} else if isHTMX(r) {
		if u, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil && u.Path != "" {
			next = u.RequestURI()
		}
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return leave(w, r, templates.SignIn(session.LocalPath(next), why))
}

// pageOf is the page that a form was on: the address without its last word.
func pageOf(u *url.URL) string {
	p := u.Path
	for _, act := range []string{"/approve", "/decline", "/close", "/call", "/confirm"} {
		if rest, ok := strings.CutSuffix(p, act); ok {
			p = rest
		}
	}
	switch p {
	case templates.ExportUsersPattern:
		p = templates.UsersPattern
	case templates.ExportPattern:
		p = templates.JournalPattern
	case templates.BulkPattern, templates.BulkStartPattern:
		p = templates.RequestsPattern
	}
	p = formPage(p)
	if p == templates.AskRolePattern || p == templates.ThemePattern {
		p = templates.MePattern
	}
	if p == templates.StayPattern || p == templates.SignOutPattern {
		return "/"
	}
	return (&url.URL{Path: p, RawQuery: u.RawQuery}).String()
}

// returningVisitor answers a navigation that came from another site without
// the cookie, which SameSite=Strict holds back, by one page that goes to the
// same address again, now from this site.
func (s *Server) returningVisitor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		if r.Method != http.MethodGet || h.Get("Sec-Fetch-Site") != "cross-site" || h.Get("Sec-Fetch-Mode") != "navigate" || h.Get("Cookie") != "" {
			next.ServeHTTP(w, r)
			return
		}
		to := session.LocalPath(r.URL.RequestURI())
		shell := templates.Shell{Title: templates.Word("page.opening.title"), Theme: "system", Refresh: to,
			Environment: s.Settings.Environment, Color: s.Settings.EnvironmentColor}
		if err := s.write(w, r.Context(), http.StatusOK, templates.Page(shell, templates.OpeningView(templates.Notice{
			Tone: templates.ToneInfo, Text: templates.Word("page.opening.text"),
			Links: []templates.Link{{Text: templates.Word("page.opening.link"), Href: to}}}))); err != nil {
			s.fail(w, r, nil, err)
		}
	})
}

func (s *Server) shell(r *http.Request, c *caller, v view) templates.Shell {
	sh := templates.Shell{Title: v.title, Section: v.section, Environment: s.Settings.Environment, Color: s.Settings.EnvironmentColor,
		Theme: "system", Path: session.LocalPath(r.URL.RequestURI()), Waiting: v.waiting, Notices: v.notices, Zone: s.Settings.Zone.String()}
	if v.canon != "" {
		sh.Path = v.canon
	}
	if c == nil {
		return sh
	}
	sh.Operator, sh.Theme, sh.Shortcuts, sh.Zone = c.me.Username, c.prefs.Theme, c.prefs.Shortcuts, c.zone.String()
	sh.Admin = s.isAdmin(c)
	if bank := currentBank(r); bank != "" {
		sh.Bank, sh.Unbank = s.keptNames().scope(bank), templates.WithoutBank(sh.Path)
	}
	idle, _ := s.Sessions.Expiry(r.Context())
	sh.EndsAt, sh.IdleSeconds = c.when(idle), int(idle.Sub(c.now).Seconds())
	sh.WarnSeconds = int(s.Sessions.WarnBefore.Seconds())
	if f, ok := s.Sessions.TakeFlash(r.Context()); ok {
		sh.Notices = append([]templates.Notice{flashNotice(f)}, sh.Notices...)
	}
	return sh
}

// detached is a context for what must not stop when the browser goes away,
// bounded by what two calls to OBP can take.
func (s *Server) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 3*s.Settings.OBPTimeout)
}
