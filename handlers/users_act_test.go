package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

const portal = "https://portal.example.com"

// helpWorld gives anna a helpdesk's roles and the server reset links.
func helpWorld() sandbox.World {
	w := testWorld()
	w.Settings.ResetPasswordURL, w.Settings.PortalHostname = true, portal
	for _, who := range []string{"u-anna", "u-ben"} {
		for _, role := range []string{"CanLockUser", "CanUnlockUser", "CanReadUserLockedStatus", "CanCreateResetPasswordUrl", "CanDeleteUser", "CanRefreshUser", "CanGetUserAuthContext", "CanGetUsersWithAttributes"} {
			w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "d-" + who + role, Role: role, UserID: who})
		}
	}
	w.Users = append(w.Users, sandbox.User{UserID: "u-fred", Username: "fred.failed", ProviderID: "fred.failed", Provider: w.Provider, Email: "fred@example.com", Validated: true,
		Password: password, BadLogins: 6, BadLoginAt: start.Add(-12 * time.Minute)})
	return w
}

func desk(d *Deps) {
	d.Settings.ResetHosts, d.Settings.MaxBadLogins, d.Settings.LinkKey = []string{"portal.example.com"}, 5, [32]byte{9}
}

func person(id, name string) templates.Person { return templates.Person{UserID: id, Username: name} }

var felixPerson = person("u-felix", outsider)

// A person's page takes one hop for all that their id gives; the count of
// failed sign-ins comes beside when the link carried the name.
func TestUserPageHops(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	ops := []string{opUser, "GET /banks", "GET /users/{USER_ID}/entitlement-requests", "GET /users/{USER_ID}/auth-context", "GET /users/{USER_ID}/attributes",
		"GET /users/{USERNAME}/lock-status", "GET /users/{USER_ID}/entitlements", opAccess}
	oneHop(t, g, b, templates.UserOf(felixPerson), ops...)
}

// Locking and unlocking are read back; which lock it is, is told apart; each
// has its reason in the journal.
func TestLockAndUnlock(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	if page := b.get(templates.UserOf(felixPerson)); page.StatusCode != 200 || !strings.Contains(page.id("verdict"), "Nothing found that stops sign-in") {
		t.Fatalf("%d %s", page.StatusCode, page.text("main"))
	}
	if a := b.post(templates.Lock(felixPerson), nil); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("without a reason: %d", a.StatusCode)
	}
	a := b.post(templates.Lock(felixPerson), url.Values{"reason": {"left his laptop on a train"}, "ticket": {"T-3"}})
	page := b.follow(a)
	if !strings.Contains(page.id("flash"), "Locked") || !strings.Contains(page.id("verdict"), "locked by an administrator") {
		t.Errorf("%s / %s", page.id("flash"), page.id("verdict"))
	}
	if rows := g.acts(journal.ActLock); len(rows) != 1 || rows[0].Entry.Reason != "left his laptop on a train" || rows[0].Result.State != "locked" {
		t.Errorf("recorded %+v", rows)
	}
	page = b.follow(b.post(templates.Unlock(felixPerson), url.Values{"reason_code": {"needed"}}))
	if !strings.Contains(page.id("flash"), "Unlocked") || !strings.Contains(page.id("verdict"), "Nothing found") {
		t.Errorf("%s / %s", page.id("flash"), page.id("verdict"))
	}
	fred := person("u-fred", "fred.failed")
	page = b.get(templates.UserOf(fred))
	if v := page.doc.Find(`[data-testid="verdict"]`).AttrOr("data-code", ""); v != "locked_failed" || !strings.Contains(page.id("verdict"), "6 failed attempts, the last 2026-11-24 08:48") || !strings.Contains(page.id("user-counter"), "6; locked beyond 5") {
		t.Errorf("%s: %s %s", v, page.id("verdict"), page.id("user-counter"))
	}
	if page := b.get(templates.Unlock(fred)); !strings.Contains(page.id("warning"), "clears 6 failed sign-ins") {
		t.Errorf("unlock form: %s", page.text("main"))
	}
	page = b.follow(b.post(templates.Unlock(fred), url.Values{"reason_code": {"needed"}}))
	if !strings.Contains(page.id("flash"), "6 failed sign-ins were cleared") {
		t.Errorf("%s", page.id("flash"))
	}
}

