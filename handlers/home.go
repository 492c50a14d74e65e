package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// lastDecisions is how many decisions the first page lists.
const lastDecisions = 5

// home says what waits, and where to begin. One hop: the open requests, one's
// own and the banks' names are asked for side by side.
func (s *Server) home(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	var all, mine []obp.EntitlementRequest
	var allErr, mineErr error
	var banks bankNames
	var g errgroup.Group
	g.Go(func() error { all, allErr = c.api.EntitlementRequests(ctx); return nil })
	g.Go(func() error { mine, mineErr = c.api.MyEntitlementRequests(ctx); return nil })
	g.Go(func() error { banks = s.names(ctx, c); return nil })
	var last journal.Page
	var open []journal.Row
	var bulks []journal.Batch
	var halved map[string]journal.Approval
	var acts []journal.Approval
	g.Go(func() (err error) {
		last, err = s.Journal.Search(ctx, journal.Filter{Acts: decisions, Rights: journal.Rights{Self: c.me.UserID}, Limit: lastDecisions})
		return err
	})
	g.Go(func() (err error) { open, err = s.Journal.Unfinished(ctx, 0); return err })
	g.Go(func() (err error) { bulks, err = s.Journal.OpenBatches(ctx, c.me.UserID); return err })
	g.Go(func() (err error) { halved, err = s.waitingApprovals(ctx); return err })
	g.Go(func() (err error) { acts, err = s.waitingActs(ctx); return err })
	err := g.Wait()
	if err := cmp.Or(firstOver(allErr, mineErr), err); err != nil {
		return err
	}
	h := templates.HomePage{Shortcuts: shortcutWords()}
	waiting := -1
	if allErr != nil {
		h.Problem = s.problem(r, allErr)
		h.Sentence = templates.Word("home.closed")
	} else {
		waiting = len(all)
		s.homeSentence(&h, all, c)
		h.Unfinished = s.heldTwice(c, all, banks)
	}
	if mineErr != nil {
		h.MineWhy = s.problem(r, mineErr)
	}
	h.Mine = s.mineRows(c, mine, banks)
	h.LastTitle = templates.Word("home.your_last")
	for _, row := range last.Rows {
		h.Last = append(h.Last, s.actRow(c, row, banks, true))
	}
	h.Unfinished = slices.Concat(bulkAlarms(c, bulks), s.alarms(c, open, banks, allErr == nil), h.Unfinished)
	h.Emergencies, h.Reviews = s.emergencyAlarms(c, open, banks), s.reviewAlarms(c, open, banks)
	h.Second = append(s.secondAlarms(c, halved, all, banks), s.actAlarms(c, acts, banks)...)
	return s.page(w, r, c, view{title: templates.Word("page.home_title"), section: templates.HomePattern, canon: templates.Home(), waiting: waiting, body: templates.HomeView(h)})
}

func (s *Server) homeSentence(h *templates.HomePage, all []obp.EntitlementRequest, c *caller) {
	q := s.buildQueue(all, templates.RequestQuery{}, c)
	own := 0
	for _, x := range all {
		if _, mine := s.Settings.SamePerson.oneself(c.identity(), identityOf(x.User)); mine {
			own++
		}
	}
	switch {
	case len(all) == 0:
		h.Sentence = templates.Word("home.nothing")
		return
	case own == len(all):
		h.Sentence = templates.WordN("home.only_own", own)
		return
	}
	h.Sentence = templates.WordN("home.wait", len(all), "age", age(c.now.Sub(q.Oldest)))
	for _, x := range q.Rows {
		if _, mine := s.Settings.SamePerson.oneself(c.identity(), identityOf(x.User)); !mine {
			h.Start = &templates.Link{Text: templates.Word("home.start"), Href: templates.RequestOf(x.EntitlementRequestID, x.User.UserID, x.BankID, x.RoleName, templates.RequestQuery{})}
			return
		}
	}
	h.Start = &templates.Link{Text: templates.Word("home.start"), Href: templates.Requests(templates.RequestQuery{})}
}

func (s *Server) mineRows(c *caller, mine []obp.EntitlementRequest, banks bankNames) []templates.MineRow {
	var out []templates.MineRow
	for _, x := range mine {
		out = append(out, templates.MineRow{Role: s.role(x.RoleName), Scope: banks.scope(x.BankID), Asked: c.when(x.Created)})
	}
	return out
}

func shortcutWords() [][2]string {
	var out [][2]string
	for _, k := range []string{"j", "k", "a", "d", "/", "?"} {
		out = append(out, [2]string{k, templates.Word("shortcut." + map[string]string{"j": "next", "k": "previous", "a": "approve", "d": "decline", "/": "filter", "?": "help"}[k])})
	}
	return out
}

func identityOf(u obp.User) Identity {
	return Identity{UserID: u.UserID, Username: u.Username, Email: u.Email}
}

// heldTwice tells which of those who ask for something hold a role more than
// once at one scope: parallel grants at OBP can do that.
func (s *Server) heldTwice(c *caller, all []obp.EntitlementRequest, banks bankNames) []templates.Alarm {
	var out []templates.Alarm
	seen := map[string]bool{}
	for _, x := range all {
		if seen[x.User.UserID] {
			continue
		}
		seen[x.User.UserID] = true
		for _, h := range s.heldRoles(x.User.Entitlements.List, banks, nil) {
			if h.Times > 1 {
				out = append(out, templates.Alarm{Href: templates.User(x.User.UserID),
					Text: templates.Word("alarm.held_twice", "person", x.User.Username, "role", h.Role.Short, "scope", h.Scope.Name, "n", strconv.Itoa(h.Times))})
			}
		}
	}
	return out
}
