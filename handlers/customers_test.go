package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Customers are paged by OBP: each page is one call at a bank, none is lost or
// shown twice, and the place stands in the address.
func TestCustomerPages(t *testing.T) {
	g := bankRig(t, func(d *Deps) { d.Settings.RowsPerPage = 3 })
	anna := g.signIn(admin)
	seen, pages := map[string]bool{}, 0
	for next := "/customers?bank=" + nordBank; next != ""; pages++ {
		before := g.obp.Calls()["GET /obp/v5.0.0/banks/{BANK_ID}/customers"]
		a := anna.get(next)
		if n := g.obp.Calls()["GET /obp/v5.0.0/banks/{BANK_ID}/customers"] - before; n != 1 {
			t.Errorf("%s: %d calls", next, n)
		}
		a.doc.Find(`[data-testid="customer-row"]`).Each(func(_ int, r *goquery.Selection) {
			id, _ := r.Attr("data-id")
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		})
		next, _ = a.doc.Find(`[data-testid="customers-next"]`).Attr("href")
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d customers on %d pages", len(seen), pages)
	}
	if a := anna.get("/customers"); a.StatusCode != 200 || a.doc.Find(`[data-testid="customer-row"]`).Length() != 3 || !a.has("customers-next") {
		t.Errorf("all banks: %d %s", a.StatusCode, a.text("main"))
	}
	short := anna.get("/customers?form=ids&bank=" + nordBank)
	if short.doc.Find(`[data-testid="customer-row"]`).Length() != 3 || strings.Contains(short.text("table"), "E-mail") {
		t.Errorf("ids alone: %s", short.text("table"))
	}
	if a := anna.get("/customers?bank=" + nordBank + "&from=100"); !strings.Contains(a.id("customers-empty"), "No customer here") || !a.has("customers-prev") {
		t.Error("behind the end")
	}
	reads, _, err := g.journal.Readings(t.Context(), journal.ReadFilter{Kind: readCustomers})
	if err != nil || len(reads) != 2 {
		t.Errorf("the read log: %v %v", reads, err)
	}
}

// A customer is found by number or by id at a bank; what is missing or refused
// is said beside the form.
func TestFindCustomer(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	id := g.customerID("NL-100001")
	for _, text := range []string{"NL-100001", id} {
		if a := anna.post("/customers/find", url.Values{"bank": {nordBank}, "number": {" " + text}}); a.Header.Get("Location") != templates.Customer(nordBank, id) {
			t.Errorf("%s: %d to %q", text, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if a := anna.post("/customers/find", url.Values{"bank": {nordBank}, "number": {"NL-999"}}); a.StatusCode != http.StatusNotFound || a.about() != "the_customer" {
		t.Errorf("%d %s", a.StatusCode, a.about())
	}
	if a := anna.post("/customers/find", nil); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find(`[data-testid="field-error"]`).Length() != 2 {
		t.Errorf("%d", a.StatusCode)
	}
	felix := g.signIn(outsider)
	a := felix.get("/customers?bank=" + nordBank)
	if a.StatusCode != http.StatusForbidden || a.about() != "not_allowed" || !strings.Contains(a.text("main"), "Nordlicht Bank AG") || !a.has("ask-role") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	if bank, _ := a.doc.Find(`[data-testid="ask-role"] [name="bank"]`).Attr("value"); bank != nordBank {
		t.Errorf("the role is asked for at %q", bank)
	}
}

// A customer's page shows facts, links with names, correlated people and
// accounts; a part that is refused says why in its place.
func TestCustomerPage(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	id := g.customerID("NL-100003")
	a := anna.get(templates.Customer(nordBank, id))
	if a.StatusCode != 200 || !strings.Contains(a.id("customer-facts"), "Hansen & Söhne GmbH") || a.doc.Find(`[data-testid="link-row"]`).Length() != 3 ||
		!strings.Contains(a.id("customer-links"), "k.lueders") || a.doc.Find(`[data-testid="correlated"]`).Length() != 3 || !strings.Contains(a.id("customer-accounts"), "nl-giro-2002") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	g.fault("GET /customers/{CUSTOMER_ID}/accounts-minimal", sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanGetAccountsMinimalForCustomerAtAnyBank"})
	a = anna.get(templates.Customer(nordBank, id))
	if a.StatusCode != 200 || !strings.Contains(a.id("customer-accounts"), "CanGetAccountsMinimalForCustomerAtAnyBank") || !strings.Contains(a.id("customer-facts"), "NL-100003") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	felix := g.signIn(outsider).get(templates.Customer(nordBank, id))
	felix.doc.Find(`[data-testid="customer-people"] form`).Each(func(_ int, f *goquery.Selection) {
		role, bank := f.Find(`[name="role"]`).AttrOr("value", ""), f.Find(`[name="bank"]`).AttrOr("value", "")
		if (bank == "") != strings.HasSuffix(role, "AtAnyBank") {
			t.Errorf("%s would be asked for at %q", role, bank)
		}
	})
	if a := anna.get(templates.Customer(lakeBank, id)); !strings.Contains(a.id("elsewhere"), "Nordlicht Bank AG") {
		t.Errorf("at another bank: %s", a.text("main"))
	}
	if a := anna.get(templates.Customer(nordBank, "00000000-0000-4000-8000-000000000000")); !strings.Contains(a.id("customer-facts"), "no customer with this id") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	reads, _, err := g.journal.Readings(t.Context(), journal.ReadFilter{OperatorID: g.user(admin), Kind: journal.ReadCustomer, Subject: id})
	if err != nil || len(reads) != 1 {
		t.Errorf("the read log: %v %v", reads, err)
	}
}

// BenchmarkCustomers opens the first and the last page of 1,000,000 customers:
// the console's own work is the same on both.
func BenchmarkCustomers(b *testing.B) {
	w := sandbox.Grow(bankWorld(), sandbox.Scale{Customers: 1_000_000, Seed: 1}, start)
	g := newRigOf(b, w)
	anna := g.signIn(admin)
	last := len(w.Customers) - 25
	for range 10 { // the stand-in sorts once, which can take longer than a call may
		if anna.get("/customers?from="+strconv.Itoa(last)).StatusCode == http.StatusOK {
			break
		}
		g.advance(time.Minute) // the circuit closes again
	}
	for name, target := range map[string]string{"first": "/customers", "last": "/customers?from=" + strconv.Itoa(last)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var took []time.Duration
			for b.Loop() {
				r := httptest.NewRequest("GET", target, nil)
				r.Header.Set("Cookie", session.CookieName+"="+anna.cookie)
				rec := httptest.NewRecorder()
				begun := time.Now()
				g.srv.ServeHTTP(rec, r)
				took = append(took, time.Since(begun))
				if rec.Code != 200 || strings.Count(rec.Body.String(), `data-testid="customer-row"`) != 25 {
					b.Fatalf("%d", rec.Code)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
		})
	}
}
