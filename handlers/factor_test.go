package handlers

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

func demanded(d *Deps) { d.Settings.SecondFactor = true }

func administered(d *Deps) { d.Settings.Rights.Admins = []string{"ben.second", admin} }

// code is what an app shows now, or some time from now.
func (g *rig) code(secret string, from ...time.Duration) url.Values {
	g.t.Helper()
	at := g.srv.Now()
	for _, d := range from {
		at = at.Add(d)
	}
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		g.t.Fatal(err)
	}
	return url.Values{codeField: {code[:3] + " " + code[3:]}}
}

// secretOf reads the secret off a page that shows it, and looks at its code.
func (a answer) secretOf(t *testing.T) string {
	t.Helper()
	secret := strings.ReplaceAll(a.id("factor-secret"), " ", "")
	if len(secret) != 32 || !strings.HasPrefix(a.doc.Find(`[data-testid="factor-qr"] path`).AttrOr("d", ""), "M4 4h7v1h-7z") {
		t.Fatalf("no secret to scan: %d %s", a.StatusCode, a.text("main"))
	}
	if a.Header.Get("Content-Encoding") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page with the secret is sent with %v", a.Header)
	}
	return secret
}

// enrols signs a person in where a code is demanded, and sets their factor up.
func (g *rig) enrols(t *testing.T, name string) (*browser, string) {
	t.Helper()
	b := g.browser()
	a := b.follow(b.post(templates.SignInPattern, as(name, password)))
	secret := a.secretOf(t)
	if a = b.post(templates.SignInCodePattern, g.code(secret)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	return b, secret
}

// Where a code is demanded nobody gets in without: it is set up at the first
// sign-in, asked for at the next, taken once, and neither it nor its secret
// stands in the log or the journal.
//
// security 13
func TestSecondFactorDemanded(t *testing.T) {
	g := newRig(t, demanded)
	b := g.browser()
	a := b.post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}, "next": {"/journal"}})
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != templates.SignInCodePattern {
		t.Fatalf("after the password: %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	first := b.follow(a)
	secret := first.secretOf(t)
	for _, page := range []string{"/", "/requests", "/me", templates.MyFactorPattern} {
		if a := b.get(page); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), templates.SignInPattern) {
			t.Errorf("%s without the code: %d", page, a.StatusCode)
		}
	}
	if a := b.post("/requests/r-branch/approve", reason(because)); g.writes() != 0 || a.StatusCode != http.StatusSeeOther {
		t.Errorf("an act without the code: %d", a.StatusCode)
	}
	if len(g.acts(journal.ActSignIn)) != 0 {
		t.Error("a sign-in without the code is recorded as done")
	}
	for typed, status := range map[string]int{"": 422, "12": 401, "abcdef": 401} {
		if a := b.post(templates.SignInCodePattern, url.Values{codeField: {typed}}); a.StatusCode != status || b.get("/me").StatusCode != http.StatusSeeOther {
			t.Errorf("code %q: %d %s", typed, a.StatusCode, a.text("main"))
		}
	}
	used := g.code(secret)
	if a = b.post(templates.SignInCodePattern, used); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/journal" {
		t.Fatalf("the right code: %d %q %s", a.StatusCode, a.Header.Get("Location"), a.text("main"))
	}
	if a := b.get("/me"); a.StatusCode != http.StatusOK {
		t.Errorf("signed in with the code: %d", a.StatusCode)
	}

	again := g.browser()
	a = again.follow(again.post(templates.SignInPattern, as(admin, password)))
	if a.has("factor-secret") || !a.has("code-form") {
		t.Fatalf("the second sign-in shows a secret: %s", a.text("main"))
	}
	if a := again.post(templates.SignInCodePattern, used); a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text("main"), "used already") {
		t.Errorf("the code of the first sign-in: %d %s", a.StatusCode, a.text("main"))
	}
	g.advance(30 * time.Second)
	if a := again.post(templates.SignInCodePattern, g.code(secret)); a.StatusCode != http.StatusSeeOther || again.get("/me").StatusCode != http.StatusOK {
		t.Errorf("the next code: %d %s", a.StatusCode, a.text("main"))
	}
	third := g.browser()
	third.post(templates.SignInPattern, as(admin, password))
	if a := third.post(templates.SignInCodePattern, g.code(secret)); a.StatusCode != http.StatusUnauthorized || third.get("/me").StatusCode == http.StatusOK {
		t.Errorf("a code twice: %d %s", a.StatusCode, a.text("main"))
	}
	if a := g.browser().post(templates.SignInCodePattern, g.code(secret, 30*time.Second)); !strings.HasPrefix(a.Header.Get("Location"), templates.SignInPattern) {
		t.Errorf("a code without a password: %d %q", a.StatusCode, a.Header.Get("Location"))
	}

	signIns, enrolled, failed := g.acts(journal.ActSignIn), g.acts(ActEnrolFactor), g.acts(journal.ActSignInFailed)
	if len(signIns) != 2 || signIns[0].Entry.Details["factor"] != "TOTP" || len(failed) != 4 || failed[0].Entry.Rule != string(RuleSecondFactor) {
		t.Errorf("recorded: %d sign-ins %+v, %d failures %+v", len(signIns), signIns, len(failed), failed)
	}
	if len(enrolled) != 3 || enrolled[0].Result.Outcome != journal.OutcomeDone || enrolled[1].Result.Outcome != journal.OutcomeRefused {
		t.Errorf("recorded: %+v", enrolled)
	}
	var all bytes.Buffer
	if _, err := g.journal.ExportNDJSON(t.Context(), &all, journal.Filter{Rights: journal.Rights{All: true}}); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"journal": all.String(), "log": g.log.String()} {
		for _, s := range []string{secret, used.Get(codeField), strings.ReplaceAll(used.Get(codeField), " ", ""), "abcdef"} {
			if strings.Contains(text, s) {
				t.Errorf("the %s holds %q", where, s)
			}
		}
	}
	g.intact()
}

