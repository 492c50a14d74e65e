package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActEmergency stays open, as an alarm, from just before a role that takes two
// people is given by one until another person has reviewed it. The grant is an
// act of its own that belongs to it.
const ActEmergency journal.Act = "emergency"

// parentEmergency is the Entry.ParentKind of the grant and of the review.
const parentEmergency = "emergency"

// Refusals of an emergency grant.
const (
	RuleEmergencyOff  Rule = "emergency_off"
	RuleNotEmergency  Rule = "emergency_not_needed" // the role does not take two people
	RuleEmergencyHeld Rule = "emergency_held"
	RuleOtherRequest  Rule = "emergency_other" // the request is not of the person on the form
)

// emergencies tells whether one person may give alone what takes two.
func (s *Server) emergencies() bool { return s.Settings.EmergencyGrants && s.Settings.SecondPerson }

// emergencyHref is where a grant that takes two people is made alone, "" when
// that is off.
func (s *Server) emergencyHref(userID, role, bankID, requestID string) string {
	if !s.emergencies() {
		return ""
	}
	return templates.Emergency(userID, role, bankID, requestID)
}

// offerAlone offers on a sheet that takes two people to grant it alone.
func (s *Server) offerAlone(sh *templates.Sheet) {
	if sh.MayApprove && sh.Held == 0 {
		sh.Second.Alone = s.emergencyHref(sh.Person.UserID, sh.Role.Name, sh.Scope.BankID, sh.ID)
	}
}

// twoPeople makes a grant that takes two people a matter of two, unless it is
// an emergency. A verdict that is nil says that it may go on.
func (s *Server) twoPeople(ctx context.Context, c *caller, d *deciding) (*verdict, error) {
	switch {
	case d.alone:
		return s.beginEmergency(ctx, c, d)
	case s.twoFor(*d.rd.req):
		return s.second(ctx, c, d)
	}
	return nil, nil
}

// beginEmergency opens the alarm before anything is given.
func (s *Server) beginEmergency(ctx context.Context, c *caller, d *deciding) (*verdict, error) {
	x, rule := *d.rd.req, Rule("")
	switch {
	case x.User.UserID != d.of:
		rule = RuleOtherRequest
	case !s.twoFor(x):
		rule = RuleNotEmergency
	case x.Held() > 0:
		rule = RuleEmergencyHeld
	}
	if rule != "" {
		return &verdict{rules: []Rule{rule}}, s.refusal(ctx, c, d, rule)
	}
	e := s.entry(c, d)
	e.Act, e.ActID, e.Details = ActEmergency, "", map[string]string{"act": string(d.act)}
	i, err := s.Journal.Intend(context.WithoutCancel(ctx), e)
	d.emergency = &i
	return nil, err
}

// emergencyPage is the form by which one person gives alone what takes two.
func (s *Server) emergencyPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	g, err := s.readGrant(r, c)
	if err != nil {
		return err
	}
	in := s.takeDraft(r.Context(), r.URL.Path)
	if in == nil {
		q := r.URL.Query()
		in = url.Values{"role": {q.Get("role")}, "bank": {q.Get("bank")}, "request": {q.Get("request")}}
	}
	return s.emergencyForm(w, r, c, http.StatusOK, g, in, nil, nil)
}

// emergencyRule is the console's own refusal before a role is looked at.
func (s *Server) emergencyRule(c *caller, u obp.User) Rule {
	if !s.emergencies() {
		return RuleEmergencyOff
	}
	return s.grantRule(c, u)
}

