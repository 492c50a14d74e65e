package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// trigger is what an operator does that makes the console call an operation.
type trigger struct {
	op string
	do func(b *browser) answer
}

var (
	rightReset  = url.Values{"verified": {"call_back"}, "ticket": {"T-1"}}
	rightDelete = url.Values{"name": {outsider}, "reason": {because}, "entitlement": {"e-u-felix-CanCreateAtm-bank.one"}}
	rightUser   = url.Values{"username": {"nora.new1"}, "email": {"nora@example.com"}, "first": {"Nora"}, "last": {"New"}, "password": {"G00d!Passw0rd"}, "password_again": {"G00d!Passw0rd"}, "reason": {because}}
	rightInvite = url.Values{"first": {"Ina"}, "last": {"Vited"}, "email": {"ina@example.com"}, "company": {"Lab"}, "country": {"Germany"}, "purpose": {"DEVELOPER"}, "reason": {because}}

	opInvite  = "POST /banks/{BANK_ID}/user-invitation"
	opInvited = "GET /banks/{BANK_ID}/user-invitations"

	onPage = func(b *browser) answer { return b.get(templates.UserOf(felixPerson)) }

	triggers = map[string]trigger{
		"list":        {opUsers, func(b *browser) answer { return b.get("/users") }},
		"find id":     {opUser, func(b *browser) answer { return b.post("/find", url.Values{"q": {"u-felix"}}) }},
		"find name":   {opName, func(b *browser) answer { return b.post("/find", url.Values{"q": {"felix fresh"}}) }},
		"find email":  {opEmail, func(b *browser) answer { return b.post("/find", url.Values{"q": {"nobody@example.com"}}) }},
		"person":      {opUser, onPage},
		"counter":     {opStatus, onPage},
		"roles":       {opEnts, onPage},
		"requests":    {opReqs, onPage},
		"contexts":    {opCtx, onPage},
		"attributes":  {opAttr, onPage},
		"links":       {opLinks, onPage},
		"access":      {opAccess, onPage},
		"lock":        {opLock, func(b *browser) answer { return b.post(templates.Lock(felixPerson), reason(because)) }},
		"unlock":      {opUnlock, func(b *browser) answer { return b.post(templates.Unlock(felixPerson), reason(because)) }},
		"refresh":     {opFresh, func(b *browser) answer { return b.post(templates.Refresh(felixPerson), reason(because)) }},
		"reset":       {opReset, func(b *browser) answer { return b.post(templates.Reset(felixPerson), rightReset) }},
		"delete":      {opDelete, func(b *browser) answer { return b.post(templates.DeleteUser(felixPerson), rightDelete) }},
		"revoke":      {opRevoke, func(b *browser) answer { return b.post(templates.DeleteUser(felixPerson), rightDelete) }},
		"create":      {opCreate, func(b *browser) answer { return b.post(templates.NewUserPattern, rightUser) }},
		"invite":      {opInvite, func(b *browser) answer { return b.post(templates.Invitations("bank.one"), rightInvite) }},
		"invitations": {opInvited, func(b *browser) answer { return b.get(templates.Invitations("bank.one")) }},
	}
)

// refusal is an answer of the contract, and what the page has to say of it.
type refusal struct {
	status  int
	message string
	says    string
}

func lacks(role string) refusal {
	return refusal{403, "OBP-20006: User is missing one or more roles: " + role, role}
}

func lacksAt(role string) refusal {
	return refusal{403, "OBP-20006: User is missing one or more roles: " + role + " for BankId(bank.one).", role}
}

