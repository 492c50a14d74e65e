package obp

import "slices"

// Right is a role that opens an operation.
type Right struct {
	Role   string
	AtBank bool // held at the bank that the call names; else at system scope
}

// Operation is one of OBP's calls that the console makes, with what OBP asks
// of the caller.
type Operation struct {
	ID, Method, Path string  // Path: with {NAMES}, without the version's prefix
	Rights           []Right // any one is enough; none: no role is asked for
	ByView           bool    // a view on that account decides, no role
	PassesOn         bool    // roles that the caller holds; any role with CanCreateEntitlementAtAnyBank
}

// Call is "METHOD /path/pattern", as in Error.Op and CallStats.Op.
func (o Operation) Call() string { return o.Method + " " + o.Path }

// Allowed says where somebody who holds these roles may use the operation:
// everywhere, or else at these banks, in order. ByView tells more: a view on
// the account is needed as well.
func (o Operation) Allowed(held []Entitlement) (everywhere bool, banks []string) {
	if len(o.Rights) == 0 {
		return true, nil
	}
	for _, e := range held {
		for _, r := range o.Rights {
			switch {
			case e.RoleName != r.Role || r.AtBank != (e.BankID != ""):
			case !r.AtBank:
				return true, nil
			case !slices.Contains(banks, e.BankID):
				banks = append(banks, e.BankID)
			}
		}
	}
	slices.Sort(banks)
	return false, banks
}

