package obp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// paging serves n rows as OBP pages them, and counts its calls.
func paging(t *testing.T, key string, n int, row func(i int) any) (*API, *atomic.Int32) {
	var calls atomic.Int32
	return scripted(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		limit, err1 := strconv.Atoi(r.FormValue("limit"))
		offset, err2 := strconv.Atoi(r.FormValue("offset"))
		if err1 != nil || err2 != nil || limit < 1 || offset < 0 {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		rows := []any{}
		for i := offset; i < min(offset+limit, n); i++ {
			rows = append(rows, row(i))
		}
		body, _ := json.Marshal(map[string]any{key: rows})
		answer(200, string(body))(w, r)
	}), &calls
}

func person(i int) any {
	return map[string]any{"user_id": fmt.Sprint("u", i), "is_locked": i%100 == 99}
}

// A page says whether there is another, without a total and without a call more.
func TestPages(t *testing.T) {
	api, calls := paging(t, "users", 7, person)
	for _, c := range []struct {
		q    UserQuery
		want Page[string]
	}{
		{UserQuery{Limit: 3}, Page[string]{[]string{"u0", "u1", "u2"}, 0, true}},
		{UserQuery{Limit: 3, Offset: 3}, Page[string]{[]string{"u3", "u4", "u5"}, 3, true}},
		{UserQuery{Limit: 3, Offset: 4}, Page[string]{[]string{"u4", "u5", "u6"}, 4, false}},
		{UserQuery{Limit: 3, Offset: 9}, Page[string]{[]string{}, 9, false}},
		{UserQuery{}, Page[string]{[]string{"u0", "u1", "u2", "u3", "u4", "u5", "u6"}, 0, false}},
	} {
		calls.Store(0)
		p, err := api.Users(t.Context(), c.q)
		got := Page[string]{ids(p.Rows), p.Offset, p.More}
		if d := cmp.Diff(c.want, got); err != nil || d != "" || calls.Load() != 1 {
			t.Errorf("%+v: %v, %d calls %s", c.q, err, calls.Load(), d)
		}
	}
	calls.Store(0)
	for _, q := range []UserQuery{{Offset: -1}, {Limit: -1}, {Limit: 1001}} {
		if _, err := api.Users(t.Context(), q); KindOf(err) != KindInvalid {
			t.Errorf("%+v: got %v", q, err)
		}
		if _, err := api.UsersByLock(t.Context(), true, q); KindOf(err) != KindInvalid {
			t.Errorf("%+v: got %v", q, err)
		}
		if _, err := api.CustomerKeys(t.Context(), CustomerQuery{Offset: q.Offset, Limit: q.Limit}); KindOf(err) != KindInvalid {
			t.Errorf("%+v: got %v", q, err)
		}
	}
	if calls.Load() != 0 {
		t.Error("a bad page was asked for")
	}
}

