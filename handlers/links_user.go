package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// linksOfUser is a person's links as one page needs them.
type linksOfUser struct {
	bank   string
	u      obp.User
	uErr   error
	links  []obp.CustomerLink
	err    error
	names  bankNames
	asked  bool
	in     url.Values
	errs   map[string]string
	failed *templates.Problem

	notNoted error // in the read log: nothing is shown
}

// readLinksOf reads the person beside their links, which OBP shows by the role
// at some bank, whichever bank the customers are of.
func (s *Server) readLinksOf(r *http.Request, c *caller, in url.Values) linksOfUser {
	ctx, id := r.Context(), pathPart(r, "id")
	l := linksOfUser{bank: cmp.Or(in.Get("bank"), currentBank(r)), in: in, errs: map[string]string{}}
	l.asked = l.bank != ""
	var g errgroup.Group
	g.Go(func() error { l.u, l.uErr = c.api.UserByID(ctx, id); return nil })
	g.Go(func() error { l.names = s.names(ctx, c); return nil })
	if l.asked {
		g.Go(func() error { l.links, l.err = c.api.UserCustomerLinks(ctx, l.bank, id); return nil })
	}
	l.notNoted = s.noteUser(ctx, c, id)
	_ = g.Wait()
	if l.uErr != nil {
		l.u = obp.User{UserID: id}
	}
	return l
}

// userLinks lists a person's links and offers another.
func (s *Server) userLinks(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.userLinksPage(w, r, c, http.StatusOK, s.readLinksOf(r, c, s.takeDraft(r.Context(), r.URL.Path)))
}

func (s *Server) userLinksPage(w http.ResponseWriter, r *http.Request, c *caller, status int, l linksOfUser) error {
	if over := cmp.Or(firstOver(l.uErr, l.err), l.notNoted); over != nil {
		return over
	}
	if obp.KindOf(l.uErr) == obp.KindNotFound {
		return l.uErr
	}
	person := personView(l.u)
	person.Href = templates.User(l.u.UserID)
	p := templates.LinksPage{Person: person, Bank: l.names.scope(l.bank), Banks: s.bankOptions(r.Context(), c, l.bank), Action: templates.Links(l.u.UserID, "")}
	if !l.asked {
		p.Bank, p.Note = templates.Scope{}, templates.Word("links.choose_bank")
	}
	if l.err != nil {
		p.Problem = s.explained(r, l.err, "link")
		if status == http.StatusOK {
			status = p.Problem.Status
		}
	}
	for _, x := range l.links {
		row := linkRow(c, x, l.bank)
		row.Unlink += "&from=user"
		row.Person = person
		p.Rows = append(p.Rows, row)
	}
	f := templates.Form{Title: templates.Word("links.add_customer"), Lead: []string{templates.Word("links.what")}, Action: templates.Links(l.u.UserID, ""), Button: templates.Word("links.go"), Failed: l.failed,
		TestID: "link-customer", Embedded: true, Fields: []templates.Field{
			{Name: "bank", Label: templates.Word("banks.bank"), Kind: "select", Options: append([]templates.Option{{}}, s.bankOptions(r.Context(), c, l.bank)...)},
			{Name: "customer", Label: templates.Word("links.customer"), Hint: templates.Word("links.customer_hint"), Value: l.in.Get("customer")}}}
	p.Form = s.withReason(c, f, l.in, l.errs)
	return s.page(w, r, c, view{status: status, title: templates.Word("page.links", "person", person.Username), section: templates.UsersPattern, canon: templates.Links(l.u.UserID, l.bank), waiting: -1,
		body: templates.LinksView(p)})
}

// linkCustomer links a customer, found by number or id, to the person of the
// address.
func (s *Server) linkCustomer(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	l := s.readLinksOf(r, c, in)
	if over := cmp.Or(firstOver(l.uErr, l.err), l.notNoted); over != nil {
		return over
	}
	l.errs = s.reasonErrors(in)
	bank, text := strings.TrimSpace(in.Get("bank")), strings.TrimSpace(in.Get("customer"))
	if bank == "" {
		l.errs["bank"] = templates.Word("customers.find_bank")
	}
	if text == "" {
		l.errs["customer"] = templates.Word("customers.find_number")
	}
	again := func(status int, p *templates.Problem) error {
		l.failed = p
		return s.userLinksPage(w, r, c, status, l)
	}
	if len(l.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	x, err := lookCustomer(r.Context(), c.api, bank, text)
	if over := firstOver(err); over != nil {
		return over
	}
	if err != nil {
		p := s.explained(r, err, "link")
		return again(p.Status, p)
	}
	return s.perform(w, r, c, deed{entry: linkEntry(c, ActLink, l.u, bank, x.CustomerID), in: in, within: proofOrdinary, turn: linkTurn(l.u.UserID, x.CustomerID), topic: "link", again: again,
		flash: "linked_named", args: map[string]string{"person": cmp.Or(l.u.Username, l.u.UserID), "customer": cmp.Or(x.LegalName, x.CustomerID), "number": x.CustomerNumber}, to: templates.Links(l.u.UserID, bank),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			return makeLink(ctx, c.api, bank, l.u.UserID, x.CustomerID)
		}})
}
