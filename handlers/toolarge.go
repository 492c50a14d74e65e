package handlers

import (
	"errors"
	"net/http"

	"obpconsole/web/templates"
)

// smallBodies refuses a request that says it brings more than maxForm, before
// anything of it is read. One that does not say how much is refused by form.
func (s *Server) smallBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength <= maxForm {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Connection", "close") // what is still under way is not waited for
		s.barePage(w, r, tooLarge(nil))
	})
}

func tooLarge(err error) error {
	return &httpError{status: http.StatusRequestEntityTooLarge, key: "too_large", err: err}
}

// badForm is the failure of a form that could not be read.
func badForm(w http.ResponseWriter, err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		w.Header().Set("Connection", "close")
		return tooLarge(err)
	}
	return &httpError{status: http.StatusBadRequest, key: "bad_form", err: err}
}

// barePage says a failure without looking up who is signed in.
func (s *Server) barePage(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r, err)
	p.Back = &templates.Link{Text: templates.Word("page.home"), Href: templates.Home()}
	shell := templates.Shell{Title: p.Title, Theme: "system", Environment: s.Settings.Environment, Color: s.Settings.EnvironmentColor, Waiting: -1}
	if err := s.write(w, r.Context(), p.Status, templates.Page(shell, templates.ProblemView(*p))); err != nil {
		http.Error(w, p.Title, p.Status)
	}
}
