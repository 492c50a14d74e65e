package obp

import (
	"io"
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

type args = []any

// operations names each of the 50 operations, its call, and the method for it.
var operations = []struct {
	operation, method, path string
	call                    any // method expression of *API
	args                    args
}{
	{"o_bpv2_0_0_create_user", "POST", "/users", (*API).CreateUser, args{NewUser{}}},
	{"o_bpv4_0_0_get_users", "GET", "/users", (*API).Users, args{UserQuery{}}},
	{"o_bpv4_0_0_get_user_by_user_id", "GET", "/users/user_id/{USER_ID}", (*API).UserByID, args{"u"}},
	{"o_bpv4_0_0_get_user_by_username", "GET", "/users/username/{USERNAME}", (*API).UserByUsername, args{"n"}},
	{"o_bpv4_0_0_get_users_by_email", "GET", "/users/email/{EMAIL}/terminator", (*API).UsersByEmail, args{"m"}},
	{"o_bpv4_0_0_delete_user", "DELETE", "/users/{USER_ID}", (*API).DeleteUser, args{"u"}},
	{"o_bpv3_1_0_refresh_user", "POST", "/users/{USER_ID}/refresh", (*API).RefreshUser, args{"u"}},
	{"o_bpv4_0_0_reset_password_url", "POST", "/management/user/reset-password-url", (*API).CreateResetURL, args{"n", "m", "u", []string{"h"}}},
	{"o_bpv3_0_0_get_current_user", "GET", "/users/current", (*API).CurrentUser, nil},
	{"o_bpv4_0_0_get_current_user_id", "GET", "/users/current/user_id", (*API).CurrentUserID, nil},
	{"o_bpv4_0_0_get_logout_link", "GET", "/users/current/logout-link", (*API).LogoutLink, nil},
	{"o_bpv4_0_0_get_my_spaces", "GET", "/my/spaces", (*API).MySpaces, nil},
	{"o_bpv3_1_0_get_bad_login_status", "GET", "/users/{USERNAME}/lock-status", (*API).LockStatus, args{"n"}},
	{"o_bpv3_1_0_unlock_user", "PUT", "/users/{USERNAME}/lock-status", (*API).Unlock, args{"n"}},
	{"o_bpv4_0_0_lock_user", "POST", "/users/{USERNAME}/locks", (*API).Lock, args{"n"}},

	{"o_bpv2_0_0_add_entitlement", "POST", "/users/{USER_ID}/entitlements", (*API).CreateEntitlement, args{"u", "r", "b"}},
	{"o_bpv2_0_0_delete_entitlement", "DELETE", "/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", (*API).DeleteEntitlement, args{"u", "e"}},
	{"o_bpv4_0_0_get_entitlements", "GET", "/users/{USER_ID}/entitlements", (*API).UserEntitlements, args{"u"}},
	{"o_bpv2_1_0_get_entitlements_by_bank_and_user", "GET", "/banks/{BANK_ID}/users/{USER_ID}/entitlements", (*API).UserBankEntitlements, args{"b", "u"}},
	{"o_bpv3_0_0_get_entitlements_for_current_user", "GET", "/my/entitlements", (*API).MyEntitlements, nil},
	{"o_bpv4_0_0_get_entitlements_for_bank", "GET", "/banks/{BANK_ID}/entitlements", (*API).BankEntitlements, args{"b"}},
	{"o_bpv4_0_0_create_user_with_roles", "POST", "/user-entitlements", (*API).CreateDAuthUserWithRoles, args{"n", "dauth.X", []RoleAtBank{{"b", "r"}}}},

	{"o_bpv3_0_0_add_entitlement_request", "POST", "/entitlement-requests", (*API).CreateEntitlementRequest, args{"r", "b"}},
	{"o_bpv3_0_0_get_all_entitlement_requests", "GET", "/entitlement-requests", (*API).EntitlementRequests, nil},
	{"o_bpv3_0_0_get_entitlement_requests", "GET", "/users/{USER_ID}/entitlement-requests", (*API).UserEntitlementRequests, args{"u"}},
	{"o_bpv3_0_0_get_entitlement_requests_for_current_user", "GET", "/my/entitlement-requests", (*API).MyEntitlementRequests, nil},
	{"o_bpv3_0_0_delete_entitlement_request", "DELETE", "/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", (*API).DeleteEntitlementRequest, args{"q"}},

	{"o_bpv2_0_0_get_permissions_for_bank_account", "GET", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions", (*API).AccountPermissions, args{"b", "a"}},
	{"o_bpv3_0_0_get_permission_for_user_for_bank_account", "GET", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", (*API).UserPermissions, args{"b", "a", "http://p", "n"}},
	{"o_bpv4_0_0_grant_user_access_to_view", "POST", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/grant", (*API).GrantAccess, args{"b", "a", "u", "v"}},
	{"o_bpv4_0_0_revoke_user_access_to_view", "POST", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke", (*API).RevokeAccess, args{"b", "a", "u", "v"}},
	{"o_bpv4_0_0_revoke_grant_user_access_to_views", "PUT", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access", (*API).ReplaceMyAccess, args{"b", "a", []View{{ID: "own"}}, []string{"own"}}},
	{"o_bpv4_0_0_create_user_with_account_access", "POST", "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access", (*API).CreateDAuthUserWithAccess, args{"b", "a", "n", "dauth.X", []string{"v"}}},

	{"o_bpv3_0_0_get_customers_for_user", "GET", "/users/current/customers", (*API).CurrentUserCustomers, nil},
	{"o_bpv5_0_0_get_my_customers_at_any_bank", "GET", "/my/customers", (*API).MyCustomers, nil},
	{"o_bpv4_0_0_get_customers_at_any_bank", "GET", "/customers", (*API).Customers, args{CustomerQuery{}}},
	{"o_bpv4_0_0_get_customers_minimal_at_any_bank", "GET", "/customers-minimal", (*API).CustomerKeys, args{CustomerQuery{}}},
	{"o_bpv5_0_0_get_customers_at_one_bank", "GET", "/banks/{BANK_ID}/customers", (*API).BankCustomers, args{"b", CustomerQuery{}}},
	{"o_bpv5_0_0_get_customers_minimal_at_one_bank", "GET", "/banks/{BANK_ID}/customers-minimal", (*API).BankCustomerKeys, args{"b", CustomerQuery{}}},
	{"o_bpv4_0_0_create_user_customer_links", "POST", "/banks/{BANK_ID}/user_customer_links", (*API).CreateCustomerLink, args{"b", "u", "c"}},

	{"o_bpv5_0_0_create_user_auth_context", "POST", "/users/{USER_ID}/auth-context", (*API).CreateAuthContext, args{"u", "k", "v"}},
	{"o_bpv5_0_0_get_user_auth_contexts", "GET", "/users/{USER_ID}/auth-context", (*API).AuthContexts, args{"u"}},
	{"o_bpv3_1_0_delete_user_auth_contexts", "DELETE", "/users/{USER_ID}/auth-context", (*API).DeleteAuthContexts, args{"u"}},
	{"o_bpv3_1_0_delete_user_auth_context_by_id", "DELETE", "/users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}", (*API).DeleteAuthContext, args{"u", []AuthContext{{ID: "own", UserID: "u"}}, "own"}},
	{"o_bpv5_0_0_create_user_auth_context_update_request", "POST", "/banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}", (*API).StartChallenge, args{"b", SCAEmail, "k", "v"}},
	{"o_bpv5_0_0_answer_user_auth_context_update_challenge", "POST", "/banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge", (*API).AnswerChallenge, args{"b", "id", "1"}},
	{"o_bpv4_0_0_get_current_user_attributes", "GET", "/my/user/attributes", (*API).MyAttributes, nil},
	{"o_bpv4_0_0_create_current_user_attribute", "POST", "/my/user/attributes", (*API).CreateMyAttribute, args{"n", AttributeString, "v"}},
	{"o_bpv4_0_0_update_current_user_attribute", "PUT", "/my/user/attributes/{USER_ATTRIBUTE_ID}", (*API).UpdateMyAttribute, args{[]Attribute{{ID: "own"}}, "own", "n", AttributeString, "v"}},
	{"o_bpv4_0_0_get_user_with_attributes", "GET", "/users/{USER_ID}/attributes", (*API).UserAttributes, args{"u"}},
}

var (
	pathName     = regexp.MustCompile(`\{[A-Z_]+\}`)
	firstReadFor = map[string]string{ // what a method reads beside its write
		"GET /users/current": `{"user_id":"u"}`,
	}
)

// Every operation has a method, which sends the operation's own call and
// passes on that OBP refused it.
func TestOperations(t *testing.T) {
	type named struct{ Operation, Method, Path string }
	wanted := readJSON[[]named](t, "testdata/operations.json")
	have := map[named]bool{}
	with := 0
	for _, o := range operations {
		have[named{o.operation, o.method, o.path}] = true
		name := runtime.FuncForPC(reflect.ValueOf(o.call).Pointer()).Name()
		name = name[strings.LastIndex(name, ".")+1:]
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var calls []string
			api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				path, _, _ := strings.Cut(strings.TrimPrefix(r.RequestURI, "/obp/v5.0.0"), "?")
				calls = append(calls, r.Method+" "+path)
				io.Copy(io.Discard, r.Body)
				if body := firstReadFor[r.Method+" "+path]; body != "" && r.Method != o.method {
					answer(200, body)(w, r)
					return
				}
				answer(400, `{"code":400,"message":"OBP-10001: Incorrect json format."}`)(w, r)
			})
			in := []reflect.Value{reflect.ValueOf(api), reflect.ValueOf(t.Context())}
			for _, a := range o.args {
				in = append(in, reflect.ValueOf(a))
			}
			out := reflect.ValueOf(o.call).Call(in)
			err, _ := out[len(out)-1].Interface().(error)
			if e, ok := AsError(err); !ok || e.Code != "OBP-10001" || e.Op != o.method+" "+o.path {
				t.Errorf("got %v", err)
			}
			call := regexp.MustCompile("^" + o.method + " " + pathName.ReplaceAllString(o.path, "[^/]+") + "$")
			if !slices.ContainsFunc(calls, call.MatchString) {
				t.Errorf("called %q", calls)
				return
			}
			with++
		})
	}
	for _, w := range wanted {
		if !have[w] {
			t.Errorf("%s (%s %s) has no method", w.Operation, w.Method, w.Path)
		}
	}
	if len(operations) != len(wanted) {
		t.Errorf("%d operations in the table, want %d", len(operations), len(wanted))
	}
	t.Logf("operations: %d of %d with a method", with, len(wanted))
}
