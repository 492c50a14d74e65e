package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// A bulk goes on in steps, each within one request of the browser, so that
// nothing is sent without a person who waits for it.
const (
	bulkStep  = 5 * time.Second
	bulkTurns = 15 * time.Minute
)

func bulkParts(p templates.BulkProgress) map[string]templ.Component {
	return map[string]templ.Component{templates.BulkID: templates.BulkPart(p)}
}

// bulkContinue does the next rows of one's own bulk, after a restart as well.
// The console's rules are checked anew for each.
func (s *Server) bulkContinue(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.bulkOf(r, c)
	if err != nil {
		return err
	}
	if b.Entry.Operator.UserID != c.me.UserID {
		return &httpError{status: http.StatusForbidden, key: "not_yours"}
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	return s.bulkRun(w, r, c, b)
}

// bulkRun does rows until the step's time is over or none is left.
func (s *Server) bulkRun(w http.ResponseWriter, r *http.Request, c *caller, b journal.Batch) error {
	release, err := s.Journal.TakeTurn(r.Context(), journal.BatchKey(b.ActID), c.party(), b.ActID, bulkTurns)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return redirect(w, r, templates.Bulk(b.ActID)) // another browser of theirs is at it
	}
	if err != nil {
		return err
	}
	defer release()
	stopped, begun := "", time.Now()
	for time.Since(begun) < bulkStep && stopped == "" {
		if b, err = s.Journal.Batch(r.Context(), b.ActID); err != nil {
			return err
		}
		items, do := nextItems(b, 1), s.bulkItem
		if b.Entry.Act == ActLeaver {
			items, do = nextItems(b, leaverWidth), s.leaverItem
		}
		if len(items) == 0 {
			break
		}
		var g errgroup.Group
		for _, it := range items {
			g.Go(func() error { return do(r.Context(), c, b, it) })
		}
		if err := g.Wait(); err != nil {
			if _, over := endsSession(err); over || errors.Is(err, journal.ErrNotWritten) {
				return err
			}
			p := s.problem(r, err)
			stopped = p.Title + ". " + p.Sentence
		}
	}
	if b, err = s.Journal.Batch(r.Context(), b.ActID); err != nil {
		return err
	}
	if _, left := b.Next(); !left && b.Open {
		if err := s.Journal.EndBatch(r.Context(), b.ActID, bulkResult(b)); err != nil {
			return err
		}
	}
	if stopped != "" {
		if b, err = s.Journal.Batch(r.Context(), b.ActID); err != nil {
			return err
		}
		return s.bulkProgress(w, r, c, b, stopped)
	}
	return redirect(w, r, templates.Bulk(b.ActID))
}

// nextItems are the first rows that are left, at most n, no two of the same role
// at the same scope: these wait for each other's turn.
func nextItems(b journal.Batch, n int) []journal.BatchItem {
	var out []journal.BatchItem
	for _, it := range b.Items {
		same := func(o journal.BatchItem) bool { return turnOf(o) == turnOf(it) }
		if it.State == journal.ItemPending && len(out) < n && !slices.ContainsFunc(out, same) {
			out = append(out, it)
		}
	}
	return out
}

func bulkResult(b journal.Batch) journal.Result {
	res := journal.Result{Outcome: journal.OutcomeDone}
	if b.Counts[journal.ItemFailed] > 0 {
		res.Outcome = journal.OutcomePartly
	}
	if b.Counts[journal.ItemDone] == 0 && b.Counts[journal.ItemFailed] > 0 {
		res.Outcome = journal.OutcomeFailed
	}
	return res
}

