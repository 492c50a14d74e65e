package sandbox

import "time"

// approver is what a full approver holds.
var approver = []string{
	"CanGetEntitlementRequestsAtAnyBank", "CanDeleteEntitlementRequestsAtAnyBank", "CanCreateEntitlementAtAnyBank",
	"CanDeleteEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementsForAnyBank", "CanGetAnyUser",
	"CanReadUserLockedStatus", "CanGetUserAuthContext", "CanGetUsersWithAttributes",
	"CanGetUserCustomerLink@" + nordlicht, "CanGetUserCustomerLink@" + dulac, "CanGetUserCustomerLink@" + galway,
	"CanSeeAccountAccessForAnyUser", "CanGetSystemView",
}

// demoHolders are the roles held: "Role" or "Role@bank", oldest first.
var demoHolders = []struct {
	user  string
	roles []string
}{
	{"susan.super", []string{"CanCreateEntitlementAtAnyBank", "CanGetConfig", "CanCreateBank"}},
	{"anna.approver", approver},
	{"ben.second", approver},
	{"henry.helpdesk", []string{"CanGetAnyUser", "CanReadUserLockedStatus", "CanLockUser", "CanUnlockUser", "CanCreateResetPasswordUrl",
		"CanRefreshUser", "CanGetUserAuthContext", "CanGetUsersWithAttributes", "CanGetCustomersAtAnyBank",
		"CanGetUserCustomerLink@" + nordlicht, "CanGetUserCustomerLink@" + dulac, "CanGetUserCustomerLink@" + galway,
		"CanGetCustomersMinimalAtAnyBank", "CanGetCustomer@" + nordlicht, "CanGetCustomer@" + dulac, "CanGetCustomer@" + galway,
		"CanGetCustomers@" + nordlicht, "CanGetCustomers@" + dulac, "CanGetCustomers@" + galway,
		"CanGetCustomersMinimal@" + nordlicht, "CanGetCustomersMinimal@" + dulac, "CanGetCustomersMinimal@" + galway}},
	{"olga.onebank", []string{"CanCreateEntitlementAtOneBank@" + nordlicht, "CanGetEntitlementsForOneBank@" + nordlicht,
		"CanGetEntitlementsForAnyUserAtOneBank@" + nordlicht}},
	{"audrey.auditor", []string{"CanGetAnyUser", "CanGetEntitlementRequestsAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementsForAnyBank",
		"CanReadUserLockedStatus", "CanGetUserAuthContext", "CanGetUsersWithAttributes",
		"CanGetUserCustomerLink@" + nordlicht, "CanGetUserCustomerLink@" + dulac, "CanGetUserCustomerLink@" + galway,
		"CanGetCustomer@" + nordlicht, "CanGetCustomer@" + dulac, "CanGetCustomer@" + galway, "CanGetCustomersAtAnyBank", "CanGetCustomersMinimalAtAnyBank", "CanSeeAccountAccessForAnyUser", "CanGetSystemView"}},
	{"m.petersen", []string{"CanCreateBranch@" + nordlicht, "CanUpdateBranch@" + nordlicht, "CanCreateAtm@" + nordlicht}},
	{"j.hansen", []string{"CanGetCustomers@" + nordlicht, "CanCreateCustomer@" + nordlicht}},
	{"k.lueders", []string{"CanCreateCustomer@" + nordlicht, "CanUpdateCustomerEmail@" + nordlicht}},
	{"b.wolff", []string{"CanGetAnyUser", "CanUnlockUser"}},
	{"h.matthiessen", []string{"CanReadMetrics", "CanGetMetricsAtOneBank@" + nordlicht}},
	{"d.kowalczyk", []string{"CanCreateProduct@" + nordlicht}},
	{"w.clausen", []string{"CanGetAnyUser", "CanDeleteUser", "CanCreateEntitlementAtOneBank@" + nordlicht}},
	{"مريم.الحداد", []string{"CanGetCustomers@" + nordlicht}},
	{"amelie.rochat", []string{"CanCreateEntitlementAtOneBank@" + dulac, "CanGetEntitlementsForOneBank@" + dulac}},
	{"luc.favre", []string{"CanCreateFxRate@" + dulac, "CanReadFx@" + dulac}},
	{"giulia.bernasconi", []string{"CanGetCustomers@" + dulac, "CanGetCustomer@" + dulac}},
	{"urs.zbinden", []string{"CanCreateAtmAtAnyBank"}},
	{"p.dupasquier", []string{"CanCreateCustomerAtAnyBank", "CanUseCustomerFirehoseAtAnyBank"}},
	{"raphael.blanc", []string{"CanGetCustomerOverview@" + dulac}},
	{"o'hara@example.com", []string{"CanCreateBranch@" + galway}},
	{"niamh.osullivan", []string{"CanGetAnyUser", "CanLockUser", "CanUnlockUser", "CanReadUserLockedStatus"}},
	{"sean.walsh", []string{"CanCreateAtm@" + galway, "CanUpdateAtm@" + galway}},
	{"padraig.mccarthy", []string{"CanAddKycCheck@" + galway, "CanAddKycDocument@" + galway, "CanGetAnyKycChecks"}},
	{"oisin.lynch", []string{"CanUnlockUser"}},
	{"d.murphy", []string{"CanCreateProduct@" + galway, "CanCreateProduct@" + galway}},
	{"priya.raman", []string{"CanCreateConsumer", "CanGetConsumers"}},
	{"lars.holm", []string{"CanReadAggregateMetrics"}},
	{"robot reporting 7", []string{"CanReadMetrics", "CanSearchMetrics"}},
	{"0x7Ab1C2d3E4f5061728394a5b6c7d8e9F0a1b2c3d", []string{"CanReadGlossary"}},
}

