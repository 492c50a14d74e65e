package templates

import "slices"

// roleSamples are the pages of roles, grants, reviews and evidence, in their
// states.
func roleSamples() []sample {
	hostileRow := reviewRowOf(2)
	hostileRow.Person, hostileRow.Role, hostileRow.Scope.Name, hostileRow.Why, hostileRow.By, hostileRow.Href = hostilePerson(), hostileRole(), hostile, hostile, hostile, "javascript:alert(1)"
	return []sample{
		{"roles", RolesView(catalogueOf(3))}, {"roles-found", RolesFoundPart(catalogueOf(0))}, {"roles-down", RolesView(RolesPage{Problem: new(problemOf("down"))})}, {"roles-hostile", RolesView(hostileCatalogue())},
		{"role", RolePageView(roleOf())}, {"role-none", RolePageView(RolePage{Role: branch, Bank: true})}, {"role-refused", RolePageView(refusedRole())}, {"role-hostile", RolePageView(hostileRolePage())},
		{"bank-roles", BankRolesView(bankRolesOf(3))}, {"bank-roles-none", BankRolesPart(bankRolesOf(0))}, {"bank-roles-of-many", bankLinks(slices.Repeat([]Link{{"First Bank", BankRoles(BankRoleQuery{Bank: bankOne.BankID})}}, shownBanks+1))}, {"bank-roles-refused", BankRolesView(BankRolesPage{Problem: new(problemOf("not_allowed"))})},
		{"user-bank-roles", UserBankRolesView(UserBankRolesPage{Person: somebody(0), Scope: bankOne, Held: []GrantRow{{Role: sheetOf().Role, Name: sheetOf().Role.Name, Times: 2, Revoke: Revoke(somebody(0).UserID, sheetOf().Role.Name, bankOne.BankID)}}, Back: RolesPattern})},
		{"grant", GrantView(grantOf())}, {"grant-refused", GrantView(refusedGrant())}, {"grant-own", GrantView(GrantPage{Person: somebody(0), Refusals: []string{Word("rule.own_grant")}})}, {"grant-hostile", GrantView(hostileGrant())},
		{"revoke", RevokeView(revokeOf(2))}, {"revoke-refused", RevokeView(refusedRevoke())}, {"revoke-none", RevokeView(revokeOf(0))},
		{"copy", CopyView(copyOf())}, {"copy-none", CopyView(CopyPage{Person: somebody(0), From: somebody(1)})},
		{"pick", PickView(pickOf())}, {"pick-none", PickView(PickPage{Title: "Grant a role: to whom?", Text: hostile, Done: true, Tried: []string{hostile}})}, {"pick-refused", PickView(PickPage{Title: "Grant a role: to whom?", Error: "Type or paste what to look for.", Problem: new(problemOf("not_allowed"))})},
		{"role-pick", RolePickPart(pickRoleOf())}, {"role-pick-none", RolePickPart(RolePick{Text: hostile})},
		{"approvals", ApprovalsView(approvalsOf())}, {"approvals-off", ApprovalsView(ApprovalsPage{Off: true})},
		{"second-lapsed", secondNote(SecondPerson{First: somebody(1), Lapses: at("1 day", 0)})},
		{"emergency", FormView(emergencyOf())}, {"emergency-refused", FormView(Form{Title: "Grant in an emergency", Refusals: []string{Word("rule.emergency_off")}, Back: Link{"Back", Home()}})}, {"emergency-review", FormView(emergencyReviewOf())},
		{"leaver", LeaverView(leaverOf())}, {"leaver-refused", LeaverView(refusedLeaver())}, {"leaver-none", LeaverView(LeaverPage{Person: somebody(0)})},
		{"leaver-result", BulkProgressView(leaverResultOf())},
		{"dauth", DAuthView(dauthOf())}, {"dauth-refused", DAuthView(refusedDAuth())},
		{"reviews", ReviewsView(reviewsOf())}, {"reviews-none", ReviewsView(ReviewsPage{Errors: map[string]string{"scope": "No baseline"}, Failed: new(problemOf("not_allowed"))})},
		{"review", ReviewView(reviewOf(4))}, {"review-none", ReviewPart(reviewOf(0))}, {"review-signed", ReviewView(signedReview())}, {"review-hostile", ReviewPart(ReviewPage{ID: "../x?y", Scope: hostile, Open: true, Rows: []ReviewRow{hostileRow}, Gone: []ReviewRow{hostileRow}, Unread: []string{hostile}})},
		{"review-row", ReviewRowView(ReviewRowPage{ID: uid(7), Scope: "Everything", Row: reviewRowOf(1)})}, {"review-row-refused", ReviewRowView(refusedReviewRow())}, {"review-row-own", ReviewRowView(ReviewRowPage{ID: uid(7), Scope: "Everything", Row: reviewRowOf(3), Refusal: "Your own"})},
		{"review-print", ReviewPrintView(signedReview())},
		{"evidence", EvidenceView(evidenceOf())}, {"evidence-none", EvidenceView(EvidencePage{Person: somebody(0), Role: branch, Scope: bankOne, Now: Badge{ToneNeutral, "not held"}})}, {"evidence-hostile", EvidenceView(hostileEvidence())},
	}
}

