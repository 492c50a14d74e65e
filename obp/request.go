package obp

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-resty/resty/v2"
	"github.com/sony/gobreaker/v2"
)

// call is one request to OBP.
type call struct {
	method  string
	op      string   // path pattern with {NAMES}, without the version's prefix
	version string   // empty: the client's
	args    []string // one for each {NAME}, in order
	query   url.Values
	body    any                  // of a POST or PUT; nil: {}
	out     any                  // nil: an answer without a body is wanted
	ok      func() bool          // whether out holds what was asked for
	keep    bool                 // same answer for everybody: kept, and asked for by its ETag
	peek    func(*http.Response) // sees every answer, its body read already
}

// maxPathPart bounds one path argument, in bytes.
const maxPathPart = 512

// part escapes one path argument, or says why it cannot be sent.
func part(name, v string) (string, error) {
	switch {
	case v == "":
		return "", fmt.Errorf("%s is empty", name)
	case v == "." || v == "..":
		return "", fmt.Errorf("%s cannot be %q", name, v)
	case len(v) > maxPathPart:
		return "", fmt.Errorf("%s is longer than %d bytes", name, maxPathPart)
	case !utf8.ValidString(v):
		return "", fmt.Errorf("%s is not valid UTF-8", name)
	case strings.ContainsFunc(v, unicode.IsControl):
		return "", fmt.Errorf("%s holds a control character", name)
	}
	return strings.ReplaceAll(url.QueryEscape(v), "+", "%20"), nil // all but letters, digits and -_.~
}

// path fills the pattern, each argument as one escaped part.
func (c call) path(version string) (string, error) {
	if c.version != "" {
		version = c.version
	}
	var b strings.Builder
	if !strings.HasPrefix(c.op, "/my/logins") {
		b.WriteString("/obp/" + version)
	}
	rest, args := c.op, c.args
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, tail, _ := strings.Cut(after, "}")
		p, err := part(name, args[0])
		if err != nil {
			return "", err
		}
		b.WriteString(p)
		rest, args = tail, args[1:]
	}
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

const getTries = 3

// do sends q and reads the answer into q.out. A GET is tried again on
// connection faults, on 502, 503 and 504, and while the breaker tries OBP with
// another call, unless half the time of one try is over; nothing else is ever
// sent twice.
func (c *Client) do(ctx context.Context, cred Credential, q call) error {
	path, err := q.path(c.cfg.APIVersion)
	if err != nil {
		return q.refuse(KindInvalid, err.Error())
	}
	header := ""
	if cred.Token != "" {
		header = `token="` + cred.Token + `"`
	}
	start := time.Now()
	for try := 1; ; try++ {
		e := c.once(ctx, q, path, header, cred.Token)
		if e == nil {
			return nil
		}
		if q.method != http.MethodGet || try == getTries || !transient(e) || time.Since(start) > c.cfg.Timeout/2 {
			return e
		}
		wait := time.NewTimer(time.Duration(try) * (50*time.Millisecond + rand.N(100*time.Millisecond)))
		select {
		case <-ctx.Done():
			wait.Stop()
			return e
		case <-wait.C:
		}
	}
}

// refuse is a failure that the client finds by itself.
func (q call) refuse(kind Kind, text string) *Error {
	return &Error{Op: q.method + " " + q.op, kind: kind, err: errors.New(text)}
}

func transient(e *Error) bool {
	return e.kind == KindUnreachable || errors.Is(e.err, errTrying) ||
		e.Status >= 502 && e.Status <= 504 && e.RetryAfter == 0
}

