package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActInvite invites somebody to sign up at a bank.
const ActInvite journal.Act = "invite"

// invitePurposes are OBP's, with the keys of their words.
var invitePurposes = [][2]string{{obp.PurposeDeveloper, "invite.as_developer"}, {obp.PurposeCustomer, "invite.as_customer"}}

// invitations lists a bank's invitations beside a form for another.
func (s *Server) invitations(w http.ResponseWriter, r *http.Request, c *caller) error {
	d := s.takeDraft(r.Context(), r.URL.Path)
	in := obp.Invitation{FirstName: d.Get("first"), LastName: d.Get("last"), Email: d.Get("email"), Company: d.Get("company"), Country: d.Get("country"), Purpose: d.Get("purpose")}
	return s.invitePage(w, r, c, http.StatusOK, in, templates.UserForm{Reason: d.Get("reason")}, nil)
}

func (s *Server) invitePage(w http.ResponseWriter, r *http.Request, c *caller, status int, in obp.Invitation, f templates.UserForm, failed *templates.Problem) error {
	p := templates.InvitationsPage{BankID: r.URL.Query().Get("bank")}
	if p.BankID == "" {
		p.BankID = c.bankWith("CanGetUserInvitation")
	}
	var banks []obp.Bank
	var list []obp.Invitation
	var banksErr, err error
	var g errgroup.Group
	g.Go(func() error { banks, banksErr = s.banks(r.Context(), c); return nil })
	if p.BankID != "" {
		g.Go(func() error { list, err = c.api.Invitations(r.Context(), p.BankID); return nil })
	} else {
		g.Go(func() error { err = s.stillIn(r.Context(), c); return nil })
	}
	_ = g.Wait()
	if over := firstOver(banksErr, err); over != nil {
		return over
	}
	if banksErr != nil {
		return banksErr
	}
	if err != nil {
		p.Problem = s.problem(r, err)
		if status == http.StatusOK {
			status = p.Problem.Status
		}
	}
	for _, b := range banks {
		p.Banks = append(p.Banks, templates.Option{Value: b.ID, Text: cmp.Or(b.FullName, b.ID), Selected: b.ID == p.BankID})
	}
	for _, i := range list {
		p.Rows = append(p.Rows, invitationRow(i))
	}
	p.Form = templates.InviteForm{First: in.FirstName, Last: in.LastName, Email: in.Email, Company: in.Company, Country: in.Country, Form: f, Failed: failed}
	for _, x := range invitePurposes {
		p.Form.Purposes = append(p.Form.Purposes, templates.Option{Value: x[0], Text: templates.Word(x[1]), Selected: x[0] == in.Purpose})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("invite.title"), section: templates.UsersPattern, canon: templates.Invitations(p.BankID), waiting: -1, body: templates.InvitationsView(p)})
}

func invitationRow(i obp.Invitation) templates.Invitation {
	tone := templates.ToneNeutral
	if i.Status == "CREATED" {
		tone = templates.ToneInfo
	}
	purpose := i.Purpose
	for _, x := range invitePurposes {
		if x[0] == i.Purpose {
			purpose = templates.Word(x[1])
		}
	}
	return templates.Invitation{Name: strings.TrimSpace(i.FirstName + " " + i.LastName), Email: i.Email, Company: i.Company, Country: i.Country, Purpose: purpose,
		Status: templates.Badge{Tone: tone, Text: strings.ToLower(i.Status)}}
}

// invite sends an invitation: OBP mails its link.
func (s *Server) invite(w http.ResponseWriter, r *http.Request, c *caller) error {
	typed, err := form(w, r)
	if err != nil {
		return err
	}
	get := func(k string) string { return strings.TrimSpace(typed.Get(k)) }
	bank := r.URL.Query().Get("bank")
	in := obp.Invitation{FirstName: get("first"), LastName: get("last"), Email: get("email"), Company: get("company"), Country: get("country"), Purpose: get("purpose")}
	f := templates.UserForm{Reason: get("reason"), Errors: inviteErrors(in, get("reason"))}
	if len(f.Errors) > 0 {
		return s.invitePage(w, r, c, http.StatusUnprocessableEntity, in, f, nil)
	}
	if err := s.fresh(c, proofOrdinary); err != nil {
		return err
	}
	e := c.entryOf(ActInvite)
	e.BankID, e.Reason, e.Person, e.Details = bank, f.Reason, journal.Party{Email: in.Email}, map[string]string{"purpose": in.Purpose}
	i, _, cause, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
		_, err := c.api.Invite(ctx, bank, in)
		return settle(ctx, plainResult(err), err, nil)
	})
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		p := s.inviteProblem(r, cause)
		return s.invitePage(w, r, c, p.Status, in, f, p)
	}
	return s.flashTo(w, r, "invited", "good", templates.Invitations(bank), map[string]string{"email": in.Email, "act_href": templates.JournalAct(i.ActID)})
}

// inviteProblem says in words why nobody was invited.
func (s *Server) inviteProblem(r *http.Request, cause error) *templates.Problem {
	p := s.problem(r, cause)
	e, _ := obp.AsError(cause)
	switch {
	case mayBeApplied(cause):
		p.Sentence += " " + templates.Word("invite.no_answer")
	case e.HasCode("OBP-30001"):
		p.Sentence = templates.Word("invite.bank_unknown")
	case e.HasCode("OBP-37081"):
		p.Sentence = templates.Word("invite.not_stored")
	}
	return p
}

func inviteErrors(in obp.Invitation, reason string) map[string]string {
	errs := map[string]string{}
	for field, v := range map[string]string{"first": in.FirstName, "last": in.LastName, "company": in.Company, "country": in.Country, "reason": reason} {
		if v == "" {
			errs[field] = templates.Word("invite.missing")
		}
	}
	if !likeEmail.MatchString(in.Email) {
		errs["email"] = templates.Word("invite.email_bad")
	}
	if in.Purpose != obp.PurposeDeveloper && in.Purpose != obp.PurposeCustomer {
		errs["purpose"] = templates.Word("field.choose")
	}
	return errs
}
