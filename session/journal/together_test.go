package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// held keeps the chain until the given number of changes wait for it; they are
// then made together.
func held(t *testing.T, j *Journal, n int, changes func()) {
	t.Helper()
	j.hold <- struct{}{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		changes()
	}()
	wait(t, j, n)
	<-j.hold
	<-done
}

// wait returns when n changes wait.
func wait(t *testing.T, j *Journal, n int) {
	t.Helper()
	eventually(t, func() bool {
		j.waiting.mu.Lock()
		defer j.waiting.mu.Unlock()
		return len(j.waiting.list) == n
	})
}

// side runs each change in a goroutine of its own and gives what became of it; a
// panic is an error.
func side(list ...func() error) []error {
	got := make(chan struct {
		i   int
		err error
	})
	for i, fn := range list {
		go func() {
			var err error
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic: %v", p)
				}
				got <- struct {
					i   int
					err error
				}{i, err}
			}()
			err = fn()
		}()
	}
	errs := make([]error, len(list))
	for range list {
		x := <-got
		errs[x.i] = x.err
	}
	return errs
}

// Changes that wait share a transaction. Each sees what was written before it, and
// one that is refused or panics takes no other with it.
func TestChangesTogether(t *testing.T) {
	j := newTest(t)
	in := must[Intent](t)(j.Intend(t.Context(), decision(1)))
	shared := map[*writer]int{}
	event := func(w *writer) error {
		shared[w]++
		_, err := w.begin(KindEvent, Entry{Act: ActStart}, Result{})
		return err
	}
	record := func() error { return j.change(t.Context(), event) }
	held(t, j, 4, func() {
		for i, err := range side(record, record, record, record) {
			if err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		}
	})
	if len(shared) != 1 {
		t.Errorf("%d transactions of %v", len(shared), shared)
	}
	no := errors.New("no")
	var errs []error
	held(t, j, 6, func() {
		errs = side(record,
			func() error {
				return j.change(t.Context(), func(w *writer) error { return errors.Join(event(w), refusal{no}) })
			},
			func() error {
				return j.change(t.Context(), func(w *writer) error { _ = event(w); panic("hole") })
			},
			func() error { return j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}) },
			func() error { return j.Outcome(t.Context(), in, Result{Outcome: OutcomeDone}) },
			record)
	})
	if errs[0] != nil || errs[5] != nil || !errors.Is(errs[1], no) || errors.Is(errs[1], ErrNotWritten) || fmt.Sprint(errs[2]) != "panic: hole" {
		t.Errorf("%v", errs)
	}
	if ended := errs[3:5]; !slices.Contains(ended, nil) || !errors.Is(errors.Join(ended...), ErrFinished) {
		t.Errorf("an act ended beside itself: %v", ended)
	}
	if rep, err := j.Verify(t.Context(), VerifyOptions{}); err != nil || !rep.OK || rep.Entries != 1+4+3 {
		t.Errorf("%+v, %v", rep, err)
	}
}

// Whoever gives up while they wait has written nothing, and holds up nobody.
func TestChangeGivenUp(t *testing.T) {
	j := newTest(t)
	gone, cancel := context.WithCancel(t.Context())
	stays, leaves := make(chan error), make(chan error)
	intend := func(ctx context.Context, end chan error) {
		_, err := j.Intend(ctx, decision(1))
		end <- err
	}
	j.hold <- struct{}{}
	go intend(gone, leaves)
	go intend(t.Context(), stays)
	wait(t, j, 2)
	cancel()
	if err := <-leaves; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-j.hold
	if err := <-stays; err != nil {
		t.Error(err)
	}
	if n, _ := j.Head(); n != 1 || j.Failures().Entries != 0 {
		t.Errorf("head %d, %+v", n, j.Failures())
	}
}

// slowLines takes the line of every other entry only once the next entry stands.
type slowLines struct {
	t  *testing.T
	j  *Journal
	mu sync.Mutex
	n  []int64
}

func (f *slowLines) Write(b []byte) (int, error) {
	l := readLines(f.t, string(b))[0]
	if l.N%2 == 1 {
		eventually(f.t, func() bool { n, _ := f.j.Head(); return n > l.N })
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n = append(f.n, l.N)
	return len(b), nil
}

// Lines come in the order of the chain, however long one takes.
func TestLinesOfParallelWriters(t *testing.T) {
	out := &slowLines{t: t}
	j, err := Open(t.Context(), placed(t, Options{Path: filepath.Join(t.TempDir(), "j.db"), Key: testKey, Lines: out}))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	out.j = j
	write := func() error { _, err := j.Record(t.Context(), Entry{Act: ActStart}, Result{}); return err }
	for range 10 {
		if err := errors.Join(side(write, write)...); err != nil {
			t.Fatal(err)
		}
	}
	if len(out.n) != 20 || !slices.IsSorted(out.n) {
		t.Errorf("lines of the entries %v", out.n)
	}
}