func hostilePerson() Person {
	return Person{UserID: hostile, Username: hostile, Email: hostile, Provider: hostile, Href: "javascript:alert(1)"}
}

func hostileRole() RoleView {
	return RoleView{Name: hostile, Short: long, What: hostile, HighRisk: true, RiskWhy: hostile}
}

func cutOf(n int) Cut { return Cut{Page: 2, Pages: 3, From: 26, To: 25 + n, Of: 60} }

func catalogueOf(n int) RolesPage {
	p := RolesPage{Query: RoleQuery{Text: "branch", Scope: "bank", Page: 2}, All: 306, Found: 60, Cut: cutOf(n), Banks: []Link{{Text: "First Bank", Href: "/banks/rec.bank.one/roles"}}}
	for i := range n {
		r := someRole(i)
		p.Rows = append(p.Rows, RoleRow{Role: r, Bank: i%2 == 0, Href: Role(r.Name)})
	}
	return p
}

func hostileCatalogue() RolesPage {
	p := catalogueOf(1)
	p.Query.Text, p.Rows[0].Role, p.Rows[0].Href, p.Banks[0] = hostile, hostileRole(), "javascript:alert(1)", Link{hostile, "javascript:alert(1)"}
	return p
}

func grantRowOf(n int) GrantRow {
	p, r := somebody(n), someRole(n)
	return GrantRow{Person: p, Name: r.Name, Role: r, Scope: bankOne, Times: 1 + n%2, Revoke: Revoke(p.UserID, r.Name, bankOne.BankID)}
}

func roleOf() RolePage {
	return RolePage{Role: grantAny, Holders: []GrantRow{grantRowOf(0), grantRowOf(1)}, Cut: cutOf(2), CutHref: func(page int) string { return RoleAt(grantAny.Name, page) },
		Asked: 2, Requests: Requests(RequestQuery{Role: grantAny.Name}), Acts: []ActRow{actRow(0), actRow(1)}}
}

func refusedRole() RolePage {
	return RolePage{Role: branch, Bank: true, HoldersWhy: new(problemOf("not_allowed")), RequestsWhy: new(problemOf("not_allowed"))}
}

func hostileRolePage() RolePage {
	p := roleOf()
	p.HoldersAt = []string{hostile}
	p.Role, p.Holders[0].Person, p.Holders[0].Scope.Name = hostileRole(), hostilePerson(), hostile
	return p
}

func bankRolesOf(n int) BankRolesPage {
	p := BankRolesPage{Query: BankRoleQuery{Bank: bankOne.BankID, Text: "marta", Page: 2}, Scope: bankOne, Banks: []Link{{Text: "First Bank", Href: "/banks/rec.bank.one/roles"}},
		Roles: []Option{{Value: "CanCreateBranch", Text: "CanCreateBranch", Selected: true}}, All: 5000, Cut: cutOf(n)}
	for i := range n {
		p.Rows = append(p.Rows, grantRowOf(i))
	}
	return p
}

func pickRoleOf() RolePick {
	return RolePick{Action: Grant(uid(0), "", ""), Text: "branch", Found: 40, More: 37,
		Rows: []RoleChoice{{Role: branch, Bank: true, Ticked: true}, {Role: readUser, Notes: []string{"held: System"}}, {Role: someRole(2), Bank: true, Notes: []string{"not together with “Create branches”"}}}}
}

