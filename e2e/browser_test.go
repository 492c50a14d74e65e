package e2e

import (
	"context"
	"iter"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// start starts the browser.
func (e *engine) start() error {
	e.once.Do(func() {
		path, err := e.find()
		if err != nil {
			e.err = err
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
			// no page sees a renderer that waits for the next one, and starting each takes a quarter of the time
			chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess"),
			chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-GB"))
		alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
		e.stop = append(e.stop, stop)
		e.ctx, stop = chromedp.NewContext(alloc)
		e.stop = append(e.stop, stop)
		e.err = chromedp.Do(e.ctx)
	})
	return e.err
}

// visitor is one person's browser: cookies and storage of its own.
type visitor struct {
	t        *testing.T
	base     string // address of the console
	scripts  bool
	whole    bool // with the window around the page
	pardoned bool // the page is faulty by intent
	ctx      context.Context
	*record
}

// option changes how a visitor's browser is set up.
type option func(*visitor)

// withoutScripts switches scripts off.
func withoutScripts(v *visitor) { v.scripts = false }

// wholeBrowser is for what the window does.
func wholeBrowser(v *visitor) { v.whole = true }

// visit opens a browser for one person. When the test ends it checks what was
// recorded: see verdict.
func visit(t *testing.T, base string, options ...option) *visitor {
	t.Helper()
	v := &visitor{t: t, base: base, scripts: true, record: newRecord(base)}
	for _, o := range options {
		o(v)
	}
	browser := chromium
	if _, err := shell.find(); err == nil && !v.whole {
		browser = shell
	}
	if err := browser.start(); err != nil {
		t.Fatal("Chromium: ", err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(v.record.listen))
	t.Cleanup(cancel)
	v.ctx = ctx
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		if _, err := cdp.Call(ctx, s, audits.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.scripts})
		return err
	}))
	go v.answerDialogs(chromedp.Events(ctx, page.JavascriptDialogOpening))
	v.look(1280, "light")
	t.Cleanup(v.verdict)
	return v
}

// answerDialogs accepts what the browser itself asks, such as whether to leave
// a page; no journey should come to that.
func (v *visitor) answerDialogs(dialogs iter.Seq2[page.EventJavascriptDialogOpening, error]) {
	for d, err := range dialogs {
		if err != nil {
			return
		}
		v.mu.Lock()
		v.complain("the browser asks (%s): %s", d.Type, d.Message)
		v.mu.Unlock()
		_, _ = chromedp.Call(v.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

// look sets the window's width and the system's theme.
func (v *visitor) look(width int64, theme string) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		if _, err := cdp.Call(ctx, s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: 900, DeviceScaleFactor: 1}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
}

// do runs browser commands, each with the test's patience.
func (v *visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if v.ctx == nil || chromedp.FromContext(v.ctx).Target == nil {
		ctx = v.ctx // the first run opens the tab, which lives as long as its context
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("browser: %v", err)
	}
}

// evaluate runs an expression in the page, in the page's own world.
func evaluate[T any](v *visitor, js string) (T, error) {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// both runs a journey with scripts and without, each with a console of its own,
// at the same time where the server is a stand-in of the journey's own.
func both(t *testing.T, journey func(t *testing.T, setup option)) {
	inTurn(t, func(t *testing.T, setup option) {
		if far == nil {
			t.Parallel()
		}
		journey(t, setup)
	})
}

// inTurn is both for journeys over one console, one after the other.
func inTurn(t *testing.T, journey func(t *testing.T, setup option)) {
	t.Run("scripts on", func(t *testing.T) { journey(t, func(*visitor) {}) })
	t.Run("scripts off", func(t *testing.T) { journey(t, withoutScripts) })
}

// take gives this browser the cookie of another, so that a signed-in visit can
// begin with nothing else kept.
func (v *visitor) take(c *network.Cookie) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: v.base + "/",
			Path: "/", Secure: new(true), HTTPOnly: new(true), SameSite: c.SameSite})
		return err
	}))
}
