package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/web/templates"
)

// findPage is the empty search.
func (s *Server) findPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.findView(w, r, c, http.StatusOK, templates.FindPage{Text: s.takeDraft(r.Context(), templates.FindPattern).Get("q")})
}

// find looks for a person. What was typed travels in the body: a pasted line
// can hold anything. One person found opens at once.
func (s *Server) find(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	p := templates.FindPage{Text: strings.TrimSpace(in.Get("q")), Bank: in.Get("bank"), Done: true}
	if p.Text == "" {
		p.Done, p.Error = false, templates.Word("find.nothing_typed")
		return s.findView(w, r, c, http.StatusUnprocessableEntity, p)
	}
	var linked []obp.User
	var alsoTried []string
	var alsoErr error
	var g errgroup.Group
	g.Go(func() error {
		linked, alsoTried, alsoErr = s.findByCustomer(r.Context(), c, p.Bank, p.Text)
		return nil
	})
	found, tried, err := s.findPerson(r.Context(), c, p.Text)
	_ = g.Wait()
	if err = cmp.Or(err, alsoErr); firstOver(alsoErr) != nil {
		err = alsoErr
	}
	tried = append(tried, alsoTried...)
	if over := firstOver(err); over != nil {
		return over
	}
	p.Tried = tried
	for _, u := range found {
		p.Found = append(p.Found, s.userRow(c, u))
	}
	for _, u := range linked {
		if slices.ContainsFunc(found, func(f obp.User) bool { return f.UserID == u.UserID }) {
			continue
		}
		row := s.userRow(c, u)
		row.State, row.Code = stateBadge(stateOf(u, nil))
		row.Roles = -1
		p.Found = append(p.Found, row)
	}
	status := http.StatusOK
	if err != nil {
		p.Problem = s.problem(r, err)
		status = p.Problem.Status
	}
	if len(p.Found) == 1 && err == nil {
		f := session.Flash{Key: "found", Args: map[string]string{"tone": "info", "tried": strings.Join(tried, ", ")}}
		if err := s.Sessions.Flash(r.Context(), f); err != nil {
			return err
		}
		return leave(w, r, p.Found[0].Href)
	}
	if len(p.Found) > 0 {
		status = http.StatusOK
	}
	return s.findView(w, r, c, status, p)
}

func (s *Server) findView(w http.ResponseWriter, r *http.Request, c *caller, status int, p templates.FindPage) error {
	for _, b := range c.banksWith("CanGetCustomer") {
		p.Banks = append(p.Banks, templates.Option{Value: b, Text: b, Selected: b == p.Bank})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("find.title"), section: templates.UsersPattern, canon: templates.FindPattern, waiting: -1, body: templates.FindView(p)})
}

// banksWith gives the banks at which the operator seems to hold a bank role.
func (c *caller) banksWith(role string) []string {
	var out []string
	for _, h := range c.me.Roles {
		if h.Name == role && h.BankID != "" {
			out = append(out, h.BankID)
		}
	}
	return out
}
