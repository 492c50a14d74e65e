package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// A failed look-up of the banks is not asked for again by each picker; the
// banks' ids stand for their names.
func TestBanksAreAskedForOnce(t *testing.T) {
	for _, target := range []string{"/accounts?bank=" + nordBank, "/customers?bank=" + nordBank, "/links/many?bank=" + nordBank, "/me/challenge?bank=" + nordBank} {
		g := bankRig(t)
		anna := g.signIn(admin)
		g.fault("GET /banks", sandbox.Fault{Status: 500, Message: "OBP-50000: Unknown Error."})
		made := g.made(func() {
			if a := anna.get(target); a.StatusCode != http.StatusOK || a.doc.Find(`option[value="`+nordBank+`"][selected]`).Length() == 0 {
				t.Errorf("%s: %d %s", target, a.StatusCode, a.text("main"))
			}
		})
		if made["GET /banks"] != 1 {
			t.Errorf("%s: the banks were asked for %d times", target, made["GET /banks"])
		}
	}
}

// What an act needs is read once before it, and only what is not known
// afterwards is read back.
func TestBankActsReadOnce(t *testing.T) {
	const acc = "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}"
	for name, c := range map[string]struct {
		target func(p place) string
		form   url.Values
		calls  map[string]int64
	}{
		"replace my views": {func(place) string { return annaPath + "/mine" }, values("view", "owner", "tick", "1"),
			map[string]int64{"GET " + acc + "/views": 1, "GET /users/current": 2, "PUT " + acc + "/account-access": 1, "GET /banks": 1}},
		"add a context": {ofFelix(templates.Contexts), values("key", "PASSPORT", "value", "P1"),
			map[string]int64{"GET /users/user_id/{USER_ID}": 1, "GET /users/{USER_ID}/auth-context": 1, "POST /users/{USER_ID}/auth-context": 1}},
		"delete a context": {func(p place) string { return templates.DropContext(p.felix, p.ctx) }, values(),
			map[string]int64{"GET /users/user_id/{USER_ID}": 1, "GET /users/{USER_ID}/auth-context": 1, "DELETE /users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}": 1}},
		"change my attribute": {func(p place) string { return templates.MyAttribute(p.att) }, values("name", "floor", "type", "INTEGER", "value", "2"),
			map[string]int64{"GET /my/user/attributes": 1, "PUT /my/user/attributes/{USER_ATTRIBUTE_ID}": 1}},
		"unlink": {func(p place) string {
			return templates.Unlink(nordBank, p.g.linked(p.felix, p.customer), p.felix, p.customer)
		}, values(),
			map[string]int64{"GET /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID}": 1, "DELETE /banks/{BANK_ID}/user_customer_links/{USER_CUSTOMER_LINK_ID}": 1, "GET /banks": 1,
				"GET /users/user_id/{USER_ID}": 1, "GET /banks/{BANK_ID}/customers/{CUSTOMER_ID}": 1}},
		"dauth": {func(place) string { return annaPath + "/dauth" }, values("username", "0xab", "provider", "dauth.x", "view", "auditor"),
			map[string]int64{"POST " + acc + "/user-account-access": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			g := bankRig(t)
			p := g.place()
			target := c.target(p)
			made := g.made(func() {
				if a := p.anna.post(target, c.form); a.StatusCode != http.StatusSeeOther {
					t.Errorf("%d %s", a.StatusCode, a.text("main"))
				}
			})
			if d := cmp.Diff(c.calls, made); d != "" {
				t.Errorf("%s: %s", strings.Join(slices.Sorted(maps.Keys(made)), ", "), d)
			}
		})
	}
}
