package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"obpconsole/session/database"
)

// head is the newest entry.
type head struct {
	n    int64
	hash []byte
}

// refusal is an error that says why nothing was to be written, not that the
// store failed.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// queryer is what a writer asks: a transaction, or a connection in one.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// writer is one transaction over the chain.
type writer struct {
	j    *Journal
	ctx  context.Context // never cancelled
	on   queryer
	conn *sql.Conn
	tx   *sql.Tx              // of a file
	wait []database.Statement // there, not sent yet
	at   int64                // of the newest entry
	head head
	done []Stored
}

// selectHead gives the newest entry, and when it was written.
const selectHead = `SELECT h.n, h.hash, e.at FROM head h LEFT JOIN entries e ON e.n = h.n`

func (w *writer) run(ctx context.Context, fn func(*writer) error) (err error) {
	if w.j.shared() {
		return w.runShared(ctx, fn)
	}
	if w.conn, err = w.j.db.Conn(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.conn.Close()) }()
	if w.tx, err = w.conn.BeginTx(w.ctx, nil); err != nil {
		return err
	}
	w.on = w.tx
	ended := false
	defer func() {
		if ended && err == nil {
			return
		}
		if undo := w.tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
	}()
	var at sql.NullInt64
	err = w.row(selectHead).Scan(&w.head.n, &w.head.hash, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	w.at = at.Int64
	err = w.write(fn)
	if err == nil {
		err = w.tx.Commit()
	}
	ended = true
	return err
}

// write does what is to be done, and moves the head.
func (w *writer) write(fn func(*writer) error) error {
	if err := fn(w); err != nil || len(w.done) == 0 {
		return err
	}
	key := w.j.o.Key
	return w.exec(`INSERT INTO head (id, n, hash, key_id, seal) VALUES (1,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET n = excluded.n, hash = excluded.hash, key_id = excluded.key_id, seal = excluded.seal`,
		w.head.n, w.head.hash, keyID(key), seal(key, w.head.n, w.head.hash))
}

// row asks for one row.
func (w *writer) row(query string, args ...any) scanner {
	if err := w.flush(); err != nil {
		return failed{err}
	}
	return w.on.QueryRowContext(w.ctx, query, args...)
}

func (w *writer) query(query string, args ...any) (*sql.Rows, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	return w.on.QueryContext(w.ctx, query, args...)
}

// exec runs a statement; over a server it waits for the next question or the
// end, so that many go together.
func (w *writer) exec(query string, args ...any) error {
	if w.j.shared() {
		w.wait = append(w.wait, database.Statement{Query: query, Args: args})
		return nil
	}
	_, err := w.count(query, args...)
	return err
}

// count runs a statement and gives the number of rows it changed. Statements
// stay prepared: the texts of them are few.
func (w *writer) count(query string, args ...any) (int64, error) {
	if w.j.shared() { // pgx keeps what it has prepared
		if err := w.flush(); err != nil {
			return 0, err
		}
		res, err := w.conn.ExecContext(w.ctx, query, args...)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	}
	stmt := w.j.stmts[query]
	if stmt == nil {
		var err error
		if stmt, err = w.tx.PrepareContext(w.ctx, query); err != nil {
			return 0, err
		}
		defer stmt.Close()
	} else {
		stmt = w.tx.StmtContext(w.ctx, stmt)
	}
	res, err := stmt.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// The statements of every append.
const (
	insertText  = `INSERT INTO texts (n, field, salt, text) VALUES (?,?,?,?)`
	insertEntry = `INSERT INTO entries (n, at, kind, act_id, parent_id, act, operator_id, person_id, role, bank_id, request_id, outcome, body, hash)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	insertAct  = `INSERT INTO acts (n, environment, outcome, open) VALUES (?,?,?,?)`
	updateAct  = `UPDATE acts SET outcome = ?, open = ? WHERE n = ?`
	insertName = `INSERT INTO names (name, user_id, field, entry, last) VALUES (?,?,?,?,?) ON CONFLICT (name, user_id, field, entry) DO UPDATE SET last = excluded.last`
)

// add writes one entry.
func (w *writer) add(kind Kind, e Entry, step string, r Result) (Stored, error) {
	clean(&e, &r, &step)
	var opening int64
	var err error
	if kind == KindStep || kind == KindOutcome {
		if opening, err = w.openAct(&e); err != nil {
			return Stored{}, err
		}
	}
	rec := newRecord(e, step, r)
	rec.Version, rec.KeyID, rec.N, rec.Prev = formatVersion, keyID(w.j.o.Key), w.head.n+1, hex.EncodeToString(w.head.hash)
	rec.At, rec.Kind, rec.Environment = w.j.o.Now().UTC().UnixNano(), kind, w.j.o.Environment
	texts, err := personal(e, r)
	if err != nil {
		return Stored{}, err
	}
	rec.Texts = map[string]string{}
	for field, text := range texts {
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // never fails
		rec.Texts[field] = textHash(salt, text)
		if err := w.exec(insertText, rec.N, field, salt, text); err != nil {
			return Stored{}, err
		}
	}
	body, err := json.Marshal(rec)
	if err != nil {
		return Stored{}, err
	}
	sum := sha256.Sum256(body)
	if err := w.exec(insertEntry, append(rec.columns(), body, sum[:])...); err != nil {
		return Stored{}, err
	}
	switch kind {
	case KindIntent, KindEvent:
		err = w.exec(insertAct, rec.N, rec.Environment, string(rec.Outcome), yesNo(kind == KindIntent))
	case KindOutcome:
		err = w.exec(updateAct, string(rec.Outcome), yesNo(!rec.Outcome.Final()), opening)
	}
	for _, n := range namesOf(rec.N, e) {
		if err == nil {
			err = w.exec(insertName, n.name, n.userID, n.field, n.entry, rec.N)
		}
	}
	if back := w.at - rec.At; err == nil && back > 0 {
		err = w.exec(`UPDATE clock SET back = back + ?`, back)
	}
	if err != nil {
		return Stored{}, err
	}
	w.head, w.at = head{rec.N, sum[:]}, rec.At
	s := rec.stored(hex.EncodeToString(sum[:]), texts)
	w.done = append(w.done, s)
	return s, nil
}

// yesNo is how a column holds yes and no.
func yesNo(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// openAct fills e with the act's own fields from its intent, so that a step is
// found by the same searches, and refuses an act that is gone or has ended.
func (w *writer) openAct(e *Entry) (opening int64, err error) {
	var act Act
	var operator, person, role, bank, request, parent string
	var open bool
	err = w.row(`SELECT e.n, e.act, e.operator_id, e.person_id, e.role, e.bank_id, e.request_id, e.parent_id, a.open
		FROM entries e JOIN acts a ON a.n = e.n WHERE e.act_id = ? AND e.kind = 'intent'`, e.ActID).
		Scan(&opening, &act, &operator, &person, &role, &bank, &request, &parent, &open)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, refusal{ErrNotFound}
	case err != nil:
		return 0, err
	case !open:
		return 0, refusal{ErrFinished}
	}
	e.Act, e.Operator, e.Person = act, Party{UserID: operator}, Party{UserID: person}
	e.Role, e.BankID, e.EntitlementRequestID, e.ParentID = role, bank, request, parent
	return opening, nil
}
