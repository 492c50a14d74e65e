package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"obpconsole/session/database"
)

// node is the sign of life of a process that shares the journal: an advisory
// lock, which the server lets go when the process is gone. What a dead node
// held is free at once.
type node struct {
	url  string
	mu   sync.Mutex
	db   *sql.DB
	conn *sql.Conn
	id   int32
}

// nodeTimeout bounds the question whether the sign still stands.
const nodeTimeout = 5 * time.Second

// nodeLives is a condition over a row of turns: its holder's process lives.
const nodeLives = `EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
	AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
	AND l.classid = 'turns'::regclass::oid AND l.objid = turns.node::oid)`

// alive gives the node's number, after its sign of life was seen to stand. One
// that was lost with its connection is set up again, under the same number
// unless the server still holds that for the lost connection.
func (n *node) alive() (int32, error) {
	// No caller's end may end the connection: other turns hang on it.
	ctx, cancel := context.WithTimeout(context.Background(), nodeTimeout)
	defer cancel()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conn != nil {
		if n.conn.PingContext(ctx) == nil {
			return n.id, nil
		}
		_ = n.conn.Close()
		n.conn = nil
	}
	var err error
	if n.db == nil {
		if n.db, err = database.Postgres(n.url, database.Options{Conns: 1}); err != nil {
			return 0, err
		}
	}
	conn, err := n.db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	for range 3 {
		if n.id == 0 {
			n.id = rand.Int32N(1<<31-1) + 1
		}
		var got bool
		if err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock('turns'::regclass::oid::int, ?)`, n.id).Scan(&got); err != nil {
			break
		}
		if got {
			n.conn = conn
			return n.id, nil
		}
		n.id = 0
	}
	return 0, errors.Join(err, errors.New("no number for this node"), conn.Close())
}

func (n *node) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.db == nil {
		return nil
	}
	var err error
	if n.conn != nil {
		err = n.conn.Close()
	}
	return errors.Join(err, n.db.Close())
}

// take takes a turn that is free, has ended, or is of a dead node; false when
// somebody has it.
func (j *Journal) take(ctx context.Context, k TurnKey, who []byte, actID string, since, until int64) (bool, error) {
	cols, marks, set, free := ``, ``, ``, `turns.until <= excluded.since`
	args := []any{k.UserID, k.Role, k.BankID, string(who), actID, since, until}
	if j.shared() {
		id, err := j.node.alive()
		if err != nil {
			return false, err
		}
		args = append(args, id)
		cols, marks, set, free = `, node`, `,?`, `, node = excluded.node`, free+` OR NOT `+nodeLives
	}
	res, err := j.db.ExecContext(ctx, `INSERT INTO turns (user_id, role, bank_id, holder, act_id, since, until`+cols+`) VALUES (?,?,?,?,?,?,?`+marks+`)
		ON CONFLICT (user_id, role, bank_id) DO UPDATE SET holder = excluded.holder, act_id = excluded.act_id, since = excluded.since, until = excluded.until`+set+`
		WHERE `+free, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return err == nil && n > 0, err
}

// DropTurns ends the turns of processes that died. It is for the start of a
// process; one that has the journal to itself ends every turn.
func (j *Journal) DropTurns(ctx context.Context) error {
	q := `DELETE FROM turns`
	if j.shared() {
		q += ` WHERE NOT ` + nodeLives
	}
	if _, err := j.db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	return nil
}
