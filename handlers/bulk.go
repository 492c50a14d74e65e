package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// maxBulk is how many requests one bulk takes.
const maxBulk = 200

// Codes by which a row of a bulk is left out, beside those of the rules.
const (
	leftHighRisk  = "high_risk"
	leftTwoPeople = "second_person"
)

// bulkAct reads which decision a bulk is for.
func bulkAct(in url.Values) (journal.Act, bool) {
	act := journal.Act(in.Get("act"))
	return act, act == journal.ActApprove || act == journal.ActDecline
}

// leftOut gives why a request cannot be a row of a bulk, "" when it can. A
// decline gives nobody a right, so every row can be declined.
func (s *Server) leftOut(c *caller, act journal.Act, x obp.EntitlementRequest) string {
	if act != journal.ActApprove {
		return ""
	}
	if rule, own := s.Settings.SamePerson.oneself(c.identity(), identityOf(x.User)); own {
		return string(rule)
	}
	switch {
	case x.User.Deleted():
		return string(RuleDeletedPerson)
	case s.twoFor(x):
		return leftTwoPeople
	case s.riskyFor(x):
		return leftHighRisk
	}
	return ""
}

// bulkChosen lists every chosen request by name before anything is done, and
// names those that are left out.
func (s *Server) bulkChosen(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	return s.bulkForm(w, r, c, http.StatusOK, in, nil)
}

func (s *Server) bulkForm(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string) error {
	act, ok := bulkAct(in)
	if !ok {
		return &httpError{status: http.StatusUnprocessableEntity, key: "bad_form"}
	}
	all, err := c.api.EntitlementRequests(r.Context())
	if err != nil {
		return err
	}
	banks := s.names(r.Context(), c)
	q := requestQuery(r.URL.Query())
	p := templates.BulkPage{Act: string(act), Query: q, Back: templates.Requests(q), Form: s.decideForm(c, in)}
	p.Form.Errors, p.Form.TextRequired = errs, act == journal.ActDecline
	ids := in["id"]
	if len(ids) > maxBulk {
		ids = ids[:maxBulk]
	}
	for _, x := range all {
		if !slices.Contains(ids, x.EntitlementRequestID) {
			continue
		}
		row := templates.BulkRow{Row: s.queueRow(c, x, q, banks, 1)}
		if why := s.leftOut(c, act, x); why != "" {
			row.Why = bulkWord(why)
			p.LeftOut = append(p.LeftOut, row)
			continue
		}
		p.Rows = append(p.Rows, row)
	}
	if len(in["id"]) > maxBulk {
		p.Over = len(in["id"]) - maxBulk
	}
	p.Gone = len(ids) - len(p.Rows) - len(p.LeftOut)
	return s.page(w, r, c, view{status: status, title: templates.Word("bulk.title_" + string(act)), section: templates.RequestsPattern, waiting: len(all), body: templates.BulkView(p)})
}

// bulkWord says why a row was left out or failed.
func bulkWord(code string) string {
	for _, k := range []string{"bulk.why_" + code, "rule." + code} {
		if templates.HasWord(k) {
			return templates.Word(k)
		}
	}
	if strings.HasPrefix(code, "obp-") {
		return templates.Word("bulk.why_obp", "code", strings.ToUpper(code))
	}
	return code
}

