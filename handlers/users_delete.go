package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// deletePage asks for the user name, says what stays, and offers to revoke the
// roles first.
func (s *Server) deletePage(w http.ResponseWriter, r *http.Request, c *caller) error {
	o, err := s.loadPerson(r, c, journal.ActDeleteUser)
	if err != nil {
		return err
	}
	o.in = s.takeDraft(r.Context(), r.URL.Path)
	return s.deleteForm(w, r, c, http.StatusOK, o, nil)
}

func (s *Server) deleteForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *onPerson, failed *templates.Problem) error {
	p := personView(o.u)
	banks := s.names(r.Context(), c)
	f := templates.UserAct{Act: string(o.act), Person: p, Problem: failed, Action: templates.DeleteUser(p), Danger: true, Button: templates.Word("user.go_delete_user")}
	f.State, _ = stateBadge(stateOf(o.u, &o.u))
	if rule := s.personRule(c, o); rule != "" {
		f.Refusals = append(f.Refusals, templates.Word("rule."+string(rule)))
	}
	for _, e := range o.u.Entitlements.List {
		if !e.IsSuperAdmin() {
			f.Roles = append(f.Roles, templates.DeleteRole{ID: e.EntitlementID, Role: s.role(e.RoleName), Scope: banks.scope(e.BankID),
				Ticked: !o.in.Has("name") || slices.Contains(o.in["entitlement"], e.EntitlementID)})
		}
	}
	f.Stays = []string{templates.Word("delete.stays_roles"), templates.Word("delete.stays_requests"), templates.Word("delete.stays_access"), templates.Word("delete.stays_links")}
	f.Form = templates.UserForm{Reason: o.in.Get("reason"), Ticket: o.in.Get("ticket"), Name: o.in.Get("name"), Errors: o.errs, TextRequired: true}
	return s.page(w, r, c, view{status: status, title: templates.Word("user.title_delete_user", "person", o.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.UserActView(f)})
}

// deleteUser revokes the chosen roles, one after the other, and then deletes
// the account; OBP is asked afterwards whether it is deleted.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o, err := s.loadPerson(r, c, journal.ActDeleteUser)
	if err != nil {
		return err
	}
	o.in = in
	if rule := s.personRule(c, o); rule != "" {
		if err := s.refused(r.Context(), s.personEntry(c, o), o.act, rule); err != nil {
			return err
		}
		return s.deleteForm(w, r, c, http.StatusForbidden, o, nil)
	}
	if strings.TrimSpace(in.Get("name")) != o.u.Username {
		o.errs["name"] = templates.Word("delete.name")
	}
	if strings.TrimSpace(in.Get("reason")) == "" {
		o.errs["reason"] = templates.Word("delete.reason")
	}
	if len(o.errs) > 0 {
		return s.deleteForm(w, r, c, http.StatusUnprocessableEntity, o, nil)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	return s.deleteSteps(w, r, c, o)
}

func (s *Server) deleteSteps(w http.ResponseWriter, r *http.Request, c *caller, o *onPerson) error {
	banks := s.names(r.Context(), c)
	p := templates.UserResult{Title: templates.Word("user.title_delete_user", "person", o.u.Username)}
	var gone obp.Deletion
	stopped := false
	i, _, cause, err := s.act(r.Context(), s.personEntry(c, o), func(_ context.Context, i journal.Intent) (res journal.Result, err error) {
		if stopped, err = s.revokeChosenRoles(r, c, o, banks, i.ActID, &p); stopped {
			res = plainResult(err)
			res.Outcome, res.State = journal.OutcomeFailed, "roles_stay" // the account itself was not touched
			return res, err
		}
		ctx, cancel := s.detached(r.Context()) // of its own: the revocations may have taken long
		defer cancel()
		gone, err = c.api.DeleteUser(ctx, o.u.UserID)
		if res = plainResult(err); err == nil && gone.Unread != nil {
			res.State = "not_read_back"
		}
		return settle(ctx, res, err, o.reads(c, func(u obp.User) bool { gone.User = u; return u.Deleted() }))
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	p.Links = append(p.Links, templates.Link{Text: templates.Word("flash.see_act"), Href: templates.JournalAct(i.ActID)})
	switch {
	case stopped:
		p.Problem = s.problem(r, aboutRole(cause))
		p.Notice = templates.Notice{Tone: templates.ToneBad, Text: templates.Word("delete.not_deleted")}
	case cause != nil:
		p.Problem = s.problem(r, aboutPerson(cause))
		if mayBeApplied(cause) {
			p.Problem.Sentence += " " + templates.Word("user.look_again")
		}
		p.Notice = templates.Notice{Tone: templates.ToneBad, Text: templates.Word("delete.not_deleted")}
	case gone.Unread != nil:
		p.Notice = templates.Notice{Tone: templates.ToneWarn, Text: templates.Word("delete.unread")}
	default:
		p.Notice = templates.Notice{Tone: templates.ToneGood, Text: templates.Word("delete.done", "person", o.u.Username, "now", gone.User.Username)}
	}
	return s.deleteResult(w, r, c, o, p)
}

func (s *Server) deleteResult(w http.ResponseWriter, r *http.Request, c *caller, o *onPerson, p templates.UserResult) error {
	p.Links = append(p.Links, templates.Link{Text: templates.Word("user.back"), Href: templates.User(o.u.UserID)})
	status := http.StatusOK
	if p.Problem != nil {
		status = p.Problem.Status
	}
	return s.page(w, r, c, view{status: status, title: p.Title, section: templates.UsersPattern, waiting: -1, body: templates.UserResultView(p)})
}

// revokeChosenRoles revokes what was chosen, each as an act of its own under
// the deletion, with a row of its result. It stops at the first that stays, and
// gives the reason.
func (s *Server) revokeChosenRoles(r *http.Request, c *caller, o *onPerson, banks bankNames, deletion string, p *templates.UserResult) (stop bool, cause error) {
	for _, x := range o.u.Entitlements.List {
		if !slices.Contains(o.in["entitlement"], x.EntitlementID) || x.IsSuperAdmin() {
			continue
		}
		row := templates.ResultRow{What: s.role(x.RoleName).Short, Scope: banks.scope(x.BankID).Name, Badge: templates.Badge{Tone: templates.ToneGood, Text: templates.Word("revoke.gone")}}
		cause, err := s.revokeAct(r.Context(), c, o, x, deletion)
		if cause = cmp.Or(cause, err); cause != nil {
			row.Badge, row.Why = templates.Badge{Tone: templates.ToneBad, Text: templates.Word("revoke.stays")}, s.problem(r, aboutRole(cause)).Title
			p.Rows = append(p.Rows, row)
			return true, cause
		}
		p.Rows = append(p.Rows, row)
	}
	return false, nil
}

// revokeAct revokes one entitlement of a person as a recorded act under their
// deletion, in its turn.
func (s *Server) revokeAct(ctx context.Context, c *caller, o *onPerson, x obp.Entitlement, deletion string) (cause, err error) {
	e := s.personEntry(c, o)
	e.Act, e.ActID, e.ParentID, e.ParentKind, e.Role, e.BankID, e.Target = journal.ActRevoke, newActID(), deletion, string(journal.ActDeleteUser), x.RoleName, x.BankID, x.EntitlementID
	release, err := s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: o.u.UserID, Role: x.RoleName, BankID: x.BankID}, c.party(), e.ActID, 4*s.Settings.OBPTimeout)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return &httpError{status: http.StatusConflict, key: "busy", err: err}, nil
	}
	if err != nil {
		return nil, err
	}
	defer release()
	_, _, cause, err = s.act(ctx, e, func(ctx context.Context, i journal.Intent) (journal.Result, error) {
		return s.revokeAll(ctx, c, i, o.u.UserID, []string{x.EntitlementID})
	})
	return cause, err
}
