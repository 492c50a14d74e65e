package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/network"
)

// What the first visit of the queue may cost, as received from the network.
const (
	budgetBytes    = 76_800
	budgetRequests = 6
	budgetHTML     = 8_000
)

// A cold visit of the queue with 25 rows stays within its budget, and the next
// page comes with no file fetched again.
func TestColdVisitOfTheQueue(t *testing.T) {
	needs(t, scale)
	c := serve(t, fullWorld(25))
	v := c.visit(t)
	v.signIn(anna)
	signedIn := v.cookies()
	cold := c.visit(t)
	cold.take(signedIn[0])
	cold.open("/requests")
	if n := cold.count(id("request-row")); n != 25 {
		t.Fatalf("the queue has %d rows", n)
	}
	cold.wait("the fonts", `document.fonts.status === 'loaded'`)
	cold.quiet()
	bytes, requests := int64(0), 0
	for _, x := range cold.sent() {
		if x.cached {
			continue
		}
		t.Logf("%6d B  %s %s", x.wire, x.method, x.path)
		if x.kind == network.ResourceTypeDocument && x.wire > budgetHTML {
			t.Errorf("the page weighs %d B on the wire, want at most %d", x.wire, budgetHTML)
		}
		if x.wire == 0 {
			t.Errorf("%s: no bytes were counted", x.path)
		}
		bytes += x.wire
		requests++
	}
	t.Logf("%6d B in %d requests", bytes, requests)
	if bytes > budgetBytes || requests > budgetRequests {
		t.Errorf("%d B in %d requests, want at most %d B in %d", bytes, requests, budgetBytes, budgetRequests)
	}
	before := len(cold.sent())
	cold.follow(func() { cold.click(id("nav-home")) })
	cold.see(id("home-sentence"))
	for _, x := range cold.sent()[before:] {
		if x.kind != network.ResourceTypeDocument && x.wire > 0 {
			t.Errorf("%s was fetched again: %d B", x.path, x.wire)
		}
	}
}
