package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// stale signs in and lets the proof grow old while the session lives.
func stale(g *rig, by time.Duration) *browser {
	b := g.signIn(admin)
	for left := by; left > 0; left -= 10 * time.Minute {
		g.advance(min(left, 10*time.Minute))
		b.get("/me")
	}
	return b
}

// An old proof is asked for again, and the act goes on with its input kept; the
// bounds are 30 minutes, and 5 for a high-risk grant (security 12).
func TestStepUp(t *testing.T) {
	for _, c := range []struct {
		id     string
		old    time.Duration
		proof  bool
		become string
	}{
		{"r-branch", 29 * time.Minute, false, ""}, {"r-branch", 31 * time.Minute, true, ""},
		{"r-anyuser", 4 * time.Minute, false, ""}, {"r-anyuser", 6 * time.Minute, true, ""},
	} {
		g := newRig(t)
		b := stale(g, c.old)
		f := url.Values{"reason": {because}, "ticket": {"T-5"}}
		a := b.post("/requests/"+c.id+"/approve?bank=x", f)
		if a.has("proof-form") != c.proof {
			t.Fatalf("%s after %s: proof asked %v: %d", c.id, c.old, a.has("proof-form"), a.StatusCode)
		}
		if !c.proof {
			continue
		}
		if g.writes() != 0 || a.doc.Find(`input[name="reason"]`).AttrOr("value", "") != because {
			t.Errorf("%s: written %d, kept %s", c.id, g.writes(), a.text("main"))
		}
		before := b.cookie
		f.Set(proofField, password)
		a = b.post(a.doc.Find(`[data-testid="proof-form"]`).AttrOr("action", ""), f)
		if a.StatusCode != http.StatusSeeOther || g.open(c.id) {
			t.Errorf("%s did not go on: %d %s", c.id, a.StatusCode, a.text("main"))
		}
		if b.cookie == before {
			t.Error("the cookie is not renewed")
		}
		rows := g.acts(journal.ActApprove)
		if len(rows) != 1 || rows[0].Entry.Ticket != "T-5" || strings.Contains(string(rows[0].Entry.Seen), password) {
			t.Errorf("recorded %+v", rows)
		}
		if len(g.acts(journal.ActStepUp)) != 1 {
			t.Error("the step-up is not recorded")
		}
	}
}

// Three wrong passwords sign the operator out before OBP locks the account,
// and what was typed is kept (security 12).
func TestStepUpFailures(t *testing.T) {
	g := newRig(t)
	b := stale(g, 31*time.Minute)
	f := url.Values{"reason": {because}, proofField: {"n0t-it"}}
	for i, says := range []string{"2 more tries", "One more try"} {
		a := b.post("/requests/r-branch/approve", f)
		if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text("main"), says) || strings.Contains(a.body, "n0t-it") {
			t.Errorf("failure %d: %d %s", i+1, a.StatusCode, a.text("main"))
		}
	}
	a := b.post("/requests/r-branch/approve", f)
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, templates.SignInPattern) || !strings.Contains(to, "why=proofs") {
		t.Errorf("the third: %d %q", a.StatusCode, to)
	}
	if g.writes() != 0 {
		t.Error("a write reached OBP")
	}
	a = b.post(templates.SignInPattern, as(admin, password))
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("the account is locked: %d %s", a.StatusCode, a.text("main"))
	}
	if page := b.follow(a); page.doc.Find("#reason").Text() != because {
		t.Errorf("the reason is lost: %s", page.text("main"))
	}
}

// An auditor reads the whole journal and is refused every act.
func TestAuditor(t *testing.T) {
	g := newRig(t, func(d *Deps) { d.Settings.Rights.Auditors = []string{"ben.second"} })
	g.signIn(admin).post("/requests/r-branch/approve", reason(because))
	b := g.signIn("ben.second")
	before := g.writes()
	for _, rt := range g.srv.table() {
		if rt.method != http.MethodPost || rt.right != rightSignedIn || rt.pattern == templates.StayPattern || readsOnly(&url.URL{Path: rt.pattern}) {
			continue
		}
		if a := b.post(fill(rt.pattern), reason(because)); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "listed as an auditor") {
			t.Errorf("POST %s: %d %s", rt.pattern, a.StatusCode, a.text("main"))
		}
	}
	if g.writes() != before {
		t.Error("a write reached OBP")
	}
	page := b.get("/journal?act=approve")
	if !strings.Contains(page.text("main"), because) || !strings.Contains(page.text("main"), admin) {
		t.Errorf("the auditor does not see others' acts: %s", page.text("main"))
	}
	if rows := g.acts(journal.ActRefused); len(rows) == 0 || rows[0].Entry.Rule != string(RuleAuditor) {
		t.Errorf("recorded %+v", rows)
	}
	g2 := newRig(t)
	g2.signIn(admin).post("/requests/r-branch/approve", reason(because))
	if page := g2.signIn("ben.second").get("/journal"); strings.Contains(page.text("main"), because) {
		t.Error("without the right, others' acts are shown")
	}
}
