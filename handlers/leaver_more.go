package handlers

import (
	"context"
	"net/url"
	"strings"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// leaverWidth is how many rows of a leaver are taken away side by side.
const leaverWidth = 4

// Beginnings of the target of a row that is no role and no request.
const (
	targetAccess = "access:" // account and view
	targetLink   = "link:"   // link and customer
)

// target names two ids in one.
func target(kind, a, b string) string { return kind + url.PathEscape(a) + "/" + url.PathEscape(b) }

// targetOf reads the two ids of a target back, "" when it is of another kind.
func targetOf(kind, s string) (a, b string) {
	rest, ok := strings.CutPrefix(s, kind)
	if !ok {
		return "", ""
	}
	a, b, _ = strings.Cut(rest, "/")
	a, _ = url.PathUnescape(a)
	b, _ = url.PathUnescape(b)
	return a, b
}

// leaverExtras are the rows of account access and customer links.
func leaverExtras(v leaving) []journal.BatchItem {
	var items []journal.BatchItem
	for _, a := range v.access {
		items = append(items, journal.BatchItem{Person: partyOf(v.u), BankID: a.BankID, Target: target(targetAccess, a.AccountID, a.ViewID)})
	}
	for _, l := range v.links {
		if l.IsActive {
			items = append(items, journal.BatchItem{Person: partyOf(v.u), BankID: v.linksBank, Target: target(targetLink, l.ID, l.CustomerID)})
		}
	}
	return items
}

// leaverWords says what a row of access or of a link is.
func leaverWords(it journal.BatchItem) templates.RoleView {
	if account, view := targetOf(targetAccess, it.Target); account != "" {
		return templates.RoleView{Short: templates.Word("leaver.access", "account", account, "view", view)}
	}
	_, customer := targetOf(targetLink, it.Target)
	return templates.RoleView{Short: templates.Word("leaver.customer", "customer", customer)}
}

// turnOf is what only one act at a time may touch of a row.
func turnOf(it journal.BatchItem) journal.TurnKey {
	k := journal.TurnKey{UserID: it.Person.UserID, Role: it.Role, BankID: it.BankID}
	if k.Role == "" {
		k.Role = it.Target
	}
	return k
}

// extraEntry makes the record of a row that is no role and no request.
func extraEntry(e journal.Entry, it journal.BatchItem) journal.Entry {
	if account, view := targetOf(targetAccess, it.Target); account != "" {
		e.Act, e.Target, e.Details = ActRevokeView, account, map[string]string{"view": view}
		return e
	}
	e.Act = ActUnlink
	_, e.Target = targetOf(targetLink, it.Target)
	return e
}

// dropExtra takes away account access or a customer link. One that is gone
// counts as taken away.
func (s *Server) dropExtra(ctx context.Context, c *caller, it journal.BatchItem, e journal.Entry) (journal.Result, error) {
	var err error
	if account, view := targetOf(targetAccess, it.Target); account != "" {
		err = c.api.RevokeAccess(ctx, it.BankID, account, it.Person.UserID, view)
	} else {
		link, _ := targetOf(targetLink, it.Target)
		err = c.api.DeleteCustomerLink(ctx, it.BankID, link)
	}
	if isGone(err) {
		return journal.Result{Outcome: journal.OutcomeDone, State: "gone"}, nil
	}
	res := plainResult(err)
	return settle(ctx, res, err, func(ctx context.Context) bool {
		truth, err := s.bankTruth(ctx, c, journal.Row{Entry: e})
		return err == nil && truth == isApplied
	})
}
