package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// refusal writes down that the console refused a decision, and by which rule.
func (s *Server) refusal(ctx context.Context, c *caller, d *deciding, rule Rule) error {
	e := s.entry(c, d)
	e.ActID = ""
	return s.refused(ctx, e, d.act, rule)
}

// refuse says which rules stand against the decision. OBP gets no write.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, broken []Rule) error {
	if err := s.refusal(r.Context(), c, d, broken[0]); err != nil {
		return err
	}
	return s.again(w, r, c, d, http.StatusForbidden, nil)
}

// refuseBusy names who decides on the same matter at this moment.
func (s *Server) refuseBusy(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, busy *journal.BusyError) error {
	if err := s.refusal(r.Context(), c, d, RuleBusy); err != nil {
		return err
	}
	return s.notNow(w, r, c, d, "busy_by", "who", partyView(busy.Holder).Username, "since", age(c.now.Sub(busy.Since)))
}

// refusePending says how long no second grant is sent.
func (s *Server) refusePending(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, wait time.Duration) error {
	if err := s.refusal(r.Context(), c, d, RuleGrantPending); err != nil {
		return err
	}
	w.Header().Set("Retry-After", strconv.Itoa(waitSeconds(wait)))
	return s.notNow(w, r, c, d, "grant_pending", "seconds", strconv.Itoa(waitSeconds(wait)))
}

// notNow keeps the form and says why the moment is wrong.
func (s *Server) notNow(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, key string, pairs ...string) error {
	f := s.decideForm(c, d.typed)
	f.Asked = string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	sheet.Failed = &templates.Problem{Key: "busy", Status: http.StatusConflict, Title: templates.Word("kind.busy.title"), Sentence: templates.Word("decide."+key, pairs...), RequestID: c.reqID}
	return s.sheetPage(w, r, c, http.StatusConflict, d.rd, sheet)
}

// refuseGone says what became of a request that is not open any more.
func (s *Server) refuseGone(w http.ResponseWriter, r *http.Request, c *caller, d *deciding) error {
	if err := s.refusal(r.Context(), c, d, RuleGone); err != nil {
		return err
	}
	sheet, _, err := s.goneSheet(r.Context(), c, d.id, d.q, d.rd)
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, http.StatusConflict, d.rd, sheet)
}

// goneSheet tells from the journal what became of a request that OBP does not
// list. The status is 404 when the journal does not know it either.
func (s *Server) goneSheet(ctx context.Context, c *caller, id string, q templates.RequestQuery, rd reading) (templates.Sheet, int, error) {
	sh := templates.Sheet{ID: id, Query: q, Back: templates.Requests(q)}
	o := &templates.Outcome{ID: id, Back: templates.Requests(q), Tone: templates.ToneNeutral, Title: templates.Word("gone.title"), Sentence: templates.Word("gone.unknown")}
	sh.Outcome = o
	if left := buildQueue(rd.all, q, 1, c.now); left.Found > 0 {
		x := left.Rows[0]
		o.Next = &templates.Link{Text: templates.Word("sheet.next"), Href: templates.Request(x.EntitlementRequestID, x.User.UserID, x.BankID, q)}
	}
	p, err := s.Journal.Search(ctx, journal.Filter{Request: id, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 20})
	if err != nil {
		return sh, 0, err
	}
	// a decision that was carried out says more than a later attempt
	at := slices.IndexFunc(p.Rows, func(row journal.Row) bool { return row.Result.Outcome == journal.OutcomeDone })
	if at < 0 {
		at = slices.IndexFunc(p.Rows, func(row journal.Row) bool { return row.Result.Outcome != journal.OutcomeRefused })
	}
	if at < 0 {
		return sh, http.StatusNotFound, nil
	}
	row := p.Rows[at]
	by := partyView(row.Entry.Operator).Username
	if row.Entry.Operator.UserID == c.me.UserID {
		by = templates.Word("gone.you")
	}
	o.Title = templates.Word("gone.title_" + goneKey(row))
	o.Sentence = templates.Word("gone."+goneKey(row), "who", by, "age", age(c.now.Sub(row.At)), "person", partyView(row.Entry.Person).Username,
		"role", s.role(row.Entry.Role).Short, "scope", rd.banks.scope(row.Entry.BankID).Name)
	o.Tone = outcomeBadge(row).Tone
	o.Finish = !row.Finished()
	o.Act = &templates.Link{Text: templates.Word("sheet.record"), Href: templates.JournalAct(row.ActID)}
	if s.mayRead(c, row) && row.Entry.Reason != "" {
		o.Rows = append(o.Rows, templates.Fact{Name: templates.Word("sheet.reason"), Value: row.Entry.Reason})
	}
	return sh, http.StatusOK, nil
}

