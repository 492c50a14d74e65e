package handlers

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// readCustomers is the kind of the read log for lists of customers.
const readCustomers = "customers"

func customerQuery(v url.Values) templates.CustomerQuery {
	q := templates.CustomerQuery{Bank: strings.TrimSpace(v.Get("bank")), Short: v.Get("form") == "ids", Asc: v.Get("order") == "asc"}
	if q.Bank == systemScope {
		q.Bank = ""
	}
	q.From, _ = strconv.Atoi(v.Get("from"))
	q.From = min(max(q.From, 0), maxOffset)
	return q
}

// customerRows are one page: one call at a bank. Over all banks a second one
// beside it asks whether there is a next page.
func (s *Server) customerRows(ctx context.Context, c *caller, q templates.CustomerQuery, per int) (rows []templates.CustomerRow, more bool, err error) {
	ask := obp.CustomerQuery{Offset: q.From, Limit: per, Ascending: q.Asc}
	if q.Short {
		var p obp.Page[obp.CustomerKey]
		if q.Bank == "" {
			p, err = c.api.CustomerKeys(ctx, ask)
		} else {
			p, err = c.api.BankCustomerKeys(ctx, q.Bank, ask)
		}
		for _, k := range p.Rows {
			rows = append(rows, templates.CustomerRow{ID: k.CustomerID, Href: templates.Customer(k.BankID, k.CustomerID), Bank: templates.Scope{BankID: k.BankID}})
		}
		return rows, p.More, err
	}
	var p obp.Page[obp.Customer]
	if q.Bank == "" {
		p, err = c.api.Customers(ctx, ask)
	} else {
		p, err = c.api.BankCustomers(ctx, q.Bank, ask)
	}
	for _, x := range p.Rows {
		rows = append(rows, customerRow(c, x))
	}
	return rows, p.More, err
}

func customerRow(c *caller, x obp.Customer) templates.CustomerRow {
	kyc := templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("customers.kyc_no")}
	if x.KYCStatus {
		kyc = templates.Badge{Tone: templates.ToneGood, Text: templates.Word("customers.kyc_yes")}
	}
	return templates.CustomerRow{ID: x.CustomerID, Href: templates.Customer(x.BankID, x.CustomerID), Name: x.LegalName, Number: x.CustomerNumber, Email: x.Email, Phone: x.MobilePhone,
		Bank: templates.Scope{BankID: x.BankID}, KYC: &kyc, LastOK: c.when(x.LastOK)}
}

// customers lists customers, paged and sorted by OBP.
func (s *Server) customers(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.customersPage(w, r, c, 0, customerQuery(r.URL.Query()), templates.CustomerFind{})
}

func (s *Server) customersPage(w http.ResponseWriter, r *http.Request, c *caller, status int, q templates.CustomerQuery, find templates.CustomerFind) error {
	ctx, per := r.Context(), s.rows(c)
	if err := s.Journal.Read(ctx, c.me.SessionID, c.me.UserID, readCustomers, q.Bank); err != nil {
		return err
	}
	p := templates.CustomersPage{Query: q, First: q.From + 1, Find: find}
	var more bool
	var err error
	var names bankNames
	var g errgroup.Group
	g.Go(func() error { p.Rows, more, err = s.customerRows(ctx, c, q, per); return nil })
	g.Go(func() error { names = s.names(ctx, c); return nil })
	_ = g.Wait()
	if over := firstOver(err); over != nil {
		return over
	}
	if err != nil {
		p.Problem = s.explained(r, err, "customers")
		if status == 0 {
			status = p.Problem.Status
		}
	}
	for i := range p.Rows {
		p.Rows[i].Bank = names.scope(p.Rows[i].Bank.BankID)
	}
	p.Banks, p.Find.Banks = s.bankOptions(ctx, c, q.Bank), s.bankOptions(ctx, c, q.Bank)
	p.Orders = []templates.Option{{Value: "asc", Text: templates.Word("customers.order_asc"), Selected: q.Asc}}
	p.Forms = []templates.Option{{Value: "ids", Text: templates.Word("customers.form_ids"), Selected: q.Short}}
	if next := q; more {
		next.From += per
		p.Next = templates.Customers(next)
	}
	if prev := q; q.From > 0 {
		prev.From = max(q.From-per, 0)
		p.Prev = templates.Customers(prev)
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("page.customers"), section: templates.CustomersPattern, canon: templates.Customers(q), waiting: -1,
		body: templates.CustomersView(p), parts: map[string]templ.Component{templates.CustomersID: templates.CustomersList(p)}})
}

