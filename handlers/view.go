package handlers

import (
	"cmp"
	"time"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func systemName() string { return templates.Word("scope.system") }

// role says a role in plain words, with its risk as configured.
func (s *Server) role(name string) templates.RoleView {
	t := templates.RoleWords(name)
	v := templates.RoleView{Name: name, Short: t.Short, What: t.What, HighRisk: s.highRisk[name]}
	if v.HighRisk {
		v.RiskWhy = cmp.Or(templates.RiskWhy(name), templates.Word("risk.configured"))
	}
	return v
}

// bankNames maps bank ids to names.
type bankNames map[string]string

func (b bankNames) scope(bankID string) templates.Scope {
	if bankID == "" {
		return templates.Scope{Name: systemName()}
	}
	return templates.Scope{BankID: bankID, Name: cmp.Or(b[bankID], bankID)}
}

func personView(u obp.User) templates.Person {
	return templates.Person{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider}
}

func partyView(p journal.Party) templates.Person {
	return templates.Person{UserID: p.UserID, Username: cmp.Or(p.Username, p.UserID), Email: p.Email, Provider: p.Provider}
}

// when says a time in the reader's zone and as an age.
func (c *caller) when(t time.Time) templates.When {
	if t.IsZero() {
		return templates.When{}
	}
	return templates.When{At: t.UTC(), Age: age(c.now.Sub(t)), Local: t.In(c.zone).Format("2006-01-02 15:04"), UTC: t.UTC().Format(time.RFC3339)}
}

// age says a span in one unit: "just now", "5 minutes", "3 days".
func age(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		key  string
		unit time.Duration
	}{{"year", 365 * day}, {"month", 30 * day}, {"day", day}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int(d / u.unit); n > 0 {
			return templates.WordN("age."+u.key, n)
		}
	}
	return templates.Word("age.now")
}

func (s *Server) heldRoles(list []obp.Entitlement, banks bankNames, same func(obp.Entitlement) bool) []templates.HeldRole {
	at := map[[2]string]int{}
	var out []templates.HeldRole
	for _, e := range list {
		k := [2]string{e.RoleName, e.BankID}
		if i, seen := at[k]; seen {
			out[i].Times++
			continue
		}
		at[k] = len(out)
		out = append(out, templates.HeldRole{Role: s.role(e.RoleName), Scope: banks.scope(e.BankID), Times: 1, Same: same != nil && same(e)})
	}
	return out
}

// flashNotice turns what an act left for the next page into a sentence. Its
// links are addresses that the act put there.
func flashNotice(f session.Flash) templates.Notice {
	tone := templates.ToneGood
	switch f.Args["tone"] {
	case "warn":
		tone = templates.ToneWarn
	case "bad":
		tone = templates.ToneBad
	case "info":
		tone = templates.ToneInfo
	}
	var pairs []string
	for k, v := range f.Args {
		pairs = append(pairs, k, v)
	}
	n := templates.Notice{Tone: tone, Text: templates.Word("flash."+f.Key, pairs...), Correlation: f.Args["correlation"], TestID: "flash"}
	if href := f.Args["act_href"]; href != "" {
		n.Links = append(n.Links, templates.Link{Text: templates.Word("flash.see_act"), Href: href})
	}
	if href := f.Args["undo_href"]; href != "" {
		n.Links = append(n.Links, templates.Link{Text: templates.Word("undo.title"), Href: href})
	}
	return n
}

var outcomeTones = map[journal.Outcome]templates.Tone{
	journal.OutcomeDone: templates.ToneGood, journal.OutcomeRefused: templates.ToneBad, journal.OutcomeFailed: templates.ToneBad,
	journal.OutcomePartly: templates.ToneWarn, journal.OutcomeUnknown: templates.ToneWarn, journal.OutcomeGrantedNotClosed: templates.ToneWarn,
}

func outcomeBadge(r journal.Row) templates.Badge {
	o := r.Result.Outcome
	if o == "" {
		if r.Event {
			o = journal.OutcomeDone
		} else {
			return templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("outcome.none")}
		}
	}
	tone, ok := outcomeTones[o]
	if !ok {
		return templates.Badge{Tone: templates.ToneNeutral, Text: string(o)}
	}
	return templates.Badge{Tone: tone, Text: templates.Word("outcome." + string(o))}
}

// actRow says one act of the journal; text tells whether the reader may see
// its reason.
func (s *Server) actRow(c *caller, r journal.Row, banks bankNames, text bool) templates.ActRow {
	row := templates.ActRow{N: r.N, Href: templates.JournalAct(r.ActID), When: c.when(r.At), Who: partyView(r.Entry.Operator), Act: actName(r.Entry.Act), Outcome: outcomeBadge(r)}
	row.ActCode, row.OutcomeCode = string(r.Entry.Act), string(r.Result.Outcome)
	switch r.Entry.Act {
	case journal.ActStart, journal.ActStop, journal.ActSettingChanged:
		row.Console = row.Who == templates.Person{}
	}
	if r.Entry.Person.UserID != "" || r.Entry.Person.Username != "" {
		row.Person = partyView(r.Entry.Person)
	}
	if r.Entry.Role != "" {
		role, scope := s.role(r.Entry.Role), banks.scope(r.Entry.BankID)
		row.Role, row.Scope = &role, &scope
	} else {
		row.Target = r.Entry.Target
	}
	if text {
		row.Reason = r.Entry.Reason
	}
	return row
}

func actName(a journal.Act) string {
	if templates.HasWord("act." + string(a)) {
		return templates.Word("act." + string(a))
	}
	return string(a)
}
