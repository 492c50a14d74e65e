package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts on links of people and customers.
const (
	ActLink     journal.Act = "link"
	ActUnlink   journal.Act = "unlink"
	ActLinkMany journal.Act = "link_many"
)

func linkTurn(userID, customerID string) journal.TurnKey {
	return journal.TurnKey{UserID: userID, Role: "link " + customerID}
}

func linkEntry(c *caller, act journal.Act, u obp.User, bank, customerID string) journal.Entry {
	e := c.entryOf(act)
	e.Person, e.BankID, e.Target = partyOf(u), bank, customerID
	return e
}

// makeLink ties a person to a customer. OBP says OBP-50005 for a customer of
// another bank, which is found out by reading the customer; without an answer
// the links are read back.
func makeLink(ctx context.Context, api *obp.API, bank, userID, customerID string) (journal.Result, error) {
	_, err := api.CreateCustomerLink(ctx, bank, userID, customerID)
	if e, ok := obp.AsError(err); ok && e.HasCode("OBP-50005") && !e.Unanswered {
		x, readErr := api.CustomerByID(ctx, bank, customerID)
		switch {
		case readErr == nil && x.BankID != bank:
			res := resultOf(err)
			res.Outcome, res.State = journal.OutcomeFailed, "other_bank"
			return res, errOtherBank
		case obp.KindOf(readErr) == obp.KindNotFound:
			err = readErr
		}
	}
	return readBack(err, func() (bool, error) {
		links, err := api.CustomerLinks(ctx, bank, customerID)
		return slices.ContainsFunc(links, func(l obp.CustomerLink) bool { return l.UserID == userID }), err
	})
}

// linkUserPage links a person to the customer of the address.
func (s *Server) linkUserPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.linkUserForm(w, r, c, http.StatusOK, s.takeDraft(r.Context(), r.URL.Path), nil, nil, nil)
}

func (s *Server) linkUserForm(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string, found []obp.User, failed *templates.Problem) error {
	bank, id := pathPart(r, "bank"), pathPart(r, "customer")
	ends, err := s.readEnds(r.Context(), c, bank, "", id)
	if err != nil {
		return err
	}
	f := templates.Form{Title: templates.Word("links.add_user"), Lead: []string{templates.Word("links.what")}, Failed: failed, Action: templates.LinkUser(bank, id), Button: templates.Word("links.go"),
		Back: templates.Link{Text: templates.Word("customers.back_one"), Href: templates.Customer(bank, id)}, TestID: "link-user", Fields: personFields(in, found),
		Facts: append(ends.facts(), templates.Fact{Name: templates.Word("customers.id"), Value: id, Code: true}, templates.Fact{Name: templates.Word("banks.bank"), Value: s.names(r.Context(), c).scope(bank).Name})}
	f = s.withReason(c, f, in, errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.CustomersPattern, waiting: -1, body: templates.FormView(f)})
}

func (s *Server) linkUser(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	bank, id, errs := pathPart(r, "bank"), pathPart(r, "customer"), s.reasonErrors(in)
	u, found, err := s.pickPerson(r.Context(), c, in, errs)
	again := func(status int, p *templates.Problem) error {
		return s.linkUserForm(w, r, c, status, in, errs, found, p)
	}
	switch {
	case firstOver(err) != nil:
		return err
	case err != nil:
		p := s.problem(r, err)
		return again(p.Status, p)
	case len(errs) > 0:
		return again(http.StatusUnprocessableEntity, nil)
	}
	return s.perform(w, r, c, deed{entry: linkEntry(c, ActLink, u, bank, id), in: in, within: proofOrdinary, turn: linkTurn(u.UserID, id), topic: "link", again: again,
		flash: "linked", args: map[string]string{"person": u.Username}, to: templates.Customer(bank, id),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			return makeLink(ctx, c.api, bank, u.UserID, id)
		}})
}

// unlinking is a link that is to be taken away.
type unlinking struct {
	bank, id, user, customer string
	in                       url.Values
	errs                     map[string]string
	link                     *obp.CustomerLink
	err                      error
	names                    bankNames
	ends                     linkEnds
}

