package main

import (
	"testing"

	"obpconsole/handlers"
)

// The page of the server names the stores that the settings choose.
func TestStoresOf(t *testing.T) {
	const files, memory, pg, redis = handlers.StoreFiles, handlers.StoreMemory, handlers.StorePostgres, handlers.StoreRedis
	for name, c := range map[string]struct {
		c    Config
		x    extras
		want [4]handlers.StoreKind // sessions, lasting, limits, journal
		disk bool
	}{
		"files":    {Config{Nodes: 1}, extras{}, [4]handlers.StoreKind{files, files, memory, files}, true},
		"demo":     {Config{Nodes: 1}, extras{inMemory: true}, [4]handlers.StoreKind{memory, memory, memory, files}, true},
		"database": {Config{Nodes: 1, DatabaseURL: "postgres://x"}, extras{}, [4]handlers.StoreKind{pg, pg, pg, pg}, false},
		"redis":    {Config{Nodes: 1, DatabaseURL: "postgres://x", RedisURL: "redis://x"}, extras{}, [4]handlers.StoreKind{redis, pg, redis, pg}, false},
	} {
		c.c.DataDir = t.TempDir()
		got := storesOf(c.c, c.x)
		if is := [4]handlers.StoreKind{got.Sessions, got.Lasting, got.Limits, got.Journal}; is != c.want || (got.Disk != nil) != c.disk || got.Nodes != 1 || got.Metrics {
			t.Errorf("%s: %v, %+v", name, is, got)
		}
		if c.disk {
			if free, size, err := got.Disk(); err != nil || free == 0 || size < free {
				t.Errorf("%s: %d of %d, %v", name, free, size, err)
			}
		}
	}
	if !storesOf(Config{Nodes: 1, MetricsAddress: "127.0.0.1:9090"}, extras{}).Metrics {
		t.Error("metrics are not told")
	}
}
