package obp_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
)

const nobody = "00000000-0000-4000-8000-000000000000"

// live is a server with the recorded world: a real one, when OBP_TEST_URL,
// OBP_TEST_CONSUMER_KEY and OBP_TEST_WORLD name it, else the stand-in. People
// and banks are named by their place in the world file alone.
type live struct {
	t      *testing.T
	client *obp.Client
	calls  func() map[string]int64 // nil at a real server
	world  struct {
		ConsumerKey string `json:"consumer_key"`
		Provider    string `json:"provider"`
		Password    string `json:"password"`
		Settings    struct {
			Portal string `json:"portal_hostname"`
		} `json:"server_settings"`
		Users []struct {
			ID       string `json:"user_id"`
			Username string `json:"username"`
			Email    string `json:"email"`
			Password string `json:"password"`
		} `json:"users"`
		Banks []struct {
			ID        string `json:"id"`
			ShortName string `json:"short_name"`
		} `json:"banks"`
		Holders []struct {
			BankID    string `json:"bank_id"`
			AccountID string `json:"account_id"`
			UserID    string `json:"user_id"`
		} `json:"account_holders"`
		Customers []obp.CustomerKey `json:"customers"`
	}
	names, ids []string // of the people
	as         []*obp.API

	bank, short, account, second string // where felix has two accounts
	otherBank                    string
}

func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{t: t}
	path, base := os.Getenv("OBP_TEST_WORLD"), os.Getenv("OBP_TEST_URL")
	if path == "" {
		path = "testdata/world.json"
	}
	text, err := os.ReadFile(path)
	l.ok(err)
	l.ok(json.Unmarshal(text, &l.world))
	key := os.Getenv("OBP_TEST_CONSUMER_KEY")
	if key == "" {
		key = l.world.ConsumerKey
	}
	if base == "" {
		w, err := sandbox.ReadWorld(strings.NewReader(string(text)))
		l.ok(err)
		s, err := sandbox.New(w, sandbox.Options{})
		l.ok(err)
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		base, l.calls = srv.URL, s.Calls
	}
	l.client, err = obp.New(obp.Config{BaseURL: base, ConsumerKey: key})
	l.ok(err)
	for _, u := range l.world.Users {
		cred, err := l.client.SignIn(t.Context(), u.Username, u.Password)
		l.ok(err)
		l.names, l.ids, l.as = append(l.names, u.Username), append(l.ids, u.ID), append(l.as, l.client.As(cred))
	}
	for _, h := range l.world.Holders {
		switch {
		case h.UserID != l.ids[felixAt]:
			if l.bank != "" && h.BankID != l.bank {
				l.otherBank = h.BankID
			}
		case l.account == "":
			l.bank, l.account = h.BankID, h.AccountID
		case h.BankID == l.bank:
			l.second = h.AccountID
		}
	}
	for _, b := range l.world.Banks {
		if b.ID == l.bank {
			l.short = b.ShortName
		}
	}
	return l
}

// The people by their place in the world file.
const (
	susanAt = iota
	annaAt
	henryAt
	bellaAt
	carlAt
	noraAt
	felixAt
	robertAt
	mariaAt
	obrienAt
)

// fresh is a name that the server has not seen.
func fresh(prefix string) string { return prefix + strconv.FormatInt(time.Now().UnixNano(), 36) }

func (l *live) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *live) kind(err error, want obp.Kind) {
	l.t.Helper()
	if err == nil || obp.KindOf(err) != want {
		l.t.Errorf("got kind %d (%v), want %d", obp.KindOf(err), err, want)
	}
}

func (l *live) true(ok bool, got ...any) {
	l.t.Helper()
	if !ok {
		l.t.Errorf("got %+v", got)
	}
}

