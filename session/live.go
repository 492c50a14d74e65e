package session

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Info says who is signed in, without any credential. Times are UTC.
type Info struct {
	SessionID, UserID, Username     string
	ClientAddr, UserAgent           string
	SignedInAt, LastSeen, ExpiresAt time.Time
}

// live is the record that makes a session valid. It is only ever made by
// SignIn, so a request under way when a session is ended cannot bring it back.
type live struct {
	Info
	Hash     string // of the cookie's value, as the store names it
	Trace    string
	Failures int
}

func (m *Manager) lapsed(l live) Reason {
	switch now := m.now(); {
	case !now.Before(l.ExpiresAt):
		return ReasonLifetime
	case now.Sub(l.LastSeen) > m.Idle:
		return ReasonIdle
	}
	return ""
}

func (m *Manager) readRecord(ctx context.Context, kind, key string, into any) (bool, error) {
	r, ok, err := m.Store.Record(ctx, kind, key)
	if err != nil || !ok {
		return false, err
	}
	return m.openRecord(r, kind, key, into)
}

// takeRecord reads and deletes a record in one step: only one caller gets it.
func (m *Manager) takeRecord(ctx context.Context, kind, key string, into any) (ok bool, err error) {
	err = m.Store.Change(ctx, kind, key, func(r *Record) (*Record, error) {
		ok, err = false, nil
		if r != nil {
			ok, err = m.openRecord(*r, kind, key, into)
		}
		return nil, err
	})
	return ok, err
}

// openRecord is false for one that expired or that no key opens.
func (m *Manager) openRecord(r Record, kind, key string, into any) (bool, error) {
	if !r.Expires.IsZero() && r.Expires.Before(m.now()) {
		return false, nil
	}
	if err := m.unseal(r, kind, key, into); err != nil {
		if errors.Is(err, errUnreadable) {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

func (m *Manager) unseal(r Record, kind, key string, into any) error {
	plain, err := m.sealer.open(r.Value, kind+"|"+key)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

func (m *Manager) sealed(v any, kind, key string, expires time.Time) (*Record, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &Record{Value: m.sealer.seal(b, kind+"|"+key), Expires: expires}, nil
}

func (m *Manager) writeRecord(ctx context.Context, kind, key string, v any, expires time.Time) error {
	next, err := m.sealed(v, kind, key, expires)
	if err != nil {
		return err
	}
	return m.Store.Change(ctx, kind, key, func(*Record) (*Record, error) { return next, nil })
}

func (m *Manager) deleteRecord(ctx context.Context, kind, key string) error {
	return m.Store.Change(ctx, kind, key, func(*Record) (*Record, error) { return nil, nil })
}

// changeLive changes the record of a session that still exists, else ErrEnded.
func (m *Manager) changeLive(ctx context.Context, id string, fn func(*live) error) (live, error) {
	var l live
	err := m.Store.Change(ctx, kindLive, id, func(old *Record) (*Record, error) {
		if old == nil {
			return nil, ErrEnded
		}
		if err := m.unseal(*old, kindLive, id, &l); err != nil {
			return nil, errors.Join(ErrEnded, err)
		}
		if err := fn(&l); err != nil {
			return nil, err
		}
		return m.sealed(l, kindLive, id, l.ExpiresAt)
	})
	return l, err
}

// drop removes a session's live record and value; its trace says why.
func (m *Manager) drop(ctx context.Context, l live, why Reason) error {
	return errors.Join(m.deleteRecord(ctx, kindLive, l.SessionID), m.Store.Delete(l.Hash),
		m.trace(ctx, l, why))
}

func (m *Manager) trace(ctx context.Context, l live, why Reason) error {
	return m.writeRecord(ctx, kindTrace, l.Trace, Lapsed{UserID: l.UserID, Reason: why},
		l.ExpiresAt.Add(12*time.Hour))
}

func (m *Manager) eachLive(ctx context.Context, fn func(live) error) error {
	all, err := m.Store.Records(ctx, kindLive)
	if err != nil {
		return err
	}
	for key, r := range all {
		var l live
		if m.unseal(r, kindLive, key, &l) != nil {
			continue // of a key no longer held: nobody can use it
		}
		if err := fn(l); err != nil {
			return err
		}
	}
	return nil
}

// Sweep ends the sessions past a limit and deletes expired records. The
// middleware calls it about once a minute.
func (m *Manager) Sweep(ctx context.Context) error {
	err := m.eachLive(ctx, func(l live) error {
		if why := m.lapsed(l); why != "" {
			return m.drop(ctx, l, why)
		}
		return nil
	})
	return errors.Join(err, m.Store.Sweep(ctx, m.now()))
}
