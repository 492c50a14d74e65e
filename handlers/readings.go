package handlers

import (
	"context"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

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
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, older, err := s.Journal.Readings(r.Context(), journal.ReadFilter{Before: max(before, 0), Limit: min(s.rows(c), readingsAtMost)})
	if err != nil {
		return err
	}
	var ids []string
	for _, x := range list {
		if ids = append(ids, x.OperatorID); x.Kind == journal.ReadUser {
			ids = append(ids, x.Subject)
		}
	}
	var names map[string]string
	g, ctx := errgroup.WithContext(r.Context())
	g.Go(func() error { return s.stillIn(ctx, c) })
	g.Go(func() (err error) { names, err = s.calledByID(ctx, c, ids); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	p := templates.ReadingsPage{}
	for _, x := range list {
		kind := x.Kind
		if templates.HasWord("readings.kind_" + kind) {
			kind = templates.Word("readings.kind_" + kind)
		}
		row := templates.Reading{When: c.when(x.At), Operator: named(x.OperatorID, names), Kind: kind, Subject: templates.Person{UserID: x.Subject}}
		if x.Kind == journal.ReadUser {
			row.Subject = named(x.Subject, names)
		}
		p.Rows = append(p.Rows, row)
	}
	if older > 0 {
		p.Older = templates.Readings(older)
	}
	return s.page(w, r, c, view{title: templates.Word("readings.title"), section: templates.JournalPattern, canon: templates.Readings(before), waiting: -1, body: templates.ReadingsView(p)})
}

func named(id string, names map[string]string) templates.Person {
	p := templates.Person{UserID: id, Username: names[id]}
	p.Href = templates.UserOf(p)
	return p
}

// namesAtOnce is for how many people OBP is asked, all side by side, so that a
// page takes one hop: within the client's 64 connections.
const namesAtOnce = 60

// readingsAtMost bounds the read log's page: its people can all be asked for.
const readingsAtMost = 50

// calledByID gives the user names that belong to user ids, for a reader of the
// whole journal. Whom the journal does not know, OBP is asked for, once each,
// when the reader seems to hold CanGetAnyUser; who stays unknown has no name.
func (s *Server) calledByID(ctx context.Context, c *caller, ids []string) (map[string]string, error) {
	names, err := s.namesInJournal(ctx, c, ids, journal.Rights{All: true})
	if err != nil {
		return nil, err
	}
	var unknown []string
	for id, name := range names {
		if name == "" && len(unknown) < namesAtOnce {
			unknown = append(unknown, id)
		}
	}
	if !c.hint("CanGetAnyUser", "") {
		return names, nil
	}
	var g errgroup.Group
	found := make([]string, len(unknown))
	for i, id := range unknown {
		g.Go(func() error {
			u, err := c.api.UserByID(ctx, id)
			if err == nil {
				found[i] = u.Username
			}
			return firstOver(err)
		})
	}
	err = g.Wait()
	for i, id := range unknown {
		names[id] = found[i]
	}
	return names, err
}
