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
	"time"
)

// eachPair runs fn with two nodes over every kind of store that can be shared.
func eachPair(t *testing.T, fn func(t *testing.T, a, b *Manager)) {
	t.Helper()
	for _, kind := range []string{"postgres", "redis"} {
		t.Run(kind, func(t *testing.T) {
			open := shared(t)[kind]
			c := &clock{t: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
			fn(t, managerOf(t, open(), c), managerOf(t, open(), c))
		})
	}
}

// Two nodes that change one session at once lose no change of each other, and
// what is given once is given once.
func TestNodesShareASession(t *testing.T) {
	eachPair(t, func(t *testing.T, a, b *Manager) {
		in := &browser{t: t, m: a}
		in.signIn(anna)
		var wg sync.WaitGroup
		const each = 20
		for i, m := range []*Manager{a, b, a, b} {
			node := &browser{t: t, m: m, cookie: in.cookie}
			wg.Go(func() {
				for n := range each {
					node.must(func(ctx context.Context) error {
						err := m.Update(ctx, func(s *State) {
							n, _ := strconv.Atoi(s.Ticket)
							s.Ticket = strconv.Itoa(n + 1)
						})
						if n == 0 {
							err = errors.Join(err, m.SaveDraft(ctx, fmt.Sprint("form", i), url.Values{"a": {fmt.Sprint(i)}}))
						}
						return err
					})
				}
			})
		}
		wg.Wait()
		at := &browser{t: t, m: b, cookie: in.cookie}
		if s := at.state(); s.Ticket != strconv.Itoa(4*each) || len(s.Draft) != 4 {
			t.Errorf("%s of %d updates, %d of 4 drafts", s.Ticket, 4*each, len(s.Draft))
		}
		in.must(func(ctx context.Context) error { return a.Flash(ctx, Flash{Key: "approved"}) })
		var got atomic.Int32
		for i := range 20 {
			node := &browser{t: t, m: []*Manager{a, b}[i%2], cookie: in.cookie}
			wg.Go(func() {
				node.do(func(ctx context.Context) {
					if _, ok := node.m.TakeFlash(ctx); ok {
						got.Add(1)
					}
				})
			})
		}
		wg.Wait()
		if got.Load() != 1 {
			t.Errorf("the flash was given %d times", got.Load())
		}
	})
}

// What a node changes while another takes a proof is there after the proof, or
// is refused; nothing that was said to be kept is lost.
func TestNodesChangeBesideStepUp(t *testing.T) {
	eachPair(t, func(t *testing.T, a, b *Manager) {
		in := &browser{t: t, m: a}
		in.signIn(anna)
		kept := "" // by the other node, the last that was said to be
		for round := range 15 {
			old := in.cookie
			begun, done := make(chan bool), make(chan bool)
			go func() {
				defer close(done)
				node := &browser{t: t, m: b, cookie: old}
				node.do(func(ctx context.Context) {
					if s, ok := b.Current(ctx); !ok || s.UserID == "" {
						t.Error("nobody is signed in")
						close(begun)
						return
					}
					close(begun)
					for n := range 1000 {
						ticket := fmt.Sprint(round, "-", n)
						err := b.Update(ctx, func(s *State) { s.Ticket = ticket })
						if errors.Is(err, ErrEnded) {
							return
						}
						if err != nil {
							t.Error(err)
							return
						}
						kept = ticket
					}
				})
			}()
			<-begun
			in.must(func(ctx context.Context) error { return a.StepUp(ctx, "u-anna", Secret{}) })
			<-done
			if s := in.state(); s.Ticket != kept {
				t.Errorf("round %d: %q was kept, and after the proof there is %q", round, kept, s.Ticket)
			}
		}
		if s, err := a.List(t.Context()); err != nil || len(s) != 1 {
			t.Errorf("%d sessions, %v", len(s), err)
		}
	})
}

// A limit is counted once for all nodes, whichever is asked, and none of them
// lets one through that is too many; the store shows no name.
func TestNodesCountTogether(t *testing.T) {
	eachPair(t, func(t *testing.T, a, b *Manager) {
		x, y := a.Counter("sign_in"), b.Counter("sign_in")
		now, before := time.Unix(1_800_000_060, 0), time.Unix(1_800_000_000, 0)
		x.Config(10, time.Minute)
		y.Config(10, time.Minute)
		var taken atomic.Int32
		var wg sync.WaitGroup
		for i := range 30 {
			c := []*Counter{x, y}[i%2]
			wg.Go(func() {
				switch err := c.IncrementBy("name anna", now, 1); {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, ErrLimited):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n, m, err := y.Get("name anna", now, before); taken.Load() != 10 || n != 10 || m != 0 || err != nil {
			t.Errorf("%d were let through; counted %d and %d, %v", taken.Load(), n, m, err)
		}
		if n, m, err := x.Get("name anna", now.Add(time.Minute), now); n != 0 || m != 10 || err != nil {
			t.Errorf("in the next window: %d and %d, %v", n, m, err)
		}
		if n, _, err := x.Get("name bob", now, before); n != 0 || err != nil {
			t.Errorf("another's: %d, %v", n, err)
		}
		if n, _, err := a.Counter("export").Get("name anna", now, before); n != 0 || err != nil {
			t.Errorf("another limit's: %d, %v", n, err)
		}
	})
}

// Redis may forget all: then everybody signs in anew, and who was barred is
// still barred.
func TestRedisForgets(t *testing.T) {
	open := shared(t)["redis"]
	m := managerOf(t, open(), &clock{t: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)})
	b := &browser{t: t, m: m}
	b.signIn(anna)
	if err := m.Bar(t.Context(), "u-mallory"); err != nil {
		t.Fatal(err)
	}
	if err := m.SavePreferences(t.Context(), "u-anna", Preferences{Theme: "dark", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.(*Redis).do(t.Context(), "FLUSHDB"); err != nil {
		t.Fatal(err)
	}
	if b.signedIn() {
		t.Error("a session that was forgotten lives")
	}
	if barred, err := m.Barred(t.Context(), "u-mallory"); err != nil || !barred {
		t.Errorf("barred: %v, %v", barred, err)
	}
	if p, err := m.Preferences(t.Context(), "u-anna"); err != nil || p.Theme != "dark" {
		t.Errorf("%+v, %v", p, err)
	}
	b.signIn(anna)
	if !b.signedIn() {
		t.Error("no new sign-in")
	}
}
