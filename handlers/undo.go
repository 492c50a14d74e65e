package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// undoing is an act that may be undone, with what OBP says of it now.
type undoing struct {
	row    journal.Row
	held   []obp.Entitlement // of the role at the scope, held by the person now
	known  bool              // held was read; else only the act's own ids are known
	banks  bankNames
	chosen []string
	form   templates.DecideForm
}

// created are the entitlements that the act made.
func (u undoing) created() []string { return u.row.EntitlementIDs() }

// mayUndo tells whether an act made something that can be taken back.
func mayUndo(row journal.Row) bool {
	return (row.Entry.Act == journal.ActApprove || row.Entry.Act == journal.ActGrant) && len(row.EntitlementIDs()) > 0
}

// readUndo reads the act and what the person holds now: GET /users/{USER_ID}/entitlements.
func (s *Server) readUndo(r *http.Request, c *caller) (undoing, error) {
	var u undoing
	row, err := s.Journal.Row(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) || err == nil && !slices.Contains(decisions, row.Entry.Act) {
		return u, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	if err != nil {
		return u, err
	}
	u.row = row
	var held []obp.Entitlement
	var heldErr error
	var g errgroup.Group
	g.Go(func() error { u.banks = s.names(r.Context(), c); return nil })
	if mayUndo(row) {
		g.Go(func() error {
			held, heldErr = c.api.UserEntitlements(r.Context(), row.Entry.Person.UserID)
			return nil
		})
	}
	_ = g.Wait()
	if heldErr != nil && obp.KindOf(heldErr) != obp.KindMissingRole {
		return u, heldErr
	}
	u.known = heldErr == nil
	for _, e := range held {
		if e.RoleName == row.Entry.Role && e.BankID == row.Entry.BankID && !e.IsSuperAdmin() {
			u.held = append(u.held, e)
		}
	}
	if !u.known {
		for _, id := range u.created() {
			u.held = append(u.held, obp.Entitlement{EntitlementID: id, RoleName: row.Entry.Role, BankID: row.Entry.BankID})
		}
	}
	return u, nil
}

// undoPage shows what an undo takes back: what the act made is ticked, others
// of the same role are listed and not ticked.
func (s *Server) undoPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	u, err := s.readUndo(r, c)
	if err != nil {
		return err
	}
	u.chosen = u.created()
	u.form = s.decideForm(c, s.takeDraft(r.Context(), templates.Undo(u.row.ActID)))
	return s.undoForm(w, r, c, http.StatusOK, u)
}

func (s *Server) undoForm(w http.ResponseWriter, r *http.Request, c *caller, status int, u undoing) error {
	p := templates.UndoPage{ID: u.row.ActID, Row: s.actRow(c, u.row, u.banks, s.mayRead(c, u.row)), Form: u.form, Known: u.known}
	p.Form.TextRequired = true
	switch {
	case u.row.Entry.Act == journal.ActDecline:
		p.Why = templates.Word("undo.decline")
		if x := u.row.Entry; x.Person.UserID != "" && x.Role != "" && u.row.Result.Outcome == journal.OutcomeDone {
			p.Instead = &templates.Link{Text: templates.Word("undo.grant"), Href: templates.Grant(x.Person.UserID, x.Role, x.BankID)}
		}
	case !mayUndo(u.row):
		p.Why = templates.Word("undo.nothing_made")
	case len(u.held) == 0:
		p.Why = templates.Word("undo.not_held")
	}
	made := u.created()
	for _, e := range u.held {
		p.Choices = append(p.Choices, templates.UndoChoice{ID: e.EntitlementID, Made: slices.Contains(made, e.EntitlementID), Ticked: slices.Contains(u.chosen, e.EntitlementID)})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("undo.title"), section: templates.JournalPattern, canon: templates.Undo(u.row.ActID), waiting: -1, body: templates.UndoView(p)})
}