func (s *Server) emergencyForm(w http.ResponseWriter, r *http.Request, c *caller, status int, g grantRead, in url.Values, errs map[string]string, failed *templates.Problem) error {
	f := templates.Form{Title: templates.Word("emergency.title", "person", g.u.Username), Lead: []string{templates.Word("emergency.lead")}, Failed: failed,
		Action: templates.Emergency(g.u.UserID, "", "", ""), Button: templates.Word("emergency.go"), Danger: true, TestID: "emergency-form", TicketNeeded: true,
		Back: templates.Link{Text: templates.Word("user.back"), Href: templates.UserOf(personView(g.u))}}
	if rule := s.emergencyRule(c, g.u); rule != "" {
		f.Refusals = []string{templates.Word("rule." + string(rule))}
	}
	role, bank := in.Get("role"), in.Get("bank")
	if id := in.Get("request"); id != "" {
		f.Facts = []templates.Fact{{Name: templates.Word("queue.role"), Value: s.role(role).Short}, {Name: templates.Word("emergency.role_name"), Value: role, Code: true}, {Name: templates.Word("fact.bank"), Value: g.names.scope(bank).Name}}
		for _, k := range []string{"request", "role", "bank"} {
			f.Fields = append(f.Fields, templates.Field{Name: k, Kind: "hidden", Value: in.Get(k)})
		}
	} else {
		roles := slices.DeleteFunc(roleOptions(g.roles, []string{role}), func(o templates.Option) bool { return !s.twoFor(wanting(g.u, o.Value, "")) })
		s.markRoles(roles, s.roleNotes(s.heldRoles(g.u.Entitlements.List, g.names, nil), g.u))
		f.Fields = append(f.Fields, templates.Field{Name: "role", Label: templates.Word("queue.role"), Hint: templates.Word("emergency.role_hint"), Kind: "select", Options: append([]templates.Option{{}}, roles...)},
			templates.Field{Name: "bank", Label: templates.Word("banks.bank"), Hint: templates.Word("grant.bank_hint"), Kind: "select", Options: append([]templates.Option{{}}, bankOptions(g.banks, bank)...)})
	}
	if stateOf(g.u, &g.u) == stateLocked {
		f.Fields = append(f.Fields, templates.Field{Name: "tick", Label: templates.Word("tick.locked"), Kind: "tick", Value: in.Get("tick")})
	}
	f = s.withReason(c, f, in, errs)
	f.Reason.TextRequired = true
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.UsersPattern, waiting: -1, body: templates.FormView(f)})
}

// emergencyGrant gives one role alone: a request's, or one of the form's own.
func (s *Server) emergencyGrant(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	g, err := s.readGrant(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActGrant, "", in)
	if id := in.Get("request"); id != "" {
		d = newDeciding(journal.ActApprove, id, in)
	}
	d.alone, d.of = true, g.u.UserID
	p := templates.GrantPage{Chosen: slices.DeleteFunc([]string{in.Get("role")}, func(x string) bool { return x == "" }), BankID: in.Get("bank")}
	if rule := s.emergencyRule(c, g.u); rule != "" {
		if err := s.refusedGrant(r.Context(), c, g, d, p, rule); err != nil {
			return err
		}
		return s.emergencyForm(w, r, c, http.StatusForbidden, g, in, nil, nil)
	}
	errs := map[string]string{}
	if d.act == journal.ActGrant {
		errs = s.grantErrors(g, d, p)
		if errs["bank"] != "" || len(p.Chosen) > 0 && errs["role"] != "" {
			if err := s.refusedGrant(r.Context(), c, g, d, p, RuleWrongScope); err != nil {
				return err
			}
		}
	}
	emergencyErrors(d, errs)
	if len(errs) > 0 {
		return s.emergencyForm(w, r, c, http.StatusUnprocessableEntity, g, in, errs, nil)
	}
	v, err := s.giveAlone(r.Context(), c, g, d, p)
	if err != nil {
		return err
	}
	return s.gaveAlone(w, r, c, g, d, v)
}

