package e2e

import (
	"strings"
	"testing"
)

// The demo runs by itself: it says whom to sign in as, the page offers them,
// and an approval and a decline stand in the journal.
func TestDemo(t *testing.T) {
	p := start(t, nil, "demo", "-addr", "127.0.0.1:0")
	inTurn(t, func(t *testing.T, setup option) {
		v := visit(t, p.url, setup)
		v.open("/sign-in")
		v.see(id("demo-person"))
		v.axe("demo sign-in")
		first := strings.Fields(v.get(`document.querySelector('[data-testid="demo-person"]').value`))[0]
		if !strings.Contains(p.out.String(), first) {
			t.Errorf("the terminal does not name %s:\n%s", first, p.out)
		}
		v.follow(func() { v.click(id("demo-person")) })
		v.see(id("home-sentence"))
		v.follow(func() { v.click(id("nav-requests")) })
		for _, button := range []string{"approve", "decline"} {
			v.open("/requests")
			v.click(`tr:not(:has(.t)) ` + id("request-link")) // a row without any mark
			v.see(id(button))
			v.quiet()
			v.fill(id("reason"), "demo "+button)
			if v.count(id("tick")) > 0 {
				v.click(id("tick")) // the person is locked
			}
			v.click(id(button))
			v.see(id("flash"))
			v.quiet()
		}
		v.open("/journal")
		v.seeText(id("journal-row"), "demo approve")
		v.seeText(id("journal-row"), "demo decline")
	})
}
