package handlers

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
)

// Fifty approvals of two requests for the same role of the same person, the
// server's race wide open: one grant, both requests closed (security 20).
func TestTwoRequestsForOneRole(t *testing.T) {
	w := testWorld()
	w.Requests = append(w.Requests, sandbox.Request{ID: "r-branch2", Role: "CanCreateBranch", BankID: "bank.one", UserID: "u-felix", Created: start.Add(-time.Hour)})
	g := newRigOf(t, w)
	g.obp.SetRace(30 * time.Millisecond)
	people := []*browser{g.signIn(admin), g.signIn("ben.second")}
	ids := []string{"r-branch", "r-branch2"}
	won := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			b := *people[i/2%2]
			a := b.post("/requests/"+ids[i%2]+"/approve", reason(because))
			mu.Lock()
			defer mu.Unlock()
			if a.StatusCode == http.StatusSeeOther {
				won[ids[i%2]]++
			} else if a.StatusCode != http.StatusConflict {
				t.Errorf("%d: %s", a.StatusCode, a.text("main"))
			}
		})
	}
	wg.Wait()
	for _, id := range ids { // one of the two may have found the turn taken every time
		if g.open(id) {
			if a := people[0].post("/requests/"+id+"/approve", reason(because)); a.StatusCode != http.StatusSeeOther {
				t.Errorf("%s afterwards: %d", id, a.StatusCode)
			}
			won[id]++
		}
		if won[id] != 1 || g.open(id) {
			t.Errorf("%s was approved %d times, open %v", id, won[id], g.open(id))
		}
	}
	if n := g.held("u-felix", "CanCreateBranch", "bank.one"); n != 1 {
		t.Errorf("held %d times", n)
	}
	g.intact()
}

// BenchmarkApprove is what an approval costs the console: two reads and two
// writes to a stand-in that answers from memory, three durable entries.
func BenchmarkApprove(b *testing.B) {
	w := testWorld()
	for i := range b.N {
		w.Requests = append(w.Requests, sandbox.Request{ID: "bench-" + time.Duration(i).String(), Role: "CanCreateBranch", BankID: "bank.one", UserID: "u-felix", Created: start})
	}
	g := newRigOf(b, w)
	anna := g.signIn(admin)
	b.ResetTimer()
	for i := range b.N {
		if a := anna.post("/requests/bench-"+time.Duration(i).String()+"/approve", reason(because)); a.StatusCode != http.StatusSeeOther {
			b.Fatalf("%d", a.StatusCode)
		}
	}
}
