// Package session keeps signed-in operators: a typed face over scs with an
// encrypted value, limits on a clock that can be set, and the records beside it
// (who is signed in, who is barred, preferences, a form kept for after sign-in).
package session

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// CookieName is the session cookie: __Host- binds it to this host and to Secure.
const CookieName = "__Host-console"

// Errors of the Manager.
var (
	ErrNoSession     = errors.New("session: nobody is signed in")
	ErrEnded         = errors.New("session: it has been ended")
	ErrBarred        = errors.New("session: this person is barred from the console")
	ErrTooManyProofs = errors.New("session: too many failed proofs")
	ErrTooLarge      = errors.New("session: the form is too large to keep")
)

// Options of New. Store and Key are needed.
type Options struct {
	Store        Store
	Key          [32]byte      // encrypts; also names cookies in the store
	PreviousKeys [][32]byte    // still opened, never used to encrypt
	Idle         time.Duration // default 15 minutes
	Lifetime     time.Duration // default and maximum 12 hours
	WarnBefore   time.Duration // default 2 minutes before the idle limit
	Now          func() time.Time
	Logger       *slog.Logger
	// Poll marks requests that do not keep a session alive; nil: none.
	Poll func(*http.Request) bool
	// OnError answers when the store fails; default a plain 500.
	OnError func(http.ResponseWriter, *http.Request, error)
}

// Manager is safe for concurrent use.
type Manager struct {
	Options
	scs     *scs.SessionManager
	sealer  *sealer
	updates [64]sync.Mutex // see one
	seed    maphash.Seed

	sweepMu sync.Mutex
	swept   time.Time
}

// New checks the options and fills in the defaults.
func New(o Options) (*Manager, error) {
	if o.Store == nil || o.Key == [32]byte{} {
		return nil, errors.New("session: a store and a key are needed")
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.Idle, 15*time.Minute)
	def(&o.Lifetime, 12*time.Hour)
	def(&o.WarnBefore, 2*time.Minute)
	if o.Lifetime > 12*time.Hour || o.Idle < 0 || o.Idle > o.Lifetime {
		return nil, errors.New("session: the idle limit must lie within the lifetime, and that within 12 hours")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OnError == nil {
		o.OnError = func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "The console cannot read its sessions.", http.StatusInternalServerError)
		}
	}
	s, err := newSealer(o.Key, o.PreviousKeys)
	if err != nil {
		return nil, err
	}
	m := &Manager{Options: o, sealer: s, scs: scs.New(), seed: maphash.MakeSeed()}
	m.scs.Store, m.scs.Codec, m.scs.HashTokenInStore = keepsOld{o.Store}, codec{s}, true
	m.scs.Lifetime = o.Lifetime // the idle limit is ours: see live.go
	m.scs.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		o.Logger.ErrorContext(r.Context(), "session store", "error", err)
		o.OnError(w, r, err)
	}
	m.scs.Cookie = scs.SessionCookie{Name: CookieName, Path: "/", HttpOnly: true, Secure: true,
		SameSite: http.SameSiteStrictMode, Persist: false}
	return m, nil
}

func (m *Manager) now() time.Time { return m.Now().UTC() }

// sweep deletes what expired, at most once a minute.
func (m *Manager) sweep(ctx context.Context) {
	now := m.now()
	m.sweepMu.Lock()
	due := now.Sub(m.swept) >= time.Minute
	if due {
		m.swept = now
	}
	m.sweepMu.Unlock()
	if due {
		if err := m.Sweep(ctx); err != nil {
			m.Logger.ErrorContext(ctx, "session sweep", "error", err)
		}
	}
}
