package handlers

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// exportsPerHour is how many exports an operator may make.
const exportsPerHour = 20

// exportJournal streams all that the journal's filter means, as CSV or as
// NDJSON that can be verified offline, and records how much it was. It changes
// nothing, so that an auditor may do it.
func (s *Server) exportJournal(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	write, kind := s.Journal.ExportCSV, "text/csv; charset=utf-8"
	switch in.Get("format") {
	case "csv":
	case "ndjson":
		write, kind = s.Journal.ExportNDJSON, "application/x-ndjson"
	default:
		return &httpError{status: http.StatusUnprocessableEntity, key: "bad_export"}
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
	q := journalQuery(in)
	filter := s.journalFilter(c, q)
	e := c.entryOf(journal.ActExport)
	e.Target, e.Details = "journal", map[string]string{"format": in.Get("format"), "filtered": strconv.FormatBool(q.Filtered())}
	var cut error
	_, _, _, err = s.act(r.Context(), e, func(context.Context, journal.Intent) (journal.Result, error) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", `attachment; filename="journal-`+s.Now().UTC().Format("20060102-150405")+`.`+in.Get("format")+`"`)
		var got journal.Exported
		got, cut = write(r.Context(), flushing(w), filter)
		res := journal.Result{Outcome: journal.OutcomeDone, Details: map[string]string{"rows": strconv.FormatInt(got.Rows, 10), "complete": strconv.FormatBool(got.Complete)}}
		if cut != nil {
			res.Outcome = journal.OutcomeFailed
		}
		return res, cut
	})
	if err != nil && cut == nil && w.Header().Get("Content-Disposition") == "" {
		return err // nothing was sent yet
	}
	if err != nil || cut != nil {
		s.Log.ErrorContext(r.Context(), "an export was cut off", "request_id", c.reqID, "error", cut)
		panic(http.ErrAbortHandler) // a file that is cut must not look whole
	}
	return nil
}

// flushing gives a writer that sends what it has now and then, so that the
// first byte comes at once.
func flushing(w http.ResponseWriter) io.Writer {
	return &flusher{w: w, ctl: http.NewResponseController(w)}
}

type flusher struct {
	w    io.Writer
	ctl  *http.ResponseController
	sent int
}

// flushEvery is how many bytes are written between flushes.
const flushEvery = 64 << 10

func (f *flusher) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if first := f.sent == 0; first || f.sent/flushEvery != (f.sent+n)/flushEvery {
		_ = f.ctl.Flush() // a writer that cannot flush sends at the end
	}
	f.sent += n
	return n, err
}

// exportFields are the filter's fields, for the form that exports it.
func exportFields(q templates.JournalQuery) [][2]string {
	return [][2]string{{"q", q.Text}, {"act", q.Act}, {"role", q.Role}, {"bank", q.Bank}, {"outcome", q.Outcome}, {"from", q.From}, {"to", q.To}}
}
