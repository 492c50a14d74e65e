package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// accountRead is what was read of OBP for one account.
type accountRead struct {
	detail     obp.AccountDetail
	detailErr  error
	people     []obp.Permission
	peopleErr  error
	views      []obp.View
	viewsErr   error
	names      bankNames
	bank, id   string
	throughOwn string // view that it was read by, empty: as its owner
}

// readAccount asks for all that an account's page shows, side by side.
func (s *Server) readAccount(ctx context.Context, c *caller, bank, id, view string) accountRead {
	a := accountRead{bank: bank, id: id, throughOwn: view}
	var g errgroup.Group
	g.Go(func() error {
		if view != "" {
			a.detail, a.detailErr = c.api.AccountByView(ctx, bank, id, view)
		} else {
			a.detail, a.detailErr = c.api.MyAccount(ctx, bank, id)
		}
		return nil
	})
	g.Go(func() error { a.people, a.peopleErr = c.api.AccountPermissions(ctx, bank, id); return nil })
	g.Go(func() error { a.views, a.viewsErr = c.api.AccountViews(ctx, bank, id); return nil })
	g.Go(func() error { a.names = s.names(ctx, c); return nil })
	_ = g.Wait()
	return a
}

// account is one account's page: one hop. What cannot be read says why in its
// place; when nothing can, because bank or account are unknown, that is the page.
func (s *Server) account(w http.ResponseWriter, r *http.Request, c *caller) error {
	a := s.readAccount(r.Context(), c, pathPart(r, "bank"), pathPart(r, "account"), r.URL.Query().Get("v"))
	if over := firstOver(a.detailErr, a.peopleErr, a.viewsErr); over != nil {
		return over
	}
	p := templates.AccountPage{ID: a.id, Label: a.detail.Label, Bank: a.names.scope(a.bank), Lookup: templates.PersonAccess(a.bank, a.id, "", "")}
	status := http.StatusOK
	why := func(err error) *templates.Problem {
		if err == nil {
			return nil
		}
		return s.explained(r, err, "account")
	}
	p.FactsWhy, p.GridWhy, p.ViewsWhy = why(a.detailErr), why(a.peopleErr), why(a.viewsErr)
	if p.FactsWhy != nil && p.GridWhy != nil && p.ViewsWhy != nil {
		status = p.GridWhy.Status
	}
	p.Facts = accountFacts(a.detail)
	if a.peopleErr == nil {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		p.Grid = s.grid(c, a, page)
	}
	for _, v := range a.views {
		p.Views = append(p.Views, viewRow(v))
	}
	p.Providers = providersOf(c, a.people)
	add := func(key, href string) {
		p.Acts = append(p.Acts, templates.Link{Text: templates.Word("access." + key), Href: href})
	}
	add("grant", templates.GrantViewTo(a.bank, a.id, ""))
	add("mine", templates.MyViews(a.bank, a.id))
	add("dauth", templates.DAuthAccess(a.bank, a.id))
	title := templates.Word("page.account", "account", p.ID)
	return s.page(w, r, c, view{status: status, title: title, section: templates.AccountsPattern, canon: templates.Account(a.bank, a.id, a.throughOwn), waiting: -1, body: templates.AccountView(p)})
}

func accountFacts(d obp.AccountDetail) []templates.Fact {
	var out []templates.Fact
	add := func(key, v string) {
		if strings.TrimSpace(v) != "" {
			out = append(out, templates.Fact{Name: templates.Word("accounts." + key), Value: v})
		}
	}
	add("label", d.Label)
	add("number", d.Number)
	add("type", d.ProductCode)
	add("balance", strings.TrimSpace(d.Balance.Amount+" "+d.Balance.Currency))
	for _, x := range d.Routings {
		add("routing", x.Scheme+" "+x.Address)
	}
	for _, o := range d.Owners {
		add("owner", o.DisplayName)
	}
	return out
}

// viewRow tells a system view from a custom one by OBP's flag, and says when
// the underscore of its id disagrees.
func viewRow(v obp.View) templates.ViewRow {
	name := v.ShortName
	if name == "" || strings.EqualFold(name, v.ID) { // OBP makes short names of ids, without their capitals
		name = v.ID
	}
	what := v.Description
	if strings.EqualFold(what, v.ID) { // which says nothing
		what = ""
	}
	return templates.ViewRow{ID: v.ID, Name: name, What: what, Custom: !v.IsSystem, Unclear: v.IsSystem == strings.HasPrefix(v.ID, "_"),
		Grants: strings.Join(v.CanGrant, ", "), Revokes: strings.Join(v.CanRevoke, ", ")}
}

