package e2e

import (
	"encoding/json"
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

	tracked []*string // ids of requests that a journey keeps
	ordered bool      // the order of the requests matters
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
	ID         string            `json:"id"`
	ShortName  string            `json:"short_name"`
	FullName   string            `json:"full_name"`
	Routings   []json.RawMessage `json:"bank_routings"`
	Attributes []json.RawMessage `json:"attributes"`
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

var approverRoles = []string{"CanGetAnyUser", "CanGetEntitlementRequestsAtAnyBank", "CanDeleteEntitlementRequestsAtAnyBank",
	"CanCreateEntitlementAtAnyBank", "CanDeleteEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementsForAnyBank"}

// idOf makes an id that is the same in every run: 8-4-4-4-12 hex digits.
func idOf(kind byte, n int) string {
	return fmt.Sprintf("%02x000000-0000-4000-8000-%012x", kind, n)
}

// emptyWorld has the people and the banks, and no open request.
func emptyWorld() world {
	w := world{Provider: played.Provider, ConsumerKey: consumerKey,
		Settings: settings{MaxBadLogins: 5, PortalHostname: played.Settings.PortalHostname},
		Banks:    []bank{played.bank(bankOne), played.bank(bankTwo)}}
	for _, name := range []string{anna, bella, nora, felix, maria, orla} {
		w.Users = append(w.Users, *played.user(name))
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

// track keeps ids of requests right: a server of its own gives others.
func (w *world) track(ids ...*string) { w.tracked = append(w.tracked, ids...) }

// someWorld has open requests: the two that the journeys decide first, then
// one of anna's own, a high-risk one, and one for a role that is held already.
func someWorld() (w world, ids *asked) {
	const day = 24 * time.Hour
	w, ids = emptyWorld(), &asked{}
	w.hold(maria, "CanCreateProduct", bankTwo)
	ids.branch = w.ask(felix, "CanCreateBranch", bankOne, 3*day)
	ids.atm = w.ask(orla, "CanCreateAtm", bankOne, 2*day)
	ids.own = w.ask(anna, "CanCreateBank", "", 26*time.Hour)
	ids.risk = w.ask(maria, "CanCreateEntitlementAtAnyBank", "", 5*time.Hour)
	ids.held = w.ask(maria, "CanCreateProduct", bankTwo, 7*time.Minute)
	w.track(&ids.branch, &ids.atm, &ids.own, &ids.risk, &ids.held)
	return w, ids
}

// asked are the ids of the open requests of someWorld.
type asked struct{ branch, atm, own, risk, held string }

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
