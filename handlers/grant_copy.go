package handlers

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// copying is what one person holds, and another does not.
type copying struct {
	grantRead
	from    obp.User
	missing []obp.RoleAtBank // held by from, not by the person
	both    []obp.Entitlement
	only    []obp.Entitlement // held by the person alone
}

// readCopy reads both people side by side.
func (s *Server) readCopy(r *http.Request, c *caller) (copying, error) {
	var v copying
	var err error
	var g errgroup.Group
	g.Go(func() (e error) { v.from, e = s.lookAt(r.Context(), c, r.URL.Query().Get("from")); return e })
	v.grantRead, err = s.readGrant(r, c)
	fromErr := g.Wait()
	if over := firstOver(err, fromErr); over != nil {
		return v, over
	}
	if err == nil {
		err = fromErr
	}
	if err != nil {
		return v, err
	}
	held := map[obp.RoleAtBank]bool{}
	for _, e := range v.u.Entitlements.List {
		held[obp.RoleAtBank{BankID: e.BankID, RoleName: e.RoleName}] = true
	}
	of := map[obp.RoleAtBank]bool{}
	for _, e := range v.from.Entitlements.List {
		k := obp.RoleAtBank{BankID: e.BankID, RoleName: e.RoleName}
		switch {
		case of[k] || e.IsSuperAdmin():
		case held[k]:
			v.both = append(v.both, e)
		default:
			v.missing = append(v.missing, k)
		}
		of[k] = true
	}
	for _, e := range v.u.Entitlements.List {
		if !of[obp.RoleAtBank{BankID: e.BankID, RoleName: e.RoleName}] && !e.IsSuperAdmin() {
			v.only = append(v.only, e)
		}
	}
	return v, nil
}

// copyPage asks from whom roles are copied, and then shows the difference.
func (s *Server) copyPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	if r.URL.Query().Get("from") == "" {
		u, err := s.lookAt(r.Context(), c, chi.URLParam(r, "id"))
		if err != nil {
			return err
		}
		return s.copyPick(w, r, c, http.StatusOK, u, templates.PickPage{})
	}
	v, err := s.readCopy(r, c)
	if err != nil {
		return err
	}
	return s.copyForm(w, r, c, http.StatusOK, v, newDeciding(journal.ActGrant, "", s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) copyPick(w http.ResponseWriter, r *http.Request, c *caller, status int, u obp.User, p templates.PickPage) error {
	p.Title, p.Action, p.Back = templates.Word("copy.title", "person", u.Username), templates.Copy(u.UserID, ""), templates.User(u.UserID)
	p.Says = templates.Word("copy.from")
	return s.page(w, r, c, view{status: status, title: p.Title, section: templates.UsersPattern, waiting: -1, body: templates.PickView(p)})
}

func copyKey(x obp.RoleAtBank) string { return x.RoleName + "@" + x.BankID }

func (s *Server) copyForm(w http.ResponseWriter, r *http.Request, c *caller, status int, v copying, d *deciding, errs map[string]string) error {
	p := templates.CopyPage{Person: personView(v.u), From: personView(v.from), Form: s.decideForm(c, d.typed), Both: s.heldRoles(v.both, v.names, nil), Only: s.heldRoles(v.only, v.names, nil)}
	p.Form.Errors, p.Form.TextRequired = errs, true
	st := stateOf(v.u, &v.u)
	p.State, _ = stateBadge(st)
	if st == stateLocked {
		p.Form.TickText = templates.Word("tick.locked")
	}
	if rule := s.grantRule(c, v.u); rule != "" {
		p.Refusals = []string{templates.Word("rule." + string(rule))}
	}
	for _, x := range v.missing {
		ticked := !s.riskyFor(wanting(v.u, x.RoleName, x.BankID))
		if d.typed.Has("reason") {
			ticked = slices.Contains(d.typed["copy"], copyKey(x))
		}
		p.Items = append(p.Items, templates.LeaverItem{ID: copyKey(x), Role: s.roleFor(wanting(v.u, x.RoleName, x.BankID)), Scope: v.names.scope(x.BankID), Ticked: ticked})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("copy.title", "person", v.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.CopyView(p)})
}

// copyRoles grants what was chosen of the difference, as it is read now: each
// role the same safe way as any grant. Without a person to copy from it looks
// for one.
func (s *Server) copyRoles(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("from") == "" {
		return s.copyFind(w, r, c, in)
	}
	v, err := s.readCopy(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActGrant, "", in)
	var want []obp.RoleAtBank
	for _, x := range v.missing {
		if slices.Contains(in["copy"], copyKey(x)) {
			want = append(want, x)
		}
	}
	p := templates.GrantPage{Chosen: in["copy"]}
	rule := s.grantRule(c, v.u)
	if rule == "" && len(want) < len(in["copy"]) {
		rule = RuleWrongScope
	}
	if rule != "" {
		if err := s.refusedGrant(r.Context(), c, v.grantRead, d, p, rule); err != nil {
			return err
		}
		return s.copyForm(w, r, c, http.StatusForbidden, v, d, map[string]string{"": templates.Word("copy.changed", "person", v.from.Username)})
	}
	if errs := s.copyErrors(v, d, want); len(errs) > 0 {
		return s.copyForm(w, r, c, http.StatusUnprocessableEntity, v, d, errs)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	return s.grantEach(w, r, c, v.grantRead, d, want, "copy")
}

func (s *Server) copyErrors(v copying, d *deciding, want []obp.RoleAtBank) map[string]string {
	errs := map[string]string{}
	if d.in.Reason == "" {
		errs["reason"] = templates.Word("grant.reason")
	}
	if len(want) == 0 {
		errs["copy"] = templates.Word("ask.role_missing")
	}
	if len(want) > maxGrants {
		errs["copy"] = templates.WordN("grant.too_many", maxGrants)
	}
	if stateOf(v.u, &v.u) == stateLocked && !d.in.Tick {
		errs["tick"] = templates.Word("grant.tick")
	}
	return errs
}

func (s *Server) copyFind(w http.ResponseWriter, r *http.Request, c *caller, in url.Values) error {
	u, err := s.lookAt(r.Context(), c, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	p, err := s.pick(r, c, in.Get("q"), func(id string) string { return templates.Copy(u.UserID, id) })
	if err != nil {
		return err
	}
	if len(p.Found) == 1 && p.Problem == nil {
		return leave(w, r, p.Found[0].Href)
	}
	return s.copyPick(w, r, c, p.Status, u, p)
}