// Wrong codes are limited like wrong passwords: after four in a minute the next
// is answered 429 with Retry-After, the right one too (security 38).
func TestSecondFactorLimit(t *testing.T) {
	g := newRig(t, demanded)
	_, secret := g.enrols(t, admin)
	g.advance(time.Minute)
	b := g.browser()
	b.post(templates.SignInPattern, as(admin, password))
	for range failsByName {
		if a := b.post(templates.SignInCodePattern, url.Values{codeField: {"000000"}}); a.StatusCode != http.StatusUnauthorized {
			t.Fatalf("%d %s", a.StatusCode, a.text("main"))
		}
	}
	a := b.post(templates.SignInCodePattern, g.code(secret))
	if s, err := strconv.Atoi(a.Header.Get("Retry-After")); a.StatusCode != http.StatusTooManyRequests || err != nil || s < 1 || b.get("/me").StatusCode == http.StatusOK {
		t.Errorf("one more: %d, Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
}

// Who sets a factor up on their own page is asked for a code from then on, at
// sign-in and for a fresh proof; the password is no proof any more, a code used
// before neither, and three wrong ones sign out (security 12).
func TestSecondFactorOfOnesOwn(t *testing.T) {
	g := newRig(t)
	b := g.signIn(admin)
	if a := b.get("/me"); a.doc.Find(`a[href="`+templates.MyFactorPattern+`"]`).Length() == 0 || len(g.acts(ActEnrolFactor)) != 0 {
		t.Error("no way to it from one's own page")
	}
	if a := b.get(templates.MyFactorPattern); !strings.Contains(a.id("factor"), "Not set up") || a.has("factor-secret") {
		t.Errorf("%s", a.text("main"))
	}
	a := b.follow(b.post(templates.BeginFactorPattern, nil))
	secret := a.secretOf(t)
	if again := b.get(templates.MyFactorPattern); again.secretOf(t) != secret {
		t.Error("a reload makes another secret")
	}
	if a := b.post(templates.ConfirmFactorPattern, url.Values{codeField: {"12345"}}); a.StatusCode != http.StatusUnauthorized || a.secretOf(t) != secret {
		t.Errorf("a wrong first code: %d %s", a.StatusCode, a.text("main"))
	}
	if a := b.follow(b.post(templates.ConfirmFactorPattern, g.code(secret))); !strings.Contains(a.id("flash"), "is set up") || a.has("factor-secret") || !a.has("factor-remove") {
		t.Errorf("%s", a.text("main"))
	}
	other := g.browser()
	if a := other.follow(other.post(templates.SignInPattern, as(admin, password))); !a.has("code-form") {
		t.Errorf("a sign-in is not asked for the code: %s", a.text("main"))
	}
	if a := g.signIn("ben.second").get("/me"); a.StatusCode != http.StatusOK {
		t.Errorf("another person is: %d", a.StatusCode)
	}

	for range 4 {
		g.advance(10 * time.Minute)
		b.get("/me")
	}
	asked := b.post("/requests/r-branch/approve", reason(because))
	if field := asked.doc.Find(`[data-testid="proof-form"] #proof`); field.AttrOr("name", "") != proofCodeField || field.AttrOr("type", "") != "text" {
		t.Fatalf("not asked for the code: %d %s", asked.StatusCode, asked.text("main"))
	}
	with := func(field string, v string) url.Values {
		f := reason(because)
		f.Set(field, v)
		return f
	}
	if a := b.post("/requests/r-branch/approve", with(proofField, password)); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("the password as proof: %d %s", a.StatusCode, a.text("main"))
	}
	code := g.code(secret).Get(codeField)
	before := b.cookie
	if a := b.post("/requests/r-branch/approve", with(proofCodeField, code)); a.StatusCode != http.StatusSeeOther || g.open("r-branch") || b.cookie == before {
		t.Errorf("the code as proof: %d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActApprove); len(rows) != 1 || rows[0].Entry.Reason != because {
		t.Errorf("recorded %+v", rows)
	}
	g.advance(6 * time.Minute)
	if a := b.post(templates.RemoveFactorPattern, nil); !a.has("proof-form") {
		t.Errorf("removed without a fresh proof: %d", a.StatusCode)
	}
	for i, says := range []string{"2 more tries", "One more try"} {
		if a := b.post(templates.RemoveFactorPattern, url.Values{proofCodeField: {code}}); a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text("main"), says) {
			t.Errorf("failure %d: %d %s", i+1, a.StatusCode, a.text("main"))
		}
	}
	a = b.post(templates.RemoveFactorPattern, url.Values{proofCodeField: {code}})
	if !strings.Contains(a.Header.Get("Location"), "why=proofs") {
		t.Errorf("the third: %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	b.post(templates.SignInPattern, as(admin, password))
	b.post(templates.SignInCodePattern, g.code(secret))
	if a := b.follow(b.post(templates.RemoveFactorPattern, nil)); !strings.Contains(a.id("flash"), "is removed") || !strings.Contains(a.id("factor"), "Not set up") {
		t.Errorf("%s", a.text("main"))
	}
	if len(g.acts(ActRemoveFactor)) != 1 {
		t.Error("the removal is not recorded")
	}
	g.signIn(admin)
}

// A factor that is demanded can be replaced, by a proof with the one before,
// and not removed.
func TestSecondFactorReplaced(t *testing.T) {
	g := newRig(t, demanded)
	b, secret := g.enrols(t, admin)
	if a := b.follow(b.post(templates.RemoveFactorPattern, nil)); !strings.Contains(a.id("flash"), "replaced, not removed") || a.has("factor-remove") {
		t.Errorf("%s", a.text("main"))
	}
	g.advance(6 * time.Minute)
	if a := b.post(templates.BeginFactorPattern, nil); !a.has("proof-form") {
		t.Fatalf("begun without a fresh proof: %d", a.StatusCode)
	}
	next := b.follow(b.post(templates.BeginFactorPattern, url.Values{proofCodeField: {g.code(secret).Get(codeField)}})).secretOf(t)
	if next == secret {
		t.Fatal("the secret is the same")
	}
	if a := b.follow(b.post(templates.ConfirmFactorPattern, g.code(next))); !strings.Contains(a.id("flash"), "is set up") {
		t.Errorf("%s", a.text("main"))
	}
	g.advance(time.Minute)
	again := g.browser()
	again.post(templates.SignInPattern, as(admin, password))
	if a := again.post(templates.SignInCodePattern, g.code(secret)); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the one before still counts: %d", a.StatusCode)
	}
	if a := again.post(templates.SignInCodePattern, g.code(next)); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the new one does not: %d", a.StatusCode)
	}
}

// A session from before a code was demanded ends at its next request, and what
// was sent is kept.
func TestSecondFactorDemandedLater(t *testing.T) {
	var sessions *session.Manager
	g := newRig(t, func(d *Deps) { sessions = d.Sessions })
	b := g.signIn(admin)
	later := newRig(t, demanded, func(d *Deps) { d.Sessions = sessions })
	late := later.browser()
	late.cookie = b.cookie
	a := late.post("/requests/r-branch/approve", reason(because))
	if a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "why=factor") || later.writes() != 0 {
		t.Fatalf("%d %q", a.StatusCode, a.Header.Get("Location"))
	}
	a = late.follow(late.post(templates.SignInPattern, as(admin, password)))
	if a = late.follow(late.post(templates.SignInCodePattern, later.code(a.secretOf(t)))); a.doc.Find("#reason").Text() != because {
		t.Errorf("what was typed is lost: %s", a.text("main"))
	}
}

