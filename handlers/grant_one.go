package handlers

import (
	"context"
	"errors"
	"net/http"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// grantOne gives one role the same safe way as an approval: in its turn, after
// a second person's word when the role takes two, and never twice.
func (s *Server) grantOne(ctx context.Context, c *caller, d *deciding) (verdict, error) {
	release, err := s.takeTurn(ctx, c, d)
	var busy *journal.BusyError
	if errors.As(err, &busy) {
		return verdict{busy: busy}, s.refusal(ctx, c, d, RuleBusy)
	}
	if err != nil {
		return verdict{}, err
	}
	defer release()
	x := *d.rd.req
	rows, err := s.about(ctx, x.User.UserID, x.RoleName, x.BankID)
	if err != nil {
		return verdict{}, err
	}
	if s.newer(rows, x, d.rd.at) { // what was read is older than another decision
		u, err := c.api.UserByID(ctx, x.User.UserID)
		if err != nil {
			return verdict{done: &done{journal.Result{Outcome: journal.OutcomeFailed}, "refused", err}}, nil
		}
		d.rd.person, d.rd.req.User = &u, u
		x = *d.rd.req
		if s.riskyFor(x) { // perhaps by that decision
			if err := s.fresh(c, proofDangerous); err != nil {
				return verdict{}, err
			}
		}
	}
	open := unfinished(rows, x)
	if wait := s.mustWait(rows, x); wait > 0 {
		return verdict{wait: wait}, s.refusal(ctx, c, d, RuleGrantPending)
	}
	if v, err := s.twoPeople(ctx, c, d); err != nil || v != nil {
		return orNone(v), err
	}
	return s.carryOut(ctx, c, d, open)
}

// runGrant is the direct grant itself. Without an answer the person is read
// again.
func (s *Server) runGrant(ctx context.Context, c *caller, d *deciding, i journal.Intent) done {
	x := *d.rd.req
	ids, fail := s.grant(ctx, c, granting{x.User.UserID, x.RoleName, x.BankID, idsOf(x), func(ctx context.Context) ([]string, bool) {
		u, err := c.api.UserByID(ctx, x.User.UserID)
		now := obp.EntitlementRequest{User: u, RoleName: x.RoleName, BankID: x.BankID}
		return idsOf(now), err == nil
	}}, i)
	if fail != nil {
		return *fail
	}
	return done{journal.Result{Outcome: journal.OutcomeDone, State: "granted", EntitlementIDs: ids}, "granted", nil}
}

// grantRow says how one grant went.
func (s *Server) grantRow(r *http.Request, c *caller, d *deciding, v verdict) templates.ResultRow {
	x := d.rd.req
	row := templates.ResultRow{What: s.role(x.RoleName).Short, Scope: d.rd.banks.scope(x.BankID).Name}
	bad := func(tone templates.Tone, key, why string) {
		row.Badge, row.Why = templates.Badge{Tone: tone, Text: templates.Word(key)}, why
	}
	switch {
	case len(v.rules) > 0:
		bad(templates.ToneWarn, "grant.not_given", templates.Word("rule."+string(v.rules[0])))
	case v.busy != nil:
		bad(templates.ToneWarn, "grant.not_given", templates.Word("rule.busy"))
	case v.wait > 0:
		bad(templates.ToneWarn, "grant.not_given", templates.Word("rule.grant_pending"))
	case v.first != nil:
		bad(templates.ToneInfo, "second.badge", templates.Word("grant.waits", "until", v.first.LapsesAt.In(c.zone).Format("2006-01-02 15:04")))
	case v.done.result.Outcome == journal.OutcomeDone && len(v.done.result.EntitlementIDs) == 0:
		bad(templates.ToneGood, "state.held", "")
		row.Held = true
	case v.done.result.Outcome == journal.OutcomeDone:
		bad(templates.ToneGood, "grant.given", "")
	case v.done.result.Outcome == journal.OutcomeUnknown:
		bad(templates.ToneWarn, "outcome.unknown", templates.Word("grant.look_again"))
	default:
		bad(templates.ToneBad, "grant.not_given", whyNot(s.problem(r, aboutRole(v.done.err))))
	}
	return row
}
