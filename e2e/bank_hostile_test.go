package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostileNames would break an address, a page or its direction if anything
// forgot to escape them.
var hostileNames = []string{
	`blank and/slash`, `O'Brien & "Söhne"`, `<script>alert(1)</script>`, `<b>bold</b><img src=x onerror=alert(1)>`, "עברית של אדם", "\u202eback to front", "..%2f..%3fx=1#y", "=1+1",
}

// hostile makes a world whose people, accounts and customers have such names
// and ids, and a view that is none of the server's own.
func hostile(w *world, p *bankParts) {
	var views []map[string]any
	if err := json.Unmarshal(p.SystemViews, &views); err != nil {
		panic(err)
	}
	p.SystemViews, _ = json.Marshal(append(views, map[string]any{"view_id": `_o'b <b>/1`, "name": "<b>", "description": hostileName}))
	p.AccessRows = append(p.AccessRows, access{bankOne, "acc-1", `_o'b <b>/1`, w.user(maria).UserID})
	for i, name := range hostileNames {
		u := w.addUser(name)
		account, customerID := fmt.Sprintf("%s-%d", name, i), idOf('c', 20+i)
		p.Accounts = append(p.Accounts, account2(account, name))
		p.AccessRows = append(p.AccessRows, access{bankOne, account, "owner", w.user(anna).UserID}, access{bankOne, "acc-1", "auditor", u.UserID})
		p.Customers = append(p.Customers, customer{bankOne, customerID, "N/" + name, name, name})
		p.Links = append(p.Links, customerLink{idOf('d', 20+i), customerID, u.UserID, p.Links[0].Inserted, true})
		p.Attributes = append(p.Attributes, attribute{idOf('f', 20+i), name, "STRING", name, w.user(felix).UserID})
		p.Contexts = append(p.Contexts, authContext{idOf('f', 40+i), w.user(felix).UserID, name, name})
	}
}

func account2(id, label string) account { return account{bankOne, id, label, label, "EUR", 1} }

// hrefs are the addresses of the links of a selector.
func (v *visitor) hrefs(selector string) []string {
	v.t.Helper()
	v.see(selector)
	var out []string
	if err := json.Unmarshal([]byte(v.get(`JSON.stringify([...document.querySelectorAll(`+quote(selector)+`)].map(a => a.getAttribute('href')))`)), &out); err != nil {
		v.t.Fatal(err)
	}
	return out
}

// harmless wants that names are text on the page, and that it keeps its width.
func (v *visitor) harmless(what string) {
	v.t.Helper()
	if n := v.get(`document.querySelectorAll('main script, main img, main b b, main td b, main h1 b').length`); n != "0" {
		v.t.Errorf("%s: %s elements came in with names", what, n)
	}
	v.look(375, "light")
	v.fits(what)
	v.look(1280, "light")
}

