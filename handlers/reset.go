package handlers

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Reset links within resetWindow by an operator and for one person, unless
// Settings say otherwise.
const (
	ResetsByOperator = 10
	ResetsForPerson  = 3
	resetWindow      = time.Hour
)

// resetRole is what OBP wants of whoever makes a reset link.
const resetRole = "CanCreateResetPasswordUrl"

// RuleResetSecond refuses the word of somebody who may not make reset links.
const RuleResetSecond Rule = "reset_second"

// resetLimited counts an attempt to make a link, and tells whether it is one too
// many. A link that OBP does not make counts as well.
func (l limits) resetLimited(w http.ResponseWriter, r *http.Request, operator, target string) bool {
	return l.resets.OnLimit(w, r, operator) || l.resetsFor.OnLimit(w, r, target)
}

// risky tells whether a person holds a high-risk role, or all of them as a
// super admin: then a reset link takes two people.
func (s *Server) risky(o *onPerson) bool {
	return slices.ContainsFunc(slices.Concat(o.u.Entitlements.List, o.held), func(e obp.Entitlement) bool { return s.highRisk[e.RoleName] || e.IsSuperAdmin() })
}

// resetApproval gives the first approval of a reset link that is still open.
func (s *Server) resetApproval(ctx context.Context, userID string) (*journal.Approval, error) {
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{PersonID: userID, Act: journal.ActResetLink,
		States: []journal.ApprovalState{journal.StateWaiting, journal.StateConfirmed}, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// resetPage asks how the caller was verified, and warns.
func (s *Server) resetPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	o, err := s.loadPerson(r, c, journal.ActResetLink)
	if err != nil {
		return err
	}
	o.in = s.takeDraft(r.Context(), r.URL.Path)
	o.in.Del("show")
	return s.resetForm(w, r, c, http.StatusOK, o, nil)
}

func (s *Server) resetForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *onPerson, failed *templates.Problem) error {
	var err error
	p := personView(o.u)
	f := templates.UserAct{Act: string(o.act), Person: p, Problem: failed, Action: templates.Reset(p), Danger: true, Button: templates.Word("user.go_reset_link"), Once: newActID()}
	st := stateOf(o.u, &o.u)
	f.State, _ = stateBadge(st)
	if rule := s.personRule(c, o); rule != "" {
		f.Refusals = append(f.Refusals, templates.Word("rule."+string(rule)))
	}
	f.Warnings = append(f.Warnings, templates.Word("reset.kills_old"), templates.Word("reset.old_password"))
	if st == stateLocked {
		f.Warnings = append(f.Warnings, templates.Word("reset.locked"))
	}
	f.Calling = s.callWith(c, o.u.UserID)
	f.Form = templates.UserForm{Ticket: o.in.Get("ticket"), Verified: o.in.Get("verified"), Note: o.in.Get("note"), Errors: o.errs, TicketRequired: true}
	if f.Calling != nil && !o.in.Has("ticket") {
		f.Form.Ticket, f.Form.Verified = f.Calling.Ticket, f.Calling.Verified
	}
	if s.Settings.SecondPerson && s.risky(o) && len(f.Refusals) == 0 {
		f.Warnings = append(f.Warnings, templates.Word("reset.risky"))
		if err = s.resetSecond(r.Context(), c, o, &f); err != nil {
			return err
		}
	}
	if len(f.Refusals) == 0 && !f.Waits {
		if f.Phone, err = s.phoneView(r, c, o); err != nil {
			return err
		}
	}
	for _, k := range howVerified {
		f.Form.How = append(f.Form.How, templates.Option{Value: k, Text: templates.Word("verified." + k), Selected: k == f.Form.Verified})
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("user.title_reset_link", "person", o.u.Username), section: templates.UsersPattern, waiting: -1, body: templates.UserActView(f)})
}

// resetSecond shows where the second person's word stands: what the first
// checked to whoever confirms it, and the form, filled in, to the first alone.
func (s *Server) resetSecond(ctx context.Context, c *caller, o *onPerson, f *templates.UserAct) error {
	a, err := s.resetApproval(ctx, o.u.UserID)
	if err != nil || a == nil {
		f.Second = &templates.SecondPerson{}
		return err
	}
	f.Second = &templates.SecondPerson{ID: a.ID, First: partyView(a.First), When: c.when(a.At), Lapses: c.when(a.LapsesAt), Mine: a.First.UserID == c.me.UserID}
	f.Agreed = a.State == journal.StateConfirmed
	f.Waits = !f.Agreed || !f.Second.Mine
	if !f.Waits && !o.in.Has("ticket") {
		f.Form.Ticket, f.Form.Verified, f.Form.Note = a.Ticket, a.Verified, a.Reason
	}
	f.Checked = resetCheck(*a)
	rule, err := s.notResetSecond(ctx, c, *a, c.hint)
	f.Confirms = err == nil && rule == "" && !f.Agreed
	if rule != "" && rule != RuleFirstWaits {
		f.Refusals = append(f.Refusals, templates.Word("rule."+string(rule)))
	}
	return err
}

