package session

import (
	"context"
	"crypto/rand"
	"errors"
	"time"
)

// HalfFor is how long a sign-in waits for its code.
const HalfFor = 10 * time.Minute

// half is a sign-in whose password was right and whose code is not given yet.
type half struct{ Value, Next string }

// HalfSignIn keeps s, sealed, until its code is given, under a new cookie value
// of nobody; next is where the person was going. A live session ends.
func (m *Manager) HalfSignIn(ctx context.Context, s State, next string) error {
	if s.UserID == "" || s.Token.Empty() {
		return errors.New("session: sign-in needs a user id and a credential")
	}
	if barred, err := m.Barred(ctx, s.UserID); err != nil || barred {
		return errors.Join(err, ErrBarred)
	}
	text, err := stored{State: s}.encode()
	if err != nil {
		return err
	}
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	v := stored{HalfID: rand.Text()}
	if rq.value != nil {
		v.KeptID = rq.value.KeptID
		if err := m.dropHalf(ctx, rq); err != nil {
			return err
		}
	}
	if rq.live != nil {
		if err := m.drop(ctx, *rq.live, ReasonRenewed); err != nil {
			return err
		}
		rq.live = nil
	}
	if err := m.writeRecord(ctx, kindHalf, v.HalfID, half{text, LocalPath(next)}, m.now().Add(HalfFor)); err != nil {
		return err
	}
	return m.renew(ctx, rq, v)
}

// Half gives the sign-in that waits for its code, and where it leads; false
// when there is none, or none any more.
func (m *Manager) Half(ctx context.Context) (s State, next string, ok bool, err error) {
	s, next, _, ok, err = m.half(ctx)
	return s, next, ok, err
}

// half is Half, and the name under which the sign-in waits.
func (m *Manager) half(ctx context.Context) (s State, next, id string, ok bool, err error) {
	rq := of(ctx)
	rq.mu.Lock()
	if rq.live == nil && rq.value != nil {
		id = rq.value.HalfID
	}
	rq.mu.Unlock()
	if id == "" {
		return s, "", "", false, nil
	}
	var h half
	if ok, err = m.readRecord(ctx, kindHalf, id, &h); err != nil || !ok {
		return s, "", id, false, err
	}
	v, err := decodeStored(h.Value)
	return v.State, h.Next, id, err == nil, err
}

// dropHalf forgets a sign-in that waits; the caller holds rq.mu.
func (m *Manager) dropHalf(ctx context.Context, rq *request) error {
	if rq.value == nil || rq.value.HalfID == "" {
		return nil
	}
	return errors.Join(m.deleteRecord(ctx, kindHalf, rq.value.HalfID), m.deleteRecord(ctx, kindNewFactor, "sign-in "+rq.value.HalfID))
}