// The console's own refusals about people hold against a crafted POST, are
// recorded, and let no write reach OBP.
func TestPersonRefusals(t *testing.T) {
	w := helpWorld()
	w.Users = append(w.Users, sandbox.User{UserID: "u-else", Username: "else.where", ProviderID: "x", Provider: "https://login.example", Email: "e@example.com", Validated: true})
	full := url.Values{"reason": {"x"}, "ticket": {"T-1"}, "verified": {"in_person"}, "name": {admin}}
	for _, c := range []struct {
		name, to string
		rule     Rule
	}{
		{"lock oneself", templates.Lock(person("u-anna", admin)), RuleOwnLock},
		{"delete oneself", templates.DeleteUser(person("u-anna", admin)), RuleOwnDelete},
		{"a link for oneself", templates.Reset(person("u-anna", admin)), RuleOwnReset},
		{"a link for one's other account", templates.Reset(person("u-anna2", "anna.other")), RuleOwnReset},
		{"a link for somebody of another provider", templates.Reset(person("u-else", "else.where")), RuleOtherProvider},
		{"lock a deleted person", templates.Lock(person("u-gus", "DELETED-x1y2z3")), RuleDeletedUser},
		{"delete a deleted person", templates.DeleteUser(person("u-gus", "DELETED-x1y2z3")), RuleDeletedUser},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRigOf(t, w, desk)
			a := g.signIn(admin).post(c.to, full)
			if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), templates.Word("rule."+string(c.rule))) || g.writes() != 0 {
				t.Errorf("%d, %d writes: %s", a.StatusCode, g.writes(), a.text("main"))
			}
			if rows := g.acts(journal.ActRefused); len(rows) != 1 || rows[0].Entry.Rule != string(c.rule) {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

var verified = url.Values{"verified": {"call_back"}, "ticket": {"T-77"}, "note": {"birthday and last payment"}}

// A reset link is shown once, on an answer that is neither stored nor
// compressed (security 42), and stands in no log, journal, header or cookie
// (security 39); the journal keeps how the caller was verified and an HMAC.
func TestResetLink(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	if a := b.post(templates.Reset(felixPerson), url.Values{"note": {"x"}}); a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find(`[data-testid="field-error"]`).Length() != 2 || g.writes() != 0 {
		t.Errorf("unverified: %d %s", a.StatusCode, a.text("main"))
	}
	b.header["Accept-Encoding"] = "gzip"
	a := b.post(templates.Reset(felixPerson), verified)
	link := a.doc.Find(`[data-testid="link"]`).Text()
	if a.StatusCode != 200 || !strings.HasPrefix(link, portal+"/") || a.Header.Get("Content-Encoding") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %q encoded %q: %s", a.StatusCode, link, a.Header.Get("Content-Encoding"), a.text("main"))
	}
	delete(b.header, "Accept-Encoding")
	for k, v := range a.Header {
		if strings.Contains(strings.Join(v, " "), link) {
			t.Errorf("the link is in the header %s", k)
		}
	}
	rows := g.acts(journal.ActResetLink)
	if len(rows) != 1 || rows[0].Entry.Verified != "call_back" || rows[0].Entry.Ticket != "T-77" || len(rows[0].Result.Details["link_hmac"]) != 64 {
		t.Fatalf("recorded %+v", rows)
	}
	if record := b.get(templates.JournalAct(rows[0].ActID)).text("main"); !strings.Contains(record, templates.Word("verified.call_back")) {
		t.Errorf("the record does not say how the caller was verified: %s", record)
	}
	secret := link[strings.LastIndex(link, "/")+1:]
	var dump strings.Builder
	if _, err := g.journal.ExportNDJSON(t.Context(), &dump, journal.Filter{Rights: journal.Rights{All: true}}); err != nil {
		t.Fatal(err)
	}
	for name, channel := range map[string]string{"log": g.log.String(), "journal": dump.String(), "the record's page": b.get(templates.JournalAct(rows[0].ActID)).body, "the person's page": b.get(templates.UserOf(felixPerson)).body} {
		marker := map[string]string{"log": "reset-link", "journal": "T-77", "the record's page": "T-77", "the person's page": outsider}[name]
		if !strings.Contains(channel, marker) {
			t.Errorf("%s is not watched: no %q", name, marker)
		}
		if strings.Contains(channel, secret) {
			t.Errorf("the link is in the %s", name)
		}
	}
}

