package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// refusal writes down that the console refused a decision, and by which rule.
func (s *Server) refusal(ctx context.Context, c *caller, d *deciding, rule Rule) error {
	e := s.entry(c, d)
	e.ActID = ""
	return s.refused(ctx, e, d.act, rule)
}

// notNow keeps the form and says why the moment is wrong.
func (s *Server) notNow(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, key string, pairs ...string) error {
	f := s.decideForm(c, d.typed)
	f.Asked = string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	sheet.Failed = &templates.Problem{Key: "busy", Status: http.StatusConflict, Title: templates.Word("kind.busy.title"), Sentence: templates.Word("decide."+key, pairs...), RequestID: c.reqID}
	return s.sheetPage(w, r, c, http.StatusConflict, d.rd, sheet)
}

// showGone says what became of a request that is not open any more.
func (s *Server) showGone(w http.ResponseWriter, r *http.Request, c *caller, d *deciding) error {
	sheet, _, err := s.goneSheet(r.Context(), c, d.id, d.q, d.rd)
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, http.StatusConflict, d.rd, sheet)
}

// goneSheet tells from the journal what became of a request that OBP does not
// list. The status is 404 when the journal does not know it either.
func (s *Server) goneSheet(ctx context.Context, c *caller, id string, q templates.RequestQuery, rd reading) (templates.Sheet, int, error) {
	sh := templates.Sheet{ID: id, Query: q, Back: templates.Requests(q)}
	o := &templates.Outcome{ID: id, Back: templates.Requests(q), Tone: templates.ToneNeutral, Title: templates.Word("gone.title"), Sentence: templates.Word("gone.unknown")}
	sh.Outcome = o
	if left := buildQueue(rd.all, q, 1, c.now); left.Found > 0 {
		x := left.Rows[0]
		o.Next = &templates.Link{Text: templates.Word("sheet.next"), Href: templates.RequestOf(x.EntitlementRequestID, x.User.UserID, x.BankID, x.RoleName, q)}
	}
	p, err := s.Journal.Search(ctx, journal.Filter{Request: id, Acts: decisions, Rights: journal.Rights{All: true}, Limit: 20})
	if err != nil {
		return sh, 0, err
	}
	// a decision that was carried out says more than a later attempt
	at := slices.IndexFunc(p.Rows, func(row journal.Row) bool { return row.Result.Outcome == journal.OutcomeDone })
	if at < 0 {
		at = slices.IndexFunc(p.Rows, func(row journal.Row) bool { return row.Result.Outcome != journal.OutcomeRefused })
	}
	if at < 0 {
		return sh, http.StatusNotFound, nil
	}
	row := p.Rows[at]
	by := partyView(row.Entry.Operator).Username
	if row.Entry.Operator.UserID == c.me.UserID {
		by = templates.Word("gone.you")
	}
	o.Title = templates.Word("gone.title_" + goneKey(row))
	o.Sentence = templates.Word("gone."+goneKey(row), "who", by, "age", age(c.now.Sub(row.At)), "person", partyView(row.Entry.Person).Username,
		"role", s.role(row.Entry.Role).Short, "scope", rd.banks.scope(row.Entry.BankID).Name)
	o.Tone = outcomeBadge(row).Tone
	o.Finish = !row.Finished()
	o.Act = &templates.Link{Text: templates.Word("sheet.record"), Href: templates.JournalAct(row.ActID)}
	if s.mayRead(c, row) && row.Entry.Reason != "" {
		o.Rows = append(o.Rows, templates.Fact{Name: templates.Word("sheet.reason"), Value: row.Entry.Reason})
	}
	return sh, http.StatusOK, nil
}

func goneKey(row journal.Row) string {
	switch {
	case !row.Finished():
		return "unfinished"
	case row.Entry.Act == journal.ActDecline:
		return "declined"
	}
	return "approved"
}

// addPending says on an open request's sheet what an earlier act on the same
// matter left undone.
func (s *Server) addPending(c *caller, sh *templates.Sheet, x obp.EntitlementRequest, about []journal.Row) {
	for _, row := range unfinished(about, x) {
		who := partyView(row.Entry.Operator).Username
		granted := row.Result.Outcome == journal.OutcomeGrantedNotClosed || len(row.EntitlementIDs()) > 0 || slices.ContainsFunc(row.Steps, func(st journal.Stored) bool { return st.Step != "" })
		switch {
		case row.Entry.Act != journal.ActApprove || row.Entry.EntitlementRequestID != x.EntitlementRequestID:
			sh.Warnings = append(sh.Warnings, templates.Word("pending.other", "who", who, "age", age(c.now.Sub(row.At))))
		case granted && x.Held() > 0:
			sh.CloseOnly = true
			sh.Warnings = append(sh.Warnings, templates.Word("pending.granted", "who", who, "age", age(c.now.Sub(row.At))))
		case x.Held() > 0:
			sh.CloseOnly = true
			sh.Warnings = append(sh.Warnings, templates.Word("pending.held", "who", who, "age", age(c.now.Sub(row.At))))
		case row.At.Add(s.Settings.OBPTimeout).After(s.Now()):
			sh.Warnings = append(sh.Warnings, templates.Word("pending.wait", "who", who, "seconds", strconv.Itoa(waitSeconds(row.At.Add(s.Settings.OBPTimeout).Sub(s.Now())))))
		default:
			sh.Warnings = append(sh.Warnings, templates.Word("pending.nothing", "who", who, "age", age(c.now.Sub(row.At))))
		}
	}
}
