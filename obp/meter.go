package obp

import (
	"context"
	"sync"
	"time"
)

// Meter counts the OBP calls of one request of the console.
type Meter struct {
	mu          sync.Mutex
	calls       int
	took        time.Duration
	status      int
	correlation string
}

type meterKey struct{}

// WithMeter gives a context whose OBP calls are counted.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	m := &Meter{}
	return context.WithValue(ctx, meterKey{}, m), m
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
	return m.status, m.correlation
}

func (m *Meter) add(d time.Duration, status int, correlation string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.took += d
	m.status, m.correlation = status, correlation
}