// Why there is no link is said in words, and limits hold (security 38).
func TestResetLinkRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  func(*sandbox.World)
		change func(*Deps)
		status int
		says   string
	}{
		{"never validated", func(w *sandbox.World) { w.Users[3].Validated = false }, nil, 404, "no validated person"},
		{"switched off", func(w *sandbox.World) { w.Settings.ResetPasswordURL = false }, nil, 409, "ResetPasswordUrlEnabled"},
		{"a host that is not listed", nil, func(d *Deps) { d.Settings.ResetHosts = []string{"other.example.com"} }, 502, "RESET_HOSTS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := helpWorld()
			if c.world != nil {
				c.world(&w)
			}
			change := []func(*Deps){desk}
			if c.change != nil {
				change = append(change, c.change)
			}
			g := newRigOf(t, w, change...)
			a := g.signIn(admin).post(templates.Reset(felixPerson), verified)
			if a.StatusCode != c.status || !strings.Contains(a.text("main"), c.says) || a.has("link") {
				t.Errorf("%d, want %d: %s", a.StatusCode, c.status, a.text("main"))
			}
			if v := a.doc.Find("#ticket").AttrOr("value", ""); v != "T-77" {
				t.Errorf("the ticket is lost: %q", v)
			}
		})
	}
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	for i := range ResetsForPerson {
		if a := b.post(templates.Reset(felixPerson), verified); !a.has("link") {
			t.Fatalf("link %d: %d", i, a.StatusCode)
		}
	}
	a := b.post(templates.Reset(felixPerson), verified)
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || a.has("link") {
		t.Errorf("beyond the limit: %d", a.StatusCode)
	}
}

