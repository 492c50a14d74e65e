package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts of an auth context update, and the console's own refusal.
const (
	ActChallenge journal.Act = "start_challenge"
	ActAnswer    journal.Act = "answer_challenge"

	RuleAnswered Rule = "answered" // the first answer is final; again on an accepted one would add a context

	parentChallenge = "challenge"
)

func (s *Server) challengePage(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.challengeForm(w, r, c, http.StatusOK, s.takeDraft(r.Context(), r.URL.Path), nil, nil)
}

func (s *Server) challengeForm(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string, failed *templates.Problem) error {
	bank := in.Get("bank")
	if bank == "" {
		bank = currentBank(r)
	}
	method := in.Get("method")
	f := templates.Form{Title: templates.Word("challenge.title"), Lead: []string{templates.Word("challenge.what")}, Failed: failed, Action: templates.ChallengePattern, Button: templates.Word("challenge.start"), TestID: "challenge", Tab: templates.ChallengePattern,
		Warnings: []string{templates.Word("challenge.links_anyway"), templates.Word("challenge.final")}, Errors: errs,
		Back: templates.Link{Text: templates.Word("me.access_title"), Href: templates.MyAccessPattern},
		Fields: []templates.Field{
			{Name: "bank", Label: templates.Word("banks.bank"), Kind: "select", Options: append([]templates.Option{{}}, s.bankOptions(r.Context(), c, bank)...)},
			{Name: "method", Label: templates.Word("challenge.method"), Hint: templates.Word("challenge.method_hint"), Kind: "radios", Options: []templates.Option{
				{Value: string(obp.SCAEmail), Text: templates.Word("challenge.email"), Selected: method == string(obp.SCAEmail)},
				{Value: string(obp.SCASMS), Text: templates.Word("challenge.sms"), Selected: method == string(obp.SCASMS)}}},
			{Name: "value", Label: templates.Word("customers.number"), Value: in.Get("value")}}}
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.MePattern, canon: templates.Challenge(currentBank(r)), waiting: -1, body: templates.FormView(f)})
}

// startChallenge asks OBP to send a one-time password to a customer. OBP's
// built-in connector knows the key CUSTOMER_NUMBER alone.
func (s *Server) startChallenge(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	bank, method, value, errs := in.Get("bank"), obp.SCAMethod(in.Get("method")), strings.TrimSpace(in.Get("value")), map[string]string{}
	if bank == "" {
		errs["bank"] = templates.Word("customers.find_bank")
	}
	if method != obp.SCAEmail && method != obp.SCASMS {
		errs["method"] = templates.Word("field.choose")
	}
	if value == "" {
		errs["value"] = templates.Word("customers.find_number")
	}
	again := func(status int, p *templates.Problem) error { return s.challengeForm(w, r, c, status, in, errs, p) }
	if len(errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := c.entryOf(ActChallenge)
	e.Person, e.BankID, e.Details = c.party(), bank, map[string]string{"key": contextKeys[0], "method": string(method)}
	if e.Seen, err = json.Marshal(challengeSeen{value}); err != nil {
		return err
	}
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofOrdinary, topic: "challenge", again: again, flash: "challenge_started", lost: "challenge.start_lost",
		done: func(i journal.Intent, _ journal.Result) string { return templates.Answer(i.ActID) },
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			made, err := c.api.StartChallenge(ctx, bank, method, contextKeys[0], value)
			res := plainResult(err)
			if res.Outcome == journal.OutcomeUnknown { // no call shows it, and nothing follows from a challenge that nobody can answer
				res.Outcome, res.State = journal.OutcomePartly, neverKnown
			}
			if err == nil {
				res.Details = map[string]string{"challenge": made.ID}
			}
			return res, err
		}})
}

// challengeOf reads the operator's own start of a challenge: OBP would take
// the answer to anybody's. answered is its answer, nil: none yet.
func (s *Server) challengeOf(r *http.Request, c *caller) (start journal.Row, answered *journal.Row, err error) {
	start, err = s.Journal.Row(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) || err == nil && (start.Entry.Act != ActChallenge || start.Entry.Operator.UserID != c.me.UserID || start.Result.Details["challenge"] == "") {
		return start, nil, errNotYours
	}
	if err != nil {
		return start, nil, err
	}
	p, err := s.Journal.Search(r.Context(), journal.Filter{ParentID: start.ActID, Acts: []journal.Act{ActAnswer}, Rights: journal.Rights{Self: c.me.UserID}, Limit: 1})
	if err != nil {
		return start, nil, err
	}
	for _, row := range p.Rows {
		if row.Result.Outcome != journal.OutcomeFailed { // a refused call is no answer
			answered = &row
		}
	}
	return start, answered, nil
}

func (s *Server) answerPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	start, answered, err := s.challengeOf(r, c)
	if err != nil {
		return err
	}
	return s.answerForm(w, r, c, http.StatusOK, start, answered, nil, nil)
}

