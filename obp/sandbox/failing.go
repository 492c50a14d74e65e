package sandbox

import (
	"context"
	"io"
	"net/http"
	"strconv"
)

var junk = map[string]struct{ kind, body string }{
	"html":   {"text/html;charset=utf-8", "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Gateway</h1></body></html>"},
	"empty":  {"application/json;charset=utf-8", ""},
	"broken": {"application/json;charset=utf-8", `{"entitlement_id":"8f3c`},
	"type": {"application/json;charset=utf-8", `{"entitlement_id":17,"entitlement_request_id":17,"role_name":[],"bank_id":17,"user_id":17,"username":{},` +
		`"is_locked":"maybe","is_deleted":17,"list":"none","entitlements":"none","entitlement_requests":"none","users":17,"token":{},"code":"x","message":17}`},
}

// failing answers a call that has a fault. s.mu is not held while it waits.
func (s *Server) failing(w http.ResponseWriter, r *request, signedIn bool, h handler) {
	f := r.fault
	if f.Hold == "before" {
		s.faults.hold(r.op, "before")
	}
	if f.Late {
		s.faults.holdUntil(r.Context().Done(), r.op, "late")
		wait(context.Background(), f.LateBy)
	}
	var status int
	var out any
	var no *refusal
	if !f.spared() {
		status, out, no = s.apply(r, signedIn, h)
	}
	if f.Hold == "after" {
		s.faults.hold(r.op, "after")
	}
	wait(r.Context(), f.Delay)
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	switch {
	case f.Cut == "before" || f.Cut == "after":
		panic(http.ErrAbortHandler)
	case f.Junk != "":
		j := junk[f.Junk]
		w.Header().Set("Content-Type", j.kind)
		w.WriteHeader(max(f.Status, http.StatusOK))
		_, _ = io.WriteString(w, j.body)
	case f.False:
		s.reply(w, r, http.StatusOK, false, nil)
	case f.Status != 0:
		s.reply(w, r, 0, nil, refuse(f.Status, "%s", f.Message))
	case f.Cut == "middle":
		s.reply(&cutWriter{w, 0}, r, status, out, no)
	default:
		s.reply(w, r, status, out, no)
	}
}

// cutWriter sends half of the body and ends the connection.
type cutWriter struct {
	http.ResponseWriter
	status int
}

func (c *cutWriter) WriteHeader(status int) { c.status = status }

func (c *cutWriter) Write(b []byte) (int, error) {
	if len(b) > 0 {
		c.Header().Set("Content-Length", strconv.Itoa(len(b)))
		c.ResponseWriter.WriteHeader(c.status)
		_, _ = c.ResponseWriter.Write(b[:len(b)/2])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
	}
	panic(http.ErrAbortHandler)
}
