package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"time"
)

// KeptFor is how long a form waits for its writer to sign in again.
const KeptFor = 15 * time.Minute

type kept struct {
	UserID, Path string
	Form         url.Values
	Until        time.Time
}

// KeepForAfterSignIn keeps a form that was posted after the session ended, for
// KeptFor, sealed, under a new session of nobody. userID is the writer's, from
// Lapsed or from Current before Expire; without one nothing is kept, since the
// next person at this browser may be another. Secrets are left out.
func (m *Manager) KeepForAfterSignIn(ctx context.Context, path string, form url.Values, userID string) error {
	if userID == "" {
		return ErrNoSession
	}
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live != nil {
		return errors.New("session: a form is kept only when nobody is signed in")
	}
	form, err := keepable(form)
	if err != nil {
		return err
	}
	id, until := rand.Text(), m.now().Add(KeptFor)
	k := kept{UserID: userID, Path: LocalPath(path), Form: form, Until: until}
	if err := m.writeRecord(ctx, kindKept, id, k, until); err != nil {
		return err
	}
	return m.renew(ctx, rq, stored{KeptID: id})
}

// TakeKept gives the path and form that userID, who is now signed in, had
// written, once. Anybody else's is deleted unseen.
func (m *Manager) TakeKept(ctx context.Context, userID string) (path string, form url.Values, ok bool) {
	s, signedIn := m.Current(ctx)
	rq := of(ctx)
	rq.mu.Lock()
	var id string
	if rq.value != nil {
		id = rq.value.KeptID
	}
	rq.mu.Unlock()
	if !signedIn || s.UserID != userID || id == "" {
		return "", nil, false
	}
	var k kept
	found, err := m.takeRecord(ctx, kindKept, id, &k)
	err = errors.Join(err, m.change(ctx, func(v *stored) { v.KeptID = "" }))
	if err != nil || !found || k.UserID != userID || !m.now().Before(k.Until) {
		return "", nil, false
	}
	return k.Path, k.Form, true
}
