package templates

import "time"

// userSamples are the pages of people and invitations, in their states.
func userSamples() []sample {
	refused := new(problemOf("not_allowed"))
	return []sample{
		{"find", FindView(FindPage{})}, {"find-nothing-typed", FindView(FindPage{Error: Word("find.nothing_typed")})}, {"find-none", FindView(FindPage{Text: "nobody@example.com", Done: true, Tried: []string{"e-mail “nobody@example.com”"}})},
		{"find-two", FindView(FindPage{Text: "marta jonas", Done: true, Tried: []string{"user name “marta”", "user name “jonas”"}, Found: []UserRow{userRowOf(0), userRowOf(1)}, Banks: bankOptions()})},
		{"find-refused", FindView(FindPage{Text: uid(1), Done: true, Tried: []string{"user id"}, Problem: refused})}, {"find-hostile", FindView(FindPage{Text: hostile, Done: true, Tried: []string{hostile}, Found: []UserRow{hostileUserRow()}, Bank: hostile, Banks: []Option{{hostile, hostile, true}}})},
		{"users", UsersView(usersOf(3))}, {"users-none", UsersView(UsersPage{})}, {"users-no-match", UsersList(filteredUsers())}, {"users-refused", UsersView(UsersPage{Problem: refused})}, {"users-down", UsersList(UsersPage{Problem: new(problemOf("down"))})}, {"users-hostile", UsersView(hostileUsers())},
		{"user", UserView(userOf())}, {"user-locked", UserView(lockedUser())}, {"user-deleted", UserView(deletedUser())}, {"user-other", UserView(otherUser())}, {"user-unread", UserView(unreadUser())}, {"user-none", UserView(UserPage{Problem: new(problemOf("no_person"))})}, {"user-hostile", UserView(hostileUser())},
		{"user-late-counter", CounterView(FailedSignIns{Count: "6; locked beyond 5", Last: at("12 minutes", 12*time.Minute)})}, {"user-late-verdict", VerdictView(Verdict{Tone: ToneWarn, Code: "some_failed", Sentence: hostile}, true)},
		{"user-lock", UserActView(actOn("lock"))}, {"user-unlock-refused", UserActView(refusedAct("unlock"))}, {"user-reset", UserActView(resetOf())}, {"user-reset-second", UserActView(secondReset())}, {"user-reset-hostile", UserActView(hostileReset())},
		{"user-link", ResetLinkView(ResetLink{Person: somebody(0), Link: "https://portal.example.com/user_mgt/reset_password/x", Act: Link{"The record", JournalAct(uid(9))}, End: Link{"Done", UserOf(somebody(0))}})}, {"user-link-hostile", ResetLinkView(ResetLink{Person: hostilePerson(), Link: hostile, Act: Link{hostile, "javascript:alert(1)"}, End: Link{hostile, "javascript:alert(1)"}})},
		{"user-delete", UserActView(deleteOf())}, {"user-delete-result", UserResultView(deleteResultOf())},
		{"user-new", NewUserView(NewUserPage{})}, {"user-new-refused", NewUserView(refusedNewUser())},
		{"invitations", InvitationsView(invitationsOf(2))}, {"invitations-none", InvitationsView(invitationsOf(0))}, {"invitations-no-bank", InvitationsView(InvitationsPage{Banks: bankOptions()})}, {"invitations-refused", InvitationsView(InvitationsPage{BankID: "rec.bank.one", Banks: bankOptions(), Problem: refused})}, {"invitations-hostile", InvitationsView(hostileInvitations())},
	}
}

func bankOptions() []Option {
	return []Option{{Value: "rec.bank.one", Text: "First Bank of Recording", Selected: true}, {Value: "rec.bank.two", Text: "Second Bank"}}
}

func menuOf(p Person) []Link {
	return []Link{{Word("user.do_lock"), Lock(p)}, {Word("user.do_reset"), Reset(p)}, {Word("user.do_delete"), DeleteUser(p)}}
}

func userRowOf(n int) UserRow {
	p := somebody(n)
	states := []struct {
		tone Tone
		code string
	}{{ToneGood, "active"}, {ToneBad, "locked"}, {ToneNeutral, "deleted"}}
	st := states[n%3]
	return UserRow{Person: p, Href: UserOf(p), State: Badge{st.tone, Word("state." + st.code)}, Code: st.code, Roles: n, Menu: menuOf(p)}
}

func hostileUserRow() UserRow {
	return UserRow{Person: hostilePerson(), Href: "javascript:alert(1)", State: Badge{ToneBad, hostile}, Code: "locked", Roles: -1, Menu: []Link{{hostile, "javascript:alert(1)"}}}
}

func usersOf(n int) UsersPage {
	u := UsersPage{Read: n, First: 26, Next: Users(UserQuery{From: 50}), Prev: Users(UserQuery{}), Roles: []Option{{Value: "CanGetAnyUser", Text: "Read all users"}},
		States: []Option{{Value: "locked", Text: Word("users.state_locked")}}, Providers: []Option{{Value: "https://obp.example.com", Text: "obp.example.com"}}}
	for i := range n {
		u.Rows = append(u.Rows, userRowOf(i))
	}
	return u
}

