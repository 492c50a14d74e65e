package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// Redis is a private server.
type Redis struct {
	port  int
	count atomic.Int64
}

// redisDatabases bounds how often Database may be called.
const redisDatabases = 10_000

// StartRedis starts a server that ends with the test.
func StartRedis(tb testing.TB) *Redis {
	tb.Helper()
	program := find(tb, "redis-server", "redis-server")
	dir := folder(tb, "redis")
	for range 5 { // somebody may have taken the port meanwhile
		port := freePort(tb)
		s, said, ok := serve(tb, dir, "Ready to accept connections", "KILL", program, "--port", fmt.Sprint(port), "--bind", "127.0.0.1",
			"--dir", dir, "--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", fmt.Sprint(redisDatabases))
		if ok {
			tb.Cleanup(s.stop)
			return &Redis{port: port}
		}
		tb.Logf("Redis did not start at port %d:\n%s", port, said)
	}
	tb.Fatal("Redis does not start")
	return nil
}

// Database gives the address of an empty database.
func (r *Redis) Database(tb testing.TB) string {
	tb.Helper()
	n := r.count.Add(1)
	if n >= redisDatabases {
		tb.Fatal("no database is left")
	}
	return fmt.Sprintf("redis://127.0.0.1:%d/%d", r.port, n)
}
