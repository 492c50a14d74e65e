package obp

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind sorts failures by what a person can do about them.
type Kind int

// The kinds. KindOther is the zero value.
const (
	KindOther        Kind = iota
	KindInvalid           // refused before or by OBP for its shape (OBP-10xxx, 30205, 30206, a bad path part)
	KindSignedOut         // OBP-20001 or OBP-20003, whatever the status: sign in again
	KindCredentials       // OBP-20004: user name or password wrong, or account not validated
	KindLocked            // OBP-20013: the caller's account is locked
	KindDeleted           // OBP-20064: the caller's account is deleted
	KindConsumerKey       // OBP-20008, 20023: the console's own consumer key is refused, or lacks a scope
	KindMissingRole       // OBP-20006 or another 403: Roles says which
	KindNotFound          // 404, or a "not found" code with another status
	KindAlreadyHeld       // OBP-30216: the person holds the role
	KindAlreadyAsked      // OBP-30214: the person asked for the role already
	KindLimited           // 429: RetryAfter says when, 0 when unknown
	KindTimeout           // no answer in time, or OBP-01000
	KindUnreachable       // no connection
	KindUnavailable       // 5xx, or the circuit breaker is open
	KindJunk              // an answer that is not OBP's: HTML, a redirect, broken JSON, too long, not what was asked for
	KindNoView            // OBP-20017, 20019, 20022, 20047: a view on that account would be needed; no role helps
	KindExists            // 409, or OBP-30007: it is there already
	KindNotApplied        // OBP answered success, and nothing changed
	KindSwitchedOff       // OBP-50017, OBP-00009: a setting of the server turns the call off
)

// Error is the one error of this package. It never holds a token: texts of OBP
// are kept only when they begin with an OBP code, with secrets cut out.
type Error struct {
	Op            string        // "METHOD /path/pattern"
	Status        int           // HTTP status, 0 when there was no answer
	Code          string        // "OBP-20006", empty when the answer had none
	Causes        []string      // codes of the causes chained behind Code, outer first
	Message       string        // OBP's text after the code, redacted, at most 300 bytes
	CorrelationID string        // OBP's Correlation-Id, may be empty
	Roles         []string      // roles named by OBP-20006; any one is enough
	BankID        string        // bank named by OBP-20006, at which a bank role would be needed
	RetryAfter    time.Duration // of a 429 or 503
	Unanswered    bool          // a write of which nobody knows: sent, and no answer of OBP's own came; it may have been applied
	kind          Kind
	err           error
}

// Error says what failed, without anything secret.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "obp: %s:", e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, " status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	if e.err != nil {
		fmt.Fprintf(&b, " %v", e.err)
	}
	return b.String()
}

// Unwrap gives the cause when OBP did not answer.
func (e *Error) Unwrap() error { return e.err }

// HasCode reports whether code is the error's own or one of its causes'.
func (e *Error) HasCode(code string) bool { return e.Code == code || slices.Contains(e.Causes, code) }

// Kind says what sort of failure it is.
func (e *Error) Kind() Kind { return e.kind }

// KindOf gives the kind of err, KindOther when it is not from this package.
func KindOf(err error) Kind {
	if e, ok := AsError(err); ok {
		return e.kind
	}
	return KindOther
}

// AsError finds the *Error in err.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

