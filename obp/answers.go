package obp

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

func get(op string, args ...string) call {
	return call{method: http.MethodGet, op: op, args: args}
}

func post(body any, op string, args ...string) call {
	return call{method: http.MethodPost, op: op, args: args, body: body}
}

func put(body any, op string, args ...string) call {
	return call{method: http.MethodPut, op: op, args: args, body: body}
}

func del(op string, args ...string) call {
	return call{method: http.MethodDelete, op: op, args: args}
}

// send does q in the caller's name.
func (a *API) send(ctx context.Context, q call) error { return a.client.do(ctx, a.cred, q) }

// row is anything that OBP answers with. One without its id is no answer.
type row interface{ id() string }

// one sends q and gives the object that answers it.
func one[T row](ctx context.Context, a *API, q call) (T, error) {
	var out, none T
	q.out, q.ok = &out, func() bool { return out.id() != "" }
	if err := a.send(ctx, q); err != nil {
		return none, err
	}
	return out, nil
}

// list sends q and gives the list at rows, which lies in out. An absent or
// null list, or a null row, is an error: it must not look like an empty list.
func list[T row](ctx context.Context, a *API, q call, out any, rows *[]T) ([]T, error) {
	q.out, q.ok = out, func() bool {
		for _, r := range *rows {
			if r.id() == "" {
				return false
			}
		}
		return *rows != nil
	}
	if err := a.send(ctx, q); err != nil {
		return nil, err
	}
	return *rows, nil
}

// yes sends q and gives the bare true or false that answers it.
func (a *API) yes(ctx context.Context, q call) (bool, error) {
	var out *bool
	q.out, q.ok = &out, func() bool { return out != nil }
	if err := a.send(ctx, q); err != nil {
		return false, err
	}
	return *out, nil
}

// must is yes for calls of which false says that nothing happened.
func (a *API) must(ctx context.Context, q call) error {
	ok, err := a.yes(ctx, q)
	if err == nil && !ok {
		return q.refuse(KindNotApplied, "OBP answered false")
	}
	return err
}

// Date is a day, yyyy-mm-dd, or empty when OBP knows none.
type Date string

// UnmarshalJSON takes OBP's three ways to write a day: text, date-time, null.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil || s == "" { // null leaves it empty
		*d = ""
		return err
	}
	layout := time.DateOnly
	if len(s) > len(layout) {
		layout = time.RFC3339
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return err
	}
	*d = Date(t.Format(time.DateOnly))
	return nil
}
