package handlers

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"

	"obpconsole/session/journal"
)

// csvFile is a list that is exported as CSV while it is read.
type csvFile[T any] struct {
	target   string // what the record says that was exported, and the file's name
	filtered bool
	details  map[string]string // further, for the record; nil: none
	columns  []string
	all      iter.Seq2[T, error]
	row      func(T) []string // nil: the row is left out
}

// sendCSV streams a list as CSV, however long, and records how much it was. It
// changes nothing, so that an auditor may do it. A refusal of the first row is
// an error's page; a file that is cut later is ended so that it does not look
// whole.
func sendCSV[T any](s *Server, w http.ResponseWriter, r *http.Request, c *caller, f csvFile[T]) error {
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	if s.limits.exports.OnLimit(w, r, c.me.UserID) {
		w.Header().Set("Retry-After", "3600")
		return &httpError{status: http.StatusTooManyRequests, key: "export_limited"}
	}
	next, stop := iter.Pull2(f.all)
	defer stop()
	x, err, ok := next()
	if err != nil {
		return err // nothing was sent yet
	}
	e := c.entryOf(journal.ActExport)
	e.Target, e.Details = f.target, map[string]string{"filtered": strconv.FormatBool(f.filtered)}
	for k, v := range f.details {
		e.Details[k] = v
	}
	var cut error
	_, _, _, err = s.act(r.Context(), e, func(context.Context, journal.Intent) (journal.Result, error) {
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="`+f.target+`-`+s.Now().UTC().Format("20060102-150405")+`.csv"`)
		var rows int
		rows, cut = writeCSV(flushing(w), f, func(yield func(T, error) bool) {
			for x, err := x, error(nil); ok && yield(x, err); x, err, ok = next() {
			}
		})
		res := journal.Result{Outcome: journal.OutcomeDone, Details: map[string]string{"rows": strconv.Itoa(rows), "complete": strconv.FormatBool(cut == nil)}}
		if cut != nil {
			res.Outcome = journal.OutcomeFailed
		}
		return res, cut
	})
	if err != nil && cut == nil && w.Header().Get("Content-Disposition") == "" {
		return err // nothing was sent yet
	}
	if err != nil || cut != nil {
		s.Log.ErrorContext(r.Context(), "an export was cut off", "request_id", c.reqID, "error", errors.Join(err, cut))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// writeCSV writes row by row, keeping none.
func writeCSV[T any](w io.Writer, f csvFile[T], all iter.Seq2[T, error]) (rows int, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(f.columns); err != nil {
		return 0, err
	}
	out.Flush()
	for x, err := range all {
		if err != nil {
			return rows, err
		}
		cells := f.row(x)
		if cells == nil {
			continue
		}
		for i, v := range cells {
			cells[i] = csvCell(v)
		}
		if err := out.Write(cells); err != nil {
			return rows, err
		}
		rows++
	}
	out.Flush()
	return rows, out.Error()
}
