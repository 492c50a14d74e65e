package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
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
	Now     func() time.Time // nil: time.Now
	Latency time.Duration    // every operation takes this long
	Jitter  time.Duration    // and up to this much more or less
	Seed    uint64           // of jitter and of faults by chance
}

// Server is a stand-in OBP. It may be used concurrently.
type Server struct {
	start World
	now   func() time.Time
	mux   *chi.Mux
	roles map[string]role
	names []string // roles in order

	ops    map[string]bool // without the version prefix
	faults *faults
	dice   *dice
	slow   [2]time.Duration // latency, jitter

	mu    sync.Mutex
	world World // what does not change; what does is in store
	store
	tokens map[string]string // token -> user id
	bad    map[string]int    // user name -> failed sign-ins in a row
	badAt  map[string]time.Time
	calls  map[string]int64
}

// New makes a stand-in of a world, which must not be changed afterwards.
func New(w World, o Options) (*Server, error) {
	var list []role
	if err := json.Unmarshal(rolesJSON, &list); err != nil {
		return nil, fmt.Errorf("sandbox: roles: %w", err)
	}
	s := &Server{start: w, now: o.Now, mux: chi.NewRouter(), roles: map[string]role{}, ops: map[string]bool{}, faults: newFaults(),
		dice: newDice(o.Seed), slow: [2]time.Duration{o.Latency, o.Jitter}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.start.Settings.MaxBadLogins == 0 {
		s.start.Settings.MaxBadLogins = 5
	}
	if s.start.ConsumerID == "" {
		s.start.ConsumerID = "11111111-2222-4333-8444-555555555555"
	}
	if len(s.start.SystemViews) == 0 {
		s.start.SystemViews = defaultSystemViews()
	}
	for _, r := range list {
		s.roles[r.Name] = r
		s.names = append(s.names, r.Name)
	}
	s.Reset()
	s.routes()
	return s, nil
}

// Reset puts the world back to its start; every token and every fault is forgotten.
func (s *Server) Reset() {
	s.ClearFaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = s.start
	s.store = newStore(&s.start)
	s.tokens, s.bad, s.calls = map[string]string{}, map[string]int{}, map[string]int64{}
	s.badAt = map[string]time.Time{}
	for _, u := range s.start.Users {
		if u.BadLogins > 0 && u.Provider == s.world.Provider {
			s.bad[u.Username], s.badAt[u.Username] = u.BadLogins, u.BadLoginAt
		}
	}
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
	op    string // without the version prefix
	fault *Fault // what goes wrong with this call, nil for nothing
	items string // Range header of a paged answer
	last  string // name of the path's last part, when it is a variable
	user  *User  // nil when the operation needs no sign-in and none was given
}

// arg is a part of the path, unescaped.
func (r *request) arg(name string) string {
	v := chi.URLParam(r.Request, name)
	if r.URL.RawPath != "" {
		if u, err := url.PathUnescape(v); err == nil {
			v = u
		}
	}
	if name == r.last {
		return cutSuffix(v)
	}
	return v
}

// cutSuffix does what the server's web framework does to the last part of a
// path: it takes known file suffixes off.
func cutSuffix(v string) string {
	i := strings.LastIndexByte(v, '.')
	if i > 0 && slices.Contains(fileSuffixes, strings.ToLower(v[i+1:])) {
		return v[:i]
	}
	return v
}

var fileSuffixes = strings.Fields("json html htm xml txt text csv pdf js css png jpg jpeg gif svg ico zip gz tar doc xls ppt rtf mp3 mp4 xhtml rss")

// handler answers with a status and a body, nil for none. s.mu is held, and the
// body shares nothing with the world that can change.
type handler func(r *request) (int, any, *refusal)

// stamp is a time as OBP writes it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
