package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

func codeAt(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrolled gives b's person a second factor and its secret; the code of now is
// used up.
func (b *browser) enrolled(c *clock) (secret string) {
	b.t.Helper()
	b.must(func(ctx context.Context) error { return b.m.BeginFactor(ctx, "Console") })
	b.must(func(ctx context.Context) error {
		n, ok, err := b.m.PendingFactor(ctx)
		if !ok || !strings.HasPrefix(n.URL, "otpauth://totp/Console:anna?") || !strings.Contains(n.URL, n.Secret) {
			b.t.Fatalf("%v %v %v", n, ok, err)
		}
		secret = n.Secret
		return b.m.ConfirmFactor(ctx, codeAt(b.t, secret, c.now()), false)
	})
	return secret
}

// A code counts within a period either way, once, and no code before it counts
// again. The secret lies in the store sealed, and without its key nobody is
// taken for somebody who has none.
//
// security 13
func TestFactor(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		if _, has, err := m.Factor(t.Context(), "u-anna"); has || err != nil {
			t.Fatal(has, err)
		}
		if err := m.TakeCode(t.Context(), "u-anna", "123456"); !errors.Is(err, ErrNoFactor) {
			t.Errorf("without one: %v", err)
		}
		secret := b.enrolled(c)
		if f, has, err := m.Factor(t.Context(), "u-anna"); !has || err != nil || f.Username != "anna" || !f.Since.Equal(c.now()) {
			t.Errorf("%+v %v %v", f, has, err)
		}
		take := func(at time.Duration, want error) {
			t.Helper()
			if err := m.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now().Add(at))); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("the code of %v from now: %v, want %v", at, err, want)
			}
		}
		take(0, ErrCodeUsed) // the one that confirmed it
		c.add(30 * time.Second)
		take(0, nil)
		take(0, ErrCodeUsed)
		take(-30*time.Second, ErrCodeUsed)
		take(30*time.Second, nil)
		c.add(30 * time.Second)
		take(0, ErrCodeUsed)
		take(60*time.Second, ErrWrongCode)
		c.add(10 * time.Minute)
		take(-30*time.Second, nil)

		all, err := m.Store.Records(t.Context(), kindFactor)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		for _, r := range all {
			if s := string(r.Value); strings.Contains(s, secret) || strings.Contains(s, "anna") {
				t.Errorf("the store shows %q", s)
			}
		}
		other, err := New(Options{Store: m.Store, Key: [32]byte{9}, Now: m.Now})
		if err != nil {
			t.Fatal(err)
		}
		if f, has, err := other.Factor(t.Context(), "u-anna"); !has || !f.Unreadable || !errors.Is(err, ErrFactorUnreadable) {
			t.Errorf("without its key: %+v %v %v", f, has, err)
		}
		if err := other.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now())); !errors.Is(err, ErrFactorUnreadable) {
			t.Errorf("a code without the key: %v", err)
		}
		next, err := New(Options{Store: m.Store, Key: [32]byte{9}, PreviousKeys: [][32]byte{{1}}, Now: m.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := next.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now())); err != nil {
			t.Errorf("after a rotation: %v", err)
		}
		if err := other.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now().Add(30*time.Second))); err != nil {
			t.Errorf("a use did not seal it with the new key: %v", err)
		}
		last, err := New(Options{Store: m.Store, Key: [32]byte{7}, PreviousKeys: [][32]byte{{9}}, Now: m.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.ResealFactors(t.Context()); err != nil { // a key that opens nothing
			t.Error(err)
		}
		if err := last.ResealFactors(t.Context()); err != nil {
			t.Error(err)
		}
		if f, has, err := next.Factor(t.Context(), "u-anna"); !has || !f.Unreadable {
			t.Errorf("the former key still opens it: %+v %v %v", f, has, err)
		}
		if next, err = New(Options{Store: m.Store, Key: [32]byte{7}, Now: m.Now}); err != nil {
			t.Fatal(err)
		}
		if list, err := next.Factors(t.Context()); err != nil || len(list) != 1 || list[0].UserID != "u-anna" {
			t.Error(list, err)
		}
		if err := m.DropFactor(t.Context(), "u-anna"); err != nil {
			t.Error(err)
		}
		if err := m.DropFactor(t.Context(), "u-anna"); !errors.Is(err, ErrNoFactor) {
			t.Errorf("dropped twice: %v", err)
		}
	})
}

// Of many who come with the same code at once, one gets in.
func TestFactorCodeAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		secret := b.enrolled(c)
		c.add(30 * time.Second)
		code := codeAt(t, secret, c.now())
		var wg sync.WaitGroup
		results := make(chan error, 4) // fewer than the tries
		for range cap(results) {
			wg.Go(func() { results <- m.TakeCode(t.Context(), "u-anna", code) })
		}
		wg.Wait()
		close(results)
		good := 0
		for err := range results {
			if err == nil {
				good++
			} else if !errors.Is(err, ErrCodeUsed) {
				t.Error(err)
			}
		}
		if good != 1 {
			t.Errorf("one code was taken %d times", good)
		}
	})
}

