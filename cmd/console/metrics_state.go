package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"obpconsole/handlers"
	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
)

// state reads at each scrape what stands in the console's stores and files. It
// asks OBP for nothing.
type state struct {
	obp      *obp.Client
	sessions *session.Manager
	journal  *journal.Journal
	dir      string // of the journal's file; empty: it lies in a database
	certs    map[string]*certificate
	young    time.Duration // an act that began later may still run
	log      *slog.Logger
	now      func() time.Time
	failed   *prometheus.CounterVec
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("obpconsole_"+name, help, labels, nil)
}

var (
	circuitDesc    = desc("obp_circuit_state", "1 for the state that the circuit to OBP is in.", "state")
	limitLeftDesc  = desc("obp_rate_limit_remaining", "Calls left in the window, as OBP said last; -1: without limit.")
	queueOpenDesc  = desc("queue_open_requests", "Open requests for roles, as the last list of all of them said.")
	queueAgeDesc   = desc("queue_oldest_age_seconds", "Age of the oldest of them, 0 when none is open.")
	queueSeenDesc  = desc("queue_seen_timestamp_seconds", "When that list came; the console asks for it when somebody looks.")
	sessionsDesc   = desc("sessions", "People signed in.")
	openActsDesc   = desc("unfinished_acts", "Acts without a final outcome, those under way included.", "act")
	oldestActDesc  = desc("unfinished_acts_oldest_timestamp_seconds", "When the oldest of them began.", "act")
	alarmsDesc     = desc("alarms", "What the first pages show as alarms: unfinished, emergency, second_person, journal_faults.", "kind")
	alarmSinceDesc = desc("alarms_oldest_timestamp_seconds", "When the oldest of them began.", "kind")
	headDesc       = desc("journal_head", "Number of the newest entry that this console wrote or found at its start.")
	unwrittenDesc  = desc("journal_write_failures_total", "Entries that could not be written; their acts were not done, or their outcome is unknown.")
	untoldDesc     = desc("journal_line_failures_total", "Lines for the collector that could not be written; their entries stand.")
	checkedDesc    = desc("journal_checked_timestamp_seconds", "When the chain was checked last.")
	diskFreeDesc   = desc("disk_free_bytes", "Free for the console on the disk of the journal.")
	diskSizeDesc   = desc("disk_size_bytes", "Size of that disk.")
	certDesc       = desc("certificate_expiry_timestamp_seconds", "When a certificate ends: console (shown to browsers), obp_client (shown to OBP).", "certificate")
)

var stateDescs = []*prometheus.Desc{circuitDesc, limitLeftDesc, queueOpenDesc, queueAgeDesc, queueSeenDesc, sessionsDesc, openActsDesc, oldestActDesc, alarmsDesc, alarmSinceDesc,
	headDesc, unwrittenDesc, untoldDesc, checkedDesc, diskFreeDesc, diskSizeDesc, certDesc}

// watchState adds what is read at each scrape.
func (m *metrics) watchState(s *state) {
	s.failed = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "obpconsole_scrape_failures_total", Help: "Values that could not be read for a scrape, and are missing from it."}, []string{"of"})
	for of := range s.reads() {
		s.failed.WithLabelValues(of) // so that it begins at 0
	}
	m.reg.MustRegister(s.failed, s)
}

// Describe implements prometheus.Collector.
func (s *state) Describe(out chan<- *prometheus.Desc) {
	for _, d := range stateDescs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *state) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s.server(gauge)
	for of, read := range s.reads() {
		if err := read(ctx, gauge); err != nil {
			s.failed.WithLabelValues(of).Inc()
			s.log.ErrorContext(ctx, "a metric could not be read", "of", of, "error", err)
		}
	}
	n, _ := s.journal.Head()
	gauge(headDesc, float64(n))
	f := s.journal.Failures()
	out <- prometheus.MustNewConstMetric(unwrittenDesc, prometheus.CounterValue, float64(f.Entries))
	out <- prometheus.MustNewConstMetric(untoldDesc, prometheus.CounterValue, float64(f.Lines))
	for name, c := range s.certs {
		if c != nil {
			gauge(certDesc, unix(c.until()), name)
		}
	}
}

// reads are what can fail.
func (s *state) reads() map[string]func(context.Context, setGauge) error {
	return map[string]func(context.Context, setGauge) error{"sessions": s.signedIn, "acts": s.acts, "alarms": s.alarms, "disk": s.disk}
}

// setGauge gives one value.
type setGauge func(d *prometheus.Desc, v float64, labels ...string)

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (s *state) server(set setGauge) {
	h := s.obp.Health()
	for _, st := range []string{"closed", "half-open", "open"} {
		v := 0.0
		if h.Circuit == st {
			v = 1
		}
		set(circuitDesc, v, st)
	}
	if left, err := strconv.Atoi(h.Limits.Remaining); err == nil {
		set(limitLeftDesc, float64(left))
	}
	if q := h.Queue; !q.At.IsZero() {
		set(queueOpenDesc, float64(q.Open))
		age := 0.0
		if !q.Oldest.IsZero() {
			age = max(0, s.now().Sub(q.Oldest).Seconds())
		}
		set(queueAgeDesc, age)
		set(queueSeenDesc, unix(q.At))
	}
}

func (s *state) signedIn(ctx context.Context, set setGauge) error {
	list, err := s.sessions.List(ctx)
	if err == nil {
		set(sessionsDesc, float64(len(list)))
	}
	return err
}

func (s *state) acts(ctx context.Context, set setGauge) error {
	list, err := s.journal.Standing(ctx, 0)
	for _, x := range list {
		set(openActsDesc, float64(x.Count), string(x.Act))
		set(oldestActDesc, unix(x.Oldest), string(x.Act))
	}
	return err
}

func (s *state) alarms(ctx context.Context, set setGauge) error {
	list, err := s.journal.Standing(ctx, s.young)
	if err != nil {
		return err
	}
	kinds := map[string]journal.Standing{"unfinished": {}, "emergency": {}}
	for _, x := range list {
		if kind := handlers.AlarmOf(x.Act); kind != "" {
			k := kinds[kind]
			k.Count += x.Count
			if k.Oldest.IsZero() || x.Oldest.Before(k.Oldest) {
				k.Oldest = x.Oldest
			}
			kinds[kind] = k
		}
	}
	if kinds["second_person"], err = s.journal.Waiting(ctx); err != nil {
		return err
	}
	last, err := s.journal.LastChecked(ctx)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if err == nil {
		set(checkedDesc, unix(last.At))
	}
	set(alarmsDesc, float64(last.Faults), "journal_faults")
	for kind, x := range kinds {
		set(alarmsDesc, float64(x.Count), kind)
		if x.Count > 0 {
			set(alarmSinceDesc, unix(x.Oldest), kind)
		}
	}
	return nil
}

func (s *state) disk(_ context.Context, set setGauge) error {
	if s.dir == "" {
		return nil
	}
	free, size, err := diskSpace(s.dir)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil // the system does not tell it
	}
	if err == nil {
		set(diskFreeDesc, float64(free))
		set(diskSizeDesc, float64(size))
	}
	return err
}
