package journal

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

func (j *Journal) append(ctx context.Context, kind Kind, e Entry, step string, r Result) (Stored, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s, hash, err := j.write(ctx, kind, e, step, r)
	switch {
	case errors.Is(err, ErrNotFound) || errors.Is(err, ErrFinished):
		return Stored{}, err
	case err != nil:
		return Stored{}, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	j.n, j.hash = s.N, hash
	j.o.Logger.InfoContext(ctx, "journal head", "n", s.N, "hash", s.Hash)
	return s, nil
}

func (j *Journal) write(ctx context.Context, kind Kind, e Entry, step string, r Result) (_ Stored, hash []byte, err error) {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return Stored{}, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	var n int64
	var prev []byte
	err = tx.QueryRowContext(ctx, `SELECT n, hash FROM head`).Scan(&n, &prev)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Stored{}, nil, err
	}
	if kind == KindStep || kind == KindOutcome {
		if err = openAct(ctx, tx, &e); err != nil {
			return Stored{}, nil, err
		}
	}
	rec := newRecord(e, step, r)
	rec.Version, rec.KeyID, rec.N, rec.Prev = formatVersion, keyID(j.o.Key), n+1, hex.EncodeToString(prev)
	rec.At, rec.Kind, rec.Environment = j.o.Now().UTC().UnixNano(), kind, j.o.Environment
	texts, err := personal(e, r)
	if err != nil {
		return Stored{}, nil, err
	}
	rec.Texts = map[string]string{}
	for field, text := range texts {
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // never fails
		rec.Texts[field] = textHash(salt, text)
		if _, err = tx.ExecContext(ctx, `INSERT INTO texts (n, field, salt, text) VALUES (?,?,?,?)`, rec.N, field, salt, text); err != nil {
			return Stored{}, nil, err
		}
	}
	body, err := json.Marshal(rec)
	if err != nil {
		return Stored{}, nil, err
	}
	sum := sha256.Sum256(body)
	_, err = tx.ExecContext(ctx, `INSERT INTO entries (n, at, kind, act_id, parent_id, act, operator_id, person_id, role, bank_id, request_id, outcome, body, hash)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, append(rec.columns(), body, sum[:])...)
	if err != nil {
		return Stored{}, nil, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO head (id, n, hash, key_id, seal) VALUES (1,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET n = excluded.n, hash = excluded.hash, key_id = excluded.key_id, seal = excluded.seal`,
		rec.N, sum[:], rec.KeyID, seal(j.o.Key, rec.N, sum[:]))
	if err != nil {
		return Stored{}, nil, err
	}
	if err = tx.Commit(); err != nil {
		return Stored{}, nil, err
	}
	return rec.stored(hex.EncodeToString(sum[:]), texts), sum[:], nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// openAct fills e with the act's own fields from its intent, so that a step is
// found by the same searches, and refuses an act that is gone or has ended.
func openAct(ctx context.Context, tx *sql.Tx, e *Entry) error {
	var act Act
	var operator, person, role, bank, request, parent string
	err := tx.QueryRowContext(ctx, `SELECT act, operator_id, person_id, role, bank_id, request_id, parent_id FROM entries WHERE act_id = ? AND kind = 'intent'`, e.ActID).
		Scan(&act, &operator, &person, &role, &bank, &request, &parent)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	var last Outcome
	err = tx.QueryRowContext(ctx, `SELECT outcome FROM entries WHERE act_id = ? AND kind = 'outcome' ORDER BY n DESC LIMIT 1`, e.ActID).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if last.Final() {
		return ErrFinished
	}
	e.Act, e.Operator, e.Person = act, Party{UserID: operator}, Party{UserID: person}
	e.Role, e.BankID, e.EntitlementRequestID, e.ParentID = role, bank, request, parent
	return nil
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
