package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActEmergencyReview is another person's word on an emergency grant.
const ActEmergencyReview journal.Act = "emergency_review"

// Refusals of a review of an emergency grant.
const (
	RuleEmergencyOwn      Rule = "emergency_own"      // the reviewer gave it
	RuleEmergencyReceived Rule = "emergency_received" // the reviewer got it
	RuleEmergencyReviewer Rule = "emergency_reviewer" // cannot grant the role either
)

// What a reviewer finds.
const (
	findingRight = "right"
	findingWrong = "wrong"
)

// emergency is an emergency grant as it stands.
type emergency struct {
	row     journal.Row
	related []journal.Row // the grant, and the reviews
	names   bankNames
	held    int // of the role, by the person, now
	heldErr error
}

func (e emergency) of(act ...journal.Act) (journal.Row, bool) {
	i := slices.IndexFunc(e.related, func(row journal.Row) bool { return slices.Contains(act, row.Entry.Act) })
	if i < 0 {
		return journal.Row{}, false
	}
	return e.related[i], true
}

// readEmergency reads an emergency grant, and whether the role is held now:
// GET /users/{USER_ID}/entitlements, CanGetEntitlementsForAnyUserAtAnyBank.
// What is beside it is read at the same time.
func (s *Server) readEmergency(r *http.Request, c *caller, beside ...func(context.Context) error) (emergency, error) {
	var e emergency
	ctx, id := r.Context(), chi.URLParam(r, "id")
	row, err := s.Journal.Row(ctx, id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && (row.Entry.Act != ActEmergency || !s.maySeeEmergency(c, row)) {
		return e, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	if err != nil {
		return e, err
	}
	e.row = row
	if err := s.noteUser(ctx, c, row.Entry.Person.UserID); err != nil {
		return e, err
	}
	var held []obp.Entitlement
	var g errgroup.Group
	for _, read := range beside {
		g.Go(func() error { return read(ctx) })
	}
	g.Go(func() error { e.names = s.names(ctx, c); return nil })
	g.Go(func() error { held, e.heldErr = c.api.UserEntitlements(ctx, row.Entry.Person.UserID); return nil })
	g.Go(func() error {
		p, err := s.Journal.Search(ctx, journal.Filter{ParentID: id, Rights: journal.Rights{All: true}, Limit: 100})
		e.related = p.Rows
		return err
	})
	if err := g.Wait(); err != nil {
		return e, err
	}
	for _, x := range held {
		if x.RoleName == row.Entry.Role && x.BankID == row.Entry.BankID {
			e.held++
		}
	}
	return e, firstOver(e.heldErr)
}

// maySeeEmergency tells whether a person may see an emergency grant: who may
// read its record, who got it, and who seems able to review it.
func (s *Server) maySeeEmergency(c *caller, row journal.Row) bool {
	return s.mayRead(c, row) || row.Entry.Person.UserID == c.me.UserID || s.isAdmin(c) ||
		mayGive(row.Entry.BankID, c.hint)
}

// mayGive tells whether somebody holds a role that lets them grant at a scope.
func mayGive(bankID string, holds func(role, bankID string) bool) bool {
	return holds("CanCreateEntitlementAtAnyBank", "") || bankID != "" && holds("CanCreateEntitlementAtOneBank", bankID)
}

// holdsAs tells which roles somebody holds, as OBP said just now.
func holdsAs(u obp.User) func(role, bankID string) bool {
	return func(role, bankID string) bool {
		return slices.ContainsFunc(u.Entitlements.List, func(e obp.Entitlement) bool { return e.RoleName == role && e.BankID == bankID })
	}
}

// notReviewer gives the rule by which the operator does not review an emergency
// grant, "" when they do. holds tells which roles they hold.
func (s *Server) notReviewer(ctx context.Context, c *caller, row journal.Row, holds func(role, bankID string) bool) (Rule, error) {
	who := row.Entry.Operator
	if who.UserID == c.me.UserID {
		return RuleEmergencyOwn, nil
	}
	p := row.Entry.Person
	if _, own := s.Settings.SamePerson.oneself(c.identity(), Identity{UserID: p.UserID, Username: p.Username, Email: p.Email}); own {
		return RuleEmergencyReceived, nil
	}
	if !mayGive(row.Entry.BankID, holds) && !s.isAdmin(c) {
		return RuleEmergencyReviewer, nil
	}
	return s.notSecond(ctx, c, journal.Approval{First: who})
}

// emergencyOne is one emergency grant, with the form of its review.
func (s *Server) emergencyOne(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := s.readEmergency(r, c)
	if err != nil {
		return err
	}
	return s.emergencyView(w, r, c, http.StatusOK, e, s.takeDraft(r.Context(), r.URL.Path), nil, nil)
}

func (s *Server) emergencyView(w http.ResponseWriter, r *http.Request, c *caller, status int, e emergency, in url.Values, errs map[string]string, failed *templates.Problem) error {
	f := templates.Form{Title: templates.Word("emergency.one_title", "who", partyView(e.row.Entry.Operator).Username), Facts: s.emergencyFacts(c, e), Failed: failed,
		Action: templates.EmergencyOne(e.row.ActID), TestID: "emergency-review", Back: templates.Link{Text: templates.Word("sheet.record"), Href: templates.JournalAct(e.row.ActID)}}
	if !e.row.Finished() {
		rule, err := s.notReviewer(r.Context(), c, e.row, c.hint)
		if err != nil {
			return err
		}
		if rule != "" {
			f.Refusals = []string{templates.Word("rule." + string(rule))}
		}
		f.Lead, f.Button = []string{templates.Word("emergency.review_lead")}, templates.Word("emergency.review_go")
		choice := templates.Field{Name: "finding", Label: templates.Word("emergency.finding"), Kind: "radios"}
		for _, k := range []string{findingRight, findingWrong} {
			choice.Options = append(choice.Options, templates.Option{Value: k, Text: templates.Word("emergency.finding_" + k), Selected: in.Get("finding") == k})
		}
		f.Fields = []templates.Field{choice}
		f = s.withReason(c, f, in, errs)
		f.Reason.TextRequired = true
	}
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.RequestsPattern, waiting: -1, body: templates.FormView(f)})
}