// One journey through all 50 operations and the supporting ones, each with
// success and most with a refusal, against a whole server.
func TestLive(t *testing.T) {
	l := newLive(t)
	ctx := t.Context()
	susan, anna, henry := l.as[susanAt], l.as[annaAt], l.as[henryAt]
	bella, carl, nora, felix := l.as[bellaAt], l.as[carlAt], l.as[noraAt], l.as[felixAt]
	felixID, noraID, robertID, obrienID := l.ids[felixAt], l.ids[noraAt], l.ids[robertAt], l.ids[obrienAt]
	bank, felixName, tester := l.bank, l.names[felixAt], fresh("live.")

	// the server and oneself
	root, err := nora.Root(ctx)
	l.ok(err)
	l.true(root.LocalIdentityProvider == l.world.Provider, root)
	for range 2 { // the second time by ETag
		banks, err := nora.Banks(ctx)
		l.ok(err)
		l.true(slices.ContainsFunc(banks, func(b obp.Bank) bool { return b.ID == bank && b.ShortName == l.short }), banks)
		roles, err := nora.Roles(ctx)
		l.ok(err)
		l.true(slices.Contains(roles, obp.Role{Name: "CanGetAnyUser"}), len(roles))
	}
	b, err := nora.Bank(ctx, bank)
	l.ok(err)
	l.true(b.ShortName == l.short, b)
	_, err = nora.Bank(ctx, "no.such.bank")
	l.kind(err, obp.KindNotFound)
	me, err := felix.CurrentUser(ctx)
	l.ok(err)
	l.true(me.UserID == felixID && len(me.Views.List) > 0, me)
	id, err := felix.CurrentUserID(ctx)
	l.ok(err)
	l.true(id == felixID, id)
	link, err := felix.LogoutLink(ctx)
	l.ok(err)
	l.true(strings.HasPrefix(link, "http"), link)
	spaces, err := susan.MySpaces(ctx)
	l.ok(err)
	l.true(slices.Contains(spaces, bank), spaces)
	_, err = l.client.As(obp.Credential{Scheme: "DirectLogin", Token: "not.a.token"}).CurrentUserID(ctx)
	l.kind(err, obp.KindSignedOut)
	_, err = l.client.SignIn(ctx, felixName, "wrong-password")
	l.kind(err, obp.KindCredentials)
	_, err = l.client.SignIn(ctx, felixName, l.world.Users[felixAt].Password) // a success takes the failure back
	l.ok(err)

	// find people
	var walked []string
	for u, err := range henry.AllUsers(ctx, obp.UserQuery{}) {
		l.ok(err)
		walked = append(walked, u.UserID)
	}
	for i, id := range l.ids {
		l.true(slices.Contains(walked, id), l.names[i])
		u, err := henry.UserByUsername(ctx, l.names[i])
		l.ok(err)
		l.true(u.UserID == id, u)
	}
	page, err := henry.Users(ctx, obp.UserQuery{Limit: 3})
	l.ok(err)
	l.true(len(page.Rows) == 3 && page.More, page)
	u, err := henry.UserByID(ctx, felixID)
	l.ok(err)
	l.true(u.Username == felixName, u)
	_, err = henry.UserByID(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	found, err := henry.UsersByEmail(ctx, u.Email)
	l.ok(err)
	l.true(len(found) == 1, found)
	found, err = henry.UsersByEmail(ctx, "nobody@example.com")
	l.true(err == nil && found != nil && len(found) == 0, found, err)
	_, err = nora.Users(ctx, obp.UserQuery{})
	l.kind(err, obp.KindMissingRole)

	// lock and unlock
	locked, err := henry.Lock(ctx, felixName)
	l.ok(err)
	l.true(locked.Locked && locked.Unread == nil, locked)
	status, err := henry.LockStatus(ctx, felixName)
	l.ok(err)
	l.true(status.FailedAttempts == 0, status)
	scan, err := henry.UsersByLock(ctx, true, obp.UserQuery{})
	l.ok(err)
	l.true(scan.End && slices.ContainsFunc(scan.Rows, func(u obp.User) bool { return u.UserID == felixID }), scan)
	_, err = felix.CurrentUserID(ctx)
	l.kind(err, obp.KindLocked)
	unlocked, err := henry.Unlock(ctx, felixName)
	l.ok(err)
	l.true(!unlocked.Locked && unlocked.Unread == nil, unlocked)
	_, err = nora.Lock(ctx, felixName)
	l.kind(err, obp.KindMissingRole)
	_, err = nora.Unlock(ctx, "no.such.user")
	l.kind(err, obp.KindNotFound)

	// make, refresh, reset, delete
	_, err = nora.CreateUser(ctx, obp.NewUser{Email: tester + "@example.com", Username: tester, Password: "Str0ng!Passw0rd", FirstName: "Live", LastName: "Tester"})
	l.ok(err)
	made, err := henry.UserByUsername(ctx, tester)
	l.ok(err)
	_, err = nora.CreateUser(ctx, obp.NewUser{Email: tester + "@example.com", Username: tester, Password: "Str0ng!Passw0rd", FirstName: "Live", LastName: "Tester"})
	l.kind(err, obp.KindExists)
	took, err := henry.RefreshUser(ctx, felixID)
	l.ok(err)
	l.true(strings.HasSuffix(took, "ms"), took)
	portal, err := url.Parse(l.world.Settings.Portal)
	l.ok(err)
	reset, err := henry.CreateResetURL(ctx, felixName, u.Email, felixID, []string{portal.Host})
	l.ok(err)
	l.true(strings.Contains(reset, portal.Host), "a link to another host")
	_, err = henry.CreateResetURL(ctx, felixName, "other@example.com", felixID, []string{portal.Host})
	l.kind(err, obp.KindNotFound)
	_, err = henry.CreateResetURL(ctx, felixName, u.Email, felixID, []string{"obp.example.com"})
	l.kind(err, obp.KindJunk)
	gone, err := carl.DeleteUser(ctx, made.UserID)
	l.ok(err)
	l.true(!gone.Invitation && gone.Unread == nil && gone.User.Deleted(), gone)
	deleted, err := henry.Users(ctx, obp.UserQuery{Deleted: true})
	l.ok(err)
	l.true(slices.ContainsFunc(deleted.Rows, func(u obp.User) bool { return u.UserID == made.UserID }), deleted)

	// roles
	given, err := anna.CreateEntitlement(ctx, noraID, "CanCreateBranch", bank)
	l.ok(err)
	_, err = anna.CreateEntitlement(ctx, noraID, "CanCreateBranch", bank)
	l.kind(err, obp.KindAlreadyHeld)
	_, err = nora.CreateEntitlement(ctx, noraID, "CanGetAnyUser", "")
	l.kind(err, obp.KindMissingRole)
	_, err = anna.CreateEntitlement(ctx, nobody, "CanCreateBranch", bank)
	l.kind(err, obp.KindNotFound)
	has := func(list []obp.Entitlement, err error) {
		t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(e obp.Entitlement) bool { return e.EntitlementID == given.EntitlementID }), list)
	}
	has(anna.UserEntitlements(ctx, noraID))
	has(bella.UserBankEntitlements(ctx, bank, noraID))
	has(bella.BankEntitlements(ctx, bank))
	has(nora.MyEntitlements(ctx))
	has(anna.AllEntitlements(ctx))
	has(anna.RoleHolders(ctx, "CanCreateBranch"))
	l.ok(anna.DeleteEntitlement(ctx, noraID, given.EntitlementID))
	l.kind(anna.DeleteEntitlement(ctx, noraID, given.EntitlementID), obp.KindNotFound)
	supers, err := anna.UserEntitlements(ctx, l.ids[susanAt])
	l.ok(err)
	l.true(supers[len(supers)-1].IsSuperAdmin(), supers)
	dauth, err := anna.CreateDAuthUserWithRoles(ctx, fresh("0x"), "dauth.ETHEREUM", []obp.RoleAtBank{{BankID: bank, RoleName: "CanCreateBranch"}})
	l.ok(err)
	l.true(len(dauth) == 1 && dauth[0].UserID != "", dauth)

	// requests
	asked, err := nora.CreateEntitlementRequest(ctx, "CanCreateAtm", bank)
	l.ok(err)
	_, err = nora.CreateEntitlementRequest(ctx, "CanCreateAtm", bank)
	l.kind(err, obp.KindAlreadyAsked)
	open := func(list []obp.EntitlementRequest, err error) {
		t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(r obp.EntitlementRequest) bool {
			return r.EntitlementRequestID == asked.EntitlementRequestID && r.User.UserID == noraID && r.Held() == 0
		}), list)
	}
	open(anna.EntitlementRequests(ctx))
	open(anna.UserEntitlementRequests(ctx, noraID))
	open(nora.MyEntitlementRequests(ctx))
	_, err = nora.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.kind(err, obp.KindMissingRole)
	closed, err := anna.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.ok(err)
	l.true(closed)
	_, err = anna.DeleteEntitlementRequest(ctx, asked.EntitlementRequestID)
	l.kind(err, obp.KindNotFound)

	l.views(felix, nora, robertID)
	l.customers(felix, bella, carl, susan, obrienID)
	l.mine(felix, carl, felixID)
	l.newer(susan, anna, felixID)

	if l.calls == nil {
		return
	}
	called := l.calls()
	var ops []struct{ Operation, Method, Path string }
	text, err := os.ReadFile("testdata/operations.json")
	l.ok(err)
	l.ok(json.Unmarshal(text, &ops))
	for _, o := range ops {
		if called[o.Method+" /obp/v5.0.0"+o.Path] == 0 {
			t.Errorf("%s %s (%s) was not called", o.Method, o.Path, o.Operation)
		}
	}
}

