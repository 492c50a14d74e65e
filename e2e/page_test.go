package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// id is the selector of an element by its data-testid.
func id(name string) string { return `[data-testid="` + name + `"]` }

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// open goes to a path of the console and waits until the page is loaded.
func (v *visitor) open(path string) {
	v.t.Helper()
	v.follow(func() { v.navigate(v.base + path) })
}

func (v *visitor) navigate(address string) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		res, err := cdp.Call(ctx, s, page.Navigate, page.NavigateParams{URL: address})
		if err == nil && res.ErrorText != "" {
			err = fmt.Errorf("%s: %s", address, res.ErrorText)
		}
		return err
	}))
}

// follow waits until what the act began has loaded another page.
func (v *visitor) follow(act func()) {
	v.t.Helper()
	v.mu.Lock()
	before := v.documents
	v.mu.Unlock()
	act()
	v.until("another page", func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.documents > before
	})
	v.wait("the page to load, and to have the focus where it wants it", `document.readyState === 'complete' && (document.activeElement !== document.body || !document.querySelector('[autofocus]'))`)
	v.quiet()
}

// quiet waits until no answer is awaited, and what came last has its place: a
// click must not meet what moves away.
func (v *visitor) quiet() {
	v.t.Helper()
	v.until("the answers", func() bool { return !v.busy() })
	if v.scripts {
		v.wait("the parts to settle", `!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')`)
	}
}

// until waits for a condition that is seen outside the page.
func (v *visitor) until(what string, ok func() bool) {
	v.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			v.t.Fatalf("waited in vain for %s; the page is %s", what, v.shown())
		}
	}
}

// wait waits until an expression is true in the page. A page that is just
// being left cannot be asked; the next one is.
func (v *visitor) wait(what, js string) {
	v.t.Helper()
	v.until(what, func() bool {
		ok, err := evaluate[bool](v, "!!("+js+")")
		return err == nil && ok
	})
}

// get reads a value from the page.
func (v *visitor) get(js string) string {
	v.t.Helper()
	s, err := evaluate[string](v, "String("+js+")")
	if err != nil {
		v.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// visible is an expression: the first visible element of a selector, or undefined.
func visible(selector string) string {
	return `[...document.querySelectorAll(` + quote(selector) + `)].find(e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length)`
}

// see waits for an element and gives its text as it is shown.
func (v *visitor) see(selector string) string {
	v.t.Helper()
	v.wait(selector, visible(selector))
	return v.get(`(` + visible(selector) + ` ?? {}).innerText ?? ''`)
}

// seeText waits until an element shows these words.
func (v *visitor) seeText(selector, words string) {
	v.t.Helper()
	v.wait(fmt.Sprintf("%s with %q", selector, words),
		`[...document.querySelectorAll(`+quote(selector)+`)].some(e => e.checkVisibility() && e.innerText.toLowerCase().includes(`+quote(strings.ToLower(words))+`))`)
}

// gone waits until an element is not shown.
func (v *visitor) gone(selector string) {
	v.t.Helper()
	v.wait("no "+selector, `!(`+visible(selector)+`)`)
}

// count counts the visible elements now.
func (v *visitor) count(selector string) int {
	v.t.Helper()
	n, err := evaluate[int](v, `[...document.querySelectorAll(`+quote(selector)+`)].filter(e => e.getClientRects().length).length`)
	if err != nil {
		v.t.Fatalf("%s: %v", selector, err)
	}
	return n
}

// click presses the mouse on an element, where a person would hit it.
func (v *visitor) click(selector string) {
	v.t.Helper()
	v.wait(selector+" that can be clicked", visible(selector)+` && !(`+visible(selector)+`).disabled`)
	spot, err := evaluate[[]float64](v, `(() => {
		const e = `+visible(selector)+`;
		e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
		const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
		const hit = document.elementFromPoint(x, y);
		return [x, y, e.contains(hit) || hit?.closest('label')?.control === e ? 1 : 0];
	})()`)
	if err != nil || len(spot) != 3 {
		v.t.Fatalf("click %s: %v", selector, err)
	}
	if spot[2] == 0 {
		v.t.Fatalf("click %s: something lies over it: %s", selector, v.get(fmt.Sprintf("document.elementFromPoint(%f, %f)?.outerHTML.slice(0, 200)", spot[0], spot[1])))
	}
	v.do(chromedp.MouseClickXY(spot[0], spot[1]))
}

// fill replaces what stands in a field by text, as typing does.
func (v *visitor) fill(selector, text string) {
	v.t.Helper()
	v.wait(selector, visible(selector))
	if _, err := evaluate[bool](v, `(e => (e.focus(), e.select(), true))(`+visible(selector)+`)`); err != nil {
		v.t.Fatalf("fill %s: %v", selector, err)
	}
	if text == "" {
		v.press("\b")
	} else {
		v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
			_, err := cdp.Call(ctx, s, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}))
	}
	if got := v.value(selector); got != text {
		v.t.Fatalf("fill %s: it holds %q, not %q", selector, got, text)
	}
}

func (v *visitor) value(selector string) string {
	v.t.Helper()
	return v.get(`(` + visible(selector) + `).value`)
}

// press types keys, such as "\t" or "\r".
func (v *visitor) press(keys string, options ...chromedp.KeyOption) {
	v.t.Helper()
	v.do(chromedp.KeyEvent(keys, options...))
}

// back presses the browser's Back.
func (v *visitor) back() {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		h, err := cdp.Call(ctx, s, page.GetNavigationHistory, cdp.Empty{})
		if err != nil || h.CurrentIndex == 0 {
			return fmt.Errorf("no page to go back to: %w", err)
		}
		_, err = cdp.Call(ctx, s, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID})
		return err
	}))
}

// path is where the browser says that it is, with the query.
func (v *visitor) path() string {
	v.t.Helper()
	return v.get("location.pathname + location.search")
}

// focus names the element that has the keyboard.
func (v *visitor) focus() string {
	v.t.Helper()
	return v.get(`(e => e.tagName.toLowerCase() + (e.dataset.testid ? '[data-testid="' + e.dataset.testid + '"]' : e.id ? '#' + e.id : ''))(document.activeElement ?? document.body)`)
}

// shown says what the page is, for a failure's message.
func (v *visitor) shown() string {
	s, err := evaluate[string](v, `location.href + ' "' + document.title + '"\n' + document.body?.innerText.slice(0, 1500)`)
	if err != nil {
		return err.Error()
	}
	return s
}
