package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// How long a client may take. What a person sends and takes is small, so these
// are far more than a bad line needs.
const (
	headerWithin  = 5 * time.Second  // to send the header of a request, or to agree on TLS
	bodyWithin    = 15 * time.Second // to send the whole request
	takeWithin    = 15 * time.Second // to take a piece of an answer
	takeRate      = 8 << 10          // bytes a second that a longer answer is taken with at least
	idleWithin    = time.Minute      // between two requests
	maxHeader     = 16 << 10         // bytes of a request's header; net/http adds 4 KB
	maxStreams    = 64               // requests at once over one HTTP/2 connection
	maxAhead      = 64 << 10         // bytes of a body that are read before the console begins to work
	maxUnfinished = 2 << 20          // bytes of all requests together that have not come whole
)

// boundedServer is the server of the pages: what its clients may cost is bounded.
func boundedServer(pages http.Handler, c Config, log *slog.Logger) server {
	work := 6 * c.OBPTimeout // a page may make several calls to OBP one after the other
	s := newServer(paced(pages, work), log)
	s.WriteTimeout = bodyWithin + work
	s.ConnContext = withConnection
	return s
}

// paced stands before a handler. It takes the body in before the handler works,
// and gives the client a bounded time to take the answer; the time that the
// handler works counts for neither. work is the longest that may be.
func paced(next http.Handler, work time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _ := r.Context().Value(connectionKey{}).(*connection)
		if err := readAhead(r); err != nil {
			w.Header().Set("Connection", "close")
			http.Error(w, "The request did not come whole.", http.StatusRequestTimeout)
			return
		}
		p := &pacedWriter{ResponseWriter: w, ctl: http.NewResponseController(w), conn: conn, work: work}
		conn.busy()
		defer func() {
			conn.waits()
			p.deadline(p.left()) // for what net/http still holds
		}()
		next.ServeHTTP(p, r)
	})
}

// readAhead reads a body of ordinary size. A greater one, or the rest of one
// whose length was not said, is left to the handler, which refuses it.
func readAhead(r *http.Request) error {
	if r.ContentLength == 0 || r.ContentLength > maxAhead {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxAhead+1))
	if err != nil {
		return err
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b), r.Body), r.Body}
	return nil
}

// pacedWriter lets the client take takeWithin, and a second more for each
// takeRate bytes taken, in all writes together, and takeWithin in one. A slow
// client is cut off; one that keeps the rate may take a stream of any length.
type pacedWriter struct {
	http.ResponseWriter
	ctl   *http.ResponseController
	conn  *connection
	work  time.Duration
	spent time.Duration // in writes
	taken int64         // bytes
}

func (w *pacedWriter) left() time.Duration {
	return min(takeWithin, takeWithin+time.Duration(w.taken/takeRate)*time.Second-w.spent)
}

// deadline sets it; a writer that knows none, as in a test, has none.
func (w *pacedWriter) deadline(within time.Duration) {
	_ = w.ctl.SetWriteDeadline(time.Now().Add(within))
}

// timed runs one write, which is waiting for the client.
func (w *pacedWriter) timed(write func() error) error {
	w.conn.waits()
	w.deadline(w.left())
	begun := time.Now()
	err := write()
	w.spent += time.Since(begun)
	w.deadline(w.work) // HTTP/2 ends a stream by it even while the handler works
	w.conn.busy()
	return err
}

// Write implements http.ResponseWriter.
func (w *pacedWriter) Write(b []byte) (n int, err error) {
	err = w.timed(func() error {
		n, err = w.ResponseWriter.Write(b)
		return err
	})
	w.taken += int64(n)
	return n, err
}

// FlushError is what http.ResponseController looks for.
func (w *pacedWriter) FlushError() error { return w.timed(w.ctl.Flush) }

// Flush implements http.Flusher.
func (w *pacedWriter) Flush() { _ = w.FlushError() }

// Unwrap lets http.ResponseController reach the writer beneath.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