// For a person who holds a high-risk role a second person confirms, and the
// first alone sees the link.
func TestResetLinkOfTwo(t *testing.T) {
	w := helpWorld()
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "x", Role: "CanDeleteUser", UserID: "u-felix"}, sandbox.Entitlement{ID: "y", Role: "CanGetAnyUser", UserID: "u-olga"})
	g := newRigOf(t, w, desk, two)
	anna, ben := g.signIn(admin), g.signIn("ben.second")
	to := templates.Reset(felixPerson)
	if page := anna.follow(anna.post(to, verified)); !strings.Contains(page.id("flash"), "Another person has to confirm") || g.writes() != 0 {
		t.Fatalf("%s", page.text("main"))
	}
	if page := anna.follow(anna.post(to, verified)); page.has("link") || page.has("act-go") || !page.has("withdraw") || g.writes() != 0 {
		t.Error("the first alone got a link, or a form for one")
	}
	if page := ben.get("/"); !strings.Contains(page.id("home-second"), "reset link for "+outsider) {
		t.Errorf("the second is told %q", page.id("home-second"))
	}
	if page := ben.get(to); !strings.Contains(page.id("second"), "T-77") || !strings.Contains(page.id("second"), templates.Word("verified.call_back")) || !page.has("confirm") || page.has("act-go") || page.has("phone") {
		t.Errorf("the second sees %q", page.text("main"))
	}
	if a := anna.post(templates.Confirm(felixPerson), nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("the first confirms: %d", a.StatusCode)
	}
	olga := g.signIn("olga.onebank")
	if page := olga.get(to); page.has("confirm") || !strings.Contains(page.text("main"), templates.Word("rule.reset_second")) {
		t.Errorf("who may not make links sees %q", page.text("main"))
	}
	if a := olga.post(templates.Confirm(felixPerson), nil); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text("main"), templates.Word("rule.reset_second")) {
		t.Errorf("who may not make links confirms: %d %s", a.StatusCode, a.text("main"))
	}
	if page := ben.follow(ben.post(templates.Confirm(felixPerson), nil)); !strings.Contains(page.id("flash"), "Confirmed") || page.has("link") {
		t.Errorf("%s", page.text("main"))
	}
	if a, b := anna.get("/"), ben.get("/"); !strings.Contains(a.id("home-second"), "for "+outsider+" now") || b.has("home-second") {
		t.Errorf("at home the first reads %q, the second %q", a.id("home-second"), b.id("home-second"))
	}
	if page := ben.follow(ben.post(to, verified)); page.has("link") || !strings.Contains(page.id("flash"), admin+" has asked") {
		t.Errorf("the second presses as well: %s", page.text("main"))
	}
	if page := anna.get(to); page.doc.Find("#ticket").AttrOr("value", "") != "T-77" || page.doc.Find("#verified option[selected]").AttrOr("value", "") != "call_back" {
		t.Error("the first has to type it again")
	}
	if a := anna.post(to, verified); !a.has("link") {
		t.Errorf("the first: %d %s", a.StatusCode, a.text("main"))
	}
	anna.post(to, verified)
	if page := anna.follow(anna.post(templates.Withdraw(g.acts(journal.ActFirstApproval)[0].ActID), nil)); !strings.Contains(page.id("flash"), "reset link for "+outsider) {
		t.Errorf("withdrawn: %q", page.id("flash"))
	}
	g.intact()
}

// A call's acts share its id, and its check and ticket fill the form.
func TestCall(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	b.post(templates.Call(felixPerson), url.Values{"verified": {"video"}, "ticket": {"T-9"}})
	page := b.get(templates.Reset(felixPerson))
	if v := page.doc.Find("#ticket").AttrOr("value", ""); v != "T-9" || page.doc.Find(`#verified option[selected]`).AttrOr("value", "") != "video" {
		t.Errorf("the form: ticket %q", v)
	}
	b.post(templates.Lock(felixPerson), url.Values{"reason": {"asked for it"}})
	call, lock := g.acts(ActCall), g.acts(journal.ActLock)
	if len(call) != 1 || len(lock) != 1 || lock[0].Entry.ParentID != call[0].ActID || lock[0].Entry.ParentKind != journal.ParentCall {
		t.Errorf("recorded %+v %+v", call, lock)
	}
	g.advance(callFor + time.Second)
	if page := b.get(templates.UserOf(felixPerson)); page.has("call-end") {
		t.Error("the call never ends")
	}
}