var (
	// codes count at the start, behind an arrow, and where OBP glues two
	// refusals; elsewhere they may be what somebody typed
	codeText = regexp.MustCompile(`^OBP-\d{5}\b:?\s*`)
	anyCode  = regexp.MustCompile(`(?:^|<-\s*|[.!] or)(OBP-\d{5})\b`)
	roleName = regexp.MustCompile(`\bCan[A-Z][A-Za-z0-9]*`)
	bankName = regexp.MustCompile(`BankId\(([^()\s]{1,255})\)`)
	secret   = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*|(?i)(token|password|consumer_key)\s*[=:]\s*\S+`)
)

// kindByCode holds what an OBP code means by itself.
var kindByCode = map[string]Kind{
	"OBP-20001": KindSignedOut, "OBP-20003": KindSignedOut,
	"OBP-20004": KindCredentials, "OBP-20013": KindLocked, "OBP-20064": KindDeleted,
	"OBP-20008": KindConsumerKey, "OBP-20023": KindConsumerKey, "OBP-35030": KindConsumerKey, "OBP-35031": KindConsumerKey,
	"OBP-20006": KindMissingRole, "OBP-20050": KindMissingRole, "OBP-20101": KindMissingRole,
	"OBP-20017": KindNoView, "OBP-20019": KindNoView, "OBP-20022": KindNoView, "OBP-20047": KindNoView, "OBP-20048": KindNoView,
	"OBP-10404": KindNotFound, "OBP-20005": KindNotFound, "OBP-20027": KindNotFound, "OBP-20057": KindNotFound,
	"OBP-20081": KindNotFound, "OBP-20104": KindNotFound, "OBP-30001": KindNotFound, "OBP-30002": KindNotFound,
	"OBP-30005": KindNotFound, "OBP-30018": KindNotFound, "OBP-30035": KindNotFound, "OBP-30046": KindNotFound,
	"OBP-30056": KindNotFound, "OBP-30057": KindNotFound, "OBP-30065": KindNotFound, "OBP-30212": KindNotFound,
	"OBP-30213": KindNotFound, "OBP-30215": KindNotFound, "OBP-30252": KindNotFound,
	"OBP-30216": KindAlreadyHeld, "OBP-30214": KindAlreadyAsked, "OBP-30007": KindExists,
	"OBP-10018": KindLimited, "OBP-01000": KindTimeout,
	"OBP-50017": KindSwitchedOff, "OBP-00009": KindSwitchedOff,
}

// maxMessage bounds how much of OBP's text is looked at.
const maxMessage = 16 << 10

// fill reads OBP's message into e: the code that tells most, the roles, the
// text without secrets. A text without a code is internal and is dropped.
func (e *Error) fill(message string, secrets ...string) {
	message = clip(message, maxMessage)
	e.kind = kindByStatus(e.Status)
	var codes []string
	for _, m := range anyCode.FindAllStringSubmatch(message, 10) {
		if !slices.Contains(codes, m[1]) {
			codes = append(codes, m[1])
		}
	}
	lead := codeText.FindString(message)
	if lead == "" {
		return
	}
	e.Code, e.Causes = codes[0], slices.Clip(codes[1:])
	// causes are chained outer first; the innermost known one says most
	for _, c := range codes {
		if k, ok := kindByCode[c]; ok {
			e.kind = k
		}
	}
	if e.HasCode("OBP-20006") || e.HasCode("OBP-20101") {
		e.missing(message, secrets)
	}
	if !slices.Contains(codes, "OBP-20003") { // the token stands behind that one
		e.Message = redact(message[len(lead):], secrets)
	}
}

// missing reads the roles that would help, and the bank that they are for.
func (e *Error) missing(message string, secrets []string) {
	at := max(strings.Index(message, "OBP-20006"), strings.Index(message, "OBP-20101"))
	for _, r := range roleName.FindAllString(message[at:], 20) {
		if !slices.Contains(e.Roles, r) {
			e.Roles = append(e.Roles, r)
		}
	}
	if m := bankName.FindStringSubmatch(message[at:]); m != nil && !slices.ContainsFunc(secrets, func(s string) bool {
		return s != "" && strings.Contains(m[1], s)
	}) {
		e.BankID = strings.ToValidUTF8(m[1], "?")
	}
}

func kindByStatus(status int) Kind {
	switch {
	case status == 403:
		return KindMissingRole
	case status == 404:
		return KindNotFound
	case status == 401:
		return KindSignedOut
	case status == 409:
		return KindExists
	case status == 408:
		return KindTimeout
	case status == 429:
		return KindLimited
	case status >= 500:
		return KindUnavailable
	case status >= 400:
		return KindInvalid
	}
	return KindJunk
}

func redact(s string, secrets []string) string {
	for _, v := range secrets {
		if v != "" {
			s = strings.ReplaceAll(s, v, "[removed]")
		}
	}
	s = secret.ReplaceAllString(strings.ToValidUTF8(s, "?"), "[removed]")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return strings.TrimSpace(s)
}
