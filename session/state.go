package session

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"time"
)

// Person is the operator as OBP names them (GET /users/current).
type Person struct {
	UserID     string
	Username   string
	Email      string
	Provider   string
	ProviderID string
}

// RoleHint is an entitlement the person held when last read. It decides what a
// page offers, never what is allowed. BankID is empty for a system role.
type RoleHint struct {
	Name   string
	BankID string
}

// Flash is what the next page has to say once: a key that the page turns into
// a sentence, and the values that go into it.
type Flash struct {
	Key  string
	Args map[string]string `json:",omitempty"`
}

// State is what the server keeps of a signed-in person. Current gives a copy;
// Update changes what may be changed.
//
// SessionID, SignedInAt, ProvedAt, ExpiresAt, LastSeen and StepUpFailures are
// set by the Manager; what a caller puts there is ignored.
type State struct {
	Person
	Scheme string // how Token is sent to OBP, such as "DirectLogin"
	Token  Secret `json:"-"`

	SessionID  string    // names the session to list and end it; it is not the cookie's value
	SignedInAt time.Time // UTC, as all times here
	ProvedAt   time.Time // last proof of who it is: sign-in or step-up
	ExpiresAt  time.Time // absolute limit, never moved by traffic or step-up
	LastSeen   time.Time `json:"-"`

	StepUpFailures int `json:"-"` // proofs asked for and not given since the last good one

	SecondFactor bool `json:",omitempty"` // a code of the second factor was given

	Roles      []RoleHint `json:",omitempty"`
	Ticket     string     `json:",omitempty"` // last ticket number, offered again
	ServesV510 bool       // the server answers v5.1.0 operations too
	ClientAddr string     // address at sign-in, from the trusted proxy chain
	UserAgent  string     // shortened

	Flash *Flash                `json:",omitempty"`
	Draft map[string]url.Values `json:",omitempty"`
	// Drafts are the keys of Draft, the one saved longest ago first.
	Drafts []DraftKey `json:",omitempty"`
}

// DraftKey names a draft, and until when it is kept whatever else is saved;
// zero: until others push it out.
type DraftKey struct {
	Key   string
	Until time.Time `json:",omitzero"`
}

// LogValue implements slog.LogValuer: the user id and the session's name only.
func (s State) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user_id", s.UserID), slog.String("session_id", s.SessionID))
}

// stored is the one JSON value kept under one key, encrypted. It alone spells
// the credential out. UserID is empty before sign-in.
type stored struct {
	State
	Credential string `json:",omitempty"`
	KeptID     string `json:",omitempty"` // form kept for after sign-in
	HalfID     string `json:",omitempty"` // sign-in that waits for its code
}

func (s stored) encode() (string, error) {
	s.Credential = s.Token.Reveal()
	b, err := json.Marshal(s)
	return string(b), err
}

func decodeStored(text string) (stored, error) {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return stored{}, err
	}
	s.Token, s.Credential = NewSecret(s.Credential), ""
	return s, nil
}

// clone gives a copy that shares no map or slice with s.
func (s stored) clone() stored {
	s.Roles, s.Draft, s.Drafts = slices.Clone(s.Roles), maps.Clone(s.Draft), slices.Clone(s.Drafts)
	for key, form := range s.Draft {
		s.Draft[key] = maps.Clone(form)
		for field, values := range form {
			s.Draft[key][field] = slices.Clone(values)
		}
	}
	if s.Flash != nil {
		s.Flash = &Flash{Key: s.Flash.Key, Args: maps.Clone(s.Flash.Args)}
	}
	return s
}
