package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"obpconsole/handlers"
	"obpconsole/session"
	"obpconsole/session/database"
)

// checkStores refuses what several nodes cannot share.
func (r *reader) checkStores(c Config) {
	if c.Nodes < 1 || c.Nodes > 100 {
		r.bad("NODES", "wanted a whole number from 1 to 100")
	}
	if c.RedisURL != "" {
		if err := session.CheckRedisURL(c.RedisURL); err != nil {
			r.bad("REDIS_URL", "%v", err)
		}
	}
	if c.DatabaseURL == "" {
		switch {
		case c.Nodes > 1:
			r.bad("DATABASE_URL", "wanted the address of a PostgreSQL database, since NODES is %d: several nodes cannot share the SQLite files of DATA_DIR, nor anything in memory", c.Nodes)
		case c.RedisURL != "":
			r.bad("DATABASE_URL", "wanted the address of a PostgreSQL database beside REDIS_URL, which may forget what it holds")
		}
		return
	}
	if err := database.CheckURL(c.DatabaseURL); err != nil {
		r.bad("DATABASE_URL", "%v", err)
	}
	const why = "wanted 64 hex digits: with DATABASE_URL no key is made, since every node needs the same"
	if c.SessionKey == (secretKey{}) {
		r.bad("SESSION_KEY", why)
	}
	if c.JournalKey == (secretKey{}) {
		r.bad("JOURNAL_KEY", why)
	}
}

// openSessions opens the store of the sessions that the settings name.
func openSessions(ctx context.Context, c Config, x extras) (session.Store, error) {
	switch {
	case x.inMemory:
		return session.MemoryStore(), nil
	case c.DatabaseURL == "":
		s, err := session.OpenSQLite(ctx, filepath.Join(c.DataDir, sessionsFile))
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	lasting, err := session.OpenPostgres(ctx, c.DatabaseURL)
	if err != nil {
		return nil, unreachable("DATABASE_URL", c.DatabaseURL, err)
	}
	if c.RedisURL == "" {
		return lasting, nil
	}
	s, err := session.OpenRedis(ctx, c.RedisURL, lasting)
	if err != nil {
		return nil, errors.Join(unreachable("REDIS_URL", c.RedisURL, err), lasting.Close())
	}
	return s, nil
}

// unreachable says which setting's server failed, without its password.
func unreachable(name, address string, err error) error {
	host := "its server"
	if u, e := url.Parse(address); e == nil && u.Host != "" {
		host = u.Host
	}
	return fmt.Errorf("%s: %s: %w", name, host, err)
}

// databaseURL is DATABASE_URL for a command that reads no Config.
func databaseURL(getenv func(string) string) (string, error) {
	v, err := secretOf(getenv, "DATABASE_URL")
	if err != nil || v == "" {
		return "", err
	}
	if err := database.CheckURL(v); err != nil {
		return "", fmt.Errorf("DATABASE_URL: %w", err)
	}
	return v, nil
}

// dataDir is DATA_DIR for a command that reads no Config.
func dataDir(getenv func(string) string) string {
	return cmp.Or(getenv("DATA_DIR"), "data")
}

// storesText says where sessions and journal lie, without an address.
func storesText(c Config) string {
	switch {
	case c.DatabaseURL == "":
		return "files in " + c.DataDir
	case c.RedisURL == "":
		return "PostgreSQL"
	}
	return "PostgreSQL and Redis"
}

// storesOf tells the pages the same.
func storesOf(c Config, x extras) handlers.Stores {
	out := handlers.Stores{Sessions: handlers.StorePostgres, Lasting: handlers.StorePostgres, Limits: handlers.StorePostgres, Journal: handlers.StorePostgres,
		Nodes: c.Nodes, Metrics: c.MetricsAddress != ""}
	switch {
	case c.DatabaseURL == "":
		out.Sessions, out.Lasting, out.Limits, out.Journal = handlers.StoreFiles, handlers.StoreFiles, handlers.StoreMemory, handlers.StoreFiles
		if x.inMemory {
			out.Sessions, out.Lasting = handlers.StoreMemory, handlers.StoreMemory
		}
		out.Disk = func() (free, size uint64, err error) { return diskSpace(c.DataDir) }
	case c.RedisURL != "":
		out.Sessions, out.Limits = handlers.StoreRedis, handlers.StoreRedis
	}
	return out
}
