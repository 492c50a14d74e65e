package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// personRead is what was read of one person; each part has an error of its own.
type personRead struct {
	user                                         obp.User
	userErr                                      error
	counter                                      *obp.LockStatus
	counterErr                                   error
	held                                         []obp.Entitlement
	heldErr                                      error
	requests                                     []obp.EntitlementRequest
	contexts                                     []obp.AuthContext
	attributes                                   obp.UserWithAttributes
	links                                        []obp.CustomerLink
	access                                       []obp.Access
	reqErr, ctxErr, attrErr, linksErr, accessErr error
	banks                                        bankNames
	about                                        []journal.Row
	journalErr                                   error
	linksBank                                    string // whose role lets the links be read, "": none known
}

// readPersonPage reads all that the user id gives side by side: one hop. The
// count of failed sign-ins needs the user name, which the page's address may
// carry; it is checked against the person.
func (s *Server) readPersonPage(r *http.Request, c *caller, id, name, bank string) personRead {
	ctx := r.Context()
	p := personRead{linksBank: bank, linksErr: errNotAsked, accessErr: errNotAsked, heldErr: errNotAsked}
	if p.linksBank == "" {
		p.linksBank = c.bankWith("CanGetUserCustomerLink")
	}
	var g errgroup.Group
	read := func(f func()) { g.Go(func() error { f(); return nil }) }
	read(func() { p.user, p.userErr = c.api.UserByID(ctx, id) })
	read(func() { p.banks = s.names(ctx, c) })
	read(func() { p.requests, p.reqErr = c.api.UserEntitlementRequests(ctx, id) })
	read(func() { p.contexts, p.ctxErr = c.api.AuthContexts(ctx, id) })
	read(func() { p.attributes, p.attrErr = c.api.UserAttributes(ctx, id) })
	read(func() { p.about, p.journalErr = s.personActs(ctx, c, id) })
	if name != "" {
		read(func() { p.readCounter(ctx, c, name) })
	}
	if c.hint("CanGetEntitlementsForAnyUserAtAnyBank", "") { // it alone shows a super admin
		read(func() { p.held, p.heldErr = c.api.UserEntitlements(ctx, id) })
	}
	if p.linksBank != "" {
		read(func() { p.links, p.linksErr = c.api.UserCustomerLinks(ctx, p.linksBank, id) })
	}
	if c.me.ServesV510 {
		read(func() { p.access, p.accessErr = c.api.UserAccess(ctx, id) })
	}
	_ = g.Wait()
	if p.userErr == nil && name != "" && name != p.user.Username {
		p.counter, p.counterErr = nil, nil // it was somebody else's
	}
	if p.userErr == nil && p.user.Provider != c.me.Provider {
		p.counter, p.counterErr = nil, nil // it was that of somebody of the same name here
		if c.me.ServesV510 && !p.user.Deleted() {
			p.counter = counterElsewhere(ctx, c, p.user)
		}
	}
	return p
}

func (p *personRead) readCounter(ctx context.Context, c *caller, name string) {
	st, err := c.api.LockStatus(ctx, name)
	if p.counterErr = err; err == nil {
		p.counter = &st
	}
}

// counterWithin bounds the one read that has to wait for another.
const counterWithin = 2 * time.Second

// counterElsewhere counts failed sign-ins of somebody of another provider, which
// v5.1.0 can and which needs the provider's name; nil: not known.
func counterElsewhere(ctx context.Context, c *caller, u obp.User) *obp.LockStatus {
	ctx, cancel := context.WithTimeout(ctx, counterWithin)
	defer cancel()
	st, err := c.api.LockStatusByProvider(ctx, u.Provider, u.Username)
	if err != nil {
		return nil
	}
	return &st
}

func (p personRead) over() error {
	return firstOver(p.userErr, p.counterErr, p.heldErr, p.reqErr, p.ctxErr, p.attrErr, p.linksErr, p.accessErr)
}

// bankWith gives a bank at which the operator seems to hold a bank role.
func (c *caller) bankWith(role string) string {
	for _, h := range c.me.Roles {
		if h.Name == role && h.BankID != "" {
			return h.BankID
		}
	}
	return ""
}

// maxPersonActs is how many acts of the journal a person's page shows, and how
// many are looked through for where their roles came from.
const (
	maxPersonActs   = 8
	maxOriginSearch = 300
)

func (s *Server) personActs(ctx context.Context, c *caller, id string) ([]journal.Row, error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Person: id, Rights: journal.Rights{All: true}, Limit: maxOriginSearch})
	return p.Rows, err
}

