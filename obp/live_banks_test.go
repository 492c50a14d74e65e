package obp_test

import (
	"slices"

	"obpconsole/obp"
)

func (l *live) views(felix, nora *obp.API, robertID string) {
	ctx := l.t.Context()
	bank, account := l.bank, l.account
	views, err := felix.AccountViews(ctx, bank, account)
	l.ok(err)
	l.true(slices.ContainsFunc(views, func(v obp.View) bool { return v.ID == "owner" && slices.Contains(v.CanGrant, "auditor") }), views)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "auditor")
	l.ok(err)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "auditor") // again is harmless
	l.ok(err)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "_nosuch")
	l.true(err != nil)
	_, err = nora.GrantAccess(ctx, bank, account, robertID, "auditor")
	l.kind(err, obp.KindNoView)
	held, err := felix.UserPermissions(ctx, bank, account, l.world.Provider, l.names[robertAt])
	l.ok(err)
	l.true(len(held) == 1 && held[0].ID == "auditor" && held[0].IsSystem, held)
	all, err := felix.AccountPermissions(ctx, bank, account)
	l.ok(err)
	l.true(slices.ContainsFunc(all, func(p obp.Permission) bool { return p.User.ProviderID == l.names[robertAt] }), all)
	_, err = nora.AccountPermissions(ctx, bank, account)
	l.kind(err, obp.KindNoView)
	l.ok(felix.RevokeAccess(ctx, bank, account, robertID, "auditor"))
	l.kind(felix.RevokeAccess(ctx, bank, account, robertID, "auditor"), obp.KindNotFound)
	known, err := felix.AccountViews(ctx, bank, l.second)
	l.ok(err)
	_, err = felix.ReplaceMyAccess(ctx, bank, l.second, known, []string{"owner", "auditr"})
	l.kind(err, obp.KindInvalid)
	mine, err := felix.ReplaceMyAccess(ctx, bank, l.second, known, []string{"owner", "auditor"})
	l.ok(err)
	l.true(len(mine.ViewIDs) == 2 && mine.Unread == nil, mine)
	granted, err := felix.CreateDAuthUserWithAccess(ctx, bank, account, fresh("0x"), "dauth.ETHEREUM", []string{"auditor"})
	l.ok(err)
	l.true(len(granted) == 1 && granted[0].ID == "auditor", granted)
	has := func(list []obp.Account, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(a obp.Account) bool { return a.ID == account }), list)
	}
	has(felix.MyAccounts(ctx))
	has(felix.BankAccounts(ctx, bank))
	has(felix.PrivateAccounts(ctx, bank))
	has(felix.AccountsHeld(ctx, bank))
	ids, err := felix.PrivateAccountIDs(ctx, bank)
	l.ok(err)
	l.true(slices.Contains(ids, account), ids)
	detail, err := felix.MyAccount(ctx, bank, account)
	l.ok(err)
	l.true(detail.ID == account, detail)
	detail, err = felix.AccountByView(ctx, bank, account, "owner")
	l.ok(err)
	l.true(len(detail.Owners) == 1, detail)
	_, err = nora.AccountByView(ctx, bank, account, "owner")
	l.kind(err, obp.KindNoView)
}

func (l *live) customers(felix, bella, carl, susan *obp.API, obrienID string) {
	ctx := l.t.Context()
	bank := l.bank
	var all, keys []string
	for offset, more := 0, true; more; offset += 2 {
		p, err := carl.Customers(ctx, obp.CustomerQuery{Offset: offset, Limit: 2})
		l.ok(err)
		k, err := carl.CustomerKeys(ctx, obp.CustomerQuery{Offset: offset, Limit: 2})
		l.ok(err)
		for i, c := range p.Rows {
			all, keys = append(all, c.CustomerID), append(keys, k.Rows[i].CustomerID)
		}
		more = p.More
	}
	for _, c := range l.world.Customers {
		l.true(slices.Contains(all, c.CustomerID) && slices.Contains(keys, c.CustomerID), c, all)
	}
	l.true(len(all) == len(slices.Compact(slices.Sorted(slices.Values(all)))), all)
	p, err := bella.BankCustomers(ctx, bank, obp.CustomerQuery{Limit: 3})
	l.ok(err)
	l.true(len(p.Rows) == 3 && p.More, p)
	k, err := bella.BankCustomerKeys(ctx, bank, obp.CustomerQuery{})
	l.ok(err)
	l.true(len(k.Rows) > 3 && !k.More, k)
	_, err = bella.BankCustomers(ctx, l.otherBank, obp.CustomerQuery{})
	l.kind(err, obp.KindMissingRole)
	own, err := felix.CurrentUserCustomers(ctx)
	l.ok(err)
	older, err := felix.MyCustomers(ctx)
	l.ok(err)
	at, err := felix.MyBankCustomers(ctx, bank)
	l.ok(err)
	l.true(len(own) > 0 && len(older) == len(own) && len(at) > 0 && own[0].DateOfBirth == older[0].DateOfBirth, own, older, at)
	one, err := bella.CustomerByID(ctx, bank, own[0].CustomerID)
	l.ok(err)
	same, err := bella.CustomerByNumber(ctx, bank, one.CustomerNumber)
	l.ok(err)
	l.true(same.CustomerID == one.CustomerID, same)
	_, err = bella.CustomerByNumber(ctx, bank, "no-such-number")
	l.kind(err, obp.KindNotFound)

	tied, err := bella.CreateCustomerLink(ctx, bank, obrienID, one.CustomerID)
	l.ok(err)
	_, err = bella.CreateCustomerLink(ctx, bank, obrienID, one.CustomerID)
	l.kind(err, obp.KindExists)
	has := func(list []obp.CustomerLink, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(k obp.CustomerLink) bool { return k.ID == tied.ID && k.IsActive }), list)
	}
	has(bella.UserCustomerLinks(ctx, bank, obrienID))
	has(bella.CustomerLinks(ctx, bank, one.CustomerID))
	people, err := bella.CorrelatedUsers(ctx, bank, one.CustomerID)
	l.ok(err)
	l.true(slices.ContainsFunc(people.Users, func(u obp.UserWithAttributes) bool { return u.UserID == obrienID }), people)
	l.ok(bella.DeleteCustomerLink(ctx, bank, tied.ID))
	l.kind(bella.DeleteCustomerLink(ctx, bank, tied.ID), obp.KindNotFound)
	for _, role := range []string{"CanGetAccountsMinimalForCustomerAtAnyBank", "CanGetSystemView"} {
		e, err := susan.CreateEntitlement(ctx, l.ids[susanAt], role, "")
		l.ok(err)
		defer func() { l.ok(l.as[annaAt].DeleteEntitlement(ctx, l.ids[susanAt], e.EntitlementID)) }()
	}
	access, err := susan.CustomerAccounts(ctx, one.CustomerID)
	l.ok(err)
	l.true(len(access) > 0, access)
	system, err := susan.SystemViewIDs(ctx)
	l.ok(err)
	view, err := susan.SystemView(ctx, system[0])
	l.ok(err)
	l.true(view.ID == system[0] && view.IsSystem, view)
	_, err = susan.SystemView(ctx, "nosuchview")
	l.kind(err, obp.KindNotFound)
}

