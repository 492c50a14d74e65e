package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Refusals of acts on people.
const (
	RuleOwnLock       Rule = "own_lock"       // locking oneself
	RuleOwnDelete     Rule = "own_delete"     // deleting oneself
	RuleOwnReset      Rule = "own_reset"      // a reset link for oneself
	RuleOtherProvider Rule = "other_provider" // OBP does this only for people of its own provider
	RuleDeletedUser   Rule = "deleted_user"   // deleted already
	RuleResetLimit    Rule = "reset_limit"    // too many reset links
)

// ActRefresh reads a person's accounts from the core system again.
const ActRefresh journal.Act = "refresh_user"

// onPerson is an act on a person on its way.
type onPerson struct {
	act     journal.Act
	u       obp.User
	counter *obp.LockStatus
	held    []obp.Entitlement // for a reset link: with the row that shows a super admin
	in      url.Values
	errs    map[string]string
}

// aboutPerson gives failures of OBP's the words that fit a person.
func aboutPerson(err error) error {
	e, ok := obp.AsError(err)
	switch {
	case !ok:
		return err
	case e.HasCode("OBP-50014"):
		return &httpError{status: http.StatusBadGateway, key: "not_refreshed", err: err}
	case e.Kind() == obp.KindNotFound:
		return &httpError{status: http.StatusNotFound, key: "no_person", err: err}
	}
	return err
}

// loadPerson reads the person of the address before an act: what a form says of
// them is not used. For an unlock the counter comes beside.
func (s *Server) loadPerson(r *http.Request, c *caller, act journal.Act) (*onPerson, error) {
	o := &onPerson{act: act, in: url.Values{}, errs: map[string]string{}}
	ctx, name := r.Context(), r.URL.Query().Get("n")
	var g errgroup.Group
	var err error
	g.Go(func() error { o.u, err = c.api.UserByID(ctx, chi.URLParam(r, "id")); return nil })
	if act == journal.ActUnlock && name != "" {
		g.Go(func() error {
			if st, e := c.api.LockStatus(ctx, name); e == nil {
				o.counter = &st
			}
			return nil
		})
	}
	if act == journal.ActResetLink { // where it may not be read, what stands with the person has to do
		g.Go(func() error { o.held, _ = c.api.UserEntitlements(ctx, chi.URLParam(r, "id")); return nil })
	}
	_ = g.Wait()
	if o.counter != nil && (o.u.Username != name || o.u.Provider != c.me.Provider) {
		o.counter = nil
	}
	if act == journal.ActUnlock && err == nil && o.u.Provider != c.me.Provider && c.me.ServesV510 {
		o.counter = counterElsewhere(ctx, c, o.u)
	}
	if err == nil {
		err = s.noteUser(ctx, c, o.u.UserID)
	}
	return o, aboutPerson(err)
}

// locks tells whether OBP locks and unlocks people of a provider: of its own,
// and of any other since v5.1.0.
func (c *caller) locks(provider string) bool {
	return provider == c.me.Provider || c.me.ServesV510
}

// rule gives the console's own refusal of an act, "" when there is none.
func (s *Server) personRule(c *caller, o *onPerson) Rule {
	_, own := s.Settings.SamePerson.oneself(c.identity(), identityOf(o.u))
	self := o.u.UserID == c.me.UserID
	switch {
	case o.act == journal.ActLock && self:
		return RuleOwnLock
	case o.act == journal.ActDeleteUser && self:
		return RuleOwnDelete
	case o.act == journal.ActResetLink && own:
		return RuleOwnReset
	case o.u.Deleted() && o.act != ActRefresh:
		return RuleDeletedUser
	case o.act == journal.ActResetLink && o.u.Provider != c.me.Provider, (o.act == journal.ActLock || o.act == journal.ActUnlock) && !c.locks(o.u.Provider):
		return RuleOtherProvider
	}
	return ""
}

