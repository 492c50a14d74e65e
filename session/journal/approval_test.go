package journal

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	anna  = Party{"u-anna", "anna", "anna@example.com", "p"}
	bob   = Party{"u-bob", "bob", "bob@example.com", "p"}
	felix = Party{"u-felix", "felix", "f@example.com", "p"}
	risky = Entry{Act: ActGrant, Operator: anna, Person: felix, Role: "CanCreateEntitlementAtAnyBank", Reason: "on call", Ticket: "T-9", Seen: []byte(`{"roles":1}`)}
)

func isState(err error, want ApprovalState) bool {
	var s *StateError
	return errors.As(err, &s) && s.State == want
}

func intact(t *testing.T, j *Journal) {
	t.Helper()
	for _, run := range []func() (Report, error){func() (Report, error) { return j.VerifySince(t.Context(), VerifyOptions{}) }, func() (Report, error) { return j.Verify(t.Context(), VerifyOptions{}) }} {
		if rep, err := run(); err != nil || !rep.OK {
			t.Errorf("%+v %v", rep, err)
		}
	}
}

// Two persons, one use, each change an entry of the chain (security 18).
func TestSecondPerson(t *testing.T) {
	j := newTest(t)
	a := must[Approval](t)(j.FirstApproval(t.Context(), risky))
	if a.State != StateWaiting || a.LapsesAt.Sub(a.At).Round(time.Minute) != LapseAfter {
		t.Errorf("%+v", a)
	}
	if _, err := j.FirstApproval(t.Context(), risky); !errors.Is(err, ErrWaiting) {
		t.Errorf("a second first one: %v", err)
	}
	if _, err := j.UseApproval(t.Context(), a.ID, risky); !isState(err, StateWaiting) {
		t.Errorf("used before it was confirmed: %v", err)
	}
	for name, who := range map[string]Party{"the first": anna, "the person": felix, "nobody": {Username: "x"}, "under another name": {UserID: "u-anna", Username: "eve"}} {
		if _, err := j.Confirm(t.Context(), a.ID, Entry{Operator: who}, nil); !errors.Is(err, ErrSamePerson) {
			t.Errorf("%s confirmed: %v", name, err)
		}
	}
	no := errors.New("same e-mail")
	if _, err := j.Confirm(t.Context(), a.ID, Entry{Operator: bob}, func(a Approval) error {
		if a.First.Email != "anna@example.com" || a.Person != felix || a.Role != risky.Role {
			t.Errorf("the rule is asked about %+v", a)
		}
		return no
	}); !errors.Is(err, no) || errors.Is(err, ErrNotWritten) {
		t.Errorf("the caller's rule: %v", err)
	}
	if n, _ := j.Head(); n != 1 {
		t.Errorf("what was refused made %d entries", n-1)
	}
	if c := must[Approval](t)(j.Confirm(t.Context(), a.ID, Entry{Operator: bob, Reason: "seen it"}, nil)); c.State != StateConfirmed || c.Second != bob || c.First != anna {
		t.Errorf("%+v", c)
	}
	if _, err := j.Confirm(t.Context(), a.ID, Entry{Operator: Party{UserID: "u-eve"}}, nil); !isState(err, StateConfirmed) {
		t.Errorf("confirmed twice: %v", err)
	}
	other := risky
	other.Role = "CanDeleteUser"
	if _, err := j.UseApproval(t.Context(), a.ID, other); !errors.Is(err, ErrMismatch) {
		t.Errorf("used for another role: %v", err)
	}
	other = risky
	other.Operator = Party{UserID: "u-eve"}
	if _, err := j.UseApproval(t.Context(), a.ID, other); !errors.Is(err, ErrNotTheirs) {
		t.Errorf("used by a third: %v", err)
	}
	got := must[Approval](t)(j.Approval(t.Context(), a.ID))
	if got.First != anna || got.Second != bob || got.Person != felix || got.Reason != "on call" || got.Ticket != "T-9" || string(got.Seen) != `{"roles":1}` {
		t.Errorf("%+v", got)
	}
	in := must[Intent](t)(j.UseApproval(t.Context(), a.ID, risky))
	if _, err := j.UseApproval(t.Context(), a.ID, risky); !isState(err, StateUsed) {
		t.Errorf("used twice: %v", err)
	}
	if got := must[Approval](t)(j.Approval(t.Context(), a.ID)); got.State != StateUsed || got.UsedBy != in.ActID {
		t.Errorf("%+v", got)
	}
	if r := must[Row](t)(j.Row(t.Context(), in.ActID)); r.Event || r.Entry.Act != ActGrant || r.Entry.ParentID != a.ID || r.Entry.ParentKind != ParentSecondPerson {
		t.Errorf("%+v", r)
	}
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}); err != nil {
		t.Error(err)
	}
	var acts []Act
	for _, r := range must[Page](t)(j.Search(t.Context(), Filter{ParentID: a.ID, Rights: Rights{All: true}})).Rows {
		acts = append(acts, r.Entry.Act)
	}
	if fmt.Sprint(acts) != "[grant use_approval confirm]" {
		t.Errorf("%v", acts)
	}
	must[Approval](t)(j.FirstApproval(t.Context(), risky)) // the used one no longer stands in its way
	intact(t, j)
}

