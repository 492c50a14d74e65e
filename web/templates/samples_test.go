package templates

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// hostile is text that OBP may hold in any field.
const hostile = "<script>alert(1)</script> \"q\" 'q' &amp; {{x}} javascript:alert(1) \u202eRTL\u202c مرحبا"

var long = strings.Repeat("Averyveryverylongnamewithoutablank", 4)

func at(age string, ago time.Duration) When {
	t := time.Date(2026, 11, 23, 17, 2, 31, 0, time.UTC).Add(-ago)
	return When{At: t, Age: age, Local: t.Add(time.Hour).Format("2006-01-02 15:04"), UTC: t.Format(time.RFC3339)}
}

func uid(n int) string {
	x := uint64(n)*0x9E3779B97F4A7C15 + 0x1234567
	y := x*0xBF58476D1CE4E5B9 ^ x>>29
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(x), uint16(x>>32), (x>>48)&0xfff, y&0xfff, y>>12&0xffffffffffff)
}

var (
	branch   = RoleView{Name: "CanCreateBranch", Short: "Create branches", What: "Lets the holder add branches to a bank."}
	grantAny = RoleView{Name: "CanCreateEntitlementAtAnyBank", Short: "Grant any role", What: "Lets the holder give any role to anybody, at every bank and for the whole system.",
		HighRisk: true, RiskWhy: "Can give any role, also to a helper who gives it back."}
	readUser = RoleView{Name: "CanGetAnyUser", Short: "Read all users", HighRisk: true, RiskWhy: "Reads the personal data of everybody."}
	system   = Scope{Name: "System"}
	bankOne  = Scope{BankID: "rec.bank.one", Name: "First Bank of Recording"}
)

var firstNames = []string{"marta.ruiz", "jonas.weber", "aiko.tanaka", "pedro.alves", "chloe.martin", "ngozi.okafor", "erik.lund", "sara.haddad", "li.wei", "anna.kowalska", "tom.baker"}

func somebody(n int) Person {
	name := firstNames[n%len(firstNames)]
	if n >= len(firstNames) {
		name += num(n)
	}
	return Person{UserID: uid(n), Username: name, Email: name + "@example.com", Provider: "https://obp.example.com"}
}

var roleNames = []string{"CanCreateBranch", "CanGetAnyUser", "CanCreateAtm", "CanGetCustomer", "CanCreateEntitlementAtOneBank", "CanReadMetrics", "CanCreateProduct", "CanGetEntitlementsForAnyUserAtAnyBank"}

func someRole(n int) RoleView {
	name := roleNames[n*7%len(roleNames)]
	t := RoleWords(name)
	why := RiskWhy(name)
	return RoleView{Name: name, Short: t.Short, What: t.What, HighRisk: why != "", RiskWhy: why}
}

// queueOf is a queue of n realistic rows.
func queueOf(n int) Queue {
	q := Queue{Query: RequestQuery{Page: 1}, Found: n, Open: n, From: 1, To: n, Page: 1, Pages: 1, Oldest: at("12 days", 290*time.Hour),
		Roles: []Option{{Value: "CanCreateBranch", Text: "Create branches"}, {Value: "CanGetAnyUser", Text: "Read all users"}},
		Banks: []Option{{Value: "system", Text: "System"}, {Value: "rec.bank.one", Text: "First Bank of Recording"}, {Value: "rec.bank.two", Text: "Second Bank"}},
		Ages:  []Option{{Value: "day", Text: "At least a day"}, {Value: "week", Text: "At least a week"}, {Value: "month", Text: "At least a month"}}}
	banks := []Scope{system, bankOne, {BankID: "rec.bank.two", Name: "Second Bank"}}
	for i := range n {
		p := somebody(i * 31 % max(1, min(n, 3+n*3/5)))
		scope := banks[i*5%3]
		ago := time.Duration(290-i) * 3600 * time.Second / time.Duration(1+n/290)
		age := fmt.Sprintf("%d days", int(ago.Hours()/24))
		if ago < 48*time.Hour {
			age = fmt.Sprintf("%d hours", max(2, int(ago.Hours())))
		}
		id := uid(1000 + i)
		q.Rows = append(q.Rows, QueueRow{ID: id, Href: Request(id, p.UserID, scope.BankID, RequestQuery{}), Person: p, Role: someRole(i), Scope: scope,
			Asked: at(age, ago+time.Duration(i*i)*time.Second), Count: 1 + i%4/3*2, Held: i % 9 / 8, Own: i == 2, Deleted: i == 6})
	}
	return q
}

