package session

import (
	"context"
	"crypto/rand"
	"errors"
)

// proofs is how often a proof may fail before the person is signed out; it is
// below the number at which OBP locks an account.
const proofs = 3

// SignIn starts a session for s.Person with s.Token, under a new cookie value.
// One that was there before is ended. ErrBarred when the person is barred.
func (m *Manager) SignIn(ctx context.Context, s State) error {
	if s.UserID == "" || s.Token.Empty() {
		return errors.New("session: sign-in needs a user id and a credential")
	}
	if barred, err := m.Barred(ctx, s.UserID); err != nil || barred {
		return errors.Join(err, ErrBarred)
	}
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	v := stored{State: s}
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
	}
	now := m.now()
	v.SessionID = rand.Text()
	v.SignedInAt, v.ProvedAt, v.LastSeen, v.ExpiresAt = now, now, now, now.Add(m.Lifetime)
	v.StepUpFailures = 0
	v.UserAgent = v.UserAgent[:min(len(v.UserAgent), 200)]
	l := live{Info: Info{SessionID: v.SessionID, UserID: v.UserID, Username: v.Username, ClientAddr: v.ClientAddr,
		UserAgent: v.UserAgent, SignedInAt: now, LastSeen: now, ExpiresAt: v.ExpiresAt}}
	if err := m.renew(ctx, rq, v); err != nil {
		return err
	}
	l.Hash, l.Trace = rq.hash, m.sealer.trace(m.scs.Token(ctx))
	if err := m.writeRecord(ctx, kindLive, l.SessionID, l, l.ExpiresAt); err != nil {
		return err
	}
	rq.live, rq.lapsed = &l, nil
	return m.trace(ctx, l, "")
}

// renew puts v under a new cookie value, of the same scs deadline, at once.
func (m *Manager) renew(ctx context.Context, rq *request, v stored) error {
	deadline := m.scs.Deadline(ctx)
	if err := m.scs.RenewToken(ctx); err != nil {
		return err
	}
	if rq.live != nil && v.SessionID == rq.live.SessionID {
		m.scs.SetDeadline(ctx, deadline) // scs would start a new lifetime
	}
	if err := m.put(ctx, rq, v); err != nil {
		return err
	}
	rq.hash = hashToken(m.scs.Token(ctx))
	return nil
}

func (m *Manager) put(ctx context.Context, rq *request, v stored) error {
	text, err := v.encode()
	if err != nil {
		return err
	}
	m.scs.Put(ctx, valueKey, text)
	if _, _, err := m.scs.Commit(ctx); err != nil {
		return err
	}
	rq.value, rq.pending = &v, true
	return nil
}

// SignOut destroys the session, its trace and what was kept for it, and has
// the browser drop the cookie. It is no error when nobody is signed in.
func (m *Manager) SignOut(ctx context.Context) error {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	var errs []error
	if rq.value != nil && rq.value.KeptID != "" {
		errs = append(errs, m.deleteRecord(ctx, kindKept, rq.value.KeptID))
	}
	errs = append(errs, m.dropHalf(ctx, rq))
	if rq.live != nil {
		errs = append(errs, m.drop(ctx, *rq.live, ReasonEnded), m.deleteRecord(ctx, kindTrace, rq.live.Trace))
	}
	errs = append(errs, m.scs.Destroy(ctx))
	rq.value, rq.live, rq.pending = nil, nil, false
	return errors.Join(errs...)
}

// Expire ends the session for a reason that is not the person's wish, such as
// ReasonToken. The cookie's trace stays, so that a form can be kept.
func (m *Manager) Expire(ctx context.Context, why Reason) error {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live == nil {
		return ErrNoSession
	}
	l := *rq.live
	rq.value, rq.live, rq.lapsed = nil, nil, &Lapsed{UserID: l.UserID, Reason: why}
	if rq.pending { // scs would write the value again at the first byte
		rq.pending = false
		return errors.Join(m.drop(ctx, l, why), m.scs.Destroy(ctx))
	}
	return m.drop(ctx, l, why)
}

// BeginStepUp counts an attempt before OBP is asked, so that parallel attempts
// cannot pass the limit. The one that exceeds it ends the session:
// ErrTooManyProofs. It gives the attempts left after this one.
func (m *Manager) BeginStepUp(ctx context.Context) (left int, err error) {
	s, ok := m.Current(ctx)
	if !ok {
		return 0, ErrNoSession
	}
	l, err := m.changeLive(ctx, s.SessionID, func(l *live) error {
		l.Failures++
		return nil
	})
	if err != nil {
		return 0, err
	}
	if l.Failures > proofs {
		return 0, errors.Join(ErrTooManyProofs, m.Expire(ctx, ReasonProofs))
	}
	return proofs - l.Failures, nil
}

// FailStepUp is called after BeginStepUp when the proof was wrong. The third
// failure ends the session: ErrTooManyProofs.
func (m *Manager) FailStepUp(ctx context.Context) error {
	s, ok := m.Current(ctx)
	if !ok {
		return ErrNoSession
	}
	l, err := m.changeLive(ctx, s.SessionID, func(*live) error { return nil })
	if err != nil {
		return err
	}
	if l.Failures >= proofs {
		return errors.Join(ErrTooManyProofs, m.Expire(ctx, ReasonProofs))
	}
	return nil
}

// StepUp records a good proof by userID, which must be the session's own: the
// cookie's value is new, token (unless empty) replaces the credential and the
// old one is forgotten. The absolute limit stays.
func (m *Manager) StepUp(ctx context.Context, userID string, token Secret) error {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live == nil {
		return ErrNoSession
	}
	if userID != rq.live.UserID {
		return errors.New("session: the proof is of another person")
	}
	mu := m.one(rq)
	mu.Lock()
	defer mu.Unlock()
	old := *rq.live
	if err := m.moveProved(ctx, rq, token); err != nil {
		return err
	}
	l, err := m.changeLive(ctx, old.SessionID, func(l *live) error {
		l.Hash, l.Trace, l.Failures = rq.hash, m.sealer.trace(m.scs.Token(ctx)), 0
		return nil
	})
	if err != nil {
		rq.value, rq.live, rq.pending = nil, nil, false
		return errors.Join(err, m.scs.Destroy(ctx))
	}
	rq.live = &l
	return errors.Join(m.trace(ctx, old, ReasonRenewed), m.trace(ctx, l, ""))
}

// moveProved puts the proved value under a new cookie value and takes the old
// one away. What another node changed of the old one meanwhile comes along.
func (m *Manager) moveProved(ctx context.Context, rq *request, token Secret) error {
	before, moved := &request{value: rq.value, hash: rq.hash, pending: rq.pending}, false
	fail := func(err error) error {
		if !moved {
			return err
		}
		rq.value, rq.live, rq.pending = nil, nil, false
		return errors.Join(err, m.scs.Destroy(ctx))
	}
	for {
		v, sealed, err := m.fresh(before)
		if err != nil {
			return fail(err)
		}
		if !token.Empty() {
			v.Token = token
		}
		v.ProvedAt, v.StepUpFailures = m.now(), 0
		if moved {
			err = m.put(ctx, rq, v)
		} else {
			err = m.renew(context.WithValue(ctx, keepOldKey, true), rq, v)
		}
		if err != nil {
			return fail(err)
		}
		moved = true
		if sealed == nil {
			if err := m.Store.Delete(before.hash); err != nil {
				return fail(err)
			}
			return nil
		}
		gone, err := m.Store.Swap(ctx, before.hash, sealed, nil, v.ExpiresAt)
		if err != nil {
			return fail(err)
		}
		if gone {
			return nil
		}
	}
}
