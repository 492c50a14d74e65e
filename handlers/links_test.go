package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

const opLink = "POST /banks/{BANK_ID}/user_customer_links"

// A person and a customer are linked from either side, and unlinked again.
func TestLinkAndUnlink(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	henry, id := g.user("henry.helpdesk"), g.customerID("NL-100001")
	page := templates.LinkUser(nordBank, id)
	if a := anna.get(page); a.StatusCode != 200 {
		t.Fatal(a.StatusCode)
	}
	a := anna.follow(anna.post(page, values("person", "henry.helpdesk")))
	link := g.linked(henry, id)
	if link == "" || !strings.Contains(a.id("flash"), "Linked: henry.helpdesk") || !strings.Contains(a.id("customer-links"), "henry.helpdesk") {
		t.Fatalf("%q %s", link, a.id("flash"))
	}
	if row := g.ended(ActLink, journal.OutcomeDone); row.Entry.Person.UserID != henry || row.Entry.Target != id || row.Entry.BankID != nordBank {
		t.Errorf("%+v", row.Entry)
	}
	unlink := templates.Unlink(nordBank, link, henry, id)
	if a := anna.get(unlink); a.StatusCode != 200 || !a.has("unlink") {
		t.Fatal(a.StatusCode, a.text("main"))
	}
	if a := anna.follow(anna.post(unlink, values())); !strings.Contains(a.id("flash"), "Unlinked") || g.linked(henry, id) != "" {
		t.Errorf("%s", a.id("flash"))
	}
	g.ended(ActUnlink, journal.OutcomeDone)
	if a := anna.post(unlink, values()); a.StatusCode != http.StatusNotFound || !strings.Contains(a.text("main"), "not there any more") || len(g.acts(ActUnlink)) != 1 {
		t.Errorf("a link that is gone: %d %s", a.StatusCode, a.text("main"))
	}
	other := templates.Links(henry, nordBank)
	if a := anna.get(other); a.StatusCode != 200 || !strings.Contains(a.id("user-links"), "No link") {
		t.Fatal(a.StatusCode, a.text("main"))
	}
	a = anna.follow(anna.post(other, values("bank", nordBank, "customer", "NL-100002")))
	if g.linked(henry, g.customerID("NL-100002")) == "" || a.doc.Find(`[data-testid="link-row"]`).Length() != 1 {
		t.Errorf("from the person's side: %s", a.text("main"))
	}
	if a := anna.get(templates.Links(henry, "")); !strings.Contains(a.id("user-links"), "Choose the bank") {
		t.Error("no bank is asked for")
	}
}

// What OBP refuses on linking is said in words. OBP-50005 says nothing: the
// customer is read to find out why.
func TestLinkRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		bank, customer, person string
		fault                  *sandbox.Fault
		about, words           string
	}{
		"of another bank":        {nordBank, "DL-0001", "henry.helpdesk", nil, "other_bank", "of another bank"},
		"linked already":         {nordBank, "NL-100001", outsider, nil, "the_link", "linked already"},
		"unknown customer":       {nordBank, "", "henry.helpdesk", nil, "the_customer", "no customer with this id"},
		"unknown bank":           {"none", "NL-100001", "henry.helpdesk", nil, "the_bank", "no bank"},
		"unknown person":         {nordBank, "NL-100001", "henry.helpdesk", &sandbox.Fault{Status: 404, Message: "OBP-20057: User not found by userId."}, "the_person", "nobody with this user id"},
		"nothing more is known":  {nordBank, "NL-100001", "henry.helpdesk", &sandbox.Fault{Status: 400, Message: "OBP-50005: An unspecified or internal error occurred."}, "the_server", "internal error"},
		"role missing at a bank": {nordBank, "NL-100001", "henry.helpdesk", &sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanCreateUserCustomerLink for BankId(nordlicht.bank)."}, "not_allowed", "CanCreateUserCustomerLink"},
	} {
		t.Run(name, func(t *testing.T) {
			g := bankRig(t)
			anna := g.signIn(admin)
			id := "00000000-0000-4000-8000-000000000000"
			if c.customer != "" {
				id = g.customerID(c.customer)
			}
			if c.fault != nil {
				g.fault(opLink, *c.fault)
			}
			a := anna.post(templates.LinkUser(c.bank, id), values("person", c.person))
			if a.StatusCode < 400 || a.about() != c.about || !strings.Contains(a.text("main"), c.words) {
				t.Errorf("%d about %q: %s", a.StatusCode, a.about(), a.text("main"))
			}
			g.ended(ActLink, journal.OutcomeFailed)
		})
	}
}

