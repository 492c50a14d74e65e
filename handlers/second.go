package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Refusals of a second person.
const (
	RuleSecondSame   Rule = "second_same_person" // an account of the first person
	RuleSecondPuppet Rule = "second_puppet"      // got the right to approve from the first person lately
	RuleFirstWaits   Rule = "first_waits"        // the decider gave the first approval already
)

// approving are the roles that let their holder grant roles.
var approving = []string{"CanCreateEntitlementAtAnyBank", "CanCreateEntitlementAtOneBank"}

// openApproval gives the first approval of a request that is still open.
func (s *Server) openApproval(ctx context.Context, requestID string) (*journal.Approval, error) {
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{RequestID: requestID, Act: journal.ActApprove,
		States: []journal.ApprovalState{journal.StateWaiting, journal.StateConfirmed}, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// approvalOf gives the first approval of a decision that is still open: of its
// request, or of the direct grant of a role to a person.
func (s *Server) approvalOf(ctx context.Context, d *deciding) (*journal.Approval, error) {
	if d.act != journal.ActGrant {
		return s.openApproval(ctx, d.id)
	}
	x := d.rd.req
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{PersonID: x.User.UserID, Act: journal.ActGrant,
		States: []journal.ApprovalState{journal.StateWaiting, journal.StateConfirmed}, Limit: 500})
	for _, a := range list {
		if a.Role == x.RoleName && a.BankID == x.BankID {
			return &a, nil
		}
	}
	return nil, err
}

// second makes the approval of a high-risk role a matter of two: the first
// person's word waits, the second's carries it out. A verdict that is nil says
// that it may go on.
func (s *Server) second(ctx context.Context, c *caller, d *deciding) (*verdict, error) {
	open, err := s.approvalOf(ctx, d)
	if err != nil {
		return nil, err
	}
	if open == nil {
		first, err := s.Journal.FirstApproval(ctx, s.entry(c, d))
		if errors.Is(err, journal.ErrWaiting) {
			return &verdict{rules: []Rule{RuleFirstWaits}}, s.refusal(ctx, c, d, RuleFirstWaits)
		}
		return &verdict{first: &first}, err
	}
	if open.State == journal.StateWaiting {
		rule, err := s.notSecond(ctx, c, *open)
		if err != nil {
			return nil, err
		}
		if rule != "" {
			return &verdict{rules: []Rule{rule}}, s.refusal(ctx, c, d, rule)
		}
		confirmed, err := s.Journal.Confirm(ctx, open.ID, s.entry(c, d), nil)
		var moved *journal.StateError
		if errors.As(err, &moved) {
			return &verdict{rules: []Rule{RuleFirstWaits}}, s.refusal(ctx, c, d, RuleFirstWaits)
		}
		if err != nil {
			return nil, err
		}
		open = &confirmed
	}
	d.second = open
	return nil, nil
}

// notSecond gives the rule by which the operator does not count as the second
// person of an approval, "" when they do.
func (s *Server) notSecond(ctx context.Context, c *caller, a journal.Approval) (Rule, error) {
	first := Identity{UserID: a.First.UserID, Username: a.First.Username, Email: a.First.Email}
	if first.UserID == c.me.UserID {
		return RuleFirstWaits, nil
	}
	if _, same := s.Settings.SamePerson.oneself(c.identity(), first); same {
		return RuleSecondSame, nil
	}
	since := c.now.Add(-time.Duration(s.Settings.PuppetDays) * 24 * time.Hour)
	given, err := s.Journal.Search(ctx, journal.Filter{Person: c.me.UserID, From: since, Rights: journal.Rights{All: true},
		Acts: []journal.Act{journal.ActApprove, journal.ActGrant}, Limit: 500})
	if err != nil {
		return "", err
	}
	for _, row := range given.Rows {
		if !slices.Contains(approving, row.Entry.Role) || row.Entry.Person.UserID != c.me.UserID || row.Result.Outcome == journal.OutcomeFailed {
			continue
		}
		by, err := s.gaveBy(ctx, row, a.First.UserID)
		if err != nil {
			return "", err
		}
		if by {
			return RuleSecondPuppet, nil
		}
	}
	return "", nil
}

// gaveBy tells whether a person gave a role: as who granted it, or as one of
// the two who did.
func (s *Server) gaveBy(ctx context.Context, row journal.Row, userID string) (bool, error) {
	if row.Entry.Operator.UserID == userID {
		return true, nil
	}
	if row.Entry.ParentKind != journal.ParentSecondPerson {
		return false, nil
	}
	a, err := s.Journal.Approval(ctx, row.Entry.ParentID)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return a.First.UserID == userID || a.Second.UserID == userID, err
}

// firstOfTwo says that the first approval is kept and waits.
func (s *Server) firstOfTwo(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, a journal.Approval) error {
	s.remember(r.Context(), d)
	x := *d.rd.req
	f := session.Flash{Key: "first_of_two", Args: map[string]string{"tone": "info", "person": x.User.Username, "role": s.role(x.RoleName).Short,
		"scope": d.rd.banks.scope(x.BankID).Name, "until": a.LapsesAt.In(c.zone).Format("2006-01-02 15:04"), "act_href": templates.JournalAct(a.ID)}}
	if err := s.Sessions.Flash(r.Context(), f); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	to := templates.Requests(d.q)
	if n, _, _, ok := next(d.rd.all, d.q, x, c.now); ok {
		to = templates.RequestOf(n.EntitlementRequestID, n.User.UserID, n.BankID, n.RoleName, d.q)
	}
	return redirect(w, r, to)
}

// addSecond shows on a sheet whose first approval waits, and whether the
// reader counts as the second person.
func (s *Server) addSecond(ctx context.Context, c *caller, sh *templates.Sheet) error {
	if !s.Settings.SecondPerson || !sh.Role.HighRisk {
		return nil
	}
	a, err := s.openApproval(ctx, sh.ID)
	if err != nil {
		return err
	}
	if a == nil {
		sh.Second = &templates.SecondPerson{}
		s.offerAlone(sh)
		return s.addLapsed(ctx, c, sh)
	}
	sh.Second = &templates.SecondPerson{ID: a.ID, First: partyView(a.First), When: c.when(a.At), Lapses: c.when(a.LapsesAt), Reason: a.Reason,
		Mine: a.First.UserID == c.me.UserID}
	s.offerAlone(sh)
	rule, err := s.notSecond(ctx, c, *a)
	if err != nil {
		return err
	}
	if rule != "" && a.State == journal.StateWaiting {
		sh.Refusals, sh.MayApprove = append(sh.Refusals, templates.Word("rule."+string(rule))), false
	}
	return nil
}

// addLapsed says on a sheet whose approval nobody confirmed in time.
func (s *Server) addLapsed(ctx context.Context, c *caller, sh *templates.Sheet) error {
	last, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{RequestID: sh.ID, Act: journal.ActApprove, Limit: 1})
	if err == nil && len(last) > 0 && last[0].State == journal.StateLapsed {
		sh.Second.First, sh.Second.Lapses = partyView(last[0].First), c.when(last[0].LapsesAt)
	}
	return err
}

