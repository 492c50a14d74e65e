package journal

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Verify reads the whole chain and reports every edit, deletion, reordering
// and cut tail that it finds, in the tables that searches use too. It works on
// a snapshot and holds up nobody. An error means that it could not be read.
func (j *Journal) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	o.AtMost = 0
	return j.verify(ctx, o, false)
}

// VerifySince goes on from the last entry that a verification found intact, if
// the chain still holds it; else it begins at the first. It does not see an
// edit of an entry before: Verify does.
func (j *Journal) VerifySince(ctx context.Context, o VerifyOptions) (Report, error) {
	return j.verify(ctx, o, true)
}

func (j *Journal) verify(ctx context.Context, o VerifyOptions, since bool) (Report, error) {
	known := j.head.Load() // an entry that this process wrote must be there
	tx, err := j.snapshot(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("journal: verify: %w", err)
	}
	defer func() { _ = tx.end() }() // it wrote nothing
	d := &derived{verifier: &verifier{o: o, rep: Report{CheckedAt: j.o.Now().UTC()}}, ctx: ctx, tx: tx,
		acts: map[string]*openAct{}, last: map[string]*int64{}}
	d.missing = func(field string) {
		d.lacks(d.n, field, string(d.flat.columns[5]), string(d.flat.columns[4]))
	}
	var was Checked
	if since {
		was, err = j.resume(d)
	}
	d.whole = d.n == 0
	d.rep.From = d.n + 1
	if err == nil {
		err = j.check(d, known)
	}
	if err != nil {
		return Report{}, fmt.Errorf("journal: verify: %w", err)
	}
	rep := d.report()
	now := Checked{N: rep.HeadN, Hash: rep.HeadHash, At: rep.CheckedAt, WholeN: was.WholeN, WholeAt: was.WholeAt, Faults: len(rep.Faults)}
	if d.whole {
		now.WholeN, now.WholeAt = now.N, now.At
	}
	if err := j.keep(ctx, now, d.hash); err != nil {
		j.o.Logger.WarnContext(ctx, "the result of a verification was not kept", "error", err)
	}
	return rep, nil
}

// check walks the entries after d.n, and at the newest checks head and tables.
func (j *Journal) check(d *derived, known *head) error {
	rows, err := d.tx.QueryContext(d.ctx, `SELECT body FROM entries WHERE act = 'erase'`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return errors.Join(err, rows.Close())
		}
		d.note(body)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	var n int64
	var hash, sealedWith []byte
	var id string
	var idType, nType string
	err = d.tx.QueryRowContext(d.ctx, `SELECT n, hash, seal, key_id, typeof(key_id), typeof(n) FROM head`).Scan(&n, &hash, &sealedWith, &id, &idType, &nType)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	headless := err != nil
	if err := walk(d.ctx, d.tx, d.n, d.o.AtMost, d.entry); err != nil {
		return err
	}
	if d.rep.Reached = d.o.AtMost == 0 || d.rep.Entries < d.o.AtMost; !d.rep.Reached {
		return nil
	}
	switch {
	case !headless:
		if idType != "text" || nType != "integer" {
			id = ""
		}
		d.sealed(n, hash, sealedWith, id, j.keys())
	case d.n > 0:
		d.fault(0, FaultHead, "the head is missing")
	}
	if d.n < known.n {
		d.fault(d.n, FaultCut, "the journal ends at entry %d; entry %d was written", d.n, known.n)
	} else if err := d.noted(known.n, hex.EncodeToString(known.hash)); err != nil {
		return err
	}
	if d.o.ExpectedN > 0 && d.o.ExpectedN < d.rep.From {
		if err := d.noted(d.o.ExpectedN, d.o.ExpectedHash); err != nil {
			return err
		}
	}
	return d.end()
}

