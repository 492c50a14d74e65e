// Package sandbox is a stand-in for an Open Bank Project server: an
// http.Handler over a world in memory, which checks sign-in, roles and bodies
// in the server's order and answers with its status, codes and texts.
package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// World is the state that a stand-in starts from.
type World struct {
	Provider     string          `json:"provider"` // the server's own host name, the provider of its users
	ConsumerKey  string          `json:"consumer_key"`
	ConsumerID   string          `json:"consumer_id,omitempty"`
	Settings     Settings        `json:"server_settings"`
	Users        []User          `json:"users"`
	Banks        []Bank          `json:"banks"`
	Access       []AccountAccess `json:"account_access"`
	Entitlements []Entitlement   `json:"entitlements"`
	Requests     []Request       `json:"entitlement_requests"`
	Accounts     []Account       `json:"accounts"`
	Holders      []AccountHolder `json:"account_holders"`
	SystemViews  []SystemView    `json:"system_views"`
	Customers    []Customer      `json:"customers"`
	Links        []CustomerLink  `json:"user_customer_links"`
	Attributes   []UserAttribute `json:"user_attributes,omitempty"`
	Contexts     []AuthContext   `json:"user_auth_contexts,omitempty"`
}

// Settings are the server's properties.
type Settings struct {
	MaxBadLogins     int    `json:"max_bad_login_attempts"`
	PortalHostname   string `json:"portal_hostname"`
	AllowDAuth       bool   `json:"allow_dauth"`
	ResetPasswordURL bool   `json:"ResetPasswordUrlEnabled"`
	AllowPublicViews bool   `json:"allow_public_views"`
	NoFirehose       bool   `json:"no_account_firehose,omitempty"`
}

// User is a person with a login account.
type User struct {
	UserID     string `json:"user_id"`
	Username   string `json:"username"`
	ProviderID string `json:"provider_id"`
	Provider   string `json:"provider"`
	Email      string `json:"email"`
	Validated  bool   `json:"validated"`
	Password   string `json:"password,omitempty"`
	SuperAdmin bool   `json:"super_admin"`
	Locked     bool   `json:"locked,omitempty"`
	Deleted    bool   `json:"deleted,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	BadLogins  int    `json:"bad_logins,omitempty"` // failed sign-ins since the last good one or unlock

	BadLoginAt time.Time `json:"last_bad_login,omitzero"`
}

// Bank as in GET /banks.
type Bank struct {
	ID         string            `json:"id"`
	ShortName  string            `json:"short_name"`
	FullName   string            `json:"full_name"`
	Logo       *string           `json:"logo"`
	Website    *string           `json:"website"`
	Routings   []Routing         `json:"bank_routings"`
	Attributes []json.RawMessage `json:"attributes"`
}

// Routing is an address of a bank in a scheme.
type Routing struct {
	Scheme  string `json:"scheme"`
	Address string `json:"address"`
}

// AccountAccess is one view that one person has on one account.
type AccountAccess struct {
	BankID    string `json:"bank_id"`
	AccountID string `json:"account_id"`
	ViewID    string `json:"view_id"`
	UserID    string `json:"user_id"`
}

// Entitlement is a role that somebody holds; an empty bank is system scope.
type Entitlement struct {
	ID      string    `json:"entitlement_id"`
	Role    string    `json:"role_name"`
	BankID  string    `json:"bank_id"`
	UserID  string    `json:"user_id"`
	Created time.Time `json:"created"`
}

// Request is an open entitlement request.
type Request struct {
	ID      string    `json:"entitlement_request_id"`
	Role    string    `json:"role_name"`
	BankID  string    `json:"bank_id"`
	UserID  string    `json:"user_id"`
	Created time.Time `json:"created"`
}

// ReadWorld reads a world.json.
func ReadWorld(r io.Reader) (World, error) {
	var w World
	if err := json.NewDecoder(r).Decode(&w); err != nil {
		return World{}, fmt.Errorf("sandbox: world: %w", err)
	}
	if w.ConsumerKey == "" || len(w.Users) == 0 || !strings.HasPrefix(w.Provider, "http") {
		return World{}, fmt.Errorf("sandbox: world: wanted consumer_key, users and a provider address")
	}
	return w, nil
}