var (
	noLocalUser = refusal{404, "OBP-20027: User not found by provider and username.", "knows nobody of this id or user name"}
	noUserHere  = refusal{404, "OBP-20005: User not found. Please specify a valid value for USER_ID. Current USER_ID(u-felix). ", "knows nobody of this id or user name"}
	notFoundByX = refusal{400, "OBP-20057: User not found by userId. Current UserId(u-felix)", "knows nobody of this id or user name"}
	noBankHere  = refusal{404, "OBP-30001: Bank not found. Please specify a valid value for BANK_ID. Current BankId is bank.one", "knows no such bank"}
	badFilter   = refusal{400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10025: wrong value for obp_limit parameter. Please send a positive integer (=>1)!", "refused what was sent because of its form"}
	badBody     = refusal{400, "OBP-10001: Incorrect json format. The Json body should be the X ", "refused what was sent because of its form"}

	// each refusal of these operations in the contract
	refusals = map[string][]refusal{
		"list":        {lacks("CanGetAnyUser"), badFilter, {400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10036: is_deleted parameter can only take two values: TRUE or FALSE!", "because of its form"}},
		"find id":     {lacks("CanGetAnyUser"), {400, notFoundByX.message, "Nobody was found"}},
		"find name":   {lacks("CanGetAnyUser"), {404, noLocalUser.message, "Nobody was found"}},
		"find email":  {lacks("CanGetAnyUser")},
		"person":      {lacks("CanGetAnyUser"), notFoundByX},
		"counter":     {lacks("CanReadUserLockedStatus"), {404, noLocalUser.message, "Not found"}},
		"roles":       {{403, lacks("CanGetEntitlementsForAnyUserAtAnyBank").message, "Create ATMs"}}, // they stand with the person
		"requests":    {lacks("CanGetEntitlementRequestsAtAnyBank")},
		"contexts":    {lacks("CanGetUserAuthContext"), {404, noUserHere.message, "Not found"}},
		"attributes":  {lacks("CanGetUsersWithAttributes"), {400, notFoundByX.message, "Not found"}},
		"links":       {lacksAt("CanGetUserCustomerLink"), {404, noBankHere.message, "Not found"}},
		"access":      {lacks("CanSeeAccountAccessForAnyUser"), {400, notFoundByX.message, "Not found"}},
		"lock":        {lacks("CanLockUser"), noLocalUser},
		"unlock":      {lacks("CanUnlockUser"), noLocalUser},
		"refresh":     {lacks("CanRefreshUser"), noUserHere, {400, "OBP-50014: Can not refresh User.", "could not read this person's accounts"}},
		"reset":       {lacks("CanCreateResetPasswordUrl"), badBody, {400, "OBP-10001: Incorrect json format. Here are all invalid values: List((user_id,x))", "because of its form"}, {400, "OBP-50017: The endpoint is forbidden at this API instance.", "ResetPasswordUrlEnabled"}},
		"delete":      {lacks("CanDeleteUser"), noUserHere},
		"revoke":      {lacks("CanDeleteEntitlementAtAnyBank"), {400, "OBP-30219: EntitlementId cannot be deleted.", "could not take the role away"}},
		"create":      {{400, badBody.message, "does not say by which rule"}, {400, "OBP-30207: Invalid Password Format. Your password should EITHER be at least 10 characters long", "10 to 16 characters"}, {409, "OBP-50005: An unspecified or internal error occurred.", "taken at some provider"}, {400, "OBP-50005: An unspecified or internal error occurred.", "does not say by which rule"}},
		"invite":      {lacksAt("CanCreateUserInvitation"), noBankHere, badBody, {400, "OBP-10035: Incorrect json value. postedData.purpose only support List(DEVELOPER, CUSTOMER)", "because of its form"}, {400, "OBP-37081: Cannot create user invitation.", "could not store the invitation"}},
		"invitations": {lacksAt("CanGetUserInvitation"), {404, noBankHere.message, "Not found"}},
	}

	// what every operation may answer
	commonRefusals = []refusal{
		{429, "OBP-10018: Too Many Requests. We only allow 10 requests per second for this Consumer.", "Too many questions"},
		{408, "OBP-01000: Request Timeout. The OBP API decided to return a timeout.", "takes too long"},
		{500, "OBP-50019: Cannot connect to the OBP database.", "cannot be reached"},
		{400, "OBP-50005: An unspecified or internal error occurred.", "does not say why"},
		{404, "OBP-10404: 404 Not Found. The server could not find the requested URI.", ""},
	}
)

var rawCode = regexp.MustCompile(`OBP-\d{5}: `)

// Every refusal of these operations in the contract has a sentence of its own
// on the page, with OBP's correlation id and never OBP's raw text; a part that
// fails leaves the rest of a person's page (security 41).
func TestRefusalsHaveSentences(t *testing.T) {
	for name, trig := range triggers {
		list := append([]refusal(nil), refusals[name]...)
		for _, c := range commonRefusals {
			if name == "create" && strings.Contains(c.message, "50005") {
				continue // it stands for a broken rule there
			}
			list = append(list, c)
		}
		for _, c := range list {
			g, b := deskRig(t, desk)
			if err := g.obp.SetFault(trig.op, sandbox.Fault{Status: c.status, Message: c.message}); err != nil {
				t.Fatal(err)
			}
			a := trig.do(b)
			g.obp.ClearFaults()
			main := a.text("main")
			if name == "roles" || name == "revoke" && c.status == 404 {
				c.says = "" // another read has them; what is gone counts as revoked
			}
			if !strings.Contains(main, c.says) || rawCode.MatchString(main) {
				t.Errorf("%s, %d %s: %d, it does not say %q: %s", name, c.status, c.message, a.StatusCode, c.says, main)
			}
			if strings.HasPrefix(c.message, "OBP-20006") && a.doc.Find(`[data-testid="ask-role"] input[value="`+c.says+`"]`).Length() == 0 && name != "roles" {
				t.Errorf("%s: %s cannot be asked for: %s", name, c.says, main)
			}
			part := name != "person" && strings.HasPrefix(trig.op, "GET") && strings.Contains(trig.op, "{USER")
			if part && !strings.HasPrefix(name, "find") && !strings.Contains(a.id("verdict"), "Nothing found") {
				t.Errorf("%s: the rest of the page does not stand: %d %s", name, a.StatusCode, main)
			}
		}
	}
}

// What ends a session ends it on each of these pages, with its sentence.
func TestRefusalsThatEndTheSession(t *testing.T) {
	for message, says := range map[string]string{
		"OBP-20001: User not logged in. Authentication is required!": "OBP no longer takes your sign-in",
		"OBP-20013: The user is locked!":                             "is locked",
		"OBP-20064: The user is deleted!":                            "has been deleted",
	} {
		for name, trig := range triggers {
			g, b := deskRig(t, desk)
			if err := g.obp.SetFault(trig.op, sandbox.Fault{Status: 401, Message: message}); err != nil {
				t.Fatal(err)
			}
			a := trig.do(b)
			g.obp.ClearFaults()
			if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
				t.Errorf("%s, %s: %d to %q: %s", name, message, a.StatusCode, a.Header.Get("Location"), a.text("main"))
				continue
			}
			if page := b.follow(a); !strings.Contains(page.text("main"), says) {
				t.Errorf("%s, %s: %s", name, message, page.text("main"))
			}
		}
	}
}
