package handlers

import (
	"context"
	"net/http"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// approvals lists the first approvals: what waits for a second person, and
// what became of the others.
func (s *Server) approvals(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	if err := s.stillIn(ctx, c); err != nil {
		return err
	}
	if _, err := s.Journal.LapseDue(ctx); err != nil {
		return err
	}
	list, err := s.Journal.Approvals(ctx, journal.ApprovalFilter{Limit: 200})
	if err != nil {
		return err
	}
	banks := s.names(ctx, c)
	open, err := s.Journal.Search(ctx, journal.Filter{Acts: []journal.Act{ActEmergency}, Outcomes: []journal.Outcome{""}, Rights: journal.Rights{All: true}, Limit: 200})
	if err != nil {
		return err
	}
	p := templates.ApprovalsPage{Off: !s.Settings.SecondPerson, Days: s.Settings.PuppetDays, Emergencies: s.emergencyAlarms(c, open.Rows, banks)}
	for _, a := range list {
		if !s.maySeeApproval(c, a) {
			continue
		}
		row, err := s.approvalRow(ctx, c, a, banks)
		if err != nil {
			return err
		}
		if a.State.Open() {
			p.Open = append(p.Open, row)
		} else if len(p.Past) < 50 {
			p.Past = append(p.Past, row)
		}
	}
	return s.page(w, r, c, view{title: templates.Word("approvals.title"), section: templates.RequestsPattern, canon: templates.ApprovalsPattern, waiting: -1, body: templates.ApprovalsView(p)})
}

// maySeeApproval tells whether a person may see an approval: their own, what
// they may read of the journal, and what they seem able to do themselves.
func (s *Server) maySeeApproval(c *caller, a journal.Approval) bool {
	if a.First.UserID == c.me.UserID || a.Second.UserID == c.me.UserID || s.readerRights(c).All {
		return true
	}
	if a.Act == journal.ActResetLink {
		return c.hint(resetRole, "") || s.isAdmin(c)
	}
	return mayGive(a.BankID, c.hint)
}

var approvalTones = map[journal.ApprovalState]templates.Tone{journal.StateWaiting: templates.ToneWarn, journal.StateConfirmed: templates.ToneInfo,
	journal.StateUsed: templates.ToneGood, journal.StateLapsed: templates.ToneNeutral, journal.StateWithdrawn: templates.ToneNeutral}

func (s *Server) approvalRow(ctx context.Context, c *caller, a journal.Approval, banks bankNames) (templates.ApprovalRow, error) {
	row := templates.ApprovalRow{ID: a.ID, Act: templates.Word("approvals.act_" + string(a.Act)), First: partyView(a.First), Person: partyView(a.Person), Scope: banks.scope(a.BankID), When: c.when(a.At), Code: string(a.State),
		State: templates.Badge{Tone: approvalTones[a.State], Text: templates.Word("approvals.state_" + string(a.State))}, Record: templates.JournalAct(a.ID), Withdraw: a.State.Open() && !s.isAuditor(c) && (a.First.UserID == c.me.UserID || s.isAdmin(c))}
	row.Person.Href = templates.User(a.Person.UserID)
	if a.Role != "" {
		row.Role = s.role(a.Role)
	}
	if a.Second.UserID != "" {
		row.Second = partyView(a.Second)
	}
	if a.First.UserID == c.me.UserID || s.readerRights(c).All || a.State.Open() {
		row.Reason = a.Reason
	}
	if !a.State.Open() {
		return row, nil
	}
	row.Lapses = c.when(a.LapsesAt)
	if a.State == journal.StateWaiting {
		rule, err := s.notSecond(ctx, c, a)
		if err != nil {
			return row, err
		}
		if rule != "" {
			row.Why = templates.Word("rule." + string(rule))
			return row, nil
		}
	}
	row.Go = approvalHref(a)
	return row, nil
}

// approvalHref is where an approval is carried on.
func approvalHref(a journal.Approval) string {
	switch {
	case a.EntitlementRequestID != "":
		return templates.RequestOf(a.EntitlementRequestID, a.Person.UserID, a.BankID, a.Role, templates.RequestQuery{})
	case a.Act == journal.ActGrant:
		return templates.Grant(a.Person.UserID, a.Role, a.BankID)
	case a.Act == journal.ActResetLink:
		return templates.Reset(templates.Person{UserID: a.Person.UserID, Username: a.Person.Username})
	}
	return templates.ApprovalsPattern
}

// waitingActs are the first approvals of direct grants and of reset links that
// wait for a second person, and those of links that the first can make now.
func (s *Server) waitingActs(ctx context.Context) (out []journal.Approval, err error) {
	if !s.Settings.SecondPerson {
		return nil, nil
	}
	for _, f := range []journal.ApprovalFilter{{Act: journal.ActGrant, States: []journal.ApprovalState{journal.StateWaiting}, Limit: 500},
		{Act: journal.ActResetLink, States: []journal.ApprovalState{journal.StateWaiting, journal.StateConfirmed}, Limit: 500}} {
		list, err := s.Journal.Approvals(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func (s *Server) actAlarms(c *caller, list []journal.Approval, banks bankNames) []templates.Alarm {
	var out []templates.Alarm
	for _, a := range list {
		key, href, agreed := "alarm.second", templates.ApprovalsPattern, a.State == journal.StateConfirmed
		switch {
		case agreed:
			key, href = "alarm.reset_agreed", approvalHref(a)
		case a.Act == journal.ActResetLink:
			key = "alarm.second_reset"
		}
		if s.maySeeApproval(c, a) && (!agreed || a.First.UserID == c.me.UserID) {
			out = append(out, templates.Alarm{When: c.when(a.At), Href: href,
				Text: templates.Word(key, "who", partyView(a.First).Username, "person", partyView(a.Person).Username, "role", s.role(a.Role).Short, "scope", banks.scope(a.BankID).Name)})
		}
	}
	return out
}
