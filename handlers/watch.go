package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// Request is one request that was answered, for a metric. It holds no address
// as it was asked and nobody's name.
type Request struct {
	Method string // "other" for one that HTTP does not define
	Route  string // pattern, "unmatched" when there is none
	Status int
	Took   time.Duration
}

// watch is what observe works with.
type watch struct {
	log     *slog.Logger
	now     func() time.Time
	broken  http.Handler
	trusted []netip.Prefix // whose X-Request-Id is taken over
	told    func(Request)  // nil: nobody
}

// requestID is the id of a request: the one that a trusted proxy gave it, when
// that is a UUID, else a new one. Nobody else may choose what stands in the
// log and the journal.
func (o watch) requestID(r *http.Request) string {
	if given := r.Header.Get("X-Request-Id"); given != "" && o.fromProxy(r) {
		if id, err := uuid.Parse(given); err == nil && len(given) == len(id.String()) {
			return id.String()
		}
	}
	return uuid.NewString()
}

func (o watch) fromProxy(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, p := range o.trusted {
		if p.Contains(at.Addr().Unmap()) {
			return true
		}
	}
	return false
}

func (o watch) done(r *http.Request, status int, took time.Duration) {
	if o.told == nil {
		return
	}
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	o.told(Request{method, routeOf(r), status, took})
}

// answered adds what OBP said to the last write of ctx, when res does not say
// what OBP answered: of a success no error tells it.
func answered(ctx context.Context, res *journal.Result) {
	if res.OBPStatus == 0 && res.CorrelationID == "" {
		res.OBPStatus, res.CorrelationID = obp.LastWrite(ctx)
	}
}

// step records a fact of an act under way, with OBP's answer to the write that
// made it.
func (s *Server) step(ctx context.Context, i journal.Intent, step journal.Step) error {
	res := journal.Result{CorrelationID: step.CorrelationID}
	answered(ctx, &res)
	if step.CorrelationID = res.CorrelationID; step.OBPStatus == 0 {
		step.OBPStatus = res.OBPStatus
	}
	return s.Journal.Step(ctx, i, step)
}

// AlarmOf tells as what alarm an open act stands on the first page:
// "emergency", "unfinished", or "" for one that waits for its own operator.
func AlarmOf(a journal.Act) string {
	switch {
	case a == ActEmergency:
		return "emergency"
	case isBatch(a):
		return ""
	}
	return "unfinished"
}
