package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// reviewSign ends a review when every row is decided. The signer's own grants
// may be left; the result says so.
func (s *Server) reviewSign(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	release, err := s.reviewTurn(r.Context(), c, journal.BatchKey(id))
	if err != nil {
		return err
	}
	defer release()
	v, err := s.readReview(r, c, id)
	if err != nil {
		return err
	}
	p := s.reviewView(c, v)
	if !p.MaySign {
		return s.flashTo(w, r, "review_not_signed", "warn", templates.Review(id, templates.ReviewQuery{}), map[string]string{"n": strconv.Itoa(p.Left)})
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	e := c.entryOf("review_sign")
	e.ParentID, e.ParentKind, e.BankID, e.Reason, e.Ticket = id, "review", v.Entry.BankID, strings.TrimSpace(in.Get("reason")), strings.TrimSpace(in.Get("ticket"))
	if _, err := s.Journal.Record(r.Context(), e, journal.Result{Outcome: journal.OutcomeDone, State: "signed"}); err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := s.writeReview(&file, c, v, false); err != nil {
		return err
	}
	sum := sha256.Sum256(file.Bytes())
	res := journal.Result{Outcome: journal.OutcomeDone, State: "signed", Details: map[string]string{"by": c.me.UserID, "kept": strconv.Itoa(p.Kept), "revoked": strconv.Itoa(p.Revoked),
		"failed": strconv.Itoa(p.Failed), "left": strconv.Itoa(p.Left), "gone": strconv.Itoa(len(p.Gone)), "sha256": hex.EncodeToString(sum[:])}}
	if p.Left > 0 {
		res.Outcome = journal.OutcomePartly
	}
	if err := s.Journal.EndBatch(r.Context(), id, res); err != nil {
		return err
	}
	return s.flashTo(w, r, "review_signed", "good", templates.ReviewPrint(id), nil)
}

// reviewPrint is the whole result of a review as a page to print.
func (s *Server) reviewPrint(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	v, err := s.readReview(r, c, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	p := s.reviewView(c, v)
	for _, it := range v.Items {
		p.Rows = append(p.Rows, s.reviewRowView(c, v, it, templates.ReviewQuery{}))
	}
	if err := s.nameReview(r.Context(), c, p.Rows, p.Gone); err != nil {
		return err
	}
	chain, err := s.intact.notice(r.Context(), c)
	if err != nil {
		return err
	}
	if p.Signed == nil {
		p.Signed = &templates.ReviewSigned{}
	}
	p.Signed.Entry, p.Signed.Chain = v.N, chain
	return s.page(w, r, c, view{title: templates.Word("review.title_of", "scope", p.Scope), section: templates.RolesPattern, waiting: -1, body: templates.ReviewPrintView(p)})
}

var reviewColumns = []string{"row", "user_id", "username", "role", "bank_id", "entitlement_id", "approved_at", "approved_by", "flags", "decision", "decided_by", "decided_at", "reason", "journal_entry"}

// writeReview writes every row of a review, and what is gone, as CSV; reasons
// stand in it for those who may read them.
func (s *Server) writeReview(w *bytes.Buffer, c *caller, v reviewing, reasons bool) (rows int, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(reviewColumns); err != nil {
		return 0, err
	}
	const zulu = "2006-01-02T15:04:05Z"
	for _, it := range v.Items {
		seen := v.rowSeen(it.Pos)
		code, _ := reviewState(it)
		rec := []string{strconv.Itoa(it.Pos + 1), it.Person.UserID, it.Person.Username, it.Role, it.BankID, it.Target, "", seen.By, strings.Join(seen.Flags, " "), code, "", "", "", ""}
		if !seen.At.IsZero() {
			rec[6] = seen.At.UTC().Format(zulu)
		}
		if act, ok := v.acts[it.Pos]; ok {
			rec[10], rec[11], rec[13] = act.Entry.Operator.Username, act.At.UTC().Format(zulu), strconv.FormatInt(act.N, 10)
			if reasons && s.mayRead(c, act) {
				rec[12] = act.Entry.Reason
			}
		}
		if err := out.Write(cells(rec)); err != nil {
			return rows, err
		}
		rows++
	}
	for _, x := range v.seen.Gone {
		if err := out.Write(cells([]string{"", x.UserID, x.Username, x.Role, x.BankID, x.ID, "", "", "", "gone", "", "", "", ""})); err != nil {
			return rows, err
		}
		rows++
	}
	out.Flush()
	return rows, out.Error()
}

func cells(rec []string) []string {
	for i, v := range rec {
		rec[i] = csvCell(v)
	}
	return rec
}

// reviewExport gives a review as CSV, and records how many rows it was. It
// changes nothing, so that an auditor may do it (security 43).
func (s *Server) reviewExport(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	if s.limits.exports.OnLimit(w, r, c.me.UserID) {
		w.Header().Set("Retry-After", "3600")
		return &httpError{status: http.StatusTooManyRequests, key: "export_limited"}
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	v, err := s.readReview(r, c, in.Get("id"))
	if err != nil {
		return err
	}
	var file bytes.Buffer
	e := c.entryOf(journal.ActExport)
	e.Target, e.ParentID, e.ParentKind, e.Details = "review", v.ActID, "review", map[string]string{"format": "csv"}
	_, _, cause, err := s.act(r.Context(), e, func(context.Context, journal.Intent) (journal.Result, error) {
		rows, err := s.writeReview(&file, c, v, true)
		res := plainResult(err)
		res.Details = map[string]string{"rows": strconv.Itoa(rows)}
		return res, err
	})
	if err != nil {
		return err
	}
	if cause != nil {
		return cause
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="review-`+s.Now().UTC().Format("20060102-150405")+`.csv"`)
	_, _ = w.Write(file.Bytes()) // a browser that went away has its line in the log
	return nil
}
