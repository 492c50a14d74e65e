package obp

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	felix   = "98fb03d6-a48c-42d5-8ef2-ce09f8988f81"
	robert  = "4119b9c4-6672-4235-b7cd-14a1fece49f3"
	susan   = "5ace17e0-8c7c-4e71-9d8a-506e64fa2a58"
	nora    = "957eecbb-2d07-41ef-a535-b3ac376efd9a"
	obrien  = "d489d935-7541-4b78-9603-1ddcebbedac2"
	nobody  = "00000000-0000-4000-8000-000000000000"
	bank1   = "rec.bank.one"
	acc1    = "acc-felix-1"
	local   = "http://127.0.0.1:8090"
	felixC  = "860c6d16-55e6-48a7-ba14-da8666938c1c"
	robertC = "43b1e7c4-a4d9-4747-84fc-c8cf6d193fe1"
	obrienC = "5a4041b6-ee69-4ec0-b770-f62c846f7a12"
)

type ctx = context.Context

// at gives the exchanges with the path of the i-th changed.
func at(i int, path string, x []exchange) []exchange {
	x[i].Request.Path = path
	return x
}

func names(r []Entitlement) []string {
	return mapped(r, func(e Entitlement) string { return e.RoleName + "@" + e.BankID })
}

func viewIDs(v []View) []string { return mapped(v, func(v View) string { return v.ID }) }

func ids[T row](v []T) []string { return mapped(v, func(v T) string { return v.id() }) }

// then gives f of a result, and passes an error on.
func then[T, U any](v T, err error, f func(T) U) (any, error) {
	if err != nil {
		return nil, err
	}
	return f(v), nil
}