// Hostile names and ids stand as text in every list and form, and every
// address that is made of them leads where it should.
func TestHostileNamesAtBanks(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t, hostile)
		v := c.visit(t, setup)
		v.signIn(anna)
		felixPath := "/users/" + c.w.user(felix).UserID
		for _, list := range []struct {
			path, row, link string
			names           []string
		}{
			{"/accounts", id("account-row"), id("account-link"), hostileNames},
			{"/accounts?bank=" + bankOne, id("account-row"), id("account-link"), hostileNames},
			{"/customers", id("customer-row"), id("customer-link"), hostileNames},
			{"/customers?bank=" + bankOne, id("customer-row"), id("customer-link"), hostileNames},
			{annasAccount + "?v=owner", id("grid-row"), id("grid-row") + " a", append([]string{"_o'b <b>/1"}, hostileNames...)},
			{felixPath + "/contexts", id("context-row"), id("context-drop"), hostileNames},
			{felixPath + "/attributes", id("attribute-row"), "", hostileNames},
		} {
			v.open(list.path)
			for _, name := range list.names {
				v.wait(fmt.Sprintf("%q on %s", name, list.path), `document.querySelector('main').textContent.includes(`+quote(name)+`)`)
			}
			v.harmless(list.path)
			if list.link == "" {
				continue
			}
			for _, to := range v.hrefs(list.link) {
				v.open(to)
				v.see("main h1")
				v.harmless(to)
			}
		}
		for i, name := range hostileNames[:2] {
			v.open("/banks/" + bankOne + "/accounts/" + url.PathEscape(fmt.Sprintf("%s-%d", name, i)) + "/grant")
			v.fill("#person", felix)
			v.pick("#view", "auditor")
			v.send()
			v.seeText(id("flash"), felix)
		}
		v.open(annasAccount + "/revoke?provider=" + escape(c.w.Provider) + "&person=" + escape(hostileNames[0]) + "&view=auditor")
		v.seeText("main", hostileNames[0])
		v.send()
		v.seeText(id("flash"), hostileNames[0])
		if got := c.views(hostileNames[0], "acc-1"); len(got) != 0 {
			t.Errorf("the view of %q is left: %v", hostileNames[0], got)
		}
		for i, name := range hostileNames {
			v.open("/customers?bank=" + bankOne)
			v.fill("#number", "N/"+name)
			v.follow(func() { v.click(id("customer-find") + " button") })
			v.wait("the page of "+name, `document.querySelector('h1').textContent.includes(`+quote(name)+`)`)
			v.follow(func() { v.click(id("unlink-link")) })
			v.send()
			if c.linked(name, idOf('c', 20+i)) {
				t.Errorf("%q is still linked", name)
			}
		}
		v.open("/journal")
		v.harmless("the journal")
	})
}

// Access, links, contexts and attributes work by keyboard alone.
func TestBanksByKeyboard(t *testing.T) {
	needs(t, ownWorld)
	both(t, func(t *testing.T, setup option) {
		c := serveBanks(t)
		v := c.visit(t, setup)
		v.signIn(anna)
		choose := func(selector, letters string) {
			v.tabTo(selector)
			v.press(letters)
		}
		write := func(selector, text string) {
			v.tabTo(selector)
			v.do(chromedp.KeyEvent(text))
		}
		press := func(selector string) {
			v.tabTo(selector)
			v.follow(func() { v.press("\r") })
		}
		press(id("nav-accounts"))
		press(`[data-id="acc-1"] ` + id("account-link"))
		press(id("account-act"))
		write("#person", felix)
		choose("#view", "acc")
		write(id("reason"), "by keyboard")
		press(id("go"))
		v.seeText(id("flash"), felix)
		if got := c.views(felix, "acc-1"); len(got) != 1 || got[0] != "accountant" {
			t.Errorf("felix has %v", got)
		}
		press(`[data-person="` + felix + `"] ` + id("revoke-link"))
		write(id("reason"), "by keyboard")
		press(id("go"))
		if got := c.views(felix, "acc-1"); len(got) != 0 {
			t.Errorf("felix has %v", got)
		}
		press(id("nav-customers"))
		press(id("customer-row") + `[data-id="` + idOf('c', 1) + `"] ` + id("customer-link"))
		press(id("link-user"))
		write("#person", maria)
		write(id("reason"), "by keyboard")
		press(id("go"))
		if !c.linked(maria, idOf('c', 1)) {
			t.Error("not linked")
		}
		v.open("/users/" + c.w.user(felix).UserID + "/contexts")
		write("#key", "TAX_NUMBER")
		write("#value", "T1")
		write(id("reason"), "by keyboard")
		press(id("go"))
		v.seeText(id("contexts"), "TAX_NUMBER")
		v.open("/me/attributes")
		write("#name", "floor")
		choose("#type", "whole")
		write("#value", "2")
		press(id("go"))
		v.seeText(id("attributes"), "floor")
	})
}
