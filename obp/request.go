package obp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-resty/resty/v2"
	"github.com/sony/gobreaker/v2"
)

// call is one request to OBP.
type call struct {
	method string
	op     string   // path pattern with {NAMES}, without the version's prefix
	args   []string // one for each {NAME}, in order
	query  url.Values
	body   any
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
	return url.PathEscape(v), nil
}

// path fills the pattern, each argument as one escaped part.
func (c call) path(version string) (string, error) {
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

// do sends c and reads the answer into out (nil: the body does not matter).
// A GET is tried again on connection faults and on 502, 503 and 504; nothing
// else is ever sent twice.
func (c *Client) do(ctx context.Context, cred Credential, q call, out any) error {
	path, err := q.path(c.cfg.APIVersion)
	if err != nil {
		return &Error{Op: q.method + " " + q.op, kind: KindInvalid, err: err}
	}
	header := ""
	if cred.Token != "" {
		header = `token="` + cred.Token + `"`
	}
	for try := 1; ; try++ {
		e := c.once(ctx, q, path, header, out)
		if e == nil {
			return nil
		}
		if q.method != http.MethodGet || try == getTries || !transient(e) {
			return e
		}
		wait := time.Duration(try) * (50*time.Millisecond + rand.N(100*time.Millisecond))
		select {
		case <-ctx.Done():
			return e
		case <-time.After(wait):
		}
	}
}

func transient(e *Error) bool {
	return e.kind == KindUnreachable || e.Status >= 502 && e.Status <= 504
}

func (c *Client) once(ctx context.Context, q call, path, header string, out any) *Error {
	fail := &Error{Op: q.method + " " + q.op}
	r := c.rest.R().SetContext(ctx)
	if header != "" {
		r.SetHeader("DirectLogin", header)
	}
	if len(q.query) > 0 {
		r.SetQueryParamsFromValues(q.query)
	}
	if q.method == http.MethodPost || q.method == http.MethodPut {
		r.SetHeader("Content-Type", "application/json")
		if q.body != nil {
			r.SetBody(q.body)
		}
	}
	meter, _ := ctx.Value(meterKey{}).(*Meter)
	start := time.Now()
	resp, err := r.Execute(q.method, path)
	if err != nil {
		meter.add(time.Since(start), 0, "")
		fail.unanswered(err, q.method)
		return fail
	}
	fail.Status = resp.StatusCode()
	fail.CorrelationID = clip(resp.Header().Get("Correlation-Id"), 64)
	meter.add(time.Since(start), fail.Status, fail.CorrelationID)
	if resp.StatusCode() >= 200 && resp.StatusCode() < 300 {
		if err := decode(resp, out); err != nil {
			fail.kind, fail.err = KindJunk, err
			return fail
		}
		return nil
	}
	fail.refused(resp)
	return fail
}

// unanswered sorts a fault of the connection. Unless it failed to connect, a
// write may have been applied.
func (e *Error) unanswered(err error, method string) {
	var op *net.OpError
	var ne net.Error
	dial := errors.As(err, &op) && op.Op == "dial"
	open := errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
	switch {
	case open:
		e.kind, e.err = KindUnavailable, errors.New("circuit open: OBP did not answer lately")
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		e.kind, e.err = KindJunk, errors.New("answer too long")
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout() && !dial:
		e.kind, e.err = KindTimeout, context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		e.kind, e.err = KindTimeout, context.Canceled
	default:
		e.kind, e.err = KindUnreachable, errors.New("no connection")
	}
	e.Unanswered = method != http.MethodGet && !dial && !open
}

func (e *Error) refused(resp *resty.Response) {
	var body struct {
		Message json.RawMessage `json:"message"`
	}
	var message string
	isJSON := json.Unmarshal(resp.Body(), &body) == nil && json.Unmarshal(body.Message, &message) == nil
	e.fill(message)
	if e.Status < 400 || !isJSON && e.Status < 500 && e.Status != http.StatusTooManyRequests {
		e.kind = KindJunk
	}
	if e.kind == KindLimited {
		e.RetryAfter = seconds(resp.Header().Get("Retry-After"), resp.Header().Get("X-Rate-Limit-Reset"))
	}
}

func seconds(values ...string) time.Duration {
	for _, v := range values {
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && n > 0 && n < 1<<31 {
			return time.Duration(n) * time.Second
		}
	}
	return 0
}

func decode(resp *resty.Response, out any) error {
	if out == nil {
		return nil
	}
	if ct := resp.Header().Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return fmt.Errorf("answer is %q, not JSON", clip(ct, 60))
	}
	if err := json.Unmarshal(resp.Body(), out); err != nil {
		return errors.New("answer cannot be read as JSON of the expected shape")
	}
	return nil
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// get, post and del are the three ways in which resources call OBP.
func (a *API) get(ctx context.Context, out any, op string, args ...string) error {
	return a.client.do(ctx, a.cred, call{method: http.MethodGet, op: op, args: args}, out)
}

func (a *API) post(ctx context.Context, out, body any, op string, args ...string) error {
	return a.client.do(ctx, a.cred, call{method: http.MethodPost, op: op, args: args, body: body}, out)
}

func (a *API) del(ctx context.Context, out any, op string, args ...string) error {
	return a.client.do(ctx, a.cred, call{method: http.MethodDelete, op: op, args: args}, out)
}
