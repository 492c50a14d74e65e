package storetest

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"obpconsole/session/database"
)

// Postgres is a private server.
type Postgres struct {
	port  int
	count atomic.Int64
	begin func(port int) (s *server, said string, ok bool)
	runs  *server
}

// StartPostgres starts a server that ends with the test. durable: commits reach
// the disk, as they do at a bank; else they are quick.
func StartPostgres(tb testing.TB, durable bool) *Postgres {
	tb.Helper()
	const where = "/usr/lib/postgresql/*/bin"
	initdb := find(tb, "initdb", "postgresql", where)
	postgres := find(tb, "postgres", "postgresql", where)
	dir := folder(tb, "postgres")
	data := filepath.Join(dir, "data")
	run(tb, dir, initdb, "-D", data, "-U", "console", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	fsync := "off"
	if durable {
		fsync = "on"
	}
	p := &Postgres{begin: func(port int) (*server, string, bool) {
		return serve(tb, dir, "database system is ready to accept connections", "QUIT", postgres, "-D", data,
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", fmt.Sprint("port=", port),
			"-c", "fsync="+fsync, "-c", "max_connections=200", "-c", "log_min_messages=error", "-c", "logging_collector=off")
	}}
	for range 5 { // somebody may have taken the port meanwhile
		p.port = freePort(tb)
		s, said, ok := p.begin(p.port)
		if ok {
			p.runs = s
			tb.Cleanup(func() { p.runs.stop() })
			return p
		}
		tb.Logf("PostgreSQL did not start at port %d:\n%s", p.port, said)
	}
	tb.Fatal("PostgreSQL does not start")
	return nil
}

// Crash ends the server at once, which loses what it had not written, and starts
// it again.
func (p *Postgres) Crash(tb testing.TB) {
	tb.Helper()
	p.runs.stop()
	s, said, ok := p.begin(p.port)
	if !ok {
		tb.Fatalf("PostgreSQL does not start again:\n%s", said)
	}
	p.runs = s
}

// Database gives the address of an empty database: a schema of its own, which is
// quicker made.
func (p *Postgres) Database(tb testing.TB) string {
	tb.Helper()
	address := fmt.Sprintf("postgres://console@127.0.0.1:%d/postgres?sslmode=disable", p.port)
	db, err := database.Postgres(address, database.Options{Conns: 1})
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprint("console", p.count.Add(1))
	if _, err := db.ExecContext(tb.Context(), "CREATE SCHEMA "+name); err != nil {
		tb.Fatal(err)
	}
	return address + "&search_path=" + name
}
