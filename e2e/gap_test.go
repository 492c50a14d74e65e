package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// journalCommand runs "console journal" over a folder and gives what it says.
func journalCommand(t *testing.T, data string, args ...string) string {
	t.Helper()
	c := exec.Command(binary, append([]string{"journal"}, args...)...)
	c.Env = []string{data}
	c.Dir = t.TempDir()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("journal %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// A back-up is made beside the console that serves, the journal goes on and is
// lost, and the back-up is restored. The journal page says which entries are
// missing, shows the restore with its reason, and what was decided before; with
// a filter the gap is still told, and whoever reads only their own acts sees it
// too.
func TestGapOnTheJournalPage(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		data := "DATA_DIR=" + t.TempDir()
		settings := []string{data, "JOURNAL_READERS=" + anna, "SIGN_IN_ALLOWED=anyone"}
		c := serve(t, w, settings...)
		v := c.visit(t, setup)
		v.signIn(anna)
		approve := func(request, why string) {
			t.Helper()
			v.open("/requests/" + request)
			v.fill(id("reason"), why)
			v.click(id("approve"))
			v.see(id("flash"))
			v.quiet()
		}
		approve(ids.branch, "before the back-up")
		backup := filepath.Join(t.TempDir(), "journal.backup")
		said := journalCommand(t, data, "backup", backup)
		after := regexp.MustCompile(`intact to entry (\d+)`).FindStringSubmatch(said)
		if after == nil {
			t.Fatalf("back-up: %s", said)
		}
		approve(ids.atm, "after the back-up")
		v.open("/journal")
		v.seeText("main", "after the back-up")
		v.gone(id("journal-gap"))
		c.stop()
		head := regexp.MustCompile(`head ((\d+):[0-9a-f]+)`).FindStringSubmatch(journalCommand(t, data, "verify"))
		if head == nil {
			t.Fatal("verify tells no head")
		}
		journalCommand(t, data, "restore", backup, "-head", head[1], "-reason", "disk lost on Monday", "-by", "Olga Operator")

		again := serveAgainst(t, c.obp.url, settings...)
		v = visit(t, again.url, setup)
		v.signIn(anna)
		v.open("/journal")
		gap := v.see(id("journal-gap"))
		for _, want := range []string{"after entry " + after[1], "up to entry " + head[2]} {
			if !strings.Contains(gap, want) {
				t.Errorf("the notice does not say %q: %s", want, gap)
			}
		}
		v.hold("journal with a gap")
		if text := v.get(`document.querySelector('main').innerText`); !strings.Contains(text, "before the back-up") || strings.Contains(text, "after the back-up") {
			t.Errorf("the list holds what the back-up held, and nothing else: %s", text)
		}
		row := `[data-testid="journal-row"][data-act="restore"]`
		v.seeText(row, "disk lost on Monday")
		v.open("/journal?act=restore")
		v.see(row)
		v.see(id("journal-gap"))
		v.follow(func() { v.click(row + " a") })
		for _, want := range []string{"Olga Operator", "disk lost on Monday", head[1]} {
			v.seeText("main", want)
		}
		v.hold("the entry of a restore")

		other := visit(t, again.url, setup)
		other.signIn(felix)
		other.open("/journal")
		other.seeText(id("journal-gap"), "up to entry "+head[2])
		if out := journalCommand(t, data, "verify", "-head", head[1]); !strings.Contains(out, "gap: entry") {
			t.Errorf("verify: %s", out)
		}
	})
}
