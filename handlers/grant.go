package handlers

import (
	"cmp"
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

// Refusals of grants and revocations.
const (
	RuleOwnGrant   Rule = "own_grant"   // a role for oneself
	RuleWrongScope Rule = "wrong_scope" // no such role, or not at that scope
	RuleNotTheirs  Rule = "not_theirs"  // an entitlement that is not that role of that person
)

// maxGrants is how many roles one form gives.
const maxGrants = 20

// grantRead is what a grant's form needs.
type grantRead struct {
	at       time.Time // before the first call
	u        obp.User
	err      error
	roles    []obp.Role
	rolesErr error
	banks    []obp.Bank
	names    bankNames
}

func (s *Server) readGrant(r *http.Request, c *caller) (grantRead, error) {
	ctx := r.Context()
	g := grantRead{at: s.Now()}
	var all errgroup.Group
	all.Go(func() error { g.u, g.err = s.lookAt(ctx, c, chi.URLParam(r, "id")); return nil })
	all.Go(func() error { g.roles, g.rolesErr = s.allRoles(ctx, c); return nil })
	all.Go(func() error { g.banks, _ = s.banks(ctx, c); return nil }) // their ids can be typed
	_ = all.Wait()
	g.names = bankNames{}
	for _, b := range g.banks {
		g.names[b.ID] = cmp.Or(b.FullName, b.ID)
	}
	if over := firstOver(g.err, g.rolesErr); over != nil {
		return g, over
	}
	if g.err != nil {
		return g, g.err
	}
	return g, g.rolesErr
}

// grantPage is the form that gives roles to a person.
func (s *Server) grantPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	g, err := s.readGrant(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActGrant, "", s.takeDraft(r.Context(), r.URL.Path))
	p := templates.GrantPage{BankID: r.URL.Query().Get("bank")}
	if role := r.URL.Query().Get("role"); role != "" {
		p.Chosen = []string{role}
	}
	if d.typed != nil && (len(p.Chosen) == 0 || slices.Contains(d.typed["role"], p.Chosen[0])) {
		p.Chosen, p.BankID = d.typed["role"], d.typed.Get("bank")
	}
	return s.grantForm(w, r, c, http.StatusOK, g, d, p)
}

