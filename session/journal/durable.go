package journal

import (
	"context"
	"database/sql"
	"sync"
)

// durable waits until what was committed is on the server's disk. The chain's
// commits do not, so that nobody waits for a disk while they hold the chain: one
// commit that does wait covers all before it, since the server's log has one
// order. Those who wait meanwhile share the next.
type durable struct {
	db *sql.DB

	mu      sync.Mutex
	next    *flight // not begun; nil: nobody waits for it
	running bool
}

type flight struct {
	done chan struct{}
	err  error
}

// wait returns when everything that was committed before is durable.
func (d *durable) wait() error {
	d.mu.Lock()
	f := d.next
	if f == nil {
		f = &flight{done: make(chan struct{})}
		d.next = f
	}
	if !d.running {
		d.running = true
		go d.fly()
	}
	d.mu.Unlock()
	<-f.done
	return f.err
}

func (d *durable) fly() {
	for {
		d.mu.Lock()
		f := d.next
		d.next = nil
		d.running = f != nil
		d.mu.Unlock()
		if f == nil {
			return
		}
		// A transaction that writes to the log alone.
		_, f.err = d.db.ExecContext(context.Background(), `SELECT pg_logical_emit_message(true, 'obpconsole', '')`)
		close(f.done)
	}
}

func (d *durable) close() error {
	if d == nil {
		return nil
	}
	return d.db.Close()
}
