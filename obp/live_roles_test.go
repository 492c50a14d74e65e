package obp_test

import (
	"slices"

	"obpconsole/obp"
)

func (l *live) roles(anna, bella, nora *obp.API) {
	ctx, bank, noraID := l.t.Context(), l.bank, l.ids[noraAt]
	given, err := anna.CreateEntitlement(ctx, noraID, "CanCreateBranch", bank)
	l.ok(err)
	_, err = anna.CreateEntitlement(ctx, noraID, "CanCreateBranch", bank)
	l.kind(err, obp.KindAlreadyHeld)
	_, err = nora.CreateEntitlement(ctx, noraID, "CanGetAnyUser", "")
	l.kind(err, obp.KindMissingRole)
	_, err = anna.CreateEntitlement(ctx, nobody, "CanCreateBranch", bank)
	l.kind(err, obp.KindNotFound)
	has := func(list []obp.Entitlement, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(e obp.Entitlement) bool { return e.EntitlementID == given.EntitlementID }), list)
	}
	has(anna.UserEntitlements(ctx, noraID))
	has(bella.UserBankEntitlements(ctx, bank, noraID))
	has(bella.BankEntitlements(ctx, bank))
	has(nora.MyEntitlements(ctx))
	has(anna.AllEntitlements(ctx))
	has(anna.RoleHolders(ctx, "CanCreateBranch"))
	l.ok(anna.DeleteEntitlement(ctx, noraID, given.EntitlementID))
	l.kind(anna.DeleteEntitlement(ctx, noraID, given.EntitlementID), obp.KindNotFound)
	supers, err := anna.UserEntitlements(ctx, l.ids[susanAt])
	l.ok(err)
	l.true(supers[len(supers)-1].IsSuperAdmin(), supers)
	dauth, err := anna.CreateDAuthUserWithRoles(ctx, fresh("0x"), "dauth.ETHEREUM", []obp.RoleAtBank{{BankID: bank, RoleName: "CanCreateBranch"}})
	l.ok(err)
	l.true(len(dauth) == 1 && dauth[0].UserID != "", dauth)
}

func (l *live) requests(anna, nora *obp.API) {
	ctx, bank, noraID := l.t.Context(), l.bank, l.ids[noraAt]
	asked, err := nora.CreateEntitlementRequest(ctx, "CanCreateAtm", bank)
	l.ok(err)
	_, err = nora.CreateEntitlementRequest(ctx, "CanCreateAtm", bank)
	l.kind(err, obp.KindAlreadyAsked)
	open := func(list []obp.EntitlementRequest, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(r obp.EntitlementRequest) bool {
			return r.EntitlementRequestID == asked.EntitlementRequestID && r.User.UserID == noraID && r.Held() == 0
		}), list)
	}
	open(anna.EntitlementRequests(ctx))
	open(anna.UserEntitlementRequests(ctx, noraID))
	open(nora.MyEntitlementRequests(ctx))
	_, err = nora.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.kind(err, obp.KindMissingRole)
	closed, err := anna.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.ok(err)
	l.true(closed)
	_, err = anna.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.kind(err, obp.KindNotFound)
}
