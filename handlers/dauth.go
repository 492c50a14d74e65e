package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActDAuth makes or finds a user of a DAuth provider and gives them roles.
const ActDAuth journal.Act = "dauth_roles"

const dauthPrefix = "dauth."

func (s *Server) dauthPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	d := s.takeDraft(r.Context(), r.URL.Path)
	return s.dauthForm(w, r, c, http.StatusOK, templates.DAuthPage{Provider: cmp.Or(d.Get("provider"), dauthPrefix), Username: d.Get("username"), Chosen: d["role"], BankID: cmp.Or(d.Get("bank"), currentBank(r)), Form: s.decideForm(c, d)}, d)
}

func (s *Server) dauthForm(w http.ResponseWriter, r *http.Request, c *caller, status int, p templates.DAuthPage, in url.Values) error {
	roles, err := s.allRoles(r.Context(), c)
	if err != nil {
		return err
	}
	banks, err := s.banks(r.Context(), c)
	if err != nil {
		return err
	}
	p.Banks = bankOptions(banks, p.BankID)
	p.Pick = s.rolePick(templates.DAuthPattern, roles, p.Chosen, in, func(string) []string { return nil })
	p.Form.TextRequired = true
	return s.page(w, r, c, view{status: status, title: templates.Word("dauth.title"), section: templates.RolesPattern, waiting: -1, body: templates.DAuthView(p),
		parts: map[string]templ.Component{templates.RolePickID: templates.RolePickPart(p.Pick)}})
}

// roleOptions lists the roles for a form, by their plain words.
func roleOptions(roles []obp.Role, chosen []string) []templates.Option {
	var out []templates.Option
	for _, x := range roles {
		word := "me.role_system"
		if x.RequiresBankID {
			word = "me.role_bank"
		}
		out = append(out, templates.Option{Value: x.Name, Text: templates.Word(word, "role", templates.RoleWords(x.Name).Short, "name", x.Name), Selected: slices.Contains(chosen, x.Name)})
	}
	slices.SortFunc(out, func(a, b templates.Option) int {
		return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
	})
	return out
}

func bankOptions(banks []obp.Bank, chosen string) []templates.Option {
	var out []templates.Option
	for _, b := range banks {
		out = append(out, templates.Option{Value: b.ID, Text: cmp.Or(b.FullName, b.ID), Selected: b.ID == chosen})
	}
	return out
}

// dauthRoles sends the form. A refused call can leave a new user behind: where
// the server can be asked, it is.
func (s *Server) dauthRoles(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	roles, err := s.allRoles(r.Context(), c)
	if err != nil {
		return err
	}
	d := newDeciding(ActDAuth, "", in)
	p := templates.DAuthPage{Provider: strings.TrimSpace(in.Get("provider")), Username: strings.TrimSpace(in.Get("username")), Chosen: in["role"], BankID: in.Get("bank"), Form: s.decideForm(c, in)}
	if in.Get("do") == doFind {
		return s.dauthForm(w, r, c, http.StatusOK, p, in)
	}
	want, errs := dauthWant(roles, p)
	if d.in.Reason == "" {
		errs["reason"] = templates.Word("grant.reason")
	}
	e := c.entryOf(ActDAuth)
	e.Person, e.Reason, e.Ticket, e.Target = journal.Party{Username: p.Username, Provider: p.Provider}, d.in.Reason, d.ticket, strings.Join(p.Chosen, " ")
	if len(want) == 1 {
		e.Role, e.BankID = want[0].RoleName, want[0].BankID
	}
	if e.Seen, err = json.Marshal(dauthSeen{want}); err != nil {
		return err
	}
	rule := Rule("")
	switch {
	case s.dauthOneself(c, p):
		rule, errs[""] = RuleOwnGrant, templates.Word("rule."+string(RuleOwnGrant))
	case len(p.Chosen) > 0 && errs["role"] != "" || errs["bank"] != "":
		rule = RuleWrongScope
	}
	if rule != "" {
		if err := s.refused(r.Context(), e, ActDAuth, rule); err != nil {
			return err
		}
	}
	if p.Form.Errors = errs; len(errs) > 0 {
		status := http.StatusUnprocessableEntity
		if rule == RuleOwnGrant {
			status = http.StatusForbidden
		}
		return s.dauthForm(w, r, c, status, p, in)
	}
	release, apart, err := s.dauthApart(r.Context(), c, p, want)
	defer release()
	if err != nil {
		return err
	}
	if s.Settings.SecondPerson && (apart || s.riskyTogether(obp.User{}, want)) {
		p.Form.Errors["role"] = templates.Word("dauth.two_people")
		if err := s.refused(r.Context(), e, ActDAuth, "second_person"); err != nil {
			return err
		}
		return s.dauthForm(w, r, c, http.StatusForbidden, p, in)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	var unread error
	i, res, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
		made, err := c.api.CreateDAuthUserWithRoles(ctx, p.Username, p.Provider, want)
		res, cause := readBack(err, func() (bool, error) {
			made, unread = dauthHeld(ctx, c, p.Provider, p.Username, want)
			return len(made) == len(want), unread
		})
		if cause == nil {
			for _, x := range made {
				res.EntitlementIDs = append(res.EntitlementIDs, x.EntitlementID)
			}
		}
		return res, cause
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		p.Problem = s.dauthProblem(r, c, p, res, cause, unread)
		return s.dauthForm(w, r, c, p.Problem.Status, p, in)
	}
	return s.flashTo(w, r, "dauth_done", "good", templates.DAuthPattern, map[string]string{"person": p.Username, "n": strconv.Itoa(len(want)), "act_href": templates.JournalAct(i.ActID)})
}

