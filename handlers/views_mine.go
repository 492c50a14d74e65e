package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// mineRead is what replacing one's own views needs.
type mineRead struct {
	views    []obp.View
	viewsErr error
	held     []string
	heldErr  error
	names    bankNames
}

func (s *Server) readMyViews(ctx context.Context, c *caller, o onAccount) mineRead {
	var m mineRead
	var g errgroup.Group
	g.Go(func() error { m.views, m.viewsErr = c.api.AccountViews(ctx, o.bank, o.id); return nil })
	g.Go(func() error { m.names = s.names(ctx, c); return nil })
	g.Go(func() error {
		me, err := c.api.CurrentUser(ctx)
		m.held, m.heldErr = heldOn(me, o.bank, o.id), err
		return nil
	})
	_ = g.Wait()
	return m
}

func (s *Server) myViewsPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := onAccountOf(r, s.takeDraft(r.Context(), r.URL.Path))
	m := s.readMyViews(r.Context(), c, o)
	if over := firstOver(m.viewsErr, m.heldErr); over != nil {
		return over
	}
	return s.myViewsForm(w, r, c, http.StatusOK, o, m, nil)
}

func (s *Server) myViewsForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o onAccount, m mineRead, failed *templates.Problem) error {
	f := templates.Form{Title: templates.Word("access.mine"), Lead: []string{templates.Word("access.mine_what")}, Facts: o.facts(m.names), Failed: failed, Danger: true,
		Action: templates.MyViews(o.bank, o.id), Back: o.back(), TestID: "my-views"}
	f.Facts = append(f.Facts, templates.Fact{Name: templates.Word("access.mine_now"), Value: strings.Join(m.held, ", ")})
	f.Warnings = []string{templates.Word("access.mine_warning"), templates.Word("access.mine_nothing")}
	if m.viewsErr != nil && failed == nil { // without the list no name can be checked, so nothing is offered
		f.Failed = s.explained(r, m.viewsErr, "views")
	}
	if m.viewsErr == nil {
		chosen := o.in["view"]
		if o.in == nil || !o.in.Has("reason") {
			chosen = m.held
		}
		f.Button = templates.Word("access.mine_go")
		f.Fields = []templates.Field{{Name: "view", Label: templates.Word("access.mine_choose"), Kind: "ticks", Options: viewOptions(m.views, chosen)},
			{Name: "tick", Label: templates.Word("access.mine_tick"), Kind: "tick", Value: o.in.Get("tick")}}
	}
	f = s.withReason(c, f, o.in, o.errs)
	if status == http.StatusOK && f.Failed != nil {
		status = f.Failed.Status
	}
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.AccountsPattern, waiting: -1, body: templates.FormView(f)})
}

// replaceMine gives the operator exactly the chosen views. OBP takes all of
// them away first, so every name is checked against the account's views before.
func (s *Server) replaceMine(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := onAccountOf(r, in)
	o.errs = s.reasonErrors(in)
	m := s.readMyViews(r.Context(), c, o)
	if over := firstOver(m.viewsErr, m.heldErr); over != nil {
		return over
	}
	again := func(status int, p *templates.Problem) error { return s.myViewsForm(w, r, c, status, o, m, p) }
	if m.viewsErr != nil {
		p := s.explained(r, m.viewsErr, "views")
		return again(p.Status, p)
	}
	if o.checkMine(m.views); len(o.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := o.entry(c, ActReplaceViews, obp.User{}, strings.Join(in["view"], " "))
	e.Person, e.Details["before"] = c.party(), strings.Join(m.held, " ")
	var now obp.MyAccess
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofDangerous, turn: viewTurn(c.me.UserID, o.bank, o.id, ""), topic: "replace_views",
		again: func(status int, p *templates.Problem) error {
			m.held = now.ViewIDs
			if now.ViewIDs == nil { // not sent, or not read back
				m = s.readMyViews(r.Context(), c, o)
			}
			return again(status, p)
		},
		flash: "views_replaced", args: map[string]string{"view": strings.Join(in["view"], ", "), "account": o.id}, to: templates.Account(o.bank, o.id, ""),
		do: func(ctx context.Context, _ journal.Intent) (res journal.Result, err error) {
			now, err = c.api.ReplaceMyAccess(ctx, o.bank, o.id, m.views, in["view"])
			return myViewsResult(now, err, in["view"])
		}})
}

// checkMine says which of the chosen names the account does not have, and what
// else is missing.
func (o onAccount) checkMine(views []obp.View) {
	for _, name := range o.in["view"] {
		if !slices.ContainsFunc(views, func(v obp.View) bool { return v.ID == name }) {
			o.errs["view"] = templates.Word("access.mine_unknown", "view", name)
		}
	}
	if len(o.in["view"]) == 0 {
		o.errs["view"] = templates.Word("access.mine_none")
	}
	if o.in.Get("tick") == "" {
		o.errs["tick"] = templates.Word("access.mine_tick_missing")
	}
}

// myViewsResult says by what was read back what is true now.
func myViewsResult(now obp.MyAccess, err error, wanted []string) (journal.Result, error) {
	res, cause := readBack(err, func() (bool, error) {
		held, want := slices.Clone(now.ViewIDs), slices.Clone(wanted)
		slices.Sort(held)
		slices.Sort(want)
		return slices.Equal(held, slices.Compact(want)), now.Unread
	})
	res.Details = map[string]string{"held_after": strings.Join(now.ViewIDs, " ")}
	return res, cause
}
