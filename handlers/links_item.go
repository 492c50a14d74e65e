package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// manyItem links one row. Its error says that the table has to stop, with this
// row still pending.
func (s *Server) manyItem(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) error {
	if ctx.Err() != nil {
		return nil
	}
	ctx, cancel := s.detached(ctx)
	defer cancel()
	if it.ActID != "" {
		if goOn, err := s.manyResume(ctx, c, b, it); !goOn {
			return err
		}
	}
	e := linkEntry(c, ActLink, obp.User{UserID: it.Person.UserID, Username: it.Person.Username, Email: it.Person.Email, Provider: it.Person.Provider}, it.BankID, it.Target)
	e.Reason, e.ReasonCode, e.Ticket = b.Entry.Reason, b.Entry.ReasonCode, b.Entry.Ticket
	i, err := s.Journal.IntendItem(ctx, b.ActID, it.Pos, e)
	if err != nil {
		return err
	}
	res, cause := makeLink(ctx, c.api, it.BankID, it.Person.UserID, it.Target)
	switch k := obp.KindOf(cause); {
	case firstOver(cause) != nil, res.Outcome == journal.OutcomeUnknown, k == obp.KindLimited, k == obp.KindUnreachable, k == obp.KindUnavailable, k == obp.KindTimeout:
		return errors.Join(cause, s.Journal.Outcome(ctx, i, res)) // the row stays
	case cause != nil:
		code := res.State
		if code == "" {
			code = manyCode(res.OBPCode)
		}
		return s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemFailed, code, res)
	}
	return s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemDone, "", res)
}

// manyCode says an OBP code in a word where there is one.
func manyCode(code string) string {
	switch code {
	case "OBP-30007":
		return "linked_already"
	case "OBP-30046":
		return "no_customer"
	case "OBP-20057":
		return "no_user"
	case "OBP-20006":
		return "not_allowed"
	}
	return strings.ToLower(code)
}

// manyResume finds out what became of a row that was cut off. It gives true
// when the row may be done again: nothing was applied.
func (s *Server) manyResume(ctx context.Context, c *caller, b journal.Batch, it journal.BatchItem) (bool, error) {
	row, err := s.Journal.Row(ctx, it.ActID)
	if err != nil {
		return false, err
	}
	if row.Result.Outcome == journal.OutcomeFailed {
		return true, nil
	}
	links, err := c.api.CustomerLinks(ctx, it.BankID, it.Target)
	if err != nil {
		return false, err
	}
	for _, l := range links {
		if l.UserID == it.Person.UserID {
			return false, s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemDone, "", journal.Result{Outcome: journal.OutcomeDone, State: "read_back"})
		}
	}
	if row.At.Add(s.Settings.OBPTimeout).After(s.Now()) {
		return false, &httpError{status: http.StatusConflict, key: "too_early"}
	}
	return false, s.Journal.EndItem(ctx, b.ActID, it.Pos, journal.ItemFailed, "not_applied", journal.Result{Outcome: journal.OutcomeFailed, State: "not_applied"})
}