func sheetOf() Sheet {
	p := somebody(0)
	q := queueOf(3)
	return Sheet{ID: uid(1000), Place: 3, Of: 12, Prev: q.Rows[1].Href, Next: q.Rows[2].Href, Back: RequestsPattern, Person: p,
		State: Badge{ToneGood, "active"}, Role: branch, Scope: bankOne, Asked: at("3 days", 75*time.Hour),
		Roles:   []HeldRole{{Role: someRole(1), Scope: system, Times: 1}, {Role: someRole(3), Scope: bankOne, Times: 2}},
		Others:  q.Rows[1:2],
		Holders: Holders{Known: true, People: []Person{somebody(4), somebody(5), somebody(6)}, More: 4},
		Earlier: []ActRow{actRow(0), actRow(1)}, MayApprove: true, MayDecline: true,
		Form: DecideForm{Codes: []Option{{Value: "new_joiner", Text: "New joiner"}, {Value: "project", Text: "Project work"}}, LastReason: "Agreed with the branch manager"}}
}

func riskySheet() Sheet {
	s := sheetOf()
	s.Role, s.Scope, s.State = grantAny, system, Badge{ToneWarn, "locked"}
	s.Warnings = []string{"The person is locked.", "The role is high risk: Can give any role, also to a helper who gives it back."}
	s.Form.TextRequired, s.Form.TickText = true, "I know that this person is locked"
	return s
}

func refusedSheet() Sheet {
	s := riskySheet()
	s.Form.Reason, s.Form.Asked = "", "approve"
	s.Form.Errors = map[string]string{"reason": Word("rule.text_required"), "tick": Word("rule.locked_needs_tick")}
	return s
}

func ownSheet() Sheet {
	s := sheetOf()
	s.Own, s.MayApprove = true, false
	s.Refusals = []string{Word("rule.own_request")}
	s.State, s.StateWhy = Badge{ToneNeutral, "not known"}, "Reading it needs CanGetAnyUser."
	s.Holders = Holders{Why: "Seeing this needs CanGetEntitlementsForOneBank."}
	s.Roles, s.Others, s.Earlier = nil, nil, nil
	return s
}

func hostileSheet() Sheet {
	s := sheetOf()
	s.ID = "../x?y#z\"'<>"
	s.Person = Person{UserID: hostile, Username: hostile, Email: long, Provider: hostile, Href: "javascript:alert(1)"}
	s.Role = RoleView{Name: hostile, Short: long, What: hostile, HighRisk: true, RiskWhy: hostile}
	s.Scope = Scope{BankID: hostile, Name: hostile}
	s.Roles = []HeldRole{{Role: s.Role, Scope: s.Scope, Times: 2, Same: true}}
	s.Held = 2
	s.Refusals, s.Warnings = []string{hostile}, []string{long}
	s.Form = DecideForm{Reason: "</textarea>" + hostile, Ticket: hostile, LastReason: hostile, Tick: true, TickText: hostile,
		Errors: map[string]string{"": hostile, "reason": hostile, "ticket": long}, Codes: []Option{{Value: hostile, Text: long, Selected: true}}}
	s.Prev, s.Next, s.Back = "javascript:alert(1)", "/requests/"+hostile, "javascript:alert(1)"
	return s
}

func doneOutcome(finish bool) *Outcome {
	act, next := &Link{Word("sheet.record"), JournalAct(uid(9))}, &Link{"Next request: jonas.weber", "/requests/" + uid(1001)}
	if finish {
		return &Outcome{Title: "Granted, not closed", Sentence: "marta.ruiz holds the role now, but the request could not be closed.", Tone: ToneWarn,
			Rows: []Fact{{Name: "Entitlement id", Value: uid(77), Code: true}}, Act: act, Back: RequestsPattern, Finish: true, ID: uid(1000)}
	}
	return &Outcome{Title: "Approved", Sentence: "marta.ruiz holds Create branches at First Bank of Recording now.", Tone: ToneGood,
		Rows: []Fact{{Name: "Entitlement id", Value: uid(77), Code: true}, {Name: "Reason", Value: "Agreed with the branch manager"}},
		Act:  act, Next: next, Back: RequestsPattern}
}

func withOutcome(o *Outcome) Sheet {
	s := sheetOf()
	s.Outcome, s.Place, s.Prev, s.Next = o, 0, "", ""
	return s
}

