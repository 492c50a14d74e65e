package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// accountKinds are what OBP can list beside the accounts with a private view.
var accountKinds = []string{"held", "firehose"}

// firehoseView is the system view that the server makes for a firehose.
const firehoseView = "firehose"

func accountQuery(v url.Values) templates.AccountQuery {
	q := templates.AccountQuery{Bank: strings.TrimSpace(v.Get("bank")), Kind: v.Get("kind"), View: strings.TrimSpace(v.Get("view")), Text: strings.TrimSpace(v.Get("q"))}
	if q.Bank == systemScope {
		q.Bank = ""
	}
	if !slices.Contains(accountKinds, q.Kind) {
		q.Kind = ""
	}
	if q.Kind == "firehose" && q.View == "" {
		q.View = firehoseView
	}
	q.Page, _ = strconv.Atoi(v.Get("page"))
	q.Page = min(max(q.Page, 1), 1_000_000)
	return q
}

func accountRow(id, bank, label, number, typ string, routings []obp.Routing) templates.AccountRow {
	r := templates.AccountRow{ID: id, Label: label, Number: number, Type: typ, Bank: templates.Scope{BankID: bank}}
	if len(routings) > 0 {
		r.Routing = routings[0].Scheme + " " + routings[0].Address
	}
	return r
}

// readAccounts asks OBP once. It pages none of these lists.
func readAccounts(ctx context.Context, api *obp.API, q templates.AccountQuery) ([]templates.AccountRow, error) {
	var out []templates.AccountRow
	if q.Kind == "firehose" {
		all, err := api.FirehoseAccounts(ctx, q.Bank, q.View)
		for _, a := range all {
			r := accountRow(a.ID, a.BankID, a.Label, a.Number, a.ProductCode, a.Routings)
			r.Href = templates.Account(a.BankID, a.ID, "")
			out = append(out, r)
		}
		return out, err
	}
	var all []obp.Account
	var err error
	switch {
	case q.Kind == "held":
		all, err = api.AccountsHeld(ctx, q.Bank)
	case q.Bank == "":
		all, err = api.MyAccounts(ctx)
	default:
		all, err = api.PrivateAccounts(ctx, q.Bank)
	}
	for _, a := range all {
		r := accountRow(a.ID, a.BankID, a.Label, a.Number, a.Type, a.Routings)
		view := ""
		for _, v := range a.Views {
			r.Views = append(r.Views, v.ID)
		}
		slices.SortFunc(r.Views, func(x, y string) int { return strings.Compare(viewOrder(x), viewOrder(y)) })
		if len(r.Views) > 0 {
			view = r.Views[0]
		}
		r.Href = templates.Account(a.BankID, a.ID, view)
		out = append(out, r)
	}
	return out, err
}

// accounts lists what the operator can see: one hop, one call beside the banks.
func (s *Server) accounts(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, q := r.Context(), accountQuery(r.URL.Query())
	a := templates.AccountsPage{Query: q, NeedsBank: q.Kind != "" && q.Bank == ""}
	var all []templates.AccountRow
	var err error
	var names bankNames
	var g errgroup.Group
	g.Go(func() error {
		if a.NeedsBank {
			err = s.stillIn(ctx, c)
		} else {
			all, err = readAccounts(ctx, c.api, q)
		}
		return nil
	})
	g.Go(func() error { names = s.names(ctx, c); return nil })
	_ = g.Wait()
	if over := firstOver(err); over != nil {
		return over
	}
	v := view{title: templates.Word("page.accounts"), section: templates.AccountsPattern, canon: templates.Accounts(q), waiting: -1}
	if err != nil {
		a.Problem = s.explained(r, err, q.Kind)
		v.status = a.Problem.Status
	}
	s.fillAccounts(c, &a, all, names)
	a.Banks = s.bankOptions(ctx, c, q.Bank)
	v.body = templates.AccountsView(a)
	v.parts = map[string]templ.Component{templates.AccountsID: templates.AccountsList(a)}
	return s.page(w, r, c, v)
}

// fillAccounts filters and pages what OBP gave whole, so that its count is true.
func (s *Server) fillAccounts(c *caller, a *templates.AccountsPage, all []templates.AccountRow, names bankNames) {
	q := a.Query
	for _, k := range accountKinds {
		a.Kinds = append(a.Kinds, templates.Option{Value: k, Text: templates.Word("accounts.kind_" + k), Selected: k == q.Kind})
	}
	a.Note = templates.Word("accounts.note_private")
	if q.Kind != "" {
		a.Note = templates.Word("accounts.note_" + q.Kind)
	}
	var rows []templates.AccountRow
	for _, x := range all {
		if q.Text == "" || contains(x.ID, q.Text) || contains(x.Label, q.Text) || contains(x.Number, q.Text) || contains(x.Routing, q.Text) {
			x.Bank = names.scope(x.Bank.BankID)
			rows = append(rows, x)
		}
	}
	per := s.rows(c)
	a.Found = len(rows)
	a.Pages = max((a.Found+per-1)/per, 1)
	a.Page = min(q.Page, a.Pages)
	from := (a.Page - 1) * per
	a.Rows = rows[from:min(from+per, len(rows))]
	a.From, a.To = from+1, from+len(a.Rows)
}