// Each method reads the answers that a real server gave.
func TestRecorded(t *testing.T) {
	type fn = func(*API, ctx) (any, error)
	at1 := time.Date(2026, 11, 23, 23, 36, 9, 0, time.UTC)
	berlin := []string{"ReadAccountsBerlinGroup", "ReadBalancesBerlinGroup", "ReadTransactionsBerlinGroup"}
	felixViews := append(append([]string{"ManageCustomViews"}, berlin...), "owner")
	for _, c := range []struct {
		name string
		x    []exchange
		call fn
		want any
		kind Kind // of the refusal; KindOther: success
	}{
		{"current user", recorded(t, "01-session", "200 GET /users/current"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.CurrentUser(ctx)
				return then(u, err, func(u User) any { return []any{u.UserID, u.Email, len(u.Views.List), u.Views.List[1]} })
			}, []any{felix, "felix_smith@example.com", 10, Access{bank1, acc1, "owner"}}, 0},
		{"bad token", recorded(t, "01-session", "400 GET /users/current"),
			func(a *API, ctx ctx) (any, error) { return a.CurrentUser(ctx) }, nil, KindSignedOut},
		{"current id", recorded(t, "01-session", "GET /users/current/user_id"),
			func(a *API, ctx ctx) (any, error) { return a.CurrentUserID(ctx) }, felix, 0},
		{"logout link", recorded(t, "01-session", "GET /users/current/logout-link"),
			func(a *API, ctx ctx) (any, error) { return a.LogoutLink(ctx) }, local + "/user_mgt/logout", 0},
		{"no spaces", recorded(t, "01-session", "GET /my/spaces"),
			func(a *API, ctx ctx) (any, error) { return a.MySpaces(ctx) }, []string{}, 0},
		{"root", recorded(t, "01-session", "GET /root"),
			func(a *API, ctx ctx) (any, error) {
				r, err := a.Root(ctx)
				return then(r, err, func(r Root) any {
					return []string{r.Version, r.VersionStatus, r.LocalIdentityProvider, r.HostedBy.Organisation}
				})
			}, []string{"v5.0.0", "STABLE", local, "TESOBE"}, 0},
		{"banks", recorded(t, "01-session", "GET /banks"),
			func(a *API, ctx ctx) (any, error) {
				b, err := a.Banks(ctx)
				return then(b, err, func(b []Bank) any { return b[:1] })
			}, []Bank{{ID: "obp.default", ShortName: "OBP", FullName: "OBP_DEFAULT_BANK",
				Routings: []Routing{{"OBP", "obp1"}}, Attributes: []BankAttribute{}}}, 0},
		{"bank, with bank_code", recorded(t, "01-session", "GET /banks/rec.bank.one"),
			func(a *API, ctx ctx) (any, error) { return a.Bank(ctx, bank1) },
			Bank{ID: bank1, ShortName: "RB1", FullName: "Recorded Bank One", Logo: "https://static.example.com/logo.png", Website: "https://www.example.com",
				Routings: []Routing{{"BIC", ""}, {"OBP", bank1}}, Attributes: []BankAttribute{}}, 0},
		{"no bank", recorded(t, "01-session", "GET /banks/no.such.bank"),
			func(a *API, ctx ctx) (any, error) { return a.Bank(ctx, "no.such.bank") }, nil, KindNotFound},

		{"user by id", recorded(t, "02-users", "GET /users/user_id/"+felix),
			func(a *API, ctx ctx) (any, error) { return a.UserByID(ctx, felix) },
			User{UserID: felix, Email: "felix_smith@example.com", ProviderID: "felix.smith", Provider: local, Username: "felix.smith",
				Entitlements: EntitlementList{[]Entitlement{}}, Agreements: []Agreement{}}, 0},
		{"no user by id, as 400", recorded(t, "02-users", "GET /users/user_id/"+nobody),
			func(a *API, ctx ctx) (any, error) { return a.UserByID(ctx, nobody) }, nil, KindNotFound},
		{"user by name", recorded(t, "02-users", "GET /users/username/o.brien%40example.com"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserByUsername(ctx, "o.brien@example.com")
				return u.Username, err
			}, "o.brien@example.com", 0},
		{"no user by name", recorded(t, "02-users", "GET /users/username/no.such.user"),
			func(a *API, ctx ctx) (any, error) { return a.UserByUsername(ctx, "no.such.user") }, nil, KindNotFound},
		{"users by e-mail", recorded(t, "02-users", "GET /users/email/felix_smith%40example.com/terminator"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UsersByEmail(ctx, "felix_smith@example.com")
				return ids(u), err
			}, []string{felix}, 0},
		{"nobody by e-mail", recorded(t, "02-users", "GET /users/email/nobody%40example.com/terminator"),
			func(a *API, ctx ctx) (any, error) { return a.UsersByEmail(ctx, "nobody@example.com") }, []User{}, 0},
		{"users without the role", at(0, "/users?limit=51&offset=0", recorded(t, "02-users", "403 GET /users")),
			func(a *API, ctx ctx) (any, error) { return a.Users(ctx, UserQuery{}) }, nil, KindMissingRole},
		{"deleted users", at(1, "/users?is_deleted=true&limit=11&offset=0", recorded(t, "02-users", "GET /users?is_deleted=true", "GET /users?is_deleted=true"))[1:],
			func(a *API, ctx ctx) (any, error) {
				p, err := a.Users(ctx, UserQuery{Deleted: true, Limit: 10})
				return then(p, err, func(p Page[User]) any {
					return []any{ids(p.Rows), p.Rows[0].Deleted(), p.More}
				})
			}, []any{[]string{"id-greta"}, true, false}, 0},
		{"create user", recorded(t, "02-users", "POST /users"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.CreateUser(ctx, NewUser{"greta@example.com", "greta.green", "Str0ng!Passw0rd", "Greta", "Green"})
				return u.Username, err
			}, "greta.green", 0},
		{"refresh", recorded(t, "02-users", "POST /users/"+felix+"/refresh"),
			func(a *API, ctx ctx) (any, error) { return a.RefreshUser(ctx, felix) }, "23 ms", 0},
		{"refresh nobody", recorded(t, "02-users", "POST /users/"+nobody+"/refresh"),
			func(a *API, ctx ctx) (any, error) { return a.RefreshUser(ctx, nobody) }, nil, KindNotFound},
		{"delete nobody", recorded(t, "02-users", "DELETE /users/"+nobody),
			func(a *API, ctx ctx) (any, error) { return a.DeleteUser(ctx, nobody) }, nil, KindNotFound},

		{"lock status", recorded(t, "03-locks", "GET /users/felix.smith/lock-status"),
			func(a *API, ctx ctx) (any, error) { return a.LockStatus(ctx, "felix.smith") }, LockStatus{"felix.smith", 0, at1}, 0},
		{"lock without the role", recorded(t, "03-locks", "403 POST /users/felix.smith/locks"),
			func(a *API, ctx ctx) (any, error) { return a.Lock(ctx, "felix.smith") }, nil, KindMissingRole},
		{"unlock nobody", recorded(t, "03-locks", "404 PUT /users/no.such.user/lock-status"),
			func(a *API, ctx ctx) (any, error) { return a.Unlock(ctx, "no.such.user") }, nil, KindNotFound},

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

		{"permissions, old shape", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts/acc-felix-1/permissions"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.AccountPermissions(ctx, bank1, acc1)
				return then(l, err, func(l []Permission) any {
					return []any{l[0].User, viewIDs(l[0].Views), l[0].Views[0].IsSystem}
				})
			}, []any{AccountUser{"felix.smith", local, "felix_smith@example.com"}, felixViews, true}, 0},
		{"permissions without a view", recorded(t, "06-views", "400 GET /banks/rec.bank.one/accounts/acc-felix-1/permissions"),
			func(a *API, ctx ctx) (any, error) { return a.AccountPermissions(ctx, bank1, acc1) }, nil, KindNoView},
		{"permissions of no account", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts/no-such/permissions"),
			func(a *API, ctx ctx) (any, error) { return a.AccountPermissions(ctx, bank1, "no-such") }, nil, KindNotFound},
		{"permissions of one", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts/acc-felix-1/permissions/http%3A%2F%2F127.0.0.1%3A8090/felix.smith"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.UserPermissions(ctx, bank1, acc1, local, "felix.smith")
				return viewIDs(l), err
			}, felixViews, 0},
		{"grant access", recorded(t, "06-views", "POST /banks/rec.bank.one/accounts/acc-felix-1/account-access/grant"),
			func(a *API, ctx ctx) (any, error) {
				v, err := a.GrantAccess(ctx, bank1, acc1, robert, "auditor")
				return then(v, err, func(v View) any { return []any{v.ID, v.IsSystem, slices.Contains(v.Can, "can_see_tags")} })
			}, []any{"auditor", true, true}, 0},
		{"revoke access", recorded(t, "06-views", "POST /banks/rec.bank.one/accounts/acc-felix-1/account-access/revoke"),
			func(a *API, ctx ctx) (any, error) { return nil, a.RevokeAccess(ctx, bank1, acc1, robert, "auditor") }, nil, 0},
		{"revoke access again", recorded(t, "06-views", "400 POST /banks/rec.bank.one/accounts/acc-felix-1/account-access/revoke"),
			func(a *API, ctx ctx) (any, error) { return nil, a.RevokeAccess(ctx, bank1, acc1, robert, "auditor") }, nil, KindNotFound},
		{"DAuth user with access", recorded(t, "06-views", "POST /banks/rec.bank.one/accounts/acc-felix-1/user-account-access"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CreateDAuthUserWithAccess(ctx, bank1, acc1, "0xabc", "dauth.ETHEREUM", []string{"auditor"})
				return viewIDs(l), err
			}, []string{"auditor"}, 0},
		{"DAuth user without right", recorded(t, "06-views", "403 POST /banks/rec.bank.one/accounts/acc-felix-1/user-account-access"),
			func(a *API, ctx ctx) (any, error) {
				return a.CreateDAuthUserWithAccess(ctx, bank1, acc1, "0xabc", "dauth.ETHEREUM", []string{"auditor"})
			}, nil, KindNoView},
		{"views of an account", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts/acc-felix-1/views"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.AccountViews(ctx, bank1, acc1)
				return then(l, err, func(l []View) any { return []any{l[0].ID, l[0].CanGrant[:2], len(l[0].CanRevoke)} })
			}, []any{"owner", []string{"owner", "auditor"}, 17}, 0},
		{"my accounts", recorded(t, "06-views", "GET /my/accounts"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.MyAccounts(ctx)
				return then(l, err, func(l []Account) any { return l[1] })
			}, Account{ID: "acc-felix-2", BankID: bank1, Label: "Felix savings", Type: "1234BW", Routings: []Routing{{"AccountNumber", "44acc-felix-2"}},
				Views: []BasicView{{"auditor", "Auditor", "auditor", false}, {"owner", "Owner", "owner", false}}}, 0},
		{"accounts at a bank, a bare array", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.BankAccounts(ctx, bank1)
				return then(l, err, func(l []Account) any { return l[1] })
			}, Account{ID: "acc-felix-2", BankID: bank1, Label: "Felix savings", Views: []BasicView{{"auditor", "Auditor", "", false}, {"owner", "Owner", "", false}}}, 0},
		{"ids of accounts", recorded(t, "06-views", "GET /banks/rec.bank.one/accounts/account_ids/private"),
			func(a *API, ctx ctx) (any, error) { return a.PrivateAccountIDs(ctx, bank1) }, []string{acc1, "acc-felix-2"}, 0},
		{"my account", recorded(t, "06-views", "GET /my/banks/rec.bank.one/accounts/acc-felix-1/account"),
			func(a *API, ctx ctx) (any, error) { return a.MyAccount(ctx, bank1, acc1) },
			AccountDetail{ID: acc1, BankID: bank1, Label: "Felix current", Number: "7019698864", ProductCode: "1234BW", Balance: Amount{"EUR", "0.00"},
				Routings: []Routing{{"AccountNumber", "44acc-felix-1"}}, ViewIDs: felixViews}, 0},

		{"my customers, with attributes", recorded(t, "07-customers", "GET /users/current/customers"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CurrentUserCustomers(ctx)
				return then(l, err, func(l []Customer) any {
					return []any{l[0].LegalName, l[0].DateOfBirth, l[0].Title, l[0].LastOK.IsZero()}
				})
			}, []any{"Felix Smith", Date("1984-04-23"), "Dr.", true}, 0},
		{"my customers, older shape", recorded(t, "07-customers", "GET /my/customers"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.MyCustomers(ctx)
				return then(l, err, func(l []Customer) any {
					return []any{l[0].CustomerNumber, l[0].DateOfBirth, l[0].CreditLimit, l[0].KYCStatus}
				})
			}, []any{"C-0001", Date("1984-04-23"), Amount{"EUR", "10"}, true}, 0},
		{"customer by id", recorded(t, "07-customers", "GET /banks/rec.bank.one/customers/"+felixC),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.CustomerByID(ctx, bank1, felixC)
				return then(c, err, func(c Customer) any {
					return []any{c.id(), c.BankID, c.DateOfBirth, c.Attributes, c.CreditRating.Rating}
				})
			}, []any{felixC, bank1, Date("1984-04-23"), []CustomerAttribute{}, "OBP"}, 0},
		{"no customer", recorded(t, "07-customers", "GET /banks/rec.bank.one/customers/"+nobody),
			func(a *API, ctx ctx) (any, error) { return a.CustomerByID(ctx, bank1, nobody) }, nil, KindNotFound},
		{"customer by number", recorded(t, "07-customers", "POST /banks/rec.bank.one/customers/customer-number"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.CustomerByNumber(ctx, bank1, "C-0002")
				return c.CustomerID, err
			}, robertC, 0},
		{"link", recorded(t, "07-customers", "POST /banks/rec.bank.one/user_customer_links"),
			func(a *API, ctx ctx) (any, error) { return a.CreateCustomerLink(ctx, bank1, obrien, obrienC) },
			CustomerLink{"id-l1", obrienC, obrien, time.Date(2026, 11, 23, 23, 36, 28, 0, time.UTC), true}, 0},
		{"link again", recorded(t, "07-customers", "400 POST /banks/rec.bank.one/user_customer_links"),
			func(a *API, ctx ctx) (any, error) { return a.CreateCustomerLink(ctx, bank1, obrien, obrienC) }, nil, KindExists},
		{"links of a person", recorded(t, "07-customers", "GET /banks/rec.bank.one/user_customer_links/users/"+obrien),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.UserCustomerLinks(ctx, bank1, obrien)
				return ids(l), err
			}, []string{"8394bf64-703c-4ec7-a280-5c6831ae7982", "id-l1"}, 0},
		{"links of a customer", recorded(t, "07-customers", "GET /banks/rec.bank.one/user_customer_links/customers/"+obrienC),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CustomerLinks(ctx, bank1, obrienC)
				return ids(l), err
			}, []string{"id-l1"}, 0},
		{"unlink", recorded(t, "07-customers", "DELETE /banks/rec.bank.one/user_customer_links/id-l1"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteCustomerLink(ctx, bank1, "id-l1") }, nil, 0},
		{"unlink again, as 400", recorded(t, "07-customers", "400 DELETE /banks/rec.bank.one/user_customer_links/id-l1"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteCustomerLink(ctx, bank1, "id-l1") }, nil, KindNotFound},
		{"correlated users", recorded(t, "07-customers", "GET /banks/rec.bank.one/customers/"+felixC+"/correlated-users"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.CorrelatedUsers(ctx, bank1, felixC)
				return then(c, err, func(c CorrelatedUsers) any { return []string{c.Customer.CustomerID, c.Users[0].UserID} })
			}, []string{felixC, felix}, 0},

		{"create auth context", recorded(t, "08-auth-contexts", "POST /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.CreateAuthContext(ctx, felix, "CUSTOMER_NUMBER", "C-0001")
				return then(c, err, func(c AuthContext) any { return []string{c.ID, c.UserID, c.Key, c.Value} })
			}, []string{"id-a1", felix, "CUSTOMER_NUMBER", "C-0001"}, 0},
		{"auth contexts", recorded(t, "08-auth-contexts", "GET /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { l, err := a.AuthContexts(ctx, felix); return ids(l), err },
			[]string{"id-a1", "id-a2"}, 0},
		{"auth contexts of nobody", recorded(t, "08-auth-contexts", "GET /users/"+nobody+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return a.AuthContexts(ctx, nobody) }, nil, KindNotFound},
		{"delete auth context", recorded(t, "08-auth-contexts", "GET /users/"+felix+"/auth-context", "DELETE /users/"+felix+"/auth-context/id-a2"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteAuthContext(ctx, felix, "id-a2") }, nil, 0},
		{"delete auth context without the role", recorded(t, "08-auth-contexts", "403 GET /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteAuthContext(ctx, felix, "id-a2") }, nil, KindMissingRole},
		{"delete auth contexts", recorded(t, "08-auth-contexts", "DELETE /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteAuthContexts(ctx, felix) }, nil, 0},
		{"start a challenge", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/SMS"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.StartChallenge(ctx, bank1, SCASMS, "CUSTOMER_NUMBER", "C-0001")
				return then(c, err, func(c Challenge) any { return []any{c.ID, c.Status} })
			}, []any{"id-u1", ChallengeInitiated}, 0},
		{"wrong answer, as 200", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/id-u1/challenge"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.AnswerChallenge(ctx, bank1, "id-u1", "00000000")
				return c.Status, err
			}, ChallengeRejected, 0},
		{"right answer", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/id-u2/challenge"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.AnswerChallenge(ctx, bank1, "id-u2", "id-otp2")
				return c.Status, err
			}, ChallengeAccepted, 0},
		{"answer to no challenge", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/"+nobody+"/challenge"),
			func(a *API, ctx ctx) (any, error) { return a.AnswerChallenge(ctx, bank1, nobody, "1") }, nil, KindNotFound},

		{"my attributes", recorded(t, "09-attributes", "GET /my/user/attributes", "GET /my/user/attributes")[1:],
			func(a *API, ctx ctx) (any, error) { l, err := a.MyAttributes(ctx); return ids(l), err }, []string{"id-t2", "id-t1"}, 0},
		{"create attribute", recorded(t, "09-attributes", "201 POST /my/user/attributes"),
			func(a *API, ctx ctx) (any, error) {
				return a.CreateMyAttribute(ctx, "BATTERY_LEVEL", AttributeString, "90")
			}, Attribute{"id-t1", "BATTERY_LEVEL", AttributeString, "90", time.Date(2026, 11, 23, 23, 36, 36, 0, time.UTC)}, 0},
		{"update attribute", append(recorded(t, "09-attributes", "GET /my/user/attributes", "GET /my/user/attributes")[1:], recorded(t, "09-attributes", "PUT /my/user/attributes/id-t1")...),
			func(a *API, ctx ctx) (any, error) {
				v, err := a.UpdateMyAttribute(ctx, "id-t1", "BATTERY_LEVEL", AttributeString, "12")
				return v.Value, err
			}, "12", 0},
		{"update another's attribute", recorded(t, "09-attributes", "GET /my/user/attributes"),
			func(a *API, ctx ctx) (any, error) { return a.UpdateMyAttribute(ctx, nobody, "X", AttributeString, "1") }, nil, KindNotFound},
		{"attributes of a person", recorded(t, "09-attributes", "GET /users/"+felix+"/attributes"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserAttributes(ctx, felix)
				return then(u, err, func(u UserWithAttributes) any { return []any{u.Username, ids(u.Attributes)} })
			}, []any{"felix.smith", []string{"id-t2", "id-t1"}}, 0},
		{"attributes of nobody, as 400", recorded(t, "09-attributes", "GET /users/"+nobody+"/attributes"),
			func(a *API, ctx ctx) (any, error) { return a.UserAttributes(ctx, nobody) }, nil, KindNotFound},

		{"system views", recorded(t, "10-supporting", "GET /system-views-ids"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.SystemViewIDs(ctx)
				return then(l, err, func(l []string) any { return l[:2] })
			}, []string{"owner", "auditor"}, 0},
		{"system view", recorded(t, "10-supporting", "GET /system-views/auditor"),
			func(a *API, ctx ctx) (any, error) { v, err := a.SystemView(ctx, "auditor"); return v.MetadataView, err }, "auditor", 0},
		{"no system view, as 400", recorded(t, "10-supporting", "GET /system-views/nosuchview"),
			func(a *API, ctx ctx) (any, error) { return a.SystemView(ctx, "nosuchview") }, nil, KindNotFound},
		{"private accounts", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts/private"),
			func(a *API, ctx ctx) (any, error) { l, err := a.PrivateAccounts(ctx, bank1); return ids(l), err }, []string{acc1, "acc-felix-2"}, 0},
		{"accounts held", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts-held"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.AccountsHeld(ctx, bank1)
				return then(l, err, func(l []Account) any { return l[0].Number })
			}, "7019698864", 0},
		{"firehose", recorded(t, "10-supporting", "GET /banks/rec.bank.one/firehose/accounts/views/firehose"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.FirehoseAccounts(ctx, bank1, "firehose")
				return then(l, err, func(l []AccountDetail) any { return []any{l[0].Number, l[0].Owners[0].DisplayName} })
			}, []any{"", "Recorded Bank One"}, 0},
		{"account by view", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts/acc-felix-1/owner/account"),
			func(a *API, ctx ctx) (any, error) {
				d, err := a.AccountByView(ctx, bank1, acc1, "owner")
				return then(d, err, func(d AccountDetail) any { return []any{d.Owners, len(d.Views)} })
			}, []any{[]AccountUser{{"felix.smith", local, "felix.smith"}}, 5}, 0},
		{"account by a view not held", recorded(t, "10-supporting", "403 GET /banks/rec.bank.one/accounts/acc-felix-1/owner/account"),
			func(a *API, ctx ctx) (any, error) { return a.AccountByView(ctx, bank1, acc1, "owner") }, nil, KindNoView},
		{"my customers at a bank", recorded(t, "10-supporting", "GET /banks/rec.bank.one/my/customers"),
			func(a *API, ctx ctx) (any, error) { l, err := a.MyBankCustomers(ctx, bank1); return ids(l), err }, []string{felixC}, 0},
		{"accounts of a customer", recorded(t, "10-supporting", "GET /customers/"+felixC+"/accounts-minimal"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CustomerAccounts(ctx, felixC)
				return then(l, err, func(l []Access) any { return l[0] })
			}, Access{bank1, acc1, "ManageCustomViews"}, 0},

		{"newer: access", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+nora+"/account-access"),
			func(a *API, ctx ctx) (any, error) { return a.UserAccess(ctx, nora) }, []Access{}, 0},
		{"newer: access of nobody", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+nobody+"/account-access"),
			func(a *API, ctx ctx) (any, error) { return a.UserAccess(ctx, nobody) }, nil, KindNotFound},
		{"newer: user with access", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+felix+"/entitlements-and-permissions"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserWithAccess(ctx, felix)
				return len(u.Views.List), err
			}, 10, 0},
		{"newer: user by provider", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/provider/http%3A%2F%2F127.0.0.1%3A8090/username/felix.smith"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserByProvider(ctx, local, "felix.smith")
				return u.UserID, err
			}, felix, 0},
		{"newer: lock status", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/http%3A%2F%2F127.0.0.1%3A8090/felix.smith/lock-status"),
			func(a *API, ctx ctx) (any, error) {
				s, err := a.LockStatusByProvider(ctx, local, "felix.smith")
				return s.Username, err
			}, "felix.smith", 0},
		{"newer: attributes", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+felix+"/non-personal/attributes"),
			func(a *API, ctx ctx) (any, error) { return a.NonPersonalAttributes(ctx, felix) }, []Attribute{}, 0},
		{"newer: served", recorded(t, "11-newer-version", "GET /obp/v5.1.0/root"),
			func(a *API, ctx ctx) (any, error) { return a.Newer(ctx) }, true, 0},
		{"newer: not served", at(0, "/obp/v5.1.0/root", recorded(t, "11-newer-version", "GET /obp/v9.9.9/root")),
			func(a *API, ctx ctx) (any, error) { return a.Newer(ctx) }, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.call(script(t, c.x...), t.Context())
			if KindOf(err) != c.kind || (err != nil) != (c.kind != KindOther) {
				t.Fatalf("got kind %d (%v), want %d", KindOf(err), err, c.kind)
			}
			if err != nil {
				return
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
