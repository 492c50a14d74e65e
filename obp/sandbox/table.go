package sandbox

import "iter"

// table keeps rows in the order they came, found by id and by up to two other
// keys without scanning.
type table[T any] struct {
	keys func(*T) (id string, other [2]string)
	rows []*T // nil: deleted
	byID map[string]int
	by   [2]map[string][]int // positions, deleted rows among them
	live int
}

func newTable[T any](rows []T, keys func(*T) (string, [2]string)) *table[T] {
	t := &table[T]{keys: keys, byID: make(map[string]int, len(rows)), by: [2]map[string][]int{{}, {}}}
	for i := range rows {
		t.add(rows[i])
	}
	return t
}

func (t *table[T]) add(row T) *T {
	r := &row
	id, other := t.keys(r)
	t.byID[id] = len(t.rows)
	for i, k := range other {
		if k != "" {
			t.by[i][k] = append(t.by[i][k], len(t.rows))
		}
	}
	t.rows = append(t.rows, r)
	t.live++
	return r
}

// get gives the row itself, nil when there is none; its keys must not change.
func (t *table[T]) get(id string) *T {
	if i, ok := t.byID[id]; ok {
		return t.rows[i]
	}
	return nil
}

func (t *table[T]) remove(id string) bool {
	i, ok := t.byID[id]
	if !ok {
		return false
	}
	t.rows[i] = nil
	delete(t.byID, id)
	t.live--
	if len(t.rows) > 64 && len(t.rows) > 2*t.live {
		*t = *newTable(t.copies(), t.keys)
	}
	return true
}

// all goes through the rows, oldest first.
func (t *table[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, r := range t.rows {
			if r != nil && !yield(r) {
				return
			}
		}
	}
}

// newest goes through the rows, newest first.
func (t *table[T]) newest() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := len(t.rows) - 1; i >= 0; i-- {
			if r := t.rows[i]; r != nil && !yield(r) {
				return
			}
		}
	}
}

// of goes through the rows whose other key n is k, oldest first.
func (t *table[T]) of(n int, k string) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, i := range t.by[n][k] {
			if r := t.rows[i]; r != nil && !yield(r) {
				return
			}
		}
	}
}

// newestOf goes through the rows whose other key n is k, newest first.
func (t *table[T]) newestOf(n int, k string) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		at := t.by[n][k]
		for j := len(at) - 1; j >= 0; j-- {
			if r := t.rows[at[j]]; r != nil && !yield(r) {
				return
			}
		}
	}
}

func (t *table[T]) copies() []T {
	out := make([]T, 0, t.live)
	for r := range t.all() {
		out = append(out, *r)
	}
	return out
}
