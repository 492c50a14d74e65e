package main

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"obpconsole/handlers"
	"obpconsole/obp"
)

// metrics is what the console counts while it works; docs/watching.md says what
// each tells. A label is a pattern, a status or a word of the program, never
// what somebody typed.
type metrics struct {
	reg      *prometheus.Registry
	answered *prometheus.CounterVec
	took     *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	callTook *prometheus.HistogramVec
}

// buckets are in seconds: a page is a few milliseconds over what OBP takes, and
// OBP gives up after 55 s.
var buckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

func newMetrics() *metrics {
	count := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	times := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &metrics{
		reg:      prometheus.NewRegistry(),
		answered: count("obpconsole_requests_total", "Requests that were answered, by the pattern of their route.", "method", "route", "status"),
		took:     times("obpconsole_request_duration_seconds", "Time to answer a request, OBP's included.", "route"),
		calls:    count("obpconsole_obp_calls_total", "Tries of calls to OBP by operation: the status that came, no_answer, given_up when the browser went away, or not_sent while the circuit is open.", "operation", "status"),
		callTook: times("obpconsole_obp_call_duration_seconds", "Time that OBP took for a call that was sent, by operation.", "operation"),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "obpconsole_build_info", Help: "1; the labels say which version runs.",
		ConstLabels: prometheus.Labels{"version": versionText(), "go_version": runtime.Version()}})
	build.Set(1)
	m.reg.MustRegister(m.answered, m.took, m.calls, m.callTook, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// requests counts the requests that were answered; nil when metrics are off.
func (m *metrics) requests() func(handlers.Request) {
	if m == nil {
		return nil
	}
	return func(r handlers.Request) {
		m.answered.WithLabelValues(r.Method, r.Route, strconv.Itoa(r.Status)).Inc()
		m.took.WithLabelValues(r.Route).Observe(r.Took.Seconds())
	}
}

// call counts a try of a call to OBP.
func (m *metrics) call(c obp.Call) {
	status := strconv.Itoa(c.Status)
	switch {
	case !c.Sent:
		status = "not_sent"
	case c.GaveUp:
		status = "given_up"
	case c.Status == 0:
		status = "no_answer"
	}
	m.calls.WithLabelValues(c.Op, status).Inc()
	if c.Sent && !c.GaveUp {
		m.callTook.WithLabelValues(c.Op).Observe(c.Took.Seconds())
	}
}

// handler answers GET /metrics and nothing else.
func (m *metrics) handler(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError),
		MaxRequestsInFlight: 4, Timeout: scrapeWithin}))
	return mux
}

// scrapeWithin bounds a scrape, and what it asks of the stores.
const scrapeWithin = 8 * time.Second

// watchCalls writes a line for each call to OBP, and counts it when m is not
// nil. What failed is a warning; a write and a refusal are told; a read that
// went well is for debugging.
func watchCalls(log *slog.Logger, m *metrics) func(context.Context, obp.Call) {
	return func(ctx context.Context, c obp.Call) {
		if m != nil {
			m.call(c)
		}
		level := slog.LevelDebug
		switch {
		case c.Failed():
			level = slog.LevelWarn
		case c.Write || c.Status >= 400:
			level = slog.LevelInfo
		}
		if log.Enabled(ctx, level) {
			log.LogAttrs(ctx, level, "obp call", slog.String("operation", c.Op), slog.Int("status", c.Status), slog.String("code", c.Code),
				slog.Bool("sent", c.Sent), slog.Float64("ms", float64(c.Took.Microseconds())/1000),
				slog.String("correlation_id", c.CorrelationID), slog.String("request_id", c.RequestID))
		}
	}
}

// serveMetrics answers on a listener of its own until end is called, when
// metrics are on.
func (w *console) serveMetrics(ctx context.Context, addr string, log *slog.Logger) (end func() error, err error) {
	if w.metrics == nil {
		return func() error { return nil }, nil
	}
	l, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	w.metrics.watchState(w.watched)
	log.Info("metrics", "url", "http://"+l.Addr().String()+"/metrics")
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	s := newServer(w.metrics.handler(log), log)
	s.WriteTimeout = 2 * scrapeWithin
	go func() { done <- serveUntil(ctx, s, l, func() {}) }()
	return func() error { stop(); return <-done }, nil
}
