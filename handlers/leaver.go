package handlers

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActLeaver takes away what a person holds, as one bulk.
const ActLeaver journal.Act = "leaver"

// leaving is what a person holds who leaves.
type leaving struct {
	u        obp.User
	requests []obp.EntitlementRequest
	access   []obp.Access
	links    []obp.CustomerLink

	reqErr, accessErr, linksErr error
	linksBank                   string // whose role lets the links be read
	names                       bankNames
}

func (s *Server) readLeaver(r *http.Request, c *caller) (leaving, error) {
	var v leaving
	var err error
	id, ctx := chi.URLParam(r, "id"), r.Context()
	var g errgroup.Group
	g.Go(func() error { v.u, err = s.lookAt(ctx, c, id); return nil })
	g.Go(func() error { v.requests, v.reqErr = c.api.UserEntitlementRequests(ctx, id); return nil })
	g.Go(func() error { v.names = s.names(ctx, c); return nil })
	if v.accessErr, v.linksErr = errNotAsked, errNotAsked; c.me.ServesV510 {
		g.Go(func() error { v.access, v.accessErr = c.api.UserAccess(ctx, id); return nil })
	}
	if v.linksBank = c.bankWith("CanGetUserCustomerLink"); v.linksBank != "" {
		g.Go(func() error { v.links, v.linksErr = c.api.UserCustomerLinks(ctx, v.linksBank, id); return nil })
	}
	_ = g.Wait()
	if over := firstOver(err, v.reqErr, v.accessErr, v.linksErr); over != nil {
		return v, over
	}
	return v, err
}

// leaverPage lists everything that a person holds, all of it ticked.
func (s *Server) leaverPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.readLeaver(r, c)
	if err != nil {
		return err
	}
	return s.leaverForm(w, r, c, http.StatusOK, v, newDeciding(ActLeaver, "", s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) leaverForm(w http.ResponseWriter, r *http.Request, c *caller, status int, v leaving, d *deciding, errs map[string]string) error {
	p := templates.LeaverPage{Person: personView(v.u), Form: s.decideForm(c, d.typed)}
	p.State, _ = stateBadge(stateOf(v.u, &v.u))
	p.Form.Errors, p.Form.TextRequired = errs, true
	ticked := func(id string) bool { return len(d.typed) == 0 || slices.Contains(d.typed["item"], id) }
	for _, e := range v.u.Entitlements.List {
		if !e.IsSuperAdmin() {
			p.Items = append(p.Items, templates.LeaverItem{ID: e.EntitlementID, Role: s.role(e.RoleName), Scope: v.names.scope(e.BankID), Ticked: ticked(e.EntitlementID)})
		}
	}
	for _, x := range v.requests {
		p.Items = append(p.Items, templates.LeaverItem{ID: x.EntitlementRequestID, Role: s.role(x.RoleName), Scope: v.names.scope(x.BankID), Request: true, Ticked: ticked(x.EntitlementRequestID)})
	}
	for _, it := range leaverExtras(v) {
		p.Items = append(p.Items, templates.LeaverItem{ID: it.Target, Role: leaverWords(it), Scope: v.names.scope(it.BankID), Ticked: ticked(it.Target)})
	}
	if v.reqErr != nil {
		p.RequestsWhy = s.problem(r, v.reqErr)
	}
	p.NotShown = leaverNotShown(v)
	if v.u.UserID == c.me.UserID {
		p.Refusal = templates.Word("rule." + string(RuleOwnLeaver))
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("leaver.title", "person", v.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.LeaverView(p)})
}

// RuleOwnLeaver keeps people from taking everything from themselves.
const RuleOwnLeaver Rule = "own_leaver"

// leaverNotShown says which parts could not be read.
func leaverNotShown(v leaving) []string {
	var out []string
	if v.accessErr != nil {
		out = append(out, templates.Word("leaver.no_access"))
	}
	if v.linksErr != nil {
		out = append(out, templates.Word("leaver.no_links"))
	}
	return out
}

// leaver begins to take away what was chosen: one reason, a row each.
func (s *Server) leaver(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	v, err := s.readLeaver(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(ActLeaver, "", in)
	items := leaverItems(v, in["item"])
	rule := Rule("")
	switch {
	case v.u.UserID == c.me.UserID:
		rule = RuleOwnLeaver
	case len(items) < len(in["item"]):
		rule = RuleNotTheirs
	}
	if rule != "" {
		e := c.entryOf(ActLeaver)
		e.Person, e.Reason = partyOf(v.u), d.in.Reason
		if err := s.refused(r.Context(), e, ActLeaver, rule); err != nil {
			return err
		}
		return s.leaverForm(w, r, c, http.StatusForbidden, v, d, map[string]string{"": templates.Word("rule." + string(rule))})
	}
	errs := map[string]string{}
	if d.in.Reason == "" {
		errs["reason"] = templates.Word("delete.reason")
	}
	if len(items) == 0 {
		errs[""] = templates.Word("leaver.nothing")
	}
	if len(errs) > 0 {
		return s.leaverForm(w, r, c, http.StatusUnprocessableEntity, v, d, errs)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	e := c.entryOf(ActLeaver)
	e.Person, e.Reason, e.ReasonCode, e.Ticket, e.Details = partyOf(v.u), d.in.Reason, d.in.ReasonCode, d.ticket, map[string]string{"act": string(ActLeaver)}
	b, err := s.Journal.StartBatch(r.Context(), e, items)
	if err != nil {
		return err
	}
	s.remember(r.Context(), d)
	return s.bulkRun(w, r, c, b)
}

// leaverItems are the chosen of what the person holds now; a form cannot name
// anything else.
func leaverItems(v leaving, chosen []string) []journal.BatchItem {
	var items []journal.BatchItem
	for _, e := range v.u.Entitlements.List {
		if slices.Contains(chosen, e.EntitlementID) && !e.IsSuperAdmin() {
			items = append(items, journal.BatchItem{Person: partyOf(v.u), Role: e.RoleName, BankID: e.BankID, Target: e.EntitlementID})
		}
	}
	for _, x := range v.requests {
		if slices.Contains(chosen, x.EntitlementRequestID) {
			items = append(items, journal.BatchItem{Person: partyOf(v.u), Role: x.RoleName, BankID: x.BankID, EntitlementRequestID: x.EntitlementRequestID})
		}
	}
	for _, it := range leaverExtras(v) {
		if slices.Contains(chosen, it.Target) {
			items = append(items, it)
		}
	}
	return items
}
