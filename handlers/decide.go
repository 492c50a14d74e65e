package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
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
	actID  string
	bulk   *journal.BatchItem // the row of a bulk that it is, nil: none
	parent string             // act id of that bulk
	second *journal.Approval  // confirmed by this decider, to be used

	alone     bool            // an emergency: without a second person
	of        string          // user id that an emergency's form is about
	emergency *journal.Intent // the alarm, once it is open
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decide(w, r, c, journal.ActApprove)
}

func (s *Server) decline(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decide(w, r, c, journal.ActDecline)
}

// verdict is how an attempt to decide went: one of its fields is set.
type verdict struct {
	unread error             // the request could not be read; nothing was done
	gone   bool              // not open any more
	rules  []Rule            // the console's rules that stand against it
	errs   map[string]string // what the form lacks, by field
	busy   *journal.BusyError
	wait   time.Duration     // an unanswered grant may still be applied for so long
	first  *journal.Approval // it waits for a second person
	done   *done             // it was carried out
}

// decide tries the decision that was sent and says how it went.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, c *caller, act journal.Act) error {
	typed, err := form(w, r)
	if err != nil {
		return err
	}
	d := newDeciding(act, chi.URLParam(r, "id"), typed)
	d.q = requestQuery(r.URL.Query())
	v, err := s.try(r.Context(), c, d)
	switch {
	case err != nil:
		return err
	case v.unread != nil:
		return s.notRead(w, r, c, d, v.unread)
	case v.gone:
		return s.showGone(w, r, c, d)
	case len(v.rules) > 0:
		return s.again(w, r, c, d, http.StatusForbidden, nil)
	case len(v.errs) > 0:
		return s.again(w, r, c, d, http.StatusUnprocessableEntity, v.errs)
	case v.busy != nil:
		return s.notNow(w, r, c, d, "busy_by", "who", partyView(v.busy.Holder).Username, "since", age(c.now.Sub(v.busy.Since)))
	case v.wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(waitSeconds(v.wait)))
		return s.notNow(w, r, c, d, "grant_pending", "seconds", strconv.Itoa(waitSeconds(v.wait)))
	case v.first != nil:
		return s.firstOfTwo(w, r, c, d, *v.first)
	}
	s.remember(r.Context(), d)
	if over := firstOver(v.done.err); over != nil {
		return over
	}
	return s.leadOn(w, r, c, d, *v.done)
}

// newDeciding reads what was typed for one request.
func newDeciding(act journal.Act, id string, typed url.Values) *deciding {
	return &deciding{act: act, id: id, typed: typed, actID: newActID(),
		in:     decision{Reason: strings.TrimSpace(typed.Get("reason")), ReasonCode: typed.Get("reason_code"), Tick: typed.Get("tick") != ""},
		ticket: strings.TrimSpace(typed.Get("ticket")), shown: typed.Get("shown_to_requester") != ""}
}

// try reads the request again, refuses what the console's rules refuse, takes
// the turn, and carries the decision out. Every refusal is recorded. Its error
// is the record's own, or that a fresh proof is needed.
func (s *Server) try(ctx context.Context, c *caller, d *deciding) (verdict, error) {
	if err := s.readAgain(ctx, c, d); err != nil {
		return verdict{unread: err}, nil
	}
	if v, err := s.stands(ctx, c, d); err != nil || v != nil {
		return orNone(v), err
	}
	release, err := s.takeTurn(ctx, c, d)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return verdict{busy: busy}, s.refusal(ctx, c, d, RuleBusy)
	}
	if err != nil {
		return verdict{}, err
	}
	defer release()
	return s.inTurn(ctx, c, d)
}

// stands tells whether a decision stands by what was read last. A verdict that
// is nil says that it does.
func (s *Server) stands(ctx context.Context, c *caller, d *deciding) (*verdict, error) {
	if d.rd.req == nil {
		return &verdict{gone: true}, s.refusal(ctx, c, d, RuleGone)
	}
	if broken := s.broken(c, d); len(broken) > 0 {
		return &verdict{rules: broken}, s.refusal(ctx, c, d, broken[0])
	}
	if errs := s.badFields(d); len(errs) > 0 {
		return &verdict{errs: errs}, nil
	}
	return nil, s.fresh(c, s.proofFor(d))
}

