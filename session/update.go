package session

import (
	"context"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxForm   = 64 << 10 // bytes of names and values
	maxDrafts = 10       // of each kind: kept until a time, and not
)

// fresh gives the value as the store has it now, and its sealed form there,
// which is nil while the value is pending.
func (m *Manager) fresh(rq *request) (v stored, sealed []byte, err error) {
	if rq.pending {
		return rq.value.clone(), nil, nil
	}
	sealed, ok, err := m.Store.Find(rq.hash)
	if err != nil {
		return stored{}, nil, err
	}
	if !ok {
		return stored{}, nil, ErrEnded
	}
	_, values, err := codec{m.sealer}.Decode(sealed)
	if err != nil {
		return stored{}, nil, err
	}
	v, err = decodeStored(values[valueKey].(string))
	v.LastSeen, v.StepUpFailures = rq.value.LastSeen, rq.value.StepUpFailures
	return v, sealed, err
}

// one keeps requests of one session apart within this process, so that they
// need not overtake each other in the store.
func (m *Manager) one(rq *request) *sync.Mutex {
	return &m.updates[maphash.String(m.seed, rq.hash)%uint64(len(m.updates))]
}

// Update changes the state in the store at once, on top of what other requests
// of the same session changed meanwhile, at whatever node. fn is called again
// when another came between. The person, the credential, the times and the
// session's id cannot be changed so.
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
	mu := m.one(rq)
	mu.Lock()
	defer mu.Unlock()
	for {
		v, sealed, err := m.fresh(rq)
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
		done, err := m.Store.Swap(ctx, rq.hash, sealed, b, deadline)
		if err != nil {
			return err
		}
		if done {
			rq.value = &v
			return nil
		}
	}
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
// session; no fields: forgets the key. Of more than ten the one saved longest
// ago is forgotten.
func (m *Manager) SaveDraft(ctx context.Context, key string, form url.Values) error {
	return m.SaveDraftUntil(ctx, key, form, time.Time{})
}

// SaveDraftUntil is SaveDraft for what is not forgotten for others before
// until, and is forgotten then; ten of them at most.
func (m *Manager) SaveDraftUntil(ctx context.Context, key string, form url.Values, until time.Time) error {
	form, err := keepable(form)
	if err != nil {
		return err
	}
	return m.Update(ctx, func(s *State) { s.keepDraft(key, form, until, m.now()) })
}

func (s *State) keepDraft(key string, form url.Values, until, now time.Time) {
	over := func(k DraftKey) bool { return k.Key == key || !k.Until.IsZero() && !now.Before(k.Until) }
	for _, k := range s.Drafts {
		if over(k) {
			delete(s.Draft, k.Key)
		}
	}
	s.Drafts = slices.DeleteFunc(s.Drafts, over)
	if len(form) == 0 {
		return
	}
	if s.Draft == nil {
		s.Draft = map[string]url.Values{}
	}
	s.Draft[key], s.Drafts = form, append(s.Drafts, DraftKey{key, until})
	for _, timed := range []bool{false, true} {
		kind := func(k DraftKey) bool { return k.Until.IsZero() != timed }
		var n int
		for _, k := range s.Drafts {
			if kind(k) {
				n++
			}
		}
		if n > maxDrafts {
			i := slices.IndexFunc(s.Drafts, kind)
			delete(s.Draft, s.Drafts[i].Key)
			s.Drafts = slices.Delete(s.Drafts, i, i+1)
		}
	}
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
