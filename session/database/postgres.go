package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Options of Postgres.
type Options struct {
	Conns   int                       // at most so many connections
	Set     map[string]string         // the server's settings for each connection
	Rewrite func(query string) string // before it is sent; nil: as it is
}

// CheckURL says whether an address can be of a PostgreSQL server. Its error
// holds nothing of the address, in which a password may stand.
func CheckURL(url string) error {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return errors.New("wanted an address such as postgres://console@db.example.com/console?sslmode=verify-full")
	}
	if _, err := pgx.ParseConfig(url); err != nil {
		return errors.New("it cannot be read; wanted an address such as postgres://console@db.example.com/console?sslmode=verify-full")
	}
	return nil
}

// Postgres prepares connections to the server at url; the first is made when
// one is needed. Queries have ? for parameters. A server that is gone is told
// by a lost keepalive within half a minute.
func Postgres(url string, o Options) (*sql.DB, error) {
	if err := CheckURL(url); err != nil {
		return nil, err
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	for name, v := range map[string]string{"application_name": "obpconsole", "timezone": "UTC",
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = v
		}
	}
	for name, v := range o.Set {
		c.RuntimeParams[name] = v
	}
	if o.Rewrite == nil {
		o.Rewrite = func(q string) string { return q }
	}
	db := sql.OpenDB(connector{stdlib.GetConnector(*c), func(q string) string { return numbered(o.Rewrite(q)) }})
	db.SetMaxOpenConns(o.Conns)
	db.SetMaxIdleConns(o.Conns)
	return db, nil
}

// connector makes connections that take the queries of SQLite.
type connector struct {
	driver.Connector
	rewrite func(string) string
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	got, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	pg, ok := got.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("database: a connection is a %T", got), got.Close())
	}
	return &conn{pg, c.rewrite}, nil
}

type conn struct {
	*stdlib.Conn
	rewrite func(string) string
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	return c.Conn.PrepareContext(ctx, c.rewrite(q))
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, c.rewrite(q), args)
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.ExecContext(ctx, c.rewrite(q), args)
}

// Statement is one of a Pipeline.
type Statement struct {
	Query string
	Args  []any
	Into  []any // where its one row goes, if there is one; nil: it gives none
}

// Pipeline sends statements over a connection that Postgres made, all at once:
// one journey to the server and back. The first error ends it.
func Pipeline(ctx context.Context, over *sql.Conn, list []Statement) error {
	return over.Raw(func(c any) error {
		pg, ok := c.(*conn)
		if !ok {
			return fmt.Errorf("database: a connection is a %T", c)
		}
		var b pgx.Batch
		for _, s := range list {
			q := b.Queue(pg.rewrite(s.Query), s.Args...)
			if s.Into != nil {
				q.QueryRow(func(row pgx.Row) error {
					if err := row.Scan(s.Into...); !errors.Is(err, pgx.ErrNoRows) {
						return err
					}
					return nil
				})
			}
		}
		return pg.Conn.Conn().SendBatch(ctx, &b).Close()
	})
}

// Drop closes a connection whose state is not known, instead of giving it back.
func Drop(over *sql.Conn) {
	_ = over.Raw(func(any) error { return driver.ErrBadConn })
}

// numbered turns each ? outside of quotes into $1, $2, ...
func numbered(q string) string {
	if !strings.Contains(q, "?") {
		return q
	}
	b := make([]byte, 0, len(q)+32)
	quoted, n := false, 0
	for i := range len(q) {
		switch {
		case q[i] == '\'':
			quoted = !quoted
		case q[i] == '?' && !quoted:
			n++
			b = strconv.AppendInt(append(b, '$'), int64(n), 10)
			continue
		}
		b = append(b, q[i])
	}
	return string(b)
}