// undo revokes the chosen entitlements as a new act with its own reason. Each
// is read again first: it must still be that role of that person.
func (s *Server) undo(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	u, err := s.readUndo(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActUndoApprove, "", in)
	u.chosen, u.form = in["entitlement"], s.decideForm(c, in)
	for _, rule := range d.in.mayDecline() {
		u.form.Errors["reason"] = templates.Word("rule." + string(rule))
	}
	known := func(id string) bool {
		return slices.ContainsFunc(u.held, func(e obp.Entitlement) bool { return e.EntitlementID == id })
	}
	if len(u.chosen) == 0 || !mayUndo(u.row) || slices.ContainsFunc(u.chosen, func(id string) bool { return !known(id) }) {
		u.form.Errors["entitlement"] = templates.Word("undo.choose")
	}
	if len(u.form.Errors) > 0 {
		return s.undoForm(w, r, c, http.StatusUnprocessableEntity, u)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	return s.revokeChosen(w, r, c, u, d)
}

func (s *Server) revokeChosen(w http.ResponseWriter, r *http.Request, c *caller, u undoing, d *deciding) error {
	p := u.row.Entry
	release, err := s.Journal.TakeTurn(r.Context(), journal.TurnKey{UserID: p.Person.UserID, Role: p.Role, BankID: p.BankID}, c.party(), d.actID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "busy", err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	e := c.entryOf(journal.ActUndoApprove)
	e.ActID, e.ParentID, e.ParentKind, e.Person, e.Role, e.BankID, e.EntitlementRequestID = d.actID, u.row.ActID, journal.ParentUndo, p.Person, p.Role, p.BankID, p.EntitlementRequestID
	e.Reason, e.Ticket = d.in.Reason, d.ticket
	_, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		return s.revokeAll(ctx, c, i, p.Person.UserID, u.chosen)
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	s.remember(r.Context(), d)
	f := session.Flash{Key: "undone", Args: map[string]string{"tone": "good", "person": cmp.Or(p.Person.Username, p.Person.UserID), "role": s.role(p.Role).Short,
		"scope": u.banks.scope(p.BankID).Name, "act_href": templates.JournalAct(d.actID)}}
	if res.Outcome != journal.OutcomeDone {
		pr := s.problem(r, aboutRole(cause))
		f = session.Flash{Key: "not_undone", Args: map[string]string{"tone": "bad", "done": res.Details["revoked"], "of": res.Details["of"], "why": pr.Title + ". " + pr.Sentence,
			"correlation": res.CorrelationID, "act_href": templates.JournalAct(d.actID)}}
	}
	if err := s.Sessions.Flash(r.Context(), f); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, templates.JournalAct(u.row.ActID))
}

// revokeAll deletes entitlements of one person, one after the other. One that
// is gone counts as revoked; the first that stays ends it.
func (s *Server) revokeAll(ctx context.Context, c *caller, i journal.Intent, userID string, ids []string) (journal.Result, error) {
	var revoked []string
	finish := func(out journal.Outcome, err error) (journal.Result, error) {
		res := resultOf(err)
		res.Outcome, res.EntitlementIDs = out, revoked
		res.Details = map[string]string{"revoked": strconv.Itoa(len(revoked)), "of": strconv.Itoa(len(ids))}
		return res, err
	}
	for _, id := range ids {
		gone, err := s.revokeOne(ctx, c, userID, id)
		if !gone {
			out := journal.OutcomeFailed
			switch {
			case len(revoked) > 0:
				out = journal.OutcomePartly
			case mayBeApplied(err):
				out = journal.OutcomeUnknown
			}
			return finish(out, err)
		}
		revoked = append(revoked, id)
		if err := s.step(ctx, i, journal.Step{Name: "revoked", EntitlementIDs: []string{id}}); err != nil {
			return finish(journal.OutcomePartly, err)
		}
	}
	return finish(journal.OutcomeDone, nil)
}

// revokeOne deletes one entitlement; without an answer OBP is asked whether it
// is still there.
func (s *Server) revokeOne(ctx context.Context, c *caller, userID, id string) (gone bool, err error) {
	err = c.api.DeleteEntitlement(ctx, userID, id)
	if err == nil || isGone(err) {
		return true, nil
	}
	if !mayBeApplied(err) {
		return false, err
	}
	held, readErr := c.api.UserEntitlements(ctx, userID)
	if readErr != nil {
		return false, err
	}
	return !slices.ContainsFunc(held, func(e obp.Entitlement) bool { return e.EntitlementID == id }), err
}
