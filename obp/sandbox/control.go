package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
)

// control registers the routes that no OBP server has.
func (s *Server) control() {
	s.mux.Post("/sandbox/reset", func(w http.ResponseWriter, _ *http.Request) { s.Reset() })
	s.mux.Get("/sandbox/calls", func(w http.ResponseWriter, _ *http.Request) { give(w, s.Calls()) })
	s.mux.Get("/sandbox/world", func(w http.ResponseWriter, _ *http.Request) { give(w, s.World()) })
	s.mux.Get("/sandbox/otp/{ID}", s.otp)
	s.mux.Get("/sandbox/faults", func(w http.ResponseWriter, _ *http.Request) { give(w, s.Faults()) })
	s.mux.Post("/sandbox/faults", s.setFault)
	s.mux.Delete("/sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.Get("/sandbox/held", s.waitHeld)
	s.mux.Post("/sandbox/release", s.release)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// World is the state now, in copies and without passwords; Locked also tells
// of a lock by failed sign-ins.
func (s *Server) World() World {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.world
	w.Users = s.people.copies()
	for i := range w.Users {
		u := &w.Users[i]
		u.Password, u.Locked, u.BadLogins, u.BadLoginAt = "", s.isLocked(u), s.failures(u), s.badAt[u.Username]
	}
	w.Entitlements, w.Requests, w.Access = s.entitlements.copies(), s.requests.copies(), s.access.copies()
	w.Links, w.Attributes, w.Contexts = s.links.copies(), s.attributes.copies(), s.contexts.copies()
	return w
}

// otp tells the one-time password that the server would have sent out.
func (s *Server) otp(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	u := s.updates[chi.URLParam(r, "ID")]
	s.mu.Unlock()
	if u == nil {
		http.Error(w, "no such update", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, u.otp)
}

func (s *Server) setFault(w http.ResponseWriter, r *http.Request) {
	var in struct {
		faultJSON
		Then []faultJSON `json:"then"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Op == "" && in.RaceMS == nil {
		http.Error(w, `wanted {"op":"METHOD /path", ...} or {"race_ms":N}`, http.StatusBadRequest)
		return
	}
	if in.RaceMS != nil {
		s.SetRace(time.Duration(*in.RaceMS) * time.Millisecond)
	}
	if in.Op != "" {
		fs := []Fault{in.fault()}
		for _, j := range in.Then {
			fs = append(fs, j.fault())
		}
		if err := s.SetFault(in.Op, fs...); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// waitHeld waits for ?n=1 calls of ?op= held at ?at= for up to
// ?timeout_ms=10000, at most a minute.
func (s *Server) waitHeld(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n, d := 1, 10*time.Second
	if v, err := strconv.Atoi(q.Get("n")); err == nil {
		n = v
	}
	if v, err := strconv.Atoi(q.Get("timeout_ms")); err == nil {
		d = min(time.Duration(v)*time.Millisecond, time.Minute)
	}
	ctx, cancel := context.WithTimeout(r.Context(), d)
	defer cancel()
	if err := s.WaitHeld(ctx, q.Get("op"), q.Get("at"), n); err != nil {
		http.Error(w, err.Error(), http.StatusRequestTimeout)
		return
	}
	give(w, map[string]any{"held": n})
}

// release takes the operation as ?op= or as {"op":...}; none means all.
func (s *Server) release(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Op string `json:"op"`
	}{r.URL.Query().Get("op")}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil && err != io.EOF {
		http.Error(w, `wanted {"op":"METHOD /path"}`, http.StatusBadRequest)
		return
	}
	give(w, map[string]int{"released": s.Release(in.Op)})
}
