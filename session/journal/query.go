package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// cond is one condition over an act's opening entry.
type cond struct {
	sql  string
	args []any
}

// query finds opening entries. Each branch is walked along an index of its own
// in order of n, so that a page costs a page however long the journal is.
type query struct {
	from     string
	n        string   // the number, of the table that leads
	all      []cond   // hold together
	branches [][]cond // of each one at a time, see product
}

// maxBranches bounds the product, as SQLite does; what goes beyond is an OR.
const maxBranches = 400

func (q *query) eq(col, v string) {
	if v != "" {
		q.all = append(q.all, cond{col + " = ?", []any{v}})
	}
}

// either adds that one of the conditions holds.
func (q *query) either(conds []cond) {
	if n := len(q.product()) * len(conds); n <= maxBranches {
		q.branches = append(q.branches, conds)
		return
	}
	var or []string
	var args []any
	for _, c := range conds {
		or, args = append(or, c.sql), append(args, c.args...)
	}
	q.all = append(q.all, cond{"(" + strings.Join(or, " OR ") + ")", args})
}

func oneOf[S ~string](col string, list []S) []cond {
	out := make([]cond, len(list))
	for i, v := range list {
		out[i] = cond{col + " = ?", []any{string(v)}}
	}
	return out
}

func (r Rights) conds() []cond {
	var out []cond
	if r.Self != "" {
		out = oneOf("e.operator_id", []string{r.Self})
	}
	for _, b := range r.BankIDs {
		if b != "" { // it would be the whole system scope
			out = append(out, cond{"e.bank_id = ?", []any{b}})
		}
	}
	if len(out) == 0 {
		return []cond{{"e.n < 0", nil}}
	}
	return out
}

func opening(more ...cond) query {
	return query{from: "entries e", n: "e.n", all: append([]cond{{"e.kind IN ('intent','event')", nil}}, more...)}
}

// query gives the conditions of a filter, without Before.
func (j *Journal) query(ctx context.Context, f Filter) (query, error) {
	q := opening()
	q.eq("e.act_id", f.ActID)
	q.eq("e.request_id", f.Request)
	q.eq("e.parent_id", f.ParentID)
	q.eq("e.role", f.Role)
	if f.Ticket != "" {
		q.from += " JOIN texts t ON t.n = e.n AND t.field = 'ticket'"
		q.all = append(q.all, cond{"t.text = ? COLLATE NOCASE", []any{f.Ticket}})
	}
	if !f.Rights.All {
		q.either(f.Rights.conds())
	}
	for _, p := range []struct {
		text   string
		fields []string
	}{{f.Person, []string{"person"}}, {f.Operator, []string{"operator"}}, {f.Anyone, []string{"person", "operator"}}} {
		if p.text == "" {
			continue
		}
		var named []cond
		for _, field := range p.fields {
			c, err := j.called(ctx, field, p.text)
			if err != nil {
				return query{}, err
			}
			named = append(named, c...)
		}
		q.either(named)
	}
	if len(f.BankIDs) > 0 {
		q.either(oneOf("e.bank_id", f.BankIDs))
	}
	if len(f.Acts) > 0 {
		q.either(oneOf("e.act", f.Acts))
	}
	q.outcome(f)
	return q, j.between(ctx, &q, f.From, f.To)
}

// outcome adds the conditions on what stands in acts. That table leads when
// nothing else narrows more; a "+" keeps a condition from leading.
func (q *query) outcome(f Filter) {
	if len(f.Outcomes) == 0 && f.Environment == "" {
		return
	}
	narrow := !f.Rights.All || f.Person+f.Operator+f.Anyone+f.Role+f.Request+f.Ticket+f.ActID+f.ParentID != ""
	wide := len(f.Acts)+len(f.BankIDs) > 0 && (len(f.Outcomes) == 0 || slices.Contains(f.Outcomes, OutcomeDone))
	plus := ""
	if narrow || wide {
		plus = "+"
		q.from += " JOIN acts a ON a.n = e.n"
	} else {
		q.n, q.from = "a.n", "acts a CROSS JOIN entries e ON e.n = a.n"
	}
	if len(f.Outcomes) > 0 {
		q.either(oneOf(plus+"a.outcome", f.Outcomes))
		plus = "+"
	}
	q.eq(plus+"a.environment", f.Environment)
}

// between adds the limits of time, and limits of n that follow from them: where
// the clock ran back by b in all, an entry of time t lies before every entry of
// time t+b or later and after every one before t-b.
func (j *Journal) between(ctx context.Context, q *query, from, to time.Time) error {
	if from.IsZero() && to.IsZero() {
		return nil
	}
	var back int64
	if err := j.read.QueryRowContext(ctx, `SELECT back FROM clock`).Scan(&back); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	limit := func(pick string, at int64, cmp string) error {
		var n int64
		err := j.read.QueryRowContext(ctx, pick, at).Scan(&n)
		if err == nil {
			q.all = append(q.all, cond{q.n + " " + cmp + " ?", []any{n}})
		}
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}
	var errs []error
	if !from.IsZero() {
		at := from.UnixNano()
		q.all = append(q.all, cond{"+e.at >= ?", []any{at}})
		if at > math.MinInt64+back {
			errs = append(errs, limit(`SELECT n FROM entries WHERE at < ? ORDER BY at DESC LIMIT 1`, at-back, ">"))
		}
	}
	if !to.IsZero() {
		at := to.UnixNano()
		q.all = append(q.all, cond{"+e.at < ?", []any{at}})
		if at < math.MaxInt64-back {
			errs = append(errs, limit(`SELECT n FROM entries WHERE at >= ? ORDER BY at LIMIT 1`, at+back, "<"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// product gives every combination of one condition of each branch.
func (q query) product() [][]cond {
	out := [][]cond{q.all}
	for _, branch := range q.branches {
		var next [][]cond
		for _, base := range out {
			for _, c := range branch {
				next = append(next, append(base[:len(base):len(base)], c))
			}
		}
		out = next
	}
	return out
}

// noLimit is a limit that no journal reaches.
const noLimit = math.MaxInt32

// pick selects col of the newest acts older than before (0: all), at most limit.
func (q query) pick(col string, before int64, limit int) (string, []any) {
	var parts []string
	var args []any
	for _, conds := range q.product() {
		if before > 0 {
			conds = append(conds[:len(conds):len(conds)], cond{q.n + " < ?", []any{before}})
		}
		var where []string
		for _, c := range conds {
			where, args = append(where, c.sql), append(args, c.args...)
		}
		parts = append(parts, `SELECT `+q.n+`, e.act_id FROM `+q.from+` WHERE `+strings.Join(where, " AND ")+` ORDER BY `+q.n+` DESC LIMIT ?`)
		args = append(args, limit)
	}
	if len(parts) == 1 {
		return `SELECT ` + col + ` FROM (` + parts[0] + `) AS found`, args
	}
	return `SELECT ` + col + ` FROM (SELECT * FROM (SELECT * FROM (` + strings.Join(parts, `) AS part UNION SELECT * FROM (`) + `) AS part) AS parts ORDER BY n DESC LIMIT ?) AS found`, append(args, limit)
}