func actRow(n int) ActRow {
	r, sc := someRole(n), bankOne
	kinds := []struct {
		act, words, outcome string
		tone                Tone
		reason              string
	}{
		{"approve", "Approved", "done", ToneGood, "Agreed with the branch manager, ticket OPS-4471"},
		{"decline", "Declined", "done", ToneGood, "Does not work at this bank any more"},
		{"approve", "Approved", "granted_not_closed", ToneWarn, "New joiner"},
		{"refused", "Refused by the console", "refused", ToneBad, ""},
	}
	k := kinds[n%len(kinds)]
	return ActRow{N: int64(812 - n), Href: JournalAct(uid(5000 + n)), When: at("3 days", time.Duration(n*n+50)*time.Hour), Who: somebody(n%2 + 9), Act: k.words,
		Person: somebody(n % 120), Role: &r, Scope: &sc, Outcome: Badge{k.tone, Word("outcome." + k.outcome)}, Reason: k.reason, ActCode: k.act, OutcomeCode: k.outcome}
}

func journalOf(n int) JournalPage {
	j := JournalPage{All: true, Intact: Notice{Tone: ToneGood, Text: "Intact to entry 812, checked at 2026-11-23 18:02."},
		Acts:     []Option{{Value: "approve", Text: "Approved"}, {Value: "decline", Text: "Declined"}},
		Outcomes: []Option{{Value: "done", Text: "done"}, {Value: "refused", Text: "refused"}}}
	for i := range n {
		j.Rows = append(j.Rows, actRow(i))
	}
	if n > 2 {
		j.Older = JournalList(JournalQuery{Before: 700})
		j.Rows = append(j.Rows, ActRow{N: 3, Href: JournalAct(uid(5900)), When: at("3 days", 75*time.Hour), Console: true, Act: Word("act.setting_changed"), Target: "HIGH_RISK_ROLES",
			Outcome: Badge{ToneGood, Word("outcome.done")}, ActCode: "setting_changed", OutcomeCode: "done"})
	}
	return j
}

func actOf() ActPage {
	w := at("3 days", 75*time.Hour)
	return ActPage{Row: actRow(0),
		Facts: []Fact{{Name: "Who", Value: "ana.admin"}, {Name: "When", When: &w}, {Name: "On", Value: "marta.ruiz"}, {Name: "Role", Value: "CanCreateBranch"}, {Name: "Where", Value: "First Bank of Recording"}, {Name: "Why", Value: "Agreed with the branch manager"}, {Name: "Ticket", Value: ""}, {Name: "Act id", Value: uid(5000), Code: true}},
		Seen:  []Fact{{Name: "State", Value: "active"}, {Name: "E-mail", Value: "marta.ruiz@example.com"}, {Name: "Roles", Value: "CanGetCustomer at rec.bank.one, CanGetAnyUser"}},
		Steps: []Fact{{Name: "granted", Value: "201"}, {Name: "Correlation id", Value: uid(4), Code: true}},
		Chain: []Fact{{Name: "Entry", Value: "812"}, {Name: "Hash", Value: strings.Repeat("0f3a", 16), Code: true}}, Related: []ActRow{actRow(3)}}
}

func problemOf(key string) Problem {
	p := Problem{Key: key, Status: 502, Title: Word("kind." + key + ".title"), Sentence: Word("kind." + key + ".text"), Correlation: uid(42), RequestID: uid(43), Retry: "/requests?page=2"}
	if key == "not_allowed" {
		p.Status, p.Retry = 403, ""
		p.Roles = []RoleAsk{{Role: RoleView{Name: "CanGetEntitlementRequestsAtAnyBank", Short: "Read role requests"}, Scope: system, Return: RequestsPattern}}
		p.Back = &Link{Word("page.home"), Home()}
	}
	return p
}

func meOf() MePage {
	end := at("", -4*time.Hour)
	return MePage{Person: somebody(9), Roles: []HeldRole{{Role: someRole(0), Scope: bankOne, Times: 1}, {Role: grantAny, Scope: system, Times: 2}},
		Requests: []MineRow{{Role: readUser, Scope: system, Asked: at("2 hours", 2*time.Hour)}},
		Ask:      AskForm{Roles: []Option{{Value: "CanCreateBranch", Text: "Create branches"}}, Banks: []Option{{Value: "rec.bank.one", Text: "First Bank of Recording"}}},
		Theme:    []Option{{Value: "system", Text: "As the system", Selected: true}, {Value: "light", Text: "Light"}, {Value: "dark", Text: "Dark"}},
		Zones:    []Option{{Value: "", Text: "The console's"}, {Value: "Europe/Madrid", Text: "Europe/Madrid", Selected: true}}, RowsPerPage: 40, Shortcuts: true,
		Session: []Fact{{Name: "Ends at the latest", When: &end}}}
}