// proofFor is how fresh the proof of the decider has to be.
func (s *Server) proofFor(d *deciding) time.Duration {
	if d.parent != "" || d.act == journal.ActApprove && s.riskyFor(*d.rd.req) {
		return proofDangerous
	}
	return proofOrdinary
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

// takeTurn keeps everybody else off the same person, role and scope for as
// long as the decision can take.
func (s *Server) takeTurn(ctx context.Context, c *caller, d *deciding) (func(), error) {
	x := d.rd.req
	k := journal.TurnKey{UserID: x.User.UserID, Role: x.RoleName, BankID: x.BankID}
	if d.act == journal.ActDecline {
		return s.Journal.TakeTurn(ctx, k, c.party(), d.actID, 4*s.Settings.OBPTimeout)
	}
	return s.giveTurn(ctx, c, k, d.actID)
}

// inTurn looks at what was decided on the same matter while this decision was
// on its way, then carries it out.
func (s *Server) inTurn(ctx context.Context, c *caller, d *deciding) (verdict, error) {
	x := d.rd.req
	rows, err := s.about(ctx, x.User.UserID, x.RoleName, x.BankID)
	if err != nil {
		return verdict{}, err
	}
	if s.newer(rows, *x, d.rd.at) { // what was read is older than a decision
		if err := s.readAgain(ctx, c, d); err != nil {
			return verdict{unread: err}, nil
		}
		if v, err := s.stands(ctx, c, d); err != nil || v != nil {
			return orNone(v), err
		}
	}
	open := unfinished(rows, *d.rd.req)
	if wait := s.mustWait(rows, *d.rd.req); wait > 0 && d.act == journal.ActApprove {
		return verdict{wait: wait}, s.refusal(ctx, c, d, RuleGrantPending)
	}
	if d.act == journal.ActApprove {
		if v, err := s.twoPeople(ctx, c, d); err != nil || v != nil {
			return orNone(v), err
		}
	}
	v, err := s.carryOut(ctx, c, d, open)
	if err == nil && d.act == journal.ActDecline && v.done.result.Outcome == journal.OutcomeDone {
		s.withdrawAll(ctx, c, d.id)
	}
	return v, err
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

func (s *Server) entry(c *caller, d *deciding) journal.Entry {
	e := c.entryOf(d.act)
	e.ActID, e.EntitlementRequestID, e.Reason, e.ReasonCode, e.Ticket, e.ShownToRequester = d.actID, d.id, d.in.Reason, d.in.ReasonCode, d.ticket, d.shown
	if x := d.rd.req; x != nil {
		e.Person, e.Role, e.BankID, e.Seen = partyOf(x.User), x.RoleName, x.BankID, s.seenOf(c, d.rd)
	}
	return e
}

// carryOut does what was decided as one recorded act.
func (s *Server) carryOut(ctx context.Context, c *caller, d *deciding, open []journal.Row) (verdict, error) {
	var res done
	i, _, _, err := s.actBy(ctx, s.recordOf(c, d), func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		res = s.run(ctx, c, d, i)
		return res.result, res.err
	})
	if err != nil {
		return verdict{}, err
	}
	if res.result.Outcome.Final() && res.result.Outcome != journal.OutcomeFailed {
		s.supersede(ctx, open, i)
	}
	return verdict{done: &res}, nil
}

// recordOf is how a decision's act is begun and ended: by itself, as the use
// of a second person's word, or as a row of a bulk.
func (s *Server) recordOf(c *caller, d *deciding) record {
	e := s.entry(c, d)
	switch {
	case d.emergency != nil:
		e.ParentID, e.ParentKind = d.emergency.ActID, parentEmergency
		return s.plain(e)
	case d.second != nil:
		return record{func(ctx context.Context) (journal.Intent, error) { return s.Journal.UseApproval(ctx, d.second.ID, e) }, s.Journal.Outcome}
	case d.bulk != nil:
		return s.itemRecord(d, e)
	}
	return s.plain(e)
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
