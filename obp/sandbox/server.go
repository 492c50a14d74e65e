package sandbox

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
)

//go:embed roles.json
var rolesJSON []byte

//go:embed root.json
var rootJSON string

type role struct {
	Name           string `json:"role"`
	RequiresBankID bool   `json:"requires_bank_id"`
}

// Options of New.
type Options struct {
	Now func() time.Time // nil: time.Now
}

// Server is a stand-in OBP. It may be used concurrently.
type Server struct {
	start World
	now   func() time.Time
	mux   *chi.Mux
	roles map[string]role
	names []string // roles in order

	mu     sync.Mutex
	world  World
	tokens map[string]string // token -> user id
	bad    map[string]int    // user name -> failed sign-ins in a row
	calls  map[string]int64

	attributes []attribute
}

// New makes a stand-in of a world, which it copies.
func New(w World, o Options) (*Server, error) {
	var list []role
	if err := json.Unmarshal(rolesJSON, &list); err != nil {
		return nil, fmt.Errorf("sandbox: roles: %w", err)
	}
	s := &Server{start: w, now: o.Now, mux: chi.NewRouter(), roles: map[string]role{}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.start.Settings.MaxBadLogins == 0 {
		s.start.Settings.MaxBadLogins = 5
	}
	for _, r := range list {
		s.roles[r.Name] = r
		s.names = append(s.names, r.Name)
	}
	s.Reset()
	s.routes()
	return s, nil
}

// Reset puts the world back to its start; every token is forgotten.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = s.start
	s.world.Users = slices.Clone(s.start.Users)
	s.world.Entitlements = slices.Clone(s.start.Entitlements)
	s.world.Requests = slices.Clone(s.start.Requests)
	s.attributes = nil
	s.tokens, s.bad, s.calls = map[string]string{}, map[string]int{}, map[string]int64{}
}

// Calls gives how often each operation was called since the last reset, by
// "METHOD /path/pattern".
func (s *Server) Calls() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// refusal is an answer that is not a success.
type refusal struct {
	status int
	text   string
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// request is one call with what the framework found out about it.
type request struct {
	*http.Request
	body  []byte
	items string // Range header of a paged answer
	user  *User  // nil when the operation needs no sign-in and none was given
}

// arg is a part of the path, unescaped.
func (r *request) arg(name string) string {
	v := chi.URLParam(r.Request, name)
	if r.URL.RawPath != "" {
		if u, err := url.PathUnescape(v); err == nil {
			return u
		}
	}
	return v
}

// handler answers with a status and a body, nil for none. s.mu is held.
type handler func(r *request) (int, any, *refusal)

const prefix = "/obp/v5.0.0"

func (s *Server) routes() {
	open := func(pattern string, h handler) { s.handle(pattern, false, h) }
	signed := func(pattern string, h handler) { s.handle(pattern, true, h) }
	open("POST /my/logins/direct", s.directLogin)
	open("GET "+prefix+"/root", s.root)
	open("GET "+prefix+"/banks", s.banks)
	open("GET "+prefix+"/banks/{BANK_ID}", s.bank)
	signed("GET "+prefix+"/users/current", s.currentUser)
	signed("GET "+prefix+"/users/current/user_id", s.currentUserID)
	signed("GET "+prefix+"/users/current/logout-link", s.logoutLink)
	signed("GET "+prefix+"/my/spaces", s.spaces)
	signed("GET "+prefix+"/users/user_id/{USER_ID}", s.userByID)
	signed("GET "+prefix+"/users/username/{USERNAME}", s.userByName)
	signed("GET "+prefix+"/users", s.users)
	signed("GET "+prefix+"/users/{USERNAME}/lock-status", s.lockStatus)
	signed("PUT "+prefix+"/users/{USERNAME}/lock-status", s.unlock)
	signed("POST "+prefix+"/users/{USERNAME}/locks", s.lock)
	signed("GET "+prefix+"/my/user/attributes", s.myAttributes)
	signed("POST "+prefix+"/my/user/attributes", s.createAttribute)
	signed("PUT "+prefix+"/my/user/attributes/{USER_ATTRIBUTE_ID}", s.updateAttribute)
	signed("GET "+prefix+"/users/{USER_ID}/attributes", s.userAttributes)
	signed("GET "+prefix+"/roles", s.allRoles)
	signed("GET "+prefix+"/entitlements", s.allEntitlements)
	signed("GET "+prefix+"/my/entitlements", s.myEntitlements)
	signed("GET "+prefix+"/users/{USER_ID}/entitlements", s.userEntitlements)
	signed("GET "+prefix+"/banks/{BANK_ID}/entitlements", s.bankEntitlements)
	signed("GET "+prefix+"/banks/{BANK_ID}/users/{USER_ID}/entitlements", s.bankUserEntitlements)
	signed("POST "+prefix+"/users/{USER_ID}/entitlements", s.createEntitlement)
	signed("DELETE "+prefix+"/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", s.deleteEntitlement)
	signed("POST "+prefix+"/user-entitlements", s.dauthEntitlements)
	signed("GET "+prefix+"/entitlement-requests", s.allRequests)
	signed("GET "+prefix+"/users/{USER_ID}/entitlement-requests", s.userRequests)
	signed("GET "+prefix+"/my/entitlement-requests", s.myRequests)
	signed("POST "+prefix+"/entitlement-requests", s.createRequest)
	signed("DELETE "+prefix+"/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", s.deleteRequest)
	s.mux.Post("/sandbox/reset", func(w http.ResponseWriter, _ *http.Request) { s.Reset() })
	s.mux.Get("/sandbox/calls", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Calls())
	})
	unknown := func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, 0, nil, notFound(r)) }
	s.mux.NotFound(unknown)
	s.mux.MethodNotAllowed(unknown)
}

