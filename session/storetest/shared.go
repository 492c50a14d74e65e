package storetest

import (
	"slices"
	"sync"
	"testing"
)

// Servers are those that all tests of a package share: each is started when the
// first test asks for it, and ends at End, which TestMain calls.
type Servers struct {
	postgres, redis sync.Once
	p               *Postgres
	r               *Redis
	ends            []func()
}

// Postgres gives the PostgreSQL server, whose commits are quick.
func (s *Servers) Postgres(tb testing.TB) *Postgres {
	tb.Helper()
	s.postgres.Do(func() { s.p = StartPostgres(lasting{tb, s}, false) })
	if s.p == nil {
		tb.Fatal("PostgreSQL did not start for another test")
	}
	return s.p
}

// Redis gives the Redis server.
func (s *Servers) Redis(tb testing.TB) *Redis {
	tb.Helper()
	s.redis.Do(func() { s.r = StartRedis(lasting{tb, s}) })
	if s.r == nil {
		tb.Fatal("Redis did not start for another test")
	}
	return s.r
}

// End ends them.
func (s *Servers) End() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// lasting is a test whose servers outlive it.
type lasting struct {
	testing.TB
	s *Servers
}

// Cleanup has fn run at End.
func (l lasting) Cleanup(fn func()) { l.s.ends = append(l.s.ends, fn) }