// likeCustomerID: OBP's ids of customers.
var likeCustomerID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// lookCustomer finds the one customer that a text names at a bank: by number,
// or by id when it looks like one.
func lookCustomer(ctx context.Context, api *obp.API, bank, text string) (obp.Customer, error) {
	if !likeCustomerID.MatchString(text) {
		return api.CustomerByNumber(ctx, bank, text)
	}
	var byID, byNumber obp.Customer
	var idErr, numberErr error
	var g errgroup.Group
	g.Go(func() error { byID, idErr = api.CustomerByID(ctx, bank, text); return nil })
	g.Go(func() error { byNumber, numberErr = api.CustomerByNumber(ctx, bank, text); return nil })
	_ = g.Wait()
	if idErr == nil {
		return byID, nil
	}
	if numberErr == nil {
		return byNumber, nil
	}
	return obp.Customer{}, idErr
}

// findCustomer opens the customer with a number or id at a bank. The number
// travels in the body.
func (s *Server) findCustomer(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	bank, text := strings.TrimSpace(in.Get("bank")), strings.TrimSpace(in.Get("number"))
	q := templates.CustomerQuery{Bank: bank}
	find := templates.CustomerFind{Text: text, Errors: map[string]string{}}
	if bank == "" {
		find.Errors["bank"] = templates.Word("customers.find_bank")
	}
	if text == "" {
		find.Errors["number"] = templates.Word("customers.find_number")
	}
	if len(find.Errors) > 0 {
		return s.customersPage(w, r, c, http.StatusUnprocessableEntity, q, find)
	}
	if err := s.Journal.Read(r.Context(), c.me.SessionID, c.me.UserID, readCustomers, bank); err != nil {
		return err
	}
	x, err := lookCustomer(r.Context(), c.api, bank, text)
	if over := firstOver(err); over != nil {
		return over
	}
	if err != nil {
		find.Failed = s.explained(r, err, "customers")
		return s.customersPage(w, r, c, find.Failed.Status, q, find)
	}
	return leave(w, r, templates.Customer(x.BankID, x.CustomerID))
}

// customerRead is what was read of OBP for one customer.
type customerRead struct {
	x                                    obp.Customer
	links                                []obp.CustomerLink
	related                              obp.CorrelatedUsers
	access                               []obp.Access
	err, linksErr, relatedErr, accessErr error
	names                                bankNames
}

func (s *Server) readCustomer(ctx context.Context, c *caller, bank, id string) customerRead {
	var d customerRead
	var g errgroup.Group
	g.Go(func() error { d.x, d.err = c.api.CustomerByID(ctx, bank, id); return nil })
	g.Go(func() error { d.links, d.linksErr = c.api.CustomerLinks(ctx, bank, id); return nil })
	g.Go(func() error { d.related, d.relatedErr = c.api.CorrelatedUsers(ctx, bank, id); return nil })
	g.Go(func() error { d.access, d.accessErr = c.api.CustomerAccounts(ctx, id); return nil })
	g.Go(func() error { d.names = s.names(ctx, c); return nil })
	_ = g.Wait()
	return d
}

// noteCustomer writes into the read log that a customer is looked at.
func (s *Server) noteCustomer(ctx context.Context, c *caller, id string) error {
	return s.Journal.Read(ctx, c.me.SessionID, c.me.UserID, journal.ReadCustomer, id)
}
