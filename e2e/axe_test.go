package e2e

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axeSource string

// The vendored files are the ones of the release.
func TestAxeIsAsReleased(t *testing.T) {
	sums, err := os.ReadFile("testdata/axe/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		b, err := os.ReadFile("testdata/axe/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
			t.Errorf("%s: sha256 %s, want %s", name, got, want)
		}
	}
}

// finding is one rule that a page breaks.
type finding struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target []any  `json:"target"`
		HTML   string `json:"html"`
		Why    string `json:"failureSummary"`
	} `json:"nodes"`
}

const axeRun = `(async () => {
	await Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)));
	const r = await axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values:
		['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']}});
	return JSON.stringify(r.violations);
})()`

// axe looks for accessibility faults in the page as it is, in light and dark.
func (v *visitor) axe(state string) {
	v.t.Helper()
	v.quiet()
	world := v.axeWorld()
	for _, theme := range []string{"light", "dark"} {
		v.look(v.width(), theme)
		for _, f := range v.runAxe(world) {
			for _, n := range f.Nodes {
				v.t.Errorf("axe: %s, %s: %s at %v: %s\n%s\n%s", state, theme, f.ID, n.Target, f.Help, n.HTML, n.Why)
			}
		}
		v.shot(state, theme)
	}
	v.look(v.width(), "light")
}

// axeWorld loads axe beside the page, in a world of its own that the page's
// content policy does not bind.
func (v *visitor) axeWorld() (world runtime.ExecutionContextID) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		tree, err := cdp.Call(ctx, s, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return err
		}
		w, err := cdp.Call(ctx, s, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
		if err != nil {
			return err
		}
		world = w.ExecutionContextID
		_, err = cdp.Call(ctx, s, runtime.Evaluate, runtime.EvaluateParams{Expression: axeSource + ";0", ContextID: world})
		return err
	}))
	return world
}

func (v *visitor) runAxe(world runtime.ExecutionContextID) (found []finding) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		// axe needs timers, which do not run where scripts are off.
		if _, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}); err != nil {
			return err
		}
		res, err := cdp.Call(ctx, s, runtime.Evaluate, runtime.EvaluateParams{Expression: axeRun,
			ContextID: world, ReturnByValue: new(true), AwaitPromise: new(true)})
		if err != nil {
			return err
		}
		if res.ExceptionDetails != nil {
			return fmt.Errorf("axe: %s %s", res.ExceptionDetails.Text, res.ExceptionDetails.Exception.Description)
		}
		var out string
		if err := json.Unmarshal(res.Result.Value, &out); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(out), &found); err != nil {
			return err
		}
		_, err = cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.scripts})
		return err
	}))
	return found
}
