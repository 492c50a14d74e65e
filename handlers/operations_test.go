package handlers

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// place is what an operation's page needs to know of the world.
type place struct {
	g                         *rig
	anna                      *browser
	felix, customer, ctx, att string
}

// place signs anna in at the world's places.
func (g *rig) place() place {
	w := g.obp.World()
	p := place{g: g, anna: g.signIn(admin), felix: g.user(outsider), customer: g.customerID("NL-100001")}
	for _, c := range w.Contexts {
		if c.UserID == p.felix {
			p.ctx = c.ID
		}
	}
	for _, a := range w.Attributes {
		if a.UserID == g.user(admin) {
			p.att = a.ID
		}
	}
	return p
}

func (p place) person(name string) templates.Person {
	return templates.Person{UserID: p.g.user(name), Username: name}
}

// doing opens a page, or sends the form on it.
type doing func(p place) answer

func opens(address func(p place) string) doing {
	return func(p place) answer { return p.anna.get(address(p)) }
}

func at(address string) doing { return opens(func(place) string { return address }) }

// sends sends the form at an address, with all that its page holds.
func sends(address func(p place) string, pairs ...string) doing {
	return func(p place) answer {
		target := address(p)
		in := values(pairs...)
		p.anna.get(target).doc.Find(`main form[method="post"] input[type="hidden"], main form[method="post"] input[checked]`).Each(func(_ int, f *goquery.Selection) {
			name, _ := f.Attr("name")
			value, _ := f.Attr("value")
			if !in.Has(name) {
				in.Set(name, value)
			}
		})
		return p.anna.post(target, in)
	}
}

func felixOf(f func(templates.Person) string) func(place) string {
	return func(p place) string { return f(p.person(outsider)) }
}

func ofFelix(f func(string) string) func(place) string {
	return func(p place) string { return f(p.felix) }
}

