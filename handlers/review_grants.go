package handlers

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// reviewScope is what a review is about: "all", "system" or "bank:ID".
type reviewScope string

const (
	reviewAll    reviewScope = "all"
	reviewSystem reviewScope = "system"
	reviewBank               = "bank:"
)

func (x reviewScope) bank() string {
	id, _ := strings.CutPrefix(string(x), reviewBank)
	if id == string(x) {
		return ""
	}
	return id
}

func (x reviewScope) words(banks bankNames) string {
	if id := x.bank(); id != "" {
		return banks.scope(id).Name
	}
	return templates.Word("review.scope_" + string(x))
}

// reviewScopeOf reads the scope that was chosen, "" when it is none.
func reviewScopeOf(in url.Values, banks []obp.Bank) reviewScope {
	x := reviewScope(in.Get("scope"))
	if x == reviewAll || x == reviewSystem || slices.ContainsFunc(banks, func(b obp.Bank) bool { return b.ID == x.bank() }) {
		return x
	}
	return ""
}

// unreadRole begins what a review keeps of a system role that could not be read.
const unreadRole = "role:"

// grantsOf are the grants that a review is about, with what could not be read:
// banks, "" for the whole system, and single roles of the system.
type grantsOf struct {
	list        []obp.Entitlement
	unread      []string
	unreadRoles []string
}

// missed tells whether a grant lies in what could not be read.
func (g grantsOf) missed(role, bankID string) bool {
	return slices.Contains(g.unread, bankID) || bankID == "" && slices.Contains(g.unreadRoles, role)
}

// unreadOf gives what a review or a baseline could not read, as it kept it.
func unreadOf(row journal.Row) (g grantsOf) {
	for id := range strings.FieldsSeq(row.Entry.Details["unread"]) {
		role, isRole := strings.CutPrefix(id, unreadRole)
		switch {
		case isRole:
			g.unreadRoles = append(g.unreadRoles, role)
		case id == string(reviewSystem):
			g.unread = append(g.unread, "")
		default:
			g.unread = append(g.unread, id)
		}
	}
	return g
}

// readGrants lists who holds what: GET /entitlements. When that fails whole,
// which one orphaned grant does, the lists by bank stand in, and those of each
// system role by itself: then only the role of the orphaned grant is missing.
func (s *Server) readGrants(ctx context.Context, c *caller, x reviewScope, banks []obp.Bank) (grantsOf, error) {
	all, err := c.api.AllEntitlements(ctx)
	if err == nil {
		return grantsOf{list: slices.DeleteFunc(all, func(e obp.Entitlement) bool { return e.IsSuperAdmin() || !x.holds(e.BankID) })}, nil
	}
	if over := firstOver(err); over != nil {
		return grantsOf{}, err
	}
	var at []string
	for _, b := range banks {
		if x.holds(b.ID) {
			at = append(at, b.ID)
		}
	}
	got, first := s.grantsByBank(ctx, c, at)
	nothing := len(got.unread) == len(at)
	if nothing && x != reviewAll && first != nil {
		err = first
	}
	if x.holds("") {
		whole, over := true, error(nil)
		if obp.KindOf(err) != obp.KindMissingRole { // else each role would be refused too
			whole, over = s.grantsByRole(ctx, c, &got)
		}
		if over != nil {
			return grantsOf{}, over
		}
		if nothing = nothing && whole; whole {
			got.unread = append([]string{""}, got.unread...)
		}
	}
	if nothing {
		return grantsOf{}, err
	}
	return got, nil
}

func (x reviewScope) holds(bankID string) bool {
	return x == reviewAll || x == reviewSystem && bankID == "" || x.bank() != "" && x.bank() == bankID
}

// grantsByRole reads who holds the roles of the system, role by role: GET
// /entitlements?role=, at most four side by side. whole tells that none could
// be read.
func (s *Server) grantsByRole(ctx context.Context, c *caller, got *grantsOf) (whole bool, err error) {
	roles, err := s.allRoles(ctx, c)
	if err != nil {
		return true, firstOver(err)
	}
	roles = slices.DeleteFunc(slices.Clone(roles), func(x obp.Role) bool { return x.RequiresBankID })
	lists, errs := make([][]obp.Entitlement, len(roles)), make([]error, len(roles))
	var g errgroup.Group
	g.SetLimit(4)
	for i, x := range roles {
		g.Go(func() error { lists[i], errs[i] = c.api.RoleHolders(ctx, x.Name); return nil })
	}
	_ = g.Wait()
	if over := firstOver(errs...); over != nil {
		return true, over
	}
	for i, x := range roles {
		if errs[i] != nil {
			got.unreadRoles = append(got.unreadRoles, x.Name)
		}
		got.list = append(got.list, slices.DeleteFunc(lists[i], func(e obp.Entitlement) bool { return e.IsSuperAdmin() || e.BankID != "" })...)
	}
	if len(got.unreadRoles) == len(roles) {
		got.unreadRoles = nil
		return true, nil
	}
	return false, nil
}

// grantsByBank reads the lists of several banks, at most four side by side.
func (s *Server) grantsByBank(ctx context.Context, c *caller, at []string) (got grantsOf, first error) {
	lists, errs := make([][]obp.Entitlement, len(at)), make([]error, len(at))
	var g errgroup.Group
	g.SetLimit(4)
	for i, id := range at {
		g.Go(func() error { lists[i], errs[i] = c.api.BankEntitlements(ctx, id); return nil })
	}
	_ = g.Wait()
	for i := range at {
		if errs[i] != nil {
			got.unread, first = append(got.unread, at[i]), cmp.Or(first, errs[i])
			continue
		}
		got.list = append(got.list, lists[i]...)
	}
	return got, first
}

// origins are the acts of the console that gave and took grants, by the id of
// the entitlement.
type origins struct{ given, taken map[string]journal.Row }

// maxOrigins bounds how many acts are looked through.
const maxOrigins = 50_000

func (s *Server) origins(ctx context.Context) (origins, error) {
	o := origins{map[string]journal.Row{}, map[string]journal.Row{}}
	f := journal.Filter{Rights: journal.Rights{All: true}, Limit: 500,
		Acts: []journal.Act{journal.ActApprove, journal.ActGrant, "dauth_roles", journal.ActRevoke, journal.ActUndoApprove}}
	for range maxOrigins / 500 {
		p, err := s.Journal.Search(ctx, f)
		if err != nil {
			return o, err
		}
		for _, row := range p.Rows {
			into := o.given
			if row.Entry.Act == journal.ActRevoke || row.Entry.Act == journal.ActUndoApprove {
				into = o.taken
			}
			for _, id := range row.EntitlementIDs() {
				into[id] = row
			}
		}
		if f.Before = p.Older; p.Older == 0 {
			break
		}
	}
	return o, nil
}
