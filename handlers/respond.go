package handlers

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"obpconsole/web/templates"
)

// All knowledge of htmx is in this file.

// maxForm bounds a posted form, in bytes.
const maxForm = 64 << 10

// view is one answer: the page's content, and the parts of it that can be
// refreshed by themselves, by the id of their root.
type view struct {
	status  int // 0: 200
	title   string
	section string
	canon   string // own address, "" keeps what the browser shows
	waiting int    // for the navigation's badge, -1: not known
	body    templ.Component
	parts   map[string]templ.Component
	beside  map[string][]templ.Component // sent with a part, each with its own id
	notices []templates.Notice
}

// isPart tells which part of the page htmx asks for, "" for a whole page.
func isPart(r *http.Request) string {
	if r.Header.Get("HX-Request") != "true" || r.Header.Get("HX-History-Restore-Request") == "true" {
		return ""
	}
	_, id, _ := strings.Cut(r.Header.Get("HX-Target"), "#")
	return id
}

func isHTMX(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// page answers with the whole page, or with the part that was asked for. It
// renders into memory and writes once.
func (s *Server) page(w http.ResponseWriter, r *http.Request, c *caller, v view) error {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	shell := s.shell(r, c, v)
	id := isPart(r)
	part, ok := v.parts[id]
	if id == "" || !ok {
		if isHTMX(r) { // a whole page where a part was expected
			w.Header().Set("HX-Retarget", "body")
			w.Header().Set("HX-Reswap", "outerHTML")
		}
		return s.write(w, r.Context(), v.status, templates.Page(shell, v.body))
	}
	if v.canon != "" {
		w.Header().Set("HX-Push-Url", v.canon)
	}
	all := []templ.Component{part}
	all = append(all, v.beside[id]...)
	all = append(all, templates.Beside(shell))
	return s.write(w, r.Context(), v.status, templ.Join(all...))
}

func (s *Server) write(w http.ResponseWriter, ctx context.Context, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request, HX-Target")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a browser that went away has its line in the log
	return nil
}

// redirect sends the browser to a local address after a write. htmx follows
// the redirect by itself and swaps what it finds there.
func redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// leave sends the browser to a local address as a whole page.
func leave(w http.ResponseWriter, r *http.Request, to string) error {
	if isHTMX(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return redirect(w, r, to)
}

// form reads a posted form of at most maxForm bytes, once.
func form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.PostForm != nil {
		return r.PostForm, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, badForm(w, err)
	}
	return r.PostForm, nil
}
