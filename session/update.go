package session

import (
	"context"
	"net/url"
	"strings"
)

const maxForm = 64 << 10 // bytes of names and values

// fresh gives the value as the store has it now; the caller holds m.update.
func (m *Manager) fresh(rq *request) (stored, error) {
	if rq.pending {
		return rq.value.clone(), nil
	}
	b, ok, err := m.Store.Find(rq.hash)
	if err != nil {
		return stored{}, err
	}
	if !ok {
		return stored{}, ErrEnded
	}
	_, values, err := codec{m.sealer}.Decode(b)
	if err != nil {
		return stored{}, err
	}
	v, err := decodeStored(values[valueKey].(string))
	v.LastSeen, v.StepUpFailures = rq.value.LastSeen, rq.value.StepUpFailures
	return v, err
}

// Update changes the state in the store at once, on top of what other requests
// of the same session changed meanwhile. The person, the credential, the times
// and the session's id cannot be changed so.
func (m *Manager) Update(ctx context.Context, fn func(*State)) error {
	return m.change(ctx, func(v *stored) {
		was := v.State
		fn(&v.State)
		v.Person, v.Scheme, v.Token, v.SessionID = was.Person, was.Scheme, was.Token, was.SessionID
		v.SignedInAt, v.ProvedAt, v.ExpiresAt, v.LastSeen = was.SignedInAt, was.ProvedAt, was.ExpiresAt, was.LastSeen
		v.StepUpFailures = was.StepUpFailures
	})
}

func (m *Manager) change(ctx context.Context, fn func(*stored)) error {
	rq := of(ctx)
	rq.mu.Lock()
	defer rq.mu.Unlock()
	if rq.live == nil {
		return ErrNoSession
	}
	m.update.Lock()
	defer m.update.Unlock()
	v, err := m.fresh(rq)
	if err != nil {
		return err
	}
	fn(&v)
	if rq.pending {
		return m.put(ctx, rq, v)
	}
	text, err := v.encode()
	if err != nil {
		return err
	}
	deadline := m.scs.Deadline(ctx)
	b, err := codec{m.sealer}.Encode(deadline, map[string]any{valueKey: text})
	if err != nil {
		return err
	}
	if err := m.Store.Commit(rq.hash, b, deadline); err != nil {
		return err
	}
	rq.value = &v
	return nil
}

// Flash keeps f for the next page.
func (m *Manager) Flash(ctx context.Context, f Flash) error {
	return m.Update(ctx, func(s *State) { s.Flash = &f })
}

// TakeFlash gives what Flash kept, once.
func (m *Manager) TakeFlash(ctx context.Context) (Flash, bool) {
	if s, ok := m.Current(ctx); !ok || s.Flash == nil {
		return Flash{}, false
	}
	var f *Flash
	if err := m.Update(ctx, func(s *State) { f, s.Flash = s.Flash, nil }); err != nil || f == nil {
		return Flash{}, false
	}
	return *f, true
}

// Draft gives what SaveDraft kept under key; nil when there is nothing.
func (m *Manager) Draft(ctx context.Context, key string) url.Values {
	s, _ := m.Current(ctx)
	return s.Draft[key]
}

// SaveDraft keeps a form's fields, not those that hold secrets, within the
// session; no fields: forgets the key.
func (m *Manager) SaveDraft(ctx context.Context, key string, form url.Values) error {
	form, err := keepable(form)
	if err != nil {
		return err
	}
	return m.Update(ctx, func(s *State) {
		if s.Draft == nil || len(s.Draft) >= 10 {
			s.Draft = map[string]url.Values{}
		}
		if s.Draft[key] = form; len(form) == 0 {
			delete(s.Draft, key)
		}
	})
}

// keepable copies form without passwords, codes and credentials.
func keepable(form url.Values) (url.Values, error) {
	out, size := url.Values{}, 0
	for name, values := range form {
		low := strings.ToLower(name)
		secret := low == "code" || low == "pin" || low == "answer"
		for _, part := range []string{"password", "passwd", "secret", "token", "otp", "challenge"} {
			secret = secret || strings.Contains(low, part)
		}
		if secret {
			continue
		}
		for _, v := range values {
			size += len(name) + len(v)
			out.Add(name, v)
		}
	}
	if size > maxForm {
		return nil, ErrTooLarge
	}
	return out, nil
}
