package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func journalQuery(v url.Values) templates.JournalQuery {
	q := templates.JournalQuery{Text: strings.TrimSpace(v.Get("q")), Act: v.Get("act"), Role: strings.TrimSpace(v.Get("role")), Bank: strings.TrimSpace(v.Get("bank")),
		Outcome: v.Get("outcome"), From: v.Get("from"), To: v.Get("to")}
	for _, day := range []*string{&q.From, &q.To} {
		if _, err := time.Parse(time.DateOnly, *day); err != nil {
			*day = ""
		}
	}
	q.Before, _ = strconv.ParseInt(v.Get("before"), 10, 64)
	q.Before = max(q.Before, 0)
	return q
}

// journalFilter turns the address's filter into the journal's.
func (s *Server) journalFilter(c *caller, q templates.JournalQuery) journal.Filter {
	f := journal.Filter{Anyone: q.Text, Role: q.Role, Before: q.Before, Limit: s.rows(c), Rights: s.readerRights(c)}
	if q.Act != "" {
		f.Acts = []journal.Act{journal.Act(q.Act)}
	}
	if q.Outcome != "" {
		f.Outcomes = []journal.Outcome{journal.Outcome(q.Outcome)}
	}
	switch q.Bank {
	case "":
	case systemScope:
		f.BankIDs = []string{""}
	default:
		f.BankIDs = []string{q.Bank}
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.From, c.zone); err == nil {
		f.From = t
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.To, c.zone); err == nil {
		f.To = t.AddDate(0, 0, 1)
	}
	return f
}

func (s *Server) rows(c *caller) int {
	if c.prefs.RowsPerPage > 0 {
		return c.prefs.RowsPerPage
	}
	return s.Settings.RowsPerPage
}

// stillIn asks OBP, beside a page's own work, whether the operator is still let
// in: a page that asks OBP for nothing would not notice.
func (s *Server) stillIn(ctx context.Context, c *caller) error {
	_, err := c.api.CurrentUserID(ctx)
	return firstOver(err)
}

// journal lists acts, newest first.
func (s *Server) journal(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := journalQuery(r.URL.Query())
	var page journal.Page
	var banks bankNames
	filter := s.journalFilter(c, q)
	if err := s.noteReading(r.Context(), c, "journal", filter.Rights); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(r.Context())
	g.Go(func() error { return s.stillIn(ctx, c) })
	g.Go(func() error { banks = s.names(ctx, c); return nil })
	g.Go(func() (err error) { page, err = s.Journal.Search(ctx, filter); return err })
	err := g.Wait()
	if err != nil {
		return err
	}
	p := templates.JournalPage{Query: q, All: s.readerRights(c).All, Export: exportFields(q)}
	for _, row := range page.Rows {
		p.Rows = append(p.Rows, s.actRow(c, row, banks, true))
	}
	if page.Older > 0 {
		older := q
		older.Before = page.Older
		p.Older = templates.JournalList(older)
	}
	if q.Before > 0 {
		newest := q
		newest.Before = 0
		p.Newest = templates.JournalList(newest)
	}
	for _, act := range templates.KeysUnder("act.") {
		p.Acts = append(p.Acts, templates.Option{Value: act, Text: templates.Word("act." + act), Selected: q.Act == act})
	}
	for _, o := range []journal.Outcome{journal.OutcomeDone, journal.OutcomeRefused, journal.OutcomeFailed, journal.OutcomePartly, journal.OutcomeUnknown, journal.OutcomeGrantedNotClosed} {
		p.Outcomes = append(p.Outcomes, templates.Option{Value: string(o), Text: templates.Word("outcome." + string(o)), Selected: q.Outcome == string(o)})
	}
	if p.Intact, err = s.intact.notice(r.Context(), c); err != nil {
		return err
	}
	if p.Gaps, err = s.gapNotices(r.Context(), c); err != nil {
		return err
	}
	return s.page(w, r, c, view{title: templates.Word("page.journal"), section: templates.JournalPattern, canon: templates.JournalList(q), waiting: -1,
		body: templates.JournalView(p), parts: map[string]templ.Component{templates.JournalID: templates.JournalPart(p)}})
}

