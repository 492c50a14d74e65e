package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"obpconsole/session/database"
)

// undoTimeout bounds a rollback.
const undoTimeout = 5 * time.Second

// runShared is run over a server. Others wait while the chain is held, so as
// little as can be is sent back and forth: the lock is asked for before anything
// is read, so that what is read is what the last writer left, and the end goes
// with what was written.
func (w *writer) runShared(ctx context.Context, fn func(*writer) error) (err error) {
	if w.conn, err = w.j.db.Conn(ctx); err != nil {
		return err
	}
	w.on = w.conn
	defer func() { err = errors.Join(err, w.conn.Close()) }()
	ended := false
	defer func() {
		if !ended || err != nil {
			w.undo()
		}
	}()
	var at sql.NullInt64
	err = database.Pipeline(ctx, w.conn, []database.Statement{{Query: `BEGIN`},
		{Query: `SELECT pg_advisory_xact_lock('head'::regclass::oid::int, 0)`},
		{Query: selectHead, Into: []any{&w.head.n, &w.head.hash, &at}}})
	w.at = at.Int64
	if err == nil {
		err = w.write(fn)
	}
	if err == nil {
		err = w.exec(`COMMIT`)
	}
	if err == nil {
		err = w.flush()
	}
	ended = true
	return err
}

func (w *writer) undo() {
	ctx, cancel := context.WithTimeout(w.ctx, undoTimeout)
	defer cancel()
	if _, err := w.conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		database.Drop(w.conn)
	}
}

// flush sends what waits.
func (w *writer) flush() error {
	if len(w.wait) == 0 {
		return nil
	}
	list := w.wait
	w.wait = nil
	return database.Pipeline(w.ctx, w.conn, list)
}

type scanner interface{ Scan(...any) error }

// failed is a row that could not be asked for.
type failed struct{ err error }

// Scan gives why.
func (f failed) Scan(...any) error { return f.err }