// once sends q one time. secrets are cut out of what is kept of a refusal.
func (c *Client) once(ctx context.Context, q call, path, header string, secrets ...string) *Error {
	fail := &Error{Op: q.method + " " + q.op}
	write := q.method != http.MethodGet
	var sent atomic.Bool
	callCtx := ctx
	if write {
		callCtx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	}
	r := c.rest.R().SetContext(callCtx)
	if header != "" {
		r.SetHeader("DirectLogin", header)
	}
	if len(q.query) > 0 {
		r.SetQueryParamsFromValues(q.query)
	}
	if q.method == http.MethodPost || q.method == http.MethodPut {
		r.SetHeader("Content-Type", "application/json") // without it OBP says 404
		if q.body == nil {
			q.body = struct{}{}
		}
		r.SetBody(q.body)
	}
	var kept keptAnswer
	if q.keep {
		if v, ok := c.kept.Load(path); ok {
			kept = v.(keptAnswer)
			r.SetHeader("If-None-Match", kept.etag)
		}
	}
	meter := meterOf(ctx)
	if id := meter.request(); id != "" {
		r.SetHeader("X-Request-ID", id)
	}
	start := time.Now()
	resp, err := r.Execute(q.method, path)
	took := time.Since(start)
	defer func() { c.told(ctx, fail, write, took, err) }()
	if err != nil {
		meter.add(took, write, 0, "")
		c.seen.add(fail.Op, start, took, 0, nil)
		fail.unanswered(err)
		fail.Unanswered = sent.Load()
		return fail
	}
	if q.peek != nil {
		q.peek(resp.RawResponse)
	}
	fail.Status = resp.StatusCode()
	fail.CorrelationID = correlation(resp.Header().Get("Correlation-Id"))
	meter.add(took, write, fail.Status, fail.CorrelationID)
	c.seen.add(fail.Op, start, took, fail.Status, resp.Header())
	switch {
	case fail.Status >= 200 && fail.Status < 300:
		if err := q.read(fail.Status, resp.Header().Get("Content-Type"), resp.Body()); err != nil {
			fail.kind, fail.err, fail.Unanswered = KindJunk, err, write
			return fail
		}
		if tag := resp.Header().Get("ETag"); q.keep && tag != "" && len(tag) <= 200 {
			c.kept.Store(path, keptAnswer{tag, resp.Header().Get("Content-Type"), resp.Body()})
		}
		return nil
	case fail.Status == http.StatusNotModified && kept.etag != "":
		if err := q.read(http.StatusOK, kept.contentType, kept.body); err != nil {
			fail.kind, fail.err = KindJunk, err
			return fail
		}
		return nil
	}
	fail.refused(resp.Header(), resp.Body(), secrets)
	// a server or a proxy that failed, or gave up waiting, may have applied it
	fail.Unanswered = write && (fail.Status >= 500 || fail.Status == http.StatusRequestTimeout)
	return fail
}

// keptAnswer is an answer that OBP may confirm by its ETag.
type keptAnswer struct {
	etag, contentType string
	body              []byte
}

var (
	errOpen   = errors.New("circuit open: OBP did not answer lately")
	errTrying = errors.New("circuit open: OBP is being tried by another call")
)

// ErrCertificate is the cause when TLS fails because of the server's certificate.
var ErrCertificate = errors.New("the server's certificate is not accepted")

// ErrNoTLS is the cause when something that speaks no TLS listens there.
var ErrNoTLS = errors.New("the server does not speak TLS")

// noConnection keeps of a fault what a person can do something about.
func noConnection(err error) error {
	var bad *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &bad):
		return fmt.Errorf("%w: %w", ErrCertificate, bad.Err)
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return ErrNoTLS
	}
	return errors.New("no connection")
}

// unanswered sorts a fault of the connection.
func (e *Error) unanswered(err error) {
	var op *net.OpError
	var ne net.Error
	dial := errors.As(err, &op) && op.Op == "dial"
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		e.kind, e.err = KindUnavailable, errOpen
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		e.kind, e.err = KindUnavailable, errTrying
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		e.kind, e.err = KindJunk, errors.New("answer too long")
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() && !dial:
		e.kind, e.err = KindTimeout, context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		e.kind, e.err = KindTimeout, context.Canceled
	default:
		e.kind, e.err = KindUnreachable, noConnection(err)
	}
}