func goneKey(row journal.Row) string {
	switch {
	case !row.Finished():
		return "unfinished"
	case row.Entry.Act == journal.ActDecline:
		return "declined"
	}
	return "approved"
}

// addPending says on an open request's sheet what an earlier act on the same
// matter left undone.
func (s *Server) addPending(c *caller, sh *templates.Sheet, x obp.EntitlementRequest, about []journal.Row) {
	for _, row := range unfinished(about, x) {
		who := partyView(row.Entry.Operator).Username
		granted := row.Result.Outcome == journal.OutcomeGrantedNotClosed || len(row.EntitlementIDs()) > 0 || slices.ContainsFunc(row.Steps, func(st journal.Stored) bool { return st.Step != "" })
		switch {
		case row.Entry.Act != journal.ActApprove || row.Entry.EntitlementRequestID != x.EntitlementRequestID:
			sh.Warnings = append(sh.Warnings, templates.Word("pending.other", "who", who, "age", age(c.now.Sub(row.At))))
		case granted && x.Held() > 0:
			sh.CloseOnly = true
			sh.Warnings = append(sh.Warnings, templates.Word("pending.granted", "who", who, "age", age(c.now.Sub(row.At))))
		case x.Held() > 0:
			sh.CloseOnly = true
			sh.Warnings = append(sh.Warnings, templates.Word("pending.held", "who", who, "age", age(c.now.Sub(row.At))))
		case row.At.Add(s.Settings.OBPTimeout).After(s.Now()):
			sh.Warnings = append(sh.Warnings, templates.Word("pending.wait", "who", who, "seconds", strconv.Itoa(waitSeconds(row.At.Add(s.Settings.OBPTimeout).Sub(s.Now())))))
		default:
			sh.Warnings = append(sh.Warnings, templates.Word("pending.nothing", "who", who, "age", age(c.now.Sub(row.At))))
		}
	}
}