func (l *live) views(felix, nora *obp.API, robertID string) {
	ctx := l.t.Context()
	bank, account := l.bank, l.account
	views, err := felix.AccountViews(ctx, bank, account)
	l.ok(err)
	l.true(slices.ContainsFunc(views, func(v obp.View) bool { return v.ID == "owner" && slices.Contains(v.CanGrant, "auditor") }), views)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "auditor")
	l.ok(err)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "auditor") // again is harmless
	l.ok(err)
	_, err = felix.GrantAccess(ctx, bank, account, robertID, "_nosuch")
	l.true(err != nil)
	_, err = nora.GrantAccess(ctx, bank, account, robertID, "auditor")
	l.kind(err, obp.KindNoView)
	held, err := felix.UserPermissions(ctx, bank, account, l.world.Provider, l.names[robertAt])
	l.ok(err)
	l.true(len(held) == 1 && held[0].ID == "auditor" && held[0].IsSystem, held)
	all, err := felix.AccountPermissions(ctx, bank, account)
	l.ok(err)
	l.true(slices.ContainsFunc(all, func(p obp.Permission) bool { return p.User.ProviderID == l.names[robertAt] }), all)
	_, err = nora.AccountPermissions(ctx, bank, account)
	l.kind(err, obp.KindNoView)
	l.ok(felix.RevokeAccess(ctx, bank, account, robertID, "auditor"))
	l.kind(felix.RevokeAccess(ctx, bank, account, robertID, "auditor"), obp.KindNotFound)
	_, err = felix.ReplaceMyAccess(ctx, bank, l.second, []string{"owner", "auditr"})
	l.kind(err, obp.KindInvalid)
	mine, err := felix.ReplaceMyAccess(ctx, bank, l.second, []string{"owner", "auditor"})
	l.ok(err)
	l.true(len(mine.ViewIDs) == 2 && mine.Unread == nil, mine)
	granted, err := felix.CreateDAuthUserWithAccess(ctx, bank, account, fresh("0x"), "dauth.ETHEREUM", []string{"auditor"})
	l.ok(err)
	l.true(len(granted) == 1 && granted[0].ID == "auditor", granted)
	has := func(list []obp.Account, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(a obp.Account) bool { return a.ID == account }), list)
	}
	has(felix.MyAccounts(ctx))
	has(felix.BankAccounts(ctx, bank))
	has(felix.PrivateAccounts(ctx, bank))
	has(felix.AccountsHeld(ctx, bank))
	ids, err := felix.PrivateAccountIDs(ctx, bank)
	l.ok(err)
	l.true(slices.Contains(ids, account), ids)
	detail, err := felix.MyAccount(ctx, bank, account)
	l.ok(err)
	l.true(detail.ID == account, detail)
	detail, err = felix.AccountByView(ctx, bank, account, "owner")
	l.ok(err)
	l.true(len(detail.Owners) == 1, detail)
	_, err = nora.AccountByView(ctx, bank, account, "owner")
	l.kind(err, obp.KindNoView)
}

