package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts on views of accounts, and the console's own refusal.
const (
	ActGrantView    journal.Act = "grant_view"
	ActRevokeView   journal.Act = "revoke_view"
	ActReplaceViews journal.Act = "replace_views"
	ActDAuthAccess  journal.Act = "dauth_access"

	RuleOwnView Rule = "own_view" // granting a view to oneself, or to an account of one's own
)

// viewTurn is the turn of whoever changes a person's view on an account.
func viewTurn(userID, bank, account, view string) journal.TurnKey {
	return journal.TurnKey{UserID: userID, Role: "view " + view, BankID: bank + "/" + account}
}

// onAccount is where an act on an account stands.
type onAccount struct {
	bank, id string
	in       url.Values
	errs     map[string]string
}

func onAccountOf(r *http.Request, in url.Values) onAccount {
	return onAccount{bank: pathPart(r, "bank"), id: pathPart(r, "account"), in: in, errs: map[string]string{}}
}

func (o onAccount) back() templates.Link {
	return templates.Link{Text: templates.Word("access.back"), Href: templates.Account(o.bank, o.id, "")}
}

func (o onAccount) entry(c *caller, act journal.Act, u obp.User, view string) journal.Entry {
	e := c.entryOf(act)
	e.Person, e.BankID, e.Target, e.Details = partyOf(u), o.bank, o.id, map[string]string{"view": view}
	return e
}

func (o onAccount) facts(names bankNames) []templates.Fact {
	return []templates.Fact{{Name: templates.Word("page.account_short"), Value: o.id, Code: true}, {Name: templates.Word("banks.bank"), Value: names.scope(o.bank).Name}}
}

// viewOptions are the views to choose from.
func viewOptions(list []obp.View, chosen []string) []templates.Option {
	var out []templates.Option
	for _, v := range list {
		kind := "access.option_system"
		if !v.IsSystem {
			kind = "access.option_custom"
		}
		out = append(out, templates.Option{Value: v.ID, Text: templates.Word(kind, "view", v.ID), Selected: slices.Contains(chosen, v.ID)})
	}
	return out
}

// grantPage is the form that grants a view: one hop.
func (s *Server) grantViewPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := onAccountOf(r, s.takeDraft(r.Context(), r.URL.Path))
	if to := r.URL.Query().Get("to"); to != "" && !o.in.Has("person") {
		if o.in == nil {
			o.in = url.Values{}
		}
		o.in.Set("person", to)
	}
	return s.grantViewForm(w, r, c, http.StatusOK, o, nil, nil)
}

// readViews reads the views of an account beside the banks' names. When they
// are not shown, a view is typed.
func (s *Server) readViews(r *http.Request, c *caller, o onAccount) (list []obp.View, names bankNames, err error) {
	ctx := r.Context()
	var g errgroup.Group
	g.Go(func() error { list, err = c.api.AccountViews(ctx, o.bank, o.id); return nil })
	g.Go(func() error { names = s.names(ctx, c); return nil })
	_ = g.Wait()
	return list, names, err
}

func (s *Server) grantViewForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o onAccount, found []obp.User, failed *templates.Problem) error {
	list, names, err := s.readViews(r, c, o)
	if over := firstOver(err); over != nil {
		return over
	}
	f := templates.Form{Title: templates.Word("access.grant"), Facts: o.facts(names), Failed: failed, Action: templates.GrantViewTo(o.bank, o.id, ""), Button: templates.Word("access.grant_go"),
		Back: o.back(), TestID: "grant-view"}
	f.Fields = append(f.Fields, personFields(o.in, found)...)
	choice := templates.Field{Name: "view", Label: templates.Word("accounts.view"), Kind: "select", Options: append([]templates.Option{{}}, viewOptions(list, o.in["view"])...)}
	if err != nil {
		choice.Kind, choice.Hint, choice.Value = "suggest", templates.Word("access.type_view"), o.in.Get("view")
		choice.Options = nil
	}
	f.Fields = append(f.Fields, choice)
	f = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.AccountsPattern, waiting: -1, body: templates.FormView(f)})
}