// dauthOneself tells whether the user is the operator, or listed as another of
// their accounts. OBP keeps no e-mail of such a user.
func (s *Server) dauthOneself(c *caller, p templates.DAuthPage) bool {
	me := c.identity()
	me.Email = ""
	_, own := s.Settings.SamePerson.oneself(me, Identity{Username: p.Username})
	return own || p.Username == c.me.Username && p.Provider == c.me.Provider
}

// dauthWant reads the roles with their scope, and says by field what is amiss.
func dauthWant(roles []obp.Role, p templates.DAuthPage) ([]obp.RoleAtBank, map[string]string) {
	errs := map[string]string{}
	if !strings.HasPrefix(p.Provider, dauthPrefix) || p.Provider == dauthPrefix {
		errs["provider"] = templates.Word("dauth.provider_wrong")
	}
	if p.Username == "" {
		errs["username"] = templates.Word("dauth.username_missing")
	}
	var want []obp.RoleAtBank
	for _, name := range p.Chosen {
		at := slices.IndexFunc(roles, func(x obp.Role) bool { return x.Name == name })
		switch {
		case at < 0:
			errs["role"] = templates.Word("ask.role_unknown")
		case roles[at].RequiresBankID && p.BankID == "":
			errs["bank"] = templates.Word("ask.bank_missing")
		case roles[at].RequiresBankID:
			want = append(want, obp.RoleAtBank{RoleName: name, BankID: p.BankID})
		default:
			want = append(want, obp.RoleAtBank{RoleName: name})
		}
	}
	if len(p.Chosen) == 0 {
		errs["role"] = templates.Word("ask.role_missing")
	}
	return want, errs
}

// dauthProblem says why the roles were not given, or that nobody knows, and
// whether the user is there all the same. unread is why a lost answer could not
// be found out.
func (s *Server) dauthProblem(r *http.Request, c *caller, p templates.DAuthPage, res journal.Result, cause, unread error) *templates.Problem {
	out := s.problem(r, aboutDAuth(cause))
	if res.Outcome == journal.OutcomeUnknown {
		out.Title, out.Sentence = templates.Word("kind.no_answer.title"), templates.Word("kind.no_answer.text")
		if unread != nil {
			out.Sentence += " " + templates.Word("dauth.cannot_be_read")
		}
		return out
	}
	if out.Key == "not_held_by_you" {
		out.Roles = []templates.RoleAsk{{Role: s.role("CanCreateEntitlementAtAnyBank"), Scope: templates.Scope{Name: systemName()}, Return: pageOf(r.URL)}}
	}
	if left := s.leftBehind(r.Context(), c, p); left != "" {
		out.Sentence += " " + left
	}
	return out
}

// leftBehind says whether the refused call made the user all the same.
func (s *Server) leftBehind(ctx context.Context, c *caller, p templates.DAuthPage) string {
	_, there, err := dauthUser(ctx, c, p.Provider, p.Username)
	switch {
	case err != nil:
		return templates.Word("dauth.maybe_left")
	case there:
		return templates.Word("dauth.left")
	}
	return ""
}

// dauthUser finds a DAuth user, if OBP knows them. A server that cannot be asked
// for a user of another provider is asked for everybody, up to a bound.
func dauthUser(ctx context.Context, c *caller, provider, username string) (u obp.User, found bool, err error) {
	if c.me.ServesV510 {
		u, err := c.api.UserByProvider(ctx, provider, username)
		if obp.KindOf(err) == obp.KindNotFound {
			return u, false, nil
		}
		return u, err == nil, err
	}
	seen := 0
	for u, err := range c.api.AllUsers(ctx, obp.UserQuery{}) {
		switch seen++; {
		case err != nil:
			return u, false, err
		case u.Provider == provider && u.Username == username:
			return u, true, nil
		case seen == obp.ScanBound:
			return u, false, errNotAsked
		}
	}
	return obp.User{}, false, nil
}