// noteUser writes into the read log that the operator looks at a person. After
// an error nothing of the person may be shown.
func (s *Server) noteUser(ctx context.Context, c *caller, id string) error {
	return s.Journal.Read(ctx, c.me.SessionID, c.me.UserID, journal.ReadUser, id)
}

// lookAt reads a person whose page is to be shown, and notes it.
func (s *Server) lookAt(ctx context.Context, c *caller, id string) (obp.User, error) {
	if err := s.noteUser(ctx, c, id); err != nil {
		return obp.User{}, err
	}
	return c.api.UserByID(ctx, id)
}

// userPage is one person: first whether they can sign in, then all else.
func (s *Server) userPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, name := chi.URLParam(r, "id"), r.URL.Query().Get("n")
	if isPart(r) == templates.CounterID && name != "" {
		return s.lateCounter(w, r, c, name)
	}
	if err := s.noteUser(r.Context(), c, id); err != nil {
		return err
	}
	p := s.readPersonPage(r, c, id, name, r.URL.Query().Get("bank"))
	if over := p.over(); over != nil {
		return over
	}
	if p.journalErr != nil {
		return p.journalErr
	}
	v := view{section: templates.UsersPattern, waiting: -1, title: templates.Word("page.user")}
	var u templates.UserPage
	switch {
	case p.userErr == nil:
		u = s.personPage(r, c, p)
		v.title, v.canon = u.Person.Username, templates.UserOf(u.Person)
	case obp.KindOf(p.userErr) == obp.KindMissingRole: // the other parts may stand
		p.user.UserID = id
		u = s.personPage(r, c, p)
		u.Problem, v.status = s.problem(r, p.userErr), http.StatusForbidden
		u.Verdict, u.Counter, u.Acts = templates.Verdict{}, nil, nil
	default:
		u.Problem = s.problem(r, aboutPerson(p.userErr))
		v.status = u.Problem.Status
	}
	v.body = templates.UserView(u)
	v.parts = map[string]templ.Component{templates.UserID: templates.UserPart(u)}
	return s.page(w, r, c, v)
}

func (s *Server) personPage(r *http.Request, c *caller, p personRead) templates.UserPage {
	u := templates.UserPage{Person: personView(p.user), ProviderID: p.user.ProviderID}
	st := stateOf(p.user, &p.user)
	u.State, _ = stateBadge(st)
	u.Verdict = s.verdict(c, p, st)
	u.Counter = s.counterView(r, c, p)
	u.Acts = userMenu(c, u.Person, st)
	u.Calling, u.MayCall = s.callWith(c, p.user.UserID), st != stateDeleted && p.user.UserID != c.me.UserID
	u.Roles = s.personRoles(c, p)
	u.Unread = p.userErr != nil
	if u.Unread && p.heldErr != nil {
		u.RolesWhy = s.problem(r, p.userErr)
	}
	why := func(err error) *templates.Problem {
		if err == nil {
			return nil
		}
		return s.problem(r, err)
	}
	u.ReqWhy, u.CtxWhy, u.AttrWhy = why(p.reqErr), why(p.ctxErr), why(p.attrErr)
	for _, x := range p.requests {
		row := s.queueRow(c, x, templates.RequestQuery{}, p.banks, 1)
		u.Requests = append(u.Requests, row)
	}
	for _, x := range p.contexts {
		u.Contexts = append(u.Contexts, templates.Fact{Name: x.Key, Value: x.Value})
	}
	for _, x := range p.attributes.Attributes {
		u.Attributes = append(u.Attributes, templates.Fact{Name: x.Name, Value: x.Value})
	}
	if p.linksErr == errNotAsked {
		for id, name := range p.banks {
			u.LinksAsk = append(u.LinksAsk, templates.Option{Value: id, Text: name})
		}
		slices.SortFunc(u.LinksAsk, func(a, b templates.Option) int { return strings.Compare(a.Text, b.Text) })
	} else {
		u.LinksWhy = why(p.linksErr)
	}
	for _, x := range p.links {
		u.Links = append(u.Links, templates.UserLink{CustomerID: x.CustomerID, Since: c.when(x.Inserted), Active: x.IsActive})
	}
	if p.accessErr == errNotAsked {
		u.AccessNone = templates.Word("user.access_not_served")
	} else {
		u.AccessWhy = why(p.accessErr)
	}
	u.Access = accessRows(p.access, p.banks)
	u.JournalAll = s.readerRights(c).All
	for _, row := range p.about {
		if len(u.Journal) < maxPersonActs && (s.mayRead(c, row) || slices.Contains(decisions, row.Entry.Act)) {
			u.Journal = append(u.Journal, s.actRow(c, row, p.banks, s.mayRead(c, row)))
		}
	}
	return u
}