const day = 24 * time.Hour

// demoRequests are open; several are for roles that are already held.
var demoRequests = []struct {
	user, role string
	age        time.Duration
}{
	{"felix.fresh", "CanGetAnyUser", 26 * time.Hour},
	{"anna.approver", "CanDeleteUser", 3*day + 2*time.Hour}, // one's own: nobody approves their own
	{"ben.second", "CanCreateResetPasswordUrl", 6 * day},
	{"susan.super", "CanGetEntitlementRequestsAtAnyBank", 41 * time.Minute},
	{"henry.helpdesk", "CanGetEntitlementsForAnyUserAtAnyBank", 9 * day},
	{"olga.onebank", "CanGetEntitlementRequestsAtAnyBank", 12 * day},
	{"audrey.auditor", "CanReadMetrics", 34 * day},

	{"m.petersen", "CanUpdateAtm@" + nordlicht, 8 * time.Minute},
	{"m.petersen", "CanDeleteBranch@" + nordlicht, 9 * time.Minute},
	{"m.petersen", "CanCreateBranch@" + nordlicht, 11 * time.Minute}, // held
	{"j.hansen", "CanUpdateCustomerMobilePhoneNumber@" + nordlicht, 3 * time.Hour},
	{"k.lueders", "CanCreateCustomer@" + nordlicht, 5 * day}, // held
	{"t.soerensen", "CanGetMetricsAtOneBank@" + nordlicht, 19 * time.Hour},
	{"b.wolff", "CanCreateResetPasswordUrl", 17 * day}, // locked since
	{"s.oezdemir", "CanCreateEntitlementAtOneBank@" + nordlicht, 2 * day},
	{"d.kowalczyk", "CanCreateProductFee@" + nordlicht, 4 * day},
	{"n.vu", "CanUseAccountFirehose@" + nordlicht, 7 * day},
	{"r.brandt", "CanGetCustomers@" + nordlicht, 15 * day}, // locked by failed sign-ins
	{"w.clausen", "CanDeleteCustomerCascade@" + nordlicht, 63 * day},
	{"Hinnerk.Andresen", "CanCreateEntitlementAtAnyBank", 55 * time.Minute},
	{"مريم.الحداد", "CanGetCustomer@" + nordlicht, 30 * time.Hour},
	{"יעל.כהן", "CanReadGlossary", 10 * day},

	{"amelie.rochat", "CanDeleteEntitlementAtAnyBank", 5 * time.Hour},
	{"luc.favre", "CanCreateFxRateAtAnyBank", 28 * day},
	{"chloe.d-aubigne", "CanCreateCustomerMessage@" + dulac, 47 * time.Hour},
	{"francois.noel", "CanDeleteAccountCascade@" + dulac, 20 * day},
	{"giulia.bernasconi", "CanGetCustomer@" + dulac, 75 * day}, // held
	{"urs.zbinden", "CanDeleteAtmAtAnyBank", 92 * day},         // locked since
	{"p.dupasquier", "CanGetConsumers", 140 * day},             // deleted since
	{"marie-louise.de-la-tour-du-pin-chambly-de-la-charce-verclause", "CanUpdateTransactionRequestAttributeAtOneBank@" + dulac, 8 * day},

	{"o'hara@example.com", "CanUpdateBranch@" + galway, 2 * time.Hour},
	{"niamh.osullivan", "CanCreateResetPasswordUrl", 25 * time.Hour},
	{"ciaran.doyle", "CanLockUser", 44 * day}, // locked since
	{"oisin.lynch", "CanCreateScopeAtAnyBank", 210 * day},
	{"tomasz.nowak", "CanCreateTransactionAttributeDefinitionAtOneBank@" + galway, 3 * day},
	{"D.Murphy", "CanCreateProduct@" + galway, 16 * time.Hour}, // not d.murphy, who holds it

	{"priya.raman", "CanCreateDynamicEndpoint", 33 * time.Minute},
	{"priya.raman", "CanCreateDynamicResourceDoc", 34 * time.Minute},
	{"anna.approver.private", "CanCreateEntitlementAtAnyBank", 90 * time.Minute}, // the same person as anna.approver
	{"olena.shevchenko", "CanUseCustomerFirehoseAtAnyBank", 51 * day},
}
