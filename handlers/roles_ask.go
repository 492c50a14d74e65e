package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// The acts of a talk about a request: a question parks it, a reply ends that.
const (
	ActQuestion journal.Act = "question"
	ActReply    journal.Act = "reply"
)

// askRoutes are the routes of what is asked about a request.
func (s *Server) askRoutes() []route {
	return []route{post(templates.QuestionPattern, s.question), post(templates.ReplyPattern, s.reply)}
}

// requestTalk is what the journal holds of a request beside its decisions:
// why it was asked for, questions and replies, oldest first.
func (s *Server) requestTalk(ctx context.Context, c *caller, x obp.EntitlementRequest) ([]templates.TalkRow, error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Person: x.User.UserID, Role: x.RoleName, BankIDs: []string{x.BankID}, Acts: []journal.Act{journal.ActAskRole, ActQuestion, ActReply}, Rights: journal.Rights{All: true}, Limit: 100})
	var out []templates.TalkRow
	for _, row := range slices.Backward(p.Rows) {
		if aboutRequest(row) == x.EntitlementRequestID && row.Entry.Reason != "" {
			out = append(out, templates.TalkRow{Kind: string(row.Entry.Act), Who: partyView(row.Entry.Operator), When: c.when(row.At), Text: row.Entry.Reason})
		}
	}
	return out, err
}

// aboutRequest is the request that an act of a talk belongs to.
func aboutRequest(row journal.Row) string {
	if row.Entry.Act == journal.ActAskRole {
		return row.Result.Details["entitlement_request_id"]
	}
	return row.Entry.EntitlementRequestID
}

// question parks a request with a question to the person who asked. It changes
// nothing at OBP.
func (s *Server) question(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	d := newDeciding(ActQuestion, chi.URLParam(r, "id"), in)
	d.q, d.in.Reason = requestQuery(r.URL.Query()), strings.TrimSpace(in.Get("question"))
	if err := s.readAgain(r.Context(), c, d); err != nil {
		return s.notRead(w, r, c, d, err)
	}
	if d.rd.req == nil {
		return s.showGone(w, r, c, d)
	}
	x := d.rd.req
	to := templates.RequestOf(d.id, x.User.UserID, x.BankID, x.RoleName, d.q)
	if d.in.Reason == "" || utf8.RuneCountInString(d.in.Reason) > maxReason {
		return s.flashTo(w, r, "question_empty", "warn", to, nil)
	}
	e := s.entry(c, d)
	e.ShownToRequester = true
	if _, err := s.Journal.Record(r.Context(), e, journal.Result{Outcome: journal.OutcomeDone, State: "asked_back"}); err != nil {
		return err
	}
	return s.flashTo(w, r, "question_sent", "good", to, map[string]string{"person": x.User.Username})
}

// reply answers a question about one's own open request.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	mine, err := c.api.MyEntitlementRequests(r.Context())
	if err != nil {
		return err
	}
	x := findRequest(mine, chi.URLParam(r, "id"))
	text := strings.TrimSpace(in.Get("reply"))
	switch {
	case x == nil:
		return &httpError{status: http.StatusNotFound, key: "no_act"}
	case text == "" || utf8.RuneCountInString(text) > maxReason:
		return s.flashTo(w, r, "question_empty", "warn", templates.MePattern, nil)
	}
	e := c.entryOf(ActReply)
	e.Person, e.Role, e.BankID, e.EntitlementRequestID, e.Reason = c.party(), x.RoleName, x.BankID, x.EntitlementRequestID, text
	if _, err := s.Journal.Record(r.Context(), e, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		return err
	}
	return s.flashTo(w, r, "replied", "good", templates.MePattern, nil)
}

// parked tells of which requests the last word is a question.
func (s *Server) parked(ctx context.Context) (map[string]bool, error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Acts: []journal.Act{ActQuestion, ActReply}, Rights: journal.Rights{All: true}, Limit: 500})
	out := map[string]bool{}
	for _, row := range slices.Backward(p.Rows) {
		out[row.Entry.EntitlementRequestID] = row.Entry.Act == ActQuestion
	}
	return out, err
}

// maxFate is how many of one's own past requests are shown.
const maxFate = 10

// myRequests says what was asked about one's own open requests, and what became
// of the others as far as OBP and the journal know it.
func (s *Server) myRequests(ctx context.Context, c *caller, open []obp.EntitlementRequest, known bool, banks bankNames) (asked []templates.MyRequest, fate []templates.FateRow, err error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Person: c.me.UserID, Acts: []journal.Act{journal.ActAskRole, ActQuestion, ActReply, journal.ActApprove, journal.ActDecline}, Rights: journal.Rights{All: true}, Limit: 200})
	if err != nil || !known {
		return nil, nil, err
	}
	for _, x := range open {
		m := templates.MyRequest{ID: x.EntitlementRequestID, Role: s.role(x.RoleName), Scope: banks.scope(x.BankID)}
		for _, row := range slices.Backward(p.Rows) {
			if aboutRequest(row) == x.EntitlementRequestID && slices.Contains([]journal.Act{ActQuestion, ActReply}, row.Entry.Act) {
				m.Talk = append(m.Talk, templates.TalkRow{Kind: string(row.Entry.Act), Who: partyView(row.Entry.Operator), When: c.when(row.At), Text: row.Entry.Reason})
				m.Waits = row.Entry.Act == ActQuestion
			}
		}
		if len(m.Talk) > 0 {
			asked = append(asked, m)
		}
	}
	told := map[string]bool{}
	for _, row := range p.Rows {
		id := aboutRequest(row)
		if row.Entry.Act == ActQuestion || row.Entry.Act == ActReply || id == "" || told[id] || findRequest(open, id) != nil || len(fate) == maxFate {
			continue
		}
		told[id] = true
		fate = append(fate, s.fateOf(c, row, id, p.Rows, banks))
	}
	return asked, fate, nil
}

// fateOf says what became of one's own request. The reason stands in it when
// the decider chose to show it.
func (s *Server) fateOf(c *caller, asked journal.Row, id string, rows []journal.Row, banks bankNames) templates.FateRow {
	f := templates.FateRow{Role: s.role(asked.Entry.Role), Scope: banks.scope(asked.Entry.BankID), Asked: c.when(asked.At), When: c.when(asked.At), Code: "gone",
		State: templates.Badge{Tone: templates.ToneNeutral, Text: templates.Word("ask.fate_gone")}}
	for _, row := range rows {
		decided := row.Entry.Act == journal.ActApprove || row.Entry.Act == journal.ActDecline
		if !decided || row.Entry.EntitlementRequestID != id || row.Result.Outcome != journal.OutcomeDone {
			continue
		}
		f.Code, f.Who, f.When = string(row.Entry.Act), partyView(row.Entry.Operator), c.when(row.At)
		f.State = templates.Badge{Tone: templates.ToneGood, Text: actName(row.Entry.Act)}
		if row.Entry.Act == journal.ActDecline {
			f.State.Tone = templates.ToneBad
		}
		if row.Entry.ShownToRequester {
			f.Reason = row.Entry.Reason
		}
		return f
	}
	return f
}
