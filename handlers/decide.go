package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Refusals beside those of rules.go: the request or the moment is wrong.
const (
	RuleGone         Rule = "gone"          // not open any more
	RuleBusy         Rule = "busy"          // somebody decides on the same person, role and scope
	RuleGrantPending Rule = "grant_pending" // an unanswered grant may still be applied
)

// Limits of what a decider types, in characters.
const (
	maxReason = 2000
	maxTicket = 100
)

// deciding is one decision on its way.
type deciding struct {
	act    journal.Act
	id     string // of the request
	q      templates.RequestQuery
	in     decision
	ticket string
	shown  bool
	typed  url.Values
	rd     reading
	turn   func() // releases the turn
	actID  string
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decide(w, r, c, journal.ActApprove)
}

func (s *Server) decline(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decide(w, r, c, journal.ActDecline)
}

// decide reads the request again, refuses what the console's rules refuse,
// takes the turn, and carries the decision out.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, c *caller, act journal.Act) error {
	typed, err := form(w, r)
	if err != nil {
		return err
	}
	d := &deciding{act: act, id: chi.URLParam(r, "id"), q: requestQuery(r.URL.Query()), typed: typed, actID: uuid.NewString(),
		in:     decision{Reason: strings.TrimSpace(typed.Get("reason")), ReasonCode: typed.Get("reason_code"), Tick: typed.Get("tick") != ""},
		ticket: strings.TrimSpace(typed.Get("ticket")), shown: typed.Get("shown_to_requester") != ""}
	if err := s.readAgain(r.Context(), c, d); err != nil {
		return s.notRead(w, r, c, d, err)
	}
	if d.rd.req == nil {
		return s.refuseGone(w, r, c, d)
	}
	if broken := s.broken(c, d); len(broken) > 0 {
		return s.refuse(w, r, c, d, broken)
	}
	if errs := s.badFields(d); len(errs) > 0 {
		return s.again(w, r, c, d, http.StatusUnprocessableEntity, errs)
	}
	within := proofOrdinary
	if act == journal.ActApprove && s.highRisk[d.rd.req.RoleName] {
		within = proofDangerous
	}
	if err := s.fresh(c, within); err != nil {
		return err
	}
	release, err := s.takeTurn(r.Context(), c, d)
	if err != nil {
		var busy *journal.BusyError
		if errors.As(err, &busy) {
			return s.refuseBusy(w, r, c, d, busy)
		}
		return err
	}
	defer release()
	return s.inTurn(w, r, c, d)
}

// readAgain reads the request, and for an approval its person: what the form
// says of either is not used.
func (s *Server) readAgain(ctx context.Context, c *caller, d *deciding) error {
	d.rd = reading{at: s.Now(), holdErr: errNotAsked}
	var err error
	if d.rd.all, err = c.api.EntitlementRequests(ctx); err != nil {
		return err
	}
	d.rd.banks = s.names(ctx, c)
	d.rd.req = findRequest(d.rd.all, d.id)
	if d.rd.req != nil && d.act == journal.ActApprove {
		s.readPerson(ctx, c, &d.rd, d.rd.req.User.UserID)
	}
	return firstOver(d.rd.personErr)
}

// notRead keeps what was typed and says why nothing was done.
func (s *Server) notRead(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, err error) error {
	if _, over := endsSession(err); over {
		return err
	}
	if e := s.Sessions.SaveDraft(r.Context(), requestKey(d.id), d.typed); e != nil {
		s.Log.WarnContext(r.Context(), "a draft was not kept", "error", e)
	}
	p := s.queueProblem(r, c, err)
	p.Retry = templates.Request(d.id, "", "", d.q)
	p.Sentence += " " + templates.Word("decide.nothing_done")
	return s.sheetPage(w, r, c, p.Status, reading{}, templates.Sheet{ID: d.id, Query: d.q, Back: templates.Requests(d.q), Problem: p})
}

func requestKey(id string) string { return templates.Request(id, "", "", templates.RequestQuery{}) }

