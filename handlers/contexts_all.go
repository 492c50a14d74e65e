package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// dropContextsPage asks to type the user name before all are deleted.
func (s *Server) dropContextsPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.dropContextsForm(w, r, c, http.StatusOK, s.readContexts(r, c, s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) dropContextsForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *ofPerson, failed *templates.Problem) error {
	if err := o.over(); err != nil {
		return err
	}
	word := cmp.Or(o.u.Username, o.u.UserID)
	f := templates.Form{Title: templates.Word("context.drop_all"), Danger: true, Failed: failed, Action: templates.DropContexts(o.u.UserID), Button: templates.Word("context.drop_all_go"),
		Warnings: []string{templates.WordN("context.drop_all_warning", len(o.list)), templates.Word("context.drop_all_effect")},
		Back:     templates.Link{Text: templates.Word("context.back"), Href: templates.Contexts(o.u.UserID)}, TestID: "drop-contexts",
		Fields: []templates.Field{{Name: "name", Label: templates.Word("context.type_name", "name", word), Value: o.in.Get("name")}}}
	for _, x := range o.list {
		f.Facts = append(f.Facts, templates.Fact{Name: x.Key, Value: x.Value})
	}
	if o.err != nil && failed == nil {
		f.Failed, f.Button = s.explained(r, o.err, "context"), ""
		status = f.Failed.Status
	}
	f = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.UsersPattern, waiting: -1, body: templates.FormView(f)})
}

// dropContexts deletes all auth contexts of a person. OBP does not read their
// accounts again afterwards, which the page says.
func (s *Server) dropContexts(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := s.readContexts(r, c, in)
	if err := o.over(); err != nil {
		return err
	}
	again := func(status int, p *templates.Problem) error { return s.dropContextsForm(w, r, c, status, o, p) }
	if o.err != nil {
		return again(http.StatusOK, nil)
	}
	o.errs = s.reasonErrors(in)
	if strings.TrimSpace(in.Get("name")) != cmp.Or(o.u.Username, o.u.UserID) {
		o.errs["name"] = templates.Word("context.name_differs")
	}
	if len(o.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := c.entryOf(ActDropContexts)
	e.Person, e.Details = partyOf(o.u), map[string]string{"count": strconv.Itoa(len(o.list))}
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofDangerous, topic: "context", again: again, flash: "contexts_dropped", args: map[string]string{"person": templates.NameOf(personView(o.u))}, to: templates.Contexts(o.u.UserID),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			err := c.api.DeleteAuthContexts(ctx, o.u.UserID)
			return readBack(err, func() (bool, error) {
				now, err := c.api.AuthContexts(ctx, o.u.UserID)
				return len(now) == 0, err
			})
		}})
}