func grantOf() GrantPage {
	p := somebody(0)
	return GrantPage{Person: p, State: Badge{ToneWarn, "locked"}, Held: sheetOf().Roles, Pick: pickRoleOf(), Banks: []Option{{Value: "rec.bank.one", Text: "First Bank", Selected: true}},
		First: []string{Word("grant.first", "who", "tom.baker", "role", "Read all users", "scope", "System", "reason", "New joiner")}, Alone: Emergency(p.UserID, "", "", ""),
		Form: DecideForm{TextRequired: true, TickText: Word("tick.locked"), Codes: sheetOf().Form.Codes, LastReason: "Agreed with the branch manager"}}
}

func refusedGrant() GrantPage {
	p := grantOf()
	p.Pick.Asked, p.Failed = true, new(problemOf("not_allowed"))
	p.Form.Reason, p.Form.Errors = "New joiner", map[string]string{"role": Word("ask.role_missing"), "bank": Word("ask.bank_missing"), "tick": Word("rule.locked_needs_tick")}
	return p
}

func hostileGrant() GrantPage {
	p := grantOf()
	p.Person, p.State.Text, p.First[0], p.Form.Reason, p.Pick.Text = hostilePerson(), hostile, hostile, hostile, hostile
	p.Pick.Rows[0] = RoleChoice{Role: hostileRole(), Notes: []string{hostile}}
	p.Banks[0] = Option{Value: hostile, Text: hostile}
	return p
}

func revokeOf(n int) RevokePage {
	p := RevokePage{Person: somebody(0), Role: readUser, Scope: system, Action: Revoke(uid(0), readUser.Name, ""), Form: DecideForm{TextRequired: true, Ticket: "HR-7"}}
	for i := range n {
		p.IDs = append(p.IDs, UndoChoice{ID: uid(300 + i), Ticked: i == 0})
	}
	return p
}

func refusedRevoke() RevokePage {
	p := revokeOf(1)
	p.Failed, p.Form.Reason, p.Form.Errors = new(problemOf("not_allowed")), hostile, map[string]string{"reason": Word("delete.reason")}
	return p
}

func copyOf() CopyPage {
	return CopyPage{Person: somebody(0), From: somebody(1), State: Badge{ToneGood, "active"}, Both: sheetOf().Roles[:1], Only: sheetOf().Roles[1:], Form: DecideForm{TextRequired: true, Errors: map[string]string{"copy": Word("ask.role_missing")}},
		Items: []LeaverItem{{ID: "CanCreateBranch@rec.bank.one", Role: branch, Scope: bankOne, Ticked: true}, {ID: "CanGetAnyUser@", Role: readUser, Scope: system}}}
}

func pickOf() PickPage {
	rows := []UserRow{{Person: somebody(0), Href: Grant(uid(0), "CanCreateBranch", ""), State: Badge{ToneGood, "active"}, Code: "active", Roles: 3}, {Person: hostilePerson(), Href: "javascript:alert(1)", State: Badge{ToneWarn, "locked"}, Code: "locked", Roles: -1}}
	return PickPage{Title: "Grant a role: to whom?", Says: "Create branches, First Bank. Find the person first.", Action: GrantTo("CanCreateBranch", ""), Back: RolesPattern, Text: "marta", Tried: []string{"user name “marta”"}, Done: true, Found: rows}
}

func approvalRowOf(n int) ApprovalRow {
	return ApprovalRow{ID: uid(60 + n), Act: "Granted", First: somebody(1), Person: somebody(0), Role: readUser, Scope: system, When: at("2 hours", 0), Lapses: at("", 0), State: Badge{ToneWarn, "waits"}, Code: "waiting", Reason: "New joiner", Record: JournalAct(uid(60 + n))}
}

func approvalsOf() ApprovalsPage {
	open, mine, past := approvalRowOf(0), approvalRowOf(1), approvalRowOf(2)
	open.Go, mine.Withdraw, mine.Why, mine.Reason = Grant(uid(0), readUser.Name, ""), true, Word("rule.second_puppet"), hostile
	past.State, past.Code, past.Second = Badge{ToneNeutral, "withdrawn"}, "withdrawn", somebody(2)
	return ApprovalsPage{Open: []ApprovalRow{open, mine}, Past: []ApprovalRow{past}, Days: 30, Emergencies: []Alarm{{Text: "Nobody has reviewed it", Href: EmergencyOne(uid(70)), When: at("an hour", 0)}}}
}

