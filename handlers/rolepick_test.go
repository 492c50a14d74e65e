package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/web/templates"
)

// Roles are found by every word, in names before in what they let do; those
// ticked stay; the part alone is answered to who types; nothing is granted.
func TestRolePick(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	to := templates.Grant("u-felix", "", "")
	values := func(a answer) (out []string) {
		a.doc.Find(`#role-list input`).Each(func(_ int, s *goquery.Selection) { out = append(out, s.AttrOr("value", "")) })
		return out
	}
	f := grantForm("CanGetAnyUser", "bank.one", because)
	f.Set("do", "find")
	for _, c := range []struct{ text, first string }{{"branch CREATE bank", "CanCreateBranchAtAnyBank"}, {"CanCreateBranch", "CanCreateBranch"}} {
		f.Set("find", c.text)
		a := b.post(to, f)
		if got := values(a); len(got) < 2 || got[0] != "CanGetAnyUser" || got[1] != c.first {
			t.Errorf("%q: %v", c.text, got)
		}
		if a.StatusCode != http.StatusOK || a.text("#reason") != because || a.doc.Find("#bank option[selected]").AttrOr("value", "") != "bank.one" || a.doc.Find("#role-list [checked]").Length() != 1 {
			t.Errorf("%q: %d, what was typed is lost: %s", c.text, a.StatusCode, a.text("main"))
		}
	}
	f.Set("find", "no such role")
	if a := b.post(to, f); len(values(a)) != 1 || !strings.Contains(a.id("role-count"), "No role matches") {
		t.Errorf("%s", a.text("#role-list"))
	}
	f.Set("find", "")
	if a := b.post(to, f); len(values(a)) != maxPick+1 {
		t.Errorf("%d rows", len(values(a)))
	}
	if a := b.part(templates.RolePickID).post(to, f); a.doc.Find("h1, form").Length() != 0 || len(values(a)) != maxPick+1 {
		t.Errorf("the part: %s", a.body)
	}
	d := url.Values{"do": {"find"}, "find": {"open branch"}, "username": {"0xabc"}, "role": {"CanGetAnyUser"}}
	if a := b.post(templates.DAuthPattern, d); a.StatusCode != http.StatusOK || a.doc.Find("#username").AttrOr("value", "") != "0xabc" || values(a)[0] != "CanGetAnyUser" {
		t.Errorf("DAuth: %s", a.text("main"))
	}
	if g.writes() != 0 {
		t.Errorf("%d writes", g.writes())
	}
}
