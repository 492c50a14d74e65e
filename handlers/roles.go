package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func roleQuery(v url.Values) templates.RoleQuery {
	q := templates.RoleQuery{Text: strings.TrimSpace(v.Get("q")), Scope: v.Get("scope")}
	if !slices.Contains([]string{"system", "bank", "risk"}, q.Scope) {
		q.Scope = ""
	}
	q.Page, _ = strconv.Atoi(v.Get("page"))
	q.Page = min(max(q.Page, 1), 100_000)
	return q
}

// roles is the catalogue of the roles that OBP knows: no call, or one.
func (s *Server) roles(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := roleQuery(r.URL.Query())
	var all []obp.Role
	var err, out error
	var banks []obp.Bank
	var g errgroup.Group
	g.Go(func() error { banks, _ = s.banks(r.Context(), c); return nil })
	g.Go(func() error { all, err = s.allRoles(r.Context(), c); return nil })
	g.Go(func() error { out = s.stillIn(r.Context(), c); return nil })
	_ = g.Wait()
	if over := firstOver(err, out); over != nil {
		return over
	}
	p := templates.RolesPage{Query: q, Banks: bankLinks(banks)}
	v := view{title: templates.Word("page.roles"), section: templates.RolesPattern, canon: templates.Roles(q), waiting: -1}
	if err != nil {
		p.Problem = s.problem(r, err)
		v.status = p.Problem.Status
	}
	var found []templates.RoleRow
	for _, x := range all {
		row := templates.RoleRow{Role: s.role(x.Name), Bank: x.RequiresBankID, Href: templates.Role(x.Name)}
		if q.Selects(row) {
			found = append(found, row)
		}
	}
	slices.SortFunc(found, func(a, b templates.RoleRow) int {
		return strings.Compare(strings.ToLower(a.Role.Short), strings.ToLower(b.Role.Short))
	})
	p.All, p.Found = len(all), len(found)
	p.Rows, p.Cut = cut(found, q.Page, s.rows(c))
	v.body = templates.RolesView(p)
	v.parts = map[string]templ.Component{templates.RolesID: templates.RolesPart(p), templates.RolesFoundID: templates.RolesFoundPart(p)}
	return s.page(w, r, c, v)
}

// cut gives one page of a list.
func cut[T any](list []T, page, per int) ([]T, templates.Cut) {
	c := templates.Cut{Pages: max(1, (len(list)+per-1)/per), Of: len(list)}
	c.Page = min(max(1, page), c.Pages)
	from := (c.Page - 1) * per
	rows := list[from:min(from+per, len(list))]
	if len(rows) > 0 {
		c.From, c.To = from+1, from+len(rows)
	}
	return rows, c
}

// rolePage is one role: what it lets do, who holds it, who asks for it, and the
// journal about it.
func (s *Server) rolePage(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, name := r.Context(), chi.URLParam(r, "name")
	var all []obp.Role
	var held holders
	var requests []obp.EntitlementRequest
	var acts journal.Page
	var banks bankNames
	var rolesErr, holdErr, reqErr, actErr error
	var g errgroup.Group
	g.Go(func() error { all, rolesErr = s.allRoles(ctx, c); return nil })
	g.Go(func() error { banks = s.names(ctx, c); return nil })
	g.Go(func() error { held, holdErr = s.readRoleHolders(ctx, c, name); return nil })
	g.Go(func() error { requests, reqErr = c.api.EntitlementRequests(ctx); return nil })
	g.Go(func() error {
		acts, actErr = s.Journal.Search(ctx, journal.Filter{Role: name, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 10})
		return nil
	})
	_ = g.Wait()
	if over := firstOver(rolesErr, holdErr, reqErr); over != nil {
		return over
	}
	if actErr != nil {
		return actErr
	}
	at := slices.IndexFunc(all, func(x obp.Role) bool { return x.Name == name })
	if rolesErr == nil && at < 0 {
		return &httpError{status: http.StatusNotFound, key: "no_role", err: errors.New("unknown role")}
	}
	q := roleQuery(r.URL.Query())
	p := templates.RolePage{Role: s.role(name), Bank: at >= 0 && all[at].RequiresBankID, Requests: templates.Requests(templates.RequestQuery{Role: name})}
	if holdErr != nil {
		p.HoldersWhy = s.problem(r, holdErr)
	}
	if reqErr != nil {
		p.RequestsWhy = s.problem(r, reqErr)
	}
	for _, x := range requests {
		if x.RoleName == name {
			p.Asked++
		}
	}
	for _, bank := range held.at {
		p.HoldersAt = append(p.HoldersAt, banks.scope(bank).Name)
	}
	rows := grantRows(held.list, banks)
	p.Holders, p.Cut = cut(rows, q.Page, s.rows(c))
	if err := s.nameGrants(ctx, c, p.Holders); err != nil {
		return err
	}
	p.CutHref = func(page int) string { return templates.RoleAt(name, page) }
	for _, row := range acts.Rows {
		p.Acts = append(p.Acts, s.actRow(c, row, banks, s.mayRead(c, row)))
	}
	return s.page(w, r, c, view{title: p.Role.Short, section: templates.RolesPattern, canon: templates.RoleAt(name, p.Cut.Page), waiting: -1, body: templates.RolePageView(p)})
}

