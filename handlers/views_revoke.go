package handlers

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// personAt finds the person whom an account names by provider and id there:
// acts on views need the user id.
func (s *Server) personAt(ctx context.Context, c *caller, provider, providerID string) (obp.User, error) {
	var u obp.User
	var err error
	switch {
	case c.me.ServesV510:
		u, err = c.api.UserByProvider(ctx, provider, providerID)
	case provider == c.me.Provider:
		u, err = c.api.UserByUsername(ctx, providerID)
	default:
		return u, errNoLookup
	}
	if err == nil && (u.ProviderID != providerID || u.Provider != provider) {
		return obp.User{}, errNoMatching
	}
	return u, err
}

// taking is a view that is to be taken from a person.
type taking struct {
	onAccount
	provider, person, view string
	u                      obp.User
	lookErr                error
	names                  bankNames
}

// readTaking looks the person up by what the address says: a form's user id
// counts only when they cannot be looked up.
func (s *Server) readTaking(r *http.Request, c *caller, o onAccount) *taking {
	q, ctx := r.URL.Query(), r.Context()
	t := &taking{onAccount: o, provider: q.Get("provider"), person: q.Get("person"), view: q.Get("view")}
	var g errgroup.Group
	g.Go(func() error { t.u, t.lookErr = s.personAt(ctx, c, t.provider, t.person); return nil })
	g.Go(func() error { t.names = s.names(ctx, c); return nil })
	_ = g.Wait()
	if id := strings.TrimSpace(o.in.Get("user_id")); t.lookErr != nil && id != "" {
		t.u = obp.User{UserID: id, Username: t.person, Provider: t.provider, ProviderID: t.person}
	}
	return t
}

func (s *Server) revokeViewPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	t := s.readTaking(r, c, onAccountOf(r, s.takeDraft(r.Context(), r.URL.Path)))
	if over := firstOver(t.lookErr); over != nil {
		return over
	}
	return s.revokeViewForm(w, r, c, http.StatusOK, t, nil)
}

func (s *Server) revokeViewForm(w http.ResponseWriter, r *http.Request, c *caller, status int, t *taking, failed *templates.Problem) error {
	f := templates.Form{Title: templates.Word("access.revoke_title", "view", t.view, "person", t.person), Danger: true, Failed: failed,
		Action: templates.RevokeViewOf(t.bank, t.id, t.provider, t.person, t.view), Button: templates.Word("access.revoke"), Back: t.back(), TestID: "revoke-view"}
	f.Facts = append([]templates.Fact{{Name: templates.Word("access.person"), Value: t.person}, {Name: templates.Word("sheet.provider"), Value: t.provider},
		{Name: templates.Word("accounts.view"), Value: t.view}}, t.facts(t.names)...)
	if t.view == "owner" {
		f.Warnings = append(f.Warnings, templates.Word("access.last_owner"))
	}
	if t.u.UserID != "" && t.u.UserID == c.me.UserID {
		f.Warnings = append(f.Warnings, templates.Word("access.from_me"))
	}
	if t.lookErr != nil {
		p := s.explained(r, t.lookErr, "lookup")
		f.Warnings = append(f.Warnings, p.Title+". "+p.Sentence+" "+templates.Word("access.type_user_id"))
		f.Fields = append(f.Fields, templates.Field{Name: "user_id", Label: templates.Word("sheet.user_id"), Value: t.in.Get("user_id")})
	}
	f = s.withReason(c, f, t.in, t.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.AccountsPattern, waiting: -1, body: templates.FormView(f)})
}

// revokeView takes a view on an account from a person.
func (s *Server) revokeView(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := onAccountOf(r, in)
	o.errs = s.reasonErrors(in)
	t := s.readTaking(r, c, o)
	if over := firstOver(t.lookErr); over != nil {
		return over
	}
	if t.u.UserID == "" {
		t.errs["user_id"] = templates.Word("access.user_id_missing")
	}
	again := func(status int, p *templates.Problem) error { return s.revokeViewForm(w, r, c, status, t, p) }
	if len(t.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	topic := "revoke_view"
	if t.view == "owner" {
		topic = "revoke_owner"
	}
	return s.perform(w, r, c, deed{entry: t.entry(c, ActRevokeView, t.u, t.view), in: in, within: proofOrdinary, turn: viewTurn(t.u.UserID, t.bank, t.id, t.view), topic: topic, again: again,
		flash: "view_revoked", args: map[string]string{"person": t.person, "view": t.view, "account": t.id}, to: templates.Account(t.bank, t.id, ""),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			err := c.api.RevokeAccess(ctx, t.bank, t.id, t.u.UserID, t.view)
			return readBack(err, func() (bool, error) {
				held, err := holdsView(ctx, c, t.onAccount, t.u, t.view)()
				return !held, err
			})
		}})
}
