package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ownRead is what OBP shows the operator of themselves, beside roles.
type ownRead struct {
	full, older                                             []obp.Customer
	me                                                      obp.User
	spaces                                                  []string
	logout                                                  string
	root                                                    obp.Root
	fullErr, olderErr, meErr, spacesErr, logoutErr, rootErr error
	names                                                   bankNames
}

func (s *Server) readOwn(ctx context.Context, c *caller) ownRead {
	var o ownRead
	var g errgroup.Group
	g.Go(func() error { o.full, o.fullErr = c.api.CurrentUserCustomers(ctx); return nil })
	g.Go(func() error { o.older, o.olderErr = c.api.MyCustomers(ctx); return nil })
	g.Go(func() error { o.me, o.meErr = c.api.CurrentUser(ctx); return nil })
	g.Go(func() error { o.spaces, o.spacesErr = c.api.MySpaces(ctx); return nil })
	g.Go(func() error { o.logout, o.logoutErr = c.api.LogoutLink(ctx); return nil })
	g.Go(func() error { o.root, o.rootErr = c.api.Root(ctx); return nil })
	g.Go(func() error { o.names = s.names(ctx, c); return nil })
	_ = g.Wait()
	return o
}

// myAccess shows one's own customers, account access, spaces, and the server:
// one hop.
func (s *Server) myAccess(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := s.readOwn(r.Context(), c)
	if over := firstOver(o.fullErr, o.olderErr, o.meErr, o.spacesErr, o.logoutErr, o.rootErr); over != nil {
		return over
	}
	why := func(err error) *templates.Problem {
		if err == nil {
			return nil
		}
		return s.problem(r, err)
	}
	p := templates.MyAccessPage{CustomersWhy: why(cmp.Or(o.fullErr, o.olderErr)), AccessWhy: why(o.meErr), SpacesWhy: why(o.spacesErr), LogoutWhy: why(o.logoutErr), ServerWhy: why(o.rootErr)}
	if o.fullErr == nil || o.olderErr == nil {
		p.CustomersWhy = nil
		p.Customers, p.Differs = ownCustomers(c, o)
	}
	p.Access = accessRows(o.me.Views.List, o.names)
	for _, id := range o.spaces {
		p.Spaces = append(p.Spaces, o.names.scope(id))
	}
	if o.logoutErr == nil {
		p.Logout, p.LogoutWhat = logoutLink(o.logout)
	}
	if o.rootErr == nil {
		p.Server = rootFacts(o.root)
	}
	return s.page(w, r, c, view{title: templates.Word("me.access_title"), section: templates.MePattern, canon: templates.MyAccessPattern, waiting: -1, body: templates.MyAccessView(p)})
}

// ownCustomers are the customers that the operator is linked to. OBP has two
// lists of them; one that is in one alone is said.
func ownCustomers(c *caller, o ownRead) (rows []templates.CustomerRow, differs string) {
	list := o.full
	if o.fullErr != nil {
		list = o.older
	}
	for _, x := range list {
		row := customerRow(c, x)
		row.Bank = o.names.scope(x.BankID)
		rows = append(rows, row)
	}
	if o.fullErr != nil || o.olderErr != nil {
		return rows, templates.Word("me.customers_one_list")
	}
	ids := func(l []obp.Customer) (out []string) {
		for _, x := range l {
			out = append(out, x.CustomerID)
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(ids(o.full), ids(o.older)) {
		differs = templates.Word("me.customers_differ")
	}
	return rows, differs
}

// logoutLink is the server's own sign-out page, when its address is one that a
// browser should open, with what it is in words.
func logoutLink(address string) (*templates.Link, string) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, templates.Word("me.logout_bad")
	}
	return &templates.Link{Text: templates.Word("me.logout", "host", u.Host), Href: u.String()}, templates.Word("me.logout_what", "host", u.Host)
}

// mySessions are the operator's own sessions in this console.
func (s *Server) mySessions(ctx context.Context, c *caller) ([]templates.MySession, error) {
	list, err := s.Sessions.List(ctx)
	var out []templates.MySession
	for _, x := range list {
		if x.UserID == c.me.UserID {
			out = append(out, templates.MySession{Address: x.ClientAddr, Browser: browserName(x.UserAgent), Since: c.when(x.SignedInAt), Seen: c.when(x.LastSeen), This: x.SessionID == c.me.SessionID})
		}
	}
	return out, err
}

// endOthers ends the operator's other sessions, never this one.
func (s *Server) endOthers(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	e := c.entryOf(ActEndOthers)
	e.Person = c.party()
	return s.perform(w, r, c, deed{entry: e, in: url.Values{}, within: proofOrdinary, flash: "others_ended", to: templates.MePattern,
		again: func(int, *templates.Problem) error { return redirect(w, r, templates.MePattern) },
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			if err := s.Sessions.EndAllOf(ctx, c.me.UserID, c.me.SessionID); err != nil {
				return journal.Result{Outcome: journal.OutcomeFailed}, err
			}
			return journal.Result{Outcome: journal.OutcomeDone}, nil
		}})
}
