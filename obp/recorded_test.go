package obp

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	felix   = "98fb03d6-a48c-42d5-8ef2-ce09f8988f81"
	robert  = "4119b9c4-6672-4235-b7cd-14a1fece49f3"
	susan   = "5ace17e0-8c7c-4e71-9d8a-506e64fa2a58"
	nora    = "957eecbb-2d07-41ef-a535-b3ac376efd9a"
	obrien  = "d489d935-7541-4b78-9603-1ddcebbedac2"
	nobody  = "00000000-0000-4000-8000-000000000000"
	bank1   = "rec.bank.one"
	acc1    = "acc-felix-1"
	local   = "http://127.0.0.1:8090"
	felixC  = "860c6d16-55e6-48a7-ba14-da8666938c1c"
	robertC = "43b1e7c4-a4d9-4747-84fc-c8cf6d193fe1"
	obrienC = "5a4041b6-ee69-4ec0-b770-f62c846f7a12"
)

type ctx = context.Context

// at gives the exchanges with the path of the i-th changed.
func at(i int, path string, x []exchange) []exchange {
	x[i].Request.Path = path
	return x
}

func names(r []Entitlement) []string {
	return mapped(r, func(e Entitlement) string { return e.RoleName + "@" + e.BankID })
}

func viewIDs(v []View) []string { return mapped(v, func(v View) string { return v.ID }) }

func ids[T row](v []T) []string { return mapped(v, func(v T) string { return v.id() }) }

// then gives f of a result, and passes an error on.
func then[T, U any](v T, err error, f func(T) U) (any, error) {
	if err != nil {
		return nil, err
	}
	return f(v), nil
}

// recording is a call and what it makes of the answers that a real server gave.
type recording struct {
	name string
	x    []exchange
	call func(*API, ctx) (any, error)
	want any
	kind Kind // of the refusal; KindOther: success
}

func play(t *testing.T, all []recording) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.call(script(t, c.x...), t.Context())
			if KindOf(err) != c.kind || (err != nil) != (c.kind != KindOther) {
				t.Fatalf("got kind %d (%v), want %d", KindOf(err), err, c.kind)
			}
			if err != nil {
				return
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