func emergencyOf() Form {
	return Form{Title: Word("emergency.title", "person", "marta.ruiz"), Lead: []string{Word("emergency.lead")}, Failed: new(problemOf("not_allowed")), Action: Emergency(uid(0), "", "", ""), Button: Word("emergency.go"), Danger: true, TestID: "emergency-form", TicketNeeded: true,
		Back:   Link{Word("user.back"), User(uid(0))},
		Fields: []Field{{Name: "role", Label: Word("queue.role"), Hint: Word("emergency.role_hint"), Kind: "select", Options: []Option{{}, {Value: readUser.Name, Text: hostile, Selected: true}}}, {Name: "tick", Label: Word("tick.locked"), Kind: "tick"}},
		Reason: &DecideForm{TextRequired: true, Reason: hostile}, Errors: map[string]string{"ticket": "Needed"}}
}

func emergencyReviewOf() Form {
	return Form{Title: Word("emergency.one_title", "who", hostile), Facts: []Fact{{Name: "Role", Value: hostile}, {Name: "Ticket", Value: "INC-7"}}, Lead: []string{Word("emergency.review_lead")}, Action: EmergencyOne(uid(70)), Button: Word("emergency.review_go"), TestID: "emergency-review",
		Back:   Link{Word("sheet.record"), JournalAct(uid(70))},
		Fields: []Field{{Name: "finding", Label: Word("emergency.finding"), Kind: "radios", Options: []Option{{Value: "right", Text: Word("emergency.finding_right")}, {Value: "wrong", Text: Word("emergency.finding_wrong"), Selected: true}}}},
		Reason: &DecideForm{TextRequired: true}, Errors: map[string]string{"finding": "Choose"}}
}

func leaverOf() LeaverPage {
	return LeaverPage{Person: somebody(0), State: Badge{ToneGood, "active"}, NotShown: []string{Word("leaver.no_access")}, Form: DecideForm{TextRequired: true, LastReason: "Left"},
		Items: []LeaverItem{{ID: uid(1), Role: branch, Scope: bankOne, Ticked: true}, {ID: uid(2), Role: readUser, Scope: system, Request: true}, {ID: uid(3), Role: RoleView{Short: hostile}, Scope: Scope{BankID: "x", Name: hostile}, Ticked: true}}}
}

func refusedLeaver() LeaverPage {
	p := leaverOf()
	p.Person, p.RequestsWhy, p.Refusal, p.Form.Errors = hostilePerson(), new(problemOf("not_allowed")), Word("rule.own_leaver"), map[string]string{"": Word("rule.not_theirs")}
	return p
}

func leaverResultOf() BulkProgress {
	p := BulkProgress{ID: uid(80), Act: "leaver", Done: 1, Failed: 1, Pending: 1, Stopped: "The server takes too long.", Mine: true, Open: true, Record: JournalAct(uid(80)), Back: User(uid(0)), BackText: Word("user.back")}
	for i, code := range []string{"done", "failed", "pending"} {
		p.Rows = append(p.Rows, BulkResult{Person: somebody(0), Role: someRole(i), Scope: bankOne, State: Badge{ToneInfo, code}, Code: code, Why: []string{"", hostile, ""}[i], Href: []string{JournalAct(uid(81)), JournalAct(uid(82)), ""}[i]})
	}
	return p
}

func dauthOf() DAuthPage {
	return DAuthPage{Provider: "dauth.", Pick: pickRoleOf(), Banks: []Option{{Value: "rec.bank.one", Text: "First Bank"}}, Form: DecideForm{TextRequired: true}}
}

func refusedDAuth() DAuthPage {
	p := dauthOf()
	p.Provider, p.Username, p.Problem = hostile, hostile, new(problemOf("not_allowed"))
	p.Form.Errors = map[string]string{"provider": Word("dauth.provider_wrong"), "username": "Missing", "role": Word("ask.role_missing"), "bank": Word("ask.bank_missing"), "reason": Word("grant.reason")}
	return p
}

