package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/a-h/templ"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// requestQuery reads the queue's filter out of the address. What it does not
// know counts as absent, so that an old link still opens.
func requestQuery(v url.Values) templates.RequestQuery {
	q := templates.RequestQuery{Person: strings.TrimSpace(v.Get("person")), Role: v.Get("role"), Bank: v.Get("bank"), Age: v.Get("age"), Sort: v.Get("sort")}
	if _, ok := ages[q.Age]; !ok {
		q.Age = ""
	}
	if !slices.Contains([]string{"-age", "person", "role", "bank"}, q.Sort) {
		q.Sort = ""
	}
	q.Page, _ = strconv.Atoi(v.Get("page"))
	q.Page = min(max(q.Page, 1), 1_000_000)
	return q
}

func (s *Server) buildQueue(all []obp.EntitlementRequest, q templates.RequestQuery, c *caller) queue {
	per := c.prefs.RowsPerPage
	if per == 0 {
		per = s.Settings.RowsPerPage
	}
	return buildQueue(all, q, per, c.now)
}

// requests is the queue: one hop, the open requests beside the banks' names.
func (s *Server) requests(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	q := requestQuery(r.URL.Query())
	var all []obp.EntitlementRequest
	var err error
	var banks bankNames
	var g errgroup.Group
	g.Go(func() error { all, err = c.api.EntitlementRequests(ctx); return nil })
	g.Go(func() error { banks = s.names(ctx, c); return nil })
	var known marks
	g.Go(func() (err error) { known, err = s.readMarks(ctx); return err })
	knownErr := g.Wait()
	if err := firstOver(err); err != nil {
		return err
	}
	v := view{title: templates.Word("page.requests"), section: templates.RequestsPattern, waiting: -1, canon: templates.Requests(q)}
	list := templates.Queue{Query: q}
	if err != nil {
		list.Problem = s.queueProblem(r, c, err)
		v.status = list.Problem.Status
	} else {
		v.waiting = len(all)
		list = s.queueView(c, all, q, banks)
		if knownErr != nil {
			return knownErr
		}
		known.on(&list)
	}
	v.body = templates.RequestsView(list, nil)
	v.parts = map[string]templ.Component{templates.QueueID: templates.QueueList(list)}
	return s.page(w, r, c, v)
}

// queueProblem says beside a missing role why a one-bank administrator, too,
// cannot see the queue.
func (s *Server) queueProblem(r *http.Request, c *caller, err error) *templates.Problem {
	p := s.problem(r, err)
	if p.Key == "not_allowed" {
		key := "queue.closed"
		for _, h := range c.me.Roles {
			if h.BankID != "" && strings.HasPrefix(h.Name, "CanCreateEntitlementAtOneBank") {
				key = "queue.closed_one_bank"
			}
		}
		p.Sentence = templates.Word(key)
	}
	return p
}

// queueView says one page of the queue in words.
func (s *Server) queueView(c *caller, all []obp.EntitlementRequest, q templates.RequestQuery, banks bankNames) templates.Queue {
	b := s.buildQueue(all, q, c)
	q.Page = b.Page
	out := templates.Queue{Query: q, ReadOnly: s.isAuditor(c), Found: b.Found, Open: b.Open, Page: b.Page, Pages: b.Pages, Oldest: c.when(b.Oldest)}
	if len(b.Rows) > 0 {
		out.From = (b.Page-1)*b.PerPage + 1
		out.To = out.From + len(b.Rows) - 1
	}
	for _, x := range b.Rows {
		out.Rows = append(out.Rows, s.queueRow(c, x, q, banks, b.Asked[x.User.UserID]))
	}
	roles, at := map[string]bool{}, map[string]bool{}
	for _, x := range all {
		roles[x.RoleName], at[x.BankID] = true, true
	}
	for _, name := range slices.Sorted(maps.Keys(roles)) {
		out.Roles = append(out.Roles, templates.Option{Value: name, Text: templates.RoleWords(name).Short, Selected: name == q.Role})
	}
	for _, id := range slices.Sorted(maps.Keys(at)) {
		o := templates.Option{Value: id, Text: banks.scope(id).Name}
		if id == "" {
			o.Value = systemScope
		}
		o.Selected = q.Bank != "" && o.Value == q.Bank
		out.Banks = append(out.Banks, o)
	}
	for _, k := range []string{"day", "week", "month"} {
		out.Ages = append(out.Ages, templates.Option{Value: k, Text: templates.Word("queue.older_" + k), Selected: k == q.Age})
	}
	return out
}

func (s *Server) queueRow(c *caller, x obp.EntitlementRequest, q templates.RequestQuery, banks bankNames, count int) templates.QueueRow {
	_, own := s.Settings.SamePerson.oneself(c.identity(), identityOf(x.User))
	return templates.QueueRow{ID: x.EntitlementRequestID, Href: templates.RequestOf(x.EntitlementRequestID, x.User.UserID, x.BankID, x.RoleName, q),
		Person: personView(x.User), Role: s.roleFor(x), Scope: banks.scope(x.BankID), Asked: c.when(x.Created),
		Count: count, Held: x.Held(), Own: own, Deleted: x.User.Deleted()}
}
