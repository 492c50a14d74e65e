package session

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Reason says why a session is over.
type Reason string

// Reasons. Account reasons are given by the caller of Expire.
const (
	ReasonIdle     Reason = "idle"
	ReasonLifetime Reason = "lifetime"
	ReasonEnded    Reason = "ended"   // by an administrator, or barred
	ReasonProofs   Reason = "proofs"  // three failed proofs
	ReasonRenewed  Reason = "renewed" // the cookie was replaced by a newer one of the same session
	ReasonToken    Reason = "token"   // OBP no longer takes the credential
	ReasonLocked   Reason = "locked"
	ReasonDeleted  Reason = "deleted"
	ReasonFactor   Reason = "factor" // a second factor is demanded now
)

// Lapsed names whose session a request's cookie was, and why it is over.
type Lapsed struct {
	UserID string
	Reason Reason
}

type ctxKey int

const (
	requestKey ctxKey = iota
	noTouchKey
	keepOldKey
)

// request is what one request knows; guarded by mu.
type request struct {
	mu      sync.Mutex
	value   *stored // nil: nothing kept for this cookie
	live    *live   // nil: nobody signed in
	hash    string
	pending bool // scs writes value and cookie at the first byte
	lapsed  *Lapsed
}

// WithoutTouch marks a request that must not keep its session alive. It has to
// be set before Middleware runs.
func WithoutTouch(ctx context.Context) context.Context {
	return context.WithValue(ctx, noTouchKey, true)
}

func of(ctx context.Context) *request {
	rq, ok := ctx.Value(requestKey).(*request)
	if !ok {
		panic("session: the request did not pass Middleware")
	}
	return rq
}

// Middleware loads the session, refuses it when a limit has passed, and writes
// the cookie at the first byte of the answer: SignIn, StepUp, SignOut and
// KeepForAfterSignIn have to come before that byte. A cookie whose session
// lapsed stays in the browser, so that a form posted with it can still be
// matched to the person (see Lapsed). It adds "Vary: Cookie".
func (m *Manager) Middleware(next http.Handler) http.Handler {
	inner := m.scs.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.sweep(r.Context())
		ctx := r.Context()
		if m.Poll != nil && m.Poll(r) {
			ctx = WithoutTouch(ctx)
		}
		ctx, err := m.load(ctx, r)
		if err != nil {
			m.scs.ErrorFunc(w, r, err)
			return
		}
		inner.ServeHTTP(w, r.WithContext(ctx)) // finds the data loaded here
	})
}

func (m *Manager) load(ctx context.Context, r *http.Request) (context.Context, error) {
	rq := &request{}
	base := context.WithValue(ctx, requestKey, rq)
	cookie, err := r.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return m.scs.Load(base, "")
	}
	rq.hash = hashToken(cookie.Value)
	loaded, err := m.scs.Load(base, cookie.Value)
	if errors.Is(err, errUnreadable) {
		return m.scs.Load(base, "")
	}
	if err != nil {
		return nil, err
	}
	if text := m.scs.GetString(loaded, valueKey); text != "" {
		v, err := decodeStored(text)
		if err != nil {
			return nil, err
		}
		if v.UserID == "" {
			rq.value = &v
			return loaded, nil
		}
		if err := m.enter(loaded, rq, v); err != nil {
			return nil, err
		}
		if rq.live != nil {
			return loaded, nil
		}
	}
	var l Lapsed
	ok, err := m.readRecord(ctx, kindTrace, m.sealer.trace(cookie.Value), &l)
	if ok && l.Reason != "" {
		rq.lapsed = &l
	}
	if err != nil {
		return nil, err
	}
	return m.scs.Load(base, "")
}

// enter fills rq when the session is within its limits, else drops it.
func (m *Manager) enter(ctx context.Context, rq *request, v stored) error {
	var l live
	ok, err := m.readRecord(ctx, kindLive, v.SessionID, &l)
	if err != nil || !ok || l.Hash != rq.hash {
		return err
	}
	why := m.lapsed(l)
	if why == "" {
		barred, err := m.Barred(ctx, l.UserID)
		if err != nil {
			return err
		}
		if barred {
			why = ReasonEnded
		}
	}
	if why != "" {
		return m.drop(ctx, l, why)
	}
	if ctx.Value(noTouchKey) == nil && m.now().Sub(l.LastSeen) >= time.Second {
		l, err = m.changeLive(ctx, v.SessionID, func(l *live) error {
			l.LastSeen = m.now()
			return nil
		})
		if errors.Is(err, ErrEnded) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	v.LastSeen, v.StepUpFailures = l.LastSeen, l.Failures
	rq.value, rq.live = &v, &l
	return nil
}

// Lapsed tells whose session the request's cookie was, when it is over.
func (m *Manager) Lapsed(ctx context.Context) (Lapsed, bool) {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.lapsed == nil {
		return Lapsed{}, false
	}
	return *rq.lapsed, true
}

// Current gives a copy of the state, and false when nobody is signed in.
func (m *Manager) Current(ctx context.Context) (State, bool) {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live == nil {
		return State{}, false
	}
	return rq.value.clone().State, true
}

// Expiry gives the idle limit, if nothing more is asked for, and the absolute
// one; zero times when nobody is signed in.
func (m *Manager) Expiry(ctx context.Context) (idleAt, absoluteAt time.Time) {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live == nil {
		return time.Time{}, time.Time{}
	}
	s := rq.value
	idleAt = s.LastSeen.Add(m.Idle)
	if idleAt.After(s.ExpiresAt) {
		idleAt = s.ExpiresAt
	}
	return idleAt, s.ExpiresAt
}