// grantRows lists who holds what, by name and scope.
func grantRows(list []obp.Entitlement, banks bankNames) []templates.GrantRow {
	var out []templates.GrantRow
	at := map[[3]string]int{}
	for _, e := range list {
		k := [3]string{e.UserID, e.RoleName, e.BankID}
		if i, seen := at[k]; seen {
			out[i].Times++
			continue
		}
		at[k] = len(out)
		p := templates.Person{UserID: e.UserID, Username: e.Username}
		p.Href = templates.UserOf(p)
		out = append(out, templates.GrantRow{Person: p, Name: e.RoleName, Scope: banks.scope(e.BankID), Times: 1, Revoke: templates.Revoke(e.UserID, e.RoleName, e.BankID)})
	}
	keys := make([]string, len(out))
	order := make([]int, len(out))
	for i, r := range out {
		keys[i], order[i] = strings.ToLower(r.Scope.Name+"\x00"+r.Person.Username+"\x00"+r.Name), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	sorted := make([]templates.GrantRow, len(out))
	for i, at := range order {
		sorted[i] = out[at]
	}
	return sorted
}

func bankLinks(banks []obp.Bank) []templates.Link {
	var out []templates.Link
	for _, b := range banks {
		out = append(out, templates.Link{Text: cmp.Or(b.FullName, b.ID), Href: templates.BankRoles(templates.BankRoleQuery{Bank: b.ID})})
	}
	return out
}

// bankRoles lists every grant at a bank, filtered and paged by us: one call.
func (s *Server) bankRoles(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, bank := r.Context(), chi.URLParam(r, "bank")
	q := templates.BankRoleQuery{Bank: bank, Text: strings.TrimSpace(r.URL.Query().Get("q")), Role: r.URL.Query().Get("role")}
	q.Page = roleQuery(r.URL.Query()).Page
	var list []obp.Entitlement
	var banks []obp.Bank
	var err, banksErr error
	var g errgroup.Group
	g.Go(func() error { list, err = c.api.BankEntitlements(ctx, bank); return nil })
	g.Go(func() error { banks, banksErr = s.banks(ctx, c); return nil })
	_ = g.Wait()
	if over := firstOver(err, banksErr); over != nil {
		return over
	}
	names := bankNames{}
	for _, b := range banks {
		names[b.ID] = b.FullName
	}
	p := templates.BankRolesPage{Query: q, Banks: bankLinks(banks)}
	p.Scope = names.scope(bank)
	v := view{title: templates.Word("bank_roles.title", "bank", p.Scope.Name), section: templates.RolesPattern, waiting: -1}
	if err != nil {
		p.Problem = s.problem(r, err)
		v.status = p.Problem.Status
	}
	roles := map[string]bool{}
	rows := grantRows(list, names)
	for _, row := range rows {
		roles[row.Name] = true
	}
	found := s.selectGrants(rows, q, q.Text)
	if len(found) == 0 && q.Text != "" { // OBP lists user ids alone here: it may be a user name
		u, err := c.api.UserByUsername(ctx, q.Text)
		if over := firstOver(err); over != nil {
			return over
		}
		if err == nil {
			found = s.selectGrants(rows, q, u.UserID)
		}
	}
	for name := range roles {
		p.Roles = append(p.Roles, templates.Option{Value: name, Text: name, Selected: name == q.Role})
	}
	slices.SortFunc(p.Roles, func(a, b templates.Option) int { return strings.Compare(a.Value, b.Value) })
	p.All = len(list)
	p.Rows, p.Cut = cut(found, q.Page, s.rows(c))
	if err := s.nameGrants(ctx, c, p.Rows); err != nil {
		return err
	}
	q.Page = p.Cut.Page
	v.canon, v.body = templates.BankRoles(q), templates.BankRolesView(p)
	v.parts = map[string]templ.Component{templates.BankRolesID: templates.BankRolesPart(p)}
	return s.page(w, r, c, v)
}

// selectGrants are the grants of a filter; text is a user id, or part of a role.
func (s *Server) selectGrants(rows []templates.GrantRow, q templates.BankRoleQuery, text string) []templates.GrantRow {
	var found []templates.GrantRow
	for _, row := range rows {
		row.Role = s.role(row.Name)
		if (q.Role == "" || q.Role == row.Name) && (text == "" || row.Person.UserID == text || contains(row.Name, text) || contains(row.Role.Short, text)) {
			found = append(found, row)
		}
	}
	return found
}

// nameGrants names the people of grants as namePeople does.
func (s *Server) nameGrants(ctx context.Context, c *caller, rows []templates.GrantRow) error {
	var people []*templates.Person
	for i := range rows {
		people = append(people, &rows[i].Person)
	}
	return s.namePeople(ctx, c, people)
}

// namePeople puts the user names that the journal knows where OBP gives none:
// those that the reader may read there, or may read at OBP.
func (s *Server) namePeople(ctx context.Context, c *caller, people []*templates.Person) error {
	rights := s.readerRights(c)
	rights.All = rights.All || c.hint("CanGetAnyUser", "")
	people = slices.DeleteFunc(people, func(p *templates.Person) bool { return p.Username != "" && p.Username != p.UserID })
	var ids []string
	for _, p := range people {
		ids = append(ids, p.UserID)
	}
	names, err := s.namesInJournal(ctx, c, ids, rights)
	for _, p := range people {
		p.Username = cmp.Or(names[p.UserID], p.Username)
	}
	return err
}

// userBankRoles lists a person's roles at one bank, which takes a right at that
// bank only: GET /banks/{BANK_ID}/users/{USER_ID}/entitlements.
func (s *Server) userBankRoles(w http.ResponseWriter, r *http.Request, c *caller) error {
	bank, id := chi.URLParam(r, "bank"), chi.URLParam(r, "id")
	var list []obp.Entitlement
	var err error
	var banks bankNames
	var g errgroup.Group
	g.Go(func() error { list, err = c.api.UserBankEntitlements(r.Context(), bank, id); return nil })
	g.Go(func() error { banks = s.names(r.Context(), c); return nil })
	_ = g.Wait()
	if over := firstOver(err); over != nil {
		return over
	}
	for i := range list { // OBP gives them without
		list[i].UserID = id
	}
	who := []templates.GrantRow{{Person: templates.Person{UserID: id}}}
	if err := s.nameGrants(r.Context(), c, who); err != nil {
		return err
	}
	p := templates.UserBankRolesPage{Person: who[0].Person, Scope: banks.scope(bank), Back: templates.BankRoles(templates.BankRoleQuery{Bank: bank}),
		Held: s.selectGrants(grantRows(list, banks), templates.BankRoleQuery{}, "")}
	p.Person.Href = templates.UserOf(p.Person)
	v := view{title: templates.Word("bank_roles.title", "bank", p.Scope.Name), section: templates.RolesPattern, waiting: -1}
	if err != nil {
		p.Problem = s.problem(r, err)
		v.status = p.Problem.Status
	}
	v.body = templates.UserBankRolesView(p)
	return s.page(w, r, c, v)
}