// bulkItem decides one row. Its error says that the bulk has to stop, with
// this row still pending.
func (s *Server) bulkItem(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) error {
	if it.ActID != "" {
		return s.bulkResume(ctx, c, b, it)
	}
	act := journal.Act(b.Entry.Details["act"])
	d := newDeciding(act, it.EntitlementRequestID, url.Values{"reason": {b.Entry.Reason}, "reason_code": {b.Entry.ReasonCode}, "ticket": {b.Entry.Ticket}})
	d.shown, d.bulk, d.parent = b.Entry.ShownToRequester, &it, b.ActID
	v, err := s.try(ctx, c, d)
	code := ""
	switch {
	case err != nil:
		return err
	case v.unread != nil:
		return v.unread
	case v.done != nil:
		return firstOver(v.done.err)
	case v.gone:
		code = string(RuleGone)
	case len(v.rules) > 0:
		code = string(v.rules[0])
	case v.busy != nil:
		code = string(RuleBusy)
	case v.wait > 0:
		code = string(RuleGrantPending)
	case v.errs["tick"] != "":
		code = string(RuleLockedNeedsTick)
		if d.rd.state() == stateUnknown {
			code = string(RuleUnknownTick)
		}
	default:
		code = string(RuleReasonRequired)
	}
	return s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemLeftOut, code, journal.Result{})
}

// itemRecord begins and ends a decision as a row of its bulk.
func (s *Server) itemRecord(d *deciding, e journal.Entry) record {
	return record{
		func(ctx context.Context) (journal.Intent, error) {
			return s.Journal.IntendItem(ctx, d.parent, d.bulk.Pos, e)
		},
		func(ctx context.Context, _ journal.Intent, res journal.Result) error {
			state := journal.ItemDone
			if res.Outcome != journal.OutcomeDone {
				state = journal.ItemFailed
			}
			return s.Journal.EndItem(ctx, d.parent, d.bulk.Pos, state, bulkCode(res.Outcome, res.OBPCode), res)
		}}
}

// bulkResume finds out what became of a row that was cut off, and ends it by
// what is true now.
func (s *Server) bulkResume(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) error {
	row, err := s.Journal.Row(ctx, it.ActID)
	if err != nil {
		return err
	}
	release, err := s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: it.Person.UserID, Role: it.Role, BankID: it.BankID}, c.party(), it.ActID, 4*s.Settings.OBPTimeout)
	if err != nil {
		return err
	}
	defer release()
	return s.bulkFinish(ctx, c, b, it, row)
}

// bulkFinish ends a row that was cut off by what is true of its request now.
func (s *Server) bulkFinish(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem, row journal.Row) error {
	ctx, cancel := s.detached(ctx)
	defer cancel()
	res, ended, cause := s.finish(ctx, c, row, it.EntitlementRequestID)
	switch {
	case ended == "" && cause != nil:
		return cause
	case ended == "":
		return &httpError{status: http.StatusConflict, key: "too_early"}
	}
	res.Outcome = ended
	state, code := journal.ItemDone, ""
	if ended != journal.OutcomeDone {
		state, code = journal.ItemFailed, res.State
	}
	return s.Journal.EndItem(ctx, b.ActID, it.Pos, state, code, res)
}

// bulkEnd gives up what is left of one's own bulk.
func (s *Server) bulkEnd(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.bulkOf(r, c)
	if err != nil {
		return err
	}
	if b.Entry.Operator.UserID != c.me.UserID && !s.isAdmin(c) {
		return &httpError{status: http.StatusForbidden, key: "not_yours"}
	}
	err = s.Journal.EndBatch(r.Context(), b.ActID, journal.Result{Outcome: journal.OutcomePartly, State: "ended"})
	if errors.Is(err, journal.ErrUnfinished) {
		return &httpError{status: http.StatusConflict, key: "too_early", err: err}
	}
	if err != nil && !errors.Is(err, journal.ErrFinished) {
		return err
	}
	return redirect(w, r, templates.Bulk(b.ActID))
}

// bulkAlarms lists one's own bulks that wait to be continued.
func bulkAlarms(c *caller, list []journal.Batch) []templates.Alarm {
	var out []templates.Alarm
	for _, b := range list {
		if b.Entry.Act == ActLinkMany {
			out = append(out, linkManyAlarm(c, b))
		}
		if b.Entry.Act != journal.ActBulk && b.Entry.Act != ActLeaver {
			continue
		}
		a := templates.Alarm{When: c.when(b.At), Href: templates.Bulk(b.ActID), Text: templates.WordN("alarm.bulk", b.Counts[journal.ItemPending])}
		if b.Entry.Act == ActLeaver {
			a.Text = templates.WordN("alarm.leaver", b.Counts[journal.ItemPending], "person", b.Entry.Person.Username)
		}
		out = append(out, a)
	}
	return out
}