// broken gives the rules that stand against the decision, without those that
// only a field of the form can meet.
func (s *Server) broken(c *caller, d *deciding) []Rule {
	if d.act != journal.ActApprove {
		return nil
	}
	in := d.in
	in.Tick, in.Reason = true, "-"
	return s.Settings.SamePerson.mayApprove(c.identity(), identityOf(d.rd.req.User), d.rd.state(), in)
}

// badFields says by field what is missing or too long.
func (s *Server) badFields(d *deciding) map[string]string {
	errs := map[string]string{}
	in := d.in
	in.HighRisk = s.highRisk[d.rd.req.RoleName]
	var rules []Rule
	if d.act == journal.ActApprove {
		rules = SamePerson(nil).mayApprove(Identity{UserID: "decider"}, Identity{UserID: "requester"}, d.rd.state(), in)
	} else {
		rules = in.mayDecline()
	}
	for _, rule := range rules {
		switch rule {
		case RuleReasonRequired, RuleTextRequired:
			errs["reason"] = templates.Word("rule." + string(rule))
		case RuleLockedNeedsTick, RuleUnknownTick:
			errs["tick"] = templates.Word("rule." + string(rule))
		}
	}
	if utf8.RuneCountInString(d.in.Reason) > maxReason {
		errs["reason"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	}
	if utf8.RuneCountInString(d.ticket) > maxTicket {
		errs["ticket"] = templates.Word("field.too_long", "n", strconv.Itoa(maxTicket))
	}
	if d.in.ReasonCode != "" && !s.knownCode(d.in.ReasonCode) {
		errs["reason_code"] = templates.Word("field.unknown_code")
	}
	return errs
}

func (s *Server) knownCode(code string) bool {
	for _, rc := range s.Settings.ReasonCodes {
		if rc.Code == code {
			return true
		}
	}
	return false
}

// again shows the same form with what was typed and what is wrong with it.
func (s *Server) again(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, status int, errs map[string]string) error {
	f := s.decideForm(c, d.typed)
	f.Errors, f.Asked = errs, string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, status, d.rd, sheet)
}

// takeTurn keeps everybody else off the same person, role and scope for as
// long as the decision can take.
func (s *Server) takeTurn(ctx context.Context, c *caller, d *deciding) (func(), error) {
	x := d.rd.req
	return s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: x.User.UserID, Role: x.RoleName, BankID: x.BankID}, c.party(), d.actID, 4*s.Settings.OBPTimeout)
}

// inTurn looks at what was decided on the same matter while this decision was
// on its way, then carries it out.
func (s *Server) inTurn(w http.ResponseWriter, r *http.Request, c *caller, d *deciding) error {
	ctx := r.Context()
	x := d.rd.req
	rows, err := s.about(ctx, x.User.UserID, x.RoleName, x.BankID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !samePlace(row, x.RoleName, x.BankID) || row.At.Before(d.rd.at) && row.EndedAt.Before(d.rd.at) {
			continue
		}
		if err := s.readAgain(ctx, c, d); err != nil { // what was read is older than that decision
			return s.notRead(w, r, c, d, err)
		}
		if d.rd.req == nil {
			return s.refuseGone(w, r, c, d)
		}
		break
	}
	open := unfinished(rows, *d.rd.req)
	if wait := s.mustWait(open, *d.rd.req); wait > 0 && d.act == journal.ActApprove {
		return s.refusePending(w, r, c, d, wait)
	}
	return s.carryOut(w, r, c, d, open)
}

// unfinished are the acts on the same matter that have not ended.
func unfinished(rows []journal.Row, x obp.EntitlementRequest) []journal.Row {
	var out []journal.Row
	for _, row := range rows {
		if !row.Event && !row.Finished() && samePlace(row, x.RoleName, x.BankID) {
			out = append(out, row)
		}
	}
	return out
}

// mustWait is how long no second grant may be sent: until OBP's whole time-out
// has passed since the first, unless the role is seen to be held.
func (s *Server) mustWait(open []journal.Row, x obp.EntitlementRequest) time.Duration {
	var longest time.Duration
	for _, row := range open {
		if row.Entry.Act != journal.ActApprove && row.Entry.Act != journal.ActGrant || x.Held() > 0 {
			continue
		}
		if left := row.At.Add(s.Settings.OBPTimeout).Sub(s.Now()); left > longest {
			longest = left
		}
	}
	return longest
}

