package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// What is true of an act whose answer was lost, as the journal keeps it.
const (
	isApplied   = "applied"
	notApplied  = "act_not_applied"
	isPartly    = "applied_partly"
	isRejected  = "rejected" // of a challenge's answer alone
	neverKnown  = "cannot_be_known"
	notReadable = "not_read"
)

// truths says how an act ends by what was read.
var truths = map[string]journal.Outcome{isApplied: journal.OutcomeDone, isRejected: journal.OutcomeDone, notApplied: journal.OutcomeFailed, isPartly: journal.OutcomePartly, neverKnown: journal.OutcomePartly}

// appliedIf puts a yes or no in the journal's words.
func appliedIf(yes bool) string {
	if yes {
		return isApplied
	}
	return notApplied
}

// share says how much of what was wanted is there.
func share(there, wanted int) string {
	if there > 0 && there < wanted {
		return isPartly
	}
	return appliedIf(there > 0)
}

// bankTruth reads at OBP what became of an act on views, links, contexts,
// attributes or DAuth users. It is empty for other acts.
func (s *Server) bankTruth(ctx context.Context, c *caller, row journal.Row) (string, error) {
	e := row.Entry
	switch e.Act {
	case ActGrantView, ActRevokeView:
		held, err := c.api.UserPermissions(ctx, e.BankID, e.Target, e.Person.Provider, e.Person.Username)
		has := slices.ContainsFunc(held, func(v obp.View) bool { return v.ID == e.Details["view"] })
		return appliedIf(has == (e.Act == ActGrantView)), err
	case ActDAuthAccess:
		held, err := viewsNow(ctx, c, e)
		wanted := strings.Fields(e.Details["view"])
		missing := slices.DeleteFunc(slices.Clone(wanted), func(v string) bool { return slices.Contains(held, v) })
		return share(len(wanted)-len(missing), len(wanted)), err
	case ActReplaceViews: // OBP takes away first, so that what is held can be neither
		held, err := viewsNow(ctx, c, e)
		switch {
		case sameViews(held, e.Details["view"]):
			return isApplied, err
		case sameViews(held, e.Details["before"]):
			return notApplied, err
		}
		return isPartly, err
	case ActLink, ActUnlink:
		links, err := c.api.CustomerLinks(ctx, e.BankID, e.Target)
		is := slices.ContainsFunc(links, func(l obp.CustomerLink) bool { return l.UserID == e.Person.UserID })
		return appliedIf(is == (e.Act == ActLink)), err
	case ActAddContext: // the value is not in the record, so that rows of the key are counted
		had, err := strconv.Atoi(e.Details["had"])
		if err != nil {
			return neverKnown, nil
		}
		list, err := c.api.AuthContexts(ctx, e.Person.UserID)
		return appliedIf(len(withKey(list, e.Details["key"])) > had), err
	case ActDropContext, ActDropContexts:
		list, err := c.api.AuthContexts(ctx, e.Person.UserID)
		left := slices.ContainsFunc(list, func(x obp.AuthContext) bool { return e.Act == ActDropContexts || x.ID == e.Target })
		return appliedIf(!left), err
	case ActAddAttribute, ActChangeAttribute:
		return attributeTruth(ctx, c, e)
	case ActAnswer:
		return s.answerTruth(ctx, c, e)
	case ActDAuth:
		return dauthTruth(ctx, c, e)
	}
	return "", nil
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
