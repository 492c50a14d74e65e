package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// record is what a browser has said and sent, for as long as it lives.
type record struct {
	base string

	mu        sync.Mutex
	complaint []string // console messages, exceptions, log entries, policy violations
	refused   []refusal
	exchanges []*exchange
	under     map[network.RequestID]*exchange // not finished
	last      map[network.RequestID]*exchange
	documents int // pages that were loaded
	expected  []refusal
}

// exchange is one request with its answer.
type exchange struct {
	method, url string
	path        string // without query; of another origin: the whole address
	kind        network.ResourceType
	status      int64
	mime        string
	headers     network.Headers
	wire        int64 // bytes received, head and body as sent
	cached      bool
	failed      string
	loader      cdp.LoaderID
}

// refusal is an answer that the browser's log tells of: status and path.
type refusal struct {
	status int64
	path   string
}

func (r refusal) String() string { return fmt.Sprintf("%d %s", r.status, r.path) }

func newRecord(base string) *record {
	return &record{base: base, under: map[network.RequestID]*exchange{}, last: map[network.RequestID]*exchange{}}
}

// expect names refusals that the journey is about; each must come to pass.
func (r *record) expect(status int64, path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expected = append(r.expected, refusal{status, path})
}

// listen takes one event of the browser. It runs in the order of arrival.
func (r *record) listen(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
		}
		r.complain("console.%s: %s", e.Type, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		b, _ := json.Marshal(e.ExceptionDetails)
		r.complain("exception: %s", b)
	case *log.EventEntryAdded:
		if x := r.last[e.Entry.NetworkRequestID]; e.Entry.Source == log.EntrySourceNetwork && x != nil && x.status >= 400 {
			return // told by its status, as a refusal
		}
		if strings.HasPrefix(e.Entry.Text, "Clear-Site-Data header on ") && strings.Contains(e.Entry.Text, "Cleared data types: ") {
			return // the browser did as it was told
		}
		r.complain("log: %s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			r.complain("content policy: %s %s %s", d.ContentSecurityPolicyViolationType, d.ViolatedDirective, d.BlockedURL)
		}
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			r.documents++
			maps.DeleteFunc(r.under, func(_ network.RequestID, x *exchange) bool { // of a page that was left
				return x.loader != e.Frame.LoaderID
			})
		}
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			if x := r.under[e.RequestID]; x != nil {
				x.answered(e.RedirectResponse)
				x.wire = int64(e.RedirectResponse.EncodedDataLength)
			}
		}
		x := &exchange{method: e.Request.Method, url: e.Request.URL, path: r.pathOf(e.Request.URL), kind: e.Type, loader: e.LoaderID}
		r.exchanges = append(r.exchanges, x)
		r.under[e.RequestID], r.last[e.RequestID] = x, x
	case *network.EventRequestServedFromCache:
		if x := r.under[e.RequestID]; x != nil {
			x.cached = true
		}
	case *network.EventResponseReceived:
		if x := r.last[e.RequestID]; x != nil {
			x.answered(e.Response)
			if e.Response.Status >= 400 {
				r.refused = append(r.refused, refusal{e.Response.Status, x.path})
			}
		}
	case *network.EventLoadingFinished:
		if x := r.under[e.RequestID]; x != nil {
			x.wire = int64(e.EncodedDataLength)
			delete(r.under, e.RequestID)
		}
	case *network.EventLoadingFailed:
		if x := r.under[e.RequestID]; x != nil {
			x.failed = e.ErrorText
			delete(r.under, e.RequestID)
			if !e.Canceled && (x.status == 0 || x.kind != network.ResourceTypeDocument) {
				r.complain("request failed: %s %s: %s", x.method, x.url, e.ErrorText)
			}
		}
	}
}

func (r *record) complain(format string, args ...any) {
	r.complaint = append(r.complaint, fmt.Sprintf(format, args...))
}

func (x *exchange) answered(res *network.Response) {
	x.status, x.mime, x.headers = res.Status, res.MimeType, res.Headers
	x.cached = x.cached || res.FromDiskCache
}

func (r *record) pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, r.base) {
		return address
	}
	return u.Path
}

// sent is a copy of the exchanges so far.
func (r *record) sent() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []exchange
	for _, x := range r.exchanges {
		out = append(out, *x)
	}
	return out
}

// busy tells whether answers are still awaited.
func (r *record) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.under) > 0
}

// faults are the reasons why the record is not clean.
func (r *record) faults() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out = slices.Clone(r.complaint)
	left := slices.Clone(r.expected)
	for _, got := range r.refused {
		if !slices.Contains(r.expected, got) {
			out = append(out, "unexpected answer: "+got.String())
		}
		left = slices.DeleteFunc(left, func(w refusal) bool { return w == got })
	}
	for _, w := range left {
		out = append(out, "expected answer that did not come: "+w.String())
	}
	for _, x := range r.exchanges {
		if x.path == "/csp-report" {
			out = append(out, "a report of the content policy was sent from "+x.url)
		}
	}
	return out
}

// complaints is what the browser has complained of so far.
func (r *record) complaints() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.complaint)
}

// addresses are all that were asked for, one a line.
func (r *record) addresses() string {
	var b strings.Builder
	for _, x := range r.sent() {
		b.WriteString(x.url + "\n")
	}
	return b.String()
}

// answerHeaders are the heads of all answers.
func (r *record) answerHeaders() string {
	var b strings.Builder
	for _, x := range r.sent() {
		fmt.Fprintf(&b, "%s\n", x.headers)
	}
	return b.String()
}

// pardonMarkers forgets what the test itself has caused.
func (r *record) pardonMarkers() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.complaint = slices.DeleteFunc(r.complaint, func(s string) bool { return strings.Contains(s, "marker-") })
	r.exchanges = slices.DeleteFunc(r.exchanges, func(x *exchange) bool { return x.path == "/csp-report" })
}