func (s *Server) grantForm(w http.ResponseWriter, r *http.Request, c *caller, status int, g grantRead, d *deciding, p templates.GrantPage) error {
	p.Person = templates.Person{UserID: g.u.UserID, Username: g.u.Username, Email: g.u.Email, Provider: g.u.Provider}
	st := stateOf(g.u, &g.u)
	p.State, _ = stateBadge(st)
	if rule := s.grantRule(c, g.u); rule != "" {
		p.Refusals = []string{templates.Word("rule." + string(rule))}
	}
	if p.Form.Errors == nil {
		p.Form = s.decideForm(c, d.typed)
	}
	p.Form.TextRequired = true
	if st == stateLocked {
		p.Form.TickText = templates.Word("tick.locked")
	}
	p.Banks = bankOptions(g.banks, p.BankID)
	p.Held = s.heldRoles(g.u.Entitlements.List, g.names, nil)
	p.Pick = s.rolePick(templates.Grant(g.u.UserID, "", ""), g.roles, p.Chosen, d.typed, s.roleNotes(p.Held, g.u))
	first, err := s.firstGrants(r.Context(), c, g)
	if err != nil {
		return err
	}
	p.First, p.Alone = first, s.emergencyHref(g.u.UserID, "", "", "")
	return s.page(w, r, c, view{status: status, title: templates.Word("grant.title", "person", g.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.GrantView(p),
		parts: map[string]templ.Component{templates.RolePickID: templates.RolePickPart(p.Pick)}})
}

// grantRule is the console's own refusal of a direct grant.
func (s *Server) grantRule(c *caller, u obp.User) Rule {
	if _, own := s.Settings.SamePerson.oneself(c.identity(), identityOf(u)); own {
		return RuleOwnGrant
	}
	if u.Deleted() {
		return RuleDeletedPerson
	}
	return ""
}

// grantErrors says by field what is missing, or at the wrong scope.
func (s *Server) grantErrors(g grantRead, d *deciding, p templates.GrantPage) map[string]string {
	errs := map[string]string{}
	if d.in.Reason == "" {
		errs["reason"] = templates.Word("grant.reason")
	}
	if stateOf(g.u, &g.u) == stateLocked && !d.in.Tick {
		errs["tick"] = templates.Word("grant.tick")
	}
	switch {
	case len(p.Chosen) == 0:
		errs["role"] = templates.Word("ask.role_missing")
	case len(p.Chosen) > maxGrants:
		errs["role"] = templates.WordN("grant.too_many", maxGrants)
	}
	for _, name := range p.Chosen {
		at := slices.IndexFunc(g.roles, func(x obp.Role) bool { return x.Name == name })
		switch {
		case at < 0:
			errs["role"] = templates.Word("ask.role_unknown")
		case g.roles[at].RequiresBankID && p.BankID == "":
			errs["bank"] = templates.Word("ask.bank_missing")
		case p.BankID != "" && !slices.ContainsFunc(g.banks, func(b obp.Bank) bool { return b.ID == p.BankID }) && len(g.banks) > 0:
			errs["bank"] = templates.Word("grant.bank_unknown")
		case !g.roles[at].RequiresBankID && p.BankID != "" && !s.anyBankRole(g, p.Chosen):
			errs["bank"] = templates.Word("ask.bank_too_many")
		}
	}
	return errs
}

// refusedGrant records that the console refused a grant of several roles.
func (s *Server) refusedGrant(ctx context.Context, c *caller, g grantRead, d *deciding, p templates.GrantPage, rule Rule) error {
	e := s.entry(c, d)
	e.ActID, e.Person, e.Role, e.BankID = "", partyOf(g.u), strings.Join(p.Chosen, " "), p.BankID
	return s.refused(ctx, e, d.act, rule)
}

// anyBankRole tells whether one of the chosen roles holds at a bank: then the
// bank is for these, and the others hold for the whole system.
func (s *Server) anyBankRole(g grantRead, chosen []string) bool {
	return slices.ContainsFunc(g.roles, func(x obp.Role) bool { return x.RequiresBankID && slices.Contains(chosen, x.Name) })
}

// grantRoles gives each chosen role as an act of its own, with a result a row.
func (s *Server) grantRoles(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	g, err := s.readGrant(r, c)
	if err != nil {
		return err
	}
	d := newDeciding(journal.ActGrant, "", in)
	p := templates.GrantPage{Chosen: slices.Compact(slices.Sorted(slices.Values(in["role"]))), BankID: in.Get("bank"), Form: s.decideForm(c, in)}
	if in.Get("do") == doFind {
		return s.grantForm(w, r, c, http.StatusOK, g, d, p)
	}
	if rule := s.grantRule(c, g.u); rule != "" {
		if err := s.refusedGrant(r.Context(), c, g, d, p, rule); err != nil {
			return err
		}
		return s.grantForm(w, r, c, http.StatusForbidden, g, d, p)
	}
	if p.Form.Errors = s.grantErrors(g, d, p); len(p.Form.Errors) > 0 {
		if p.Form.Errors["bank"] != "" || len(p.Chosen) > 0 && p.Form.Errors["role"] != "" {
			if err := s.refusedGrant(r.Context(), c, g, d, p, RuleWrongScope); err != nil {
				return err
			}
		}
		return s.grantForm(w, r, c, http.StatusUnprocessableEntity, g, d, p)
	}
	within, want := proofOrdinary, s.wanted(g, p)
	if s.riskyTogether(g.u, want) {
		within = proofDangerous
	}
	if err := s.fresh(c, within); err != nil {
		return err
	}
	return s.grantEach(w, r, c, g, d, want, "role")
}

// wanted are the chosen roles, each at its scope.
func (s *Server) wanted(g grantRead, p templates.GrantPage) []obp.RoleAtBank {
	var out []obp.RoleAtBank
	for _, name := range p.Chosen {
		one := obp.RoleAtBank{RoleName: name, BankID: p.BankID}
		if at := slices.IndexFunc(g.roles, func(x obp.Role) bool { return x.Name == name }); at >= 0 && !g.roles[at].RequiresBankID {
			one.BankID = ""
		}
		out = append(out, one)
	}
	return out
}

// grantEach gives the roles one after the other and says how each went. Those
// that were not granted can be tried again; field is their field of the form.
func (s *Server) grantEach(w http.ResponseWriter, r *http.Request, c *caller, g grantRead, d *deciding, want []obp.RoleAtBank, field string) error {
	out := templates.UserResult{Title: templates.Word("grant.title", "person", g.u.Username)}
	good, u := 0, g.u // as the roles before have made them
	var failed []string
	var cause error
	unknown := false
	for _, x := range want {
		one := newDeciding(journal.ActGrant, "", d.typed)
		one.rd = reading{at: g.at, banks: g.names, person: &u, req: &obp.EntitlementRequest{User: u, RoleName: x.RoleName, BankID: x.BankID}}
		v, err := s.grantOne(r.Context(), c, one)
		if err != nil {
			return err
		}
		if v.done != nil {
			if over := firstOver(v.done.err); over != nil {
				return over
			}
		}
		row := s.grantRow(r, c, one, v)
		value := x.RoleName
		if field == "copy" {
			value = copyKey(x)
		}
		switch {
		case v.busy != nil || v.wait > 0:
			failed = append(failed, value)
		case v.done == nil:
		case v.done.result.Outcome == journal.OutcomeUnknown:
			unknown = true
		case v.done.result.Outcome == journal.OutcomeDone:
			good++
			u = holding(u, x)
		case v.done.result.Outcome == journal.OutcomeFailed:
			failed, cause = append(failed, value), v.done.err
		}
		out.Rows = append(out.Rows, row)
	}
	s.remember(r.Context(), d)
	if len(want) == 1 && cause != nil && field == "role" {
		p := templates.GrantPage{Chosen: failed, BankID: d.typed.Get("bank"), Form: s.decideForm(c, d.typed), Failed: s.problem(r, aboutRole(cause))}
		return s.grantForm(w, r, c, p.Failed.Status, g, d, p)
	}
	back := templates.UserOf(templates.Person{UserID: g.u.UserID, Username: g.u.Username})
	if len(want) == 1 && good == 1 {
		key := "granted"
		if out.Rows[0].Held {
			key = "held_already"
		}
		return s.flashTo(w, r, key, "good", back, map[string]string{"person": g.u.Username, "role": out.Rows[0].What, "scope": out.Rows[0].Scope})
	}
	out.Notice = templates.Notice{Tone: templates.ToneInfo, Text: templates.Word("grant.result", "n", strconv.Itoa(good), "of", strconv.Itoa(len(want)))}
	if len(failed) > 0 || unknown { // with all that was typed, those not granted alone ticked
		d.typed[field] = failed
		if err := s.Sessions.SaveDraft(r.Context(), r.URL.Path, d.typed); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		out.Links = []templates.Link{{Text: templates.Word("grant.again"), Href: r.URL.RequestURI()}}
	}
	out.Links = append(out.Links, templates.Link{Text: templates.Word("user.back"), Href: back})
	return s.page(w, r, c, view{title: out.Title, section: templates.UsersPattern, waiting: -1, body: templates.UserResultView(out)})
}
