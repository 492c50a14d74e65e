package handlers

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/web/templates"
)

// lateCounter answers with a person's count of failed sign-ins, and with the
// verdict that follows from it, for a page whose address did not carry the user
// name. The person is read beside, so that nobody else's count is shown.
func (s *Server) lateCounter(w http.ResponseWriter, r *http.Request, c *caller, name string) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	if err := s.noteUser(ctx, c, id); err != nil {
		return err
	}
	var p personRead
	var g errgroup.Group
	g.Go(func() error { p.user, p.userErr = c.api.UserByID(ctx, id); return nil })
	g.Go(func() error { p.readCounter(ctx, c, name); return nil })
	_ = g.Wait()
	if over := firstOver(p.userErr, p.counterErr); over != nil {
		return over
	}
	if p.userErr != nil {
		return s.write(w, ctx, http.StatusOK, templates.CounterView(templates.FailedSignIns{Why: s.problem(r, aboutPerson(p.userErr))}))
	}
	if name != p.user.Username || p.user.Provider != c.me.Provider {
		p.counter, p.counterErr = nil, nil // it was somebody else's
	}
	return s.write(w, ctx, http.StatusOK, templ.Join(templates.CounterView(*s.counterView(r, c, p)), templates.VerdictView(s.verdict(c, p, stateOf(p.user, &p.user)), true)))
}