func TestApprovalLapsesAndIsWithdrawn(t *testing.T) {
	c := &clock{t: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	j := newTest(t)
	j.o.Now = c.now
	states := func(s ...ApprovalState) int {
		return len(must[[]Approval](t)(j.Approvals(t.Context(), ApprovalFilter{States: s})))
	}
	late := must[Approval](t)(j.FirstApproval(t.Context(), risky))
	c.t = c.t.Add(6 * 24 * time.Hour)
	kept := risky
	kept.BankID = "b1"
	second := must[Approval](t)(j.FirstApproval(t.Context(), kept))
	must[Approval](t)(j.Confirm(t.Context(), second.ID, Entry{Operator: bob}, nil))
	c.t = c.t.Add(24*time.Hour + time.Minute)
	if states(StateWaiting) != 0 || states(StateLapsed) != 1 || states(StateConfirmed) != 1 || states(StateConfirmed, StateLapsed) != 2 {
		t.Error("what is due is not shown as lapsed")
	}
	if _, err := j.Confirm(t.Context(), late.ID, Entry{Operator: bob}, nil); !isState(err, StateLapsed) {
		t.Errorf("confirmed too late: %v", err)
	}
	if err := j.Withdraw(t.Context(), late.ID, Entry{Operator: anna}); !isState(err, StateLapsed) {
		t.Errorf("withdrawn too late: %v", err)
	}
	again := must[Approval](t)(j.FirstApproval(t.Context(), risky))
	if err := j.Withdraw(t.Context(), again.ID, Entry{Operator: anna, Reason: "no longer needed"}); err != nil {
		t.Error(err)
	}
	if _, err := j.Confirm(t.Context(), again.ID, Entry{Operator: bob}, nil); !isState(err, StateWithdrawn) {
		t.Errorf("confirmed after it was withdrawn: %v", err)
	}
	must[Approval](t)(j.FirstApproval(t.Context(), risky))
	c.t = c.t.Add(30 * 24 * time.Hour)
	must[Approval](t)(j.FirstApproval(t.Context(), risky)) // the one that is due lapses on the way
	if n, err := j.LapseDue(t.Context()); n != 1 || err != nil {
		t.Errorf("%d lapsed, %v", n, err)
	}
	if n, err := j.LapseDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d lapsed again, %v", n, err)
	}
	confirmed := must[Approval](t)(j.Approval(t.Context(), second.ID))
	if _, err := j.UseApproval(t.Context(), second.ID, kept); !isState(err, StateLapsed) || confirmed.State != StateLapsed {
		t.Errorf("used too late: %v", err)
	}
	if states(StateLapsed) != 3 || states(StateWithdrawn) != 1 || states(StateWaiting) != 1 {
		t.Errorf("%d %d %d", states(StateLapsed), states(StateWithdrawn), states(StateWaiting))
	}
	if n := len(must[[]Approval](t)(j.Approvals(t.Context(), ApprovalFilter{PersonID: "u-felix", FirstID: "u-anna", Act: ActGrant, Limit: 3}))); n != 3 {
		t.Errorf("%d found", n)
	}
	if _, err := j.Approval(t.Context(), "no"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := j.Withdraw(t.Context(), "no", Entry{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	intact(t, j)
}

// Of fifty who confirm, and of fifty who use it, one does: security 20.
func TestSecondPersonInParallel(t *testing.T) {
	j := newTest(t)
	var made, confirmed, used atomic.Int32
	fifty := func(n *atomic.Int32, fn func(i int) error) {
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if fn(i) == nil {
					n.Add(1)
				}
			})
		}
		wg.Wait()
	}
	fifty(&made, func(int) error { _, err := j.FirstApproval(t.Context(), risky); return err })
	a := must[[]Approval](t)(j.Approvals(t.Context(), ApprovalFilter{}))[0]
	fifty(&confirmed, func(i int) error {
		_, err := j.Confirm(t.Context(), a.ID, Entry{Operator: Party{UserID: fmt.Sprint("u", i)}}, nil)
		return err
	})
	fifty(&used, func(int) error { _, err := j.UseApproval(t.Context(), a.ID, risky); return err })
	if made.Load() != 1 || confirmed.Load() != 1 || used.Load() != 1 {
		t.Errorf("%d made, %d confirmed, %d used", made.Load(), confirmed.Load(), used.Load())
	}
	intact(t, j)
}
