package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// customer is one customer's page: one hop.
func (s *Server) customer(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, bank, id := r.Context(), pathPart(r, "bank"), pathPart(r, "customer")
	if err := s.noteCustomer(ctx, c, id); err != nil {
		return err
	}
	d := s.readCustomer(ctx, c, bank, id)
	if over := firstOver(d.err, d.linksErr, d.relatedErr, d.accessErr); over != nil {
		return over
	}
	p := templates.CustomerPage{ID: id, Name: d.x.LegalName, Bank: d.names.scope(bank), Link: templates.LinkUser(bank, id)}
	v := view{title: templates.Word("page.customer"), section: templates.CustomersPattern, canon: templates.Customer(bank, id), waiting: -1}
	why := func(err error) *templates.Problem {
		if err == nil {
			return nil
		}
		return s.explained(r, err, "customer")
	}
	if p.Problem = why(d.err); p.Problem != nil && d.linksErr != nil && d.relatedErr != nil && d.accessErr != nil {
		v.status = p.Problem.Status
	}
	if d.err == nil && d.x.BankID != bank {
		p.Elsewhere = &templates.Link{Text: d.names.scope(d.x.BankID).Name, Href: templates.Customer(d.x.BankID, id)}
	}
	s.fillCustomer(c, &p, d, bank)
	p.LinksWhy, p.PeopleWhy, p.AccountsWhy = why(d.linksErr), why(d.relatedErr), why(d.accessErr)
	v.body = templates.CustomerView(p)
	return s.page(w, r, c, v)
}

func (s *Server) fillCustomer(c *caller, p *templates.CustomerPage, d customerRead, bank string) {
	if d.err == nil {
		p.Facts, p.Details = customerFacts(c, d.x)
		for _, a := range d.x.Attributes {
			p.Attributes = append(p.Attributes, templates.Fact{Name: a.Name, Value: a.Value})
		}
	}
	known := map[string]templates.Person{}
	for _, u := range d.related.Users {
		person := templates.Person{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider, Href: templates.User(u.UserID)}
		known[u.UserID] = person
		row := templates.Correlated{Person: person}
		for _, a := range u.Attributes {
			row.Attributes = append(row.Attributes, templates.Fact{Name: a.Name, Value: a.Value})
		}
		p.People = append(p.People, row)
	}
	for _, l := range d.links {
		row := linkRow(c, l, bank)
		if person, ok := known[l.UserID]; ok {
			row.Person = person
		}
		p.Links = append(p.Links, row)
	}
	p.Accounts = accessRows(d.access, d.names)
}

func linkRow(c *caller, l obp.CustomerLink, bank string) templates.LinkRow {
	return templates.LinkRow{ID: l.ID, Unlink: templates.Unlink(bank, l.ID, l.UserID, l.CustomerID), Person: templates.Person{UserID: l.UserID, Href: templates.User(l.UserID)},
		Customer: l.CustomerID, CustomerHref: templates.Customer(bank, l.CustomerID), Since: c.when(l.Inserted), Active: l.IsActive}
}

// customerFacts are what identifies a customer, and the rest.
func customerFacts(c *caller, x obp.Customer) (first, more []templates.Fact) {
	add := func(to *[]templates.Fact, key, v string) {
		if strings.TrimSpace(v) != "" {
			*to = append(*to, templates.Fact{Name: templates.Word("customers." + key), Value: v})
		}
	}
	add(&first, "number", x.CustomerNumber)
	add(&first, "title", x.Title)
	add(&first, "name", strings.TrimSpace(x.LegalName+" "+x.NameSuffix))
	first = append(first, templates.Fact{Name: templates.Word("customers.id"), Value: x.CustomerID, Code: true})
	add(&first, "phone", x.MobilePhone)
	add(&first, "email", x.Email)
	add(&first, "born", string(x.DateOfBirth))
	kyc := "customers.kyc_no"
	if x.KYCStatus {
		kyc = "customers.kyc_yes"
	}
	first = append(first, templates.Fact{Name: templates.Word("customers.kyc"), Value: templates.Word(kyc)})
	ok := c.when(x.LastOK)
	first = append(first, templates.Fact{Name: templates.Word("customers.last_ok"), When: &ok})
	add(&more, "branch", x.BranchID)
	add(&more, "relationship", x.RelationshipStatus)
	if x.Dependants > 0 {
		add(&more, "dependants", strconv.Itoa(x.Dependants))
	}
	var born []string
	for _, d := range x.DependantsBirths {
		born = append(born, string(d))
	}
	add(&more, "dependants_born", strings.Join(born, ", "))
	add(&more, "education", x.Education)
	add(&more, "employment", x.EmploymentStatus)
	add(&more, "rating", strings.TrimSpace(x.CreditRating.Rating+" "+x.CreditRating.Source))
	add(&more, "limit", strings.TrimSpace(x.CreditLimit.Amount+" "+x.CreditLimit.Currency))
	return first, more
}
