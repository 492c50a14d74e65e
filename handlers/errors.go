package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// httpError is a refusal of the console itself, with the key of its words.
type httpError struct {
	status int
	key    string
	err    error
}

func (e *httpError) Error() string { return fmt.Sprintf("%s: %v", e.key, e.err) }
func (e *httpError) Unwrap() error { return e.err }

// failures is what a kind of OBP's failure means for the browser: the status,
// and the key of its words ("kind.KEY.title", "kind.KEY.text").
var failures = map[obp.Kind]struct {
	status int
	key    string
}{
	obp.KindOther:       {http.StatusInternalServerError, "broken"},
	obp.KindInvalid:     {http.StatusBadRequest, "invalid"},
	obp.KindCredentials: {http.StatusUnauthorized, "credentials"},
	obp.KindConsumerKey: {http.StatusBadGateway, "consumer_key"},
	obp.KindMissingRole: {http.StatusForbidden, "not_allowed"},
	obp.KindNotFound:    {http.StatusNotFound, "not_found"},
	obp.KindAlreadyHeld: {http.StatusConflict, "already_held"},
	obp.KindAlreadyAsked: {http.StatusConflict,
		"already_asked"},
	obp.KindNoView:      {http.StatusForbidden, "no_view"},
	obp.KindExists:      {http.StatusConflict, "exists"},
	obp.KindNotApplied:  {http.StatusBadGateway, "not_applied"},
	obp.KindSwitchedOff: {http.StatusConflict, "switched_off"},
	obp.KindLimited:     {http.StatusTooManyRequests, "limited"},
	obp.KindTimeout:     {http.StatusGatewayTimeout, "slow"},
	obp.KindUnreachable: {http.StatusBadGateway, "down"},
	obp.KindUnavailable: {http.StatusBadGateway, "down"},
	obp.KindJunk:        {http.StatusBadGateway, "junk"},
	obp.KindSignedOut:   {http.StatusUnauthorized, "signed_out"},
	obp.KindLocked:      {http.StatusUnauthorized, "locked"},
	obp.KindDeleted:     {http.StatusUnauthorized, "deleted"},
}

// problem says a failure in words, for a page or a part of it.
func (s *Server) problem(r *http.Request, err error) *templates.Problem {
	p := &templates.Problem{Status: http.StatusInternalServerError, Key: "broken", RequestID: factsOf(r.Context()).requestID}
	var own *httpError
	e, isOBP := obp.AsError(err)
	switch {
	case errors.As(err, &own):
		p.Status, p.Key = own.status, own.key
	case errors.Is(err, journal.ErrNotWritten):
		p.Status, p.Key = http.StatusServiceUnavailable, "journal_closed"
	case isOBP:
		f := failures[e.Kind()]
		p.Status, p.Key, p.Correlation = f.status, f.key, e.CorrelationID
		for _, name := range e.Roles {
			p.Roles = append(p.Roles, templates.RoleAsk{Role: s.role(name), Scope: s.askScope(name, e.BankID), Return: pageOf(r.URL)})
		}
	}
	if isOBP {
		p.Correlation = e.CorrelationID
		if own == nil && e.Kind() == obp.KindInvalid && e.HasCode("OBP-50005") {
			p.Status, p.Key = http.StatusBadGateway, "unspecified"
		}
	}
	p.Title, p.Sentence = templates.Word("kind."+p.Key+".title"), templates.Word("kind."+p.Key+".text")
	if p.Key == "not_allowed" && r.Method != http.MethodGet {
		p.Title = templates.Word("kind.not_allowed.act")
	}
	if p.Key == "limited" && isOBP && e.RetryAfter > 0 {
		p.Sentence = templates.Word("kind.limited.after", "seconds", strconv.Itoa(int(e.RetryAfter/time.Second)))
	}
	if r.Method == http.MethodGet && (p.Status >= 500 || p.Status == http.StatusTooManyRequests) {
		p.Retry = r.URL.RequestURI()
	}
	return p
}

// askScope is where a missing role has to be asked for: at the bank that OBP
// names, when it is a bank's role.
func (s *Server) askScope(role, bankID string) templates.Scope {
	known, _ := s.common.roles.Get("roles")
	at := slices.IndexFunc(known, func(x obp.Role) bool { return x.Name == role })
	if bankID == "" || at >= 0 && !known[at].RequiresBankID || at < 0 && strings.HasSuffix(role, "AtAnyBank") {
		return templates.Scope{Name: systemName()}
	}
	return bankNames{}.scope(bankID)
}

// fail is the one place that an error of a handler meets. A caller who is nil
// is not known.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, c *caller, err error) {
	if r.Context().Err() != nil {
		s.Log.DebugContext(r.Context(), "the browser went away", "route", routeOf(r), "request_id", factsOf(r.Context()).requestID)
		return
	}
	p := s.problem(r, err)
	if p.Status >= 500 {
		s.Log.ErrorContext(r.Context(), "failed", "route", routeOf(r), "request_id", p.RequestID, "obp_correlation", p.Correlation, "error", err)
	}
	s.problemPage(w, r, c, p)
}

func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, c *caller, p *templates.Problem) {
	if p.Back == nil {
		p.Back = &templates.Link{Text: templates.Word("page.home"), Href: templates.Home()}
	}
	if e := s.page(w, r, c, view{status: p.Status, title: p.Title, waiting: -1, body: templates.ProblemView(*p)}); e != nil {
		s.Log.ErrorContext(r.Context(), "the error page failed", "error", e)
		http.Error(w, "The console failed. Request id: "+p.RequestID, http.StatusInternalServerError)
	}
}

// brokenPage answers after a panic. It looks nothing up, since what failed may
// be anything.
func (s *Server) brokenPage(w http.ResponseWriter, r *http.Request) {
	p := s.problem(r, errors.New("panic"))
	shell := templates.Shell{Title: p.Title, Theme: "system", Environment: s.Settings.Environment, Color: s.Settings.EnvironmentColor, Waiting: -1}
	w.Header().Del("Content-Encoding")
	if err := s.write(w, r.Context(), p.Status, templates.Page(shell, templates.ProblemView(*p))); err != nil {
		http.Error(w, "The console failed. Request id: "+p.RequestID, http.StatusInternalServerError)
	}
}

func (s *Server) foreignWrite(w http.ResponseWriter, r *http.Request) {
	s.barePage(w, r, &httpError{status: http.StatusForbidden, key: "foreign_write"})
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.known(w, r, &httpError{status: http.StatusNotFound, key: "no_page"})
}

func (s *Server) wrongMethod(w http.ResponseWriter, r *http.Request) {
	s.known(w, r, &httpError{status: http.StatusMethodNotAllowed, key: "wrong_method"})
}

// known answers a failure inside the shell of whoever is signed in.
func (s *Server) known(w http.ResponseWriter, r *http.Request, err error) {
	c, e := s.caller(r)
	if e != nil {
		c = nil
	}
	s.fail(w, r, c, err)
}
