package journal

import (
	"context"
	"database/sql"
	"sync"
)

// maxCompiled bounds what is kept: pages and their filters make a few dozen
// different reads. Beyond it they are compiled each time.
const maxCompiled = 128

// compiled keeps the compiled reads; compiling one takes longer than most of
// them run.
type compiled struct {
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func (p *compiled) get(q string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stmts[q]
}

// keep gives the statement to use for q: s, or the one that was kept meanwhile.
func (p *compiled) keep(q string, s *sql.Stmt) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if was := p.stmts[q]; was != nil {
		_ = s.Close() // not used yet
		return was
	}
	p.stmts[q] = s
	return s
}

func (p *compiled) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.stmts) >= maxCompiled
}

// rows reads beside the writer.
func (j *Journal) rows(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if j.shared() { // pgx keeps what it has prepared
		return j.read.QueryContext(ctx, q, args...)
	}
	s := j.reads.get(q)
	if s == nil && j.reads.full() {
		return j.read.QueryContext(ctx, q, args...)
	}
	if s == nil {
		fresh, err := j.read.PrepareContext(ctx, q)
		if err != nil {
			return nil, err
		}
		s = j.reads.keep(q, fresh)
	}
	return s.QueryContext(ctx, args...)
}
