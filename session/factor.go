package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The second factor is a code by time (TOTP, RFC 6238: SHA-1, six digits, 30
// seconds), the kind that every authenticator app knows.
const (
	codePeriod = 30 // seconds
	codeSkew   = 1  // periods that a clock may be off, either way

	codeTries   = 5 // wrong codes in a row before a wait
	codeWait    = 5 * time.Minute
	codeLongest = 24 * time.Hour
	factorSetUp = 15 * time.Minute // to confirm a new factor
)

// Errors of a second factor.
var (
	ErrNoFactor         = errors.New("session: this person has no second factor")
	ErrFactorThere      = errors.New("session: this person has a second factor already")
	ErrWrongCode        = errors.New("session: the code is wrong")
	ErrCodeUsed         = errors.New("session: the code was used before")
	ErrFactorUnreadable = errors.New("session: no key opens this person's second factor")
)

// TriesError says that no code is taken before Until, after too many wrong ones.
type TriesError struct{ Until time.Time }

// Error names the time.
func (e *TriesError) Error() string {
	return fmt.Sprintf("session: no code is taken before %s", e.Until.Format(time.RFC3339))
}

// FactorInfo says of whom there is a second factor, without its secret.
// Unreadable: no key at hand opens it, so that its person cannot sign in.
type FactorInfo struct {
	UserID, Username string
	Since            time.Time
	Unreadable       bool
}

// factor is what is kept of one, sealed.
type factor struct {
	FactorInfo
	Secret   string // base32
	LastStep int64  // period of the last code that was taken: no code of it or before counts again
	Failures int    // in a row, since the last wait
	Waits    int    // in a row, each twice as long as the one before
	Until    time.Time
}

// match tells of which period a code is, near now.
func (f factor) match(code string, now time.Time) (step int64, ok bool) {
	o := hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	step = now.Unix() / codePeriod
	for _, off := range []int64{0, -codeSkew, codeSkew} {
		if good, err := hotp.ValidateCustom(code, uint64(step+off), f.Secret, o); err == nil && good {
			return step + off, true
		}
	}
	return 0, false
}

// Factor tells whether a person has a second factor, and since when. With
// ErrFactorUnreadable they have one that no key opens.
func (m *Manager) Factor(ctx context.Context, userID string) (FactorInfo, bool, error) {
	r, ok, err := m.Store.Record(ctx, kindFactor, userID)
	if err != nil || !ok {
		return FactorInfo{}, false, err
	}
	f, err := m.openFactor(r, userID)
	return f.FactorInfo, true, err
}

func (m *Manager) openFactor(r Record, userID string) (f factor, err error) {
	if err := m.unseal(r, kindFactor, userID, &f); err != nil {
		return factor{FactorInfo: FactorInfo{UserID: userID, Unreadable: true}}, errors.Join(ErrFactorUnreadable, err)
	}
	return f, nil
}

// Factors lists everybody who has a second factor, by user name.
func (m *Manager) Factors(ctx context.Context) ([]FactorInfo, error) {
	all, err := m.Store.Records(ctx, kindFactor)
	var out []FactorInfo
	for id, r := range all {
		f, _ := m.openFactor(r, id) // one that no key opens is listed so
		out = append(out, f.FactorInfo)
	}
	slices.SortFunc(out, func(a, b FactorInfo) int {
		return cmp.Or(cmp.Compare(a.Username, b.Username), cmp.Compare(a.UserID, b.UserID))
	})
	return out, err
}

// ResealFactors seals every second factor with the key in use, so that former
// keys can go although their people have not signed in since. What no key opens
// stays as it is.
func (m *Manager) ResealFactors(ctx context.Context) error {
	all, err := m.Store.Records(ctx, kindFactor)
	if err != nil {
		return err
	}
	for id := range all {
		err := m.Store.Change(ctx, kindFactor, id, func(old *Record) (*Record, error) {
			if old == nil {
				return nil, nil
			}
			f, err := m.openFactor(*old, id)
			if errors.Is(err, ErrFactorUnreadable) {
				return old, nil
			}
			return m.sealed(f, kindFactor, id, time.Time{})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// TakeCode takes a person's code, once: a code of the same period or of one
// before is ErrCodeUsed afterwards. Else ErrWrongCode, ErrNoFactor,
// ErrFactorUnreadable, or *TriesError after too many wrong ones. It is one step
// over every process that shares the store.
func (m *Manager) TakeCode(ctx context.Context, userID, code string) error {
	var verdict error
	err := m.Store.Change(ctx, kindFactor, userID, func(old *Record) (*Record, error) {
		if old == nil {
			return nil, ErrNoFactor
		}
		f, err := m.openFactor(*old, userID)
		if err != nil {
			return nil, err
		}
		if verdict = f.take(code, m.now()); errors.As(verdict, new(*TriesError)) {
			return old, nil
		}
		return m.sealed(f, kindFactor, userID, time.Time{})
	})
	return cmp.Or(err, verdict)
}

func (f *factor) take(code string, now time.Time) error {
	if now.Before(f.Until) {
		return &TriesError{f.Until}
	}
	step, ok := f.match(code, now)
	if ok && step > f.LastStep {
		f.LastStep, f.Failures, f.Waits = step, 0, 0
		return nil
	}
	if f.Failures++; f.Failures >= codeTries {
		f.Until, f.Failures, f.Waits = now.Add(min(codeWait<<min(f.Waits, 20), codeLongest)), 0, f.Waits+1
	}
	if ok {
		return ErrCodeUsed
	}
	return ErrWrongCode
}

// NewFactor is a second factor that is being set up: what an app needs to know.
type NewFactor struct {
	Secret string // base32, to be typed
	URL    string // otpauth://, to be scanned
}

// newFactor is what waits for its first code, sealed. It belongs to one
// session, or to one sign-in that waits.
type newFactor struct{ UserID, Username, Secret, URL string }

// BeginFactor makes a secret for the person who is signed in, or whose sign-in
// waits for a code. It counts after ConfirmFactor only; one begun before in the
// same session is forgotten. issuer and the user name stand in the app.
func (m *Manager) BeginFactor(ctx context.Context, issuer string) error {
	p, owner, err := m.settingUp(ctx)
	if err != nil {
		return err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: cmp.Or(p.Username, p.UserID), Period: codePeriod, SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return err
	}
	n := newFactor{p.UserID, p.Username, key.Secret(), key.URL()}
	return m.writeRecord(ctx, kindNewFactor, owner, n, m.now().Add(factorSetUp))
}

// PendingFactor gives what BeginFactor made, and false when there is none, or
// none any more.
func (m *Manager) PendingFactor(ctx context.Context) (NewFactor, bool, error) {
	n, ok, err := m.pendingFactor(ctx)
	return NewFactor{n.Secret, n.URL}, ok, err
}

func (m *Manager) pendingFactor(ctx context.Context) (n newFactor, ok bool, err error) {
	p, owner, err := m.settingUp(ctx)
	if err != nil {
		return n, false, err
	}
	ok, err = m.readRecord(ctx, kindNewFactor, owner, &n)
	return n, ok && n.UserID == p.UserID, err
}

// ConfirmFactor makes the factor that was begun the person's own, proved by its
// first code, which is used up by that. Without replace it never takes the
// place of another: ErrFactorThere. ErrNoFactor: none was begun, or too long ago.
func (m *Manager) ConfirmFactor(ctx context.Context, code string, replace bool) error {
	n, ok, err := m.pendingFactor(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNoFactor
	}
	f := factor{FactorInfo: FactorInfo{UserID: n.UserID, Username: n.Username, Since: m.now()}, Secret: n.Secret}
	if f.LastStep, ok = f.match(code, m.now()); !ok {
		return ErrWrongCode
	}
	err = m.Store.Change(ctx, kindFactor, n.UserID, func(old *Record) (*Record, error) {
		if old != nil && !replace {
			return nil, ErrFactorThere
		}
		return m.sealed(f, kindFactor, n.UserID, time.Time{})
	})
	if err != nil {
		return err
	}
	_, owner, err := m.settingUp(ctx)
	return errors.Join(err, m.deleteRecord(ctx, kindNewFactor, owner))
}

// DropFactor takes a person's second factor away. ErrNoFactor: there is none.
func (m *Manager) DropFactor(ctx context.Context, userID string) error {
	return m.Store.Change(ctx, kindFactor, userID, func(old *Record) (*Record, error) {
		if old == nil {
			return nil, ErrNoFactor
		}
		return nil, nil
	})
}

// settingUp names the person of a request, and what their new factor belongs to.
func (m *Manager) settingUp(ctx context.Context) (p Person, owner string, err error) {
	if s, ok := m.Current(ctx); ok {
		return s.Person, "session " + s.SessionID, nil
	}
	s, _, id, ok, err := m.half(ctx)
	if err == nil && !ok {
		err = ErrNoSession
	}
	return s.Person, "sign-in " + id, err
}