// noteReading writes into the read log, once a session, that somebody reads
// acts of others. What cannot be noted is not shown.
func (s *Server) noteReading(ctx context.Context, c *caller, subject string, rights journal.Rights) error {
	if !rights.All && len(rights.BankIDs) == 0 {
		return nil
	}
	return s.Journal.Read(ctx, c.me.SessionID, c.me.UserID, "journal", subject)
}

// actPage is one act's whole record.
func (s *Server) actPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	var row journal.Row
	var related journal.Page
	var banks bankNames
	g, ctx := errgroup.WithContext(r.Context())
	id := chi.URLParam(r, "id")
	g.Go(func() error { return s.stillIn(ctx, c) })
	g.Go(func() error { banks = s.names(ctx, c); return nil })
	g.Go(func() (err error) { row, err = s.Journal.Row(ctx, id); return err })
	g.Go(func() (err error) {
		related, err = s.Journal.Search(ctx, journal.Filter{ParentID: id, Rights: journal.Rights{All: true}, Limit: 20})
		return err
	})
	err := g.Wait()
	if errors.Is(err, journal.ErrNotFound) {
		return &httpError{status: http.StatusNotFound, key: "no_act", err: err}
	}
	if err != nil {
		return err
	}
	mine := s.mayRead(c, row)
	if !mine && !slices.Contains(decisions, row.Entry.Act) && !canFinish(row) {
		return &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	p := templates.ActPage{Row: s.actRow(c, row, banks, mine)}
	p.Facts = s.actFacts(c, row, mine)
	if mine {
		p.Seen = seenFacts(c, row.Entry.Seen)
	}
	for _, st := range row.Steps {
		at := c.when(st.At)
		p.Steps = append(p.Steps, templates.Fact{Name: stepName(st.Step), When: &at})
		for _, eid := range st.Result.EntitlementIDs {
			p.Steps = append(p.Steps, templates.Fact{Name: templates.Word("fact.entitlement"), Value: eid, Code: true})
		}
	}
	p.Chain = []templates.Fact{{Name: templates.Word("fact.entry"), Value: strconv.FormatInt(row.N, 10)}, {Name: templates.Word("fact.act_id"), Value: row.ActID, Code: true}}
	if mayUndo(row) || row.Entry.Act == journal.ActDecline && row.Result.Outcome == journal.OutcomeDone {
		p.Links = append(p.Links, templates.Link{Text: templates.Word("undo.title"), Href: templates.Undo(row.ActID)})
	}
	if canFinish(row) {
		p.Finish = templates.FinishAct(row.ActID)
	}
	if !row.Event && !row.Finished() && row.Entry.EntitlementRequestID != "" && !canFinish(row) {
		p.Links = append(p.Links, templates.Link{Text: templates.Word("act_page.finish"), Href: templates.Request(row.Entry.EntitlementRequestID, row.Entry.Person.UserID, row.Entry.BankID, templates.RequestQuery{})})
	}
	if e := row.Entry; slices.Contains(evidenceActs, e.Act) && e.Person.UserID != "" && e.Role != "" {
		p.Links = append(p.Links, templates.Link{Text: templates.Word("evidence.link"), Href: templates.Evidence(e.Person.UserID, e.Role, e.BankID)})
	}
	for _, rel := range related.Rows {
		p.Related = append(p.Related, s.actRow(c, rel, banks, s.mayRead(c, rel)))
	}
	if row.Entry.ParentID != "" {
		if parent, err := s.Journal.Row(r.Context(), row.Entry.ParentID); err == nil {
			p.Related = append(p.Related, s.actRow(c, parent, banks, s.mayRead(c, parent)))
		}
	}
	return s.page(w, r, c, view{title: templates.Word("page.act", "act", p.Row.Act), section: templates.JournalPattern, canon: templates.JournalAct(id), waiting: -1, body: templates.ActView(p)})
}

func stepName(name string) string {
	if templates.HasWord("step." + name) {
		return templates.Word("step." + name)
	}
	return name
}

