package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// holdersWithin bounds the one read of a sheet that can be large.
const holdersWithin = 3 * time.Second

// reading is what was read of OBP for one request.
type reading struct {
	at        time.Time // before the first call
	all       []obp.EntitlementRequest
	req       *obp.EntitlementRequest // nil: not open
	person    *obp.User               // nil: not read
	personErr error
	banks     bankNames
	holders   []obp.Entitlement
	holdErr   error // errNotAsked when it was not asked for
}

// errNotAsked stands where the operator's roles say that OBP would refuse.
var errNotAsked = errors.New("not asked for")

func (rd reading) state() personState {
	if rd.req == nil {
		return stateUnknown
	}
	return stateOf(rd.req.User, rd.person)
}

func findRequest(all []obp.EntitlementRequest, id string) *obp.EntitlementRequest {
	i := slices.IndexFunc(all, func(x obp.EntitlementRequest) bool { return x.EntitlementRequestID == id })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// readSheet reads everything that a sheet shows. When the address carries
// whose request it is, all calls run side by side; that hint is checked
// against the request, and what it got wrong is read again.
func (s *Server) readSheet(ctx context.Context, c *caller, id string, hint url.Values) (reading, error) {
	rd := reading{at: s.Now(), holdErr: errNotAsked}
	user, bank := hint.Get("u"), hint.Get("b")
	var err error
	var g errgroup.Group
	g.Go(func() error { rd.all, err = c.api.EntitlementRequests(ctx); return nil })
	g.Go(func() error { rd.banks = s.names(ctx, c); return nil })
	if user != "" {
		g.Go(func() error { s.readPerson(ctx, c, &rd, user); return nil })
		g.Go(func() error { s.readHolders(ctx, c, &rd, bank); return nil })
	}
	_ = g.Wait()
	if err != nil {
		return rd, err
	}
	rd.req = findRequest(rd.all, id)
	if rd.req == nil || user == rd.req.User.UserID && bank == rd.req.BankID {
		return rd, firstOver(rd.personErr, rd.holdErr)
	}
	var again errgroup.Group
	if user != rd.req.User.UserID {
		rd.person, rd.personErr = nil, nil
		again.Go(func() error { s.readPerson(ctx, c, &rd, rd.req.User.UserID); return nil })
	}
	if user == "" || bank != rd.req.BankID {
		again.Go(func() error { s.readHolders(ctx, c, &rd, rd.req.BankID); return nil })
	}
	_ = again.Wait()
	return rd, firstOver(rd.personErr, rd.holdErr)
}

func (s *Server) readPerson(ctx context.Context, c *caller, rd *reading, userID string) {
	u, err := c.api.UserByID(ctx, userID)
	if err != nil {
		rd.personErr = err
		return
	}
	rd.person = &u
}

// readHolders reads the grants that tell who holds the role. The list over
// everybody carries user names, the one of a bank does not.
func (s *Server) readHolders(ctx context.Context, c *caller, rd *reading, bankID string) {
	ctx, cancel := context.WithTimeout(ctx, holdersWithin)
	defer cancel()
	switch {
	case c.hint("CanGetEntitlementsForAnyUserAtAnyBank", ""):
		rd.holders, rd.holdErr = c.api.AllEntitlements(ctx)
	case bankID != "" && (c.hint("CanGetEntitlementsForOneBank", bankID) || c.hint("CanGetEntitlementsForAnyBank", "")):
		rd.holders, rd.holdErr = c.api.BankEntitlements(ctx, bankID)
	default:
		rd.holders, rd.holdErr = nil, errNotAsked
	}
}

// request is one request's page: open with its decision, or what became of it.
func (s *Server) request(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	id := chi.URLParam(r, "id")
	q := requestQuery(r.URL.Query())
	rd, err := s.readSheet(ctx, c, id, r.URL.Query())
	if over := firstOver(err, rd.personErr, rd.holdErr); over != nil {
		return over
	}
	if err != nil {
		p := s.queueProblem(r, c, err)
		return s.sheetPage(w, r, c, p.Status, reading{}, templates.Sheet{ID: id, Query: q, Back: templates.Requests(q), Problem: p})
	}
	typed := s.takeDraft(ctx, templates.Request(id, "", "", templates.RequestQuery{}))
	if rd.req == nil {
		sheet, status, err := s.goneSheet(ctx, c, id, q, rd)
		if err != nil {
			return err
		}
		return s.sheetPage(w, r, c, status, rd, sheet)
	}
	sheet, err := s.sheetView(ctx, c, rd, q, s.decideForm(c, typed))
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, http.StatusOK, rd, sheet)
}