func (s *Server) entry(c *caller, d *deciding) journal.Entry {
	e := c.entryOf(d.act)
	e.ActID, e.EntitlementRequestID, e.Reason, e.ReasonCode, e.Ticket, e.ShownToRequester = d.actID, d.id, d.in.Reason, d.in.ReasonCode, d.ticket, d.shown
	if x := d.rd.req; x != nil {
		e.Person, e.Role, e.BankID, e.Seen = partyOf(x.User), x.RoleName, x.BankID, s.seenOf(c, d.rd)
	}
	return e
}

// carryOut does what was decided as one recorded act, and leads on.
func (s *Server) carryOut(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, open []journal.Row) error {
	var res done
	i, _, _, err := s.act(r.Context(), s.entry(c, d), func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		res = s.run(ctx, c, d, i)
		return res.result, res.err
	})
	if err != nil {
		return err
	}
	if res.result.Outcome.Final() && res.result.Outcome != journal.OutcomeFailed {
		s.supersede(r.Context(), open, i)
	}
	s.remember(r.Context(), d)
	if over := firstOver(res.err); over != nil {
		return over
	}
	return s.leadOn(w, r, c, d, res)
}

// supersede ends earlier acts on the same matter that this one finished.
func (s *Server) supersede(ctx context.Context, open []journal.Row, by journal.Intent) {
	ctx = context.WithoutCancel(ctx)
	for _, row := range open {
		if err := s.Journal.Outcome(ctx, row.Intent(), journal.Result{Outcome: journal.OutcomePartly, State: "superseded", Details: map[string]string{"by": by.ActID}}); err != nil {
			s.Log.ErrorContext(ctx, "an earlier act stays open", "act_id", row.ActID, "error", err)
		}
	}
}

// remember keeps the ticket and the reason for the next decision.
func (s *Server) remember(ctx context.Context, d *deciding) {
	err := s.Sessions.Update(ctx, func(st *session.State) { st.Ticket = d.ticket })
	if err == nil && d.in.Reason != "" {
		err = s.Sessions.SaveDraft(ctx, lastReasonKey, url.Values{"reason": {d.in.Reason}})
	}
	if err != nil {
		s.Log.WarnContext(ctx, "ticket and reason were not kept", "error", err)
	}
}

// leadOn goes to the next request of the same filter after a decision, or
// stays with this one when something is left to do.
func (s *Server) leadOn(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, res done) error {
	x := *d.rd.req
	args := map[string]string{"person": x.User.Username, "role": s.role(x.RoleName).Short, "scope": d.rd.banks.scope(x.BankID).Name,
		"act_href": templates.JournalAct(d.actID), "tone": "good"}
	if res.result.Outcome != journal.OutcomeDone {
		args["tone"], args["correlation"] = "warn", res.result.CorrelationID
		if res.result.Outcome == journal.OutcomeFailed {
			args["tone"] = "bad"
			if err := s.Sessions.SaveDraft(r.Context(), requestKey(d.id), d.typed); err != nil {
				s.Log.WarnContext(r.Context(), "a draft was not kept", "error", err)
			}
			return s.failedDecision(w, r, c, d, res)
		}
	}
	to := templates.Request(x.EntitlementRequestID, x.User.UserID, x.BankID, d.q)
	if res.result.Outcome == journal.OutcomeDone {
		to = templates.Requests(d.q)
		if n, _, _, ok := next(d.rd.all, d.q, x, c.now); ok {
			to = templates.Request(n.EntitlementRequestID, n.User.UserID, n.BankID, d.q)
		}
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: res.flash, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, to)
}

// failedDecision says on the request's own sheet why OBP refused. The request
// stays open, and what was typed stays in the form.
func (s *Server) failedDecision(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, res done) error {
	p := s.problem(r, res.err)
	f := s.decideForm(c, d.typed)
	f.Asked = string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	p.Sentence = templates.Word("decide.refused_"+string(d.act)) + " " + p.Sentence
	p.Retry = ""
	sheet.Failed = p
	return s.sheetPage(w, r, c, p.Status, d.rd, sheet)
}
