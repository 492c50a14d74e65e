package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Refusals of a review.
const (
	RuleOwnReview  Rule = "own_review"  // a reviewer's own grant
	RuleFlaggedRow Rule = "flagged_row" // a flagged row is decided by itself
)

// reviewKeep keeps the chosen rows, or all of the filter that can be kept in a
// group: those that are flagged, or the reviewer's own, never are.
func (s *Server) reviewKeep(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	id, q := chi.URLParam(r, "id"), reviewQuery(r.URL.Query())
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	release, err := s.reviewTurn(r.Context(), c, journal.BatchKey(id))
	if err != nil {
		return err
	}
	defer release()
	v, err := s.readReview(r, c, id)
	if err != nil {
		return err
	}
	var rows []string
	refused, meanwhile := Rule(""), 0
	for _, it := range v.Items {
		chosen := slices.Contains(in["row"], strconv.Itoa(it.Pos))
		switch {
		case !chosen && (in.Get("all") == "" || !v.selects(q, it)), !v.Open:
		case s.groupable(c, v, it):
			rows = append(rows, strconv.Itoa(it.Pos))
		case chosen && it.State != journal.ItemPending:
			meanwhile++
		case chosen && s.ownRow(c, it):
			refused = RuleOwnReview
		case chosen:
			refused = RuleFlaggedRow
		}
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	if refused != "" {
		return s.reviewRefused(w, r, c, v, q, refused)
	}
	if err := s.keepRows(r.Context(), c, v, rows, ""); err != nil {
		return err
	}
	key, tone := "review_kept", "good"
	if len(rows) == 0 {
		key, tone = "review_kept_none", "warn"
	}
	return s.flashTo(w, r, key, tone, templates.Review(id, q), map[string]string{"n": strconv.Itoa(len(rows)), "m": strconv.Itoa(meanwhile)})
}

// reviewRefused records that a row cannot be decided so, and says why.
func (s *Server) reviewRefused(w http.ResponseWriter, r *http.Request, c *caller, v reviewing, q templates.ReviewQuery, rule Rule) error {
	e := c.entryOf(ActReviewKeep)
	e.ParentID, e.ParentKind, e.BankID = v.ActID, "review", v.Entry.BankID
	if err := s.refused(r.Context(), e, ActReviewKeep, rule); err != nil {
		return err
	}
	p := &templates.Problem{Key: "refused", Status: http.StatusForbidden, Title: templates.Word("review.refused"), Sentence: templates.Word("rule." + string(rule)), RequestID: c.reqID}
	return s.reviewPage(w, r, c, http.StatusForbidden, v, q, p)
}

// keepRows writes down that rows are kept, as one act, and marks them.
func (s *Server) keepRows(ctx context.Context, c *caller, v reviewing, rows []string, reason string) error {
	if len(rows) == 0 {
		return nil
	}
	e := c.entryOf(ActReviewKeep)
	e.ParentID, e.ParentKind, e.BankID, e.Reason, e.Details = v.ActID, "review", v.Entry.BankID, reason, map[string]string{"rows": strings.Join(rows, ",")}
	if len(rows) == 1 {
		pos, _ := strconv.Atoi(rows[0])
		it := v.Items[pos]
		e.Person, e.Role, e.BankID, e.Target = it.Person, it.Role, it.BankID, it.Target
	}
	if _, err := s.Journal.Record(ctx, e, journal.Result{Outcome: journal.OutcomeDone, State: "kept"}); err != nil {
		return err
	}
	for _, pos := range rows {
		n, _ := strconv.Atoi(pos)
		if err := s.Journal.EndItem(ctx, v.ActID, n, journal.ItemLeftOut, "kept", journal.Result{}); err != nil && !errors.Is(err, journal.ErrFinished) {
			return err
		}
	}
	return nil
}

// reviewItem finds the row of the address.
func (v reviewing) item(r *http.Request) (journal.BatchItem, error) {
	pos, err := strconv.Atoi(chi.URLParam(r, "pos"))
	if err != nil || pos < 0 || pos >= len(v.Items) {
		return journal.BatchItem{}, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	return v.Items[pos], nil
}

// reviewRow is the page on which one row is decided.
func (s *Server) reviewRow(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	v, err := s.readReview(r, c, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	it, err := v.item(r)
	if err != nil {
		return err
	}
	return s.reviewRowPage(w, r, c, http.StatusOK, v, it, newDeciding(ActReviewKeep, "", s.takeDraft(r.Context(), r.URL.Path)), nil, nil)
}

func (s *Server) reviewRowPage(w http.ResponseWriter, r *http.Request, c *caller, status int, v reviewing, it journal.BatchItem, d *deciding, errs map[string]string, failed *templates.Problem) error {
	q := reviewQuery(r.URL.Query())
	p := templates.ReviewRowPage{ID: v.ActID, Scope: scopeOf(v.Row).words(v.names), Query: q, Row: s.reviewRowView(c, v, it, q), Form: s.decideForm(c, d.typed), Failed: failed}
	p.Form.Errors, p.Form.TextRequired = errs, true
	if err := s.namePeople(r.Context(), c, []*templates.Person{&p.Row.Person}); err != nil {
		return err
	}
	if p.Row.Own {
		p.Refusal = templates.Word("rule." + string(RuleOwnReview))
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("review.title_of", "scope", p.Scope), section: templates.RolesPattern, waiting: -1, body: templates.ReviewRowView(p)})
}

// reviewDecide keeps or revokes one row.
func (s *Server) reviewDecide(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	id, q := chi.URLParam(r, "id"), reviewQuery(r.URL.Query())
	release, err := s.reviewTurn(r.Context(), c, journal.BatchKey(id))
	if err != nil {
		return err
	}
	defer release()
	v, err := s.readReview(r, c, id)
	if err != nil {
		return err
	}
	it, err := v.item(r)
	if err != nil {
		return err
	}
	d := newDeciding(ActReviewKeep, "", in)
	keep := in.Get("do") == "keep"
	switch {
	case !v.Open || it.State != journal.ItemPending:
		return s.flashTo(w, r, "review_meanwhile", "warn", templates.Review(id, q), nil)
	case s.ownRow(c, it):
		return s.reviewRefused(w, r, c, v, q, RuleOwnReview)
	case d.in.Reason == "" && (!keep || flagged(v.rowSeen(it.Pos).Flags)):
		return s.reviewRowPage(w, r, c, http.StatusUnprocessableEntity, v, it, d, map[string]string{"reason": templates.Word("review.reason")}, nil)
	}
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	if keep {
		if err := s.stillIn(r.Context(), c); err != nil {
			return err
		}
		if err := s.keepRows(r.Context(), c, v, []string{strconv.Itoa(it.Pos)}, d.in.Reason); err != nil {
			return err
		}
		return s.flashTo(w, r, "review_kept", "good", templates.Review(id, q), map[string]string{"n": "1", "m": "0"})
	}
	return s.reviewRevoke(w, r, c, v, it, d)
}

// reviewRevoke takes the grant of one row away: it is read again first, and has
// to be that role of that person still.
func (s *Server) reviewRevoke(w http.ResponseWriter, r *http.Request, c *caller, v reviewing, it journal.BatchItem, d *deciding) error {
	ctx, q := r.Context(), reviewQuery(r.URL.Query())
	u, err := c.api.UserByID(ctx, it.Person.UserID)
	if over := firstOver(err); over != nil {
		return over
	}
	if err != nil && obp.KindOf(err) != obp.KindNotFound {
		return s.reviewRowPage(w, r, c, s.problem(r, err).Status, v, it, d, nil, s.problem(r, err))
	}
	if u.UserID != "" {
		it.Person = partyOf(u)
	}
	release, err := s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: it.Person.UserID, Role: it.Role, BankID: it.BankID}, c.party(), d.actID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "busy", err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	e := c.entryOf(journal.ActRevoke)
	e.ActID, e.Person, e.Role, e.BankID, e.Target, e.Reason, e.Ticket, e.Details = d.actID, it.Person, it.Role, it.BankID, it.Target, d.in.Reason, d.ticket, map[string]string{"rows": strconv.Itoa(it.Pos)}
	held := slices.ContainsFunc(u.Entitlements.List, func(x obp.Entitlement) bool {
		return x.EntitlementID == it.Target && x.RoleName == it.Role && x.BankID == it.BankID
	})
	_, res, cause, err := s.actBy(ctx, s.itemRecord(&deciding{bulk: &it, parent: v.ActID}, e), func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		if !held {
			return journal.Result{Outcome: journal.OutcomeDone, State: "not_held"}, nil
		}
		return s.revokeAll(ctx, c, i, it.Person.UserID, []string{it.Target})
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	s.remember(ctx, d)
	args := map[string]string{"person": partyView(it.Person).Username, "role": s.role(it.Role).Short, "scope": v.names.scope(it.BankID).Name, "act_href": templates.JournalAct(d.actID)}
	key, tone := "revoked", "good"
	if res.Outcome != journal.OutcomeDone {
		p := s.problem(r, cause)
		key, tone, args["why"], args["correlation"] = "review_not_revoked", "bad", p.Title+". "+p.Sentence, res.CorrelationID
	}
	return s.flashTo(w, r, key, tone, templates.Review(v.ActID, q), args)
}
