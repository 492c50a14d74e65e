package handlers

import (
	"context"
	"net/http"
	"net/url"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// remember keeps the ticket and the reason for the next decision.
func (s *Server) remember(ctx context.Context, d *deciding) {
	err := s.Sessions.Update(ctx, func(st *session.State) { st.Ticket = d.ticket })
	if err == nil && d.in.Reason != "" {
		err = s.Sessions.SaveDraft(ctx, lastReasonKey, url.Values{"reason": {d.in.Reason}})
	}
	if err != nil {
		s.Log.WarnContext(ctx, "ticket and reason were not kept", "error", err)
	}
}

// leadOn goes to the next request of the same filter after a decision, or
// stays with this one when something is left to do.
func (s *Server) leadOn(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, res done) error {
	x := *d.rd.req
	args := map[string]string{"person": x.User.Username, "role": s.role(x.RoleName).Short, "scope": d.rd.banks.scope(x.BankID).Name,
		"act_href": templates.JournalAct(d.actID), "tone": "good"}
	if d.act == journal.ActApprove && len(res.result.EntitlementIDs) > 0 {
		args["undo_href"] = templates.Undo(d.actID)
	}
	if res.result.Outcome != journal.OutcomeDone {
		args["tone"], args["correlation"] = "warn", res.result.CorrelationID
		if res.result.Outcome == journal.OutcomeFailed {
			args["tone"] = "bad"
			if err := s.Sessions.SaveDraft(r.Context(), requestKey(d.id), d.typed); err != nil {
				s.Log.WarnContext(r.Context(), "a draft was not kept", "error", err)
			}
			return s.failedDecision(w, r, c, d, res)
		}
	}
	to := templates.RequestOf(x.EntitlementRequestID, x.User.UserID, x.BankID, x.RoleName, d.q)
	if res.result.Outcome == journal.OutcomeDone {
		to = templates.Requests(d.q)
		if n, _, _, ok := next(d.rd.all, d.q, x, c.now); ok {
			to = templates.RequestOf(n.EntitlementRequestID, n.User.UserID, n.BankID, n.RoleName, d.q)
		}
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: res.flash, Args: args}); err != nil {
		s.Log.WarnContext(r.Context(), "the result could not be kept for the next page", "error", err)
	}
	return redirect(w, r, to)
}

// failedDecision says on the request's own sheet why OBP refused. The request
// stays open, and what was typed stays in the form.
func (s *Server) failedDecision(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, res done) error {
	p := s.problem(r, res.err)
	f := s.decideForm(c, d.typed)
	f.Asked = string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	p.Sentence = templates.Word("decide.refused_"+string(d.act)) + " " + p.Sentence
	p.Retry = ""
	sheet.Failed = p
	return s.sheetPage(w, r, c, p.Status, d.rd, sheet)
}
