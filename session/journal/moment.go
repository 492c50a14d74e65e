package journal

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// moment is the journal as it stood at one moment. PostgreSQL answers one
// query at a time over a connection, so that each cursor has one of its own.
type moment struct {
	*sql.Tx
	cursors []*sql.Tx // empty: one transaction serves all
}

// cursorsOfWalk are read side by side: entries, texts, acts.
const cursorsOfWalk = 3

// snapshot begins to read. It is ended by end.
func (j *Journal) snapshot(ctx context.Context) (*moment, error) {
	if !j.shared() {
		tx, err := j.read.BeginTx(ctx, nil)
		return &moment{Tx: tx}, err
	}
	o := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	tx, err := j.read.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &moment{Tx: tx}
	var id string
	err = tx.QueryRowContext(ctx, `SELECT pg_export_snapshot()`).Scan(&id)
	for range cursorsOfWalk {
		var c *sql.Tx
		if err == nil {
			c, err = j.read.BeginTx(ctx, o)
		}
		if err == nil {
			s.cursors = append(s.cursors, c)
			_, err = c.ExecContext(ctx, `SET TRANSACTION SNAPSHOT '`+strings.ReplaceAll(id, `'`, ``)+`'`)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

// cursor gives the transaction for the i-th of the cursors that are open at once.
func (s *moment) cursor(i int) *sql.Tx {
	if len(s.cursors) == 0 {
		return s.Tx
	}
	return s.cursors[i]
}

// end gives the connections back. Nothing was written.
func (s *moment) end() error {
	var errs []error
	for _, c := range s.cursors {
		errs = append(errs, c.Rollback())
	}
	return errors.Join(append(errs, s.Rollback())...)
}