func notFound(r *http.Request) *refusal {
	return refuse(404, "OBP-10404: 404 Not Found. The server could not find the requested URI. Please double check your URL, headers and body. Note: When you are making a POST or PUT request, the Content-Type header MUST be `application/json`. Note: OBP only supports JSON formatted bodies.Current Url is (%s), Current Content-Type Header is (%s)", r.RequestURI, r.Header.Get("Content-Type"))
}

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

// handle registers h behind the count of its calls and the sign-in.
func (s *Server) handle(pattern string, signedIn bool, h handler) {
	method, path, _ := strings.Cut(pattern, " ")
	s.mux.MethodFunc(method, path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.answer(w, r, 0, nil, refuse(400, "OBP-10001: Incorrect json format."))
			return
		}
		var no *refusal
		s.mu.Lock()
		s.calls[pattern]++
		rq := &request{Request: r, body: body}
		if pattern != "POST /my/logins/direct" {
			rq.user, no = s.signedIn(r, signedIn)
		}
		var status int
		var out any
		if no == nil {
			status, out, no = h(rq)
		}
		s.mu.Unlock()
		if rq.items != "" {
			w.Header().Set("Range", rq.items)
		}
		s.answer(w, r, status, out, no)
	})
}

func before(r *http.Request) ([]byte, *refusal) {
	for _, v := range r.URL.Query() {
		if len(v) > 1 {
			return nil, refuse(400, "OBP-09016: Duplicate Query Parameters are not allowed.")
		}
	}
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return nil, nil
	}
	ct, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if ct != "application/json" && strings.HasPrefix(r.URL.Path, "/obp/") {
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

// holds tells whether a person holds a role at a bank, or at system scope when bankID is empty.
func (s *Server) holds(u *User, name, bankID string) bool {
	return slices.ContainsFunc(s.world.Entitlements, func(e Entitlement) bool {
		return e.UserID == u.UserID && e.Role == name && e.BankID == bankID
	})
}

func missing(names string) *refusal {
	return refuse(403, "OBP-20006: User is missing one or more roles: %s", names)
}

// need refuses unless the caller holds a system role.
func (s *Server) need(r *request, name string) *refusal {
	if s.holds(r.user, name, "") {
		return nil
	}
	return missing(name)
}

func (s *Server) findBank(id string) *Bank {
	for i := range s.world.Banks {
		if s.world.Banks[i].ID == id {
			return &s.world.Banks[i]
		}
	}
	return nil
}

func (s *Server) findUser(match func(*User) bool) *User {
	for i := range s.world.Users {
		if match(&s.world.Users[i]) {
			return &s.world.Users[i]
		}
	}
	return nil
}

func (s *Server) userID(id string) *User {
	return s.findUser(func(u *User) bool { return u.UserID == id })
}

func (s *Server) root(*request) (int, any, *refusal) {
	p, _ := json.Marshal(s.world.Provider)
	return 200, json.RawMessage(strings.ReplaceAll(rootJSON, "${provider}", strings.Trim(string(p), `"`))), nil
}

func (s *Server) banks(*request) (int, any, *refusal) {
	return 200, map[string]any{"banks": s.world.Banks}, nil
}

func (s *Server) bank(r *request) (int, any, *refusal) {
	b := s.findBank(r.arg("BANK_ID"))
	if b == nil {
		return 0, nil, noBank(r.arg("BANK_ID"))
	}
	return 200, map[string]any{"id": b.ID, "bank_code": b.ShortName, "full_name": b.FullName, "logo": b.Logo, "website": b.Website,
		"bank_routings": append([]Routing{{Scheme: "BIC"}}, b.Routings...), "attributes": b.Attributes}, nil
}

func noBank(id string) *refusal {
	return refuse(404, "OBP-30001: Bank not found. Please specify a valid value for BANK_ID. Current BankId is %s", id)
}

func (s *Server) logoutLink(*request) (int, any, *refusal) {
	u, err := url.JoinPath(s.world.Settings.PortalHostname, "user_mgt", "logout")
	if err != nil {
		return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
	}
	return 200, map[string]string{"link": u}, nil
}
