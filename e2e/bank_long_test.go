package e2e

import (
	"strings"
	"testing"
)

// Names and an e-mail that are long and have no blank.
var (
	longName = strings.Repeat("wolfeschlegelsteinhausenbergerdorff", 2)
	longMail = strings.Repeat("a", 60) + "@" + strings.Repeat("b", 21) + ".example"
	longID   = strings.Repeat("audit", 12)
)

// long gives a person, an account, a customer, a context and an attribute such
// names; the person may do what anna may.
func long(w *world, p *bankParts) {
	x := w.addUser(longName)
	w.user(longName).Email = longMail
	for _, e := range w.Entitlements {
		if e.UserID == w.user(anna).UserID {
			w.hold(longName, e.Role, e.BankID)
		}
	}
	p.Accounts = append(p.Accounts, account2(longID, longName))
	for _, view := range []string{"owner", "ReadTransactionsBerlinGroup"} {
		p.AccessRows = append(p.AccessRows, access{bankOne, longID, view, x.UserID})
	}
	p.AccessRows = append(p.AccessRows, access{bankOne, longID, "owner", w.user(anna).UserID}, access{bankOne, "acc-1", "auditor", x.UserID})
	p.Customers = append(p.Customers, customer{bankOne, idOf('c', 90), "N" + longName, longName, longMail})
	p.Links = append(p.Links, customerLink{idOf('d', 90), idOf('c', 90), x.UserID, p.Links[0].Inserted, true})
	p.Contexts = append(p.Contexts, authContext{idOf('f', 90), x.UserID, strings.ToUpper(longName), longMail})
	p.Attributes = append(p.Attributes, attribute{idOf('f', 91), longName, "STRING", longMail, x.UserID})
}

// uncut wants that no text is cut off without a way to read it: by scrolling a
// table, or by a title.
func (v *visitor) uncut(what string) {
	v.t.Helper()
	cut := v.get(`[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 &&
		!/auto|scroll|visible/.test(getComputedStyle(e).overflowX) && !['INPUT', 'SELECT', 'TEXTAREA'].includes(e.tagName) && !e.title)
		.slice(0, 5).map(e => e.tagName + '.' + e.className + ' "' + e.innerText.slice(0, 40) + '"').join('; ')`)
	if cut != "" {
		v.t.Errorf("%s cuts text: %s", what, cut)
	}
	spills := v.get(`[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible' &&
		getComputedStyle(e).display !== 'inline' && !e.closest('.scroll') && getComputedStyle(e).clipPath === 'none')
		.slice(0, 5).map(e => e.tagName + '.' + e.className + ' "' + e.innerText.slice(0, 40) + '"').join('; ')`)
	if spills != "" {
		v.t.Errorf("%s: text stands out of its place: %s", what, spills)
	}
}

// Long names and e-mails break, on every list and page of banks and in the
// frame around them, and nothing of them is lost.
func TestLongNamesAtBanks(t *testing.T) {
	needs(t, ownWorld)
	t.Parallel()
	c := serveBanks(t, long)
	v := c.visit(t)
	v.signIn(longName)
	user, account, customer := "/users/"+c.w.user(longName).UserID, "/banks/"+bankOne+"/accounts/"+longID, "/banks/"+bankOne+"/customers/"+idOf('c', 90)
	who := "provider=" + escape(c.w.Provider) + "&person=" + longName
	for _, p := range []struct{ path, shows string }{
		{"/accounts", longName}, {account, longName}, {account, longMail}, {account + "/person?" + who, longName}, {account + "/grant", ""}, {account + "/revoke?" + who + "&view=owner", longName},
		{account + "/mine", "ReadTransactionsBerlinGroup"}, {account + "/dauth", ""}, {"/customers", longMail}, {"/customers?form=ids", ""}, {customer, longMail}, {customer + "/link", longName},
		{"/banks/" + bankOne + "/links/" + idOf('d', 90) + "/unlink?customer=" + idOf('c', 90) + "&user=" + c.w.user(longName).UserID, longName},
		{user + "/links?bank=" + bankOne, longName}, {user + "/contexts", longMail}, {user + "/contexts/" + idOf('f', 90) + "/delete", longMail}, {user + "/contexts/delete", longMail},
		{user + "/attributes", longMail}, {"/me", longMail}, {"/me/access", longName}, {"/me/attributes", longMail}, {"/me/challenge?bank=" + bankOne, ""},
	} {
		v.open(p.path)
		v.wait(p.shows+" on "+p.path, `document.querySelector('main').textContent.includes(`+quote(p.shows)+`)`)
		for _, width := range []int64{375, 1280} {
			v.look(width, "light")
			v.fits(p.path)
			v.uncut(p.path)
			v.shot(strings.Trim(strings.ReplaceAll(pathOnly(p.path), "/", " "), " "), "long")
		}
	}
	v.open("/links/many?bank=" + bankOne)
	v.fill("#rows", "N"+longName+","+felix+"\nN-2,"+longName)
	v.follow(func() { v.click(id("many-form") + " " + id("go")) })
	for _, step := range []string{"many checked", "many done"} {
		v.seeText("main", longName)
		v.look(375, "light")
		v.fits(step)
		v.uncut(step)
		v.shot(step, "long")
		v.look(1280, "light")
		if v.count(id("many-confirm")) > 0 {
			v.fill(id("reason"), "The whole team")
			v.follow(func() { v.click(id("many-confirm") + " " + id("go")) })
		}
	}
	a := c.visit(t)
	a.signIn(anna)
	a.open("/operators")
	a.seeText(id("operator-row"), longName)
	a.look(375, "light")
	a.fits("operators")
	a.uncut("operators")
}
