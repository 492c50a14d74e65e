package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"

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
	case ActDAuthAccess:
		held, err := viewsNow(ctx, c, e)
		return !slices.ContainsFunc(strings.Fields(e.Details["view"]), func(v string) bool { return !slices.Contains(held, v) }), true, err
	case ActReplaceViews: // OBP takes away first, so that what is held can be neither
		held, err := viewsNow(ctx, c, e)
		applied := sameViews(held, e.Details["view"])
		return applied, err != nil || applied || sameViews(held, e.Details["before"]), err
	case ActLink, ActUnlink:
		links, err := c.api.CustomerLinks(ctx, e.BankID, e.Target)
		is := slices.ContainsFunc(links, func(l obp.CustomerLink) bool { return l.UserID == e.Person.UserID })
		return is == (e.Act == ActLink), true, err
	case ActAddContext: // the value is not in the record, so that rows of the key are counted
		had, err := strconv.Atoi(e.Details["had"])
		if err != nil {
			return false, false, nil
		}
		list, err := c.api.AuthContexts(ctx, e.Person.UserID)
		return len(withKey(list, e.Details["key"])) > had, true, err
	case ActDropContext, ActDropContexts:
		list, err := c.api.AuthContexts(ctx, e.Person.UserID)
		left := slices.ContainsFunc(list, func(x obp.AuthContext) bool { return e.Act == ActDropContexts || x.ID == e.Target })
		return !left, true, err
	}
	return false, false, nil
}

// viewsNow are the views on an account that the person of an act has now.
// Somebody whom OBP does not know has none.
func viewsNow(ctx context.Context, c *caller, e journal.Entry) ([]string, error) {
	if e.Person.UserID == c.me.UserID {
		me, err := c.api.CurrentUser(ctx)
		return heldOn(me, e.BankID, e.Target), err
	}
	held, err := c.api.UserPermissions(ctx, e.BankID, e.Target, e.Person.Provider, e.Person.Username)
	if x, ok := obp.AsError(err); ok && x.HasCode("OBP-20104") {
		return nil, nil
	}
	var out []string
	for _, v := range held {
		out = append(out, v.ID)
	}
	return out, err
}

// heldOn are the views that somebody has on an account.
func heldOn(u obp.User, bank, account string) []string {
	var out []string
	for _, v := range u.Views.List {
		if v.BankID == bank && v.AccountID == account {
			out = append(out, v.ViewID)
		}
	}
	return out
}

// sameViews tells whether exactly the views of a list with blanks are held.
func sameViews(held []string, list string) bool {
	want := strings.Fields(list)
	slices.Sort(want)
	held = slices.Sorted(slices.Values(held))
	return slices.Equal(held, slices.Compact(want))
}
