package handlers

import (
	"context"
	"slices"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// bankTruth reads at OBP whether an act on views, links or contexts was
// applied. known is false for acts that it is not for, or that no call shows.
func (s *Server) bankTruth(ctx context.Context, c *caller, row journal.Row) (applied, known bool, err error) {
	e := row.Entry
	switch e.Act {
	case ActGrantView, ActRevokeView:
		held, err := c.api.UserPermissions(ctx, e.BankID, e.Target, e.Person.Provider, e.Person.Username)
		has := slices.ContainsFunc(held, func(v obp.View) bool { return v.ID == e.Details["view"] })
		return has == (e.Act == ActGrantView), true, err
	case ActLink, ActUnlink:
		links, err := c.api.CustomerLinks(ctx, e.BankID, e.Target)
		is := slices.ContainsFunc(links, func(l obp.CustomerLink) bool { return l.UserID == e.Person.UserID })
		return is == (e.Act == ActLink), true, err
	case ActDropContext, ActDropContexts:
		list, err := c.api.AuthContexts(ctx, e.Person.UserID)
		left := slices.ContainsFunc(list, func(x obp.AuthContext) bool { return e.Act == ActDropContexts || x.ID == e.Target })
		return !left, true, err
	}
	return false, false, nil
}
