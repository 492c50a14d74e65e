package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// newUser is the form that makes an account.
func (s *Server) newUser(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	d := s.takeDraft(r.Context(), r.URL.Path)
	return s.newUserForm(w, r, c, http.StatusOK, templates.NewUserPage{Username: d.Get("username"), Email: d.Get("email"), First: d.Get("first"), Last: d.Get("last")})
}

func (s *Server) newUserForm(w http.ResponseWriter, r *http.Request, c *caller, status int, p templates.NewUserPage) error {
	return s.page(w, r, c, view{status: status, title: templates.Word("new_user.title"), section: templates.UsersPattern, waiting: -1, body: templates.NewUserView(p)})
}

// createUser makes an account by the rules that OBP checks. A password is never
// shown again.
func (s *Server) createUser(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	u := obp.NewUser{Username: strings.TrimSpace(in.Get("username")), Email: strings.TrimSpace(in.Get("email")), Password: in.Get("password"),
		FirstName: strings.TrimSpace(in.Get("first")), LastName: strings.TrimSpace(in.Get("last"))}
	p := templates.NewUserPage{Username: u.Username, Email: u.Email, First: u.FirstName, Last: u.LastName, Form: templates.UserForm{Reason: in.Get("reason"), Errors: newUserErrors(u, in.Get("password_again"))}}
	if strings.TrimSpace(p.Form.Reason) == "" {
		p.Form.Errors["reason"] = templates.Word("delete.reason")
	}
	if len(p.Form.Errors) > 0 {
		return s.newUserForm(w, r, c, http.StatusUnprocessableEntity, p)
	}
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	e := c.entryOf(journal.ActCreateUser)
	e.Reason, e.Person = strings.TrimSpace(p.Form.Reason), journal.Party{Username: u.Username, Email: u.Email}
	var made obp.User
	i, _, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (res journal.Result, err error) {
		made, err = c.api.CreateUser(ctx, u)
		res, err = settle(ctx, plainResult(err), err, func(ctx context.Context) bool {
			found, err := c.api.UserByUsername(ctx, u.Username)
			made = found
			return err == nil && found.Email == u.Email
		})
		if err == nil {
			res.Details = map[string]string{"user_id": made.UserID}
		}
		return res, err
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		return s.createRefused(w, r, c, p, cause)
	}
	return s.flashTo(w, r, "user_created", "good", templates.UserOf(personView(made)), map[string]string{"person": made.Username, "act_href": templates.JournalAct(i.ActID)})
}

func (s *Server) createRefused(w http.ResponseWriter, r *http.Request, c *caller, p templates.NewUserPage, cause error) error {
	e, _ := obp.AsError(cause)
	switch {
	case obp.KindOf(cause) == obp.KindExists:
		p.Form.Errors["username"] = templates.Word("new_user.taken")
		return s.newUserForm(w, r, c, http.StatusConflict, p)
	case e != nil && e.HasCode("OBP-30207"):
		p.Form.Errors["password"] = templates.Word("new_user.rule_password")
		return s.newUserForm(w, r, c, http.StatusUnprocessableEntity, p)
	}
	p.Problem = s.problem(r, cause)
	if mayBeApplied(cause) {
		p.Problem.Sentence += " " + templates.Word("new_user.look_again")
	}
	if obp.KindOf(cause) == obp.KindInvalid {
		p.Problem.Sentence = templates.Word("new_user.refused")
	}
	return s.newUserForm(w, r, c, p.Problem.Status, p)
}

// newUserErrors says by field which of OBP's rules are broken.
func newUserErrors(u obp.NewUser, again string) map[string]string {
	errs := map[string]string{}
	if u.Password == "" { // also after a step-up, which does not carry it on
		errs["password"] = templates.Word("new_user.type_password")
	}
	for _, rule := range u.Broken() {
		field := map[obp.UserRule]string{obp.RuleEmail: "email", obp.RuleEmailLength: "email", obp.RuleUsername: "username", obp.RulePassword: "password",
			obp.RuleComma: "password", obp.RuleFirstName: "first", obp.RuleLastName: "last"}[rule]
		if errs[field] == "" {
			errs[field] = templates.Word("new_user.rule_"+string(rule), "n", strconv.Itoa(48))
		}
	}
	if u.Password != again && errs["password"] == "" {
		errs["password_again"] = templates.Word("new_user.differ")
	}
	return errs
}
