package journal

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"obpconsole/session/storetest"
)

// BenchmarkNodes writes one chain from one and from two nodes, fifty operators at
// each, with a PostgreSQL whose commits reach the disk: entries/s over all.
func BenchmarkNodes(b *testing.B) {
	p := storetest.StartPostgres(b, true)
	for _, n := range []int{1, 2} {
		b.Run(fmt.Sprintf("nodes=%d", n), func(b *testing.B) {
			url := p.Database(b)
			var nodes []*Journal
			for range n {
				j, err := Open(b.Context(), Options{Postgres: url, Key: testKey, Environment: "test"})
				if err != nil {
					b.Fatal(err)
				}
				defer j.Close()
				nodes = append(nodes, j)
			}
			var left atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			left.Store(int64(b.N))
			for i := range 50 * n {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := nodes[i%n].Intend(b.Context(), decision(i)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			if rep, err := nodes[0].Verify(b.Context(), VerifyOptions{}); err != nil || !rep.OK || rep.Entries != int64(b.N) {
				b.Errorf("%+v, %v", rep, err)
			}
		})
	}
}
