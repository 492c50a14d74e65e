package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// A review of 1,000 grants: its page stays within what one page may weigh, and
// all that needs no look of its own is kept by one press.
func TestReviewOfManyGrants(t *testing.T) {
	w := testWorld()
	for i := range 1000 {
		id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
		if i%4 == 0 {
			w.Users = append(w.Users, sandbox.User{UserID: "p-" + id, Username: fmt.Sprintf("person.%05d", i), ProviderID: id, Provider: w.Provider, Email: id + "@example.com"})
		}
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: id, Role: []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct", "CanCreateFxRate"}[i%4],
			BankID: "bank.two", UserID: "p-" + fmt.Sprintf("%08d-0000-4000-8000-000000000000", i-i%4), Created: start})
	}
	g := newRigOf(t, w)
	b := g.signIn(admin)
	b.begin("baseline", "bank:bank.two")
	begun := time.Now()
	to := b.begin("begin", "bank:bank.two")
	t.Logf("a review of 1,000 grants begins in %v", time.Since(begun).Round(time.Millisecond))
	b.header["Accept-Encoding"] = "gzip"
	begun = time.Now()
	if a := b.get(to); a.StatusCode != 200 || len(a.body) > 14_600 {
		t.Errorf("%d, %d bytes", a.StatusCode, len(a.body))
	}
	t.Logf("its page comes in %v", time.Since(begun).Round(time.Millisecond))
	delete(b.header, "Accept-Encoding")
	begun = time.Now()
	b.post(templates.ReviewKeep(strings.TrimPrefix(to, "/reviews/"), templates.ReviewQuery{}), url.Values{"all": {"1"}})
	t.Logf("all are kept in %v", time.Since(begun).Round(time.Millisecond))
	if page := b.get(to); !strings.Contains(page.id("review-counts"), "1000 kept") {
		t.Errorf("%s", page.id("review-counts"))
	}
}
