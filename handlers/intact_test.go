package handlers

import (
	"testing"
	"time"
)

// The chain is checked also while nobody opens the journal's page: once an
// hour, and what somebody changed meanwhile is found.
func TestJournalIsWatched(t *testing.T) {
	g := newRig(t)
	g.signIn(admin)
	check := func() (at time.Time, faults int) {
		g.srv.intact.watch(t.Context())
		last, err := g.journal.LastChecked(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return last.At, last.Faults
	}
	first, faults := check()
	if faults != 0 {
		t.Fatalf("%d faults", faults)
	}
	if _, err := g.journal.DB().ExecContext(t.Context(), `UPDATE head SET n = n + 1`); err != nil {
		t.Fatal(err)
	}
	g.advance(checkIdle / 2)
	if at, _ := check(); !at.Equal(first) {
		t.Errorf("checked again at %v", at)
	}
	g.advance(checkIdle)
	if at, faults := check(); at.Equal(first) || faults == 0 {
		t.Errorf("%d faults at %v", faults, at)
	}
}
