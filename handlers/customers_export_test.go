package handlers

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

// The CSV holds all customers that the filter means and no formula (security
// 43), needs a fresh proof and the role, and is recorded with its count.
func TestCustomersCSV(t *testing.T) {
	w := bankWorld()
	w.Customers[0].LegalName = `=HYPERLINK("http://evil.example")`
	g := newRigOf(t, w, func(d *Deps) { d.Settings.RowsPerPage = 2 })
	anna := g.signIn(admin)
	page := anna.get("/customers?bank=" + nordBank + "&order=asc&from=2")
	in := url.Values{}
	page.doc.Find(`[data-testid="customers-export"] input`).Each(func(_ int, f *goquery.Selection) { in.Add(f.AttrOr("name", ""), f.AttrOr("value", "")) })
	if in.Get("bank") != nordBank || in.Get("order") != "asc" || in.Has("from") {
		t.Errorf("the form sends %v", in)
	}
	export := func(in url.Values) [][]string {
		a := anna.post("/exports/customers", in)
		rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
			t.Fatalf("%d %v %s", a.StatusCode, err, a.body)
		}
		return rows
	}
	for name, c := range map[string]struct {
		in         url.Values
		rows, wide int
	}{
		"all banks": {nil, len(w.Customers), 8}, "one bank": {in, 7, 8},
		"ids": {url.Values{"form": {"ids"}}, len(w.Customers), 2}, "ids at a bank": {url.Values{"form": {"ids"}, "bank": {nordBank}}, 7, 2},
	} {
		rows := export(c.in)
		if len(rows) != c.rows+1 || len(rows[0]) != c.wide {
			t.Errorf("%s: %d rows of %d cells", name, len(rows)-1, len(rows[0]))
		}
		for _, r := range rows {
			if strings.IndexAny(strings.Join(r, "\n"), "=+-@") == 0 || strings.Contains(strings.Join(r, "\n"), "\n=") {
				t.Errorf("a formula: %q", r)
			}
		}
	}
	acts := g.acts(journal.ActExport)
	if len(acts) != 4 || acts[0].Entry.Target != "customers" || acts[0].Result.Details["rows"] == "0" || acts[0].Result.Details["complete"] != "true" {
		t.Errorf("recorded: %+v", acts)
	}
	if a := g.signIn(outsider).post("/exports/customers", url.Values{"bank": {nordBank}}); a.StatusCode != http.StatusForbidden || !strings.Contains(a.id("problem"), "CanGetCustomers") {
		t.Errorf("without the role: %d", a.StatusCode)
	}
	g.advance(6 * time.Minute)
	if a := anna.post("/exports/customers", nil); a.StatusCode != http.StatusForbidden || !a.has("proof-form") {
		t.Errorf("without a fresh proof: %d", a.StatusCode)
	}
	g.intact()
}

// A list that breaks off after its first page is recorded as not complete.
func TestCustomersCSVCut(t *testing.T) {
	g := newRigOf(t, sandbox.Grow(bankWorld(), sandbox.Scale{Customers: 1200, Seed: 2}, start))
	anna := g.signIn(admin)
	if err := g.obp.SetFault("GET /customers", sandbox.Fault{Status: 503, Message: "OBP-50005: down", Skip: 1}); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("a file that is cut ends as if it were whole")
			}
		}()
		anna.post("/exports/customers", nil)
	}()
	row := g.acts(journal.ActExport)[0]
	if row.Result.Outcome != journal.OutcomeFailed || row.Result.Details["rows"] != "500" || row.Result.Details["complete"] != "false" {
		t.Errorf("%+v", row.Result)
	}
}