// emergencyFacts say what was done, and what is true now.
func (s *Server) emergencyFacts(c *caller, e emergency) []templates.Fact {
	x, at := e.row.Entry, c.when(e.row.At)
	who := partyView(x.Person).Username
	out := []templates.Fact{{Name: templates.Word("fact.operator"), Value: partyView(x.Operator).Username}, {Name: templates.Word("fact.person"), Value: who},
		{Name: templates.Word("queue.role"), Value: s.role(x.Role).Short}, {Name: templates.Word("emergency.role_name"), Value: x.Role, Code: true}, {Name: templates.Word("fact.bank"), Value: e.names.scope(x.BankID).Name},
		{Name: templates.Word("fact.begun"), When: &at}, {Name: templates.Word("fact.reason"), Value: x.Reason}, {Name: templates.Word("fact.ticket"), Value: x.Ticket}}
	came := templates.Word("emergency.not_given")
	if grant, ok := e.of(journal.ActGrant, journal.ActApprove); ok {
		came = outcomeBadge(grant).Text
	}
	now := "now_gone"
	switch {
	case e.heldErr != nil:
		now = "now_unread"
	case e.held > 0:
		now = "now_held"
	}
	out = append(out, templates.Fact{Name: templates.Word("emergency.came"), Value: came}, templates.Fact{Name: templates.Word("emergency.now"), Value: templates.Word("emergency."+now, "person", who)})
	if review, ok := e.of(ActEmergencyReview); ok && e.row.Finished() {
		when := c.when(review.At)
		out = append(out, templates.Fact{Name: templates.Word("emergency.review_by"), Value: partyView(review.Entry.Operator).Username}, templates.Fact{Name: templates.Word("fact.ended"), When: &when},
			templates.Fact{Name: templates.Word("emergency.finding"), Value: templates.Word("emergency.finding_" + review.Entry.Details["finding"])}, templates.Fact{Name: templates.Word("emergency.review_said"), Value: review.Entry.Reason})
	}
	return slices.DeleteFunc(out, func(f templates.Fact) bool { return f.Value == "" && f.When == nil })
}