// After five wrong codes none is taken for a while, the right one neither, and
// the wait doubles; a good code begins anew (security 38).
func TestFactorTries(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		secret := b.enrolled(c)
		c.add(time.Minute)
		blocked := func(wait time.Duration) {
			t.Helper()
			for i := range codeTries {
				if err := m.TakeCode(t.Context(), "u-anna", "abcdef"); !errors.Is(err, ErrWrongCode) {
					t.Fatalf("try %d: %v", i+1, err)
				}
			}
			var tries *TriesError
			if err := m.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now())); !errors.As(err, &tries) || tries.Until.Sub(c.now()) != wait {
				t.Fatalf("the right code after too many wrong ones: %v, want a wait of %v", err, wait)
			}
			c.add(wait)
		}
		blocked(codeWait)
		blocked(2 * codeWait)
		if err := m.TakeCode(t.Context(), "u-anna", codeAt(t, secret, c.now())); err != nil {
			t.Fatalf("after the wait: %v", err)
		}
		blocked(codeWait)
	})
}

// A new factor counts after its first code only, within its time, for the
// person and the session that began it, and in the place of no other unless
// that is wanted.
func TestFactorSetUp(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b, other := &browser{t: t, m: m}, &browser{t: t, m: m}
		b.signIn(anna)
		other.signIn(anna)
		confirm := func(b *browser, code string, replace bool, want error) {
			t.Helper()
			b.do(func(ctx context.Context) {
				if err := m.ConfirmFactor(ctx, code, replace); !errors.Is(err, want) || (err == nil) != (want == nil) {
					t.Errorf("%v, want %v", err, want)
				}
			})
		}
		pending := func(b *browser) (n NewFactor) {
			b.must(func(ctx context.Context) (err error) { n, _, err = m.PendingFactor(ctx); return err })
			return n
		}
		confirm(b, "123456", false, ErrNoFactor)
		b.must(func(ctx context.Context) error { return m.BeginFactor(ctx, "Console") })
		first := pending(b)
		if first.Secret == "" || pending(other).Secret != "" {
			t.Fatalf("%q, and in another session %q", first, pending(other))
		}
		confirm(b, "abcdef", false, ErrWrongCode)
		confirm(other, codeAt(t, first.Secret, c.now()), false, ErrNoFactor)
		c.add(10 * time.Minute)
		b.state()
		c.add(5*time.Minute + time.Second)
		confirm(b, codeAt(t, first.Secret, c.now()), false, ErrNoFactor)
		b.enrolled(c)
		b.must(func(ctx context.Context) error { return m.BeginFactor(ctx, "Console") })
		second := pending(b)
		confirm(b, codeAt(t, second.Secret, c.now()), false, ErrFactorThere)
		confirm(b, codeAt(t, second.Secret, c.now()), true, nil)
		confirm(b, codeAt(t, second.Secret, c.now()), true, ErrNoFactor)
		c.add(time.Minute)
		if err := m.TakeCode(t.Context(), "u-anna", codeAt(t, second.Secret, c.now())); err != nil {
			t.Errorf("the new one: %v", err)
		}
	})
}

// A sign-in that waits for its code is nobody's session: it opens nothing, ends
// by itself, and becomes a session under a new cookie (security 3).
func TestHalfSignIn(t *testing.T) {
	eachStore(t, func(t *testing.T, m *Manager, c *clock) {
		b := &browser{t: t, m: m}
		b.signIn(anna)
		live := b.cookie
		b.must(func(ctx context.Context) error { return m.HalfSignIn(ctx, anna, "//evil.example") })
		waiting := b.cookie
		if b.signedIn() || (&browser{t: t, m: m, cookie: live}).signedIn() || waiting == live {
			t.Error("somebody is signed in without the code")
		}
		b.do(func(ctx context.Context) {
			if s, next, ok, err := m.Half(ctx); !ok || err != nil || s.UserID != "u-anna" || s.Token.Reveal() != canary || next != "/" {
				t.Errorf("%v %q %v %v", s, next, ok, err)
			}
			if _, ok := m.Current(ctx); ok {
				t.Error("it counts as signed in")
			}
		})
		for kind := range map[string]bool{kindHalf: true, kindNewFactor: true} {
			all, err := m.Store.Records(t.Context(), kind)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range all {
				if strings.Contains(string(r.Value), canary) {
					t.Errorf("the store shows the credential of a %s", kind)
				}
			}
		}
		b.signIn(anna)
		if old := (&browser{t: t, m: m, cookie: waiting}); !b.signedIn() || b.cookie == waiting || old.signedIn() {
			t.Error("the cookie is that of the sign-in that waited")
		}
		if all, err := m.Store.Records(t.Context(), kindHalf); err != nil || len(all) != 0 {
			t.Errorf("%d sign-ins are left waiting, %v", len(all), err)
		}
		b.must(m.SignOut)
		b.must(func(ctx context.Context) error { return m.HalfSignIn(ctx, anna, "/") })
		c.add(HalfFor + time.Second)
		b.do(func(ctx context.Context) {
			if _, _, ok, err := m.Half(ctx); ok || err != nil {
				t.Errorf("it waits for ever: %v %v", ok, err)
			}
		})
		if err := m.Bar(t.Context(), "u-anna"); err != nil {
			t.Fatal(err)
		}
		b.do(func(ctx context.Context) {
			if err := m.HalfSignIn(ctx, anna, "/"); !errors.Is(err, ErrBarred) {
				t.Errorf("while barred: %v", err)
			}
		})
	})
}