func homeOf() HomePage {
	return HomePage{Sentence: "12 requests wait, the oldest 12 days.", Start: &Link{"Start with the oldest", "/requests/" + uid(1000)},
		Mine:       []MineRow{{Role: readUser, Scope: system, Asked: at("2 hours", 2*time.Hour)}},
		Unfinished: []Alarm{{Text: "Approved marta.ruiz for Create branches: granted, not closed", Href: JournalAct(uid(3)), When: at("5 minutes", 5*time.Minute)}},
		Last:       []ActRow{actRow(0), actRow(1), actRow(3)}, LastTitle: "Last decisions", Shortcuts: shortcuts()}
}

func signInOf() SignInForm {
	return SignInForm{Server: "obp.example.com", Next: "/requests?page=2"}
}

func demoSignIn() SignInForm {
	f := signInOf()
	f.Demo = []DemoPerson{{"ana.admin", "approves requests at every bank"}, {"ben.branch", "has asked for three roles"}}
	f.Password = "demo-password"
	return f
}

func failedSignIn() SignInForm {
	f := signInOf()
	f.Username = hostile
	f.Errors = map[string]string{"": Word("kind.credentials.text")}
	f.Notice = &Notice{Tone: ToneInfo, Text: "Your session has ended.", TestID: "flash"}
	f.Kept = true
	return f
}

func shellOf() Shell {
	return Shell{Title: Word("page.requests"), Section: RequestsPattern, Operator: "ana.admin", Environment: "production", Color: "red", Shortcuts: true,
		Path: RequestsPattern, Waiting: 12, Zone: "Europe/Madrid", EndsAt: at("", -15*time.Minute), IdleSeconds: 900, WarnSeconds: 120}
}

// sample is one state of one component.
type sample struct {
	name string
	c    templ.Component
}

func filtered(q Queue) Queue {
	q.Query = RequestQuery{Person: "o'hara & \"co\"", Role: "CanGetAnyUser", Sort: "person", Page: 2}
	q.Open, q.Pages, q.Page = 120, 3, 2
	return q
}

func chosen(q Queue, n int) Queue {
	q.Chosen = q.Rows[n].ID
	return q
}

func hostileQueue() Queue {
	q := queueOf(2)
	q.Query = RequestQuery{Person: hostile, Page: 1}
	q.Rows[0].Person.Username, q.Rows[0].Person.Email, q.Rows[0].Scope.Name, q.Rows[0].Href = hostile, hostile, hostile, "javascript:alert(1)"
	q.Rows[1].Person.Username, q.Rows[1].Role = long, RoleView{Name: hostile, Short: hostile}
	q.Roles[0] = Option{Value: hostile, Text: hostile, Selected: true}
	return q
}

func queueProblem(key string) Queue { p := problemOf(key); return Queue{Problem: &p} }

func journalProblem(key string) JournalPage { p := problemOf(key); return JournalPage{Problem: &p} }

func emptyFilter() Queue {
	q := filtered(queueOf(0))
	q.Found, q.From, q.To, q.Page, q.Pages = 0, 0, 0, 1, 1
	return q
}

func oobQueue() Queue { q := queueOf(1); q.OOB = true; return q }

func closeOnly() Sheet {
	s := sheetOf()
	s.CloseOnly = true
	s.Warnings = []string{"The role was given 5 minutes ago; the request is still open."}
	return s
}

func sheetProblem() Sheet {
	p := problemOf("slow")
	return Sheet{ID: uid(1000), Back: RequestsPattern, Problem: &p}
}

func homeBare(h HomePage) HomePage {
	p := problemOf("not_allowed")
	return HomePage{Problem: &p, MineWhy: &p, LastTitle: "Your last decisions"}
}

func meFailed() MePage {
	m := meOf()
	p := problemOf("down")
	m.RolesWhy, m.RequestsWhy = &p, &p
	m.Errors = map[string]string{"rows": "A number from 10 to 100."}
	m.Ask.Role, m.Ask.Errors = hostile, map[string]string{"role": "There is no such role.", "bank": "This role needs a bank."}
	return m
}