// manyTable is a table of n customers to be linked to henry.
func manyTable(w *sandbox.World, n int) string {
	var b strings.Builder
	for i := range n {
		c := w.Customers[0]
		c.ID, c.Number = fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("M-%03d", i)
		w.Customers = append(w.Customers, c)
		fmt.Fprintf(&b, "%s,henry.helpdesk\n", c.Number)
	}
	return b.String()
}

// A table is checked line by line; what cannot be linked is named with why.
func TestLinkManyChecksFirst(t *testing.T) {
	g := bankRig(t)
	anna := g.signIn(admin)
	before := g.obp.Calls()
	rows := "customer number;user name\nNL-100001;henry.helpdesk\nNL-100001;felix.fresh\nNL-9;henry.helpdesk\nNL-100002;nobody\nNL-100002;\n\nNL-100001;henry.helpdesk\n"
	a := anna.post("/links/many", values("bank", nordBank, "rows", rows))
	var got []string
	a.doc.Find(`[data-testid="many-row"]`).Each(func(_ int, r *goquery.Selection) {
		code, _ := r.Attr("data-state")
		got = append(got, code)
	})
	calls := g.obp.Calls()
	for _, op := range []string{"POST /obp/v5.0.0/banks/{BANK_ID}/customers/customer-number", "GET /obp/v5.0.0/users/username/{USERNAME}"} {
		if n := calls[op] - before[op]; n != 3 {
			t.Errorf("%s: %d calls for 3 of them", op, n)
		}
	}
	if want := "[good linked_already no_customer no_user incomplete twice]"; fmt.Sprint(got) != want || !a.has("many-confirm") {
		t.Errorf("%v, want %s", got, want)
	}
	if g.obp.Calls()["POST /obp/v5.0.0/banks/{BANK_ID}/user_customer_links"] != 0 || len(g.acts(ActLinkMany)) != 0 {
		t.Error("something was done before it was confirmed")
	}
	a = anna.post("/links/many-start", values("bank", nordBank, "rows", rows))
	a = anna.follow(a)
	if !strings.Contains(a.id("many-counts"), "1 done, 0 failed, 5 left out, 0 to go") || g.linked(g.user("henry.helpdesk"), g.customerID("NL-100001")) == "" {
		t.Errorf("%s", a.text("main"))
	}
	g.intact()
	for target, form := range map[string]map[string][]string{"/links/many": values("bank", nordBank), "/links/many-start": {"bank": {nordBank}, "rows": {rows}}} {
		if a := anna.post(target, form); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
	}
}