// withdraw takes a first approval back: its author may, and a console
// administrator.
func (s *Server) withdraw(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.Journal.Approval(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) {
		return &httpError{status: http.StatusNotFound, key: "no_act", err: err}
	}
	if err != nil {
		return err
	}
	if a.First.UserID != c.me.UserID && !s.isAdmin(c) {
		return &httpError{status: http.StatusForbidden, key: "not_yours"}
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	err = s.Journal.Withdraw(r.Context(), a.ID, c.entryOf(journal.ActWithdraw))
	key, tone := "withdrawn", "good"
	var moved *journal.StateError
	if errors.As(err, &moved) {
		key, tone = "not_withdrawn", "warn"
	} else if err != nil {
		return err
	}
	if a.Act == journal.ActResetLink {
		key = "reset_" + key
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: key, Args: map[string]string{"tone": tone, "person": partyView(a.Person).Username, "role": s.role(a.Role).Short}}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	if a.EntitlementRequestID == "" {
		return redirect(w, r, templates.ApprovalsPattern)
	}
	return redirect(w, r, templates.Request(a.EntitlementRequestID, a.Person.UserID, a.BankID, templates.RequestQuery{}))
}

// withdrawAll ends what still waits about a request that is declined.
func (s *Server) withdrawAll(ctx context.Context, c *caller, requestID string) {
	ctx = context.WithoutCancel(ctx)
	a, err := s.openApproval(ctx, requestID)
	if err == nil && a != nil {
		err = s.Journal.Withdraw(ctx, a.ID, c.entryOf(journal.ActWithdraw))
	}
	if err != nil {
		s.Log.WarnContext(ctx, "a first approval stays until it lapses", "request", requestID, "error", err)
	}
}

// waitingApprovals are the first approvals that wait for somebody else.
func (s *Server) waitingApprovals(ctx context.Context) (map[string]journal.Approval, error) {
	out := map[string]journal.Approval{}
	if !s.Settings.SecondPerson {
		return out, nil
	}
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{States: []journal.ApprovalState{journal.StateWaiting}, Act: journal.ActApprove, Limit: 500})
	for _, a := range list {
		out[a.EntitlementRequestID] = a
	}
	return out, err
}

// marks is what the journal knows of open requests, by id.
type marks struct {
	halved map[string]journal.Approval // approved by one of two people
	parked map[string]bool             // a question waits for its reply
}

func (s *Server) readMarks(ctx context.Context) (m marks, err error) {
	var g errgroup.Group
	g.Go(func() (err error) { m.halved, err = s.waitingApprovals(ctx); return err })
	g.Go(func() (err error) { m.parked, err = s.parked(ctx); return err })
	return m, g.Wait()
}

func (m marks) on(list *templates.Queue) {
	for i := range list.Rows {
		_, list.Rows[i].Halved = m.halved[list.Rows[i].ID]
		list.Rows[i].Parked = m.parked[list.Rows[i].ID]
	}
}

// secondAlarms lists what waits for a second person, of requests that are open.
func (s *Server) secondAlarms(c *caller, waiting map[string]journal.Approval, all []obp.EntitlementRequest, banks bankNames) []templates.Alarm {
	var out []templates.Alarm
	for _, x := range all {
		a, ok := waiting[x.EntitlementRequestID]
		if !ok {
			continue
		}
		out = append(out, templates.Alarm{When: c.when(a.At), Href: templates.RequestOf(x.EntitlementRequestID, x.User.UserID, x.BankID, x.RoleName, templates.RequestQuery{}),
			Text: templates.Word("alarm.second", "who", partyView(a.First).Username, "person", x.User.Username, "role", s.role(x.RoleName).Short, "scope", banks.scope(x.BankID).Name)})
	}
	return out
}

func orNone(v *verdict) verdict {
	if v == nil {
		return verdict{}
	}
	return *v
}