// readUnlinking reads the link again among its customer's, or its person's,
// beside whom and what it ties.
func (s *Server) readUnlinking(r *http.Request, c *caller, in url.Values) *unlinking {
	q, ctx := r.URL.Query(), r.Context()
	l := &unlinking{bank: pathPart(r, "bank"), id: pathPart(r, "link"), user: q.Get("user"), customer: q.Get("customer"), in: in, errs: map[string]string{}}
	var list []obp.CustomerLink
	var g errgroup.Group
	g.Go(func() error {
		if l.customer != "" {
			list, l.err = c.api.CustomerLinks(ctx, l.bank, l.customer)
		} else {
			list, l.err = c.api.UserCustomerLinks(ctx, l.bank, l.user)
		}
		return nil
	})
	g.Go(func() error { l.names = s.names(ctx, c); return nil })
	ends, over := s.readEnds(ctx, c, l.bank, l.user, l.customer)
	_ = g.Wait()
	l.err = cmp.Or(over, l.err)
	if i := slices.IndexFunc(list, func(x obp.CustomerLink) bool { return x.ID == l.id }); i >= 0 {
		l.link = &list[i]
		l.user, l.customer = list[i].UserID, list[i].CustomerID
	}
	l.ends = ends.of(l.user, l.customer)
	return l
}

func (l *unlinking) back(r *http.Request) templates.Link {
	if r.URL.Query().Get("from") == "user" || l.customer == "" {
		return templates.Link{Text: templates.Word("links.back_user"), Href: templates.Links(l.user, l.bank)}
	}
	return templates.Link{Text: templates.Word("customers.back_one"), Href: templates.Customer(l.bank, l.customer)}
}

func (s *Server) unlinkPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	l := s.readUnlinking(r, c, s.takeDraft(r.Context(), r.URL.Path))
	if over := firstOver(l.err); over != nil {
		return over
	}
	return s.unlinkForm(w, r, c, http.StatusOK, l, nil)
}

func (s *Server) unlinkForm(w http.ResponseWriter, r *http.Request, c *caller, status int, l *unlinking, failed *templates.Problem) error {
	f := templates.Form{Title: templates.Word("links.remove"), Warnings: []string{templates.Word("links.remove_warning")}, Danger: true, Failed: failed, Back: l.back(r), TestID: "unlink",
		Action: r.URL.RequestURI(), Button: templates.Word("links.remove_go"),
		Facts: append(l.ends.facts(), templates.Fact{Name: templates.Word("sheet.user_id"), Value: l.user, Code: true}, templates.Fact{Name: templates.Word("customers.id"), Value: l.customer, Code: true},
			templates.Fact{Name: templates.Word("links.id"), Value: l.id, Code: true}, templates.Fact{Name: templates.Word("banks.bank"), Value: l.names.scope(l.bank).Name})}
	switch {
	case l.err != nil && failed == nil:
		f.Failed, f.Button = s.explained(r, l.err, "link"), ""
		status = f.Failed.Status
	case l.link == nil && failed == nil:
		f.Refusals = append(f.Refusals, templates.Word("links.gone"))
		status = max(status, http.StatusNotFound)
	}
	f = s.withReason(c, f, l.in, l.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.CustomersPattern, waiting: -1, body: templates.FormView(f)})
}

func (s *Server) unlink(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	l := s.readUnlinking(r, c, in)
	if over := firstOver(l.err); over != nil {
		return over
	}
	again := func(status int, p *templates.Problem) error { return s.unlinkForm(w, r, c, status, l, p) }
	if l.err != nil || l.link == nil {
		return again(http.StatusOK, nil)
	}
	if l.errs = s.reasonErrors(in); len(l.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	u := l.ends.user
	u.UserID = l.user
	e := linkEntry(c, ActUnlink, u, l.bank, l.customer)
	e.Details = map[string]string{"link": l.id}
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofOrdinary, turn: linkTurn(l.user, l.customer), topic: "link", again: again, flash: "unlinked", to: l.back(r).Href,
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			err := c.api.DeleteCustomerLink(ctx, l.bank, l.id)
			return readBack(err, func() (bool, error) {
				list, err := c.api.CustomerLinks(ctx, l.bank, l.customer)
				return !slices.ContainsFunc(list, func(x obp.CustomerLink) bool { return x.ID == l.id }), err
			})
		}})
}
