package obp

import (
	"context"
	"sync"
	"time"
)

// Meter counts the OBP calls of one request of the console, or of a part of it.
type Meter struct {
	requestID string // goes with every call as X-Request-ID; empty: none
	parent    *Meter // counts them too

	mu    sync.Mutex
	calls int
	took  time.Duration
	last  answered // of the call that ended last
	write answered // of the write that ended last
}

type answered struct {
	status      int
	correlation string
}

type meterKey struct{}

// WithMeter gives a context whose OBP calls are counted. A meter that the
// context has already goes on counting, and gives the request's id.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	m := &Meter{}
	if m.parent = meterOf(ctx); m.parent != nil {
		m.requestID = m.parent.requestID
	}
	return context.WithValue(ctx, meterKey{}, m), m
}

// WithRequest is WithMeter with the id of the console's request, a UUID. It
// goes with every call as X-Request-ID, which a later OBP takes for its own
// Correlation-Id and v5.0.0 leaves alone.
func WithRequest(ctx context.Context, id string) (context.Context, *Meter) {
	ctx, m := WithMeter(ctx)
	m.requestID = id
	return ctx, m
}

func meterOf(ctx context.Context) *Meter {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	return m
}

// request is the id that goes with a call, empty without a meter.
func (m *Meter) request() string {
	if m == nil {
		return ""
	}
	return m.requestID
}

// Totals gives the calls made and the sum of their times.
func (m *Meter) Totals() (calls int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.took
}

// Last gives HTTP status and correlation id of the call that ended last.
func (m *Meter) Last() (status int, correlationID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last.status, m.last.correlation
}

// LastWrite is Last of the POST, PUT or DELETE that ended last in ctx; 0 and
// empty when there was none, or no answer.
func LastWrite(ctx context.Context) (status int, correlationID string) {
	m := meterOf(ctx)
	if m == nil {
		return 0, ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write.status, m.write.correlation
}

func (m *Meter) add(d time.Duration, write bool, status int, correlation string) {
	for ; m != nil; m = m.parent {
		m.mu.Lock()
		m.calls++
		m.took += d
		m.last = answered{status, correlation}
		if write {
			m.write = m.last
		}
		m.mu.Unlock()
	}
}
