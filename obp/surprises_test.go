package obp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// OBP's 200 false is a success of DeleteUser; reading back tells the truth.
func TestDeleteUserReadsBack(t *testing.T) {
	t.Run("scrambled", func(t *testing.T) {
		api := script(t, recorded(t, "02-users", "DELETE /users/id-greta", "GET /users/user_id/id-greta")...)
		d, err := api.DeleteUser(t.Context(), "id-greta")
		if err != nil || d.Invitation || d.Unread != nil || !d.User.IsDeleted {
			t.Errorf("got %+v, %v", d, err)
		}
	})
	t.Run("still there", func(t *testing.T) {
		api := script(t, xc("DELETE /users/u", "", 200, "true"), xc("GET /users/user_id/u", "", 200, `{"user_id":"u","is_deleted":false}`))
		d, err := api.DeleteUser(t.Context(), "u")
		if KindOf(err) != KindNotApplied || !d.Invitation {
			t.Errorf("got %+v, %v", d, err)
		}
	})
	t.Run("no right to read back", func(t *testing.T) {
		api := script(t, xc("DELETE /users/u", "", 200, "false"), xc("GET /users/user_id/u", "", 403, `{"message":"OBP-20006: User is missing one or more roles: CanGetAnyUser"}`))
		d, err := api.DeleteUser(t.Context(), "u")
		if err != nil || KindOf(d.Unread) != KindMissingRole {
			t.Errorf("got %+v, %v", d, err)
		}
	})
	t.Run("another person read back", func(t *testing.T) {
		api := script(t, xc("DELETE /users/u", "", 200, "false"), xc("GET /users/user_id/u", "", 200, `{"user_id":"other","is_deleted":true}`))
		if d, err := api.DeleteUser(t.Context(), "u"); err != nil || KindOf(d.Unread) != KindJunk {
			t.Errorf("got %+v, %v", d, err)
		}
	})
}

