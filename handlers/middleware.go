package handlers

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"

	"obpconsole/obp"
)

// contentPolicy lets a page load what the console serves itself, and nothing
// else; there is no inline script or style anywhere.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; report-uri /csp-report"

// secureHeaders go with every answer, errors too. Static files replace
// Cache-Control by their own.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func isWrite(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return true
}

// sameOrigin lets a write through only when the browser says that it comes
// from the console's own pages. publicURL is trusted as an origin. A write
// with a cookie and neither Sec-Fetch-Site nor Origin is refused as well,
// which net/http's own protection would let pass.
func sameOrigin(publicURL string, refused http.Handler) (func(http.Handler) http.Handler, error) {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(publicURL); err != nil {
		return nil, err
	}
	p.SetDenyHandler(refused)
	return func(next http.Handler) http.Handler {
		protected := p.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bare := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
			if isWrite(r.Method) && bare && r.Header.Get("Cookie") != "" {
				refused.ServeHTTP(w, r)
				return
			}
			protected.ServeHTTP(w, r)
		})
	}, nil
}

// facts are what the log line of a request says beside its address; a handler
// fills in who the operator is.
type facts struct {
	requestID string
	operator  string // user id, empty when nobody is signed in
}

type factsKey struct{}

// factsOf gives the facts of the request under way.
func factsOf(ctx context.Context) *facts {
	if f, ok := ctx.Value(factsKey{}).(*facts); ok {
		return f
	}
	return &facts{}
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written so far; a writer around this one may look for it.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the writer beneath.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observe writes one line a request: route pattern, status, duration, request
// id, operator, OBP calls and their time. Never an address as it was asked,
// a query, a body or a header: they can hold personal text. A panic is caught
// here, logged with its stack, and answered by broken.
func observe(o watch) func(http.Handler) http.Handler {
	log, now := o.log, o.now
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := now()
			f := &facts{requestID: o.requestID(r)}
			ctx, meter := obp.WithRequest(context.WithValue(r.Context(), factsKey{}, f), f.requestID)
			r = r.WithContext(ctx)
			sw := &statusWriter{ResponseWriter: w}
			sw.Header().Set("X-Request-Id", f.requestID)
			defer func() {
				if p := recover(); p != nil {
					if p == http.ErrAbortHandler {
						panic(p)
					}
					log.ErrorContext(ctx, "panic", "request_id", f.requestID, "route", routeOf(r), "stack", string(debug.Stack()))
					if sw.status == 0 {
						o.broken.ServeHTTP(sw, r)
					}
				}
				calls, took := meter.Totals()
				whole := now().Sub(start)
				o.done(r, sw.status, whole)
				log.InfoContext(ctx, "request", "method", r.Method, "route", routeOf(r), "status", sw.status,
					"ms", milliseconds(whole), "request_id", f.requestID, "operator", f.operator,
					"obp_calls", calls, "obp_ms", milliseconds(took))
			}()
			next.ServeHTTP(sw, r)
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// routeOf is the pattern that matched, "unmatched" when none did.
func routeOf(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "unmatched"
}
