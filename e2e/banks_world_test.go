package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// bankParts are what the stand-in knows beside people and their roles.
type bankParts struct {
	SystemViews json.RawMessage `json:"system_views"`
	Accounts    []account       `json:"accounts"`
	AccessRows  []access        `json:"account_access"`
	Customers   []customer      `json:"customers"`
	Links       []customerLink  `json:"user_customer_links"`
	Attributes  []attribute     `json:"user_attributes"`
	Contexts    []authContext   `json:"user_auth_contexts"`
}

type account struct {
	BankID   string `json:"bank_id"`
	ID       string `json:"account_id"`
	Label    string `json:"label"`
	Number   string `json:"number"`
	Currency string `json:"currency"`
	Balance  int    `json:"balance_minor_units"`
}

type access struct {
	BankID    string `json:"bank_id"`
	AccountID string `json:"account_id"`
	ViewID    string `json:"view_id"`
	UserID    string `json:"user_id"`
}

type customer struct {
	BankID    string `json:"bank_id"`
	ID        string `json:"customer_id"`
	Number    string `json:"customer_number"`
	LegalName string `json:"legal_name"`
	Email     string `json:"email"`
}

type customerLink struct {
	ID         string    `json:"user_customer_link_id"`
	CustomerID string    `json:"customer_id"`
	UserID     string    `json:"user_id"`
	Inserted   time.Time `json:"date_inserted"`
	Active     bool      `json:"is_active"`
}

type attribute struct {
	ID     string `json:"user_attribute_id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Value  string `json:"value"`
	UserID string `json:"user_id"`
}

type authContext struct {
	ID     string `json:"user_auth_context_id"`
	UserID string `json:"user_id"`
	Key    string `json:"key"`
	Value  string `json:"value"`
}

// hostileName is a name that would be markup if anything forgot to escape it.
const hostileName = `<b>Ünal & "Söhne"</b> <script>alert(1)</script>`

var annasAccount = "/banks/" + bankOne + "/accounts/acc-1"

// banked is a console before a world with accounts and customers, in which anna
// may do all and administers the console.
type banked struct {
	*console
	w world
}

// bankRoles are the roles of that world, without its accounts and customers.
func bankRoles() world {
	w := emptyWorld()
	for _, role := range []string{"CanGetCustomersAtAnyBank", "CanGetCustomersMinimalAtAnyBank", "CanGetCorrelatedUsersInfoAtAnyBank", "CanGetAccountsMinimalForCustomerAtAnyBank",
		"CanCreateUserCustomerLinkAtAnyBank", "CanRefreshUser", "CanCreateUserAuthContext", "CanDeleteUserAuthContext", "CanGetUserAuthContext", "CanGetUsersWithAttributes"} {
		w.hold(anna, role, "")
	}
	for _, role := range []string{"CanGetCustomers", "CanGetCustomersMinimal", "CanGetCustomer", "CanGetUserCustomerLink", "CanDeleteUserCustomerLink"} {
		w.hold(anna, role, bankOne)
	}
	return w
}

// serveBanks starts it; each change is made to the world first.
func serveBanks(t *testing.T, change ...func(*world, *bankParts)) *banked {
	t.Helper()
	if !marked(t, ownWorld) {
		t.Fatal("these accounts and customers are made up: call needs(t, ownWorld) first")
	}
	w := bankRoles()
	views, err := os.ReadFile("../obp/sandbox/system_views.json")
	if err != nil {
		t.Fatal(err)
	}
	p := bankParts{SystemViews: views, Accounts: []account{{bankOne, "acc-1", hostileName, "7001", "EUR", 12345}, {bankOne, "acc-2", "", "7002", "EUR", 1}},
		AccessRows: []access{{bankOne, "acc-1", "owner", w.user(anna).UserID}, {bankOne, "acc-1", "auditor", w.user(maria).UserID}, {bankOne, "acc-2", "auditor", w.user(anna).UserID}},
		Customers:  []customer{{bankOne, idOf('c', 1), "N-1", hostileName, "n1@example.com"}, {bankOne, idOf('c', 2), "N-2", "Second Customer", ""}, {bankTwo, idOf('c', 3), "N-3", "Elsewhere", ""}},
		Links:      []customerLink{{idOf('d', 1), idOf('c', 1), w.user(felix).UserID, time.Now().UTC(), true}, {idOf('d', 2), idOf('c', 2), w.user(anna).UserID, time.Now().UTC(), true}},
		Attributes: []attribute{{idOf('f', 1), "desk", "INTEGER", "417", w.user(anna).UserID}, {idOf('f', 2), "language", "STRING", hostileName, w.user(felix).UserID}},
		Contexts:   []authContext{{idOf('f', 3), w.user(felix).UserID, "CUSTOMER_NUMBER", "N-1"}, {idOf('f', 4), w.user(felix).UserID, "PASSPORT", hostileName}}}
	for _, f := range change {
		f(&w, &p)
	}
	file := filepath.Join(t.TempDir(), "banks.json")
	b, err := json.Marshal(struct {
		world
		bankParts
	}{w, p})
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	watch(t)
	obp := noted(&standIn{process: start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file), start: w})
	return &banked{&console{serveAgainst(t, obp.url, "CONSOLE_ADMINS="+anna), obp}, w}
}

// parts reads what the stand-in has now.
func (b *banked) parts() (p bankParts) {
	b.t.Helper()
	b.obp.call("GET", "/sandbox/world", nil, &p)
	return p
}

func (b *banked) views(name, account string) (out []string) {
	for _, a := range b.parts().AccessRows {
		if a.AccountID == account && a.UserID == b.w.user(name).UserID {
			out = append(out, a.ViewID)
		}
	}
	slices.Sort(out)
	return out
}

func (b *banked) linked(name, customerID string) bool {
	return slices.ContainsFunc(b.parts().Links, func(l customerLink) bool { return l.UserID == b.w.user(name).UserID && l.CustomerID == customerID })
}

// pick chooses an option of a select.
func (v *visitor) pick(selector, value string) {
	v.t.Helper()
	v.see(selector)
	if got := v.get(`((e, x) => (e.value = x, e.value))(document.querySelector(` + quote(selector) + `), ` + quote(value) + `)`); got != value {
		v.t.Fatalf("%s has no option %q", selector, value)
	}
}

// send presses a form's button, with a reason, and waits for the next page.
func (v *visitor) send() {
	v.t.Helper()
	if v.count(id("reason")) > 0 {
		v.fill(id("reason"), "Needed for the review")
	}
	v.follow(func() { v.click(id("go")) })
}
