// Package handlers turns requests of the browser into OBP calls and pages.
package handlers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// systemScope stands for system roles in the queue's bank filter.
const systemScope = "system"

// queue is one page of the open requests that a query selects. OBP answers all
// of them at once, so every count is true.
type queue struct {
	Rows    []obp.EntitlementRequest
	Found   int            // requests that the filter selects
	Open    int            // requests open in all
	Page    int            // from 1; never beyond the last
	Pages   int            // at least 1
	Asked   map[string]int // open requests by user id, over all of them
	Oldest  time.Time      // creation of the oldest selected, zero when none
	PerPage int
}

// ages maps the filter's words to the least age.
var ages = map[string]time.Duration{"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 30 * 24 * time.Hour}

// buildQueue filters, sorts and cuts the open requests. now decides their age.
func buildQueue(all []obp.EntitlementRequest, q templates.RequestQuery, perPage int, now time.Time) queue {
	out := queue{Open: len(all), Asked: map[string]int{}, PerPage: perPage}
	found := make([]obp.EntitlementRequest, 0, len(all))
	for _, r := range all {
		out.Asked[r.User.UserID]++
		if selects(q, r, now) {
			found = append(found, r)
			if out.Oldest.IsZero() || r.Created.Before(out.Oldest) {
				out.Oldest = r.Created
			}
		}
	}
	sortRequests(found, q.Sort)
	out.Found = len(found)
	out.Pages = max(1, (out.Found+perPage-1)/perPage)
	out.Page = min(max(1, q.Page), out.Pages)
	from := (out.Page - 1) * perPage
	out.Rows = found[from:min(from+perPage, out.Found)]
	return out
}

func selects(q templates.RequestQuery, r obp.EntitlementRequest, now time.Time) bool {
	switch {
	case q.Role != "" && r.RoleName != q.Role:
		return false
	case q.Bank == systemScope && r.BankID != "":
		return false
	case q.Bank != "" && q.Bank != systemScope && r.BankID != q.Bank:
		return false
	case q.Age != "" && now.Sub(r.Created) < ages[q.Age]:
		return false
	}
	return q.Person == "" || r.User.UserID == q.Person || contains(r.User.Username, q.Person) || contains(r.User.Email, q.Person)
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// sortRequests orders by one key, oldest first within equals; the id makes the
// order the same every time.
func sortRequests(rs []obp.EntitlementRequest, by string) {
	key := func(r obp.EntitlementRequest) string {
		switch by {
		case "person":
			return strings.ToLower(r.User.Username)
		case "role":
			return r.RoleName
		case "bank":
			return r.BankID
		}
		return ""
	}
	slices.SortFunc(rs, func(a, b obp.EntitlementRequest) int {
		age := a.Created.Compare(b.Created)
		if by == "-age" {
			age = -age
		}
		return cmp.Or(strings.Compare(key(a), key(b)), age, strings.Compare(a.EntitlementRequestID, b.EntitlementRequestID))
	})
}

// next gives the request after id in the query's order, with its place from 1
// among those found; ok is false when there is none left. When id is gone from
// the list, as it is after a decision, the one that took its place is next:
// place is then the place that id had.
func next(all []obp.EntitlementRequest, q templates.RequestQuery, after obp.EntitlementRequest, now time.Time) (r obp.EntitlementRequest, place, of int, ok bool) {
	found := []obp.EntitlementRequest{after}
	for _, x := range all {
		if x.EntitlementRequestID != after.EntitlementRequestID && selects(q, x, now) {
			found = append(found, x)
		}
	}
	sortRequests(found, q.Sort)
	at := slices.IndexFunc(found, func(x obp.EntitlementRequest) bool {
		return x.EntitlementRequestID == after.EntitlementRequestID
	})
	rest := slices.Delete(found, at, at+1)
	if len(rest) == 0 {
		return obp.EntitlementRequest{}, 0, 0, false
	}
	if at == len(rest) { // it was the last: begin again with the first
		at = 0
	}
	return rest[at], at + 1, len(rest), true
}
