package obp

import (
	"errors"
	"fmt"
	"regexp"
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
	KindConsumerKey       // OBP-20008: the console's own consumer key is refused
	KindMissingRole       // OBP-20006 or 403: Roles says which
	KindNotFound          // 404, or a "not found" code with another status
	KindAlreadyHeld       // OBP-30216: the person holds the role
	KindAlreadyAsked      // OBP-30214: the person asked for the role already
	KindLimited           // 429: RetryAfter says when, 0 when unknown
	KindTimeout           // no answer in time, or OBP-01000
	KindUnreachable       // no connection
	KindUnavailable       // 5xx, or the circuit breaker is open
	KindJunk              // an answer that is not OBP's: HTML, a redirect, broken JSON, too long
)

// Error is the one error of this package. It never holds a token: texts of OBP
// are kept only when they begin with an OBP code, with secrets cut out.
type Error struct {
	Op            string        // "METHOD /path/pattern"
	Status        int           // HTTP status, 0 when there was no answer
	Code          string        // "OBP-20006", empty when the answer had none
	Message       string        // OBP's text after the code, redacted, at most 300 bytes
	CorrelationID string        // OBP's Correlation-Id, may be empty
	Roles         []string      // roles named by OBP-20006; any one is enough
	RetryAfter    time.Duration // of a 429
	Unanswered    bool          // it was sent and no answer came: it may have been applied
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
	codeText = regexp.MustCompile(`^(OBP-\d{5}):?\s*`)
	anyCode  = regexp.MustCompile(`OBP-\d{5}`)
	roleName = regexp.MustCompile(`\bCan[A-Z][A-Za-z0-9]*`)
	secret   = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*|(?i)(token|password|consumer_key)\s*[=:]\s*\S+`)
)

// kindByCode holds what an OBP code means by itself.
var kindByCode = map[string]Kind{
	"OBP-20001": KindSignedOut, "OBP-20003": KindSignedOut,
	"OBP-20004": KindCredentials, "OBP-20013": KindLocked, "OBP-20064": KindDeleted,
	"OBP-20008": KindConsumerKey, "OBP-35030": KindConsumerKey, "OBP-35031": KindConsumerKey,
	"OBP-20006": KindMissingRole, "OBP-20017": KindMissingRole, "OBP-20050": KindMissingRole,
	"OBP-30215": KindNotFound, "OBP-30212": KindNotFound, "OBP-20005": KindNotFound,
	"OBP-20057": KindNotFound, "OBP-30001": KindNotFound, "OBP-10404": KindNotFound,
	"OBP-30216": KindAlreadyHeld, "OBP-30214": KindAlreadyAsked,
	"OBP-10018": KindLimited, "OBP-01000": KindTimeout,
}

// fill reads OBP's message into e: the code that tells most, the roles, the
// text without secrets. A text without a code is internal and is dropped.
func (e *Error) fill(message string) {
	if m := codeText.FindStringSubmatch(message); m != nil {
		e.Code = m[1]
		e.Message = redact(message[len(m[0]):])
	}
	if e.Code == "OBP-20003" {
		e.Message = "" // the token stands in it
	}
	if strings.Contains(message, "OBP-20006") || e.Code == "OBP-20050" {
		_, after, _ := strings.Cut(message, "OBP-20006")
		seen := map[string]bool{}
		for _, r := range roleName.FindAllString(after, 20) {
			if !seen[r] {
				seen[r] = true
				e.Roles = append(e.Roles, r)
			}
		}
	}
	e.kind = kindByStatus(e.Status)
	// causes are chained outer first; the innermost known one says most
	for _, c := range anyCode.FindAllString(message, 10) {
		if k, ok := kindByCode[c]; ok {
			e.kind = k
		}
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

func redact(s string) string {
	s = secret.ReplaceAllString(strings.ToValidUTF8(s, "?"), "[removed]")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return strings.TrimSpace(s)
}