// emergencyErrors say what the reason and the ticket lack.
func emergencyErrors(d *deciding, errs map[string]string) {
	switch n := utf8.RuneCountInString(d.in.Reason); {
	case n == 0:
		errs["reason"] = templates.Word("emergency.reason")
	case n > maxReason:
		errs["reason"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	}
	switch n := utf8.RuneCountInString(d.ticket); {
	case n == 0:
		errs["ticket"] = templates.Word("emergency.ticket")
	case n > maxTicket:
		errs["ticket"] = templates.Word("field.too_long", "n", strconv.Itoa(maxTicket))
	}
}

// giveAlone carries the grant out, and ends the alarm when certainly nothing
// was given. What waits for a second person about the same is over.
func (s *Server) giveAlone(ctx context.Context, c *caller, g grantRead, d *deciding, p templates.GrantPage) (v verdict, err error) {
	if d.act == journal.ActApprove {
		v, err = s.try(ctx, c, d)
	} else {
		if err := s.fresh(c, proofDangerous); err != nil {
			return v, err
		}
		x := s.wanted(g, p)[0]
		d.rd = reading{at: g.at, banks: g.names, person: &g.u, req: &obp.EntitlementRequest{User: g.u, RoleName: x.RoleName, BankID: x.BankID}}
		v, err = s.grantOne(ctx, c, d)
	}
	if err != nil || d.emergency == nil {
		return v, err
	}
	ctx = context.WithoutCancel(ctx)
	if v.done == nil || v.done.result.Outcome == journal.OutcomeFailed {
		return v, s.Journal.Outcome(ctx, *d.emergency, journal.Result{Outcome: journal.OutcomeFailed, State: "nothing_given"})
	}
	if a, err := s.approvalOf(ctx, d); err == nil && a != nil {
		if err := s.Journal.Withdraw(ctx, a.ID, c.entryOf(journal.ActWithdraw)); err != nil {
			s.Log.WarnContext(ctx, "a first approval stays until it lapses", "approval", a.ID, "error", err)
		}
	}
	return v, nil
}

// gaveAlone says how it went: on the page where it is reviewed, or, when
// nothing was given, above the form.
func (s *Server) gaveAlone(w http.ResponseWriter, r *http.Request, c *caller, g grantRead, d *deciding, v verdict) error {
	again := func(status int, errs map[string]string, title, why string) error {
		var p *templates.Problem
		if title != "" {
			p = &templates.Problem{Key: "emergency", Status: status, Title: title, Sentence: why, RequestID: c.reqID}
		}
		return s.emergencyForm(w, r, c, status, g, d.typed, errs, p)
	}
	switch {
	case v.unread != nil:
		p := s.problem(r, v.unread)
		p.Sentence += " " + templates.Word("decide.nothing_done")
		return s.emergencyForm(w, r, c, p.Status, g, d.typed, nil, p)
	case v.gone:
		return again(http.StatusConflict, nil, templates.Word("emergency.not_given"), templates.Word("rule."+string(RuleGone)))
	case len(v.errs) > 0:
		return again(http.StatusUnprocessableEntity, v.errs, "", "")
	case v.done == nil:
		status := http.StatusConflict
		if len(v.rules) > 0 {
			status = http.StatusForbidden
		}
		return again(status, nil, templates.Word("emergency.not_given"), s.grantRow(r, c, d, v).Why)
	}
	s.remember(r.Context(), d)
	if over := firstOver(v.done.err); over != nil {
		return over
	}
	if v.done.result.Outcome == journal.OutcomeFailed {
		p := s.problem(r, v.done.err)
		return s.emergencyForm(w, r, c, cmp.Or(p.Status, http.StatusBadGateway), g, d.typed, nil, p)
	}
	x := d.rd.req
	f := session.Flash{Key: "emergency_granted", Args: map[string]string{"tone": "warn", "person": x.User.Username, "role": s.role(x.RoleName).Short, "scope": d.rd.banks.scope(x.BankID).Name, "act_href": templates.JournalAct(d.actID)}}
	if v.done.result.Outcome == journal.OutcomeUnknown {
		f.Key = "emergency_unknown"
	}
	if err := s.Sessions.Flash(r.Context(), f); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, templates.EmergencyOne(d.emergency.ActID))
}
