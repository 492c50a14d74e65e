package session

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// together runs fn n times side by side, each as a request of b's session, and
// gives how many said yes.
func together(b *browser, n int, fn func(ctx context.Context, i int) bool) int {
	b.t.Helper()
	var wg sync.WaitGroup
	var yes atomic.Int32
	for i := range n {
		other := &browser{t: b.t, m: b.m, cookie: b.cookie}
		wg.Go(func() {
			other.do(func(ctx context.Context) {
				if fn(ctx, i) {
					yes.Add(1)
				}
			})
		})
	}
	wg.Wait()
	return int(yes.Load())
}

// Requests of one session side by side lose no change of each other.
func TestParallelUpdates(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		together(b, 40, func(ctx context.Context, i int) bool {
			err := m.Update(ctx, func(s *State) {
				n, _ := strconv.Atoi(s.Ticket)
				s.Ticket = strconv.Itoa(n + 1)
			})
			if i < 5 {
				err = errors.Join(err, m.SaveDraft(ctx, fmt.Sprint("form", i), url.Values{"a": {fmt.Sprint(i)}}))
			}
			if err != nil {
				t.Error(err)
			}
			return true
		})
		if s := b.state(); s.Ticket != "40" || len(s.Draft) != 5 {
			t.Errorf("%s of 40 updates, %d of 5 drafts", s.Ticket, len(s.Draft))
		}
	})
}

// What is given once is given once, however many ask at the same time.
func TestParallelTaking(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.must(func(ctx context.Context) error {
			return m.KeepForAfterSignIn(ctx, "/requests/1", url.Values{"reason": {"x"}}, "u-anna")
		})
		b.signIn(anna)
		b.must(func(ctx context.Context) error { return m.Flash(ctx, Flash{Key: "approved"}) })
		if n := together(b, 20, func(ctx context.Context, _ int) bool { _, ok := m.TakeFlash(ctx); return ok }); n != 1 {
			t.Errorf("the flash was given %d times", n)
		}
		if n := together(b, 20, func(ctx context.Context, _ int) bool { _, _, ok := m.TakeKept(ctx, "u-anna"); return ok }); n != 1 {
			t.Errorf("the form was given %d times", n)
		}
	})
}

// Three proofs may be tried, also side by side; the fourth ends the session
// for all: security 12.
func TestParallelStepUp(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		if n := together(b, 30, func(ctx context.Context, _ int) bool { _, err := m.BeginStepUp(ctx); return err == nil }); n != proofs {
			t.Errorf("%d proofs could be tried", n)
		}
		if b.signedIn() {
			t.Error("still in")
		}
	})
}

// A session ended while its requests run stays ended, whatever they do:
// security 7, security 11.
func TestParallelEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		id := b.state().SessionID
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := m.End(context.Background(), id); err != nil {
				t.Error(err)
			}
		})
		together(b, 20, func(ctx context.Context, i int) bool {
			var err error
			switch i % 3 {
			case 0:
				err = m.Update(ctx, func(s *State) { s.Ticket = "T" })
			case 1:
				err = m.StepUp(ctx, "u-anna", Secret{})
			default:
				_, _ = m.Current(ctx)
			}
			if err != nil && !errors.Is(err, ErrEnded) && !errors.Is(err, ErrNoSession) {
				t.Error(err)
			}
			return true
		})
		wg.Wait()
		if b.signedIn() {
			t.Error("a request under way brought the session back")
		}
		if list, err := m.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// Many persons side by side stay apart.
func TestParallelPersons(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, _ *clock) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				b := &browser{t: t, m: m}
				s := anna
				s.UserID = fmt.Sprint("u-", i)
				s.Token = NewSecret(s.UserID)
				b.do(func(ctx context.Context) {
					if err := m.SignIn(ctx, s); err != nil {
						t.Error(err)
					}
				})
				for range 5 {
					if got := b.state(); got.UserID != s.UserID || got.Token.Reveal() != s.UserID {
						t.Errorf("%s is %s", s.UserID, got.UserID)
					}
				}
				if err := m.EndAllOf(context.Background(), fmt.Sprint("u-", i+100), ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if list, err := m.List(t.Context()); err != nil || len(list) != 20 {
			t.Errorf("%d listed, %v", len(list), err)
		}
	})
}
