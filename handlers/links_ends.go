package handlers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// linkEnds are the person and the customer of a link, as far as the operator
// may read them: a link is known by names, not by ids alone.
type linkEnds struct {
	user     obp.User
	customer obp.Customer
}

// readEnds reads those of the two whose id is given, side by side. What may not
// be read stays empty; the error is one that ends the page.
func (s *Server) readEnds(ctx context.Context, c *caller, bank, user, customer string) (ends linkEnds, err error) {
	var userErr, customerErr error
	var g errgroup.Group
	if user != "" {
		if err := s.noteUser(ctx, c, user); err != nil {
			return ends, err
		}
		g.Go(func() error { ends.user, userErr = c.api.UserByID(ctx, user); return nil })
	}
	if customer != "" {
		if err := s.noteCustomer(ctx, c, customer); err != nil {
			return ends, err
		}
		g.Go(func() error { ends.customer, customerErr = c.api.CustomerByID(ctx, bank, customer); return nil })
	}
	_ = g.Wait()
	return ends, firstOver(userErr, customerErr)
}

// of leaves out whoever is not an end of the link.
func (l linkEnds) of(user, customer string) linkEnds {
	if l.user.UserID != user {
		l.user = obp.User{}
	}
	if l.customer.CustomerID != customer {
		l.customer = obp.Customer{}
	}
	return l
}

// facts name them.
func (l linkEnds) facts() []templates.Fact {
	var out []templates.Fact
	for _, f := range []templates.Fact{{Name: templates.Word("access.person"), Value: l.user.Username}, {Name: templates.Word("customers.name"), Value: l.customer.LegalName}, {Name: templates.Word("customers.number"), Value: l.customer.CustomerNumber}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}
