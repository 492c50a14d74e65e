package handlers

import (
	"net/http"
	"strconv"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// readings lists the read log, for those who read the whole journal.
func (s *Server) readings(w http.ResponseWriter, r *http.Request, c *caller) error {
	rights := s.readerRights(c)
	if !rights.All {
		return &httpError{status: http.StatusForbidden, key: "no_right"}
	}
	if err := s.noteReading(r.Context(), c, "readings", rights); err != nil {
		return err
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, older, err := s.Journal.Readings(r.Context(), journal.ReadFilter{Before: max(before, 0), Limit: s.rows(c)})
	if err != nil {
		return err
	}
	p := templates.ReadingsPage{}
	for _, x := range list {
		kind := x.Kind
		if templates.HasWord("readings.kind_" + kind) {
			kind = templates.Word("readings.kind_" + kind)
		}
		row := templates.Reading{When: c.when(x.At), Operator: templates.Person{UserID: x.OperatorID, Href: templates.User(x.OperatorID)}, Kind: kind, Subject: x.Subject}
		if x.Kind == journal.ReadUser {
			row.Href = templates.User(x.Subject)
		}
		p.Rows = append(p.Rows, row)
	}
	if older > 0 {
		p.Older = templates.Readings(older)
	}
	return s.page(w, r, c, view{title: templates.Word("readings.title"), section: templates.JournalPattern, canon: templates.Readings(before), waiting: -1, body: templates.ReadingsView(p)})
}