// resetCheck is how the first person made sure who asks.
func resetCheck(a journal.Approval) []templates.Fact {
	out := []templates.Fact{{Name: templates.Word("reset.how"), Value: templates.Word("verified." + a.Verified)}, {Name: templates.Word("sheet.ticket"), Value: a.Ticket}}
	if a.Reason != "" {
		out = append(out, templates.Fact{Name: templates.Word("reset.note"), Value: a.Reason})
	}
	return out
}

// resetErrors says by field what the identity check lacks.
func (o *onPerson) resetErrors() {
	if _, ok := verifiedHow(o.in.Get("verified")); !ok {
		o.errs["verified"] = templates.Word("reset.how_missing")
	}
	ticket := strings.TrimSpace(o.in.Get("ticket"))
	if ticket == "" {
		o.errs["ticket"] = templates.Word("reset.ticket_missing")
	}
	if utf8.RuneCountInString(ticket) > maxTicket {
		o.errs["ticket"] = templates.Word("field.too_long", "n", strconv.Itoa(maxTicket))
	}
	if utf8.RuneCountInString(o.in.Get("note")) > maxReason {
		o.errs["note"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	}
}

// reset makes a link and shows it once, on an answer that is neither stored nor
// compressed (security 42). The journal keeps who, for whom, how verified, and
// an HMAC of the link.
func (s *Server) reset(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o, err := s.loadPerson(r, c, journal.ActResetLink)
	if err != nil {
		return err
	}
	o.in = in
	if in.Get("show") != "" {
		return s.resetForm(w, r, c, http.StatusOK, o, nil)
	}
	e := s.personEntry(c, o)
	e.Verified, e.Reason = in.Get("verified"), strings.TrimSpace(in.Get("note"))
	if rule := s.personRule(c, o); rule != "" {
		if err := s.refused(r.Context(), e, o.act, rule); err != nil {
			return err
		}
		return s.resetForm(w, r, c, http.StatusForbidden, o, nil)
	}
	if o.resetErrors(); len(o.errs) > 0 {
		return s.resetForm(w, r, c, http.StatusUnprocessableEntity, o, nil)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	if e.ActID, err = s.once(r.Context(), in.Get("once")); err != nil {
		return err
	}
	rec, waits, err := s.resetRecord(r.Context(), c, o, e)
	if err != nil {
		return err
	}
	if waits != nil {
		key := "reset_waits"
		if waits.First.UserID != c.me.UserID {
			key = "reset_theirs"
		}
		return s.flashTo(w, r, key, "info", templates.Reset(personView(o.u)), map[string]string{"person": o.u.Username, "who": partyView(waits.First).Username})
	}
	if s.limits.resetLimited(w, r, c.me.UserID, o.u.UserID) {
		e.ActID = ""
		if err := s.refused(r.Context(), e, o.act, RuleResetLimit); err != nil {
			return err
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(resetWindow.Seconds())))
		p := s.problem(r, &httpError{status: http.StatusTooManyRequests, key: "reset_limited"})
		p.Sentence = templates.Word("kind.reset_limited.text", "by", strconv.Itoa(s.Settings.ResetsByOperator), "for", strconv.Itoa(s.Settings.ResetsForPerson), "at", c.when(c.now.Add(resetWindow)).Local)
		return s.resetForm(w, r, c, http.StatusTooManyRequests, o, p)
	}
	return s.makeLink(w, r, c, o, rec)
}

// once gives the id that a form carries for its act. A form that was taken
// already, as when a page with a link is loaded again, makes no second link.
func (s *Server) once(ctx context.Context, id string) (string, error) {
	if uuid.Validate(id) != nil {
		return "", nil
	}
	_, err := s.Journal.Row(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return id, nil
	}
	if err == nil {
		err = &httpError{status: http.StatusConflict, key: "sent_already", err: errors.New("the form was taken already")}
	}
	return "", err
}

// resetRecord begins the record: plain, or as the use of a second person's
// word. waits is the first approval that was kept instead, or that is open.
func (s *Server) resetRecord(ctx context.Context, c *caller, o *onPerson, e journal.Entry) (rec record, waits *journal.Approval, err error) {
	if !s.Settings.SecondPerson || !s.risky(o) {
		return s.plain(e), nil, nil
	}
	a, err := s.resetApproval(ctx, o.u.UserID)
	switch {
	case err != nil:
		return rec, nil, err
	case a == nil:
		first, err := s.Journal.FirstApproval(ctx, e)
		if errors.Is(err, journal.ErrWaiting) { // somebody was faster by a moment
			err = &httpError{status: http.StatusConflict, key: "busy", err: err}
		}
		return rec, &first, err
	case a.State == journal.StateConfirmed && a.First.UserID == c.me.UserID:
		e.ParentID, e.ParentKind = "", ""
		return record{func(ctx context.Context) (journal.Intent, error) { return s.Journal.UseApproval(ctx, a.ID, e) }, s.Journal.Outcome}, nil, nil
	}
	return rec, a, nil
}

func (s *Server) makeLink(w http.ResponseWriter, r *http.Request, c *caller, o *onPerson, rec record) error {
	var link string
	i, _, cause, err := s.actBy(r.Context(), rec, func(ctx context.Context, _ journal.Intent) (res journal.Result, err error) {
		link, err = c.api.CreateResetURL(ctx, o.u.Username, o.u.Email, o.u.UserID, s.Settings.ResetHosts)
		res, err = settle(ctx, plainResult(err), err, nil)
		if err == nil {
			res.Details = map[string]string{"link_hmac": s.linkMAC(link)}
		}
		return res, err
	})
	if err != nil {
		return err // the link is not shown: what is not recorded is not given out
	}
	if over := firstOver(cause); over != nil {
		return over
	}
	if cause != nil {
		return s.resetForm(w, r, c, s.problem(r, cause).Status, o, s.resetProblem(r, cause))
	}
	p := personView(o.u)
	return s.page(w, r, c, view{title: templates.Word("reset.made_title"), section: templates.UsersPattern, waiting: -1,
		body: templates.ResetLinkView(templates.ResetLink{Person: p, Link: link, Act: templates.Link{Text: templates.Word("flash.see_act"), Href: templates.JournalAct(i.ActID)},
			End: templates.Link{Text: templates.Word("reset.done"), Href: templates.UserOf(p)}})})
}

// linkMAC is what the journal keeps of a link: it proves which one it was to
// whoever has it, and gives it to nobody.
func (s *Server) linkMAC(link string) string {
	m := hmac.New(sha256.New, s.Settings.LinkKey[:])
	m.Write([]byte(link))
	return hex.EncodeToString(m.Sum(nil))
}

// resetProblem says in words why there is no link.
func (s *Server) resetProblem(r *http.Request, cause error) *templates.Problem {
	p := s.problem(r, cause)
	key := ""
	switch obp.KindOf(cause) {
	case obp.KindNotFound:
		key = "reset.mismatch"
	case obp.KindSwitchedOff:
		key = "reset.switched_off"
	case obp.KindJunk:
		key = "reset.bad_host"
	}
	if key != "" {
		p.Title, p.Sentence = templates.Word("reset.none"), templates.Word(key)
	}
	if mayBeApplied(cause) {
		p.Sentence += " " + templates.Word("reset.no_answer")
	}
	p.Retry = ""
	return p
}

// notResetSecond gives the rule by which the operator is no second person for a
// reset link, "" when they are. holds tells which roles they hold: OBP checks
// those of the first alone.
func (s *Server) notResetSecond(ctx context.Context, c *caller, a journal.Approval, holds func(role, bankID string) bool) (Rule, error) {
	if a.First.UserID != c.me.UserID && !holds(resetRole, "") && !s.isAdmin(c) {
		return RuleResetSecond, nil
	}
	return s.notSecond(ctx, c, a)
}

// confirmReset is the second person's word: the first presses again then, and
// alone sees the link.
func (s *Server) confirmReset(w http.ResponseWriter, r *http.Request, c *caller) error {
	var me obp.User
	var beside errgroup.Group
	beside.Go(func() (err error) { me, err = c.api.CurrentUser(r.Context()); return err })
	o, err := s.loadPerson(r, c, journal.ActResetLink)
	if err := cmp.Or(beside.Wait(), err); err != nil {
		return err
	}
	to := templates.Reset(personView(o.u))
	a, err := s.resetApproval(r.Context(), o.u.UserID)
	if err != nil {
		return err
	}
	if a == nil {
		return s.flashTo(w, r, "reset_nothing", "warn", to, nil)
	}
	rule := s.personRule(c, o)
	if rule == "" {
		if rule, err = s.notResetSecond(r.Context(), c, *a, holdsAs(me)); err != nil {
			return err
		}
	}
	if rule != "" {
		if err := s.refused(r.Context(), s.personEntry(c, o), journal.ActConfirm, rule); err != nil {
			return err
		}
		return s.resetForm(w, r, c, http.StatusForbidden, o, nil)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	_, err = s.Journal.Confirm(r.Context(), a.ID, c.entryOf(journal.ActConfirm), nil)
	var moved *journal.StateError
	if errors.As(err, &moved) {
		return s.flashTo(w, r, "reset_nothing", "warn", to, nil)
	}
	if err != nil {
		return err
	}
	return s.flashTo(w, r, "reset_confirmed", "good", to, map[string]string{"who": partyView(a.First).Username})
}
