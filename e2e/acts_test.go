package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Several requests are decided by one reason: those that may not be are left
// out and named, the confirmation lists the others by name, and each row tells
// how it ended; one that OBP refuses stops no other.
func TestDecideSeveral(t *testing.T) {
	needs(t, faults)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests")
		for _, r := range []string{ids.branch, ids.atm, ids.own, ids.risk, ids.held} {
			v.click(`[data-testid="request-row"][data-id="` + r + `"] input[type=checkbox]`)
		}
		v.follow(func() { v.click(id("bulk-approve")) })
		for _, r := range []string{ids.own, ids.risk} {
			v.see(id("bulk-left-out") + ` [data-id="` + r + `"]`)
		}
		for _, who := range []string{felix, orla, maria} {
			v.seeText(id("bulk-row"), who)
		}
		if n := v.count(id("bulk-row")); n != 5 {
			t.Errorf("%d rows are listed", n)
		}
		v.axe("several")
		v.fill(id("reason"), "The new branch opens")
		c.obp.fault("POST /users/{USER_ID}/entitlements", map[string]any{"status": 400, "message": "OBP-30211: Bank not found.", "skip": 1, "times": 1})
		v.follow(func() { v.click(id("bulk-go")) })
		v.wait("the end of all rows", `document.querySelectorAll('[data-testid="bulk-result"]').length >= 3 && !document.querySelector('[data-testid="bulk-continue"]')`)
		v.quiet()
		v.seeText(id("bulk-result"), felix)
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 1 || c.obp.open(ids.branch) {
			t.Errorf("felix holds the role %d times, request open: %t", n, c.obp.open(ids.branch))
		}
		if n := c.obp.granted(w.user(orla).UserID, "CanCreateAtm", bankOne); n != 0 || !c.obp.open(ids.atm) {
			t.Errorf("the refused row: orla holds the role %d times, request open: %t", n, c.obp.open(ids.atm))
		}
		if n := c.obp.granted(w.user(maria).UserID, "CanCreateProduct", bankTwo); n != 1 || c.obp.open(ids.held) {
			t.Errorf("the row after it: maria holds the role %d times, request open: %t", n, c.obp.open(ids.held))
		}
		if !c.obp.open(ids.own) || !c.obp.open(ids.risk) {
			t.Error("a row that was left out was decided")
		}
		v.axe("several, done")
	})
}

// An approval is taken back by what it created, as an act of its own; a
// decline cannot be, and the page says what can be done instead.
func TestUndo(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w)
		v := c.visit(t, setup)
		v.signIn(anna)
		for _, d := range []struct{ request, button string }{{ids.branch, "approve"}, {ids.atm, "decline"}} {
			v.open("/requests/" + d.request)
			v.fill(id("reason"), "for now")
			v.click(id(d.button))
			v.see(id("flash"))
			v.quiet()
		}
		v.open("/journal")
		v.follow(func() { v.click(v.journalLink("Approved")) })
		v.follow(func() { v.click(id("act-link") + `[href$="/undo"]`) })
		v.see(id("undo-choice"))
		v.axe("undo")
		act := strings.TrimSuffix(v.path(), "/undo")
		v.expect(422, act+"/undo")
		v.follow(func() { v.click(id("undo-go")) })
		v.see("#reason-e")
		v.fill(id("reason"), "The branch does not open")
		v.follow(func() { v.click(id("undo-go")) })
		v.see(id("flash"))
		if n := c.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne); n != 0 {
			t.Errorf("felix still holds the role %d times", n)
		}
		v.open(act + "/undo")
		v.see(id("undo-why")) // nothing is left to take back
		v.open("/journal")
		v.seeText(id("journal-row"), "Undid an approval")
		v.follow(func() { v.click(v.journalLink("Declined")) })
		v.open(v.path() + "/undo")
		v.see(id("undo-why"))
	})
}

// An auditor reads what all have done and is refused every act, crafted ones too.
func TestAuditorReadsAndDoesNothing(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, "AUDITORS="+bella)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "seen by the auditor")
		v.click(id("approve"))
		v.see(id("flash"))
		v.quiet()
		before := c.obp.writes()

		auditor := c.visit(t, setup)
		auditor.signIn(bella)
		auditor.open("/journal")
		auditor.seeText(id("journal-row"), "seen by the auditor")
		auditor.open("/requests/" + ids.atm)
		if auditor.count(id("approve"))+auditor.count(id("decline")) != 0 {
			t.Error("the page offers an auditor to decide")
		}
		for _, path := range []string{"/requests/" + ids.atm + "/approve", "/requests/" + ids.atm + "/decline"} {
			auditor.expect(403, path)
			auditor.follow(func() { auditor.post(path, map[string]string{"reason": "crafted"}) })
			auditor.see("main")
		}
		if n := c.obp.writes() - before; n != 0 || !c.obp.open(ids.atm) {
			t.Errorf("an auditor's %d writes reached OBP", n)
		}
	})
}

// What the journal gives out is verified elsewhere by the program and its key,
// and a changed word is found.
func TestExportIsVerifiedOffline(t *testing.T) {
	key := "JOURNAL_KEY=" + strings.Repeat("5a", 32)
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, key)
		v := c.visit(t, setup)
		v.signIn(anna)
		v.open("/requests/" + ids.branch)
		v.fill(id("reason"), "given out")
		v.click(id("approve"))
		v.see(id("flash"))
		v.open("/journal")
		file := v.download(func() { v.click(id("export-ndjson")) })
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "given out") {
			t.Errorf("the export holds no reason:\n%s", b)
		}
		verify := func(file string) (string, int) {
			cmd := exec.Command(binary, "journal", "verify", "-export", file)
			cmd.Env = []string{key}
			cmd.Dir = t.TempDir()
			out, _ := cmd.CombinedOutput()
			return string(out), cmd.ProcessState.ExitCode()
		}
		if out, code := verify(file); code != 0 {
			t.Errorf("verify: exit code %d: %s", code, out)
		}
		forged := filepath.Join(t.TempDir(), "forged.ndjson")
		if err := os.WriteFile(forged, []byte(strings.ReplaceAll(string(b), "given out", "given off")), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, code := verify(forged); code == 0 {
			t.Errorf("verify passes a forged file: %s", out)
		}
	})
}

// download waits for the file that an act makes the browser keep.
func (v *visitor) download(act func()) string {
	v.t.Helper()
	dir := v.t.TempDir()
	if _, err := chromedp.CallBrowser(v.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID, DownloadPath: dir}); err != nil {
		v.t.Fatal(err)
	}
	act()
	var file string
	v.until("a downloaded file", func() bool {
		got, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(got) != 1 || strings.HasSuffix(got[0], ".crdownload") {
			return false
		}
		file = got[0]
		return true
	})
	return file
}