// emergencyReview records another person's word, which ends the alarm. Whether
// they may grant the role is read again at OBP: GET /users/current.
func (s *Server) emergencyReview(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	var me obp.User
	e, err := s.readEmergency(r, c, func(ctx context.Context) (err error) { me, err = c.api.CurrentUser(ctx); return err })
	if err != nil {
		return err
	}
	ctx := r.Context()
	entry := c.entryOf(ActEmergencyReview)
	entry.ParentID, entry.ParentKind, entry.Person, entry.Role, entry.BankID = e.row.ActID, parentEmergency, e.row.Entry.Person, e.row.Entry.Role, e.row.Entry.BankID
	rule, err := s.notReviewer(ctx, c, e.row, holdsAs(me))
	if err != nil {
		return err
	}
	if rule != "" {
		if err := s.refused(ctx, entry, ActEmergencyReview, rule); err != nil {
			return err
		}
		return s.emergencyView(w, r, c, http.StatusForbidden, e, in, nil, nil)
	}
	errs, finding := s.reasonErrors(in), in.Get("finding")
	if strings.TrimSpace(in.Get("reason")) == "" {
		errs["reason"] = templates.Word("emergency.review_reason")
	}
	if finding != findingRight && finding != findingWrong {
		errs["finding"] = templates.Word("emergency.choose")
	}
	if len(errs) > 0 {
		return s.emergencyView(w, r, c, http.StatusUnprocessableEntity, e, in, errs, nil)
	}
	entry.Details = map[string]string{"finding": finding}
	return s.endEmergency(w, r, c, e, entry, in)
}

// endEmergency writes the review and ends the alarm, once.
func (s *Server) endEmergency(w http.ResponseWriter, r *http.Request, c *caller, e emergency, entry journal.Entry, in url.Values) error {
	ctx, here, finding := r.Context(), templates.EmergencyOne(e.row.ActID), entry.Details["finding"]
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	release, err := s.Journal.TakeTurn(ctx, journal.TurnKey{Role: string(ActEmergency), BankID: e.row.ActID}, c.party(), newActID(), 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "emergency_busy", err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	now, err := s.Journal.Row(ctx, e.row.ActID)
	if err != nil {
		return err
	}
	if now.Finished() {
		return s.flashTo(w, r, "emergency_before", "warn", here, nil)
	}
	entry.Reason, entry.ReasonCode, entry.Ticket = strings.TrimSpace(in.Get("reason")), in.Get("reason_code"), strings.TrimSpace(in.Get("ticket"))
	_, _, cause, err := s.act(ctx, entry, func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		err := s.Journal.Outcome(ctx, e.row.Intent(), journal.Result{Outcome: journal.OutcomeDone, State: "reviewed", Details: map[string]string{"by": i.ActID, "finding": finding}})
		return plainResult(err), err
	})
	if err != nil || cause != nil {
		return errors.Join(err, cause)
	}
	tone := "good"
	if finding == findingWrong {
		tone = "warn"
		if e.held > 0 {
			here = templates.Revoke(e.row.Entry.Person.UserID, e.row.Entry.Role, e.row.Entry.BankID)
		}
	}
	return s.flashTo(w, r, "emergency_"+finding, tone, here, nil)
}

// emergencyAlarms are the emergency grants that nobody has reviewed, among the
// acts that are open: for whoever may see them.
func (s *Server) emergencyAlarms(c *caller, open []journal.Row, banks bankNames) []templates.Alarm {
	var out []templates.Alarm
	for _, row := range open {
		if row.Entry.Act == ActEmergency && s.maySeeEmergency(c, row) {
			out = append(out, templates.Alarm{When: c.when(row.At), Href: templates.EmergencyOne(row.ActID),
				Text: templates.Word("alarm.emergency", "who", partyView(row.Entry.Operator).Username, "role", s.role(row.Entry.Role).Short, "person", partyView(row.Entry.Person).Username, "scope", banks.scope(row.Entry.BankID).Name)})
		}
	}
	return out
}
