package handlers

import (
	"cmp"
	"slices"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// reviewItems puts what needs most of a look first. What the base could not
// read is not new because it is read now.
func (s *Server) reviewItems(list []obp.Entitlement, base journal.Row, before map[string]journal.BatchItem, o origins, state journal.ItemState, code string) ([]journal.BatchItem, reviewSeen) {
	times, here, gap := map[[3]string]int{}, map[string]bool{}, unreadOf(base)
	for _, e := range list {
		times[[3]string{e.UserID, e.RoleName, e.BankID}]++
		here[e.EntitlementID] = true
	}
	apart := s.apartAmong(list)
	type line struct {
		it   journal.BatchItem
		seen rowSeen
	}
	var lines []line
	for _, e := range list {
		l := line{it: journal.BatchItem{Person: journal.Party{UserID: e.UserID, Username: e.Username}, Role: e.RoleName, BankID: e.BankID, Target: e.EntitlementID, State: state, Code: code}}
		if row, ok := o.given[e.EntitlementID]; ok {
			l.seen = rowSeen{Act: row.ActID, By: row.Entry.Operator.Username, At: row.At}
		}
		_, known := before[e.EntitlementID]
		l.seen.Flags = s.flagsOf(e, times[[3]string{e.UserID, e.RoleName, e.BankID}], known || state == journal.ItemLeftOut || gap.missed(e.RoleName, e.BankID), l.seen.Act != "")
		if apart[e.EntitlementID] {
			l.seen.Flags = append(l.seen.Flags, flagApart)
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(rank(a.seen.Flags)-rank(b.seen.Flags), strings.Compare(a.it.BankID, b.it.BankID), strings.Compare(a.it.Role, b.it.Role), strings.Compare(a.it.Person.Username, b.it.Person.Username))
	})
	var items []journal.BatchItem
	var seen reviewSeen
	for _, l := range lines {
		items, seen.Rows = append(items, l.it), append(seen.Rows, l.seen)
	}
	for id, it := range before {
		if _, taken := o.taken[id]; !taken && !here[id] {
			seen.Gone = append(seen.Gone, goneSeen{id, it.Person.UserID, it.Person.Username, it.Role, it.BankID})
		}
	}
	slices.SortFunc(seen.Gone, func(a, b goneSeen) int {
		return strings.Compare(a.BankID+a.Role+a.Username, b.BankID+b.Role+b.Username)
	})
	return items, seen
}

// flagsOf are the marks of a grant; known tells whether it was signed before,
// recorded whether the journal holds the act that gave it.
func (s *Server) flagsOf(e obp.Entitlement, times int, known, recorded bool) []string {
	var out []string
	switch {
	case !recorded && !known:
		out = append(out, flagOutside)
	case !recorded:
		out = append(out, flagNone)
	}
	if s.highRisk[e.RoleName] {
		out = append(out, flagRisk)
	}
	if times > 1 {
		out = append(out, flagTwice)
	}
	if strings.HasPrefix(e.Username, "DELETED-") {
		out = append(out, flagDeleted)
	}
	return out
}

// rank orders rows: what is on no record first.
func rank(flags []string) int {
	switch {
	case slices.Contains(flags, flagOutside):
		return 0
	case slices.Contains(flags, flagNone) && len(flags) > 1:
		return 1
	case slices.Contains(flags, flagNone):
		return 2
	case len(flags) > 0:
		return 3
	}
	return 4
}

// flagged tells whether a row is decided by itself, with a reason.
func flagged(flags []string) bool {
	return slices.ContainsFunc(flags, func(f string) bool { return f != flagNone })
}
