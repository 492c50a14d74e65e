package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// healthz answers while the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "alive\n")
}

// probeTimeout bounds what /readyz asks.
const probeTimeout = 2 * time.Second

// readyz answers 503 when the console's own stores fail or it is stopping.
// That OBP is down is said with 200: else every node would leave the balancer,
// and nobody would see the page that says so.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	out := map[string]string{"sessions": "ok", "journal": "ok", "obp": "ok"}
	status := http.StatusOK
	if err := s.Sessions.Store.Ready(ctx); err != nil {
		out["sessions"], status = "failed", http.StatusServiceUnavailable
	}
	if err := s.Journal.DB().PingContext(ctx); err != nil {
		out["journal"], status = "failed", http.StatusServiceUnavailable
	}
	if err := s.OBP.Reachable(ctx); err != nil {
		out["obp"] = "down"
	}
	if s.stopping.Load() {
		out["console"], status = "stopping", http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// maxReport bounds a report of the browser, in bytes.
const maxReport = 16 << 10

// cspReport takes what a browser says it refused to load. The console's own
// pages give no cause, so a report is a fault or an attack: it is logged.
func (s *Server) cspReport(w http.ResponseWriter, r *http.Request) error {
	var report struct {
		Body struct {
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
		} `json:"csp-report"`
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil || json.Unmarshal(b, &report) != nil {
		return &httpError{status: http.StatusBadRequest, key: "bad_form", err: errors.New("not a report")}
	}
	blocked := report.Body.Blocked
	if len(blocked) > 200 {
		blocked = blocked[:200]
	}
	s.Log.WarnContext(r.Context(), "csp report", "directive", report.Body.Directive+report.Body.Violated, "blocked", blocked)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
