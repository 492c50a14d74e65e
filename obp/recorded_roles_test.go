package obp

import (
	"slices"
	"testing"
	"time"
)

// Roles and requests, as a real server answered.
func TestRecordedRoles(t *testing.T) {
	play(t, []recording{
		{"roles", recorded(t, "04-entitlements", "GET /roles"),
			func(a *API, ctx ctx) (any, error) {
				r, err := a.Roles(ctx)
				return then(r, err, func(r []Role) any { return r[:1] })
			}, []Role{{"CanAddKycCheck", true}}, 0},
		{"grant", recorded(t, "04-entitlements", "POST /users/"+felix+"/entitlements"),
			func(a *API, ctx ctx) (any, error) { return a.CreateEntitlement(ctx, felix, "CanCreateBranch", bank1) },
			Entitlement{EntitlementID: "id-e1", RoleName: "CanCreateBranch", BankID: bank1}, 0},
		{"grant again", recorded(t, "04-entitlements", "400 POST /users/"+felix+"/entitlements"),
			func(a *API, ctx ctx) (any, error) { return a.CreateEntitlement(ctx, felix, "CanCreateBranch", bank1) }, nil, KindAlreadyHeld},
		{"grant without right", recorded(t, "04-entitlements", "403 POST /users/"+felix+"/entitlements"),
			func(a *API, ctx ctx) (any, error) { return a.CreateEntitlement(ctx, felix, "CanCreateAtm", bank1) }, nil, KindMissingRole},
		{"roles of a super admin", recorded(t, "04-entitlements", "GET /users/"+susan+"/entitlements"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.UserEntitlements(ctx, susan)
				return then(l, err, func(l []Entitlement) any {
					return []any{l[len(l)-1].RoleName, l[len(l)-1].IsSuperAdmin(), l[0].IsSuperAdmin()}
				})
			}, []any{"SuperAdmin", true, false}, 0},
		{"roles of nobody", recorded(t, "04-entitlements", "GET /users/"+nobody+"/entitlements"),
			func(a *API, ctx ctx) (any, error) { return a.UserEntitlements(ctx, nobody) }, []Entitlement{}, 0},
		{"roles at a bank of a person", recorded(t, "04-entitlements", "GET /banks/rec.bank.one/users/"+felix+"/entitlements"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.UserBankEntitlements(ctx, bank1, felix)
				return names(l), err
			}, []string{"CanCreateBranch@" + bank1}, 0},
		{"roles at a bank", recorded(t, "04-entitlements", "GET /banks/rec.bank.one/entitlements"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.BankEntitlements(ctx, bank1)
				return then(l, err, func(l []Entitlement) any { return l[0] })
			}, Entitlement{EntitlementID: "id-e1", RoleName: "CanCreateBranch", BankID: bank1, UserID: felix}, 0},
		{"my roles", recorded(t, "04-entitlements", "GET /my/entitlements"),
			func(a *API, ctx ctx) (any, error) { l, err := a.MyEntitlements(ctx); return names(l), err },
			[]string{"CanGetAnyUser@", "CanCreateBranch@" + bank1}, 0},
		{"everybody's roles", recorded(t, "04-entitlements", "GET /entitlements"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.AllEntitlements(ctx)
				return then(l, err, func(l []Entitlement) any { return l[0] })
			}, Entitlement{EntitlementID: "id-e4", RoleName: "CanCreateBank", UserID: robert, Username: "robert.jones"}, 0},
		{"holders of a role", at(0, "/entitlements?role=CanCreateBank", recorded(t, "04-entitlements", "GET /entitlements")),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.RoleHolders(ctx, "CanCreateBank")
				return len(l) > 0, err
			}, true, 0},
		{"revoke", recorded(t, "04-entitlements", "204 DELETE /users/"+felix+"/entitlement/id-e1"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteEntitlement(ctx, felix, "id-e1") }, nil, 0},
		{"revoke again", recorded(t, "04-entitlements", "404 DELETE /users/"+felix+"/entitlement/id-e1"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteEntitlement(ctx, felix, "id-e1") }, nil, KindNotFound},
		{"revoke another's", recorded(t, "04-entitlements", "400 DELETE /users/"+obrien+"/entitlement/id-e2"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteEntitlement(ctx, obrien, "id-e2") }, nil, KindNotFound},
		{"DAuth user with roles", recorded(t, "04-entitlements", "POST /user-entitlements"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CreateDAuthUserWithRoles(ctx, "0xabc", "dauth.ETHEREUM", []RoleAtBank{{bank1, "CanCreateBranch"}, {"", "CanGetAnyUser"}})
				got := names(l)
				slices.Sort(got)
				return got, err
			}, []string{"CanCreateBranch@" + bank1, "CanGetAnyUser@"}, 0},

		{"ask for a role", recorded(t, "05-entitlement-requests", "POST /entitlement-requests"),
			func(a *API, ctx ctx) (any, error) {
				r, err := a.CreateEntitlementRequest(ctx, "CanCreateAtm", bank1)
				return then(r, err, func(r EntitlementRequest) any { return []any{r.RoleName, r.BankID, r.User.UserID, r.Created} })
			}, []any{"CanCreateAtm", bank1, felix, time.Date(2026, 11, 23, 23, 36, 18, 0, time.UTC)}, 0},
		{"ask again", recorded(t, "05-entitlement-requests", "400 POST /entitlement-requests"),
			func(a *API, ctx ctx) (any, error) { return a.CreateEntitlementRequest(ctx, "CanCreateAtm", bank1) }, nil, KindAlreadyAsked},
		{"the queue", recorded(t, "05-entitlement-requests", "GET /entitlement-requests"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.EntitlementRequests(ctx)
				return then(l, err, func(l []EntitlementRequest) any { return l[0].id() })
			}, "72e78895-b162-4c6e-bbbe-1d0d1fd70be0", 0},
		{"requests of nobody", recorded(t, "05-entitlement-requests", "GET /users/"+nobody+"/entitlement-requests"),
			func(a *API, ctx ctx) (any, error) { return a.UserEntitlementRequests(ctx, nobody) }, []EntitlementRequest{}, 0},
		{"my requests", recorded(t, "05-entitlement-requests", "GET /my/entitlement-requests"),
			func(a *API, ctx ctx) (any, error) { l, err := a.MyEntitlementRequests(ctx); return len(l) > 0, err }, true, 0},
		{"close", recorded(t, "05-entitlement-requests", "DELETE /entitlement-requests/id-q1"),
			func(a *API, ctx ctx) (any, error) { return a.DeleteEntitlementRequest(ctx, "id-q1") }, true, 0},
		{"close again", recorded(t, "05-entitlement-requests", "400 DELETE /entitlement-requests/id-q1"),
			func(a *API, ctx ctx) (any, error) { return a.DeleteEntitlementRequest(ctx, "id-q1") }, nil, KindNotFound},
	})
}