func reviewsOf() ReviewsPage {
	line := ReviewLine{Href: Review(uid(7), ReviewQuery{}), Scope: "Everything", Kind: "Access review", Who: somebody(1), When: at("3 days", 0), State: Badge{ToneWarn, "open"}, Left: 4, Of: 12}
	signed := line
	signed.State, signed.Scope = Badge{ToneGood, "signed"}, hostile
	return ReviewsPage{Open: []ReviewLine{line}, Signed: []ReviewLine{signed}, Scopes: []Option{{Value: "all", Text: "Everything", Selected: true}, {Value: "bank:rec.bank.one", Text: "First Bank"}}, Based: []string{"Everything"}}
}

// reviewRowOf is a row in one of its states: plain, flagged, decided, one's own.
func reviewRowOf(n int) ReviewRow {
	r := ReviewRow{Pos: n, Person: somebody(n), Role: someRole(n), Scope: bankOne, Code: "pending", Href: ReviewRowAt(uid(7), n, ReviewQuery{})}
	switch n {
	case 0:
		r.By, r.Record, r.Since = "tom.baker", JournalAct(uid(8)), at("9 days", 0)
	case 1:
		r.Flagged, r.Flags = true, []Badge{{ToneBad, "not through this console"}, {ToneWarn, "high risk"}}
	case 2:
		r.Code, r.State, r.Why, r.Decided, r.Entry = "revoked", Badge{ToneInfo, "revoked"}, "Moved on", "tom.baker, 2026-11-23 18:02", 41
	case 3:
		r.Own = true
	}
	return r
}

func reviewOf(n int) ReviewPage {
	p := ReviewPage{ID: uid(7), Scope: "Everything", Query: ReviewQuery{Text: "marta", Page: 2}, Who: somebody(1), When: at("3 days", 0), Base: "the baseline of 2026-11-01", Cut: cutOf(n), Unread: []string{"System"}, Kept: 3, Revoked: 1, Failed: 1, Left: 7, Of: 12, Groupable: 5, Open: true,
		MaySign: n == 0, SignWhy: "7 rows are open.", Record: JournalAct(uid(7)), Shows: []Option{{Value: "all", Text: "All"}}}
	for i := range n {
		p.Rows = append(p.Rows, reviewRowOf(i))
	}
	if n > 0 {
		p.New = n - 1
		p.Gone, p.Problem = []ReviewRow{reviewRowOf(0)}, new(problemOf("not_allowed"))
	}
	return p
}

func signedReview() ReviewPage {
	p := reviewOf(3)
	p.Open, p.MaySign, p.Problem = false, false, nil
	p.Signed = &ReviewSigned{Who: somebody(2), When: at("a day", 0), Entry: 44, Digest: "9f86d081884c7d65", Chain: Notice{Tone: ToneGood, Text: "The journal is intact to entry 44."}}
	return p
}

func refusedReviewRow() ReviewRowPage {
	p := ReviewRowPage{ID: uid(7), Scope: hostile, Row: reviewRowOf(1), Failed: new(problemOf("not_allowed"))}
	p.Form = DecideForm{Reason: hostile, Errors: map[string]string{"reason": "A flagged row needs a reason."}}
	return p
}

func evidenceOf() EvidencePage {
	entries := []EvidenceEntry{{N: 41, Kind: "intent", Hash: "9f86d081884c7d65"}, {N: 42, Kind: "outcome", Hash: "60303ae22b998861"}}
	return EvidencePage{Person: somebody(0), Role: branch, Scope: bankOne, Now: Badge{ToneGood, "held"}, Chain: Notice{Tone: ToneGood, Text: "The journal is intact to entry 44."}, Made: at("", 0), Maker: somebody(1), Server: "obp.example.com", Hidden: 1, More: true,
		Rows: []EvidenceRow{{Act: actRow(0), Facts: []Fact{{Name: "Ticket", Value: "HR-7"}}, Entries: entries}, {Act: actRow(1), Entries: entries[:1]}}}
}

func hostileEvidence() EvidencePage {
	p := evidenceOf()
	p.Person, p.Role, p.Scope.Name, p.NowWhy, p.Server = hostilePerson(), hostileRole(), hostile, hostile, hostile
	p.Rows[0].Act.Reason, p.Rows[0].Act.Href, p.Rows[0].Entries[0].Hash = hostile, "javascript:alert(1)", hostile
	return p
}