// personFields ask for a person: as text, or, when several were found, by choice.
func personFields(in url.Values, found []obp.User) []templates.Field {
	out := []templates.Field{{Name: "person", Label: templates.Word("pick.person"), Hint: templates.Word("pick.person_hint"), Value: in.Get("person")}}
	if len(found) > 1 {
		x := templates.Field{Name: "user_id", Label: templates.Word("pick.which"), Kind: "radios"}
		for _, u := range found {
			x.Options = append(x.Options, templates.Option{Value: u.UserID, Text: templates.Word("pick.option", "name", u.Username, "email", u.Email, "provider", u.Provider), Selected: u.UserID == in.Get("user_id")})
		}
		out = append(out, x)
	}
	return out
}

// pickPerson finds the one person that a form names. Of several the form's
// choice counts, if it is one of them; else found is what to choose from.
func (s *Server) pickPerson(ctx context.Context, c *caller, in url.Values, errs map[string]string) (u obp.User, found []obp.User, err error) {
	text := strings.TrimSpace(in.Get("person"))
	if text == "" {
		errs["person"] = templates.Word("pick.person_missing")
		return u, nil, nil
	}
	found, tried, err := s.findPerson(ctx, c, text)
	if err != nil && len(found) == 0 {
		return u, nil, err
	}
	if over := firstOver(err); over != nil {
		return u, nil, over
	}
	for _, f := range found {
		if len(found) == 1 || f.UserID == in.Get("user_id") {
			return f, found, nil
		}
	}
	if len(found) == 0 {
		errs["person"] = templates.Word("pick.nobody", "tried", strings.Join(tried, ", "))
	} else {
		errs["user_id"] = templates.Word("pick.several")
	}
	return u, found, nil
}

// grantView grants a view on an account to a person.
func (s *Server) grantView(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := onAccountOf(r, in)
	o.errs = s.reasonErrors(in)
	name := strings.TrimSpace(in.Get("view"))
	if name == "" {
		o.errs["view"] = templates.Word("pick.view_missing")
	}
	u, found, err := s.pickPerson(r.Context(), c, in, o.errs)
	again := func(status int, p *templates.Problem) error {
		return s.grantViewForm(w, r, c, status, o, found, p)
	}
	switch {
	case firstOver(err) != nil:
		return err
	case err != nil:
		p := s.problem(r, err)
		return again(p.Status, p)
	case len(o.errs) > 0:
		return again(http.StatusUnprocessableEntity, nil)
	}
	if _, own := s.Settings.SamePerson.oneself(c.identity(), identityOf(u)); own {
		if err := s.refused(r.Context(), o.entry(c, ActGrantView, u, name), ActGrantView, RuleOwnView); err != nil {
			return err
		}
		p := s.problem(r, &httpError{status: http.StatusForbidden, key: "own_view", err: errors.New("own account")})
		return again(p.Status, p)
	}
	return s.perform(w, r, c, deed{entry: o.entry(c, ActGrantView, u, name), in: in, within: proofOrdinary, turn: viewTurn(u.UserID, o.bank, o.id, name), topic: "grant_view", again: again,
		flash: "view_granted", args: map[string]string{"person": u.Username, "view": name, "account": o.id}, to: templates.Account(o.bank, o.id, ""),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			_, err := c.api.GrantAccess(ctx, o.bank, o.id, u.UserID, name)
			return readBack(err, holdsView(ctx, c, o, u, name))
		}})
}

// holdsView reads whether a person has a view on an account now.
func holdsView(ctx context.Context, c *caller, o onAccount, u obp.User, view string) func() (bool, error) {
	return func() (bool, error) {
		held, err := c.api.UserPermissions(ctx, o.bank, o.id, u.Provider, u.ProviderID)
		return slices.ContainsFunc(held, func(v obp.View) bool { return v.ID == view }), err
	}
}
