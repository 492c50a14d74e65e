package handlers

import (
	"net/http"
	"strings"

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
	p := templates.FindPage{Text: strings.TrimSpace(in.Get("q")), Done: true}
	if p.Text == "" {
		p.Done, p.Error = false, templates.Word("find.nothing_typed")
		return s.findView(w, r, c, http.StatusUnprocessableEntity, p)
	}
	found, tried, err := s.findPerson(r.Context(), c, p.Text)
	if over := firstOver(err); over != nil {
		return over
	}
	p.Tried = tried
	for _, u := range found {
		p.Found = append(p.Found, s.userRow(c, u))
	}
	status := http.StatusOK
	if err != nil {
		p.Problem = s.problem(r, err)
		status = p.Problem.Status
	}
	if len(found) == 1 && err == nil {
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
	return s.page(w, r, c, view{status: status, title: templates.Word("find.title"), section: templates.UsersPattern, canon: templates.FindPattern, waiting: -1, body: templates.FindView(p)})
}
