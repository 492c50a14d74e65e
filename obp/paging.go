package obp

import (
	"context"
	"iter"
	"net/url"
	"strconv"
)

// Page is one page of a list that OBP pages.
type Page[T any] struct {
	Rows   []T
	Offset int  // of the first row
	More   bool // there is a row after the last one; of lists over banks: there may be
}

const (
	defaultLimit = 50
	maxLimit     = 1000 // OBP sets no bound; 1,000 people take it about a second
	walkLimit    = 500  // rows of one call of a walk
	walkRows     = 10_000_000
)

// window is a checked offset and limit.
func window(q call, offset, limit int) (int, error) {
	switch {
	case offset < 0:
		return 0, q.refuse(KindInvalid, "offset is negative")
	case limit < 0 || limit > maxLimit:
		return 0, q.refuse(KindInvalid, "limit is not between 1 and "+strconv.Itoa(maxLimit))
	case limit == 0:
		return defaultLimit, nil
	}
	return limit, nil
}

func paged(offset, limit int) url.Values {
	return url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
}

// fetch gives rows [offset, offset+limit) as OBP cuts them.
type fetch[T any] func(ctx context.Context, offset, limit int) ([]T, error)

// page asks for one row more than it gives, to know whether there is a next.
func page[T row](ctx context.Context, f fetch[T], offset, limit int) (Page[T], error) {
	rows, err := f(ctx, offset, limit+1)
	if err != nil {
		return Page[T]{}, err
	}
	more := len(rows) > limit
	return Page[T]{Rows: rows[:min(limit, len(rows))], Offset: offset, More: more}, nil
}

// walk gives all rows, page by page, up to the short one that ends them. A
// server that gives the same page again, or never ends, ends it with an error.
func walk[T row](ctx context.Context, q call, f fetch[T], offset int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		first := ""
		for at := offset; ; at += walkLimit {
			if at-offset >= walkRows {
				yield(none, q.refuse(KindJunk, "the list does not end"))
				return
			}
			rows, err := f(ctx, at, walkLimit)
			if err == nil && len(rows) > 0 && rows[0].id() == first {
				err = q.refuse(KindJunk, "OBP gave the same page again")
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if len(rows) < walkLimit {
				return
			}
			first = rows[0].id()
		}
	}
}
