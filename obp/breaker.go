package obp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"
)

// breaker keeps OBP from being asked while it does not answer. It sits in the
// transport, so that the body of an answer with an error is kept.
type breaker struct {
	next http.RoundTripper
	two  *gobreaker.TwoStepCircuitBreaker[any]
	fair time.Duration // a caller who waits less says nothing about OBP
}

const (
	breakerFailures = 8               // in a row open it
	breakerPause    = 5 * time.Second // then one call is let through; its success closes it
)

func newBreaker(next http.RoundTripper, fair time.Duration) *breaker {
	return &breaker{next: next, fair: fair, two: gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name: "obp", MaxRequests: 1, Timeout: breakerPause, // no Interval: it would drop calls that outlast it
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
		IsExcluded:  func(err error) bool { return err == errGaveUp },
	})}
}

var (
	errServer = errors.New("server failure")
	errGaveUp = errors.New("the caller gave up")
)

// RoundTrip counts connection faults, time-outs and 502, 503, 504 as failures.
// A call that the caller gave up counts neither way.
func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	done, err := b.two.Allow()
	if err != nil {
		return nil, err
	}
	outcome := errServer // also when next panics: a trial must end
	defer func() { done(outcome) }()
	start := time.Now()
	resp, err := b.next.RoundTrip(r)
	switch {
	case errors.Is(err, context.Canceled),
		errors.Is(err, context.DeadlineExceeded) && time.Since(start) < b.fair:
		outcome = errGaveUp
	case err != nil:
		outcome = err
	case resp.StatusCode < 502 || resp.StatusCode > 504:
		outcome = nil
	}
	return resp, err
}