func filteredUsers() UsersPage {
	u := usersOf(0)
	u.Query, u.Notes = UserQuery{State: "locked", Name: "x"}, []string{WordN("users.note_page", 25)}
	return u
}

func hostileUsers() UsersPage {
	u := usersOf(1)
	u.Query, u.Rows[0], u.Notes, u.Next, u.Prev = UserQuery{State: hostile, Name: hostile, Provider: hostile, Role: hostile}, hostileUserRow(), []string{hostile}, "javascript:alert(1)", "javascript:alert(1)"
	u.Roles, u.Providers = []Option{{hostile, long, true}}, []Option{{hostile, hostile, true}}
	return u
}

// userOf is somebody who can sign in, read by somebody who may see all.
func userOf() UserPage {
	p := somebody(0)
	return UserPage{Person: p, ProviderID: p.Username, State: Badge{ToneGood, "active"}, Verdict: Verdict{Tone: ToneGood, Code: "clear", Sentence: "Nothing found that stops sign-in."},
		Counter: &FailedSignIns{Count: "0; locked beyond 5"}, Acts: menuOf(p), MayCall: true, Calling: &Calling{Verified: "video", Ticket: "INC-1", Until: at("just now", 0), Minutes: 9},
		Roles:    []UserRole{{Role: branch, Scope: bankOne, Times: 2, Origin: &Link{"given by", JournalAct(uid(9))}, Revoke: Revoke(p.UserID, branch.Name, bankOne.BankID)}, {Scope: system, Super: true, Times: 1}},
		Requests: queueOf(2).Rows, Contexts: []Fact{{Name: "CUSTOMER_NUMBER", Value: "4711"}}, Attributes: []Fact{{Name: "branch", Value: "Kiel"}}, Links: []UserLink{{CustomerID: uid(8), Since: at("3 days", 75*time.Hour), Active: true}},
		Access: []UserAccess{{Bank: bankOne, Account: "current-1", Views: []string{"owner", "auditor"}}}, Journal: []ActRow{actRow(0), actRow(1)}, JournalAll: true}
}

func lockedUser() UserPage {
	u := userOf()
	u.State, u.Calling = Badge{ToneBad, "locked"}, nil
	u.Verdict = Verdict{Tone: ToneBad, Code: "locked_failed", Sentence: "Cannot sign in: 6 failed attempts.", Do: &Link{"Unlock", Unlock(u.Person)}}
	u.Counter = &FailedSignIns{Read: UserOf(u.Person)}
	return u
}

func deletedUser() UserPage {
	u := UserPage{Person: somebody(2), State: Badge{ToneNeutral, "deleted"}, Verdict: Verdict{Tone: ToneBad, Code: "deleted", Sentence: "Deleted."}, Counter: &FailedSignIns{Other: Word("user.counter_deleted")}}
	u.AccessNone, u.LinksAsk = Word("user.access_not_served"), bankOptions()
	return u
}

func otherUser() UserPage {
	u := userOf()
	u.Person.Provider, u.Verdict = "https://login.example.com", Verdict{Tone: ToneWarn, Code: "other", Sentence: "Signs in elsewhere.", More: []string{Word("verdict.other_more")}}
	u.Counter, u.Acts, u.ReqWhy, u.AttrWhy = &FailedSignIns{Other: Word("user.counter_other")}, u.Acts[2:], new(problemOf("down")), new(problemOf("slow"))
	return u
}

// unreadUser is what a reader without roles is shown.
func unreadUser() UserPage {
	no := new(problemOf("not_allowed"))
	two := problemOf("not_allowed")
	two.Roles = append(two.Roles, RoleAsk{Role: readUser, Scope: bankOne, Return: UsersPattern})
	return UserPage{Person: Person{UserID: uid(0)}, State: Badge{ToneNeutral, "not known"}, Problem: no, Unread: true, RolesWhy: no, ReqWhy: no, CtxWhy: &two, AttrWhy: no, LinksWhy: no, AccessWhy: no}
}

func hostileUser() UserPage {
	u := userOf()
	u.Person, u.ProviderID, u.State, u.Acts = hostilePerson(), hostile, Badge{ToneBad, hostile}, []Link{{hostile, "javascript:alert(1)"}}
	u.Verdict = Verdict{Tone: ToneBad, Code: "locked", Sentence: hostile, More: []string{long}, Do: &Link{hostile, "javascript:alert(1)"}}
	u.Counter = &FailedSignIns{Read: "javascript:alert(1)"}
	u.Roles = []UserRole{{Role: hostileRole(), Scope: Scope{hostile, hostile}, Times: 3, Origin: &Link{hostile, "javascript:alert(1)"}, Revoke: "javascript:alert(1)"}}
	u.Contexts, u.Attributes = []Fact{{Name: hostile, Value: hostile}}, []Fact{{Name: long, Value: long}}
	u.Links, u.Access = []UserLink{{CustomerID: hostile}}, []UserAccess{{Bank: Scope{hostile, hostile}, Account: hostile, Views: []string{hostile, long}}}
	return u
}

