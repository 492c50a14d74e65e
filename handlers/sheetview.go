package handlers

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// sheetView says in words what was read of an open request.
func (s *Server) sheetView(ctx context.Context, c *caller, rd reading, q templates.RequestQuery, f templates.DecideForm) (templates.Sheet, error) {
	x := *rd.req
	asked := map[string]int{}
	for _, o := range rd.all {
		asked[o.User.UserID]++
	}
	row := s.queueRow(c, x, q, rd.banks, asked[x.User.UserID])
	sh := templates.Sheet{ID: x.EntitlementRequestID, Query: q, Back: templates.Requests(q), Person: row.Person, Own: row.Own,
		Role: row.Role, Scope: row.Scope, Asked: row.Asked, Held: row.Held, Form: f, MayDecline: true}
	if rd.person != nil {
		sh.Person = personView(*rd.person)
	}
	sh.Person.Href = templates.UserOf(sh.Person)
	sh.State, sh.StateWhy = s.stateView(rd)
	sh.Roles = s.heldRoles(x.User.Entitlements.List, rd.banks, func(e obp.Entitlement) bool { return e.RoleName == x.RoleName && e.BankID == x.BankID })
	for _, o := range rd.all {
		if o.User.UserID == x.User.UserID && o.EntitlementRequestID != x.EntitlementRequestID {
			sh.Others = append(sh.Others, s.queueRow(c, o, q, rd.banks, asked[o.User.UserID]))
		}
	}
	sh.Place, sh.Of, sh.Prev, sh.Next = s.place(c, rd.all, x, q)
	sh.Holders = s.holdersView(rd)
	state := rd.state()
	for _, rule := range s.Settings.SamePerson.mayApprove(c.identity(), identityOf(x.User), state, decision{Reason: "-", Tick: true}) {
		sh.Refusals = append(sh.Refusals, templates.Word("rule."+string(rule)))
	}
	if s.isAuditor(c) {
		sh.Refusals, sh.MayDecline = append(sh.Refusals, templates.Word("rule."+string(RuleAuditor))), false
	}
	sh.MayApprove = len(sh.Refusals) == 0
	sh.Form.TextRequired = row.Role.HighRisk
	switch state {
	case stateLocked:
		sh.Form.TickText = templates.Word("tick.locked")
	case stateUnknown:
		sh.Form.TickText = templates.Word("tick.unknown")
	}
	if err := s.addSecond(ctx, c, &sh); err != nil {
		return sh, err
	}
	var err error
	if sh.Talk, err = s.requestTalk(ctx, c, x); err != nil {
		return sh, err
	}
	sh.Warnings = s.warnings(c, x)
	about, err := s.about(ctx, x.User.UserID, x.RoleName, x.BankID)
	if err != nil {
		return sh, err
	}
	s.addPending(c, &sh, x, about)
	rows, err := s.Journal.Earlier(ctx, x.User.UserID, x.RoleName, x.BankID, maxEarlier)
	if err != nil {
		return sh, err
	}
	for _, row := range rows {
		if row.Entry.Person.Username == "" && row.Entry.Person.UserID == x.User.UserID { // as of an approval that lapsed
			row.Entry.Person.Username = x.User.Username
		}
		sh.Earlier = append(sh.Earlier, s.actRow(c, row, rd.banks, s.mayRead(c, row)))
	}
	return sh, nil
}

// warnings are what the operator's roles let expect of OBP.
func (s *Server) warnings(c *caller, x obp.EntitlementRequest) []string {
	var out []string
	grant := c.hint("CanCreateEntitlementAtAnyBank", "") || x.BankID != "" && c.hint("CanCreateEntitlementAtOneBank", x.BankID)
	closes := c.hint("CanDeleteEntitlementRequestsAtAnyBank", "")
	if !grant {
		out = append(out, templates.Word("warn.cannot_grant"))
	}
	if !closes {
		key := "warn.cannot_close"
		if !grant {
			key = "warn.cannot_decline"
		}
		out = append(out, templates.Word(key))
	}
	if n := x.Held(); n > 0 {
		out = append(out, templates.WordN("warn.held", n))
	}
	return out
}

func (s *Server) stateView(rd reading) (templates.Badge, string) {
	switch rd.state() {
	case stateActive:
		return templates.Badge{Tone: templates.ToneGood, Text: templates.Word("state.active")}, ""
	case stateLocked:
		return templates.Badge{Tone: templates.ToneBad, Text: templates.Word("state.locked")}, ""
	case stateDeleted:
		return templates.Badge{Tone: templates.ToneBad, Text: templates.Word("state.deleted")}, ""
	}
	why := "state.unknown_not_read"
	if obp.KindOf(rd.personErr) == obp.KindMissingRole {
		why = "state.unknown_role"
	}
	return templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("state.unknown")}, templates.Word(why)
}

