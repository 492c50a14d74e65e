package sandbox

import (
	"context"
	"fmt"
	"time"
)

// A forgotten hold or hang-up must not keep a server from shutting down.
const longest = 5 * time.Minute

// heldCall is a call that stands still until released.
type heldCall struct {
	op      string
	at      string // "before", "between", "after", or "late" while it waits for the hang-up
	release chan struct{}
}

// signal wakes those who wait for a change; fs.mu is held.
func (fs *faults) signal() {
	close(fs.changed)
	fs.changed = make(chan struct{})
}

// hold blocks until released. The client hanging up does not release: what was
// held happens all the same.
func (fs *faults) hold(op, at string) { fs.holdUntil(nil, op, at) }

// holdUntil also ends when done does.
func (fs *faults) holdUntil(done <-chan struct{}, op, at string) {
	c := &heldCall{op, at, make(chan struct{})}
	fs.mu.Lock()
	fs.held = append(fs.held, c)
	fs.signal()
	fs.mu.Unlock()
	bound := time.NewTimer(longest)
	defer bound.Stop()
	select {
	case <-c.release:
	case <-done:
		fs.drop(func(h *heldCall) bool { return h == c })
	case <-bound.C:
		fs.drop(func(h *heldCall) bool { return h == c })
	}
}

// drop releases the held calls that match and says how many.
func (fs *faults) drop(match func(*heldCall) bool) int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var keep []*heldCall
	n := 0
	for _, c := range fs.held {
		if !match(c) {
			keep = append(keep, c)
			continue
		}
		close(c.release)
		n++
	}
	fs.held = keep
	if n > 0 {
		fs.signal()
	}
	return n
}

// WaitHeld waits until n calls of an operation stand held at "before",
// "between", "after" or "late" (waiting for the client to hang up); "" counts
// all. Its error is the context's.
func (s *Server) WaitHeld(ctx context.Context, op, at string, n int) error {
	name := heldName(op)
	for {
		s.faults.mu.Lock()
		have, changed := 0, s.faults.changed
		for _, c := range s.faults.held {
			if (name == "" || c.op == name) && (at == "" || c.at == at) {
				have++
			}
		}
		s.faults.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("sandbox: %d of %d calls of %q held: %w", have, n, op, context.Cause(ctx))
		}
	}
}

// Release lets the held calls of an operation go, "" all, and says how many
// there were. The fault itself stays as SetFault's Times says.
func (s *Server) Release(op string) int {
	name := heldName(op)
	return s.faults.drop(func(c *heldCall) bool { return name == "" || c.op == name })
}

func heldName(op string) string {
	if op == "" {
		return ""
	}
	return opName(op)
}

// window stands between the duplicate check and the insert of a grant. s.mu is
// held on entry and on return, not in between: what the caller looked up may
// have changed.
func (s *Server) window(r *request) {
	s.faults.mu.Lock()
	d := s.faults.race
	s.faults.mu.Unlock()
	between := r.fault != nil && r.fault.Hold == "between"
	if d == 0 && !between {
		return
	}
	s.mu.Unlock()
	defer s.mu.Lock()
	if between {
		s.faults.hold(r.op, "between")
	}
	wait(context.Background(), d)
}

// wait waits, shorter when the client is gone.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
