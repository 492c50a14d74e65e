package handlers

import (
	"context"
	"net/http"
	"strings"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// grantTo asks to whom a role is to be granted, from a role's or a bank's page.
func (s *Server) grantTo(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.grantToPage(w, r, c, http.StatusOK, templates.PickPage{Text: s.takeDraft(r.Context(), r.URL.Path).Get("q")})
}

// grantToFind looks for the person. What was typed travels in the body. It
// changes nothing.
func (s *Server) grantToFind(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	role, bank := r.URL.Query().Get("role"), r.URL.Query().Get("bank")
	p, err := s.pick(r, c, in.Get("q"), func(id string) string { return templates.Grant(id, role, bank) })
	if err != nil {
		return err
	}
	if len(p.Found) == 1 && p.Problem == nil {
		return leave(w, r, p.Found[0].Href)
	}
	return s.grantToPage(w, r, c, p.Status, p)
}

// pick looks for people of whom one is to be chosen; href leads on with each.
func (s *Server) pick(r *http.Request, c *caller, text string, href func(userID string) string) (templates.PickPage, error) {
	p := templates.PickPage{Text: strings.TrimSpace(text), Status: http.StatusOK}
	if p.Text == "" {
		p.Error, p.Status = templates.Word("find.nothing_typed"), http.StatusUnprocessableEntity
		return p, nil
	}
	found, tried, err := s.findPerson(r.Context(), c, p.Text)
	if over := firstOver(err); over != nil {
		return p, over
	}
	p.Tried, p.Done = tried, true
	for _, u := range found {
		row := s.userRow(c, u)
		row.Href, row.Menu = href(u.UserID), nil
		p.Found = append(p.Found, row)
	}
	if err != nil {
		p.Problem = s.problem(r, err)
		if len(found) == 0 {
			p.Status = p.Problem.Status
		}
	}
	return p, nil
}

func (s *Server) grantToPage(w http.ResponseWriter, r *http.Request, c *caller, status int, p templates.PickPage) error {
	role, bank := r.URL.Query().Get("role"), r.URL.Query().Get("bank")
	p.Title, p.Action, p.Back = templates.Word("grant.to_title"), templates.GrantTo(role, bank), templates.RolesPattern
	p.Says = templates.Word("grant.to_any")
	at := s.names(r.Context(), c).scope(bank).Name
	switch {
	case role != "" && bank != "":
		p.Back, p.Says = templates.Role(role), templates.Word("grant.to_role_at", "role", s.role(role).Short, "scope", at)
	case role != "":
		p.Back, p.Says = templates.Role(role), templates.Word("grant.to_role", "role", s.role(role).Short)
	case bank != "":
		p.Back, p.Says = templates.BankRoles(templates.BankRoleQuery{Bank: bank}), templates.Word("grant.to_bank", "bank", at)
	}
	return s.page(w, r, c, view{status: status, title: p.Title, section: templates.RolesPattern, waiting: -1, body: templates.PickView(p)})
}

// markRoles says in the options of a select which roles are high risk and
// where the person holds them.
func (s *Server) markRoles(roles []templates.Option, notes func(string) []string) {
	for i, o := range roles {
		marks := ""
		if s.highRisk[o.Value] {
			marks = " · " + templates.Word("state.high_risk")
		}
		for _, n := range notes(o.Value) {
			marks += " · " + n
		}
		end := max(strings.LastIndex(o.Text, " ("), 0) // before the technical name, which may be cut off in sight
		roles[i].Text = o.Text[:end] + marks + o.Text[end:]
	}
}

// firstGrants says which direct grants to a person wait for a second one.
func (s *Server) firstGrants(ctx context.Context, c *caller, g grantRead) ([]string, error) {
	if !s.Settings.SecondPerson {
		return nil, nil
	}
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{PersonID: g.u.UserID, Act: journal.ActGrant, States: []journal.ApprovalState{journal.StateWaiting}, Limit: 50})
	var out []string
	for _, a := range list {
		key := "grant.first"
		if a.First.UserID == c.me.UserID {
			key = "grant.first_mine"
		}
		out = append(out, templates.Word(key, "who", partyView(a.First).Username, "role", s.role(a.Role).Short, "scope", g.names.scope(a.BankID).Name, "reason", a.Reason))
	}
	return out, err
}
