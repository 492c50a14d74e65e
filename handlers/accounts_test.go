package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// The demo world's places that these tests stand on.
const (
	nordBank = "nordlicht.bank"
	lakeBank = "dulac.banque"
	annasOwn = "nl-giro-4711" // anna owns it; ben and audrey are its auditors
	felixOwn = "nl-giro-5120" // anna has no view on it
	annaPath = "/banks/" + nordBank + "/accounts/" + annasOwn
)

// everyRole are the roles that the pages of banks can need.
var everyRole = []string{"CanGetCustomersAtAnyBank", "CanGetCustomersMinimalAtAnyBank", "CanGetCorrelatedUsersInfoAtAnyBank", "CanGetAccountsMinimalForCustomerAtAnyBank",
	"CanCreateUserCustomerLinkAtAnyBank", "CanCreateUserAuthContext", "CanDeleteUserAuthContext", "CanGetUserAuthContext", "CanGetUsersWithAttributes", "CanUseAccountFirehoseAtAnyBank", "CanGetAnyUser"}

var everyBankRole = []string{"CanGetCustomers", "CanGetCustomersMinimal", "CanGetCustomer", "CanGetUserCustomerLink", "CanDeleteUserCustomerLink"}

// bankWorld is the demo world in which anna may do all that a role allows, and
// everybody signs in with the tests' password.
func bankWorld() sandbox.World {
	w := sandbox.DemoWorld(start)
	for i := range w.Users {
		if w.Users[i].Password != "" {
			w.Users[i].Password = password
		}
	}
	anna := userNamed(w, admin)
	for _, r := range everyRole {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "t-" + r, Role: r, UserID: anna, Created: start})
	}
	for _, b := range w.Banks {
		for _, r := range everyBankRole {
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "t-" + r + b.ID, Role: r, BankID: b.ID, UserID: anna, Created: start})
		}
	}
	return w
}

func userNamed(w sandbox.World, name string) string {
	i := slices.IndexFunc(w.Users, func(u sandbox.User) bool { return u.Username == name })
	return w.Users[i].UserID
}

func bankRig(t testing.TB, change ...func(*Deps)) *rig {
	t.Helper()
	return newRigOf(t, bankWorld(), change...)
}

func (g *rig) user(name string) string { return userNamed(g.obp.World(), name) }

func (g *rig) customerID(number string) string {
	g.t.Helper()
	for _, c := range g.obp.World().Customers {
		if c.Number == number {
			return c.ID
		}
	}
	g.t.Fatalf("no customer %s", number)
	return ""
}

// views are a person's on an account, in the stand-in.
func (g *rig) views(user, account string) (out []string) {
	for _, a := range g.obp.World().Access {
		if a.UserID == user && a.AccountID == account {
			out = append(out, a.ViewID)
		}
	}
	slices.Sort(out)
	return out
}

func (g *rig) linked(user, customer string) (id string) {
	for _, l := range g.obp.World().Links {
		if l.UserID == user && l.CustomerID == customer {
			id = l.ID
		}
	}
	return id
}

func (a answer) about() string {
	key, _ := a.doc.Find(`main [data-testid="problem"]`).First().Attr("data-problem")
	return key
}

