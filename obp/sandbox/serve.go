package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"github.com/google/uuid"
	"io"
	"mime"
	"net/http"
	"strings"
)

// ServeHTTP checks what OBP checks before it looks at the path: content type,
// duplicate query parameters, readable JSON.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, no := before(r)
	if no != nil {
		s.answer(w, r, 0, nil, no)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mux.ServeHTTP(w, r)
}

// handle registers h behind the count of its calls, its faults and the sign-in.
func (s *Server) handle(pattern string, signedIn bool, h handler) {
	op := opName(pattern)
	s.ops[op] = true
	method, path, _ := strings.Cut(pattern, " ")
	last := ""
	if part := path[strings.LastIndexByte(path, '/')+1:]; strings.HasPrefix(part, "{") {
		last = strings.Trim(part, "{}")
	}
	s.mux.MethodFunc(method, path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.answer(w, r, 0, nil, refuse(400, "OBP-10001: Incorrect json format."))
			return
		}
		s.mu.Lock()
		s.calls[pattern]++
		s.mu.Unlock()
		s.dawdle(r.Context())
		rq := &request{Request: r, body: body, op: op, last: last, fault: s.faults.next(op, s.dice)}
		if rq.fault != nil {
			s.failing(w, rq, signedIn, h)
			return
		}
		status, out, no := s.apply(rq, signedIn, h)
		s.reply(w, rq, status, out, no)
	})
}

// apply signs the caller in and runs the operation.
func (s *Server) apply(r *request, signedIn bool, h handler) (status int, out any, no *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.op != "POST /my/logins/direct" && r.op != "POST /users" { // these ignore tokens
		if r.user, no = s.signedIn(r.Request, signedIn); no != nil {
			return 0, nil, no
		}
	}
	return h(r)
}

func (s *Server) reply(w http.ResponseWriter, r *request, status int, out any, no *refusal) {
	if r.items != "" {
		w.Header().Set("Range", r.items)
	}
	s.answer(w, r.Request, status, out, no)
}

func before(r *http.Request) ([]byte, *refusal) {
	for _, v := range r.URL.Query() {
		if len(v) > 1 {
			return nil, refuse(400, "OBP-09016: Duplicate Query Parameters are not allowed.")
		}
	}
	for _, v := range r.Header {
		if len(v) > 1 {
			return nil, refuse(400, "OBP-09017: Duplicate Header Keys are not allowed.")
		}
	}
	obp := strings.HasPrefix(r.URL.Path, "/obp/")
	if a := r.Header.Get("Accept"); obp && a != "" && !strings.Contains(a, "json") && !strings.Contains(a, "application/*") && !strings.Contains(a, "*/*") {
		return nil, notFound(r)
	}
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return nil, nil
	}
	ct, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if ct != "application/json" && obp {
		return nil, notFound(r)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, refuse(400, "OBP-10001: Incorrect json format.")
	}
	if ct == "application/json" && len(body) > 0 && !json.Valid(body) {
		return nil, refuse(400, "OBP-10001: Incorrect json format.%s", parseFault(string(body)))
	}
	return body, nil
}

// parseFault words a broken body as the server's parser does: a bare word is
// read as one of its three literals by its first letter.
func parseFault(body string) string {
	at := strings.IndexFunc(body, func(c rune) bool { return !strings.ContainsRune("{[ \t\r\n", c) })
	if at < 0 {
		return "unexpected eof\nNear: " + body
	}
	for _, literal := range []string{"null", "true", "false"} {
		if body[at] == literal[0] {
			return "expected " + literal + "\nNear: " + body[:min(len(body), at+len(literal)-1)]
		}
	}
	return "unknown token " + body[at:at+1] + "\nNear: " + body[:at+1]
}

func notFound(r *http.Request) *refusal {
	return refuse(404, "OBP-10404: 404 Not Found. The server could not find the requested URI. Please double check your URL, headers and body. Note: When you are making a POST or PUT request, the Content-Type header MUST be `application/json`. Note: OBP only supports JSON formatted bodies.Current Url is (%s), Current Content-Type Header is (%s)", r.RequestURI, r.Header.Get("Content-Type"))
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, out any, no *refusal) {
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=utf-8")
	h.Set("Cache-Control", "no-cache, private, no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Access-Control-Allow-Origin", "*")
	if no != nil {
		status, out = no.status, map[string]any{"code": no.status, "message": no.text}
	}
	if no == nil || !strings.HasPrefix(no.text, "OBP-20003") {
		h.Set("Correlation-Id", uuid.NewString())
	}
	if no != nil && strings.HasPrefix(no.text, "OBP-20001") {
		p := s.start.Provider
		h.Set("WWW-Authenticate", fmt.Sprintf(`OAuth realm="%s", Bearer realm="%s", DirectLogin realm="%s"`, p, p, p))
	}
	var body []byte
	if status != http.StatusNoContent {
		body, _ = json.Marshal(out)
	}
	if no == nil {
		sum := sha256.Sum256(append([]byte(r.RequestURI), body...))
		tag := hex.EncodeToString(sum[:16])
		h.Set("ETag", tag)
		if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