// sheetPage answers with the sheet beside the queue's list, or as the part
// alone. The list was read anyway.
func (s *Server) sheetPage(w http.ResponseWriter, r *http.Request, c *caller, status int, rd reading, sheet templates.Sheet) error {
	v := view{status: status, section: templates.RequestsPattern, waiting: -1, title: templates.Word("page.request")}
	list := templates.Queue{Query: sheet.Query, Chosen: sheet.ID}
	if sheet.Problem == nil || rd.all != nil {
		list = s.queueView(c, rd.all, sheet.Query, rd.banks)
		list.Chosen, v.waiting = sheet.ID, len(rd.all)
	} else {
		list.Problem = sheet.Problem
	}
	user, bank := "", ""
	if rd.req != nil {
		user, bank = rd.req.User.UserID, rd.req.BankID
		v.title = templates.Word("page.request_of", "role", sheet.Role.Short, "person", sheet.Person.Username)
	}
	v.canon = templates.Request(sheet.ID, user, bank, sheet.Query)
	v.body = templates.RequestsView(list, &sheet)
	list.OOB = true
	v.parts = map[string]templ.Component{templates.SheetID: templates.SheetView(sheet)}
	if list.Problem == nil {
		v.beside = map[string][]templ.Component{templates.SheetID: {templates.QueueList(list)}}
	}
	return s.page(w, r, c, v)
}

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
	sh.MayApprove = len(sh.Refusals) == 0
	sh.Form.TextRequired = row.Role.HighRisk
	switch state {
	case stateLocked:
		sh.Form.TickText = templates.Word("tick.locked")
	case stateUnknown:
		sh.Form.TickText = templates.Word("tick.unknown")
	}
	sh.Warnings = s.warnings(c, x)
	about, err := s.about(ctx, x.User.UserID, x.RoleName, x.BankID)
	if err != nil {
		return sh, err
	}
	s.addEarlier(c, &sh, about, rd.banks)
	s.addPending(c, &sh, x, about)
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
		return templates.Request(o.EntitlementRequestID, o.User.UserID, o.BankID, q)
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

// seen is what the journal keeps of what the decider saw.
type seen struct {
	UserID, Username, Email, Provider string
	State                             string
	Roles                             []string
	Held                              int
	Asked                             time.Time
	Warnings                          []string `json:",omitempty"`
	OtherRequests                     int
}

func (s *Server) seenOf(c *caller, rd reading) json.RawMessage {
	x := rd.req
	v := seen{UserID: x.User.UserID, Username: x.User.Username, Email: x.User.Email, Provider: x.User.Provider, Held: x.Held(), Asked: x.Created, Warnings: s.warnings(c, *x)}
	v.State = map[personState]string{stateUnknown: "unknown", stateActive: "active", stateLocked: "locked", stateDeleted: "deleted"}[rd.state()]
	for _, e := range x.User.Entitlements.List {
		at := e.RoleName
		if e.BankID != "" {
			at += " @ " + e.BankID
		}
		v.Roles = append(v.Roles, at)
	}
	for _, o := range rd.all {
		if o.User.UserID == x.User.UserID && o.EntitlementRequestID != x.EntitlementRequestID {
			v.OtherRequests++
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
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

const maxEarlier = 5

// addEarlier lists earlier decisions on this person. Their text is for their
// own author and for readers of the journal.
func (s *Server) addEarlier(c *caller, sh *templates.Sheet, about []journal.Row, banks bankNames) {
	for _, row := range about {
		if len(sh.Earlier) == maxEarlier {
			return
		}
		sh.Earlier = append(sh.Earlier, s.actRow(c, row, banks, s.mayRead(c, row)))
	}
}

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
	f := templates.DecideForm{Reason: typed.Get("reason"), ReasonCode: typed.Get("reason_code"), Ticket: c.me.Ticket, Tick: typed.Get("tick") != "",
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