func (l *live) mine(felix, carl *obp.API, felixID string) {
	ctx := l.t.Context()
	bank := l.bank
	made, err := carl.CreateAuthContext(ctx, felixID, "PASSPORT", "X-123")
	l.ok(err)
	list, err := carl.AuthContexts(ctx, felixID)
	l.ok(err)
	l.true(slices.ContainsFunc(list, func(c obp.AuthContext) bool { return c.ID == made.ID && c.Value == "X-123" }), list)
	l.kind(carl.DeleteAuthContext(ctx, l.ids[robertAt], list, made.ID), obp.KindNotFound)
	l.ok(carl.DeleteAuthContext(ctx, felixID, list, made.ID))
	left, err := carl.AuthContexts(ctx, felixID)
	l.ok(err)
	l.kind(carl.DeleteAuthContext(ctx, felixID, left, made.ID), obp.KindNotFound)
	l.ok(carl.DeleteAuthContexts(ctx, felixID))
	_, err = carl.AuthContexts(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	customers, err := felix.MyBankCustomers(ctx, bank)
	l.ok(err)
	c, err := felix.StartChallenge(ctx, bank, obp.SCASMS, "CUSTOMER_NUMBER", customers[0].CustomerNumber)
	l.ok(err)
	l.true(c.Status == obp.ChallengeInitiated, c)
	c, err = felix.AnswerChallenge(ctx, bank, c.ID, "00000000")
	l.ok(err)
	l.true(c.Status == obp.ChallengeRejected, c)
	_, err = felix.AnswerChallenge(ctx, bank, nobody, "1")
	l.kind(err, obp.KindNotFound)

	a, err := felix.CreateMyAttribute(ctx, "BATTERY_LEVEL", obp.AttributeString, "90")
	l.ok(err)
	own, err := felix.MyAttributes(ctx)
	l.ok(err)
	a, err = felix.UpdateMyAttribute(ctx, own, a.ID, "BATTERY_LEVEL", obp.AttributeString, "12")
	l.ok(err)
	carls, err := carl.MyAttributes(ctx)
	l.ok(err)
	_, err = carl.UpdateMyAttribute(ctx, carls, a.ID, "BATTERY_LEVEL", obp.AttributeString, "0")
	l.kind(err, obp.KindNotFound)
	own, err = felix.MyAttributes(ctx)
	l.ok(err)
	seen, err := carl.UserAttributes(ctx, felixID)
	l.ok(err)
	l.true(slices.Contains(own, a) && slices.Contains(seen.Attributes, a) && a.Value == "12", own, seen)
}

func (l *live) newer(susan, anna *obp.API, felixID string) {
	ctx := l.t.Context()
	served, err := susan.Newer(ctx)
	l.ok(err)
	if !served {
		l.t.Log("the server does not serve v5.1.0")
		return
	}
	for _, role := range []string{"CanSeeAccountAccessForAnyUser", "CanGetAnyUser", "CanReadUserLockedStatus", "CanGetNonPersonalUserAttributes"} {
		e, err := susan.CreateEntitlement(ctx, l.ids[susanAt], role, "")
		l.ok(err)
		defer func() { l.ok(anna.DeleteEntitlement(ctx, l.ids[susanAt], e.EntitlementID)) }()
	}
	access, err := susan.UserAccess(ctx, felixID)
	l.ok(err)
	l.true(len(access) > 0, access)
	_, err = susan.UserAccess(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	u, err := anna.UserWithAccess(ctx, felixID)
	l.ok(err)
	l.true(len(u.Views.List) == len(access), u)
	u, err = susan.UserByProvider(ctx, l.world.Provider, l.names[felixAt])
	l.ok(err)
	l.true(u.UserID == felixID, u)
	s, err := susan.LockStatusByProvider(ctx, l.world.Provider, l.names[felixAt])
	l.ok(err)
	l.true(s.Username == l.names[felixAt], s)
	_, err = susan.NonPersonalAttributes(ctx, felixID)
	l.ok(err)
}
