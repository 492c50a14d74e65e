package journal

import (
	"context"
	"strings"
	"sync"
	"testing"

	"obpconsole/session/storetest"
)

// What was said to be written outlives a crash of the database, though no
// commit of the chain waits for the disk; and the console needs no superuser.
func TestDurableOverCrash(t *testing.T) {
	p := storetest.StartPostgres(t, true)
	db, err := openAt(t, p.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.DB().Exec(`CREATE ROLE plain LOGIN; CREATE SCHEMA plain AUTHORIZATION plain`); err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(p.Database(t), "&search_path=")
	address = strings.Replace(address, "console@", "plain@", 1) + "&search_path=plain"
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var nodes []*Journal
		for range 2 {
			j, err := openAt(t, address)
			if err != nil {
				t.Fatal(err)
			}
			nodes = append(nodes, j)
		}
		var mu sync.Mutex
		var last Intent
		enough, written := make(chan bool), 0
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				for n := 0; ; n++ {
					in, err := nodes[i%2].Intend(context.Background(), decision(n))
					if err != nil {
						return // the crash
					}
					mu.Lock()
					if in.N > last.N {
						last = in
					}
					if written++; written == 40 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		p.Crash(t)
		wg.Wait()
		j, err := openAt(t, address)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := j.Head(); n < last.N {
			t.Errorf("entry %d was said to be written, the chain ends at %d", last.N, n)
		}
		if rep, err := j.Verify(t.Context(), VerifyOptions{}); err != nil || !rep.OK {
			t.Errorf("%+v, %v", rep, err)
		}
		for _, j := range append(nodes, j) {
			_ = j.Close() // of a server that was gone
		}
	}
}

func openAt(t *testing.T, url string) (*Journal, error) {
	t.Helper()
	return Open(t.Context(), Options{Postgres: url, Key: testKey, Environment: "test"})
}
