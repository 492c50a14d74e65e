package handlers

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// pathPart gives a part of the address as it was before it was escaped.
func pathPart(r *http.Request, name string) string {
	v := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return v
	}
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

// currentBank is the bank that an address names: it presets every picker.
func currentBank(r *http.Request) string {
	if b := pathPart(r, "bank"); b != "" {
		return b
	}
	if b := r.URL.Query().Get("bank"); b != systemScope {
		return b
	}
	return ""
}

// formPage is the page on which a form stands that has an address of its own.
func formPage(path string) string {
	switch path {
	case templates.EndOthersPattern:
		return templates.MePattern
	case templates.BeginFactorPattern, templates.ConfirmFactorPattern, templates.RemoveFactorPattern:
		return templates.MyFactorPattern
	case templates.FindCustomerPattern, templates.ExportCustomersPattern:
		return templates.CustomersPattern
	case templates.LinkManyStartPattern:
		return templates.LinkManyPattern
	}
	if strings.HasPrefix(path, templates.LinkManyPattern+"/") {
		path = strings.TrimSuffix(strings.TrimSuffix(path, "/continue"), "/end")
	}
	return path
}

// bankOptions are the banks to choose from. One that is not listed stays in.
func (s *Server) bankOptions(ctx context.Context, c *caller, chosen string) []templates.Option {
	list, err := s.banks(ctx, c)
	if err != nil {
		s.Log.WarnContext(ctx, "banks cannot be read", "error", err)
	}
	var out []templates.Option
	for _, b := range list {
		out = append(out, templates.Option{Value: b.ID, Text: bankNames{b.ID: b.FullName}.scope(b.ID).Name, Selected: b.ID == chosen})
	}
	if chosen != "" && !slices.ContainsFunc(out, func(o templates.Option) bool { return o.Selected }) {
		out = append(out, templates.Option{Value: chosen, Text: chosen, Selected: true})
	}
	return out
}

// reasonErrors says by field what a reason lacks.
func (s *Server) reasonErrors(in url.Values) map[string]string {
	errs := map[string]string{}
	text, code := strings.TrimSpace(in.Get("reason")), in.Get("reason_code")
	switch {
	case utf8.RuneCountInString(text) > maxReason:
		errs["reason"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	case text == "" && code == "":
		errs["reason"] = templates.Word("rule." + string(RuleReasonRequired))
	}
	if code != "" && !s.knownCode(code) {
		errs["reason_code"] = templates.Word("field.unknown_code")
	}
	if utf8.RuneCountInString(in.Get("ticket")) > maxTicket {
		errs["ticket"] = templates.Word("field.too_long", "n", strconv.Itoa(maxTicket))
	}
	return errs
}

// withReason puts the fields of a reason into a form, with what was typed.
func (s *Server) withReason(c *caller, f templates.Form, in url.Values, errs map[string]string) templates.Form {
	d := s.decideForm(c, in)
	d.Errors = errs
	f.Reason, f.Errors = &d, errs
	return f
}

// deed is an act that a form asked for and that nothing stands against.
type deed struct {
	entry  journal.Entry
	in     url.Values // the form, for its reason
	within time.Duration
	turn   journal.TurnKey // zero: none is taken
	do     func(context.Context, journal.Intent) (journal.Result, error)
	flash  string            // key of the sentence when it is done
	args   map[string]string // for the sentence; what do puts in is used too
	to     string            // where it leads; "" when done was given
	done   func(journal.Intent, journal.Result) (to string)
	topic  string // for the words of a refusal
	lost   string // key of what to do when no answer came and none can be read; empty: look again
	again  func(status int, p *templates.Problem) error
}

// perform asks for the proof, takes the turn, records the act, does it, and
// leads on, or shows the form again with what OBP's refusal means.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, c *caller, d deed) error {
	if err := s.fresh(c, d.within); err != nil {
		return err
	}
	e := d.entry
	e.Reason, e.ReasonCode, e.Ticket = strings.TrimSpace(d.in.Get("reason")), d.in.Get("reason_code"), strings.TrimSpace(d.in.Get("ticket"))
	if d.turn != (journal.TurnKey{}) {
		release, err := s.Journal.TakeTurn(r.Context(), d.turn, c.party(), c.reqID, 4*s.Settings.OBPTimeout)
		var busy *journal.BusyError
		if errors.As(err, &busy) {
			p := s.problem(r, &httpError{status: http.StatusConflict, key: "turn_taken", err: err})
			p.Sentence = templates.Word("kind.turn_taken.text", "who", partyView(busy.Holder).Username)
			return d.again(p.Status, p)
		}
		if err != nil {
			return err
		}
		defer release()
	}
	i, res, cause, err := s.act(r.Context(), e, d.do)
	if err != nil {
		return err
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		p := s.explained(r, cause, d.topic)
		if res.Outcome == journal.OutcomeUnknown || res.State == neverKnown {
			p.Title, p.Sentence = templates.Word("kind.no_answer.title"), templates.Word(cmp.Or(d.lost, "kind.no_answer.text"))
		}
		return d.again(p.Status, p)
	}
	return s.performed(w, r, d, i, res)
}

// performed says on the next page what was done.
func (s *Server) performed(w http.ResponseWriter, r *http.Request, d deed, i journal.Intent, res journal.Result) error {
	if d.in.Has("reason") {
		s.remember(r.Context(), &deciding{in: decision{Reason: strings.TrimSpace(d.in.Get("reason"))}, ticket: strings.TrimSpace(d.in.Get("ticket"))})
	}
	args := map[string]string{"tone": "good", "act_href": templates.JournalAct(i.ActID)}
	maps.Copy(args, d.args)
	if d.done != nil {
		d.to = d.done(i, res)
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: d.flash, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, d.to)
}

// readBack is how a single write ended: when OBP gave no answer, held says
// whether it is there. When it is not, OBP may still be at it, so that nobody
// knows: the act stays open.
func readBack(err error, held func() (bool, error)) (journal.Result, error) {
	res := plainResult(err)
	if res.Outcome != journal.OutcomeUnknown {
		return res, err
	}
	if yes, e := held(); e != nil || !yes {
		return res, err
	}
	res.Outcome, res.State = journal.OutcomeDone, "read_back"
	return res, nil
}