// operations are the 50 of the seed: the client's method, the call, and where
// a person does it. journey names what else goes through it in a browser.
var operations = []struct {
	operation, call string
	method          any
	page            string
	do              doing
}{
	{"o_bpv2_0_0_create_user", "POST /users", (*obp.API).CreateUser, "/users/new", sends(func(place) string { return templates.NewUserPattern }, "username", "new.person", "email", "new@demo.example", "password", "Str0ng!Passw0rd-9", "password_again", "Str0ng!Passw0rd-9", "first", "New", "last", "Person")},
	{"o_bpv4_0_0_get_users", "GET /users", (*obp.API).Users, "/users", at("/users")},
	{"o_bpv4_0_0_get_user_by_user_id", "GET /users/user_id/{USER_ID}", (*obp.API).UserByID, "/users/{id}", opens(felixOf(templates.UserOf))},
	{"o_bpv4_0_0_get_user_by_username", "GET /users/username/{USERNAME}", (*obp.API).UserByUsername, "/find", finds(outsider)},
	{"o_bpv4_0_0_get_users_by_email", "GET /users/email/{EMAIL}/terminator", (*obp.API).UsersByEmail, "/find", finds("felix.fresh@demo.example")},
	{"o_bpv4_0_0_delete_user", "DELETE /users/{USER_ID}", (*obp.API).DeleteUser, "/users/{id}/delete", sends(felixOf(templates.DeleteUser), "name", outsider)},
	{"o_bpv3_1_0_refresh_user", "POST /users/{USER_ID}/refresh", (*obp.API).RefreshUser, "/users/{id}/refresh", sends(felixOf(templates.Refresh))},
	{"o_bpv4_0_0_reset_password_url", "POST /management/user/reset-password-url", (*obp.API).CreateResetURL, "/users/{id}/reset-link", sends(felixOf(templates.Reset), "verified", "call_back", "note", "asked two questions", "ticket", "T-1", "tick", "1")},
	{"o_bpv3_0_0_get_current_user", "GET /users/current", (*obp.API).CurrentUser, "/me/access", at("/me/access")},
	{"o_bpv4_0_0_get_current_user_id", "GET /users/current/user_id", (*obp.API).CurrentUserID, "/journal", at("/journal")},
	{"o_bpv4_0_0_get_logout_link", "GET /users/current/logout-link", (*obp.API).LogoutLink, "/me/access", at("/me/access")},
	{"o_bpv4_0_0_get_my_spaces", "GET /my/spaces", (*obp.API).MySpaces, "/me/access", at("/me/access")},
	{"o_bpv3_1_0_get_bad_login_status", "GET /users/{USERNAME}/lock-status", (*obp.API).LockStatus, "/users/{id}", opens(felixOf(templates.UserOf))},
	{"o_bpv3_1_0_unlock_user", "PUT /users/{USERNAME}/lock-status", (*obp.API).Unlock, "/users/{id}/unlock", sends(felixOf(templates.Unlock))},
	{"o_bpv4_0_0_lock_user", "POST /users/{USERNAME}/locks", (*obp.API).Lock, "/users/{id}/lock", sends(felixOf(templates.Lock))},

	{"o_bpv2_0_0_add_entitlement", "POST /users/{USER_ID}/entitlements", (*obp.API).CreateEntitlement, "/users/{id}/grant", sends(func(p place) string { return templates.Grant(p.felix, "", "") }, "role", "CanCreateBranch", "bank", nordBank)},
	{"o_bpv2_0_0_delete_entitlement", "DELETE /users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", (*obp.API).DeleteEntitlement, "/users/{id}/revoke", sends(func(p place) string { return templates.Revoke(p.g.user("k.lueders"), "CanCreateCustomer", nordBank) })},
	{"o_bpv4_0_0_get_entitlements", "GET /users/{USER_ID}/entitlements", (*obp.API).UserEntitlements, "/users/{id}", opens(felixOf(templates.UserOf))},
	{"o_bpv2_1_0_get_entitlements_by_bank_and_user", "GET /banks/{BANK_ID}/users/{USER_ID}/entitlements", (*obp.API).UserBankEntitlements, "/banks/{bank}/users/{id}/roles", opens(ofFelix(func(id string) string { return templates.UserBankRoles(nordBank, id) }))},
	{"o_bpv3_0_0_get_entitlements_for_current_user", "GET /my/entitlements", (*obp.API).MyEntitlements, "/me", at("/me")},
	{"o_bpv4_0_0_get_entitlements_for_bank", "GET /banks/{BANK_ID}/entitlements", (*obp.API).BankEntitlements, "/banks/{bank}/roles", at("/banks/" + nordBank + "/roles")},
	{"o_bpv4_0_0_create_user_with_roles", "POST /user-entitlements", (*obp.API).CreateDAuthUserWithRoles, "/dauth", sends(func(place) string { return templates.DAuthPattern }, "username", "0xab", "provider", "dauth.x", "role", "CanCreateBranch", "bank", nordBank)},

	{"o_bpv3_0_0_add_entitlement_request", "POST /entitlement-requests", (*obp.API).CreateEntitlementRequest, "/me/requests", func(p place) answer {
		return p.anna.post(templates.AskRolePattern, url.Values{"role": {"CanCreateBranch"}, "bank": {nordBank}})
	}},
	{"o_bpv3_0_0_get_all_entitlement_requests", "GET /entitlement-requests", (*obp.API).EntitlementRequests, "/requests", at("/requests")},
	{"o_bpv3_0_0_get_entitlement_requests", "GET /users/{USER_ID}/entitlement-requests", (*obp.API).UserEntitlementRequests, "/users/{id}", opens(felixOf(templates.UserOf))},
	{"o_bpv3_0_0_get_entitlement_requests_for_current_user", "GET /my/entitlement-requests", (*obp.API).MyEntitlementRequests, "/me", at("/me")},
	{"o_bpv3_0_0_delete_entitlement_request", "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}", (*obp.API).DeleteEntitlementRequest, "/requests/{id}/decline", func(p place) answer {
		return p.anna.post(templates.Decline(p.g.obp.World().Requests[0].ID, templates.RequestQuery{}), reason(because))
	}},

	{"o_bpv2_0_0_get_permissions_for_bank_account", "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions", (*obp.API).AccountPermissions, "/banks/{bank}/accounts/{account}", at(annaPath)},
	{"o_bpv3_0_0_get_permission_for_user_for_bank_account", "GET /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", (*obp.API).UserPermissions, "/banks/{bank}/accounts/{account}/person", at(annaPath + "/person?provider=https%3A%2F%2Fobp.demo.example&person=ben.second")},
	{"o_bpv4_0_0_grant_user_access_to_view", opGrantView, (*obp.API).GrantAccess, "/banks/{bank}/accounts/{account}/grant", sends(func(place) string { return annaPath + "/grant" }, "person", outsider, "view", "auditor")},
	{"o_bpv4_0_0_revoke_user_access_to_view", opRevokeView, (*obp.API).RevokeAccess, "/banks/{bank}/accounts/{account}/revoke", sends(func(place) string { return benAuditor })},
	{"o_bpv4_0_0_revoke_grant_user_access_to_views", opReplace, (*obp.API).ReplaceMyAccess, "/banks/{bank}/accounts/{account}/mine", sends(func(place) string { return annaPath + "/mine" }, "view", "owner", "tick", "1")},
	{"o_bpv4_0_0_create_user_with_account_access", opDAuthAccess, (*obp.API).CreateDAuthUserWithAccess, "/banks/{bank}/accounts/{account}/dauth", sends(func(place) string { return annaPath + "/dauth" }, "username", "0xab", "provider", "dauth.x", "view", "auditor")},

	{"o_bpv3_0_0_get_customers_for_user", "GET /users/current/customers", (*obp.API).CurrentUserCustomers, "/me/access", at("/me/access")},
	{"o_bpv5_0_0_get_my_customers_at_any_bank", "GET /my/customers", (*obp.API).MyCustomers, "/me/access", at("/me/access")},
	{"o_bpv4_0_0_get_customers_at_any_bank", "GET /customers", (*obp.API).Customers, "/customers", at("/customers")},
	{"o_bpv4_0_0_get_customers_minimal_at_any_bank", "GET /customers-minimal", (*obp.API).CustomerKeys, "/customers", at("/customers?form=ids")},
	{"o_bpv5_0_0_get_customers_at_one_bank", "GET /banks/{BANK_ID}/customers", (*obp.API).BankCustomers, "/customers", at("/customers?bank=" + nordBank)},
	{"o_bpv5_0_0_get_customers_minimal_at_one_bank", "GET /banks/{BANK_ID}/customers-minimal", (*obp.API).BankCustomerKeys, "/customers", at("/customers?form=ids&bank=" + nordBank)},
	{"o_bpv4_0_0_create_user_customer_links", opLink, (*obp.API).CreateCustomerLink, "/banks/{bank}/customers/{customer}/link", sends(func(p place) string { return templates.LinkUser(nordBank, p.customer) }, "person", "henry.helpdesk")},

	{"o_bpv5_0_0_create_user_auth_context", "POST /users/{USER_ID}/auth-context", (*obp.API).CreateAuthContext, "/users/{id}/contexts", sends(ofFelix(templates.Contexts), "key", "PASSPORT", "value", "P1")},
	{"o_bpv5_0_0_get_user_auth_contexts", "GET /users/{USER_ID}/auth-context", (*obp.API).AuthContexts, "/users/{id}/contexts", opens(ofFelix(templates.Contexts))},
	{"o_bpv3_1_0_delete_user_auth_contexts", "DELETE /users/{USER_ID}/auth-context", (*obp.API).DeleteAuthContexts, "/users/{id}/contexts/delete", sends(ofFelix(templates.DropContexts), "name", outsider)},
	{"o_bpv3_1_0_delete_user_auth_context_by_id", "DELETE /users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}", (*obp.API).DeleteAuthContext, "/users/{id}/contexts/{context}/delete", sends(func(p place) string { return templates.DropContext(p.felix, p.ctx) })},
	{"o_bpv5_0_0_create_user_auth_context_update_request", "POST /banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}", (*obp.API).StartChallenge, "/me/challenge", challenges(false)},
	{"o_bpv5_0_0_answer_user_auth_context_update_challenge", "POST /banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge", (*obp.API).AnswerChallenge, "/me/challenge/{id}", challenges(true)},
	{"o_bpv4_0_0_get_current_user_attributes", "GET /my/user/attributes", (*obp.API).MyAttributes, "/me/attributes", at("/me/attributes")},
	{"o_bpv4_0_0_create_current_user_attribute", "POST /my/user/attributes", (*obp.API).CreateMyAttribute, "/me/attributes", sends(func(place) string { return templates.MyAttributesPattern }, "name", "floor", "type", "INTEGER", "value", "2")},
	{"o_bpv4_0_0_update_current_user_attribute", "PUT /my/user/attributes/{USER_ATTRIBUTE_ID}", (*obp.API).UpdateMyAttribute, "/me/attributes/{attribute}", sends(func(p place) string { return templates.MyAttribute(p.att) }, "name", "floor", "type", "INTEGER", "value", "2")},
	{"o_bpv4_0_0_get_user_with_attributes", "GET /users/{USER_ID}/attributes", (*obp.API).UserAttributes, "/users/{id}/attributes", opens(ofFelix(templates.Attributes))},
}