// Lock and Unlock say what is_locked says, which lock-status does not.
func TestLocksReadBack(t *testing.T) {
	t.Run("lock", func(t *testing.T) {
		api := script(t, recorded(t, "03-locks", "200 POST /users/felix.smith/locks", "GET /users/user_id/"+felix)...)
		s, err := api.Lock(t.Context(), "felix.smith")
		if err != nil || !s.Locked || s.Placed.Type != "lock_via_api" || s.Placed.Last.IsZero() {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	const locked = `{"user_id":"u","username":"Felix.Smith","is_locked":true}`
	t.Run("unlock", func(t *testing.T) {
		api := script(t, append(recorded(t, "03-locks", "200 PUT /users/felix.smith/lock-status"),
			xc("GET /users/username/felix.smith", "", 200, strings.Replace(locked, "true", "false", 1)))...)
		s, err := api.Unlock(t.Context(), "felix.smith")
		if err != nil || s.Locked || s.Status.FailedAttempts != 0 || s.User.UserID != "u" {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("still locked", func(t *testing.T) {
		api := script(t, append(recorded(t, "03-locks", "200 PUT /users/felix.smith/lock-status"), xc("GET /users/username/felix.smith", "", 200, locked))...)
		if s, err := api.Unlock(t.Context(), "felix.smith"); KindOf(err) != KindNotApplied || !s.Locked {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("no right to read back", func(t *testing.T) {
		api := script(t, append(recorded(t, "03-locks", "200 POST /users/felix.smith/locks"),
			xc("GET /users/user_id/"+felix, "", 403, `{"message":"OBP-20006: User is missing one or more roles: CanGetAnyUser"}`))...)
		if s, err := api.Lock(t.Context(), "felix.smith"); err != nil || KindOf(s.Unread) != KindMissingRole {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("another person by that name", func(t *testing.T) {
		api := script(t, xc("GET /users/username/anna", "", 200, locked))
		if u, err := api.UserByUsername(t.Context(), "anna"); KindOf(err) != KindJunk || u.UserID != "" {
			t.Errorf("got %+v, %v", u, err)
		}
	})
}

func TestResetURL(t *testing.T) {
	const path = "POST /management/user/reset-password-url"
	link := func(t *testing.T, hosts []string, x ...exchange) (string, error) {
		return script(t, x...).CreateResetURL(t.Context(), "felix.smith", "felix_smith@example.com", felix, hosts)
	}
	t.Run("recorded", func(t *testing.T) {
		got, err := link(t, []string{"127.0.0.1:8090"}, recorded(t, "02-users", path)...)
		if err != nil || !strings.HasPrefix(got, "http://127.0.0.1:8090/user_mgt/reset_password/0") {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("no match is 201 with an empty text", func(t *testing.T) {
		x := recorded(t, "02-users", path, path)[1:]
		x[0].Request.Body = recorded(t, "02-users", path)[0].Request.Body
		got, err := link(t, []string{"127.0.0.1:8090"}, x...)
		if e, _ := AsError(err); got != "" || KindOf(err) != KindNotFound || e.Status != 201 {
			t.Errorf("got %q, %v", got, err)
		}
	})
	sent := `{"username":"felix.smith","email":"felix_smith@example.com","user_id":"` + felix + `"}`
	t.Run("switched off", func(t *testing.T) {
		_, err := link(t, nil, xc(path, sent, 400, `{"message":"OBP-50017: The endpoint is forbidden at this API instance."}`))
		if KindOf(err) != KindSwitchedOff {
			t.Errorf("got %v", err)
		}
	})
	hosts := []string{"obp.example.com", "obp.example.com:8443", "127.0.0.1:1"}
	for url, ok := range map[string]bool{
		"https://obp.example.com/r/X": true, "https://OBP.example.com:8443/r/X": true, "http://127.0.0.1:1/r": true,
		"http://obp.example.com/r": false, "https://obp.example.com:9/r": false, "https://obp.example.com@evil.com/": false,
		"https://evil.com/obp.example.com": false, "//obp.example.com/r": false, "javascript:alert(1)": false, "https:obp.example.com": false,
		`https://obp.example.com\.evil.com/`: false, "https://evil.com#obp.example.com": false, " https://obp.example.com/": false,
		"https://obp.example.com.evil.com/": false, "https://a:b@obp.example.com/r": false, "https://ⓞbp.example.com/": false, "data:text/html,x": false,
	} {
		body := `{"reset_password_url":` + jsonText(url) + `}`
		got, err := link(t, hosts, xc(path, sent, 201, body))
		if (err == nil) != ok || ok && got != url || !ok && (got != "" || KindOf(err) != KindJunk || strings.Contains(err.Error(), "evil")) {
			t.Errorf("%q: got %q, %v", url, got, err)
		}
	}
	if _, err := link(t, hosts, xc(path, sent, 201, `{}`)); KindOf(err) != KindJunk {
		t.Errorf("no field: got %v", err)
	}
}

// A taken user name is known by its status alone; a broken rule has no text.
func TestCreateUserRefusals(t *testing.T) {
	all := recorded(t, "02-users", "409 POST /users", "POST /users", "POST /users", "POST /users")
	for i, want := range []struct {
		kind Kind
		code string
	}{{KindExists, "OBP-50005"}, {KindInvalid, "OBP-30207"}, {KindInvalid, ""}, {KindInvalid, "OBP-10001"}} {
		x := all[i]
		x.Request.Body = []byte(`{"email":"","username":"","password":"","first_name":"","last_name":""}`)
		_, err := script(t, x).CreateUser(t.Context(), NewUser{})
		if e, _ := AsError(err); e == nil || e.Kind() != want.kind || e.Code != want.code || strings.Contains(e.Message, "Boot") {
			t.Errorf("%d: got %+v", i, e)
		}
	}
}

// is_system follows from the name, because OBP refuses it when it does not agree.
func TestCustomViewIsNoSystemView(t *testing.T) {
	const x = "/banks/b/accounts/a/account-access/"
	api := script(t, xc("POST "+x+"grant", `{"user_id":"u","view":{"view_id":"_mine","is_system":false}}`, 201, `{"id":"_mine"}`),
		xc("POST "+x+"revoke", `{"user_id":"u","view":{"view_id":"_mine","is_system":false}}`, 201, `{"revoked":false}`))
	v, err := api.GrantAccess(t.Context(), "b", "a", "u", "_mine")
	if err != nil || v.IsSystem {
		t.Errorf("got %+v, %v", v, err)
	}
	if err := api.RevokeAccess(t.Context(), "b", "a", "u", "_mine"); KindOf(err) != KindNotApplied {
		t.Errorf("got %v", err)
	}
}

func TestReplaceMyAccess(t *testing.T) {
	const change, me = "PUT /banks/b/accounts/a/account-access", "GET /users/current"
	known := []View{{ID: "owner"}, {ID: "auditor"}}
	held := func(views ...string) exchange {
		rows := mapped(views, func(v string) string { return `{"bank_id":"b","account_id":"a","view_id":"` + v + `"}` })
		rows = append(rows, `{"bank_id":"b","account_id":"other","view_id":"standard"}`)
		return xc(me, "", 200, `{"user_id":"u","views":{"list":[`+strings.Join(rows, ",")+`]}}`)
	}
	const sent = `{"views":["owner","auditor"]}`
	for _, c := range []struct {
		name string
		x    []exchange
		ask  []string
		held []string
		kind Kind
	}{
		{"done", []exchange{xc(change, sent, 201, `{"revoked":true}`), held("auditor", "owner")}, []string{"owner", "auditor"}, []string{"auditor", "owner"}, 0},
		{"an unknown name is not sent", nil, []string{"owner", "auditr"}, nil, KindInvalid},
		{"nothing is not sent", nil, nil, nil, KindInvalid},
		{"refused", []exchange{xc(change, sent, 400, `{"message":"OBP-20047: x"}`), held("owner")}, []string{"owner", "auditor"}, []string{"owner"}, KindNoView},
		{"failed half way", []exchange{xc(change, sent, 400, `{"message":"OBP-50005: x"}`), held()}, []string{"owner", "auditor"}, []string{}, KindInvalid},
		{"other views held", []exchange{xc(change, sent, 201, `{"revoked":true}`), held("owner")}, []string{"owner", "auditor"}, []string{"owner"}, KindNotApplied},
		{"nothing revoked", []exchange{xc(change, sent, 201, `{"revoked":false}`)}, []string{"owner", "auditor"}, nil, KindNotApplied},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := script(t, c.x...).ReplaceMyAccess(t.Context(), "b", "a", known, c.ask)
			if KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
				t.Errorf("got %v, want kind %d", err, c.kind)
			}
			if d := cmp.Diff(c.held, got.ViewIDs); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("not read back", func(t *testing.T) {
		api := script(t, xc(change, sent, 201, `{"revoked":true}`), xc(me, "", 400, `{"message":"OBP-20003: gone"}`))
		got, err := api.ReplaceMyAccess(t.Context(), "b", "a", known, []string{"owner", "auditor"})
		if err != nil || KindOf(got.Unread) != KindSignedOut {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// What OBP answers with false, null or a status that it has not, is no success.
func TestAnswersThatAreNoSuccess(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []exchange
		call func(*API, ctx) error
		want Kind
	}{
		{"unlink false", []exchange{xc("DELETE /banks/b/user_customer_links/l", "", 200, "false")},
			func(a *API, ctx ctx) error { return a.DeleteCustomerLink(ctx, "b", "l") }, KindNotApplied},
		{"unlink null", []exchange{xc("DELETE /banks/b/user_customer_links/l", "", 200, "null")},
			func(a *API, ctx ctx) error { return a.DeleteCustomerLink(ctx, "b", "l") }, KindJunk},
		{"contexts false", []exchange{xc("DELETE /users/u/auth-context", "", 200, "false")},
			func(a *API, ctx ctx) error { return a.DeleteAuthContexts(ctx, "u") }, KindNotApplied},
		{"somebody else's context", nil,
			func(a *API, ctx ctx) error {
				return a.DeleteAuthContext(ctx, "u", []AuthContext{{ID: "own", UserID: "u"}, {ID: "foreign", UserID: "v"}}, "foreign")
			}, KindNotFound},
		{"revoked null", []exchange{xc("POST /banks/b/accounts/a/account-access/revoke", `{"user_id":"u","view":{"view_id":"v","is_system":true}}`, 201, `{"revoked":null}`)},
			func(a *API, ctx ctx) error { return a.RevokeAccess(ctx, "b", "a", "u", "v") }, KindJunk},
		{"unknown challenge status", []exchange{xc("POST /banks/b/users/current/auth-context-updates/i/challenge", `{"answer":"1"}`, 200, `{"user_auth_context_update_id":"i","status":"MAYBE"}`)},
			func(a *API, ctx ctx) error { _, err := a.AnswerChallenge(ctx, "b", "i", "1"); return err }, KindJunk},
		{"revoke role with a page", []exchange{{}},
			func(a *API, ctx ctx) error { return a.DeleteEntitlement(ctx, "u", "e") }, KindJunk},
		{"somebody else's attribute", nil,
			func(a *API, ctx ctx) error {
				_, err := a.UpdateMyAttribute(ctx, []Attribute{{ID: "own"}}, "foreign", "n", AttributeString, "v")
				return err
			}, KindNotFound},
		{"DAuth name empty", nil,
			func(a *API, ctx ctx) error {
				_, err := a.CreateDAuthUserWithRoles(ctx, "", "dauth.X", []RoleAtBank{{"", "r"}})
				return err
			}, KindInvalid},
		{"DAuth no role", nil,
			func(a *API, ctx ctx) error {
				_, err := a.CreateDAuthUserWithRoles(ctx, "n", "dauth.X", nil)
				return err
			}, KindInvalid},
		{"DAuth other provider", nil,
			func(a *API, ctx ctx) error {
				_, err := a.CreateDAuthUserWithAccess(ctx, "b", "a", "n", "google", []string{"v"})
				return err
			}, KindInvalid},
		{"DAuth no view", nil,
			func(a *API, ctx ctx) error {
				_, err := a.CreateDAuthUserWithAccess(ctx, "b", "a", "n", "dauth.X", nil)
				return err
			}, KindInvalid},
		{"holders of no role would be everybody", nil,
			func(a *API, ctx ctx) error { _, err := a.RoleHolders(ctx, ""); return err }, KindInvalid},
		{"link nobody", nil,
			func(a *API, ctx ctx) error { _, err := a.CreateCustomerLink(ctx, "b", "", "c"); return err }, KindInvalid},
		{"newer unknown", []exchange{xc("GET /obp/v5.1.0/root", "", 404, `not found`)},
			func(a *API, ctx ctx) error { _, err := a.Newer(ctx); return err }, KindJunk},
		{"old firehose", []exchange{xc("GET /banks/b/firehose/accounts/views/firehose", "", 400, `{"message":"OBP-00009: Account firehose is not allowed on this instance."}`)},
			func(a *API, ctx ctx) error { _, err := a.FirehoseAccounts(ctx, "b", "firehose"); return err }, KindSwitchedOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "revoke role with a page" {
				c.x[0] = xc("DELETE /users/u/entitlement/e", "", 200, "<html>sign in</html>")
				c.x[0].Response.Type = "text/html"
			}
			if err := c.call(script(t, c.x...), t.Context()); KindOf(err) != c.want {
				t.Errorf("got %v, want kind %d", err, c.want)
			}
		})
	}
}
