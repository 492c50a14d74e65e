package journal

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Line is an entry without personal text, for a collector of logs. Who acted
// and on whom stands as a pseudonym that only the journal's key can make; what
// has not the form of a code or an id is withheld.
type Line struct {
	Stream         string    `json:"stream"` // always "journal"
	N              int64     `json:"n"`
	Hash           string    `json:"hash"` // hex, of the entry in the chain
	At             time.Time `json:"at"`
	Environment    string    `json:"environment,omitempty"`
	Kind           Kind      `json:"kind"`
	Act            string    `json:"act"`
	ActID          string    `json:"act_id"`
	Step           string    `json:"step,omitempty"`
	Wanted         string    `json:"wanted,omitempty"` // of a refusal: the act that was refused
	ParentID       string    `json:"parent_id,omitempty"`
	ParentKind     string    `json:"parent_kind,omitempty"`
	Operator       string    `json:"operator,omitempty"` // pseudonym
	Person         string    `json:"person,omitempty"`   // pseudonym
	Role           string    `json:"role,omitempty"`
	BankID         string    `json:"bank_id,omitempty"` // empty: system scope
	RequestOfRole  string    `json:"entitlement_request_id,omitempty"`
	EntitlementIDs []string  `json:"entitlement_ids,omitempty"`
	Rule           string    `json:"rule,omitempty"`
	ReasonCode     string    `json:"reason_code,omitempty"`
	Outcome        string    `json:"outcome,omitempty"`
	State          string    `json:"state,omitempty"`
	OBPStatus      int       `json:"obp_status,omitempty"`
	OBPCode        string    `json:"obp_code,omitempty"`
	CorrelationID  string    `json:"correlation_id,omitempty"` // OBP's
	RequestID      string    `json:"request_id,omitempty"`     // the console's, as in its log
}

// withheld stands for what may hold personal text.
const withheld = "withheld"

// code lets through what has the form of a code or an id: letters, digits and
// - _ . : up to 255 bytes. A name with a blank and an e-mail have not.
func code(s string) string {
	if len(s) > 255 || strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("-_.:", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return withheld
	}
	return s
}

// role lets through what has the form of a role's name.
func role(s string) string {
	if s != "" && !strings.HasPrefix(s, "Can") {
		return withheld
	}
	return code(s)
}

// pseudonyms stand for user ids. They are made with a key of their own.
type pseudonyms struct {
	once sync.Once
	key  []byte
}

// pseudonym gives 32 hex digits for a user id, the same each time while the
// journal's key is the same; empty for nobody.
func (j *Journal) pseudonym(userID string) string {
	if userID == "" {
		return ""
	}
	p := &j.people
	p.once.Do(func() { p.key, _ = hkdf.Key(sha256.New, j.o.Key[:], nil, "obpconsole journal pseudonym", 32) }) // of this length it never fails
	m := hmac.New(sha256.New, p.key)
	m.Write([]byte(userID))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// line is what a collector gets of an entry. It is a choice: target, details
// and every text are left out.
func (j *Journal) line(s Stored) Line {
	e, r := s.Entry, s.Result
	l := Line{Stream: "journal", N: s.N, Hash: s.Hash, At: s.At, Environment: s.Environment, Kind: s.Kind, Act: code(string(e.Act)), ActID: code(e.ActID),
		Step: code(s.Step), ParentID: code(e.ParentID), ParentKind: code(e.ParentKind), Operator: j.pseudonym(e.Operator.UserID), Person: j.pseudonym(e.Person.UserID),
		Role: role(e.Role), BankID: code(e.BankID), RequestOfRole: code(e.EntitlementRequestID), Rule: code(e.Rule), ReasonCode: code(e.ReasonCode),
		Outcome: code(string(r.Outcome)), State: code(r.State), OBPStatus: r.OBPStatus, OBPCode: code(r.OBPCode), CorrelationID: code(r.CorrelationID), RequestID: code(e.RequestID)}
	if e.Act == ActRefused {
		l.Wanted = code(e.Details["act"])
	}
	for _, id := range r.EntitlementIDs {
		l.EntitlementIDs = append(l.EntitlementIDs, code(id))
	}
	return l
}

// tell writes the line of an entry that is in the chain. The entry stands
// whatever becomes of its line, so a failure is logged and counted, and stops
// nothing; Lines gives the line again.
func (j *Journal) tell(ctx context.Context, s Stored) {
	if j.o.Lines == nil {
		return
	}
	b, err := json.Marshal(j.line(s))
	if err == nil {
		_, err = j.o.Lines.Write(append(b, '\n'))
	}
	if err != nil {
		j.untold.Add(1)
		j.o.Logger.ErrorContext(ctx, "the line of a journal entry was not written", "n", s.N, "error", err)
	}
}

// Failures are what was not written since Open.
type Failures struct {
	Entries int64 // whose act was therefore not done, or whose outcome is not known
	Lines   int64 // of entries that stand
}

// Failures counts what was not written.
func (j *Journal) Failures() Failures {
	return Failures{Entries: j.unwritten.Load(), Lines: j.untold.Load()}
}

// Lines calls fn with the lines of all entries after n, the oldest first, of
// one person when personID is not empty: those that they acted in or on.
func (j *Journal) Lines(ctx context.Context, n int64, personID string, fn func(Line) error) error {
	query, args := `SELECT body, hash FROM entries WHERE n > ? ORDER BY n`, []any{n}
	if personID != "" {
		query, args = `SELECT body, hash FROM entries WHERE n > ? AND (operator_id = ? OR person_id = ?) ORDER BY n`, []any{n, personID, personID}
	}
	rows, err := j.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var body, hash []byte
		var rec record
		if err := rows.Scan(&body, &hash); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := json.Unmarshal(body, &rec); err != nil {
			return fmt.Errorf("journal: entry after %d: %w", n, err)
		}
		if err := fn(j.line(rec.stored(hex.EncodeToString(hash), nil))); err != nil {
			return err
		}
		n = rec.N
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
