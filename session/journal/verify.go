package journal

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

const maxFaults = 100

// Verify reads the whole chain and reports every edit, deletion, reordering
// and cut tail that it finds. An error means that it could not be read.
func (j *Journal) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	v := verifier{rep: Report{CheckedAt: j.o.Now().UTC()}, o: o}
	j.mu.Lock() // the head and the chain must be of one moment
	defer j.mu.Unlock()
	if err := v.chain(ctx, j.db); err != nil {
		return Report{}, fmt.Errorf("journal: verify: %w", err)
	}
	if err := v.texts(ctx, j.db); err != nil {
		return Report{}, fmt.Errorf("journal: verify: %w", err)
	}
	if err := v.head(ctx, j.db, append([][32]byte{j.o.Key}, j.o.PreviousKeys...)); err != nil {
		return Report{}, fmt.Errorf("journal: verify: %w", err)
	}
	v.rep.OK = len(v.rep.Faults) == 0
	return v.rep, nil
}

type verifier struct {
	o    VerifyOptions
	rep  Report
	n    int64
	hash []byte
	// wanted is each text's hash by entry and field, until it is found
	wanted map[textKey]string
}

type textKey struct {
	n     int64
	field string
}

func (v *verifier) fault(n int64, kind FaultKind, format string, args ...any) {
	if len(v.rep.Faults) == maxFaults {
		v.rep.MoreFaults = true
		return
	}
	v.rep.Faults = append(v.rep.Faults, Fault{n, kind, fmt.Sprintf(format, args...)})
}

func (v *verifier) chain(ctx context.Context, db *sql.DB) error {
	v.wanted = map[textKey]string{}
	rows, err := db.QueryContext(ctx, `SELECT n, at, kind, act_id, parent_id, act, operator_id, person_id, role, bank_id, request_id, outcome, body, hash FROM entries ORDER BY n`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n, at int64
		var c [10]string
		var body, hash []byte
		if err := rows.Scan(&n, &at, &c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7], &c[8], &c[9], &body, &hash); err != nil {
			return err
		}
		v.entry(n, []any{n, at, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]}, body, hash)
	}
	return rows.Err()
}

func (v *verifier) entry(n int64, columns []any, body, hash []byte) {
	v.rep.Entries++
	var rec record
	sum := sha256.Sum256(body)
	bad := json.Unmarshal(body, &rec) != nil || !bytes.Equal(sum[:], hash)
	switch {
	case bad:
		v.fault(n, FaultEdited, "entry %d does not have its own hash", n)
	case rec.N != n:
		v.fault(n, FaultReordered, "entry %d was written as entry %d", n, rec.N)
	case !slices.Equal(columns, rec.columns()):
		v.fault(n, FaultEdited, "entry %d is filed under other words than it holds", n)
	}
	switch {
	case n != v.n+1:
		v.fault(n, FaultDeleted, "entries %d to %d are missing", v.n+1, n-1)
	case !bad && rec.Prev != hex.EncodeToString(v.hash):
		v.fault(n, FaultEdited, "entry %d does not follow the entry before it", n)
	}
	if v.o.ExpectedN == n && v.o.ExpectedHash != hex.EncodeToString(hash) {
		v.fault(n, FaultHead, "entry %d is not the one that was noted elsewhere", n)
	}
	for field, h := range rec.Texts {
		v.wanted[textKey{n, field}] = h
	}
	v.n, v.hash = n, hash
}

func (v *verifier) texts(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT n, field, salt, text FROM texts`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k textKey
		var salt []byte
		var text string
		if err := rows.Scan(&k.n, &k.field, &salt, &text); err != nil {
			return err
		}
		if v.wanted[k] != textHash(salt, text) {
			v.fault(k.n, FaultText, "the %s of entry %d is not what was written", k.field, k.n)
		}
		delete(v.wanted, k)
	}
	// there is no act that erases text yet, so what is missing was taken away
	for k := range v.wanted {
		v.fault(k.n, FaultTextMissing, "the %s of entry %d is missing", k.field, k.n)
	}
	return rows.Err()
}

func (v *verifier) head(ctx context.Context, db *sql.DB, keys [][32]byte) error {
	v.rep.HeadN, v.rep.HeadHash = v.n, hex.EncodeToString(v.hash)
	if v.o.ExpectedN > v.n {
		v.fault(v.n, FaultCut, "the journal ends at entry %d; entry %d was noted elsewhere", v.n, v.o.ExpectedN)
	}
	var n int64
	var hash, sealed []byte
	err := db.QueryRowContext(ctx, `SELECT n, hash, seal FROM head`).Scan(&n, &hash, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		if v.n > 0 {
			v.fault(0, FaultHead, "the head is missing")
		}
		return nil
	}
	if err != nil {
		return err
	}
	v.rep.KeyChecked = true
	switch {
	case n > v.n:
		v.fault(v.n, FaultCut, "the journal ends at entry %d; its head says %d", v.n, n)
	case n < v.n || !bytes.Equal(hash, v.hash):
		v.fault(v.n, FaultHead, "the head does not belong to the newest entry")
	}
	if !slices.ContainsFunc(keys, func(k [32]byte) bool { return hmac.Equal(sealed, seal(k, n, hash)) }) {
		v.fault(n, FaultHead, "the head is not sealed with a key of this journal")
	}
	return nil
}
