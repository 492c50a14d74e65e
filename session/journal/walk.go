package journal

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// rawText is a row of texts; whole is false when it is not of the types written.
type rawText struct {
	n     int64
	field string
	salt  []byte
	text  string
	whole bool
}

// rawAct is a row of acts.
type rawAct struct {
	n                    int64
	environment, outcome string
	open                 bool
	whole                bool
}

// rawEntry is a row of entries with what belongs to it.
type rawEntry struct {
	n       int64
	columns [11]any
	body    []byte
	hash    []byte
	texts   []rawText
	act     *rawAct
	stray   []rawText // texts of no entry, before this one
	lost    []rawAct
}

// perChunk is how many entries go from the reader to the checker at once.
const perChunk = 256

type chunk struct {
	entries []rawEntry
	err     error
}

// walk reads the entries after n from a snapshot, at most limit (0: all), while
// fn checks those before. The last call gets no entry, but what is left over.
func walk(ctx context.Context, tx *moment, n, limit int64, fn func(*rawEntry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	chunks, free := make(chan *chunk, 2), make(chan *chunk, 4)
	defer func() {
		cancel()
		for range chunks { // the reader has left the snapshot when they end
		}
	}()
	go func() {
		defer close(chunks)
		if err := readChunks(ctx, tx, n, limit, chunks, free); err != nil {
			select {
			case chunks <- &chunk{err: err}:
			case <-ctx.Done():
			}
		}
	}()
	for c := range chunks {
		for i := range c.entries {
			if err := fn(&c.entries[i]); err != nil {
				return err
			}
		}
		if c.err != nil {
			return c.err
		}
		select {
		case free <- c:
		default:
		}
	}
	return ctx.Err()
}

func readChunks(ctx context.Context, tx *moment, n, limit int64, out chan<- *chunk, free <-chan *chunk) error {
	if limit == 0 {
		limit = math.MaxInt64
	}
	entries, err := tx.cursor(0).QueryContext(ctx, `SELECT n, at, kind, act_id, parent_id, act, operator_id, person_id, role, bank_id, request_id, outcome, body, hash
		FROM entries WHERE n > ? ORDER BY n LIMIT ?`, n, limit)
	if err != nil {
		return err
	}
	defer entries.Close()
	texts, err := open(ctx, tx.cursor(1), `SELECT n, field, salt, text FROM texts WHERE n > ? ORDER BY n, field`, n, scanText)
	if err != nil {
		return err
	}
	defer texts.rows.Close()
	acts, err := open(ctx, tx.cursor(2), `SELECT n, environment, outcome, open FROM acts WHERE n > ? ORDER BY n`, n, scanAct)
	if err != nil {
		return err
	}
	defer acts.rows.Close()

	var c *chunk
	next := func() *rawEntry {
		if c == nil {
			select {
			case c = <-free:
				c.entries = c.entries[:0]
			default:
				c = &chunk{entries: make([]rawEntry, 0, perChunk)}
			}
		}
		c.entries = c.entries[:len(c.entries)+1]
		e := &c.entries[len(c.entries)-1]
		e.texts, e.stray, e.lost, e.act, e.n = e.texts[:0], nil, nil, nil, 0
		return e
	}
	send := func() error {
		select {
		case out <- c:
			c = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	read := int64(0)
	for ; entries.Next(); read++ {
		e := next()
		col := &e.columns
		var body, hash sql.RawBytes
		if err := entries.Scan(&e.n, &col[0], &col[1], &col[2], &col[3], &col[4], &col[5], &col[6], &col[7], &col[8], &col[9], &col[10], &body, &hash); err != nil {
			return err
		}
		e.body, e.hash = append(e.body[:0], body...), append(e.hash[:0], hash...)
		for t := texts.peek(); t != nil && t.n <= e.n; t = texts.peek() {
			if t.n == e.n {
				e.texts = append(e.texts, texts.take())
			} else {
				e.stray = append(e.stray, texts.take())
			}
		}
		for a := acts.peek(); a != nil && a.n <= e.n; a = acts.peek() {
			if row := acts.take(); row.n == e.n {
				e.act = &row
			} else {
				e.lost = append(e.lost, row)
			}
		}
		if len(c.entries) == perChunk {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := entries.Err(); err != nil {
		return err
	}
	if read < limit {
		e := next()
		for texts.peek() != nil {
			e.stray = append(e.stray, texts.take())
		}
		for acts.peek() != nil {
			e.lost = append(e.lost, acts.take())
		}
	}
	if err := texts.err(); err != nil {
		return err
	}
	if err := acts.err(); err != nil {
		return err
	}
	if c != nil {
		return send()
	}
	return nil
}

// cursor reads rows one ahead.
type cursor[T any] struct {
	rows  *sql.Rows
	scan  func(*sql.Rows, *T) error
	ahead *T
	row   T
	fail  error
}

func open[T any](ctx context.Context, tx *sql.Tx, query string, after int64, scan func(*sql.Rows, *T) error) (*cursor[T], error) {
	rows, err := tx.QueryContext(ctx, query, after)
	return &cursor[T]{rows: rows, scan: scan}, err
}

// peek gives the next row, nil when there is none or it could not be read.
func (c *cursor[T]) peek() *T {
	if c.ahead == nil && c.fail == nil && c.rows.Next() {
		if c.fail = c.scan(c.rows, &c.row); c.fail == nil {
			c.ahead = &c.row
		}
	}
	return c.ahead
}

func (c *cursor[T]) take() T {
	c.ahead = nil
	return c.row
}

func (c *cursor[T]) err() error {
	if c.fail != nil {
		return c.fail
	}
	return c.rows.Err()
}

func scanText(rows *sql.Rows, t *rawText) error {
	var n, field, salt, text any
	if err := rows.Scan(&n, &field, &salt, &text); err != nil {
		return err
	}
	var ok [4]bool
	t.n, ok[0] = n.(int64)
	t.field, ok[1] = field.(string)
	t.salt, ok[2] = salt.([]byte)
	t.text, ok[3] = text.(string)
	if !ok[1] {
		t.field = fmt.Sprint(field)
	}
	t.whole = ok == [4]bool{true, true, true, true}
	return nil
}

func scanAct(rows *sql.Rows, a *rawAct) error {
	var environment, outcome, open any
	if err := rows.Scan(&a.n, &environment, &outcome, &open); err != nil {
		return err
	}
	var ok [3]bool
	a.environment, ok[0] = environment.(string)
	a.outcome, ok[1] = outcome.(string)
	n, isInt := open.(int64)
	a.open, ok[2] = n == 1, isInt && n>>1 == 0
	a.whole = ok == [3]bool{true, true, true}
	return nil
}