func (l *live) customers(felix, bella, carl, susan *obp.API, obrienID string) {
	ctx := l.t.Context()
	bank := l.bank
	var all, keys []string
	for offset, more := 0, true; more; offset += 2 {
		p, err := carl.Customers(ctx, obp.CustomerQuery{Offset: offset, Limit: 2})
		l.ok(err)
		k, err := carl.CustomerKeys(ctx, obp.CustomerQuery{Offset: offset, Limit: 2})
		l.ok(err)
		for i, c := range p.Rows {
			all, keys = append(all, c.CustomerID), append(keys, k.Rows[i].CustomerID)
		}
		more = p.More
	}
	for _, c := range l.world.Customers {
		l.true(slices.Contains(all, c.CustomerID) && slices.Contains(keys, c.CustomerID), c, all)
	}
	l.true(len(all) == len(slices.Compact(slices.Sorted(slices.Values(all)))), all)
	p, err := bella.BankCustomers(ctx, bank, obp.CustomerQuery{Limit: 3})
	l.ok(err)
	l.true(len(p.Rows) == 3 && p.More, p)
	k, err := bella.BankCustomerKeys(ctx, bank, obp.CustomerQuery{})
	l.ok(err)
	l.true(len(k.Rows) > 3 && !k.More, k)
	_, err = bella.BankCustomers(ctx, l.otherBank, obp.CustomerQuery{})
	l.kind(err, obp.KindMissingRole)
	own, err := felix.CurrentUserCustomers(ctx)
	l.ok(err)
	older, err := felix.MyCustomers(ctx)
	l.ok(err)
	at, err := felix.MyBankCustomers(ctx, bank)
	l.ok(err)
	l.true(len(own) > 0 && len(older) == len(own) && len(at) > 0 && own[0].DateOfBirth == older[0].DateOfBirth, own, older, at)
	one, err := bella.CustomerByID(ctx, bank, own[0].CustomerID)
	l.ok(err)
	same, err := bella.CustomerByNumber(ctx, bank, one.CustomerNumber)
	l.ok(err)
	l.true(same.CustomerID == one.CustomerID, same)
	_, err = bella.CustomerByNumber(ctx, bank, "no-such-number")
	l.kind(err, obp.KindNotFound)

	tied, err := bella.CreateCustomerLink(ctx, bank, obrienID, one.CustomerID)
	l.ok(err)
	_, err = bella.CreateCustomerLink(ctx, bank, obrienID, one.CustomerID)
	l.kind(err, obp.KindExists)
	has := func(list []obp.CustomerLink, err error) {
		l.t.Helper()
		l.ok(err)
		l.true(slices.ContainsFunc(list, func(k obp.CustomerLink) bool { return k.ID == tied.ID && k.IsActive }), list)
	}
	has(bella.UserCustomerLinks(ctx, bank, obrienID))
	has(bella.CustomerLinks(ctx, bank, one.CustomerID))
	people, err := bella.CorrelatedUsers(ctx, bank, one.CustomerID)
	l.ok(err)
	l.true(slices.ContainsFunc(people.Users, func(u obp.UserWithAttributes) bool { return u.UserID == obrienID }), people)
	l.ok(bella.DeleteCustomerLink(ctx, bank, tied.ID))
	l.kind(bella.DeleteCustomerLink(ctx, bank, tied.ID), obp.KindNotFound)
	for _, role := range []string{"CanGetAccountsMinimalForCustomerAtAnyBank", "CanGetSystemView"} {
		e, err := susan.CreateEntitlement(ctx, l.ids[susanAt], role, "")
		l.ok(err)
		defer func() { l.ok(l.as[annaAt].DeleteEntitlement(ctx, l.ids[susanAt], e.EntitlementID)) }()
	}
	access, err := susan.CustomerAccounts(ctx, one.CustomerID)
	l.ok(err)
	l.true(len(access) > 0, access)
	system, err := susan.SystemViewIDs(ctx)
	l.ok(err)
	view, err := susan.SystemView(ctx, system[0])
	l.ok(err)
	l.true(view.ID == system[0] && view.IsSystem, view)
	_, err = susan.SystemView(ctx, "nosuchview")
	l.kind(err, obp.KindNotFound)
}

