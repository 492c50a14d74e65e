package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// linkManyStart writes the whole table down, checked again, and links its
// first rows.
func (s *Server) linkManyStart(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	if errs := s.reasonErrors(in); len(errs) > 0 {
		return s.manyChecked(w, r, c, http.StatusUnprocessableEntity, in, errs)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	bad := map[string]string{}
	lines, err := s.manyLines(r, c, in, bad)
	if err != nil {
		return err
	}
	items, good := manyItems(in.Get("bank"), lines)
	if good == 0 || len(bad) > 0 {
		return s.manyChecked(w, r, c, http.StatusUnprocessableEntity, in, nil)
	}
	e := c.entryOf(ActLinkMany)
	e.BankID, e.Reason, e.ReasonCode, e.Ticket = in.Get("bank"), strings.TrimSpace(in.Get("reason")), in.Get("reason_code"), strings.TrimSpace(in.Get("ticket"))
	if e.Seen, err = json.Marshal(lines); err != nil {
		return err
	}
	b, err := s.Journal.StartBatch(r.Context(), e, items)
	if err != nil {
		return err
	}
	return s.manyRun(w, r, c, b)
}

func manyItems(bank string, lines []manyLine) (items []journal.BatchItem, good int) {
	for _, l := range lines {
		it := journal.BatchItem{Person: partyOf(l.u), BankID: bank, Target: l.customer.CustomerID, State: journal.ItemPending}
		if l.code != "" {
			it.State, it.Code = journal.ItemLeftOut, l.code
		} else {
			good++
		}
		items = append(items, it)
	}
	return items, good
}

// manyOf reads a table that the operator may see.
func (s *Server) manyOf(r *http.Request, c *caller) (journal.Batch, error) {
	b, err := s.Journal.Batch(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) || err == nil && (b.Entry.Act != ActLinkMany || !s.mayRead(c, b.Row)) {
		return b, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	return b, err
}

func (s *Server) linkManyProgress(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.manyOf(r, c)
	if err != nil {
		return err
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.manyProgress(w, r, c, b, "")
}

func (s *Server) manyProgress(w http.ResponseWriter, r *http.Request, c *caller, b journal.Batch, stopped string) error {
	var lines []manyLine // as pasted; gone once erased
	_ = json.Unmarshal(b.Entry.Seen, &lines)
	p := templates.ManyProgress{ID: b.ActID, Total: len(b.Items), Left: b.Counts[journal.ItemPending], Stopped: stopped, Mine: b.Entry.Operator.UserID == c.me.UserID, Open: b.Open,
		Record: templates.JournalAct(b.ActID), Back: templates.LinkMany(b.Entry.BankID),
		Says: templates.Word("bulk.counts", "done", strconv.Itoa(b.Counts[journal.ItemDone]), "failed", strconv.Itoa(b.Counts[journal.ItemFailed]),
			"left", strconv.Itoa(b.Counts[journal.ItemLeftOut]), "pending", strconv.Itoa(b.Counts[journal.ItemPending]))}
	for i, it := range b.Items {
		row := templates.ManyRow{Line: i + 1, Person: partyView(it.Person).Username, State: itemBadge(it.State), Code: string(it.State)}
		if i < len(lines) {
			row.Line, row.Number, row.Person = lines[i].N, lines[i].Number, lines[i].Username
		}
		if it.Target != "" {
			row.Href = templates.Customer(it.BankID, it.Target)
		}
		if it.Code != "" {
			row.Why = manyWord(it.Code)
		}
		p.Rows = append(p.Rows, row)
	}
	return s.page(w, r, c, view{title: templates.Word("many.title"), section: templates.CustomersPattern, canon: templates.LinkManyOne(b.ActID), waiting: -1,
		body: templates.ManyProgressView(p), parts: map[string]templ.Component{templates.LinkManyID: templates.ManyProgressPart(p)}})
}

func manyWord(code string) string {
	if templates.HasWord("many.why_" + code) {
		return templates.Word("many.why_" + code)
	}
	return bulkWord(code)
}

// linkManyContinue links the next rows of one's own table, after a restart as well.
func (s *Server) linkManyContinue(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.manyOf(r, c)
	if err != nil {
		return err
	}
	if b.Entry.Operator.UserID != c.me.UserID {
		return &httpError{status: http.StatusForbidden, key: "not_yours"}
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	return s.manyRun(w, r, c, b)
}

// manyRun links rows, a few at once, until the step's time is over or none is
// left.
func (s *Server) manyRun(w http.ResponseWriter, r *http.Request, c *caller, b journal.Batch) error {
	release, err := s.Journal.TakeTurn(r.Context(), journal.BatchKey(b.ActID), c.party(), b.ActID, bulkTurns)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return redirect(w, r, templates.LinkManyOne(b.ActID)) // another browser of theirs is at it
	}
	if err != nil {
		return err
	}
	defer release()
	if b, err = s.Journal.Batch(r.Context(), b.ActID); err != nil {
		return err
	}
	stop := s.manyStep(r.Context(), c, b)
	if _, over := endsSession(stop); over || errors.Is(stop, journal.ErrNotWritten) {
		return stop
	}
	if b, err = s.Journal.Batch(r.Context(), b.ActID); err != nil {
		return err
	}
	if _, left := b.Next(); !left && b.Open {
		if err := s.Journal.EndBatch(r.Context(), b.ActID, bulkResult(b)); err != nil {
			return err
		}
	}
	if stop != nil {
		p := s.explained(r, stop, "link")
		return s.manyProgress(w, r, c, b, p.Title+". "+p.Sentence)
	}
	return redirect(w, r, templates.LinkManyOne(b.ActID))
}

// manyStep works on pending rows with a few hands. The first error that is not
// about its row alone stops all of them.
func (s *Server) manyStep(ctx context.Context, c *caller, b journal.Batch) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	rows := make(chan journal.BatchItem)
	var hands sync.WaitGroup
	for range sideBySide {
		hands.Go(func() {
			for it := range rows {
				if err := s.manyItem(ctx, c, b, it); err != nil {
					stop(err)
				}
			}
		})
	}
	begun := time.Now()
feed:
	for _, it := range b.Items {
		if it.State != journal.ItemPending {
			continue
		}
		if time.Since(begun) > bulkStep {
			break
		}
		select {
		case rows <- it:
		case <-ctx.Done():
			break feed
		}
	}
	close(rows)
	hands.Wait()
	if ctx.Err() == nil || errors.Is(context.Cause(ctx), context.Canceled) {
		return nil
	}
	return context.Cause(ctx)
}

// linkManyAlarm is a table of one's own that was cut off.
func linkManyAlarm(c *caller, b journal.Batch) templates.Alarm {
	return templates.Alarm{Text: templates.WordN("many.open", b.Counts[journal.ItemPending]), Href: templates.LinkManyOne(b.ActID), When: c.when(b.At)}
}

// linkManyEnd gives up what is left of one's own table.
func (s *Server) linkManyEnd(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.manyOf(r, c)
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
	return redirect(w, r, templates.LinkManyOne(b.ActID))
}
