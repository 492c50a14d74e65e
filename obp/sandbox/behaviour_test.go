package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// stage is the demo world with a clock that tests move.
type stage struct {
	*testing.T
	s      *Server
	now    time.Time
	tokens map[string]string
}

func newStage(t *testing.T, change ...func(*World)) *stage {
	t.Helper()
	st := &stage{T: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), tokens: map[string]string{}}
	w := DemoWorld(st.now)
	for _, c := range change {
		c(&w)
	}
	var err error
	if st.s, err = New(w, Options{Now: func() time.Time { return st.now }}); err != nil {
		t.Fatal(err)
	}
	return st
}

func id(username string) string { return demoID("user", username) }

// gives lets a person hold roles: "Role" or "Role@bank".
func (st *stage) gives(username string, roles ...string) {
	for _, r := range roles {
		role, bank, _ := strings.Cut(r, "@")
		st.s.mu.Lock()
		st.s.grant(id(username), role, bank)
		st.s.mu.Unlock()
	}
}

func (st *stage) send(as, method, path, body string) (int, string) {
	st.Helper()
	if as != "" && st.tokens[as] == "" {
		r := httptest.NewRequest("POST", "/my/logins/direct", nil)
		r.Header.Set("DirectLogin", fmt.Sprintf(`username="%s", password="%s", consumer_key="%s"`, as, DemoPassword, DemoConsumerKey))
		rec := httptest.NewRecorder()
		st.s.ServeHTTP(rec, r)
		var out struct{ Token string }
		if json.Unmarshal(rec.Body.Bytes(), &out) != nil || out.Token == "" {
			st.Fatalf("%s cannot sign in: %d %s", as, rec.Code, rec.Body)
		}
		st.tokens[as] = out.Token
	}
	if !strings.HasPrefix(path, "/obp/") && !strings.HasPrefix(path, "/sandbox/") {
		path = prefix + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if as != "" {
		r.Header.Set("DirectLogin", "token="+st.tokens[as])
	}
	rec := httptest.NewRecorder()
	st.s.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// wants sends and compares status and a part of the answer.
func (st *stage) wants(status int, part, as, method, path, body string) string {
	st.Helper()
	code, text := st.send(as, method, path, body)
	if code != status || !strings.Contains(text, part) {
		st.Errorf("%s %s %s as %q: %d %.300s, wanted %d %s", method, path, body, as, code, text, status, part)
	}
	return text
}

func TestDeletedUser(t *testing.T) {
	st := newStage(t)
	st.gives("henry.helpdesk", "CanDeleteUser")
	path := "/users/" + id("m.petersen")
	st.wants(200, "false", "henry.helpdesk", "DELETE", path, "")
	st.wants(200, "false", "henry.helpdesk", "DELETE", path, "") // again: succeeds again
	st.wants(200, `"is_deleted":true`, "henry.helpdesk", "GET", "/users/user_id/"+id("m.petersen"), "")
	st.wants(404, "OBP-20027", "henry.helpdesk", "GET", "/users/username/m.petersen", "")
	st.wants(200, `"username":"DELETED-`, "anna.approver", "GET", "/users/"+id("m.petersen")+"/entitlement-requests", "")
	st.wants(200, "CanCreateBranch", "anna.approver", "GET", "/users/"+id("m.petersen")+"/entitlements", "")
	if _, text := st.send("henry.helpdesk", "GET", "/users?limit=1000", ""); strings.Contains(text, id("m.petersen")) {
		t.Error("still listed")
	}
	st.wants(200, id("m.petersen"), "henry.helpdesk", "GET", "/users?is_deleted=TRUE", "")
	st.wants(200, "false", "henry.helpdesk", "DELETE", "/users/"+id("henry.helpdesk"), "") // nothing stops one's own
	st.wants(401, "OBP-20064", "henry.helpdesk", "GET", "/users/current", "")
	st.s.Reset()
	st.tokens = map[string]string{}
	st.wants(200, `"is_deleted":false`, "henry.helpdesk", "GET", "/users/username/m.petersen", "")
}

func TestLocks(t *testing.T) {
	st := newStage(t)
	const felix = "/users/username/felix.fresh"
	st.send("felix.fresh", "GET", "/users/current", "")
	st.wants(200, "lock_via_api", "henry.helpdesk", "POST", "/users/felix.fresh/locks", "{}")
	st.wants(200, `"is_locked":true`, "henry.helpdesk", "GET", felix, "")
	st.wants(200, `"bad_attempts_since_last_success_or_reset":0`, "henry.helpdesk", "GET", "/users/felix.fresh/lock-status", "")
	st.wants(401, "OBP-20013", "felix.fresh", "GET", "/users/current", "")
	if _, text := st.send("henry.helpdesk", "GET", "/users?locked_status=LOCKED&limit=1000", ""); strings.Contains(text, "felix.fresh") || !strings.Contains(text, "r.brandt") {
		t.Error("the filter knows failed sign-ins only")
	}
	st.wants(404, "OBP-20027", "olga.onebank", "PUT", "/users/no.body/lock-status", "{}") // told before the role is asked for
	st.wants(403, "CanUnlockUser", "olga.onebank", "PUT", "/users/felix.fresh/lock-status", "{}")
	st.wants(200, `"username":"felix.fresh"`, "henry.helpdesk", "PUT", "/users/felix.fresh/lock-status", "{}")
	st.wants(200, `"user_id"`, "felix.fresh", "GET", "/users/current", "")
	st.s.Reset()
	if u := st.s.local("b.wolff"); !u.Locked {
		t.Error("reset forgot a lock of the start")
	}
}

func TestCreateUser(t *testing.T) {
	st := newStage(t)
	body := func(name, mail, pass, first string) string {
		b, _ := json.Marshal(map[string]string{"username": name, "email": mail, "password": pass, "first_name": first, "last_name": "X"})
		return string(b)
	}
	const good = "Str0ng!Passw0rd"
	st.wants(201, `"entitlements":{"list":[]}`, "", "POST", "/users", body("greta.green", "greta@example.com", good, "G"))
	st.wants(409, "OBP-50005", "", "POST", "/users", body("greta.green", "greta@example.com", good, "G"))
	st.wants(201, "o'dowd@example.com", "", "POST", "/users", body("o'dowd@example.com", "o'dowd@example.com", "a long sentence is enough", "G"))
	for _, pass := range []string{"short1!A", "nodigitsAB!", "NOLOWER12!", "Has Space1!", "Ümlaut12!x", strings.Repeat("x", 513)} {
		st.wants(400, "OBP-30207", "", "POST", "/users", body("hanna.hay", "h@example.com", pass, "H"))
	}
	for _, bad := range []string{body("short", "h@example.com", good, "H"), body(".dotfirst", "h@example.com", good, "H"), body("two..dots", "h@example.com", good, "H"),
		body("hanna.hay", "no address", good, "H"), body("hanna.hay", strings.Repeat("h", 40)+"@example.com", good, "H"), body("hanna.hay", "h@example.com", good, " ")} {
		st.wants(400, "resource bundles", "", "POST", "/users", bad)
	}
}

func TestResetLink(t *testing.T) {
	felix := `{"username":"felix.fresh","email":"%s","user_id":"` + id("felix.fresh") + `"}`
	st := newStage(t)
	st.wants(201, "https://portal.demo.example/user_mgt/reset_password/", "henry.helpdesk", "POST", "/management/user/reset-password-url", fmt.Sprintf(felix, "felix.fresh@demo.example"))
	st.wants(201, `{"reset_password_url":""}`, "henry.helpdesk", "POST", "/management/user/reset-password-url", fmt.Sprintf(felix, "Felix.Fresh@demo.example"))
	st.wants(400, "invalid values: List((user_id,../etc))", "olga.onebank", "POST", "/management/user/reset-password-url", `{"username":"u","email":"e","user_id":"../etc"}`)
	off := newStage(t, func(w *World) { w.Settings.ResetPasswordURL = false })
	off.wants(400, "OBP-50017", "henry.helpdesk", "POST", "/management/user/reset-password-url", "{}")
}

func TestAccountAccess(t *testing.T) {
	st := newStage(t)
	const account = "/banks/" + nordlicht + "/accounts/nl-giro-5120"
	grant := func(user, view string, system bool) string {
		return fmt.Sprintf(`{"user_id":"%s","view":{"view_id":"%s","is_system":%v}}`, id(user), view, system)
	}
	st.wants(201, `"id":"auditor"`, "felix.fresh", "POST", account+"/account-access/grant", grant("ben.second", "auditor", true))
	st.wants(400, "OBP-30252", "felix.fresh", "POST", account+"/account-access/grant", grant("ben.second", "ReadAccountsBasic", true)) // listed, not there
	st.wants(400, "OBP-30005", "felix.fresh", "POST", account+"/account-access/grant", grant("ben.second", "auditor", false))
	st.wants(400, "OBP-30252", "felix.fresh", "POST", account+"/account-access/grant", grant("ben.second", "_mine", true))
	st.wants(400, "Current ViewId is owner", "felix.fresh", "POST", account+"/account-access/revoke", grant("felix.fresh", "owner", true))
	st.wants(201, "revoked", "felix.fresh", "POST", account+"/account-access/revoke", grant("ben.second", "auditor", true))
	st.wants(400, "OBP-20022", "ben.second", "GET", account+"/permissions", "")
	st.wants(400, "OBP-20022", "ben.second", "GET", account+"/views", "")
	st.wants(400, "OBP-20019", "ben.second", "GET", "/my"+account+"/account", "")
	st.wants(404, "OBP-30018", "felix.fresh", "GET", "/my/banks/"+nordlicht+"/accounts/none/account", "")
	st.wants(404, "OBP-30018", "felix.fresh", "GET", "/banks/"+nordlicht+"/accounts/none/owner/account", "")
	st.wants(200, `"amount":"912.04"`, "felix.fresh", "GET", account+"/owner/account", "")
	st.wants(200, `"number":null`, "felix.fresh", "GET", account+"/ReadAccountsBerlinGroup/account", "")
}

func TestReplaceAccessLosesAll(t *testing.T) {
	st := newStage(t)
	const account = "/banks/" + nordlicht + "/accounts/nl-giro-5120"
	st.wants(400, "OBP-50005", "felix.fresh", "PUT", account+"/account-access", `{"views":["typo"]}`)
	st.wants(403, "OBP-20017", "felix.fresh", "GET", account+"/owner/account", "")
	st.wants(400, "OBP-20047", "felix.fresh", "PUT", account+"/account-access", `{"views":["owner"]}`)
}

func TestDAuthAccess(t *testing.T) {
	st := newStage(t)
	const path = "/banks/" + nordlicht + "/accounts/nl-giro-5120/user-account-access"
	st.wants(400, "OBP-30252", "felix.fresh", "POST", path, `{"username":"0x1","provider":"dauth.E","views":[{"view_id":"ReadAccountsBasic","is_system":true}]}`)
	st.wants(201, `[]`, "felix.fresh", "POST", path, `{"username":"0x1","provider":"dauth.E","views":[]}`)
	st.wants(400, "PostCreateUserAccountAccessJsonV400", "felix.fresh", "POST", path, `{"username":"0x1","provider":"dauth.E"}`)
}

func TestChallenge(t *testing.T) {
	st := newStage(t)
	const path = "/banks/" + nordlicht + "/users/current/auth-context-updates/"
	start := func(number string) string {
		text := st.wants(201, "INITIATED", "ben.second", "POST", path+"EMAIL", `{"key":" CUSTOMER_NUMBER ","value":"`+number+`"}`)
		var out struct {
			ID string `json:"user_auth_context_update_id"`
		}
		_ = json.Unmarshal([]byte(text), &out)
		return out.ID
	}
	otp := func(id string) string { return st.wants(200, "", "", "GET", "/sandbox/otp/"+id, "") }
	wrong := start("NL-100004")
	st.wants(200, "REJECTED", "ben.second", "POST", path+wrong+"/challenge", `{"answer":"x"}`)
	st.wants(200, "NL-100004", "ben.second", "GET", "/my/customers", "") // linked all the same
	st.wants(200, "REJECTED", "ben.second", "POST", path+wrong+"/challenge", `{"answer":"`+otp(wrong)+`"}`)
	right := start("NL-100005")
	for range 2 { // repeated on an accepted one: another context
		st.wants(200, "ACCEPTED", "ben.second", "POST", path+right+"/challenge", `{"answer":"`+otp(right)+`"}`)
	}
	if _, text := st.send("anna.approver", "GET", "/users/"+id("ben.second")+"/auth-context", ""); strings.Count(text, "NL-100005") != 2 {
		t.Errorf("contexts: %s", text)
	}
	late := start("NL-100001")
	st.now = st.now.Add(601 * time.Second)
	st.wants(400, "OBP-20211", "ben.second", "POST", path+late+"/challenge", `{"answer":"1"}`)
	other := start("NL-100001")
	st.wants(400, "OBP-30025", "ben.second", "POST", "/banks/"+dulac+"/users/current/auth-context-updates/"+other+"/challenge", `{"answer":"1"}`)
	st.wants(404, "OBP-30001", "ben.second", "POST", "/banks/none/users/current/auth-context-updates/SMS", `{}`)
}

func TestInvitations(t *testing.T) {
	st := newStage(t)
	st.gives("olga.onebank", "CanCreateUserInvitation@"+nordlicht, "CanGetUserInvitation@"+nordlicht)
	const body = `{"first_name":"I","last_name":"I","email":"i@example.com","company":"C","country":"DE","purpose":"%s"}`
	st.wants(201, "CREATED", "olga.onebank", "POST", "/banks/"+nordlicht+"/user-invitation", fmt.Sprintf(body, "CUSTOMER"))
	st.wants(400, "OBP-10035", "olga.onebank", "POST", "/banks/"+nordlicht+"/user-invitation", fmt.Sprintf(body, "FUN"))
	st.wants(400, "PostUserInvitationJsonV400", "olga.onebank", "POST", "/banks/"+nordlicht+"/user-invitation", `{}`)
	st.wants(403, "CanCreateUserInvitation for BankId("+dulac+").", "olga.onebank", "POST", "/banks/"+dulac+"/user-invitation", `{}`)
	st.wants(200, "i@example.com", "olga.onebank", "GET", "/banks/"+nordlicht+"/user-invitations/"+st.s.invitations[0].secret, "")
	st.wants(404, "OBP-37882", "olga.onebank", "GET", "/banks/"+nordlicht+"/user-invitations/1", "")
}

func TestPages(t *testing.T) {
	st := newStage(t)
	for query, part := range map[string]string{"limit=0": "OBP-10025", "offset=x": "OBP-10024", "sort_direction=up": "OBP-10023",
		"from_date=yesterday": "OBP-10026", "limit=1&limit=2": "OBP-09016"} {
		st.wants(400, part, "henry.helpdesk", "GET", "/customers?"+query, "")
	}
	st.wants(200, `"customers":[]`, "henry.helpdesk", "GET", "/customers?limit=&offset=1000&to_date=2026-11-24T00:00:00.000Z", "")
	newest := st.wants(200, "NL-100001", "henry.helpdesk", "GET", "/customers?limit=1", "")
	oldest := st.wants(200, "GS-504", "henry.helpdesk", "GET", "/customers?limit=1&sort_direction=asc", "")
	if newest == oldest {
		t.Error("sort_direction changed nothing")
	}
	st.wants(403, "CanGetCustomers for BankId(none).", "henry.helpdesk", "GET", "/banks/none/customers", "") // the bank is not looked up
}
