package storetest

import (
	"fmt"
	"testing"
)

// StartRedis starts a server that ends with the test, and gives its address.
func StartRedis(tb testing.TB) string {
	tb.Helper()
	program := find(tb, "redis-server", "redis-server")
	dir := folder(tb, "redis")
	for range 5 { // somebody may have taken the port meanwhile
		port := freePort(tb)
		s, said, ok := serve(tb, dir, "Ready to accept connections", "KILL", program, "--port", fmt.Sprint(port), "--bind", "127.0.0.1",
			"--dir", dir, "--save", "", "--appendonly", "no", "--daemonize", "no")
		if ok {
			tb.Cleanup(s.stop)
			return fmt.Sprintf("redis://127.0.0.1:%d/0", port)
		}
		tb.Logf("Redis did not start at port %d:\n%s", port, said)
	}
	tb.Fatal("Redis does not start")
	return ""
}
