package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// budgetList is what a page of a long list may weigh, as received from the network.
const budgetList = 14_600

// manyGrants gives a bank 5,000 grants, all of them to people with long names.
func manyGrants() world {
	w := fullWorld(250)
	roles := []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct", "CanCreateCustomer", "CanUpdateBankAttribute",
		"CanGetCustomer", "CanCreateFxRate", "CanCreateCounterparty", "CanCreateWebhook", "CanCreateEntitlementAtOneBank",
		"CanGetEntitlementsForOneBank", "CanCreateUserCustomerLink", "CanGetUserCustomerLink", "CanCreateTransactionType", "CanUpdateBranch",
		"CanDeleteBranch", "CanCreateMeeting", "CanGetAllApiCollections", "CanCreateTaxResidence", "CanCreateCustomerAddress"}
	for _, u := range w.Users[len(w.Users)-250:] {
		for _, role := range roles {
			w.hold(u.Username, role, bankOne)
		}
	}
	return w
}

// The page of 5,000 grants at a bank, and each filter of it, stays within what
// a page of a list may weigh; the filter looks through all of them.
func TestGrantsAtABankWeigh(t *testing.T) {
	needs(t, scale)
	w := manyGrants()
	c, who := serve(t, w), w.Users[len(w.Users)-1]
	v := c.visit(t)
	v.signIn(anna)
	at := "/banks/" + bankOne + "/roles"
	for _, p := range []struct {
		query string
		found int
	}{
		{"", 5000}, {"?page=200", 5000}, {"?q=branch", 3 * 250}, {"?role=CanCreateAtm", 250},
		{"?q=" + who.Username, 20}, {"?q=" + who.UserID + "&role=CanDeleteBranch", 1}, {"?q=nobody", 0},
	} {
		before := len(v.sent())
		v.open(at + p.query)
		v.seeText(id("grants-count"), fmt.Sprintf("%d of 5000 grants", p.found))
		if n := v.count(id("grant-row")); n != min(25, p.found) {
			t.Errorf("%s: %d rows", p.query, n)
		}
		for _, x := range v.sent()[before:] {
			if x.kind == network.ResourceTypeDocument {
				t.Logf("%6d B  %s%s", x.wire, at, p.query)
				if x.wire > budgetList || x.wire == 0 {
					t.Errorf("%s: %d B on the wire, want at most %d", p.query, x.wire, budgetList)
				}
			}
		}
	}
}