func (s *Server) personEntry(c *caller, o *onPerson) journal.Entry {
	e := c.entryOf(o.act)
	e.Person = partyOf(o.u)
	e.Reason, e.ReasonCode, e.Ticket = strings.TrimSpace(o.in.Get("reason")), o.in.Get("reason_code"), strings.TrimSpace(o.in.Get("ticket"))
	if call := s.callOf(c, o.u.UserID); call.Get("id") != "" {
		e.ParentID, e.ParentKind, e.Verified = call.Get("id"), journal.ParentCall, call.Get("verified")
	}
	return e
}

// personForm is the page of an act's form.
func (s *Server) personForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *onPerson, failed *templates.Problem) error {
	p := personView(o.u)
	f := templates.UserAct{Act: string(o.act), Person: p, Problem: failed, Action: map[journal.Act]string{journal.ActLock: templates.Lock(p), journal.ActUnlock: templates.Unlock(p), ActRefresh: templates.Refresh(p)}[o.act],
		Danger: o.act == journal.ActLock, Button: templates.Word("user.go_" + string(o.act))}
	f.State, _ = stateBadge(stateOf(o.u, &o.u))
	if rule := s.personRule(c, o); rule != "" {
		f.Refusals = append(f.Refusals, templates.Word("rule."+string(rule)))
	}
	if o.act == journal.ActUnlock && o.counter != nil {
		f.Warnings = append(f.Warnings, templates.WordN("user.unlock_clears", o.counter.FailedAttempts))
	}
	f.Form = templates.UserForm{Reason: o.in.Get("reason"), ReasonCode: o.in.Get("reason_code"), Ticket: o.in.Get("ticket"), Errors: o.errs}
	f.Calling = s.callWith(c, o.u.UserID)
	if !o.in.Has("ticket") {
		f.Form.Ticket = c.me.Ticket
		if f.Calling != nil && f.Calling.Ticket != "" {
			f.Form.Ticket = f.Calling.Ticket
		}
	}
	for _, rc := range s.Settings.ReasonCodes {
		f.Form.Codes = append(f.Form.Codes, templates.Option{Value: rc.Code, Text: rc.Text, Selected: rc.Code == f.Form.ReasonCode})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("user.title_"+string(o.act), "person", o.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.UserActView(f)})
}