func actHostile() ActPage {
	a := actOf()
	a.Row.Act, a.Row.Reason, a.Row.Outcome.Text = hostile, hostile, hostile
	a.Facts = []Fact{{Name: hostile, Value: hostile}, {Name: long, Value: long, Code: true}}
	a.Related[0].Reason, a.Related[0].Who.Username, a.Related[0].Href = hostile, hostile, "javascript:alert(1)"
	return a
}

func hostileJournal() JournalPage {
	j := journalOf(1)
	j.Query = JournalQuery{Text: hostile, Role: hostile, Bank: hostile, From: hostile, To: hostile}
	j.Rows[0].Reason, j.Rows[0].Who.Username, j.Rows[0].ActCode, j.Rows[0].Href = hostile, hostile, hostile, "javascript:alert(1)"
	return j
}

func allSamples() []sample {
	q3 := queueOf(3)
	s := sheetOf()
	notice := Notice{Tone: ToneGood, Text: hostile, Links: []Link{{hostile, "javascript:alert(1)"}}, Correlation: hostile, TestID: "flash"}
	signedOut := Shell{Title: hostile, Environment: hostile, Color: "\"red", Theme: "dark", Waiting: -1, Refresh: "/requests?x=\"1"}
	hostileShell := shellOf()
	hostileShell.Operator, hostileShell.Path, hostileShell.Zone, hostileShell.Notices = hostile, hostile, hostile, []Notice{notice, {Tone: ToneBad, Text: "x"}}
	return append([]sample{
		{"sign-in", SignInPage(signInOf())}, {"sign-in-demo", SignInPage(demoSignIn())}, {"sign-in-failed", SignInPage(failedSignIn())},
		{"home", HomeView(homeOf())}, {"home-none", HomeView(HomePage{Sentence: "No request waits.", LastTitle: "Last decisions"})}, {"home-refused", HomeView(homeBare(homeOf()))},
		{"queue-none", QueueList(queueOf(0))}, {"queue-one", QueueList(queueOf(1))}, {"queue-many", QueueList(filtered(queueOf(12)))},
		{"queue-no-match", QueueList(emptyFilter())}, {"queue-refused", QueueList(queueProblem("not_allowed"))}, {"queue-down", QueueList(queueProblem("down"))},
		{"queue-slow", QueueList(queueProblem("slow"))}, {"queue-limited", QueueList(queueProblem("limited"))}, {"queue-hostile", QueueList(hostileQueue())}, {"queue-beside", QueueList(oobQueue())},
		{"requests", RequestsView(q3, nil)}, {"requests-sheet", RequestsView(chosen(q3, 0), &s)},
		{"sheet", SheetView(s)}, {"sheet-risky", SheetView(riskySheet())}, {"sheet-refused", SheetView(refusedSheet())}, {"sheet-own", SheetView(ownSheet())},
		{"sheet-hostile", SheetView(hostileSheet())}, {"sheet-done", SheetView(withOutcome(doneOutcome(false)))}, {"sheet-not-closed", SheetView(withOutcome(doneOutcome(true)))},
		{"sheet-close", SheetView(closeOnly())}, {"sheet-slow", SheetView(sheetProblem())},
		{"journal", JournalView(journalOf(4))}, {"journal-none", JournalPart(JournalPage{})}, {"journal-no-match", JournalPart(JournalPage{Query: JournalQuery{Act: "approve"}, Newest: JournalPattern})},
		{"journal-down", JournalPart(journalProblem("down"))}, {"journal-hostile", JournalPart(hostileJournal())},
		{"act", ActView(actOf())}, {"act-hostile", ActView(actHostile())},
		{"me", MeView(meOf())}, {"me-none", MeView(MePage{Person: somebody(1)})}, {"me-failed", MeView(meFailed())},
		{"problem", ProblemView(problemOf("down"))}, {"problem-role", ProblemView(problemOf("not_allowed"))}, {"notice", NoticeView(notice)},
		{"page", Page(shellOf(), NoticeView(notice))}, {"page-hostile", Page(hostileShell, NoticeView(notice))}, {"page-signed-out", Page(signedOut, NoticeView(notice))}, {"beside", Beside(hostileShell)},
	}, slices.Concat(factorSamples(), roleSamples(), userSamples(), bankSamples(), serverSamples())...)
}