func actOn(act string) UserAct {
	p := somebody(0)
	return UserAct{Act: act, Person: p, State: Badge{ToneGood, "active"}, Action: Lock(p), Button: "Go on", Form: UserForm{Codes: []Option{{Value: "needed", Text: "Needed for the work"}}}}
}

func refusedAct(act string) UserAct {
	a := actOn(act)
	a.Problem, a.Warnings = new(problemOf("not_allowed")), []string{WordN("user.unlock_clears", 6)}
	a.Form.Reason, a.Form.Errors = "typed", map[string]string{"reason": Word("delete.reason")}
	return a
}

func resetOf() UserAct {
	a := actOn("reset_link")
	a.Action, a.Danger, a.Once, a.Phone = Reset(a.Person), true, uid(3), &Phone{Number: "+•• ••• ••••234"}
	a.Form = UserForm{TicketRequired: true, How: []Option{{Value: "video", Text: Word("verified.video"), Selected: true}}}
	a.Warnings = []string{Word("reset.kills_old"), Word("reset.locked")}
	return a
}

func secondReset() UserAct {
	a := resetOf()
	a.Second, a.Confirms, a.Waits = &SecondPerson{ID: uid(5), First: somebody(1), When: at("3 days", 75*time.Hour), Lapses: at("just now", 0)}, true, true
	a.Checked = []Fact{{Name: Word("reset.how"), Value: Word("verified.video")}, {Name: Word("sheet.ticket"), Value: "INC-1"}}
	return a
}

func hostileReset() UserAct {
	a := secondReset()
	a.Person, a.Second.First, a.Warnings, a.Refusals, a.Action, a.Once = hostilePerson(), hostilePerson(), []string{hostile}, nil, "javascript:alert(1)", hostile
	a.Phone, a.Waits, a.Checked = &Phone{Number: hostile, Shown: true}, false, []Fact{{Name: hostile, Value: hostile}}
	a.Form = UserForm{Ticket: hostile, Verified: hostile, Note: "</textarea>" + hostile, How: []Option{{hostile, hostile, true}}, Errors: map[string]string{"verified": hostile, "ticket": long, "note": hostile}}
	return a
}

func deleteOf() UserAct {
	a := actOn("delete_user")
	a.Action, a.Danger, a.Stays = DeleteUser(a.Person), true, []string{Word("delete.stays_roles"), Word("delete.stays_links")}
	a.Roles = []DeleteRole{{ID: uid(77), Role: branch, Scope: bankOne, Ticked: true}, {ID: hostile, Role: hostileRole(), Scope: Scope{hostile, hostile}}}
	a.Form = UserForm{Name: hostile, TextRequired: true, Errors: map[string]string{"name": Word("delete.name")}}
	return a
}

func deleteResultOf() UserResult {
	return UserResult{Title: hostile, Notice: Notice{Tone: ToneBad, Text: Word("delete.not_deleted")}, Problem: new(problemOf("not_allowed")), Links: []Link{{hostile, "javascript:alert(1)"}},
		Rows: []ResultRow{{What: "Create branches", Scope: "First Bank", Badge: Badge{ToneGood, Word("revoke.gone")}}, {What: hostile, Scope: hostile, Badge: Badge{ToneBad, Word("revoke.stays")}, Why: hostile}}}
}

func refusedNewUser() NewUserPage {
	return NewUserPage{Username: hostile, Email: hostile, First: hostile, Last: long, Problem: new(problemOf("exists")), Form: UserForm{Reason: hostile, Errors: map[string]string{"username": hostile, "password": hostile, "password_again": "x", "reason": "y"}}}
}

func invitationsOf(n int) InvitationsPage {
	p := InvitationsPage{BankID: "rec.bank.one", Banks: bankOptions(), Form: InviteForm{Purposes: []Option{{Value: "DEVELOPER", Text: Word("invite.as_developer")}, {Value: "CUSTOMER", Text: Word("invite.as_customer")}}}}
	for range n {
		p.Rows = append(p.Rows, Invitation{Name: "Ina Vited", Email: "ina@example.com", Company: "Lab", Country: "Germany", Purpose: "Customer", Status: Badge{ToneInfo, "created"}})
	}
	return p
}

func hostileInvitations() InvitationsPage {
	p := invitationsOf(1)
	p.BankID, p.Rows[0] = "../x?y#z\"'<>", Invitation{Name: hostile, Email: hostile, Company: long, Country: hostile, Purpose: hostile, Status: Badge{ToneNeutral, hostile}}
	p.Form.First, p.Form.Email, p.Form.Form, p.Form.Failed = hostile, long, UserForm{Reason: hostile, Errors: map[string]string{"first": hostile, "purpose": hostile}}, new(problemOf("down"))
	return p
}