// grid lays people against the views that any of them holds, a page at a time.
func (s *Server) grid(c *caller, a accountRead, page int) templates.AccessGrid {
	g := templates.AccessGrid{People: len(a.people)}
	for _, p := range a.people {
		for _, v := range p.Views {
			if !slices.ContainsFunc(g.Views, func(x templates.ViewRow) bool { return x.ID == v.ID }) {
				g.Views = append(g.Views, viewRow(v))
			}
		}
	}
	slices.SortFunc(g.Views, func(x, y templates.ViewRow) int { return strings.Compare(viewOrder(x.ID), viewOrder(y.ID)) })
	per := s.rows(c)
	pages := max((len(a.people)+per-1)/per, 1)
	page = min(max(page, 1), pages)
	link := func(n int) string {
		return templates.Paged(templates.Account(a.bank, a.id, a.throughOwn), n)
	}
	if page > 1 {
		g.Prev = link(page - 1)
	}
	if page < pages {
		g.Next = link(page + 1)
	}
	for _, p := range a.people[(page-1)*per : min(page*per, len(a.people))] {
		g.Rows = append(g.Rows, gridRow(a, p, g.Views))
	}
	return g
}

// viewOrder puts the owner's view first, then the others by id.
func viewOrder(id string) string {
	if id == "owner" {
		return ""
	}
	return strings.ToLower(id)
}

func gridRow(a accountRead, p obp.Permission, views []templates.ViewRow) templates.GridRow {
	row := templates.GridRow{Name: p.User.ProviderID, Email: p.User.DisplayName, Provider: p.User.Provider,
		Href: templates.PersonAccess(a.bank, a.id, p.User.Provider, p.User.ProviderID)}
	for _, v := range views {
		cell := templates.GridCell{Held: slices.ContainsFunc(p.Views, func(x obp.View) bool { return x.ID == v.ID })}
		if cell.Held {
			cell.Revoke = templates.RevokeViewOf(a.bank, a.id, p.User.Provider, p.User.ProviderID, v.ID)
			cell.Label = templates.Word("access.revoke_of", "view", v.Name, "person", p.User.ProviderID)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

func providersOf(c *caller, people []obp.Permission) []templates.Option {
	list := []string{c.me.Provider}
	for _, p := range people {
		if p.User.Provider != "" && !slices.Contains(list, p.User.Provider) {
			list = append(list, p.User.Provider)
		}
	}
	var out []templates.Option
	for _, p := range list {
		out = append(out, templates.Option{Value: p, Text: p})
	}
	return out
}

// personAccess is one person's views on an account, as accounts name people.
func (s *Server) personAccess(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, q := r.Context(), r.URL.Query()
	bank, id, provider, name := pathPart(r, "bank"), pathPart(r, "account"), q.Get("provider"), strings.TrimSpace(q.Get("person"))
	var held []obp.View
	var err error
	var names bankNames
	var g errgroup.Group
	g.Go(func() error { held, err = c.api.UserPermissions(ctx, bank, id, provider, name); return nil })
	g.Go(func() error { names = s.names(ctx, c); return nil })
	_ = g.Wait()
	if over := firstOver(err); over != nil {
		return over
	}
	p := templates.AccessPage{Bank: names.scope(bank), Account: templates.Link{Text: id, Href: templates.Account(bank, id, "")}, Name: name, Provider: provider,
		ProviderID: name, Grant: templates.GrantViewTo(bank, id, name)}
	status := http.StatusOK
	if err != nil {
		p.Problem = s.explained(r, err, "person")
		status = p.Problem.Status
	}
	for _, v := range held {
		p.Views = append(p.Views, viewRow(v))
		p.Revoke = append(p.Revoke, templates.RevokeViewOf(bank, id, provider, name, v.ID))
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("page.access", "person", name), section: templates.AccountsPattern,
		canon: templates.PersonAccess(bank, id, provider, name), waiting: -1, body: templates.AccessView(p)})
}
