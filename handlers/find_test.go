package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
)

// What is typed or pasted becomes look-ups by id, user name and e-mail.
func TestLookups(t *testing.T) {
	const id = "5a1e7d3c-0b1f-4c22-9a77-1f2e3d4c5b6a"
	for _, c := range []struct {
		text string
		want []lookup
	}{
		{"", nil},
		{"  ", nil},
		{"..", nil},
		{id, []lookup{{"id", id}, {"name", id}}},
		{" felix.fresh ", []lookup{{"id", "felix.fresh"}, {"name", "felix.fresh"}}},
		{"o'hara@example.com", []lookup{{"email", "o'hara@example.com"}, {"name", "o'hara@example.com"}}},
		{"robot reporting 7", []lookup{{"name", "robot reporting 7"}}},
		{"a/b", []lookup{{"name", "a/b"}}},
		{"<script>alert(1)</script>", []lookup{{"name", "<script>alert(1)</script>"}}},
		{"مريم.الحداد", []lookup{{"name", "مريم.الحداد"}}},
		{"2026-11-24 09:12:03 WARN login failed user=felix.fresh ip=10.0.0.7", []lookup{
			{"name", "2026-11-24 09:12:03 WARN login failed user=felix.fresh ip=10.0.0.7"}, {"name", "felix.fresh"}}},
		{`{"level":"info","user_id":"` + id + `","email":"a.b@example.com","msg":"` + string(make([]byte, 60)) + `"}`, []lookup{
			{"id", id}, {"email", "a.b@example.com"}, {"name", "a.b@example.com"}}},
		{"first\nusername: 'maria de la o' failed", []lookup{{"name", "maria de la o"}}},
	} {
		if got := lookups(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// The look-ups of a search are sent side by side, and each person is found once.
func TestFindPerson(t *testing.T) {
	g := newRig(t)
	c := callerOf(t, g, admin)
	for text, want := range map[string]string{"u-felix": "u-felix", outsider: "u-felix", outsider + "@example.com": "u-felix", "login of user=felix.fresh failed": "u-felix"} {
		found, tried, err := g.srv.findPerson(t.Context(), c, text)
		if err != nil || len(found) != 1 || found[0].UserID != want || len(tried) == 0 {
			t.Errorf("%q: %v %q %v", text, found, tried, err)
		}
	}
	found, tried, err := g.srv.findPerson(t.Context(), c, "nobody.at.all@example.com")
	if err != nil || len(found) != 0 || len(tried) != 2 {
		t.Errorf("nobody: %v %q %v", found, tried, err)
	}
	out := callerOf(t, g, outsider)
	if _, _, err := g.srv.findPerson(t.Context(), out, "u-anna"); err == nil {
		t.Error("without the role nothing is said")
	}
}

// callerOf is somebody signed in at OBP, without the console around them.
func callerOf(t *testing.T, g *rig, name string) *caller {
	t.Helper()
	cred, err := g.srv.OBP.SignIn(t.Context(), name, password)
	if err != nil {
		t.Fatal(err)
	}
	return &caller{api: g.srv.OBP.As(cred)}
}

// A customer number at the current bank finds the people linked to it.
func TestFindByCustomerNumber(t *testing.T) {
	w := deskWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "e-corr", Role: "CanGetCorrelatedUsersInfo", BankID: "bank.one", UserID: "u-henry"})
	w.Customers = append(w.Customers, sandbox.Customer{BankID: "bank.one", ID: "c-felix", Number: "C-1", BirthDate: "1984-04-23", DependantsDOB: []string{}})
	for i, who := range []string{"u-felix", "u-fred"} {
		w.Links = append(w.Links, sandbox.CustomerLink{ID: fmt.Sprint("l-", i), CustomerID: "c-felix", UserID: who, Active: true})
	}
	g := newRigOf(t, w)
	b := g.signIn(helper)
	a := b.post("/find", url.Values{"q": {"C-1"}, "bank": {"bank.one"}})
	if got := people(a); len(got) != 2 || !strings.Contains(a.id("tried"), "customer number “C-1” at bank.one") {
		t.Errorf("%q %s", got, a.text("main"))
	}
	if a := b.post("/find", url.Values{"q": {"C-1"}}); len(people(a)) != 0 || strings.Contains(a.id("tried"), "customer number") {
		t.Errorf("without a bank: %s", a.text("main"))
	}
	if a := b.post("/find", url.Values{"q": {outsider}, "bank": {"bank.two"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("at a bank where it may not be read: %d %s", a.StatusCode, a.text("main"))
	}
	if a := b.get("/roles?bank=bank.one"); a.doc.Find(`header .find input[name=bank][value="bank.one"]`).Length() != 1 {
		t.Error("the current bank does not go along")
	}
}
