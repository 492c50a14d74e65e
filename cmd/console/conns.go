package main

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// connections bounds how many are open at once, and how much they have sent of
// requests that are not whole yet. Past a bound one that waits for its client,
// to send or to take, is closed for the others, so that clients who only wait
// keep nobody out. One that the console works for is never closed for another.
type connections struct {
	net.Listener
	most, mostBytes int

	mu      sync.Mutex
	open    int
	bytes   int       // sent of requests that are not whole, by all
	waiting list.List // of *connection, the one that waits longest first
}

// connection is one of them.
type connection struct {
	net.Conn
	all   *connections
	work  int           // its requests that the console is busy with; several with HTTP/2
	bytes int           // sent since it waits
	at    *list.Element // in waiting; nil while there is work, and when it is closed
	shut  bool
}

func boundConnections(l net.Listener, most, mostBytes int) *connections {
	return &connections{Listener: l, most: most, mostBytes: mostBytes}
}

// Accept implements net.Listener. When there are too many connections, the one
// that waits longest is closed, which is the new one when there is work for all
// others.
func (cs *connections) Accept() (net.Conn, error) {
	c, err := cs.Listener.Accept()
	if err != nil {
		return nil, err
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	n := &connection{Conn: c, all: cs}
	n.at = cs.waiting.PushBack(n)
	cs.open++
	if cs.open > cs.most {
		cs.shut(cs.waiting.Front().Value.(*connection))
	}
	return n, nil
}

// Read implements net.Conn. When too much is sent that is not a whole request,
// the connection that sent most of it is closed.
func (n *connection) Read(b []byte) (int, error) {
	got, err := n.Conn.Read(b)
	cs := n.all
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if n.at == nil {
		return got, err
	}
	n.bytes += got
	cs.bytes += got
	for cs.bytes > cs.mostBytes {
		greatest := n
		for e := cs.waiting.Front(); e != nil; e = e.Next() {
			if o := e.Value.(*connection); o.bytes > greatest.bytes {
				greatest = o
			}
		}
		cs.shut(greatest)
	}
	return got, err
}

// Close implements net.Conn.
func (n *connection) Close() error {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	return n.all.shut(n)
}

func (cs *connections) shut(n *connection) error {
	if !n.shut {
		n.shut = true
		cs.open--
		cs.leave(n)
	}
	return n.Conn.Close()
}

// leave takes a connection out of those that wait.
func (cs *connections) leave(n *connection) {
	if n.at != nil {
		cs.waiting.Remove(n.at)
		cs.bytes -= n.bytes
		n.at, n.bytes = nil, 0
	}
}

// busy tells that the console begins to work for the connection, waits that it
// now waits for the client again. They come in pairs; nil is no connection.
func (n *connection) busy()  { n.count(1) }
func (n *connection) waits() { n.count(-1) }

func (n *connection) count(more int) {
	if n == nil {
		return
	}
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	n.work += more
	switch {
	case n.work > 0:
		n.all.leave(n)
	case n.at == nil && !n.shut:
		n.at = n.all.waiting.PushBack(n)
	}
}

type connectionKey struct{}

// withConnection is an http.Server's ConnContext.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	n, _ := c.(*connection)
	return context.WithValue(ctx, connectionKey{}, n)
}
