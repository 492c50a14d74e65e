package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// How old the last proof of who the operator is may be before an act. Settings
// can only shorten them.
const (
	ProofOrdinary  = 30 * time.Minute
	ProofDangerous = 5 * time.Minute

	proofOrdinary  = ProofOrdinary  // approve, decline, lock, unlock
	proofDangerous = ProofDangerous // reset link, delete, bulk, export, high-risk grants
)

// proofField carries the password of a step-up beside the form that waits.
const proofField = "step_up_password"

// proofNeeded is returned by a handler, before it did anything, when the last
// proof is too old for the act.
type proofNeeded struct{ within time.Duration }

func (e *proofNeeded) Error() string { return "a fresh proof is needed, within " + e.within.String() }

// fresh is nil when the operator proved who they are recently enough.
func (s *Server) fresh(c *caller, within time.Duration) error {
	switch within {
	case proofOrdinary:
		within = s.Settings.ProofOrdinary
	case proofDangerous:
		within = s.Settings.ProofDangerous
	}
	if s.Now().Sub(c.me.ProvedAt) <= within {
		return nil
	}
	return &proofNeeded{within}
}

// prover lets a form go on that carries the password of a step-up: the proof
// replaces the session's token and cookie, the password is forgotten. It gives
// false when an answer was written.
func (s *Server) prover(w http.ResponseWriter, r *http.Request, c *caller) (bool, error) {
	if !isWrite(r.Method) || r.Header.Get("Content-Type") == "" {
		return true, nil
	}
	in, err := form(w, r)
	if err != nil {
		return false, err
	}
	password := in.Get(proofField)
	asked := in.Has(proofField) || in.Has(proofCodeField)
	in.Del(proofField)
	if !asked {
		return true, nil
	}
	if has, err := s.hasFactor(r, c); has || err != nil {
		if err != nil {
			return false, err
		}
		return s.proveByCode(w, r, c, in)
	}
	in.Del(proofCodeField)
	if obp.CheckSignIn(c.me.Username, password) != nil || password == "" {
		return false, s.proofPage(w, r, c, http.StatusUnprocessableEntity, templates.Word("proof.missing"))
	}
	left, err := s.Sessions.BeginStepUp(r.Context())
	if err != nil {
		return false, s.proofOver(w, r, c, err)
	}
	cred, err := s.proveAgain(r.Context(), c, password)
	if err != nil {
		return false, s.proofFailed(w, r, c, left, err)
	}
	return s.proved(r, c, session.NewSecret(cred.Token), c.entryOf(journal.ActStepUp))
}

// errOther: the password opened another account.
var errOther = errors.New("the proof is of another person")

func (s *Server) proveAgain(ctx context.Context, c *caller, password string) (obp.Credential, error) {
	cred, err := s.OBP.SignIn(ctx, c.me.Username, password)
	if err != nil {
		return cred, err
	}
	id, err := s.OBP.As(cred).CurrentUserID(ctx)
	if err == nil && id != c.me.UserID {
		err = errOther
	}
	return cred, err
}

// proofFailed says how many tries are left. OBP's own lock is never reached:
// the third failure signs the operator out.
func (s *Server) proofFailed(w http.ResponseWriter, r *http.Request, c *caller, left int, cause error) error {
	res := resultOf(cause)
	res.Outcome = journal.OutcomeRefused
	if _, err := s.Journal.Record(r.Context(), c.entryOf(journal.ActStepUp), res); err != nil {
		return err
	}
	switch obp.KindOf(cause) {
	case obp.KindCredentials, obp.KindOther:
		if err := s.Sessions.FailStepUp(r.Context()); err != nil {
			return s.proofOver(w, r, c, err)
		}
		return s.proofPage(w, r, c, http.StatusUnauthorized, templates.WordN("proof.wrong", left))
	case obp.KindLocked, obp.KindDeleted:
		return cause
	}
	p := s.problem(r, cause)
	return s.proofPage(w, r, c, p.Status, p.Title+" "+p.Sentence)
}

func (s *Server) proofOver(w http.ResponseWriter, r *http.Request, c *caller, err error) error {
	if errors.Is(err, session.ErrTooManyProofs) {
		return s.askToSignIn(w, r)
	}
	return err
}

// proofPage asks for the password, or for the code of whoever has a second
// factor. The form that waits lies in it and goes on
// with it, to the address that it was sent to.
func (s *Server) proofPage(w http.ResponseWriter, r *http.Request, c *caller, status int, wrong string) error {
	p := templates.Proof{Action: r.URL.RequestURI(), Username: c.me.Username, Error: wrong, Field: proofField, Back: pageOf(r.URL), Target: isPart(r)}
	var err error
	if p.Code, err = s.hasFactor(r, c); err != nil {
		return err
	}
	if p.Code {
		p.Field = proofCodeField
	}
	for name, values := range r.PostForm {
		if strings.Contains(name, "password") { // it is typed again and never shown
			continue
		}
		for _, v := range values {
			p.Kept = append(p.Kept, [2]string{name, v})
		}
	}
	body := templates.ProofView(p)
	return s.page(w, r, c, view{status: status, title: templates.Word("proof.title"), waiting: -1, body: body,
		parts: map[string]templ.Component{p.Target: templates.PartOf(p.Target, body)}})
}

// readsOnly are acts that even an auditor may do: they change nothing at OBP
// and nothing that others see.
func readsOnly(u *url.URL) bool {
	switch u.Path {
	case templates.StayPattern, templates.ThemePattern, templates.ExportPattern, templates.FindPattern, templates.ExportUsersPattern, templates.ExportCustomersPattern, templates.ExportReviewPattern, templates.FindCustomerPattern, templates.LinkManyPattern,
		templates.BeginFactorPattern, templates.ConfirmFactorPattern, templates.RemoveFactorPattern:
		return true
	}
	return false
}