// OBP sorts a page over banks by bank after it cut it: pages side by side must
// still show every customer once.
func TestCustomerPagesLoseNobody(t *testing.T) {
	banks := []string{"b", "c", "a", "b", "a", "c", "a", "b"} // of customers 0 to 7, in OBP's own order
	for _, c := range []struct {
		path, bank string
		page       func(*API, CustomerQuery) ([]string, bool, error)
	}{
		{"/customers", "", func(a *API, q CustomerQuery) ([]string, bool, error) {
			p, err := a.Customers(t.Context(), q)
			return ids(p.Rows), p.More, err
		}},
		{"/customers-minimal", "", func(a *API, q CustomerQuery) ([]string, bool, error) {
			p, err := a.CustomerKeys(t.Context(), q)
			return ids(p.Rows), p.More, err
		}},
		{"/banks/x/customers", "x", func(a *API, q CustomerQuery) ([]string, bool, error) {
			p, err := a.BankCustomers(t.Context(), "x", q)
			return ids(p.Rows), p.More, err
		}},
		{"/banks/x/customers-minimal", "x", func(a *API, q CustomerQuery) ([]string, bool, error) {
			p, err := a.BankCustomerKeys(t.Context(), "x", q)
			return ids(p.Rows), p.More, err
		}},
	} {
		t.Run(c.path, func(t *testing.T) {
			calls := 0
			api := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if r.URL.Path != "/obp/v5.0.0"+c.path || r.FormValue("sort_direction") != "ASC" {
					t.Errorf("asked for %s", r.URL)
				}
				limit, _ := strconv.Atoi(r.FormValue("limit"))
				offset, _ := strconv.Atoi(r.FormValue("offset"))
				rows := []CustomerKey{}
				for i := offset; i < min(offset+limit, len(banks)); i++ {
					bank := banks[i]
					if c.bank != "" {
						bank = c.bank
					}
					rows = append(rows, CustomerKey{bank, fmt.Sprint("c", i)})
				}
				slices.SortStableFunc(rows, func(x, y CustomerKey) int { return int(x.BankID[0]) - int(y.BankID[0]) })
				body, _ := json.Marshal(map[string]any{"customers": rows})
				answer(200, string(body))(w, r)
			})
			var all []string
			pages, wanted := 0, 4
			if c.bank == "" {
				wanted = 5 // the last is full, and the one after it empty
			}
			for offset, more := 0, true; more; offset += 2 {
				pages++
				var page []string
				var err error
				if page, more, err = c.page(api, CustomerQuery{Offset: offset, Limit: 2, Ascending: true}); err != nil {
					t.Fatal(err)
				}
				all = append(all, page...)
			}
			if pages != wanted || calls != pages {
				t.Errorf("%d pages in %d calls, want %d", pages, calls, wanted)
			}
			slices.Sort(all)
			if d := cmp.Diff([]string{"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"}, all); d != "" {
				t.Error(d)
			}
		})
	}
	api := scripted(t, answer(403, `{"message":"OBP-20006: User is missing one or more roles: CanGetCustomersAtAnyBank"}`))
	if p, err := api.Customers(t.Context(), CustomerQuery{}); KindOf(err) != KindMissingRole || p.Rows != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestWalks(t *testing.T) {
	customer := func(i int) any { return CustomerKey{"b", fmt.Sprint("c", i)} }
	for _, n := range []int{0, 1, walkLimit - 1, walkLimit, walkLimit + 1, 2*walkLimit + 3} {
		api, calls := paging(t, "users", n, person)
		got := 0
		for u, err := range api.AllUsers(t.Context(), UserQuery{}) {
			if err != nil || u.UserID != fmt.Sprint("u", got) {
				t.Fatalf("row %d: got %+v, %v", got, u, err)
			}
			got++
		}
		if got != n || int(calls.Load()) != n/walkLimit+1 {
			t.Errorf("%d of %d rows in %d calls", got, n, calls.Load())
		}
		api, _ = paging(t, "customers", n, customer)
		got = 0
		for _, err := range api.AllCustomers(t.Context(), CustomerQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		for _, err := range api.AllBankCustomers(t.Context(), "b", CustomerQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != 2*n {
			t.Errorf("%d of %d customers", got, 2*n)
		}
	}
	t.Run("left early", func(t *testing.T) {
		api, calls := paging(t, "users", 3*walkLimit, person)
		for u := range api.AllUsers(t.Context(), UserQuery{Offset: 2}) {
			if u.UserID != "u2" {
				t.Errorf("begins at %s", u.UserID)
			}
			break
		}
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
	last := func(api *API) (n int, err error) {
		for _, e := range api.AllUsers(t.Context(), UserQuery{}) {
			n++
			err = e
		}
		return n, err
	}
	t.Run("same page again", func(t *testing.T) {
		api, _ := paging(t, "users", 1<<30, func(i int) any { return person(i % walkLimit) })
		if n, err := last(api); KindOf(err) != KindJunk || n != walkLimit+1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		if n, err := last(scripted(t, answer(403, `{"message":"OBP-20006: x CanGetAnyUser"}`))); KindOf(err) != KindMissingRole || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
	t.Run("no end", func(t *testing.T) {
		n, calls := 0, 0
		var err error
		rows := make([]CustomerKey, walkLimit)
		endless := func(_ ctx, offset, _ int) ([]CustomerKey, error) {
			calls++
			for i := range rows {
				rows[i].CustomerID = strconv.Itoa(offset + i)
			}
			return rows, nil
		}
		for _, e := range walk(t.Context(), get("/customers"), endless, 0) {
			n++
			err = e
		}
		if KindOf(err) != KindJunk || n != walkRows+1 || calls != walkRows/walkLimit {
			t.Errorf("%d rows in %d calls, %v", n, calls, err)
		}
	})
}

// Locked people are found behind pages that have none, up to a bound.
func TestUsersByLock(t *testing.T) {
	scan := func(n int, locked bool, q UserQuery) (Scan[string], int32) {
		api, calls := paging(t, "users", n, person)
		s, err := api.UsersByLock(t.Context(), locked, q)
		if err != nil {
			t.Fatal(err)
		}
		return Scan[string]{ids(s.Rows), s.Seen, s.Next, s.End, s.Stopped}, calls.Load()
	}
	for _, c := range []struct {
		name   string
		n      int
		locked bool
		q      UserQuery
		want   Scan[string]
		calls  int32
	}{
		{"some", 350, true, UserQuery{}, Scan[string]{[]string{"u99", "u199", "u299"}, 350, 350, true, false}, 1},
		{"a full page", 350, true, UserQuery{Limit: 2}, Scan[string]{[]string{"u99", "u199"}, 200, 200, false, false}, 1},
		{"the next page", 350, true, UserQuery{Limit: 2, Offset: 200}, Scan[string]{[]string{"u299"}, 150, 350, true, false}, 1},
		{"full with the last row", 200, true, UserQuery{Limit: 2}, Scan[string]{[]string{"u99", "u199"}, 200, 200, true, false}, 1},
		{"active", 350, false, UserQuery{Limit: 1, Offset: 99}, Scan[string]{[]string{"u100"}, 2, 101, false, false}, 1},
		{"nobody", 50, true, UserQuery{}, Scan[string]{[]string{}, 50, 50, true, false}, 1},
		{"the bound", ScanBound + 1, true, UserQuery{Limit: 1000}, Scan[string]{nil, ScanBound, ScanBound, false, true}, 11},
		{"just within the bound", ScanBound, true, UserQuery{Limit: 1000}, Scan[string]{nil, ScanBound, ScanBound, true, false}, 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, calls := scan(c.n, c.locked, c.q)
			if c.want.Rows == nil && len(got.Rows) == 50 {
				got.Rows = nil
			}
			if d := cmp.Diff(c.want, got); d != "" || calls != c.calls {
				t.Errorf("%d calls %s", calls, d)
			}
		})
	}
	api := scripted(t, answer(200, `{"users":null}`))
	if _, err := api.UsersByLock(t.Context(), true, UserQuery{}); KindOf(err) != KindJunk {
		t.Errorf("got %v", err)
	}
}