// closeGranted finishes what was cut off: it reads OBP now, closes the request
// when the role is held, and ends the act that was left open, as one recorded
// act of its own. It never grants.
func (s *Server) closeGranted(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, q := chi.URLParam(r, "id"), requestQuery(r.URL.Query())
	p, err := s.Journal.Search(r.Context(), journal.Filter{Request: id, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 50})
	if err != nil {
		return err
	}
	var open []journal.Row
	for _, row := range p.Rows {
		if !row.Event && !row.Finished() {
			open = append(open, row)
		}
	}
	here := templates.Request(id, "", "", q)
	if len(open) == 0 {
		return redirect(w, r, here)
	}
	f := open[0]
	actID := uuid.NewString()
	release, err := s.Journal.TakeTurn(r.Context(), journal.TurnKey{UserID: f.Entry.Person.UserID, Role: f.Entry.Role, BankID: f.Entry.BankID}, c.party(), actID, 4*s.Settings.OBPTimeout)
	if err != nil {
		return s.closeBusy(w, r, c, id, q, err)
	}
	defer release()
	e := c.entryOf(journal.ActFinish)
	e.ActID, e.ParentID, e.ParentKind, e.Person, e.Role, e.BankID, e.EntitlementRequestID = actID, f.ActID, journal.ParentFinish, f.Entry.Person, f.Entry.Role, f.Entry.BankID, id
	var ended journal.Outcome
	_, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (res journal.Result, cause error) {
		res, ended, cause = s.finish(ctx, c, f, id)
		return res, cause
	})
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(r.Context())
	if ended != "" {
		for _, row := range open {
			if err := s.Journal.Outcome(ctx, row.Intent(), journal.Result{Outcome: ended, State: res.State, Details: map[string]string{"by": actID}}); err != nil {
				return &httpError{status: http.StatusInternalServerError, key: "not_recorded", err: err}
			}
		}
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	tone := "good"
	if res.Outcome != journal.OutcomeDone {
		tone = "warn"
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: "finish_" + res.State, Args: map[string]string{"tone": tone, "correlation": res.CorrelationID,
		"person": partyView(f.Entry.Person).Username, "role": s.role(f.Entry.Role).Short, "act_href": templates.JournalAct(actID)}}); err != nil {
		s.Log.WarnContext(ctx, "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, here)
}

func (s *Server) closeBusy(w http.ResponseWriter, r *http.Request, c *caller, id string, q templates.RequestQuery, err error) error {
	return &httpError{status: http.StatusConflict, key: "busy", err: err}
}

// finish reads what is true now. ended is how the acts that were left open
// end, empty while that is not certain.
func (s *Server) finish(ctx context.Context, c *caller, f journal.Row, id string) (res journal.Result, ended journal.Outcome, cause error) {
	all, err := c.api.EntitlementRequests(ctx)
	if err != nil {
		res = resultOf(err)
		res.Outcome, res.State = journal.OutcomeFailed, "not_read"
		return res, "", err
	}
	x := findRequest(all, id)
	granted := f.Result.Outcome == journal.OutcomeGrantedNotClosed || len(f.Steps) > 0
	switch {
	case x == nil && f.Entry.Act == journal.ActDecline:
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	case x == nil && granted:
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	case x == nil:
		return s.finishGone(ctx, c, f)
	case f.Entry.Act == journal.ActDecline || x.Held() == 0 && f.At.Add(s.Settings.OBPTimeout).Before(s.Now()):
		// nothing was applied: the request is open, and can be decided
		return journal.Result{Outcome: journal.OutcomeDone, State: "not_applied"}, journal.OutcomeFailed, nil
	case x.Held() == 0:
		return journal.Result{Outcome: journal.OutcomeFailed, State: "too_early"}, "", nil
	}
	state, err := s.closeRequest(ctx, c, id)
	res = resultOf(err)
	res.EntitlementIDs, res.State = nil, string(state)
	if state == requestClosed {
		res.Outcome = journal.OutcomeDone
		return res, journal.OutcomeDone, nil
	}
	res.Outcome = journal.OutcomeFailed
	return res, "", err
}

// finishGone ends an unanswered approval whose request is not listed any more:
// whether the role is held tells how it ended.
func (s *Server) finishGone(ctx context.Context, c *caller, f journal.Row) (journal.Result, journal.Outcome, error) {
	held, err := c.api.UserEntitlements(ctx, f.Entry.Person.UserID)
	if err != nil {
		res := resultOf(err)
		res.Outcome, res.State = journal.OutcomeFailed, "not_read"
		return res, "", err
	}
	if slices.ContainsFunc(held, func(e obp.Entitlement) bool { return e.RoleName == f.Entry.Role && e.BankID == f.Entry.BankID }) {
		return journal.Result{Outcome: journal.OutcomeDone, State: "closed"}, journal.OutcomeDone, nil
	}
	if f.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
		return journal.Result{Outcome: journal.OutcomeFailed, State: "too_early"}, "", nil
	}
	return journal.Result{Outcome: journal.OutcomeDone, State: "gone_not_held"}, journal.OutcomeFailed, nil
}

// alarms lists what was cut off, once OBP's time-out has passed.
func (s *Server) alarms(ctx context.Context, c *caller, banks bankNames) ([]templates.Alarm, error) {
	rows, err := s.Journal.Unfinished(ctx, 0)
	if err != nil {
		return nil, err
	}
	var out []templates.Alarm
	for _, row := range rows {
		if row.Entry.EntitlementRequestID == "" || row.Result.Outcome == "" && row.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
			continue // still on its way
		}
		key := "alarm.unknown"
		if row.Result.Outcome == journal.OutcomeGrantedNotClosed || len(row.Steps) > 0 {
			key = "alarm.granted_not_closed"
		}
		out = append(out, templates.Alarm{When: c.when(row.At), Href: templates.Request(row.Entry.EntitlementRequestID, row.Entry.Person.UserID, row.Entry.BankID, templates.RequestQuery{}),
			Text: templates.Word(key, "who", partyView(row.Entry.Operator).Username, "person", partyView(row.Entry.Person).Username,
				"role", s.role(row.Entry.Role).Short, "scope", banks.scope(row.Entry.BankID).Name)})
	}
	return out, nil
}
