package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts of an administrator of the console, and the console's own refusals.
const (
	ActEndSession journal.Act = "end_session"
	ActEndOthers  journal.Act = "end_other_sessions"
	ActBar        journal.Act = "bar"
	ActUnbar      journal.Act = "unbar"

	RuleOwnSession Rule = "own_session" // one's own session ends by signing out
	RuleOwnBar     Rule = "own_bar"     // barring oneself, or letting oneself in
)

// adminOnly lets only administrators of the console pass; another's attempt to
// act is recorded.
func (s *Server) adminOnly(h func(http.ResponseWriter, *http.Request, *caller) error) func(http.ResponseWriter, *http.Request, *caller) error {
	return func(w http.ResponseWriter, r *http.Request, c *caller) error {
		if s.isAdmin(c) {
			return h(w, r, c)
		}
		if isWrite(r.Method) {
			if err := s.refused(r.Context(), c.entryOf(journal.ActRefused), journal.Act(routeOf(r)), RuleAdminOnly); err != nil {
				return err
			}
		}
		return &httpError{status: http.StatusForbidden, key: "admin_only"}
	}
}

// RuleAdminOnly refuses what only an administrator of the console may do.
const RuleAdminOnly Rule = "admin_only"

// operators shows who is signed in to this console, and who is barred.
func (s *Server) operators(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	if err := s.stillIn(ctx, c); err != nil {
		return err
	}
	list, err := s.Sessions.List(ctx)
	if err != nil {
		return err
	}
	barred, err := s.Sessions.BarredPeople(ctx)
	if err != nil {
		return err
	}
	var p templates.OperatorsPage
	for _, x := range list {
		row := templates.OperatorRow{Person: templates.Person{UserID: x.UserID, Username: x.Username, Href: templates.User(x.UserID)}, Address: x.ClientAddr, Browser: browserName(x.UserAgent),
			Since: c.when(x.SignedInAt), Seen: c.when(x.LastSeen), This: x.SessionID == c.me.SessionID}
		if x.UserID != c.me.UserID {
			row.End, row.Bar = templates.EndSession(x.SessionID), templates.Bar(x.UserID)
		}
		p.Rows = append(p.Rows, row)
	}
	for _, id := range barred {
		row, err := s.barredRow(ctx, c, id)
		if err != nil {
			return err
		}
		p.Barred = append(p.Barred, row)
	}
	if p.Factors, err = s.factorRows(ctx, c); err != nil {
		return err
	}
	return s.page(w, r, c, view{title: templates.Word("page.operators"), section: templates.OperatorsPattern, canon: templates.OperatorsPattern, waiting: -1, body: templates.OperatorsView(p)})
}

// barredRow says from the journal who barred a person, when and why.
func (s *Server) barredRow(ctx context.Context, c *caller, userID string) (templates.BarredRow, error) {
	row := templates.BarredRow{Person: templates.Person{UserID: userID, Href: templates.User(userID)}}
	if userID != c.me.UserID {
		row.Unbar = templates.Unbar(userID)
	}
	p, err := s.Journal.Search(ctx, journal.Filter{Person: userID, Acts: []journal.Act{ActBar}, Rights: journal.Rights{All: true}, Limit: 1})
	for _, a := range p.Rows {
		row.Person.Username, row.By, row.When, row.Why = a.Entry.Person.Username, partyView(a.Entry.Operator).Username, c.when(a.At), cmp.Or(a.Entry.Reason, a.Entry.ReasonCode)
	}
	return row, err
}

// browserName is what a person knows their browser by.
func browserName(agent string) string {
	for _, b := range []struct{ mark, name string }{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b.mark) {
			return b.name
		}
	}
	if agent == "" {
		return "-"
	}
	name, _, _ := strings.Cut(agent, "/")
	return name
}

// onOperator is an act on somebody's sessions.
type onOperator struct {
	act       journal.Act
	person    templates.Person
	known     bool
	own       Rule // refuses it for oneself
	in        url.Values
	errs      map[string]string
	sessionID string
}

// within is how fresh the proof must be: whoever resets a factor could sign in
// as its owner, with their password.
func (o *onOperator) within() time.Duration {
	if o.act == ActResetFactor {
		return proofDangerous
	}
	return proofOrdinary
}

