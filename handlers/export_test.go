package handlers

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func as2(format string) url.Values { return url.Values{"format": {format}} }

// An export is all that the filter means, verifies offline, carries no formula
// (security 43), and is recorded with its rows; a stale proof is asked for.
func TestExport(t *testing.T) {
	g := newRig(t, func(d *Deps) { d.Settings.Rights.Readers = []string{admin} })
	anna := g.signIn(admin)
	anna.post("/requests/r-branch/approve", reason("=cmd|' /C calc'!A0"))
	anna.post("/requests/r-locked/decline", reason("no"))
	a := anna.post(templates.ExportPattern, as2("csv"))
	if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "journal-20261124-090000.csv") {
		t.Fatalf("%d %q %q", a.StatusCode, a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) < 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	a = anna.post(templates.ExportPattern, as2("ndjson"))
	rep, err := journal.VerifyExport(strings.NewReader(a.body), [][32]byte{{1}}, journal.VerifyOptions{})
	if err != nil || !rep.OK {
		t.Errorf("the export does not verify: %v %+v", err, rep)
	}
	edited := strings.Replace(a.body, "CanCreateBranch", "CanDeleteUser__", 1)
	if rep, err := journal.VerifyExport(strings.NewReader(edited), [][32]byte{{1}}, journal.VerifyOptions{}); err == nil && rep.OK {
		t.Error("an edited export verifies")
	}
	f := as2("csv")
	f.Set("act", "decline")
	a = anna.post(templates.ExportPattern, f)
	if rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll(); err != nil || len(rows) != 2 {
		t.Errorf("filtered: %d rows, %v", len(rows), err)
	}
	if rows := g.acts(journal.ActExport); len(rows) != 3 || rows[0].Result.Details["rows"] != "1" {
		t.Errorf("recorded %+v", rows)
	}
	if a := anna.post(templates.ExportPattern, as2("exe")); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another format: %d", a.StatusCode)
	}
	g.advance(6 * time.Minute)
	if a := anna.post(templates.ExportPattern, as2("csv")); !a.has("proof-form") {
		t.Errorf("with an old proof: %d", a.StatusCode)
	}
}

// Somebody without the right exports their own acts only, and exports are
// limited by operator (security 38).
func TestExportRightsAndLimit(t *testing.T) {
	g := newRig(t)
	g.signIn(admin).post("/requests/r-branch/approve", reason("annas reason"))
	ben := g.signIn("ben.second")
	if a := ben.post(templates.ExportPattern, as2("ndjson")); a.StatusCode != 200 || strings.Contains(a.body, "annas reason") || !strings.Contains(a.body, "u-ben") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	for range exportsPerHour - 1 {
		ben.post(templates.ExportPattern, as2("csv"))
	}
	a := ben.post(templates.ExportPattern, as2("csv"))
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || !strings.Contains(a.text("main"), "Too many exports") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
}

// The journal's page says how far the chain is intact, finds by filter, and
// notes in the read log who looks at others' acts.
func TestJournalPage(t *testing.T) {
	g := newRig(t, func(d *Deps) { d.Settings.Rights.Readers = []string{"ben.second"} })
	g.signIn(admin).post("/requests/r-branch/approve", reason(because))
	ben := g.signIn("ben.second")
	ben.get("/journal")
	waitUntil(t, func() bool { _, err := g.journal.LastChecked(t.Context()); return err == nil })
	page := ben.get("/journal")
	if got := page.id("journal-intact"); !strings.Contains(got, "Intact to entry") || !strings.Contains(got, "checked at 2026-11-24 09:00") {
		t.Errorf("intact: %q", got)
	}
	for query, want := range map[string]int{"": 3, "?act=approve": 1, "?q=FELIX.fresh": 1, "?q=u-anna": 2, "?q=nobody": 0, "?role=CanCreateBranch": 1, "?bank=bank.one": 1, "?bank=system": 2, "?outcome=done&act=sign_in": 2, "?from=2026-11-25": 0, "?to=2026-11-24&act=approve": 1} {
		page := ben.get("/journal" + query)
		if n := page.doc.Find(`[data-testid="journal-row"]`).Length(); page.StatusCode != 200 || n != want {
			t.Errorf("%s: %d rows, want %d", query, n, want)
		}
	}
	if _, err := g.journal.SettingsSince(t.Context(), map[string]string{"HELD_APART": "CanX+CanY"}); err != nil {
		t.Fatal(err)
	}
	page = ben.get("/journal?act=setting_changed")
	if row := page.id("journal-row"); !strings.Contains(row, "the console") || !strings.Contains(row, "HELD_APART") {
		t.Errorf("a change of a setting: %q", row)
	}
	changed := ben.get(templates.JournalAct(g.acts(journal.ActSettingChanged)[0].ActID)).text("main")
	if !strings.Contains(changed, "Value now") || !strings.Contains(changed, "CanX+CanY") {
		t.Errorf("the record of a setting: %s", changed)
	}
	if chosen := strings.TrimSpace(page.doc.Find("#j-act option[selected]").Text()); chosen != templates.Word("act.setting_changed") {
		t.Errorf("the filter has forgotten the act: %q", chosen)
	}
	list, _, err := g.journal.Readings(t.Context(), journal.ReadFilter{OperatorID: "u-ben"})
	if err != nil || len(list) != 1 || list[0].Kind != "journal" {
		t.Errorf("the read log: %+v %v", list, err)
	}
	act := g.acts(journal.ActApprove)[0].ActID
	if page := ben.get(templates.JournalAct(act)); !strings.Contains(page.text("main"), because) || !strings.Contains(page.text("main"), "felix.fresh@example.com") {
		t.Errorf("%s", page.text("main"))
	}
	g.signIn(outsider)
	other := g.signIn(outsider).get(templates.JournalAct(act))
	if other.StatusCode != 200 || strings.Contains(other.body, because) || strings.Contains(other.body, "192.0.2.7") {
		t.Errorf("without the right: %d %s", other.StatusCode, other.text("main"))
	}
}
