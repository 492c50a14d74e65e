package handlers

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// exportUsers streams everybody that the filter means as CSV, however many, and
// records how many it was. It changes nothing, so that an auditor may do it.
func (s *Server) exportUsers(w http.ResponseWriter, r *http.Request, c *caller) error {
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
	q := userQuery(in)
	people, stop := peek(s.everybody(r.Context(), c, q))
	defer stop()
	if err := people.first(); err != nil {
		return err // nothing was sent yet
	}
	e := c.entryOf(journal.ActExport)
	e.Target, e.Details = "users", map[string]string{"filtered": strconv.FormatBool(q.Filtered())}
	var cut error
	_, _, _, err = s.act(r.Context(), e, func(context.Context, journal.Intent) (journal.Result, error) {
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="users-`+s.Now().UTC().Format("20060102-150405")+`.csv"`)
		var rows int
		rows, cut = writeUsers(flushing(w), people, q)
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
		panic(http.ErrAbortHandler) // a file that is cut must not look whole
	}
	return nil
}

// everybody are the people that a filter means, over all pages.
func (s *Server) everybody(ctx context.Context, c *caller, q templates.UserQuery) iter.Seq2[obp.User, error] {
	if q.Role != "" {
		return func(yield func(obp.User, error) bool) {
			got, err := roleHolders(ctx, c.api, templates.UserQuery{Role: q.Role}, maxOffset)
			for _, u := range got.rows {
				if !yield(u, nil) {
					return
				}
			}
			if err != nil {
				yield(obp.User{}, err)
			}
		}
	}
	return c.api.AllUsers(ctx, obp.UserQuery{Deleted: q.State == "deleted"})
}

// peeked is a walk whose first row was taken before anything is sent, so that a
// refusal is still a page and not the end of a file.
type peeked struct {
	next func() (obp.User, error, bool)
	user obp.User
	ok   bool
}

func peek(all iter.Seq2[obp.User, error]) (*peeked, func()) {
	next, stop := iter.Pull2(all)
	return &peeked{next: next}, stop
}

func (p *peeked) first() (err error) {
	p.user, err, p.ok = p.next()
	return err
}

var userColumns = []string{"user_id", "username", "email", "provider", "state", "roles"}

// writeUsers writes row by row, keeping none.
func writeUsers(w io.Writer, people *peeked, q templates.UserQuery) (rows int, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(userColumns); err != nil {
		return 0, err
	}
	out.Flush()
	for ; people.ok; people.user, err, people.ok = people.next() {
		if err != nil {
			return rows, err
		}
		u := people.user
		locked := u.IsLocked && q.State == "active" || !u.IsLocked && q.State == "locked"
		if !matches(q, u) || q.Role == "" && locked {
			continue
		}
		if err := out.Write(userRecord(u, q.Role != "")); err != nil {
			return rows, err
		}
		rows++
	}
	out.Flush()
	return rows, out.Error()
}

func userRecord(u obp.User, holder bool) []string {
	st := stateOf(u, &u)
	if holder {
		st = stateOf(u, nil)
	}
	var roles []string
	for _, e := range u.Entitlements.List {
		at := e.RoleName
		if e.BankID != "" {
			at += "@" + e.BankID
		}
		roles = append(roles, at)
	}
	return []string{csvCell(u.UserID), csvCell(u.Username), csvCell(u.Email), csvCell(u.Provider), stateTones[st].code, csvCell(strings.Join(roles, " "))}
}

// csvCell keeps a spreadsheet from reading a cell as a formula.
func csvCell(s string) string {
	if strings.IndexAny(s, "=+-@\t\r") == 0 {
		return "'" + s
	}
	return s
}
