package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func (s *Server) dauthAccessPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.dauthAccessForm(w, r, c, http.StatusOK, onAccountOf(r, s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) dauthAccessForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o onAccount, failed *templates.Problem) error {
	list, names, err := s.readViews(r, c, o)
	if over := firstOver(err); over != nil {
		return over
	}
	provider := o.in.Get("provider")
	if provider == "" {
		provider = obp.DAuthPrefix
	}
	f := templates.Form{Title: templates.Word("access.dauth"), Lead: []string{templates.Word("access.dauth_what")}, Warnings: []string{templates.Word("access.dauth_warning")},
		Facts: o.facts(names), Failed: failed, Action: templates.DAuthAccess(o.bank, o.id), Button: templates.Word("access.dauth_go"), Back: o.back(), TestID: "dauth-access",
		Fields: []templates.Field{
			{Name: "username", Label: templates.Word("access.dauth_name"), Hint: templates.Word("access.dauth_name_hint"), Value: o.in.Get("username")},
			{Name: "provider", Label: templates.Word("sheet.provider"), Hint: templates.Word("access.dauth_provider_hint"), Value: provider}}}
	if err == nil {
		f.Fields = append(f.Fields, templates.Field{Name: "view", Label: templates.Word("access.views_to_give"), Kind: "ticks", Options: viewOptions(list, o.in["view"])})
	} else {
		f.Fields = append(f.Fields, templates.Field{Name: "view", Label: templates.Word("access.views_to_give"), Hint: templates.Word("access.type_view"), Value: o.in.Get("view")})
	}
	f = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.AccountsPattern, waiting: -1, body: templates.FormView(f)})
}

// dauthAccess gives a DAuth user views on an account; OBP makes the user when
// there is none.
func (s *Server) dauthAccess(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := onAccountOf(r, in)
	o.errs = s.reasonErrors(in)
	name, provider := strings.TrimSpace(in.Get("username")), strings.TrimSpace(in.Get("provider"))
	given := slices.DeleteFunc(slices.Clone(in["view"]), func(v string) bool { return strings.TrimSpace(v) == "" })
	if name == "" {
		o.errs["username"] = templates.Word("access.dauth_name_missing")
	}
	if !strings.HasPrefix(provider, obp.DAuthPrefix) || provider == obp.DAuthPrefix {
		o.errs["provider"] = templates.Word("access.dauth_provider_bad")
	}
	if len(given) == 0 {
		o.errs["view"] = templates.Word("pick.view_missing")
	}
	again := func(status int, p *templates.Problem) error { return s.dauthAccessForm(w, r, c, status, o, p) }
	if len(o.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	u := obp.User{Username: name, Provider: provider, ProviderID: name}
	return s.perform(w, r, c, deed{entry: o.entry(c, ActDAuthAccess, u, strings.Join(given, " ")), in: in, within: proofOrdinary,
		turn: viewTurn(provider+" "+name, o.bank, o.id, ""), topic: "dauth_access", again: again,
		flash: "dauth_access", args: map[string]string{"person": name, "view": strings.Join(given, ", "), "account": o.id}, to: templates.PersonAccess(o.bank, o.id, provider, name),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			_, err := c.api.CreateDAuthUserWithAccess(ctx, o.bank, o.id, name, provider, given)
			return readBack(err, func() (bool, error) {
				held, err := c.api.UserPermissions(ctx, o.bank, o.id, provider, name)
				for _, v := range given {
					if !slices.ContainsFunc(held, func(h obp.View) bool { return h.ID == v }) {
						return false, err
					}
				}
				return true, err
			})
		}})
}