// personAct answers the form of a plain act, and the act itself.
func (s *Server) personAct(act journal.Act, do func(context.Context, *caller, *onPerson) (journal.Result, string, error)) (page, send func(http.ResponseWriter, *http.Request, *caller) error) {
	page = func(w http.ResponseWriter, r *http.Request, c *caller) error {
		o, err := s.loadPerson(r, c, act)
		if err != nil {
			return err
		}
		o.in = s.takeDraft(r.Context(), r.URL.Path)
		return s.personForm(w, r, c, http.StatusOK, o, nil)
	}
	send = func(w http.ResponseWriter, r *http.Request, c *caller) error {
		in, err := form(w, r)
		if err != nil {
			return err
		}
		o, err := s.loadPerson(r, c, act)
		if err != nil {
			return err
		}
		o.in = in
		if rule := s.personRule(c, o); rule != "" {
			if err := s.refused(r.Context(), s.personEntry(c, o), act, rule); err != nil {
				return err
			}
			return s.personForm(w, r, c, http.StatusForbidden, o, nil)
		}
		if o.errs = s.reasonErrors(in); len(o.errs) > 0 {
			return s.personForm(w, r, c, http.StatusUnprocessableEntity, o, nil)
		}
		if err := s.fresh(c, proofOrdinary); err != nil {
			return err
		}
		return s.personDo(w, r, c, o, do)
	}
	return page, send
}
func (s *Server) personDo(w http.ResponseWriter, r *http.Request, c *caller, o *onPerson, do func(context.Context, *caller, *onPerson) (journal.Result, string, error)) error {
	key := ""
	i, res, cause, err := s.act(r.Context(), s.personEntry(c, o), func(ctx context.Context, _ journal.Intent) (res journal.Result, cause error) {
		res, key, cause = do(ctx, c, o)
		return res, cause
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		p := s.problem(r, aboutPerson(cause))
		if res.State == stateNoAnswer {
			p.Sentence += " " + templates.Word("user.look_again")
		}
		return s.personForm(w, r, c, p.Status, o, p)
	}
	if err := s.Sessions.Update(r.Context(), func(st *session.State) { st.Ticket = strings.TrimSpace(o.in.Get("ticket")) }); err != nil {
		s.Log.WarnContext(r.Context(), "the ticket was not kept", "error", err)
	}
	args := map[string]string{"tone": "good", "person": o.u.Username, "act_href": templates.JournalAct(i.ActID), "n": res.Details["cleared"], "took": res.Details["took"]}
	if strings.HasSuffix(key, "_unread") {
		args["tone"] = "warn"
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: key, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, templates.UserOf(personView(o.u)))
}

// stateNoAnswer stands in the journal where OBP gave no answer and reading back
// does not show the act.
const stateNoAnswer = "no_answer"

// settle reads an act back whose answer did not come: shown asks OBP whether it
// was done. When that does not show it, it may be done later all the same, and
// the act stays open until somebody finishes it.
func settle(ctx context.Context, res journal.Result, cause error, shown func(context.Context) bool) (journal.Result, error) {
	if res.Outcome != journal.OutcomeUnknown {
		return res, cause
	}
	if shown != nil && shown(ctx) {
		res.Outcome, res.State = journal.OutcomeDone, "read_back"
		return res, nil
	}
	res.State = stateNoAnswer
	return res, cause
}

// reads asks OBP for a person and whether something holds of them.
func (o *onPerson) reads(c *caller, holds func(obp.User) bool) func(context.Context) bool {
	return func(ctx context.Context) bool {
		u, err := c.api.UserByID(ctx, o.u.UserID)
		return err == nil && holds(u)
	}
}

func doLock(ctx context.Context, c *caller, o *onPerson) (journal.Result, string, error) {
	place := c.api.Lock
	if o.u.Provider != c.me.Provider {
		place = func(ctx context.Context, name string) (obp.LockState, error) {
			return c.api.LockByProvider(ctx, o.u.Provider, name)
		}
	}
	st, err := place(ctx, o.u.Username)
	res, key, err := lockResult(st, err, "locked")
	res, err = settle(ctx, res, err, o.reads(c, func(u obp.User) bool { return u.IsLocked && !o.u.IsLocked }))
	return res, key, err
}

func doUnlock(ctx context.Context, c *caller, o *onPerson) (journal.Result, string, error) {
	take := c.api.Unlock
	if o.u.Provider != c.me.Provider {
		take = func(ctx context.Context, name string) (obp.LockState, error) {
			return c.api.UnlockByProvider(ctx, o.u.Provider, name, o.u.UserID)
		}
	}
	st, err := take(ctx, o.u.Username)
	res, key, err := lockResult(st, err, "unlocked")
	res, err = settle(ctx, res, err, o.reads(c, func(u obp.User) bool { return !u.IsLocked && o.u.IsLocked }))
	if o.counter != nil && err == nil {
		res.Details = map[string]string{"cleared": strconv.Itoa(o.counter.FailedAttempts)}
		if key == "unlocked" && o.counter.FailedAttempts > 0 {
			key = "unlocked_failed"
		}
	}
	return res, key, err
}

// lockResult tells what was read back, or that it could not be.
func lockResult(st obp.LockState, err error, key string) (journal.Result, string, error) {
	res := plainResult(err)
	if err == nil && st.Unread != nil {
		res.State, key = "not_read_back", key+"_unread"
	} else if err == nil {
		res.State = key
	}
	return res, key, err
}

func doRefresh(ctx context.Context, c *caller, o *onPerson) (journal.Result, string, error) {
	took, err := c.api.RefreshUser(ctx, o.u.UserID)
	res, err := settle(ctx, plainResult(err), err, nil)
	res.Details = map[string]string{"took": took}
	return res, "refreshed", err
}

// flashTo leads to a page that says one sentence.
func (s *Server) flashTo(w http.ResponseWriter, r *http.Request, key, tone, to string, args map[string]string) error {
	if args == nil {
		args = map[string]string{}
	}
	args["tone"] = tone
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: key, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, to)
}