// personRoles lists what a person holds, each with the act that gave it when
// the journal knows.
func (s *Server) personRoles(c *caller, p personRead) []templates.UserRole {
	list := p.user.Entitlements.List
	if p.heldErr == nil {
		list = p.held
	}
	origin := map[string]string{}
	for _, row := range p.about {
		if row.Entry.Act == journal.ActApprove || row.Entry.Act == journal.ActGrant {
			for _, id := range row.EntitlementIDs() {
				origin[id] = row.ActID
			}
		}
	}
	var out []templates.UserRole
	at := map[[2]string]int{}
	for _, e := range list {
		k := [2]string{e.RoleName, e.BankID}
		if i, seen := at[k]; seen {
			out[i].Times++
			continue
		}
		at[k] = len(out)
		row := templates.UserRole{Role: s.role(e.RoleName), Scope: p.banks.scope(e.BankID), Super: e.IsSuperAdmin(), Times: 1}
		if act := origin[e.EntitlementID]; act != "" {
			row.Origin = &templates.Link{Text: templates.Word("user.role_origin"), Href: templates.JournalAct(act)}
		}
		if !row.Super {
			row.Revoke = templates.Revoke(p.user.UserID, e.RoleName, e.BankID)
		}
		out = append(out, row)
	}
	return out
}

// verdict says in one sentence whether the person can sign in, and what helps.
func (s *Server) verdict(c *caller, p personRead, st personState) templates.Verdict {
	v := templates.Verdict{Tone: templates.ToneBad}
	person := personView(p.user)
	limit := s.Settings.MaxBadLogins
	failed, last := 0, ""
	if p.counter != nil {
		failed, last = p.counter.FailedAttempts, c.when(p.counter.LastFailure).Local
	}
	switch {
	case st == stateDeleted:
		v.Code = "deleted"
	case p.user.Provider != c.me.Provider:
		v.Code, v.Tone = "other", templates.ToneWarn
		if st == stateLocked {
			v.Code = "other_locked"
		}
		if st == stateLocked && c.me.ServesV510 {
			v.Code = "other_locked_newer"
		}
	case st == stateLocked && failed > 0 && limit == 0:
		v.Code = "locked_either"
	case st == stateLocked && failed > limit && limit > 0:
		v.Code = "locked_failed"
	case st == stateLocked && p.counter != nil:
		v.Code = "locked_admin"
	case st == stateLocked:
		v.Code = "locked"
	case failed > 0:
		v.Code, v.Tone = "some_failed", templates.ToneWarn
	default:
		v.Code, v.Tone = "clear", templates.ToneGood
	}
	v.Sentence = templates.Word("verdict."+v.Code, "n", strconv.Itoa(failed), "last", last, "provider", p.user.Provider)
	if p.user.Provider != c.me.Provider && st != stateDeleted {
		more := "verdict.other_more"
		if c.me.ServesV510 {
			more = "verdict.other_more_newer"
		}
		v.More = append(v.More, templates.Word(more))
	}
	if st == stateLocked && c.locks(p.user.Provider) {
		v.Do = &templates.Link{Text: templates.Word("user.do_unlock"), Href: templates.Unlock(person)}
	}
	return v
}

func (s *Server) counterView(r *http.Request, c *caller, p personRead) *templates.FailedSignIns {
	f := &templates.FailedSignIns{}
	switch {
	case p.user.Provider != c.me.Provider && p.counter == nil:
		f.Other = templates.Word("user.counter_other")
	case p.user.Deleted():
		f.Other = templates.Word("user.counter_deleted")
	case p.counterErr != nil:
		f.Why = s.problem(r, p.counterErr)
	case p.counter == nil:
		f.Read = templates.UserOf(personView(p.user))
	default:
		f.Count = templates.Word("user.counter_unknown", "n", strconv.Itoa(p.counter.FailedAttempts))
		if limit := s.Settings.MaxBadLogins; limit > 0 {
			f.Count = templates.Word("user.counter_of", "n", strconv.Itoa(p.counter.FailedAttempts), "max", strconv.Itoa(limit))
		}
		if p.counter.FailedAttempts > 0 {
			f.Last = c.when(p.counter.LastFailure)
		}
	}
	return f
}

func accessRows(list []obp.Access, banks bankNames) []templates.UserAccess {
	var out []templates.UserAccess
	at := map[[2]string]int{}
	for _, a := range list {
		k := [2]string{a.BankID, a.AccountID}
		i, seen := at[k]
		if !seen {
			i = len(out)
			at[k] = i
			out = append(out, templates.UserAccess{Bank: banks.scope(a.BankID), Account: a.AccountID})
		}
		out[i].Views = append(out[i].Views, a.ViewID)
	}
	return out
}
