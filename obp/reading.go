package obp

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	jsonv1 "github.com/go-json-experiment/json/v1"
)

// refused reads an answer that is not a success. Only JSON is OBP's own.
func (e *Error) refused(header http.Header, answer []byte, secrets []string) {
	var body struct {
		Message *string `json:"message"`
	}
	ours := isJSON(header.Get("Content-Type")) && json.Unmarshal(answer, &body) == nil && body.Message != nil
	message := ""
	if ours {
		message = *body.Message
	}
	e.fill(message, secrets...)
	if e.Status < 400 || !ours && e.Status < 500 && e.Status != http.StatusTooManyRequests {
		e.kind = KindJunk
	}
	switch {
	case e.kind == KindLimited:
		e.RetryAfter = wait(time.Now(), header.Get("Retry-After"), header.Get("X-Rate-Limit-Reset"))
	case e.Status == http.StatusServiceUnavailable:
		e.RetryAfter = wait(time.Now(), header.Get("Retry-After"))
	}
}

// wait reads the first header that says how long to wait: seconds or a date.
func wait(now time.Time, values ...string) time.Duration {
	const longest = 31 * 24 * time.Hour
	for _, v := range values {
		v = strings.TrimSpace(v)
		if n, err := strconv.ParseInt(v, 10, 32); err == nil {
			if n > 0 {
				return min(time.Duration(n)*time.Second, longest)
			}
		} else if at, err := http.ParseTime(v); err == nil && at.After(now) {
			return min(at.Sub(now), longest).Round(time.Second)
		}
	}
	return 0
}

func isJSON(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "application/json"
}

// read takes the answer into q.out, or says why it is not one of OBP's.
func (q call) read(status int, contentType string, body []byte) error {
	if q.out == nil {
		if status == http.StatusNoContent || len(body) == 0 {
			return nil
		}
		return fmt.Errorf("answer has a body of type %q where none was expected", clip(contentType, 60))
	}
	if !isJSON(contentType) {
		return fmt.Errorf("answer is %q, not JSON", clip(contentType, 60))
	}
	if err := jsonv1.Unmarshal(body, q.out); err != nil { // as encoding/json, in a third of the time
		return errors.New("answer cannot be read as JSON of the expected shape")
	}
	if q.ok != nil && !q.ok() {
		return errors.New("answer lacks what was asked for")
	}
	return nil
}

// correlation takes a Correlation-Id only when it looks like one.
func correlation(id string) string {
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return r != '-' && r != '_' && r != ':' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return ""
	}
	return id
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