// noted checks an entry by a number and a hash that were kept elsewhere.
func (d *derived) noted(n int64, hash string) error {
	if n == 0 {
		return nil
	}
	got, err := d.hashOf(n)
	if err == nil && got != hash {
		d.fault(n, FaultHead, "entry %d is not the one that was noted elsewhere", n)
	}
	return err
}

// hashOf computes an entry's hash, "" when it is not there.
func (d *derived) hashOf(n int64) (string, error) {
	var body []byte
	err := d.tx.QueryRowContext(d.ctx, `SELECT body FROM entries WHERE n = ?`, n).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}

func (j *Journal) keys() [][32]byte { return append([][32]byte{j.o.Key}, j.o.PreviousKeys...) }

// resume sets d to the last entry found intact, when its note is sealed and
// the chain holds it.
func (j *Journal) resume(d *derived) (Checked, error) {
	c, hash, err := j.checked(d.ctx, d.tx)
	if errors.Is(err, ErrNotFound) || err == nil && c.Faults > 0 {
		return Checked{}, nil
	}
	if err != nil {
		return Checked{}, err
	}
	got, err := d.hashOf(c.N)
	if err != nil {
		return Checked{}, err
	}
	if got != c.Hash {
		d.fault(c.N, FaultHead, "entry %d is not the one that was checked at %s", c.N, c.At.Format(time.RFC3339))
		return Checked{}, nil
	}
	d.n, d.hash = c.N, hash
	err = d.tx.QueryRowContext(d.ctx, `SELECT at FROM entries WHERE n = ?`, c.N).Scan(&d.at)
	return c, err
}

// LastChecked gives the result of the verifications so far, ErrNotFound when
// there is none, or none that this journal's keys sealed.
func (j *Journal) LastChecked(ctx context.Context) (Checked, error) {
	c, _, err := j.checked(ctx, j.read)
	return c, err
}

type rower interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func (j *Journal) checked(ctx context.Context, db rower) (Checked, []byte, error) {
	var c Checked
	var hash, sealedWith []byte
	var at, wholeAt int64
	err := db.QueryRowContext(ctx, `SELECT n, hash, at, whole_n, whole_at, faults, seal FROM verified`).Scan(&c.N, &hash, &at, &c.WholeN, &wholeAt, &c.Faults, &sealedWith)
	if errors.Is(err, sql.ErrNoRows) {
		return Checked{}, nil, ErrNotFound
	}
	if err != nil {
		return Checked{}, nil, fmt.Errorf("journal: %w", err)
	}
	c.Hash, c.At, c.WholeAt = hex.EncodeToString(hash), time.Unix(0, at).UTC(), time.Unix(0, wholeAt).UTC()
	if c.N < 1 || !slices.ContainsFunc(j.keys(), func(k [32]byte) bool { return hmac.Equal(sealedWith, c.seal(k)) }) {
		return Checked{}, nil, ErrNotFound
	}
	return c, bytes.Clone(hash), nil
}

func (c Checked) seal(key [32]byte) []byte {
	m := hmac.New(sha256.New, key[:])
	fmt.Fprintf(m, "journal checked %d %s %d %d %d %d", c.N, c.Hash, c.At.UnixNano(), c.WholeN, c.WholeAt.UnixNano(), c.Faults)
	return m.Sum(nil)
}

func (j *Journal) keep(ctx context.Context, c Checked, hash []byte) error {
	if c.N == 0 {
		return nil
	}
	return j.change(ctx, func(w *writer) error {
		return w.exec(`INSERT INTO verified (id, n, hash, at, whole_n, whole_at, faults, seal) VALUES (1,?,?,?,?,?,?,?)
			ON CONFLICT (id) DO UPDATE SET n = excluded.n, hash = excluded.hash, at = excluded.at, whole_n = excluded.whole_n,
			whole_at = excluded.whole_at, faults = excluded.faults, seal = excluded.seal`,
			c.N, hash, c.At.UnixNano(), c.WholeN, c.WholeAt.UnixNano(), c.Faults, c.seal(j.o.Key))
	})
}
