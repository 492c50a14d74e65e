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

// grantsOf are the grants that a review is about, with what could not be read.
// unread names banks, "" the system.
type grantsOf struct {
	list   []obp.Entitlement
	unread []string
}

// readGrants lists who holds what: GET /entitlements. When that fails whole,
// which one orphaned grant does, the lists by bank stand in; those of the
// system cannot be had from them.
func (s *Server) readGrants(ctx context.Context, c *caller, x reviewScope, banks []obp.Bank) (grantsOf, error) {
	all, err := c.api.AllEntitlements(ctx)
	if err == nil {
		return grantsOf{list: slices.DeleteFunc(all, func(e obp.Entitlement) bool { return e.IsSuperAdmin() || !x.holds(e.BankID) })}, nil
	}
	if over := firstOver(err); over != nil || x == reviewSystem {
		return grantsOf{}, err
	}
	var at []string
	for _, b := range banks {
		if x.holds(b.ID) {
			at = append(at, b.ID)
		}
	}
	got, first := s.grantsByBank(ctx, c, at)
	if len(got.unread) == len(at) {
		if x != reviewAll && first != nil {
			err = first
		}
		return grantsOf{}, err
	}
	if x == reviewAll {
		got.unread = append([]string{""}, got.unread...)
	}
	return got, nil
}

func (x reviewScope) holds(bankID string) bool {
	return x == reviewAll || x == reviewSystem && bankID == "" || x.bank() != "" && x.bank() == bankID
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
