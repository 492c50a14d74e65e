package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const formatVersion = 1

// record is what an entry's hash is over, in this order of fields. Personal
// text stands in it as salted hashes.
type record struct {
	Version        int               `json:"version"`
	KeyID          string            `json:"key_id"`
	N              int64             `json:"n"`
	Prev           string            `json:"prev"`
	At             int64             `json:"at"` // Unix nanoseconds
	Kind           Kind              `json:"kind"`
	Environment    string            `json:"environment"`
	Act            Act               `json:"act"`
	ActID          string            `json:"act_id"`
	ParentID       string            `json:"parent_id"`
	ParentKind     string            `json:"parent_kind"`
	OperatorID     string            `json:"operator_id"`
	PersonID       string            `json:"person_id"`
	Role           string            `json:"role"`
	BankID         string            `json:"bank_id"`
	RequestID      string            `json:"entitlement_request_id"`
	Target         string            `json:"target"`
	ReasonCode     string            `json:"reason_code"`
	Shown          bool              `json:"shown_to_requester"`
	Rule           string            `json:"rule"`
	HTTPRequest    string            `json:"request_id"`
	Details        map[string]string `json:"details,omitempty"`
	Step           string            `json:"step"`
	Outcome        Outcome           `json:"outcome"`
	OBPStatus      int               `json:"obp_status"`
	OBPCode        string            `json:"obp_code"`
	CorrelationID  string            `json:"correlation_id"`
	EntitlementIDs []string          `json:"entitlement_ids,omitempty"`
	State          string            `json:"state"`
	ResultDetails  map[string]string `json:"result_details,omitempty"`
	Texts          map[string]string `json:"texts,omitempty"` // field -> hex of SHA-256 over salt and text
}

// clean makes every text such that JSON, a column and an export hold the same.
func clean(e *Entry, r *Result, step *string) {
	seen := string(e.Seen)
	for _, s := range []*string{step, &seen, (*string)(&e.Act), &e.ActID, &e.ParentID, &e.ParentKind, &e.Role, &e.BankID, &e.EntitlementRequestID, &e.Target,
		&e.Operator.UserID, &e.Operator.Username, &e.Operator.Email, &e.Operator.Provider,
		&e.Person.UserID, &e.Person.Username, &e.Person.Email, &e.Person.Provider,
		&e.Reason, &e.ReasonCode, &e.Ticket, &e.Verified, &e.Rule, &e.ClientAddr, &e.RequestID,
		(*string)(&r.Outcome), &r.OBPCode, &r.CorrelationID, &r.Note, &r.State} {
		*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\uFFFD"), "\x00", "\uFFFD")
	}
	e.Seen = json.RawMessage(seen)
}

// personal gives an entry's personal fields that are not empty.
func personal(e Entry, r Result) (map[string]string, error) {
	out := map[string]string{"reason": e.Reason, "ticket": e.Ticket, "verified": e.Verified,
		"seen": string(e.Seen), "client_addr": e.ClientAddr, "note": r.Note}
	for name, p := range map[string]Party{"operator": e.Operator, "person": e.Person} {
		if (p != Party{UserID: p.UserID}) {
			b, err := json.Marshal(p)
			if err != nil {
				return nil, err
			}
			out[name] = string(b)
		}
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out, nil
}

func newRecord(e Entry, step string, r Result) record {
	return record{Act: e.Act, ActID: e.ActID, ParentID: e.ParentID, ParentKind: e.ParentKind, OperatorID: e.Operator.UserID,
		PersonID: e.Person.UserID, Role: e.Role, BankID: e.BankID, RequestID: e.EntitlementRequestID, Target: e.Target,
		ReasonCode: e.ReasonCode, Shown: e.ShownToRequester, Rule: e.Rule, HTTPRequest: e.RequestID, Details: e.Details,
		Step: step, Outcome: r.Outcome, OBPStatus: r.OBPStatus, OBPCode: r.OBPCode, CorrelationID: r.CorrelationID,
		EntitlementIDs: r.EntitlementIDs, State: r.State, ResultDetails: r.Details}
}

// columns are what the searches use; verification compares them with the body.
func (r record) columns() []any {
	return []any{r.N, r.At, string(r.Kind), r.ActID, r.ParentID, string(r.Act), r.OperatorID, r.PersonID, r.Role, r.BankID, r.RequestID, string(r.Outcome)}
}

// stored joins the record with its personal text, as far as it is not erased.
func (r record) stored(hash string, texts map[string]string) Stored {
	party := func(id, field string) Party {
		p := Party{}
		if t := texts[field]; t != "" {
			_ = json.Unmarshal([]byte(t), &p) // verification finds text that was edited
		}
		p.UserID = id
		return p
	}
	s := Stored{N: r.N, FormatVersion: r.Version, KeyID: r.KeyID, Kind: r.Kind, At: time.Unix(0, r.At).UTC(), Hash: hash,
		Environment: r.Environment, Step: r.Step, Erased: len(texts) < len(r.Texts)}
	s.Entry = Entry{Act: r.Act, ActID: r.ActID, ParentID: r.ParentID, ParentKind: r.ParentKind, Operator: party(r.OperatorID, "operator"),
		Person: party(r.PersonID, "person"), Role: r.Role, BankID: r.BankID, EntitlementRequestID: r.RequestID, Target: r.Target,
		Reason: texts["reason"], ReasonCode: r.ReasonCode, Ticket: texts["ticket"], Verified: texts["verified"],
		ShownToRequester: r.Shown, Rule: r.Rule, ClientAddr: texts["client_addr"], RequestID: r.HTTPRequest, Details: r.Details}
	if seen := texts["seen"]; seen != "" {
		s.Entry.Seen = json.RawMessage(seen)
	}
	s.Result = Result{Outcome: r.Outcome, OBPStatus: r.OBPStatus, OBPCode: r.OBPCode, CorrelationID: r.CorrelationID,
		EntitlementIDs: r.EntitlementIDs, Note: texts["note"], State: r.State, Details: r.ResultDetails}
	return s
}

func textHash(salt []byte, text string) string {
	sum := sha256.Sum256(append(append([]byte{}, salt...), text...))
	return hex.EncodeToString(sum[:])
}

// keyID names a key without telling it.
func keyID(key [32]byte) string {
	sum := sha256.Sum256(append([]byte("journal key id"), key[:]...))
	return hex.EncodeToString(sum[:8])
}

func seal(key [32]byte, n int64, hash []byte) []byte {
	m := hmac.New(sha256.New, key[:])
	fmt.Fprintf(m, "journal head %d %x", n, hash)
	return m.Sum(nil)
}