// place finds the request in the queue's order, with its neighbours.
func (s *Server) place(c *caller, all []obp.EntitlementRequest, x obp.EntitlementRequest, q templates.RequestQuery) (place, of int, prev, nxt string) {
	var found []obp.EntitlementRequest
	for _, o := range all {
		if selects(q, o, c.now) {
			found = append(found, o)
		}
	}
	sortRequests(found, q.Sort)
	at := slices.IndexFunc(found, func(o obp.EntitlementRequest) bool { return o.EntitlementRequestID == x.EntitlementRequestID })
	if at < 0 {
		return 0, len(found), "", ""
	}
	href := func(o obp.EntitlementRequest) string {
		return templates.RequestOf(o.EntitlementRequestID, o.User.UserID, o.BankID, o.RoleName, q)
	}
	if at > 0 {
		prev = href(found[at-1])
	}
	if at+1 < len(found) {
		nxt = href(found[at+1])
	}
	return at + 1, len(found), prev, nxt
}

// maxHolders is how many holders a sheet names.
const maxHolders = 8

func (s *Server) holdersView(rd reading) templates.Holders {
	x := rd.req
	if rd.holdErr != nil {
		key := "holders.not_read"
		switch {
		case errors.Is(rd.holdErr, errNotAsked) || obp.KindOf(rd.holdErr) == obp.KindMissingRole:
			key = "holders.role"
		case obp.KindOf(rd.holdErr) == obp.KindTimeout:
			key = "holders.slow"
		}
		return templates.Holders{Why: templates.Word(key)}
	}
	names := map[string]string{}
	for _, o := range rd.all {
		names[o.User.UserID] = o.User.Username
	}
	h := templates.Holders{Known: true}
	seen := map[string]bool{}
	for _, e := range rd.holders {
		if e.RoleName != x.RoleName || e.BankID != x.BankID || seen[e.UserID] || e.UserID == x.User.UserID {
			continue
		}
		seen[e.UserID] = true
		if len(h.People) == maxHolders {
			h.More++
			continue
		}
		name := e.Username
		if name == "" {
			name = names[e.UserID]
		}
		h.People = append(h.People, templates.Person{UserID: e.UserID, Username: name})
	}
	return h
}

// decisions are the acts that decide or finish a request.
var decisions = []journal.Act{journal.ActApprove, journal.ActDecline, journal.ActUndoApprove, journal.ActGrant, journal.ActRevoke, journal.ActFinish}

// about gives the latest decisions on a person's role at a scope, newest first.
func (s *Server) about(ctx context.Context, userID, role, bankID string) ([]journal.Row, error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Person: userID, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 100})
	if err != nil {
		return nil, err
	}
	return p.Rows, nil
}

// maxEarlier is how many earlier decisions a sheet shows, on the person and on
// the role at the scope each.
const maxEarlier = 5

func samePlace(row journal.Row, role, bankID string) bool {
	return row.Entry.Role == role && row.Entry.BankID == bankID
}

// takeDraft gives what was typed before the session ended, once.
func (s *Server) takeDraft(ctx context.Context, key string) url.Values {
	d := s.Sessions.Draft(ctx, key)
	if len(d) > 0 {
		if err := s.Sessions.SaveDraft(ctx, key, nil); err != nil {
			s.Log.WarnContext(ctx, "a draft was not forgotten", "error", err)
		}
	}
	return d
}

func (s *Server) decideForm(c *caller, typed url.Values) templates.DecideForm {
	f := templates.DecideForm{Reason: typed.Get("reason"), ReasonCode: typed.Get("reason_code"), Ticket: c.me.Ticket, Tick: typed.Get("tick") != "", Shown: typed.Get("shown_to_requester") != "",
		LastReason: c.me.Draft[lastReasonKey].Get("reason"), Errors: map[string]string{}}
	if t := typed.Get("ticket"); t != "" || typed.Has("ticket") {
		f.Ticket = strings.TrimSpace(t)
	}
	for _, rc := range s.Settings.ReasonCodes {
		f.Codes = append(f.Codes, templates.Option{Value: rc.Code, Text: rc.Text, Selected: rc.Code == f.ReasonCode})
	}
	return f
}

const lastReasonKey = "last_reason"