// values is a form with a reason.
func values(pairs ...string) url.Values {
	v := reason(because)
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// ended is an act's one row, with its outcome.
func (g *rig) ended(act journal.Act, want journal.Outcome) journal.Row {
	g.t.Helper()
	rows := g.acts(act)
	if len(rows) != 1 || rows[0].Result.Outcome != want {
		g.t.Fatalf("%s: recorded %d times, want once and %s: %+v", act, len(rows), want, rows)
	}
	g.intact()
	return rows[0]
}

func (g *rig) fault(op string, f sandbox.Fault) {
	g.t.Helper()
	if err := g.obp.SetFault(op, f); err != nil {
		g.t.Fatal(err)
	}
}

// Each page takes one hop, and asks for nothing twice.
func TestBankHops(t *testing.T) {
	g := bankRig(t)
	felix, customer := g.user(outsider), g.customerID("NL-100003")
	const acc, one = "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}", "GET /banks/{BANK_ID}/customers/{CUSTOMER_ID}"
	for target, ops := range map[string][]string{
		"/accounts":                            {"GET /my/accounts", "GET /banks"},
		"/accounts?bank=" + nordBank:           {"GET /banks/{BANK_ID}/accounts/private", "GET /banks"},
		"/accounts?kind=held&bank=" + nordBank: {"GET /banks/{BANK_ID}/accounts-held", "GET /banks"},
		annaPath + "?v=owner":                  {acc + "/permissions", acc + "/views", acc + "/{VIEW_ID}/account", "GET /banks"},
		annaPath + "/person?provider=https%3A%2F%2Fobp.demo.example&person=ben.second": {acc + "/permissions/{PROVIDER}/{PROVIDER_ID}", "GET /banks"},
		annaPath + "/grant":                    {acc + "/views", "GET /banks"},
		annaPath + "/mine":                     {acc + "/views", "GET /users/current", "GET /banks"},
		"/customers?bank=" + nordBank:          {"GET /banks/{BANK_ID}/customers", "GET /banks"},
		"/customers?form=ids&bank=" + nordBank: {"GET /banks/{BANK_ID}/customers-minimal", "GET /banks"},
		templates.Customer(nordBank, customer): {one, one + "/correlated-users", "GET /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID}", "GET /customers/{CUSTOMER_ID}/accounts-minimal", "GET /banks"},
		templates.Links(felix, nordBank):       {"GET /users/user_id/{USER_ID}", "GET /banks/{BANK_ID}/user_customer_links/users/{USER_ID}", "GET /banks"},
		templates.Contexts(felix):              {"GET /users/user_id/{USER_ID}", "GET /users/{USER_ID}/auth-context"},
		templates.Attributes(felix):            {"GET /users/{USER_ID}/attributes"},
		"/me/attributes":                       {"GET /my/user/attributes"},
		"/me/access":                           {"GET /users/current/customers", "GET /my/customers", "GET /users/current", "GET /my/spaces", "GET /users/current/logout-link", "GET /root", "GET /banks"},
	} {
		t.Run(target, func(t *testing.T) {
			g := bankRig(t)
			oneHop(t, g, g.signIn(admin), target, ops...)
		})
	}
}

// The list is filtered, counted and paged here, for OBP sends it whole.
func TestAccounts(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	a := anna.get("/accounts")
	if n := a.doc.Find(`[data-testid="account-row"]`).Length(); n != 2 || !strings.Contains(a.id("accounts-count"), "2 accounts") {
		t.Errorf("%d rows, %q", n, a.id("accounts-count"))
	}
	if href, _ := a.doc.Find(`[data-testid="account-link"]`).First().Attr("href"); href != "/banks/dulac.banque/accounts/dl-courant-03?v=owner" {
		t.Errorf("leads to %q", href)
	}
	if a := anna.get("/accounts?q=gehalt"); a.doc.Find(`[data-testid="account-row"]`).Length() != 1 {
		t.Error("not filtered by label")
	}
	if a := anna.get("/accounts?q=nothing"); !a.has("accounts-empty") || !strings.Contains(a.id("accounts-empty"), "No account matches") {
		t.Error("no words for no match")
	}
	if a := anna.get("/accounts?kind=firehose"); !strings.Contains(a.id("accounts-empty"), "Choose a bank") {
		t.Error("a firehose without a bank")
	}
	if a := anna.get("/accounts?kind=firehose&bank=" + nordBank); a.doc.Find(`[data-testid="account-row"]`).Length() != 7 {
		t.Errorf("firehose: %d", a.doc.Find(`[data-testid="account-row"]`).Length())
	}
	if a := anna.get("/accounts?kind=held&bank=" + nordBank); a.doc.Find(`[data-testid="account-row"]`).Length() != 1 {
		t.Error("held")
	}
	part := anna.part(templates.AccountsID).get("/accounts?bank=" + nordBank)
	if part.has("nav-home") || part.Header.Get("HX-Push-Url") != "/accounts?bank="+nordBank {
		t.Errorf("the part: %q", part.Header.Get("HX-Push-Url"))
	}
}

// The grid is people by views; a view that is held leads to the form that
// revokes it, and system and custom views are told apart.
func TestAccountGrid(t *testing.T) {
	g := bankRig(t)
	a := g.signIn(admin).get(annaPath + "?v=owner")
	row := a.doc.Find(`[data-testid="grid-row"][data-person="ben.second"]`)
	if row.Find(`td[data-view="auditor"] [data-testid="revoke-link"]`).Length() != 1 || row.Find(`td[data-view="owner"] a`).Length() != 0 {
		t.Errorf("ben's row: %s", row.Text())
	}
	if !strings.Contains(a.id("account-facts"), "2483.17 EUR") {
		t.Errorf("facts: %s", a.id("account-facts"))
	}
	for _, v := range []templates.ViewRow{viewRow(view2("_mine", false)), viewRow(view2("owner", true))} {
		if v.Unclear || v.Custom != strings.HasPrefix(v.ID, "_") {
			t.Errorf("%+v", v)
		}
	}
	if v := viewRow(view2("_mine", true)); !v.Unclear {
		t.Error("flag and underscore disagree, and nothing is said")
	}
}

// What OBP refuses on an account's page stands in its place, and says that it
// is about a view of one's own.
func TestAccountNotMine(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	a := anna.get("/banks/" + nordBank + "/accounts/" + felixOwn)
	if a.StatusCode != http.StatusForbidden || a.about() != "my_right" || !strings.Contains(a.id("grid"), "no role helps") || !strings.Contains(a.id("account-facts"), "owner view") {
		t.Errorf("%d %s: %s", a.StatusCode, a.about(), a.text("main"))
	}
	for target, about := range map[string]string{"/banks/none/accounts/x": "the_bank", "/banks/" + nordBank + "/accounts/none": "the_account"} {
		if a := anna.get(target); a.StatusCode != http.StatusNotFound || a.about() != about {
			t.Errorf("%s: %d %s", target, a.StatusCode, a.about())
		}
	}
}
