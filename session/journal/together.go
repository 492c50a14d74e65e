package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// most is how many changes share one transaction.
const most = 100

// task is a change that is to be made.
type task struct {
	ctx   context.Context
	fn    func(*writer) error
	alone bool          // it shares its transaction with no other
	ended chan struct{} // closed after what stands below is set
	done  []Stored
	again bool // what it shared its transaction with failed
	err   error
}

// waiting are the tasks that whoever writes next takes along.
type waiting struct {
	mu   sync.Mutex
	list []*task
}

func (q *waiting) add(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, t)
}

// drop tells whether t waited; it does no longer.
func (q *waiting) drop(t *task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.list, t)
	if i >= 0 {
		q.list = slices.Delete(q.list, i, i+1)
	}
	return i >= 0
}

// take gives those that have waited longest and whose callers still wait.
func (q *waiting) take(most int) (group []*task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(t *task) bool {
		if len(group) == most || t.ctx.Err() != nil {
			return false
		}
		group = append(group, t)
		return true
	})
	return group
}

// change runs fn in a transaction: all its entries and changes are durable when
// it returns nil, else none is. Changes that come together share a transaction, so
// that a disk or a server is waited for once; when one of them fails, each is
// made by itself, so fn may be called again.
func (j *Journal) change(ctx context.Context, fn func(*writer) error) error {
	t := &task{ctx: ctx, fn: fn, ended: make(chan struct{})}
	j.waiting.add(t)
	if j.await(t); t.again {
		t = &task{ctx: ctx, fn: fn, ended: make(chan struct{}), alone: true}
		j.await(t)
	}
	if r := (refusal{}); errors.As(t.err, &r) {
		return r.error
	}
	if t.err != nil {
		if ctx.Err() == nil { // else the caller gave up
			j.unwritten.Add(1)
		}
		return fmt.Errorf("%w: %w", ErrNotWritten, t.err)
	}
	return nil
}

// await returns when t has ended. Whoever gets hold of the chain writes for all
// that wait.
func (j *Journal) await(t *task) {
	select {
	case <-t.ended:
	case <-t.ctx.Done():
		if t.alone || j.waiting.drop(t) {
			t.err = t.ctx.Err()
			return
		}
	case j.hold <- struct{}{}:
		if !t.alone && !j.waiting.drop(t) { // taken along meanwhile
			<-j.hold
			break
		}
		j.lead(t)
	}
	<-t.ended
}

// lead makes the change t and those that wait, and tells each how it ended. The
// chain is let go before anybody waits for a server's disk.
func (j *Journal) lead(t *task) {
	group, before, told, err := j.together(t)
	if err == nil && j.shared() {
		err = j.durable.wait()
	}
	<-before // lines are in the order of the chain
	if err == nil {
		for _, g := range group {
			for _, s := range g.done {
				j.o.Logger.InfoContext(g.ctx, "journal head", "n", s.N, "hash", s.Hash)
				j.tell(g.ctx, s)
			}
		}
	}
	close(told)
	for _, g := range group {
		g.err = err
		close(g.ended)
	}
}

// together makes the transaction: t's change, then the others', taken along once
// the chain is held.
func (j *Journal) together(t *task) (group []*task, before, told chan struct{}, err error) {
	defer func() { <-j.hold }()
	group = []*task{t}
	w, whole := &writer{j: j, ctx: context.WithoutCancel(t.ctx)}, false
	err = w.run(t.ctx, func(w *writer) error {
		if !t.alone {
			group = append(group, j.waiting.take(most-1)...)
		}
		for _, g := range group {
			from := len(w.done)
			if err := g.run(w, len(group) > 1); err != nil {
				return err
			}
			g.done = w.done[from:]
		}
		whole = true
		return nil
	})
	if err != nil && len(group) > 1 && (!whole || undone(err)) {
		for _, g := range group {
			g.again = true
		}
	}
	if err == nil && len(w.done) > 0 {
		j.head.Store(&w.head)
	}
	before, told = j.told, make(chan struct{})
	j.told = told
	return group, before, told, err
}

// run calls the change. One that panics beside others is to panic by itself.
func (t *task) run(w *writer, beside bool) (err error) {
	if beside {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
	}
	return t.fn(w)
}

// undone tells whether err says that nothing was written: the server lives and
// refused a statement.
func undone(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.SeverityUnlocalized == "ERROR"
}
