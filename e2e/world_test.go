package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// world is what a stand-in starts from, and what it tells of itself.
type world struct {
	Provider     string        `json:"provider"`
	ConsumerKey  string        `json:"consumer_key"`
	Settings     settings      `json:"server_settings"`
	Users        []user        `json:"users"`
	Banks        []bank        `json:"banks"`
	Entitlements []entitlement `json:"entitlements"`
	Requests     []request     `json:"entitlement_requests"`
}

type settings struct {
	MaxBadLogins   int    `json:"max_bad_login_attempts"`
	PortalHostname string `json:"portal_hostname"`
	ResetLinks     bool   `json:"ResetPasswordUrlEnabled"`
}

type user struct {
	UserID     string `json:"user_id"`
	Username   string `json:"username"`
	ProviderID string `json:"provider_id"`
	Provider   string `json:"provider"`
	Email      string `json:"email"`
	Validated  bool   `json:"validated"`
	Password   string `json:"password,omitempty"`
	Locked     bool   `json:"locked,omitempty"`
	Deleted    bool   `json:"deleted,omitempty"`
}

type bank struct {
	ID         string   `json:"id"`
	ShortName  string   `json:"short_name"`
	FullName   string   `json:"full_name"`
	Routings   []string `json:"bank_routings"`
	Attributes []string `json:"attributes"`
}

type entitlement struct {
	ID      string    `json:"entitlement_id"`
	Role    string    `json:"role_name"`
	BankID  string    `json:"bank_id"`
	UserID  string    `json:"user_id"`
	Created time.Time `json:"created"`
}

type request struct {
	ID      string    `json:"entitlement_request_id"`
	Role    string    `json:"role_name"`
	BankID  string    `json:"bank_id"`
	UserID  string    `json:"user_id"`
	Created time.Time `json:"created"`
}

const (
	consumerKey = "e2econsumerkey0123456789abcdefghijklmnop"
	password    = "Str0ng!Passw0rd"
	bankOne     = "e2e.bank.one"
	bankTwo     = "e2e.bank.two"
)

// The people of every world. anna and bella may decide; nora may not.
const (
	anna  = "anna.approver"
	bella = "bella.branch"
	nora  = "nora.norole"
	felix = "felix.smith"
	maria = "maria.garcia"
	orla  = "o.brien@example.com"
)

var approverRoles = []string{"CanGetAnyUser", "CanGetEntitlementRequestsAtAnyBank", "CanDeleteEntitlementRequestsAtAnyBank",
	"CanCreateEntitlementAtAnyBank", "CanDeleteEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementsForAnyBank"}

// idOf makes an id that is the same in every run: 8-4-4-4-12 hex digits.
func idOf(kind byte, n int) string {
	return fmt.Sprintf("%02x000000-0000-4000-8000-%012x", kind, n)
}

// emptyWorld has the people and the banks, and no open request.
func emptyWorld() world {
	w := world{Provider: "http://127.0.0.1:8090", ConsumerKey: consumerKey,
		Settings: settings{MaxBadLogins: 5, PortalHostname: "http://127.0.0.1:8090"},
		Banks: []bank{{ID: bankOne, ShortName: "One", FullName: "First Bank of the North"},
			{ID: bankTwo, ShortName: "Two", FullName: "Second Bank"}}}
	for _, name := range []string{anna, bella, nora, felix, maria, orla} {
		w.addUser(name)
	}
	for _, role := range approverRoles {
		w.hold(anna, role, "")
		w.hold(bella, role, "")
	}
	w.hold(nora, "CanCreateBranch", bankTwo)
	return w
}

func (w *world) addUser(name string) user {
	mail := name
	if !strings.Contains(mail, "@") {
		mail = strings.ReplaceAll(name, ".", "_") + "@example.com"
	}
	u := user{UserID: idOf('a', len(w.Users)+1), Username: name, ProviderID: name, Provider: w.Provider,
		Email: mail, Validated: true, Password: password}
	w.Users = append(w.Users, u)
	return u
}

func (w *world) user(name string) *user {
	for i := range w.Users {
		if w.Users[i].Username == name {
			return &w.Users[i]
		}
	}
	panic("no user " + name)
}

func (w *world) hold(name, role, bankID string) {
	w.Entitlements = append(w.Entitlements, entitlement{idOf('e', len(w.Entitlements)+1), role, bankID, w.user(name).UserID, time.Now().UTC().Add(-90 * 24 * time.Hour)})
}

// ask adds an open request of that age and gives its id.
func (w *world) ask(name, role, bankID string, age time.Duration) string {
	id := idOf('b', len(w.Requests)+1)
	w.Requests = append(w.Requests, request{id, role, bankID, w.user(name).UserID, time.Now().UTC().Add(-age).Truncate(time.Second)})
	return id
}

// someWorld has open requests: the two that the journeys decide first, then
// one of anna's own, a high-risk one, and one for a role that is held already.
func someWorld() (w world, ids struct{ branch, atm, own, risk, held string }) {
	const day = 24 * time.Hour
	w = emptyWorld()
	w.hold(maria, "CanCreateProduct", bankTwo)
	ids.branch = w.ask(felix, "CanCreateBranch", bankOne, 3*day)
	ids.atm = w.ask(orla, "CanCreateAtm", bankOne, 2*day)
	ids.own = w.ask(anna, "CanCreateBank", "", 26*time.Hour)
	ids.risk = w.ask(maria, "CanCreateEntitlementAtAnyBank", "", 5*time.Hour)
	ids.held = w.ask(maria, "CanCreateProduct", bankTwo, 7*time.Minute)
	return w, ids
}

// fullWorld has n open requests, each of another person, with long and foreign names among them.
func fullWorld(n int) world {
	w := emptyWorld()
	roles := []string{"CanCreateBranch", "CanCreateAtm", "CanCreateProduct", "CanCreateCustomer", "CanUpdateBankAttribute"}
	for i := range n {
		u := w.addUser(fmt.Sprintf("%s.%02d", []string{"otto.lang", "zoe.meyer", "karl-heinz.von.und.zu.der.langen.strasse"}[i%3], i))
		w.ask(u.Username, roles[i%len(roles)], []string{bankOne, bankTwo}[i%2], time.Duration(i+1)*7*time.Hour)
	}
	return w
}

func escape(s string) string { return url.QueryEscape(s) }

func splitOp(op string) (method, path string) {
	method, path, _ = strings.Cut(op, " ")
	return method, strings.TrimPrefix(path, "/obp/v5.0.0")
}
