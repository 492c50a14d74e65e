package e2e

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// export sends the form of the journal's page with the browser's own session,
// and gives the file that comes.
func (v *visitor) export(format, filter string) string {
	v.t.Helper()
	form, err := url.ParseQuery(filter)
	if err != nil {
		v.t.Fatal(err)
	}
	form.Set("format", format)
	r, err := http.NewRequest("POST", v.base+"/exports/journal", strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", cookieName+"="+v.cookies()[0].Value)
	c := http.Client{Timeout: patience}
	res, err := c.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		v.t.Fatalf("export: %s %v: %s", res.Status, err, b)
	}
	if how := res.Header.Get("Content-Disposition"); !strings.HasPrefix(how, "attachment; ") || !strings.Contains(how, "."+format+`"`) {
		v.t.Errorf("it is not a file: %q", how)
	}
	return string(b)
}

// verifyFile runs "console journal verify -export" over a file, far from the
// journal it came from.
func verifyFile(t *testing.T, text, key string, args ...string) (out string, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "journal.ndjson")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(binary, append([]string{"journal", "verify", "-export", file}, args...)...)
	c.Dir = t.TempDir()
	c.Env = []string{key}
	b, _ := c.CombinedOutput()
	return string(b), c.ProcessState.ExitCode()
}

// What the journal's page gives out is all that its filter means. The file with
// hashes is proved elsewhere by the program, its key and a head of the log; any
// edit of it is found. Each export is recorded.
func TestExportOfTheJournal(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		key := "JOURNAL_KEY=" + strings.Repeat("3c", 32)
		w, ids := someWorld()
		c := serve(t, w, key, "JOURNAL_READERS="+anna, "ROWS_PER_PAGE=10")
		for range 12 {
			(&plain{t: t, base: c.url}).signIn(bella) // more than a page
		}
		v := c.visit(t, setup)
		v.signIn(anna)
		const formula, reason = `=HYPERLINK("http://elsewhere")`, "for the new machine, çà"
		for request, why := range map[string]string{ids.branch: formula, ids.atm: reason} {
			v.open("/requests/" + request)
			v.fill(id("reason"), why)
			v.click(id("approve"))
			v.see(id("flash"))
			v.quiet()
		}
		v.open("/journal")
		v.see(id("export-form"))
		v.hold("journal with its export")

		rows, err := csv.NewReader(strings.NewReader(v.export("csv", ""))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") {
					t.Errorf("a formula: %q", cell)
				}
				if cell == reason || cell == "'"+formula {
					found = append(found, cell)
				}
			}
		}
		if slices.Sort(found); len(found) != 2 || len(rows) < 17 {
			t.Errorf("%d rows, with the reasons %q", len(rows), found)
		}
		part, err := csv.NewReader(strings.NewReader(v.export("csv", "act=approve&q="+orla))).ReadAll()
		if err != nil || len(part) != 2 {
			t.Errorf("the filter leaves %d rows: %v", len(part), err)
		}

		text := v.export("ndjson", "")
		if !strings.Contains(text, reason) {
			t.Errorf("the reason is not in the file")
		}
		heads := regexp.MustCompile(`journal head.* n=(\d+) hash=([0-9a-f]{64})`).FindAllStringSubmatch(c.out.String(), -1)
		lines := strings.SplitAfter(text, "\n")
		if len(heads) < 4 || len(lines) < 17 {
			t.Fatalf("%d heads are logged, the file has %d lines", len(heads), len(lines))
		}
		old := heads[len(heads)/2]
		out, code := verifyFile(t, text, key, "-head", old[1]+":"+old[2])
		if code != 0 || !strings.Contains(out, "entries checked") {
			t.Errorf("verify: exit code %d: %s", code, out)
		}
		if out, code := verifyFile(t, v.export("ndjson", "q="+orla), key); code != 0 || !strings.Contains(out, "entries checked") {
			t.Errorf("verify a part: exit code %d: %s", code, out)
		}
		if out, code := verifyFile(t, text, "JOURNAL_KEY="+strings.Repeat("00", 31)+"01"); code == 0 {
			t.Errorf("another key proves it: %s", out)
		}
		without := func(i int) string { return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "") }
		swapped := slices.Clone(lines)
		swapped[4], swapped[5] = swapped[5], swapped[4]
		end := len(lines) - 2 // before the last line and what follows it
		for what, bad := range map[string]string{
			"a reason edited":    strings.Replace(text, reason, "for another machine, çà", 1),
			"a role edited":      strings.Replace(text, "CanCreateBranch", "CanCreateBank", 1),
			"an entry deleted":   without(5),
			"entries reordered":  strings.Join(swapped, ""),
			"the tail cut":       strings.Join(slices.Delete(slices.Clone(lines), end-1, end), ""),
			"the end cut off":    strings.Join(lines[:end], ""),
			"cut within a line":  text[:len(text)-40],
			"an entry put twice": strings.Join(slices.Insert(slices.Clone(lines), 5, lines[5]), ""),
		} {
			if bad == text {
				t.Fatalf("%s: the file is as it was", what)
			}
			if out, code := verifyFile(t, bad, key); code == 0 || strings.TrimSpace(out) == "" {
				t.Errorf("%s: exit code %d: %s", what, code, out)
			}
		}
		forged := strings.Repeat("0", 64)
		if out, code := verifyFile(t, text, key, "-head", old[1]+":"+forged); code == 0 {
			t.Errorf("a head that is not the logged one passes: %s", out)
		}

		v.open("/journal?act=export")
		v.see(id("journal-row"))
		if n := v.count(`[data-testid="journal-row"][data-act="export"][data-outcome="done"]`); n != 4 {
			t.Errorf("%d exports are recorded", n)
		}
	})
}

// Who may not read the acts of others is not given them in a file either; an
// auditor is.
func TestExportHoldsOnlyWhatOneMayRead(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w, ids := someWorld()
		c := serve(t, w, "AUDITORS="+nora)
		first := &plain{t: t, base: c.url}
		first.signIn(anna)
		first.must(http.StatusSeeOther, "POST", "/requests/"+ids.branch+"/approve", url.Values{"reason": {"anna's own words"}})
		for name, reads := range map[string]bool{anna: true, bella: false, nora: true} {
			v := c.visit(t, setup)
			v.signIn(name)
			v.open("/journal")
			v.see(id("export-form"))
			for _, format := range []string{"csv", "ndjson"} {
				if text := v.export(format, ""); strings.Contains(text, "anna's own words") != reads || !strings.Contains(text, name) {
					t.Errorf("%s, %s:\n%s", name, format, text)
				}
			}
		}
	})
}