// A deletion needs the user name typed; the roles are revoked first, row by
// row; OBP's false is success, and it is read back.
func TestDeleteUser(t *testing.T) {
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	to := templates.DeleteUser(felixPerson)
	if a := b.post(to, url.Values{"name": {"felix"}, "reason": {"left"}}); a.StatusCode != http.StatusUnprocessableEntity || g.writes() != 0 {
		t.Errorf("a wrong name: %d", a.StatusCode)
	}
	a := b.post(to, url.Values{"name": {outsider}, "reason": {"left"}, "entitlement": {"e-u-felix-CanCreateAtm-bank.one"}})
	if a.StatusCode != 200 || !strings.Contains(a.id("user-result"), "Deleted: felix.fresh") || !strings.Contains(a.id("result-row"), "revoked") {
		t.Fatalf("%d %s", a.StatusCode, a.text("main"))
	}
	if g.held("u-felix", "CanCreateAtm", "bank.one") != 0 {
		t.Error("the role stays")
	}
	gone, revoked := g.acts(journal.ActDeleteUser), g.acts(journal.ActRevoke)
	if len(gone) != 1 || len(revoked) != 1 || revoked[0].Entry.ParentID != gone[0].ActID || revoked[0].Entry.ParentKind != "delete_user" || gone[0].Result.Outcome != journal.OutcomeDone {
		t.Errorf("recorded %+v %+v", gone, revoked)
	}
	if page := b.get(templates.JournalAct(gone[0].ActID)); !strings.Contains(page.text("main"), "Create ATM") {
		t.Errorf("the deletion's page shows no revocation: %s", page.text("main"))
	}
	if page := b.get(templates.User("u-felix")); !strings.Contains(page.id("verdict"), "Deleted") {
		t.Errorf("%s", page.id("verdict"))
	}
	if err := g.obp.SetFault(opRevoke, sandbox.Fault{Status: 403, Message: "OBP-20006: User is missing one or more roles: CanDeleteEntitlementAtAnyBank"}); err != nil {
		t.Fatal(err)
	}
	a = b.post(templates.DeleteUser(person("u-olga", "olga.onebank")), url.Values{"name": {"olga.onebank"}, "reason": {"left"}, "entitlement": {"e-u-olga-CanCreateEntitlementAtOneBank-bank.one"}})
	if !strings.Contains(a.id("user-result"), "Not deleted") || !strings.Contains(a.id("result-row"), "not revoked") || !strings.Contains(a.text("main"), "CanDeleteEntitlementAtAnyBank") {
		t.Errorf("%d %s", a.StatusCode, a.text("main"))
	}
	gone, revoked = g.acts(journal.ActDeleteUser), g.acts(journal.ActRevoke)
	if len(gone) != 2 || len(revoked) != 2 || revoked[0].Entry.ParentID != gone[0].ActID || gone[0].Result.Outcome != journal.OutcomeFailed || gone[0].Result.State != "roles_stay" {
		t.Errorf("recorded %+v %+v", gone, revoked)
	}
	g.intact()
}

// Each of OBP's rules for a new user is said beside its field, before anything
// is sent, and a password is never shown again.
func TestCreateUser(t *testing.T) {
	good := url.Values{"username": {"nora.new1"}, "email": {"nora@example.com"}, "first": {"Nora"}, "last": {"New"}, "password": {"G00d!Passw0rd"}, "password_again": {"G00d!Passw0rd"}, "reason": {"joined"}}
	g := newRigOf(t, helpWorld(), desk)
	b := g.signIn(admin)
	for field, bad := range map[string]string{"username": "no", "email": "nobody", "first": "", "last": " ", "password": "short", "password_again": "another", "reason": ""} {
		f := url.Values{}
		for k, v := range good {
			f[k] = v
		}
		f.Set(field, bad)
		a := b.post(templates.NewUserPattern, f)
		if a.StatusCode != http.StatusUnprocessableEntity || a.doc.Find("#"+field+`[aria-invalid="true"]`).Length() != 1 || strings.Contains(a.body, "G00d!Passw0rd") {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.text("main"))
		}
	}
	a := b.post(templates.NewUserPattern, url.Values{"username": good["username"], "email": good["email"]})
	if first := a.doc.Find("[aria-invalid=true]").First(); !first.Is("[autofocus]") || a.doc.Find("main [autofocus]").Length() != 1 {
		t.Errorf("the focus is not on the first of %d wrong fields", a.doc.Find("[aria-invalid=true]").Length())
	}
	if g.writes() != 0 {
		t.Error("a write reached OBP")
	}
	page := b.follow(b.post(templates.NewUserPattern, good))
	if !strings.Contains(page.id("flash"), "Created: nora.new1") {
		t.Fatalf("%s", page.text("main"))
	}
	if a := b.post(templates.NewUserPattern, good); a.StatusCode != http.StatusConflict || !strings.Contains(a.id("field-error"), "taken") || strings.Contains(a.body, "G00d!Passw0rd") {
		t.Errorf("twice: %d %s", a.StatusCode, a.text("main"))
	}
	if strings.Contains(g.log.String(), "G00d!Passw0rd") {
		t.Error("the password is in the log")
	}
}