func (l *live) mine(felix, carl *obp.API, felixID string) {
	ctx := l.t.Context()
	bank := l.bank
	made, err := carl.CreateAuthContext(ctx, felixID, "PASSPORT", "X-123")
	l.ok(err)
	list, err := carl.AuthContexts(ctx, felixID)
	l.ok(err)
	l.true(slices.ContainsFunc(list, func(c obp.AuthContext) bool { return c.ID == made.ID && c.Value == "X-123" }), list)
	l.kind(carl.DeleteAuthContext(ctx, l.ids[robertAt], made.ID), obp.KindNotFound)
	l.ok(carl.DeleteAuthContext(ctx, felixID, made.ID))
	l.kind(carl.DeleteAuthContext(ctx, felixID, made.ID), obp.KindNotFound)
	l.ok(carl.DeleteAuthContexts(ctx, felixID))
	_, err = carl.AuthContexts(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	customers, err := felix.MyBankCustomers(ctx, bank)
	l.ok(err)
	c, err := felix.StartChallenge(ctx, bank, obp.SCASMS, "CUSTOMER_NUMBER", customers[0].CustomerNumber)
	l.ok(err)
	l.true(c.Status == obp.ChallengeInitiated, c)
	c, err = felix.AnswerChallenge(ctx, bank, c.ID, "00000000")
	l.ok(err)
	l.true(c.Status == obp.ChallengeRejected, c)
	_, err = felix.AnswerChallenge(ctx, bank, nobody, "1")
	l.kind(err, obp.KindNotFound)

	a, err := felix.CreateMyAttribute(ctx, "BATTERY_LEVEL", obp.AttributeString, "90")
	l.ok(err)
	a, err = felix.UpdateMyAttribute(ctx, a.ID, "BATTERY_LEVEL", obp.AttributeString, "12")
	l.ok(err)
	_, err = carl.UpdateMyAttribute(ctx, a.ID, "BATTERY_LEVEL", obp.AttributeString, "0")
	l.kind(err, obp.KindNotFound)
	own, err := felix.MyAttributes(ctx)
	l.ok(err)
	seen, err := carl.UserAttributes(ctx, felixID)
	l.ok(err)
	l.true(slices.Contains(own, a) && slices.Contains(seen.Attributes, a) && a.Value == "12", own, seen)
}

func (l *live) newer(susan, anna *obp.API, felixID string) {
	ctx := l.t.Context()
	served, err := susan.Newer(ctx)
	l.ok(err)
	if !served {
		l.t.Log("the server does not serve v5.1.0")
		return
	}
	for _, role := range []string{"CanSeeAccountAccessForAnyUser", "CanGetAnyUser", "CanReadUserLockedStatus", "CanGetNonPersonalUserAttributes"} {
		e, err := susan.CreateEntitlement(ctx, l.ids[susanAt], role, "")
		l.ok(err)
		defer func() { l.ok(anna.DeleteEntitlement(ctx, l.ids[susanAt], e.EntitlementID)) }()
	}
	access, err := susan.UserAccess(ctx, felixID)
	l.ok(err)
	l.true(len(access) > 0, access)
	_, err = susan.UserAccess(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	u, err := anna.UserWithAccess(ctx, felixID)
	l.ok(err)
	l.true(len(u.Views.List) == len(access), u)
	u, err = susan.UserByProvider(ctx, l.world.Provider, l.names[felixAt])
	l.ok(err)
	l.true(u.UserID == felixID, u)
	s, err := susan.LockStatusByProvider(ctx, l.world.Provider, l.names[felixAt])
	l.ok(err)
	l.true(s.Username == l.names[felixAt], s)
	_, err = susan.NonPersonalAttributes(ctx, felixID)
	l.ok(err)
}