// readOperator finds whom an act is on: never by what the form says.
func (s *Server) readOperator(r *http.Request, c *caller, act journal.Act, in url.Values) (*onOperator, error) {
	o := &onOperator{act: act, in: in, errs: map[string]string{}, own: RuleOwnBar}
	list, err := s.Sessions.List(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	if act == ActEndSession {
		o.sessionID, o.own = q.Get("session"), RuleOwnSession
		if i := slices.IndexFunc(list, func(x session.Info) bool { return x.SessionID == o.sessionID }); i >= 0 {
			o.known, o.person = true, templates.Person{UserID: list[i].UserID, Username: list[i].Username}
		}
		return o, nil
	}
	id := strings.TrimSpace(q.Get("user"))
	if act == ActResetFactor {
		o.own = RuleOwnFactor
		return o, s.withFactor(r.Context(), o, id)
	}
	if id == "" {
		return o, nil
	}
	o.person, o.known = templates.Person{UserID: id}, true
	if i := slices.IndexFunc(list, func(x session.Info) bool { return x.UserID == id }); i >= 0 {
		o.person.Username = list[i].Username
	}
	return o, nil
}

var operatorWords = map[journal.Act]struct{ title, lead, button, flash string }{
	ActEndSession:  {"operators.end_title", "operators.end_what", "operators.end", "session_ended"},
	ActBar:         {"operators.bar_title", "operators.bar_what", "operators.bar", "barred"},
	ActUnbar:       {"operators.unbar_title", "operators.unbar_what", "operators.unbar", "unbarred"},
	ActResetFactor: {"factor.reset_title", "factor.reset_what", "factor.reset", "factor_reset"},
}

func (s *Server) operatorForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *onOperator, found []obp.User, failed *templates.Problem) error {
	text := operatorWords[o.act]
	f := templates.Form{Title: templates.Word(text.title), Lead: []string{templates.Word(text.lead)}, Failed: failed, Action: r.URL.RequestURI(), Button: templates.Word(text.button), Danger: o.act != ActUnbar,
		Back: templates.Link{Text: templates.Word("page.operators"), Href: templates.OperatorsPattern}, TestID: "operator-form"}
	switch {
	case o.known:
		f.Facts = []templates.Fact{{Name: templates.Word("sheet.username"), Value: o.person.Username}, {Name: templates.Word("sheet.user_id"), Value: o.person.UserID, Code: true}}
	case o.act == ActResetFactor:
		f.Refusals, status = []string{templates.Word("factor.gone")}, http.StatusNotFound
	case o.act == ActEndSession:
		f.Refusals, status = []string{templates.Word("operators.gone")}, http.StatusNotFound
	default:
		f.Fields = personFields(o.in, found)
	}
	if o.known && o.person.UserID == c.me.UserID {
		f.Refusals = []string{templates.Word("rule." + string(o.own))}
	}
	f = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.OperatorsPattern, waiting: -1, body: templates.FormView(f)})
}

// operatorAct gives the form of an act on an operator, and the act itself.
func (s *Server) operatorAct(act journal.Act, do func(context.Context, *onOperator) error) (page, send func(http.ResponseWriter, *http.Request, *caller) error) {
	page = s.adminOnly(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		if err := s.stillIn(r.Context(), c); err != nil {
			return err
		}
		o, err := s.readOperator(r, c, act, s.takeDraft(r.Context(), r.URL.Path))
		if err != nil {
			return err
		}
		return s.operatorForm(w, r, c, http.StatusOK, o, nil, nil)
	})
	send = s.adminOnly(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		in, err := form(w, r)
		if err != nil {
			return err
		}
		o, err := s.readOperator(r, c, act, in)
		if err != nil {
			return err
		}
		o.errs = s.reasonErrors(in)
		return s.operatorSend(w, r, c, o, do)
	})
	return page, send
}

func (s *Server) operatorSend(w http.ResponseWriter, r *http.Request, c *caller, o *onOperator, do func(context.Context, *onOperator) error) error {
	var found []obp.User
	again := func(status int, p *templates.Problem) error { return s.operatorForm(w, r, c, status, o, found, p) }
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	if !o.known && o.act != ActEndSession && o.act != ActResetFactor {
		u, list, err := s.pickPerson(r.Context(), c, o.in, o.errs)
		if over := firstOver(err); over != nil {
			return over
		}
		found = list
		if err != nil {
			p := s.problem(r, err)
			return again(p.Status, p)
		}
		o.person = personView(u)
	}
	e := c.entryOf(o.act)
	e.Person, e.Target = journal.Party{UserID: o.person.UserID, Username: o.person.Username, Email: o.person.Email, Provider: o.person.Provider}, o.sessionID
	switch {
	case o.person.UserID == "" && !o.known:
		return again(http.StatusNotFound, nil)
	case o.person.UserID == c.me.UserID:
		if err := s.refused(r.Context(), e, o.act, o.own); err != nil {
			return err
		}
		o.known = true
		return again(http.StatusForbidden, nil)
	case len(o.errs) > 0:
		return again(http.StatusUnprocessableEntity, nil)
	}
	return s.perform(w, r, c, deed{entry: e, in: o.in, within: o.within(), again: again, flash: operatorWords[o.act].flash, args: map[string]string{"person": templates.NameOf(o.person)}, to: templates.OperatorsPattern,
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			if err := do(ctx, o); err != nil {
				return journal.Result{Outcome: journal.OutcomeFailed}, err
			}
			return journal.Result{Outcome: journal.OutcomeDone}, nil
		}})
}
