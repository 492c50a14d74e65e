package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// width is the window's width now.
func (v *visitor) width() int64 {
	v.t.Helper()
	n, err := strconv.ParseInt(v.get("innerWidth"), 10, 64)
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

// shot writes the whole page as a picture to the folder E2E_SHOTS, if there is one.
func (v *visitor) shot(state, theme string) {
	v.t.Helper()
	dir := os.Getenv("E2E_SHOTS")
	if dir == "" {
		return
	}
	name := strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace(state) + "-" + strconv.FormatInt(v.width(), 10) + "-" + theme
	if !v.scripts {
		name += "-noscript"
	}
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		res, err := cdp.Call(ctx, s, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), res.Data, 0o644)
	}))
}
