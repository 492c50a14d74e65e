package obp

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// lastCalls is how many calls of an operation are remembered.
const lastCalls = 100

// CallStats is what became of the last calls of one operation, at most 100.
type CallStats struct {
	Op     string // "METHOD /path/pattern"
	Calls  int
	Failed int // no answer, or status 500 and above
	Last   int // HTTP status of the last one, 0: no answer
	At     time.Time
	Took   time.Duration // of the last one
	Median time.Duration
	Worst  time.Duration
}

// Limits are what the server said last of its limit for this console.
type Limits struct {
	Limit, Remaining, Reset string // as sent, in requests and seconds; empty: never sent
	At                      time.Time
}

// QueueSeen is what the last list of all open entitlement requests said.
type QueueSeen struct {
	Open   int
	Oldest time.Time // when the oldest was made, zero: none is open
	At     time.Time // zero: nobody has asked for the list yet
}

// Health is how the server was seen by this client since the program started.
type Health struct {
	Circuit string // "closed" (calls go out), "open" or "half-open"
	Calls   []CallStats
	Limits  Limits
	Queue   QueueSeen
}

// Health says how the last calls went. It sends nothing.
func (c *Client) Health() Health {
	h := c.seen.stats()
	h.Circuit = c.wall.two.State().String()
	return h
}

// health keeps the last calls by operation.
type health struct {
	mu     sync.Mutex
	ops    map[string]*lately
	limits Limits
	queue  QueueSeen
}

// open keeps what a list of all open requests said.
func (h *health) open(all []EntitlementRequest, at time.Time) {
	q := QueueSeen{Open: len(all), At: at}
	for _, x := range all {
		if q.Oldest.IsZero() || x.Created.Before(q.Oldest) {
			q.Oldest = x.Created
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue = q
}

type lately struct {
	took   [lastCalls]time.Duration
	failed [lastCalls]bool
	n      int // calls so far
	status int
	at     time.Time
}

func (h *health) add(op string, at time.Time, took time.Duration, status int, header http.Header) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ops == nil {
		h.ops = map[string]*lately{}
	}
	l := h.ops[op]
	if l == nil {
		l = &lately{}
		h.ops[op] = l
	}
	i := l.n % lastCalls
	l.took[i], l.failed[i] = took, status == 0 || status >= 500
	l.n++
	l.status, l.at = status, at
	if v := header.Get("X-Rate-Limit-Limit"); v != "" && len(v) <= 20 {
		h.limits = Limits{v, clip(header.Get("X-Rate-Limit-Remaining"), 20), clip(header.Get("X-Rate-Limit-Reset"), 20), at}
	}
}

func (h *health) stats() Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := Health{Limits: h.limits, Queue: h.queue}
	for op, l := range h.ops {
		n := min(l.n, lastCalls)
		took := slices.Clone(l.took[:n])
		slices.Sort(took)
		s := CallStats{Op: op, Calls: n, Last: l.status, At: l.at, Took: l.took[(l.n-1)%lastCalls], Median: took[n/2], Worst: took[n-1]}
		for _, f := range l.failed[:n] {
			if f {
				s.Failed++
			}
		}
		out.Calls = append(out.Calls, s)
	}
	slices.SortFunc(out.Calls, func(a, b CallStats) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Op, b.Op)) })
	return out
}
