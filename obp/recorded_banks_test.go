package obp

import (
	"slices"
	"testing"
	"time"
)

// Views, accounts, customers and links, as a real server answered.
func TestRecordedBanks(t *testing.T) {
	berlin := []string{"ReadAccountsBerlinGroup", "ReadBalancesBerlinGroup", "ReadTransactionsBerlinGroup"}
	felixViews := append(append([]string{"ManageCustomViews"}, berlin...), "owner")
	play(t, []recording{
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
	})
}