// bulkStart writes the bulk down, with every row by name and those left out,
// and does its first rows.
func (s *Server) bulkStart(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	act, ok := bulkAct(in)
	if !ok {
		return &httpError{status: http.StatusUnprocessableEntity, key: "bad_form"}
	}
	d := newDeciding(act, "", in)
	d.in.HighRisk = act == journal.ActDecline
	errs := map[string]string{}
	for _, rule := range d.in.reasonRules(d.in.HighRisk) {
		errs["reason"] = templates.Word("rule." + string(rule))
	}
	if d.in.ReasonCode != "" && !s.knownCode(d.in.ReasonCode) {
		errs["reason_code"] = templates.Word("field.unknown_code")
	}
	if len(errs) > 0 {
		return s.bulkForm(w, r, c, http.StatusUnprocessableEntity, in, errs)
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	all, err := c.api.EntitlementRequests(r.Context())
	if err != nil {
		return err
	}
	items := s.bulkItems(c, act, all, in["id"])
	if !slices.ContainsFunc(items, func(it journal.BatchItem) bool { return it.State == journal.ItemPending }) {
		return s.bulkForm(w, r, c, http.StatusUnprocessableEntity, in, map[string]string{"": templates.Word("bulk.nothing")})
	}
	e := c.entryOf(journal.ActBulk)
	e.Reason, e.ReasonCode, e.Ticket, e.ShownToRequester, e.Details = d.in.Reason, d.in.ReasonCode, d.ticket, d.shown, map[string]string{"act": string(act)}
	b, err := s.Journal.StartBatch(r.Context(), e, items)
	if err != nil {
		return err
	}
	s.remember(r.Context(), d)
	return s.bulkRun(w, r, c, b)
}

func (s *Server) bulkItems(c *caller, act journal.Act, all []obp.EntitlementRequest, ids []string) []journal.BatchItem {
	var items []journal.BatchItem
	for _, x := range all {
		if len(items) == maxBulk || !slices.Contains(ids, x.EntitlementRequestID) {
			continue
		}
		it := journal.BatchItem{Person: partyOf(x.User), Role: x.RoleName, BankID: x.BankID, EntitlementRequestID: x.EntitlementRequestID, State: journal.ItemPending}
		if why := s.leftOut(c, act, x); why != "" {
			it.State, it.Code = journal.ItemLeftOut, why
		}
		items = append(items, it)
	}
	return items
}

// bulkOf reads a bulk that the operator may see.
func (s *Server) bulkOf(r *http.Request, c *caller) (journal.Batch, error) {
	b, err := s.Journal.Batch(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, journal.ErrNotFound) || err == nil && (b.Entry.Act != journal.ActBulk && b.Entry.Act != ActLeaver || !s.mayRead(c, b.Row)) {
		return b, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	return b, err
}

// bulkPage shows how far a bulk is, row by row.
func (s *Server) bulkPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.bulkOf(r, c)
	if err != nil {
		return err
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.bulkProgress(w, r, c, b, "")
}

func (s *Server) bulkProgress(w http.ResponseWriter, r *http.Request, c *caller, b journal.Batch, stopped string) error {
	banks := s.names(r.Context(), c)
	p := templates.BulkProgress{ID: b.ActID, Act: b.Entry.Details["act"], Reason: b.Entry.Reason, Record: templates.JournalAct(b.ActID), Back: templates.Requests(templates.RequestQuery{}),
		Done: b.Counts[journal.ItemDone], Failed: b.Counts[journal.ItemFailed], LeftOut: b.Counts[journal.ItemLeftOut], Pending: b.Counts[journal.ItemPending],
		Stopped: stopped, Auto: stopped == "" && isPart(r) == templates.BulkID, Mine: b.Entry.Operator.UserID == c.me.UserID, Open: b.Open}
	if b.Entry.Act == ActLeaver {
		p.Back, p.BackText = templates.User(b.Entry.Person.UserID), templates.Word("user.back")
	}
	for _, it := range b.Items {
		row := templates.BulkResult{Person: partyView(it.Person), Role: s.role(it.Role), Scope: banks.scope(it.BankID), State: itemBadge(it.State), Code: string(it.State)}
		if it.Role == "" {
			row.Role = leaverWords(it)
		}
		if it.Code != "" {
			row.Why = bulkWord(it.Code)
		}
		if it.ActID != "" {
			row.Href = templates.JournalAct(it.ActID)
		}
		p.Rows = append(p.Rows, row)
	}
	status := http.StatusOK
	return s.page(w, r, c, view{status: status, title: templates.Word("bulk.title_" + p.Act), section: templates.RequestsPattern, canon: templates.Bulk(b.ActID), waiting: -1,
		body: templates.BulkProgressView(p), parts: bulkParts(p)})
}

func itemBadge(st journal.ItemState) templates.Badge {
	tone := map[journal.ItemState]templates.Tone{journal.ItemDone: templates.ToneGood, journal.ItemFailed: templates.ToneBad,
		journal.ItemLeftOut: templates.ToneWarn, journal.ItemPending: templates.ToneNeutral}[st]
	return templates.Badge{Tone: tone, Text: templates.Word("bulk.item_" + string(st))}
}

// bulkCode says in a word why a row did not end well.
func bulkCode(outcome journal.Outcome, obpCode string) string {
	switch outcome {
	case journal.OutcomeDone:
		return ""
	case journal.OutcomeFailed:
		return strings.ToLower(obpCode)
	}
	return string(outcome)
}
