package handlers

import (
	"slices"
	"strings"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// reviewView says what a review is, and how far it is.
func (s *Server) reviewView(c *caller, v reviewing) templates.ReviewPage {
	p := templates.ReviewPage{ID: v.ActID, Scope: scopeOf(v.Row).words(v.names), Who: partyView(v.Entry.Operator), When: c.when(v.At), Of: len(v.Items), Open: v.Open, Record: templates.JournalAct(v.ActID)}
	if v.Entry.Act == ActBaseline {
		p.Notice = templates.Word("review.is_baseline")
	}
	if !v.seen.BaseAt.IsZero() {
		p.Base = templates.Word("review.base", "at", c.when(v.seen.BaseAt).Local)
	}
	gap := unreadOf(v.Row)
	for _, id := range gap.unread {
		p.Unread = append(p.Unread, v.names.scope(id).Name)
	}
	for _, role := range gap.unreadRoles {
		p.Unread = append(p.Unread, templates.Word("review.unread_role", "role", s.role(role).Short, "name", role))
	}
	own := 0
	for _, it := range v.Items {
		if slices.Contains(v.rowSeen(it.Pos).Flags, flagOutside) {
			p.New++
		}
		switch code, _ := reviewState(it); code {
		case "kept":
			p.Kept++
		case "revoked":
			p.Revoked++
		case "failed":
			p.Failed++
		case "pending":
			p.Left++
			if s.ownRow(c, it) {
				own++
			}
		}
	}
	for _, x := range v.seen.Gone {
		person := templates.Person{UserID: x.UserID, Username: x.Username, Href: templates.User(x.UserID)}
		p.Gone = append(p.Gone, templates.ReviewRow{Person: person, Role: s.role(x.Role), Scope: v.names.scope(x.BankID)})
	}
	p.MaySign = v.Open && p.Left == own && !s.isAuditor(c)
	if v.Open && !p.MaySign {
		p.SignWhy = templates.WordN("review.sign_left", p.Left-own)
	}
	if p.MaySign && own > 0 {
		p.SignWhy = templates.WordN("review.sign_own", own)
	}
	if !v.Open {
		p.Signed = &templates.ReviewSigned{Who: partyView(v.Entry.Operator), When: c.when(v.EndedAt), Digest: v.Result.Details["sha256"]}
		if by := v.Result.Details["by"]; by != "" {
			p.Signed.Who = templates.Person{UserID: by, Username: v.signer()}
		}
	}
	return p
}

// signer is the name of who signed, as their sign-off has it.
func (v reviewing) signer() string {
	for _, row := range v.acts {
		if row.Entry.Operator.UserID == v.Result.Details["by"] {
			return row.Entry.Operator.Username
		}
	}
	if v.Entry.Operator.UserID == v.Result.Details["by"] {
		return v.Entry.Operator.Username
	}
	return ""
}

// reviewState is where a row stands: its code, and its badge.
func reviewState(it journal.BatchItem) (string, templates.Badge) {
	code, tone := "pending", templates.ToneNeutral
	switch {
	case it.State == journal.ItemDone:
		code, tone = "revoked", templates.ToneInfo
	case it.State == journal.ItemFailed:
		code, tone = "failed", templates.ToneBad
	case it.State == journal.ItemLeftOut && it.Code == "kept":
		code, tone = "kept", templates.ToneGood
	case it.State == journal.ItemLeftOut && it.Code == "baseline":
		code = "baseline"
	case it.State == journal.ItemLeftOut:
		code, tone = "left", templates.ToneWarn
	}
	return code, templates.Badge{Tone: tone, Text: templates.Word("review.state_" + code)}
}

func (s *Server) reviewRowView(c *caller, v reviewing, it journal.BatchItem, q templates.ReviewQuery) templates.ReviewRow {
	seen := v.rowSeen(it.Pos)
	p := partyView(it.Person)
	p.Href = templates.User(it.Person.UserID)
	row := templates.ReviewRow{Pos: it.Pos, Person: p, Role: s.role(it.Role), Scope: v.names.scope(it.BankID), By: seen.By, Since: c.when(seen.At), Own: s.ownRow(c, it), Flagged: flagged(seen.Flags), Href: templates.ReviewRowAt(v.ActID, it.Pos, q)}
	if seen.Act != "" {
		row.Record = templates.JournalAct(seen.Act)
	}
	for _, f := range seen.Flags {
		tone := templates.ToneWarn
		if f == flagOutside || f == flagRisk || f == flagDeleted || f == flagApart {
			tone = templates.ToneBad
		}
		row.Flags = append(row.Flags, templates.Badge{Tone: tone, Text: templates.Word("review.flag_" + f)})
	}
	row.Code, row.State = reviewState(it)
	if row.Code == "failed" {
		row.Why = bulkWord(it.Code)
	}
	if act, ok := v.acts[it.Pos]; ok {
		row.Decided, row.Entry = templates.Word("review.decided", "who", partyView(act.Entry.Operator).Username, "at", c.when(act.At).Local), act.N
		if act.Entry.Reason != "" && s.mayRead(c, act) {
			row.Why = strings.TrimSpace(row.Why + " " + act.Entry.Reason)
		}
	}
	return row
}

// reviewAlarms are the access reviews that are open, for who may see them.
func (s *Server) reviewAlarms(c *caller, open []journal.Row, banks bankNames) []templates.Alarm {
	var out []templates.Alarm
	for _, row := range open {
		if row.Entry.Act == ActReview && s.mayReview(c, row) {
			out = append(out, templates.Alarm{When: c.when(row.At), Href: templates.Review(row.ActID, templates.ReviewQuery{}),
				Text: templates.Word("alarm.review", "scope", scopeOf(row).words(banks), "who", partyView(row.Entry.Operator).Username)})
		}
	}
	return out
}
