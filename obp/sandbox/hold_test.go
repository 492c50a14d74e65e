package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestLate: the client gives up first, and the grant still comes.
func TestLate(t *testing.T) {
	b := newBench(t)
	b.control("POST", "faults", `{"op":"`+grantOp+`","late":true,"late_ms":1,"hold":"after","times":1}`, 204)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan answer)
	go func() { done <- b.send(ctx, "POST", "/users/"+b.nora+"/entitlements", roleBody) }()
	b.control("GET", "held?at=late&timeout_ms=60000", "", 200)
	if n := b.granted(); n != 0 {
		t.Errorf("granted %d times before the client hung up", n)
	}
	cancel()
	if a := <-done; !errors.Is(a.err, context.Canceled) {
		t.Errorf("the client got %d %v", a.status, a.err)
	}
	b.control("GET", "held?at=after&timeout_ms=60000", "", 200) // held after: so it was applied
	if n := b.granted(); n != 1 {
		t.Errorf("granted %d times after the client hung up", n)
	}
}

func TestHold(t *testing.T) {
	for at, applied := range map[string]int{"before": 0, "between": 0, "after": 1} {
		t.Run(at, func(t *testing.T) {
			b := newBench(t)
			b.control("POST", "faults", `{"op":"`+grantOp+`","hold":"`+at+`","times":1}`, 204)
			done := make(chan answer)
			go func() { done <- b.grant() }()
			b.control("GET", "held?timeout_ms=60000&op="+strings.ReplaceAll(grantOp, " ", "%20"), "", 200)
			if n := b.granted(); n != applied {
				t.Errorf("held %s: granted %d times, wanted %d", at, n, applied)
			}
			if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
				t.Errorf("another call meanwhile: %d", a.status)
			}
			if got := b.control("POST", "release", `{"op":"`+grantOp+`"}`, 200); got != "{\"released\":1}\n" {
				t.Errorf("released %s", got)
			}
			if a := <-done; a.status != 201 {
				t.Errorf("released call: %d %s", a.status, a.body)
			}
			if n := b.granted(); n != 1 {
				t.Errorf("granted %d times in the end", n)
			}
		})
	}
}

func TestHeldTimesOut(t *testing.T) {
	b := newBench(t)
	b.control("GET", "held?timeout_ms=1", "", 408)
}

// TestHeldOutlivesClient: what was held happens although nobody waits for it.
func TestHeldOutlivesClient(t *testing.T) {
	b := newBench(t)
	b.control("POST", "faults", `{"op":"`+grantOp+`","hold":"before","times":1}`, 204)
	b.control("POST", "faults", `{"op":"`+listOp+`","hold":"after","times":1}`, 204)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan answer)
	go func() { done <- b.send(ctx, "POST", "/users/"+b.nora+"/entitlements", roleBody) }()
	if err := b.s.WaitHeld(t.Context(), grantOp, "before", 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-done
	if n := b.granted(); n != 0 {
		t.Errorf("granted %d times while held", n)
	}
	if n := b.s.Release(grantOp); n != 1 {
		t.Errorf("released %d", n)
	}
	for b.granted() == 0 { // ends with the test's own limit
	}
}

// TestRace: with both calls past the check, both grants succeed, as on the real server.
func TestRace(t *testing.T) {
	b := newBench(t)
	if err := b.s.SetFault(grantOp, Fault{Hold: "between"}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	codes := make([]int, 5)
	for i := range codes {
		wg.Go(func() { codes[i] = b.grant().status })
	}
	b.control("GET", "held?n=5&timeout_ms=60000", "", 200)
	b.control("DELETE", "faults", "", 204)
	wg.Wait()
	for _, c := range codes {
		if c != 201 {
			t.Errorf("codes %v", codes)
			break
		}
	}
	if n := b.granted(); n != 5 {
		t.Errorf("granted %d times", n)
	}
	if a := b.grant(); a.status != 400 {
		t.Errorf("a later grant: %d", a.status)
	}
}

// TestRaceWindow: the switch opens the same window by time; without it the
// check and the insert are one step.
func TestRaceWindow(t *testing.T) {
	for ms, least := range map[int]int{0: 1, 500: 2} {
		b := newBench(t)
		b.control("POST", "faults", fmt.Sprintf(`{"race_ms":%d}`, ms), 204)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { b.grant() })
		}
		wg.Wait()
		if n := b.granted(); n < least || ms == 0 && n != 1 {
			t.Errorf("window %d ms: granted %d times", ms, n)
		}
	}
}