// detailFacts are what an act was on and how it went in particular, as far as
// there are words for it.
func detailFacts(e journal.Entry, res journal.Result) []templates.Fact {
	var out []templates.Fact
	if e.Target != "" {
		out = append(out, templates.Fact{Name: templates.Word("fact.target"), Value: e.Target, Code: true})
	}
	for _, details := range []map[string]string{e.Details, res.Details} {
		for _, k := range slices.Sorted(maps.Keys(details)) {
			if v := detailValue(k, details[k]); v != "" && templates.HasWord("detail."+k) {
				out = append(out, templates.Fact{Name: templates.Word("detail." + k), Value: v})
			}
		}
	}
	return out
}

func detailValue(key, v string) string {
	switch {
	case key == "act":
		return actName(journal.Act(v))
	case key == "finding":
		return templates.Word("emergency.finding_" + v)
	case v == "true" || v == "false":
		return templates.Word("fact." + v)
	}
	return v
}

// actFacts lists what an act's record holds. mine tells whether the reader may
// see its text.
func (s *Server) actFacts(c *caller, row journal.Row, mine bool) []templates.Fact {
	e, res := row.Entry, row.Result
	var out []templates.Fact
	add := func(key, v string, code bool) {
		if v != "" {
			out = append(out, templates.Fact{Name: templates.Word("fact." + key), Value: v, Code: code})
		}
	}
	at := func(key string, t time.Time) {
		if !t.IsZero() {
			when := c.when(t)
			out = append(out, templates.Fact{Name: templates.Word("fact." + key), When: &when})
		}
	}
	at("begun", row.At)
	at("ended", row.EndedAt)
	add("operator", partyView(e.Operator).Username, false)
	add("operator_id", e.Operator.UserID, true)
	add("person", e.Person.Username, false)
	add("person_id", e.Person.UserID, true)
	add("role", e.Role, false)
	add("bank", e.BankID, false)
	add("request", e.EntitlementRequestID, true)
	out = append(out, detailFacts(e, res)...)
	if mine {
		add("reason", e.Reason, false)
		add("reason_code", e.ReasonCode, false)
		add("ticket", e.Ticket, false)
		if e.Verified != "" {
			add("verified", templates.Word("verified."+e.Verified), false)
		}
		add("client", e.ClientAddr, false)
		add("note", res.Note, false)
	} else if e.Reason != "" {
		add("reason", templates.Word("fact.not_yours"), false)
	}
	if e.Rule != "" {
		rule := e.Rule
		if templates.HasWord("rule." + rule) {
			rule = templates.Word("rule." + rule)
		}
		add("rule", rule, false)
	}
	if res.OBPStatus > 0 {
		add("obp_status", strconv.Itoa(res.OBPStatus), false)
	}
	add("obp_code", res.OBPCode, false)
	add("correlation", res.CorrelationID, true)
	for _, id := range res.EntitlementIDs {
		add("entitlement", id, true)
	}
	add("environment", row.Environment, false)
	add("http_request", e.RequestID, true)
	if row.Erased {
		add("erased", templates.Word("fact.erased_text"), false)
	}
	return out
}

// seenFacts says what the decider saw.
func seenFacts(c *caller, raw json.RawMessage) []templates.Fact {
	var v seen
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return nil
	}
	if v.State == "" {
		return wantedFacts(raw)
	}
	asked := c.when(v.Asked)
	out := []templates.Fact{{Name: templates.Word("sheet.username"), Value: v.Username}, {Name: templates.Word("sheet.email"), Value: v.Email},
		{Name: templates.Word("sheet.provider"), Value: v.Provider}, {Name: templates.Word("sheet.state"), Value: templates.Word("state." + v.State)},
		{Name: templates.Word("sheet.asked"), When: &asked}, {Name: templates.Word("fact.roles"), Value: strings.Join(v.Roles, ", ")},
		{Name: templates.Word("fact.other_requests"), Value: strconv.Itoa(v.OtherRequests)}}
	for _, warning := range v.Warnings {
		out = append(out, templates.Fact{Name: templates.Word("fact.warning"), Value: warning})
	}
	return slices.DeleteFunc(out, func(f templates.Fact) bool { return f.Value == "" && (f.When == nil || f.When.At.IsZero()) })
}