func (s *Server) answerForm(w http.ResponseWriter, r *http.Request, c *caller, status int, start journal.Row, answered *journal.Row, errs map[string]string, failed *templates.Problem) error {
	at := c.when(start.At)
	f := templates.Form{Title: templates.Word("challenge.answer_title"), Failed: failed, Action: templates.Answer(start.ActID), Button: templates.Word("challenge.answer_go"), TestID: "answer", Errors: errs,
		Back: templates.Link{Text: templates.Word("challenge.another"), Href: templates.Challenge(start.Entry.BankID)}, Warnings: []string{templates.Word("challenge.final"), templates.Word("challenge.links_anyway")},
		Facts: []templates.Fact{{Name: templates.Word("banks.bank"), Value: s.names(r.Context(), c).scope(start.Entry.BankID).Name}, {Name: templates.Word("challenge.method"), Value: start.Entry.Details["method"]},
			{Name: templates.Word("context.key"), Value: start.Entry.Details["key"]}, {Name: templates.Word("challenge.started"), When: &at}},
		Fields: []templates.Field{{Name: "answer", Label: templates.Word("challenge.answer"), Hint: templates.Word("challenge.time")}}}
	if ttl := s.Settings.ChallengeTime; ttl > 0 {
		until := c.when(start.At.Add(ttl))
		f.Fields[0].Hint = ""
		f.Facts = append(f.Facts, templates.Fact{Name: templates.Word("challenge.until"), When: &until})
		if left := until.At.Sub(c.now); left > 0 {
			f.Facts = append(f.Facts, templates.Fact{Name: templates.Word("challenge.left"), Value: age(left)})
		} else {
			f.Warnings = append([]string{templates.Word("challenge.over")}, f.Warnings...)
		}
	}
	if answered != nil {
		f.Refusals, f.Warnings = []string{templates.Word(challengeWord(answered.Result.State))}, nil
	}
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.MePattern, canon: templates.Answer(start.ActID), waiting: -1, body: templates.FormView(f)})
}

// answerChallenge sends the one answer that counts.
func (s *Server) answerChallenge(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	start, answered, err := s.challengeOf(r, c)
	if err != nil {
		return err
	}
	e := c.entryOf(ActAnswer)
	e.Person, e.BankID, e.ParentID, e.ParentKind = c.party(), start.Entry.BankID, start.ActID, parentChallenge
	if answered != nil {
		if err := s.refused(r.Context(), e, ActAnswer, RuleAnswered); err != nil {
			return err
		}
		return s.answerForm(w, r, c, http.StatusConflict, start, answered, nil, nil)
	}
	answer := strings.TrimSpace(in.Get("answer"))
	if answer == "" || len(answer) > 64 {
		return s.answerForm(w, r, c, http.StatusUnprocessableEntity, start, nil, map[string]string{"answer": templates.Word("challenge.answer_missing")}, nil)
	}
	var about challengeSeen
	_ = json.Unmarshal(start.Entry.Seen, &about)
	before, err := readSigns(r.Context(), c, c.me.UserID, e.BankID, about.Number)
	if err != nil {
		return err
	}
	e.Details = before.details()
	return s.sendAnswer(w, r, c, start, e, in, answer)
}

func (s *Server) sendAnswer(w http.ResponseWriter, r *http.Request, c *caller, start journal.Row, e journal.Entry, in url.Values, answer string) error {
	d := deed{entry: e, in: in, within: proofOrdinary, turn: journal.TurnKey{UserID: c.me.UserID, Role: "challenge " + start.ActID}, topic: "challenge", lost: "challenge.lost", flash: "challenge_answered", args: map[string]string{},
		again: func(status int, p *templates.Problem) error {
			_, answered, err := s.challengeOf(r, c)
			if err != nil {
				return err
			}
			return s.answerForm(w, r, c, status, start, answered, nil, p)
		},
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			got, err := c.api.AnswerChallenge(ctx, start.Entry.BankID, start.Result.Details["challenge"], answer)
			res := plainResult(err)
			if err == nil {
				res.State = strings.ToLower(string(got.Status))
			}
			if res.Outcome != journal.OutcomeUnknown {
				return res, err
			}
			truth, readErr := s.answerTruth(ctx, c, e)
			if readErr != nil || truth != isApplied && truth != isRejected {
				return res, err
			}
			res.Outcome, res.State = journal.OutcomeDone, truth
			return res, nil
		}}
	d.done = func(_ journal.Intent, res journal.Result) string {
		if challengeWord(res.State) != "challenge.was_accepted" {
			d.args["tone"] = "bad"
		}
		return templates.Answer(start.ActID)
	}
	return s.perform(w, r, c, d)
}

// challengeWord says how the answer to a challenge ended.
func challengeWord(state string) string {
	switch state {
	case "accepted", isApplied:
		return "challenge.was_accepted"
	case isRejected:
		return "challenge.was_rejected"
	}
	return "challenge.was_unknown"
}
