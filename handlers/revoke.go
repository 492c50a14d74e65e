package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// revokePage shows every entitlement by which a person holds a role at a scope.
func (s *Server) revokePage(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.readRevoke(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActRevoke, "", s.takeDraft(r.Context(), r.URL.Path))
	return s.revokeForm(w, r, c, http.StatusOK, v, d, nil, nil)
}

// revoking is a role of a person that is about to be revoked.
type revoking struct {
	u          obp.User
	role, bank string
	held       []obp.Entitlement
	ids        []string // chosen of those held, nil: all of them
	names      bankNames
}

func (s *Server) readRevoke(r *http.Request, c *caller) (revoking, error) {
	v := revoking{role: r.URL.Query().Get("role"), bank: r.URL.Query().Get("bank")}
	var err error
	var g errgroup.Group
	g.Go(func() error { v.u, err = s.lookAt(r.Context(), c, chi.URLParam(r, "id")); return nil })
	g.Go(func() error { v.names = s.names(r.Context(), c); return nil })
	_ = g.Wait()
	for _, e := range v.u.Entitlements.List {
		if e.RoleName == v.role && e.BankID == v.bank && !e.IsSuperAdmin() {
			v.held = append(v.held, e)
		}
	}
	return v, err
}

// chosen are those of the person's entitlements of this role that were chosen.
func (v revoking) chosen(ids []string) []string {
	var out []string
	for _, e := range v.held {
		if slices.Contains(ids, e.EntitlementID) {
			out = append(out, e.EntitlementID)
		}
	}
	return out
}

func (s *Server) revokeForm(w http.ResponseWriter, r *http.Request, c *caller, status int, v revoking, d *deciding, errs map[string]string, failed *templates.Problem) error {
	p := templates.RevokePage{Failed: failed, Person: personView(v.u), Role: s.role(v.role), Scope: v.names.scope(v.bank), Action: templates.Revoke(v.u.UserID, v.role, v.bank), Form: s.decideForm(c, d.typed)}
	p.Form.Errors, p.Form.TextRequired = errs, true
	for _, e := range v.held {
		p.IDs = append(p.IDs, templates.UndoChoice{ID: e.EntitlementID, Ticked: len(d.typed) == 0 || slices.Contains(d.typed["entitlement"], e.EntitlementID)})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("revoke.title", "person", v.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.RevokeView(p)})
}

// revoke takes a role away: every entitlement by which the person holds it at
// that scope, as it is read now. A form cannot name another one.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	v, err := s.readRevoke(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActRevoke, "", in)
	errs := map[string]string{}
	if d.in.Reason == "" {
		errs["reason"] = templates.Word("delete.reason")
	}
	if len(v.held) == 0 {
		errs[""] = templates.Word("revoke.not_held")
	}
	if chosen := in["entitlement"]; in.Get("choose") != "" || len(chosen) > 0 {
		of := v.chosen(chosen)
		if len(of) < len(chosen) {
			e := s.entry(c, d)
			e.ActID, e.Person, e.Role, e.BankID = "", partyOf(v.u), v.role, v.bank
			if err := s.refused(r.Context(), e, d.act, RuleNotTheirs); err != nil {
				return err
			}
			return s.revokeForm(w, r, c, http.StatusForbidden, v, d, map[string]string{"": templates.Word("rule." + string(RuleNotTheirs))}, nil)
		}
		if len(of) == 0 && len(v.held) > 0 {
			errs["entitlement"] = templates.Word("undo.choose")
		}
		v.ids = of
	}
	if len(errs) > 0 {
		return s.revokeForm(w, r, c, http.StatusUnprocessableEntity, v, d, errs, nil)
	}
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	return s.revokeHeld(w, r, c, v, d)
}

func (s *Server) revokeHeld(w http.ResponseWriter, r *http.Request, c *caller, v revoking, d *deciding) error {
	release, err := s.Journal.TakeTurn(r.Context(), journal.TurnKey{UserID: v.u.UserID, Role: v.role, BankID: v.bank}, c.party(), d.actID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "busy", err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	e := s.entry(c, d)
	e.Person, e.Role, e.BankID = partyOf(v.u), v.role, v.bank
	ids := v.ids
	for _, x := range v.held {
		if v.ids == nil {
			ids = append(ids, x.EntitlementID)
		}
	}
	i, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		return s.revokeAll(ctx, c, i, v.u.UserID, ids)
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if res.Outcome == journal.OutcomeFailed {
		p := s.problem(r, aboutRole(cause))
		return s.revokeForm(w, r, c, p.Status, v, d, nil, p)
	}
	s.remember(r.Context(), d)
	args := map[string]string{"tone": "good", "person": v.u.Username, "role": s.role(v.role).Short, "scope": v.names.scope(v.bank).Name, "act_href": templates.JournalAct(i.ActID)}
	key := "revoked"
	to := templates.UserOf(personView(v.u))
	if res.Outcome != journal.OutcomeDone { // what is left stands there, with what was typed
		key, args["tone"], args["done"], args["of"], args["why"], args["correlation"] = "not_undone", "bad", res.Details["revoked"], res.Details["of"], whyNot(s.problem(r, aboutRole(cause))), res.CorrelationID
		if err := s.Sessions.SaveDraft(r.Context(), r.URL.Path, d.typed); err != nil {
			return err
		}
		to = templates.Revoke(v.u.UserID, v.role, v.bank)
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: key, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, to)
}