// An administrator of the console resets another's factor with a reason, never
// their own, and nobody else does; the sessions of that person end.
//
// security 13
func TestSecondFactorReset(t *testing.T) {
	g := newRig(t, demanded, administered)
	anna, _ := g.enrols(t, admin)
	ben, _ := g.enrols(t, "ben.second")
	felix, _ := g.enrols(t, outsider)
	if a := felix.post(templates.ResetFactor("u-anna"), reason(because)); a.StatusCode != http.StatusForbidden {
		t.Errorf("somebody who is no administrator: %d", a.StatusCode)
	}
	page := ben.get(templates.OperatorsPattern)
	if rows := page.doc.Find(`[data-testid="factor-row"]`); rows.Length() != 3 || rows.Find(`[data-testid="factor-reset"]`).Length() != 2 {
		t.Errorf("listed: %s", page.id("factors"))
	}
	if a := ben.post(templates.ResetFactor("u-ben"), reason(because)); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "your own second factor") {
		t.Errorf("one's own: %d %s", a.StatusCode, a.text("main"))
	}
	if rows := g.acts(journal.ActRefused); len(rows) != 2 || rows[0].Entry.Rule != string(RuleOwnFactor) {
		t.Errorf("recorded %+v", rows)
	}
	if a := ben.post(templates.ResetFactor("u-anna"), nil); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	if a := ben.get(templates.ResetFactor("u-olga")); a.StatusCode != http.StatusNotFound || !strings.Contains(a.text("main"), "no second factor") {
		t.Errorf("somebody without one: %d %s", a.StatusCode, a.text("main"))
	}
	if a := anna.get("/me"); a.StatusCode != http.StatusOK {
		t.Fatal("anna is out too early")
	}
	if a := ben.follow(ben.post(templates.ResetFactor("u-anna"), reason("telephone lost, seen in person"))); !strings.Contains(a.id("flash"), "is reset") {
		t.Errorf("%s", a.text("main"))
	}
	if a := anna.get("/me"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("her session lives on: %d", a.StatusCode)
	}
	rows := g.acts(ActResetFactor)
	if len(rows) != 1 || rows[0].Entry.Person.UserID != "u-anna" || rows[0].Entry.Operator.UserID != "u-ben" || rows[0].Entry.Reason != "telephone lost, seen in person" {
		t.Errorf("recorded %+v", rows)
	}
	g.enrols(t, admin)
}

// Without the key of a factor its person does not get in as if they had none.
func TestSecondFactorUnreadable(t *testing.T) {
	store := session.MemoryStore()
	with := func(key byte) func(*Deps) {
		return func(d *Deps) {
			o := d.Sessions.Options
			o.Store, o.Key = store, [32]byte{key}
			m, err := session.New(o)
			if err != nil {
				t.Fatal(err)
			}
			d.Sessions = m
		}
	}
	newRig(t, demanded, with(1)).enrols(t, admin)
	g := newRig(t, demanded, administered, with(2))
	b := g.browser()
	if a := b.post(templates.SignInPattern, as(admin, password)); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), "cannot be read") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	ben, _ := g.enrols(t, "ben.second")
	if a := ben.get(templates.OperatorsPattern); !strings.Contains(a.id("factors"), "Cannot be read") {
		t.Errorf("%s", a.id("factors"))
	}
	ben.post(templates.ResetFactor("u-anna"), reason(because))
	g.enrols(t, admin)
}