// At most four lines are linked side by side.
func TestLinkManyFourAtATime(t *testing.T) {
	w := bankWorld()
	rows := manyTable(&w, 12)
	g := newRigOf(t, w)
	anna := g.signIn(admin)
	g.fault(opLink, sandbox.Fault{Hold: "before"})
	got := make(chan answer, 1)
	go func() { got <- anna.post("/links/many-start", values("bank", nordBank, "rows", rows)) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for done := 0; done < 12; {
		if err := g.obp.WaitHeld(ctx, opLink, "before", min(sideBySide, 12-done)); err != nil {
			t.Fatal(err)
		}
		done += g.obp.Release(opLink)
	}
	a := anna.follow(<-got)
	if !strings.Contains(a.id("many-counts"), "12 done") {
		t.Errorf("%s", a.id("many-counts"))
	}
	if n := g.mostOpen(ActLink); n != sideBySide {
		t.Errorf("%d were under way at once", n)
	}
}

// mostOpen is how many acts of one kind were begun and not ended at one moment,
// by the order of the journal's entries.
func (g *rig) mostOpen(act journal.Act) int {
	g.t.Helper()
	var lines bytes.Buffer
	if _, err := g.journal.ExportNDJSON(g.t.Context(), &lines, journal.Filter{Acts: []journal.Act{act}, Rights: journal.Rights{All: true}}); err != nil {
		g.t.Fatal(err)
	}
	open, most := 0, 0
	for line := range bytes.Lines(lines.Bytes()) {
		var e struct{ Body struct{ Kind journal.Kind } }
		if err := json.Unmarshal(line, &e); err != nil {
			g.t.Fatal(err)
		}
		switch e.Body.Kind {
		case journal.KindIntent:
			open++
		case journal.KindOutcome:
			open--
		}
		most = max(most, open)
	}
	return most
}

// A table that is cut off waits for its owner, who continues it; a line whose
// answer was lost is read back and not sent twice.
func TestLinkManyContinues(t *testing.T) {
	w := bankWorld()
	rows := manyTable(&w, 9)
	g := newRigOf(t, w)
	anna := g.signIn(admin)
	g.fault(opLink, sandbox.Fault{Cut: "after", Skip: 3, Times: 1})
	g.fault("GET /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID}", sandbox.Fault{Status: 503, Message: "OBP-50019: Cannot connect to the OBP database.", Skip: 9})
	a := anna.post("/links/many-start", values("bank", nordBank, "rows", rows))
	if !a.has("many-stopped") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	g.obp.ClearFaults()
	if a := anna.get("/links/many"); !strings.Contains(a.id("many-open"), "cut off") {
		t.Errorf("not offered: %s", a.text("main"))
	}
	if a := anna.get("/"); !strings.Contains(a.text("main"), "table of links was cut off") {
		t.Error("no word of it on the first page")
	}
	go_, _ := a.doc.Find(`[data-testid="many-continue"]`).Attr("action")
	if ben := g.signIn("ben.second"); ben.post(go_, nil).StatusCode < 400 {
		t.Error("another continued it")
	}
	a = anna.follow(anna.post(go_, nil))
	if !strings.Contains(a.id("many-counts"), "9 done, 0 failed, 0 left out, 0 to go") {
		t.Errorf("%s", a.text("main"))
	}
	henry, n := g.user("henry.helpdesk"), 0
	for _, l := range g.obp.World().Links {
		if l.UserID == henry {
			n++
		}
	}
	if calls := g.obp.Calls()["POST /obp/v5.0.0"+strings.TrimPrefix(opLink, "POST ")]; n != 9 || calls != 9 {
		t.Errorf("%d links by %d calls, want 9 by 9", n, calls)
	}
	g.intact()
}

// The forms of a link name whom and what it ties, and the record names the
// person; without the roles for it ids stand there, and nobody else's names.
func TestLinkFormsName(t *testing.T) {
	g := bankRig(t)
	p := g.place()
	mine, other := g.linked(p.felix, p.customer), g.customerID("NL-100003")
	unlink := templates.Unlink(nordBank, mine, p.felix, p.customer)
	for target, names := range map[string][]string{unlink: {outsider, "Felix Fresh", "NL-100001"}, templates.LinkUser(nordBank, p.customer): {"Felix Fresh", "NL-100001"}} {
		a := p.anna.get(target)
		for _, name := range names {
			if !strings.Contains(a.text("main"), name) {
				t.Errorf("%s does not name %q: %s", target, name, a.text("main"))
			}
		}
	}
	if a := p.anna.get(templates.Unlink(nordBank, mine, g.user(admin), p.customer)); strings.Contains(a.text("main"), admin) || strings.Contains(a.text("main"), other) {
		t.Errorf("the address names somebody else: %s", a.text("main"))
	}
	for _, op := range []string{opUser, "GET /banks/{BANK_ID}/customers/{CUSTOMER_ID}"} {
		g.fault(op, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanGetAnyUser", Times: 1})
	}
	if a := p.anna.get(unlink); a.StatusCode != http.StatusOK || !a.has("unlink") || strings.Contains(a.text("main"), "Felix Fresh") {
		t.Errorf("without the roles: %d %s", a.StatusCode, a.text("main"))
	}
	p.anna.post(unlink, values())
	if row := g.ended(ActUnlink, journal.OutcomeDone); row.Entry.Person.Username != outsider {
		t.Errorf("%+v", row.Entry.Person)
	}
}
