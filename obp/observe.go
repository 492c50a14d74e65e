package obp

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Call is one try of a call to OBP that ended. It holds nothing personal.
type Call struct {
	Op            string // "METHOD /path/pattern"
	Write         bool
	Sent          bool // false: the circuit is open, and nothing went out
	GaveUp        bool // the caller went away, which says nothing about OBP
	Status        int  // HTTP status, 0: no answer
	Code          string
	Took          time.Duration
	CorrelationID string // OBP's
	RequestID     string // the console's, see WithRequest
}

// Failed tells whether OBP gave no answer, or an answer of its own failure.
func (c Call) Failed() bool { return c.Status == 0 && !c.GaveUp || c.Status >= 500 }

// told gives a call that ended to whoever watches.
func (c *Client) told(ctx context.Context, e *Error, write bool, took time.Duration, err error) {
	if c.cfg.Observe == nil {
		return
	}
	c.cfg.Observe(ctx, Call{Op: e.Op, Write: write, Sent: !errors.Is(err, gobreaker.ErrOpenState) && !errors.Is(err, gobreaker.ErrTooManyRequests),
		GaveUp: errors.Is(err, context.Canceled), Status: e.Status, Code: e.Code, Took: took, CorrelationID: e.CorrelationID, RequestID: meterOf(ctx).request()})
}