func finds(text string) doing {
	return func(p place) answer { return p.anna.post(templates.FindPattern, url.Values{"q": {text}}) }
}

func challenges(answered bool) doing {
	return func(p place) answer {
		a := p.anna.post(templates.ChallengePattern, url.Values{"bank": {nordBank}, "method": {"EMAIL"}, "value": {"NL-100003"}})
		if answered {
			a = p.anna.post(a.Header.Get("Location"), url.Values{"answer": {"1"}})
		}
		return a
	}
}

// Every one of the 50 operations has a method, and a page of the console that
// sends it: the page is opened or its form sent, and the stand-in counts.
func TestOperations(t *testing.T) {
	w := bankWorld()
	for _, role := range []string{"CanDeleteUser", "CanRefreshUser", "CanCreateResetPasswordUrl", "CanLockUser", "CanUnlockUser"} {
		w.Entitlements = append(w.Entitlements, sandbox.Entitlement{ID: "op-" + role, Role: role, UserID: userNamed(w, admin), Created: start})
	}
	methods, pages := 0, 0
	var missing []string
	for _, o := range operations {
		if o.method != nil {
			methods++
		}
		if o.do == nil {
			missing = append(missing, o.operation)
			continue
		}
		t.Run(o.operation, func(t *testing.T) {
			g := newRigOf(t, w, func(d *Deps) { d.Settings.ResetHosts = []string{"portal.demo.example"} })
			p := g.place()
			method, path, _ := strings.Cut(o.call, " ")
			counted := method + " /obp/v5.0.0" + path
			before := g.obp.Calls()[counted]
			a := o.do(p)
			if g.obp.Calls()[counted] == before || a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s does not send %s: %d %s", o.page, o.call, a.StatusCode, a.text("main"))
				return
			}
			pages++
		})
	}
	var inBrowser []byte
	files, _ := filepath.Glob("../e2e/*_test.go")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		inBrowser = append(inBrowser, b...)
	}
	walked := 0
	for _, o := range operations {
		j := journeys[o.operation]
		if bytes.Contains(inBrowser, []byte("func "+j+"(t ")) {
			walked++
		} else {
			t.Errorf("%s has no journey %q", o.operation, j)
		}
		t.Logf("%s: %s: %s", o.operation, o.page, j)
	}
	slices.Sort(missing)
	for _, m := range missing {
		t.Logf("no page yet: %s", m)
	}
	if len(operations) != 50 || methods != 50 {
		t.Errorf("%d operations, %d with a method", len(operations), methods)
	}
	t.Logf("operations: %d of 50 with a journey", walked)
	t.Logf("operations: %d of 50 with a method, %d of 50 with a page", methods, pages)
}