// Operations are the 50 of the console's users, in the order of their pages.
func Operations() []Operation {
	system := func(roles ...string) (out []Right) {
		for _, r := range roles {
			out = append(out, Right{Role: r})
		}
		return out
	}
	either := func(bank, system string) []Right { return []Right{{bank, true}, {Role: system}} }
	return []Operation{
		{ID: "o_bpv2_0_0_create_user", Method: "POST", Path: "/users"},
		{ID: "o_bpv4_0_0_get_users", Method: "GET", Path: "/users", Rights: system("CanGetAnyUser")},
		{ID: "o_bpv4_0_0_get_user_by_user_id", Method: "GET", Path: "/users/user_id/{USER_ID}", Rights: system("CanGetAnyUser")},
		{ID: "o_bpv4_0_0_get_user_by_username", Method: "GET", Path: "/users/username/{USERNAME}", Rights: system("CanGetAnyUser")},
		{ID: "o_bpv4_0_0_get_users_by_email", Method: "GET", Path: "/users/email/{EMAIL}/terminator", Rights: system("CanGetAnyUser")},
		{ID: "o_bpv4_0_0_delete_user", Method: "DELETE", Path: "/users/{USER_ID}", Rights: system("CanDeleteUser")},
		{ID: "o_bpv3_1_0_refresh_user", Method: "POST", Path: "/users/{USER_ID}/refresh", Rights: system("CanRefreshUser")},
		{ID: "o_bpv4_0_0_reset_password_url", Method: "POST", Path: "/management/user/reset-password-url", Rights: system("CanCreateResetPasswordUrl")},
		{ID: "o_bpv3_0_0_get_current_user", Method: "GET", Path: "/users/current"},
		{ID: "o_bpv4_0_0_get_current_user_id", Method: "GET", Path: "/users/current/user_id"},
		{ID: "o_bpv4_0_0_get_logout_link", Method: "GET", Path: "/users/current/logout-link"},
		{ID: "o_bpv4_0_0_get_my_spaces", Method: "GET", Path: "/my/spaces"},
		{ID: "o_bpv3_1_0_get_bad_login_status", Method: "GET", Path: "/users/{USERNAME}/lock-status", Rights: system("CanReadUserLockedStatus")},
		{ID: "o_bpv3_1_0_unlock_user", Method: "PUT", Path: "/users/{USERNAME}/lock-status", Rights: system("CanUnlockUser")},
		{ID: "o_bpv4_0_0_lock_user", Method: "POST", Path: "/users/{USERNAME}/locks", Rights: system("CanLockUser")},
		{ID: "o_bpv2_0_0_add_entitlement", Method: "POST", Path: "/users/{USER_ID}/entitlements", Rights: either("CanCreateEntitlementAtOneBank", "CanCreateEntitlementAtAnyBank")},
		{ID: "o_bpv2_0_0_delete_entitlement", Method: "DELETE", Path: "/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", Rights: system("CanDeleteEntitlementAtAnyBank")},
		{ID: "o_bpv4_0_0_get_entitlements", Method: "GET", Path: "/users/{USER_ID}/entitlements", Rights: system("CanGetEntitlementsForAnyUserAtAnyBank")},
		{ID: "o_bpv2_1_0_get_entitlements_by_bank_and_user", Method: "GET", Path: "/banks/{BANK_ID}/users/{USER_ID}/entitlements", Rights: either("CanGetEntitlementsForAnyUserAtOneBank", "CanGetEntitlementsForAnyUserAtAnyBank")},
		{ID: "o_bpv3_0_0_get_entitlements_for_current_user", Method: "GET", Path: "/my/entitlements"},
		{ID: "o_bpv4_0_0_get_entitlements_for_bank", Method: "GET", Path: "/banks/{BANK_ID}/entitlements", Rights: either("CanGetEntitlementsForOneBank", "CanGetEntitlementsForAnyBank")},
		{ID: "o_bpv4_0_0_create_user_with_roles", Method: "POST", Path: "/user-entitlements", PassesOn: true},
		{ID: "o_bpv3_0_0_add_entitlement_request", Method: "POST", Path: "/entitlement-requests"},
		{ID: "o_bpv3_0_0_get_all_entitlement_requests", Method: "GET", Path: "/entitlement-requests", Rights: system("CanGetEntitlementRequestsAtAnyBank")},
		{ID: "o_bpv3_0_0_get_entitlement_requests", Method: "GET", Path: "/users/{USER_ID}/entitlement-requests", Rights: system("CanGetEntitlementRequestsAtAnyBank")},
		{ID: "o_bpv3_0_0_get_entitlement_requests_for_current_user", Method: "GET", Path: "/my/entitlement-requests"},
		{ID: "o_bpv3_0_0_delete_entitlement_request", Method: "DELETE", Path: "/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", Rights: system("CanDeleteEntitlementRequestsAtAnyBank")},
		{ID: "o_bpv2_0_0_get_permissions_for_bank_account", Method: "GET", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions", ByView: true},
		{ID: "o_bpv3_0_0_get_permission_for_user_for_bank_account", Method: "GET", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/permissions/{PROVIDER}/{PROVIDER_ID}", ByView: true},
		{ID: "o_bpv4_0_0_grant_user_access_to_view", Method: "POST", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/grant", ByView: true},
		{ID: "o_bpv4_0_0_revoke_user_access_to_view", Method: "POST", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access/revoke", ByView: true},
		{ID: "o_bpv4_0_0_revoke_grant_user_access_to_views", Method: "PUT", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account-access", ByView: true},
		{ID: "o_bpv4_0_0_create_user_with_account_access", Method: "POST", Path: "/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/user-account-access", ByView: true},
		{ID: "o_bpv3_0_0_get_customers_for_user", Method: "GET", Path: "/users/current/customers"},
		{ID: "o_bpv5_0_0_get_my_customers_at_any_bank", Method: "GET", Path: "/my/customers"},
		{ID: "o_bpv4_0_0_get_customers_at_any_bank", Method: "GET", Path: "/customers", Rights: system("CanGetCustomersAtAnyBank")},
		{ID: "o_bpv4_0_0_get_customers_minimal_at_any_bank", Method: "GET", Path: "/customers-minimal", Rights: system("CanGetCustomersMinimalAtAnyBank")},
		{ID: "o_bpv5_0_0_get_customers_at_one_bank", Method: "GET", Path: "/banks/{BANK_ID}/customers", Rights: []Right{{"CanGetCustomers", true}}},
		{ID: "o_bpv5_0_0_get_customers_minimal_at_one_bank", Method: "GET", Path: "/banks/{BANK_ID}/customers-minimal", Rights: []Right{{"CanGetCustomersMinimal", true}}},
		{ID: "o_bpv4_0_0_create_user_customer_links", Method: "POST", Path: "/banks/{BANK_ID}/user_customer_links", Rights: either("CanCreateUserCustomerLink", "CanCreateUserCustomerLinkAtAnyBank")},
		{ID: "o_bpv5_0_0_create_user_auth_context", Method: "POST", Path: "/users/{USER_ID}/auth-context", Rights: system("CanCreateUserAuthContext")},
		{ID: "o_bpv5_0_0_get_user_auth_contexts", Method: "GET", Path: "/users/{USER_ID}/auth-context", Rights: system("CanGetUserAuthContext")},
		{ID: "o_bpv3_1_0_delete_user_auth_contexts", Method: "DELETE", Path: "/users/{USER_ID}/auth-context", Rights: system("CanDeleteUserAuthContext")},
		{ID: "o_bpv3_1_0_delete_user_auth_context_by_id", Method: "DELETE", Path: "/users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID}", Rights: system("CanDeleteUserAuthContext")},
		{ID: "o_bpv5_0_0_create_user_auth_context_update_request", Method: "POST", Path: "/banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}"},
		{ID: "o_bpv5_0_0_answer_user_auth_context_update_challenge", Method: "POST", Path: "/banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge"},
		{ID: "o_bpv4_0_0_get_current_user_attributes", Method: "GET", Path: "/my/user/attributes"},
		{ID: "o_bpv4_0_0_create_current_user_attribute", Method: "POST", Path: "/my/user/attributes"},
		{ID: "o_bpv4_0_0_update_current_user_attribute", Method: "PUT", Path: "/my/user/attributes/{USER_ATTRIBUTE_ID}"},
		{ID: "o_bpv4_0_0_get_user_with_attributes", Method: "GET", Path: "/users/{USER_ID}/attributes", Rights: system("CanGetUsersWithAttributes")},
	}
}
