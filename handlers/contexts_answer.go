package handlers

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// challengeSeen is what a challenge is about, kept as personal text.
type challengeSeen struct {
	Number string `json:"customer_number"`
}

// answerSigns are what an answer leaves behind at OBP: an auth context when it
// was right, and a link to the customer whatever it was. Either can be unread.
type answerSigns struct {
	contexts       int // -1: not read
	linked, asLink bool
}

// readSigns reads them side by side. Contexts take a role; links are read of
// oneself alone.
func readSigns(ctx context.Context, c *caller, userID, bank, number string) (answerSigns, error) {
	var list []obp.AuthContext
	var customers []obp.Customer
	var listErr, linkErr error
	var g errgroup.Group
	g.Go(func() error { list, listErr = c.api.AuthContexts(ctx, userID); return nil })
	if userID == c.me.UserID {
		g.Go(func() error { customers, linkErr = c.api.MyBankCustomers(ctx, bank); return nil })
	}
	_ = g.Wait()
	signs := answerSigns{contexts: len(matching(list, contextKeys[0], number)), asLink: userID == c.me.UserID && linkErr == nil}
	if listErr != nil {
		signs.contexts = -1
	}
	signs.linked = slices.ContainsFunc(customers, func(x obp.Customer) bool { return x.CustomerNumber == number })
	return signs, firstOver(listErr, linkErr)
}

// details keep the signs before an answer in its record.
func (a answerSigns) details() map[string]string {
	out := map[string]string{}
	if a.contexts >= 0 {
		out["had"] = strconv.Itoa(a.contexts)
	}
	if a.asLink {
		out["linked"] = strconv.FormatBool(a.linked)
	}
	return out
}

func signsOf(details map[string]string) answerSigns {
	a := answerSigns{contexts: -1}
	if n, err := strconv.Atoi(details["had"]); err == nil {
		a.contexts = n
	}
	linked, err := strconv.ParseBool(details["linked"])
	a.linked, a.asLink = linked, err == nil
	return a
}

// became tells from the signs after an answer what OBP made of it.
func (a answerSigns) became(after answerSigns) string {
	counted := a.contexts >= 0 && after.contexts >= 0
	newly := a.asLink && after.asLink && !a.linked && after.linked
	switch {
	case counted && after.contexts > a.contexts:
		return isApplied
	case counted && newly:
		return isRejected
	case a.asLink && after.asLink && !after.linked:
		return notApplied
	}
	return neverKnown
}

// answerTruth reads what became of an answer to a challenge.
func (s *Server) answerTruth(ctx context.Context, c *caller, e journal.Entry) (string, error) {
	begun, err := s.Journal.Row(ctx, e.ParentID)
	if err != nil {
		return neverKnown, err
	}
	var about challengeSeen
	if json.Unmarshal(begun.Entry.Seen, &about) != nil {
		return neverKnown, nil // it was erased
	}
	after, err := readSigns(ctx, c, e.Person.UserID, e.BankID, about.Number)
	return signsOf(e.Details).became(after), err
}
