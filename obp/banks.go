package obp

import (
	"cmp"
	"context"
)

// Bank is a bank of the server.
type Bank struct {
	ID         string          `json:"id"`
	ShortName  string          `json:"short_name"`
	FullName   string          `json:"full_name"`
	Logo       string          `json:"logo"`
	Website    string          `json:"website"`
	Routings   []Routing       `json:"bank_routings"` // an address may be empty
	Attributes []BankAttribute `json:"attributes"`    // only of one bank, never in the list
}

// Routing is an address of a bank or an account under some scheme.
type Routing struct {
	Scheme  string `json:"scheme"`
	Address string `json:"address"`
}

// BankAttribute is a further fact about a bank.
type BankAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (b Bank) id() string { return b.ID }

// Banks are all banks: GET /banks, no role.
func (a *API) Banks(ctx context.Context) ([]Bank, error) {
	var l struct {
		Banks []Bank `json:"banks"`
	}
	q := get("/banks")
	q.keep = true
	return list(ctx, a, q, &l, &l.Banks)
}

// Bank is one bank: GET /banks/{BANK_ID}, no role. KindNotFound (OBP-30001)
// when there is none. OBP says bank_code here for what the list calls
// short_name; it is in ShortName either way.
func (a *API) Bank(ctx context.Context, bankID string) (Bank, error) {
	b, err := one[bankWithCode](ctx, a, get("/banks/{BANK_ID}", bankID))
	b.ShortName = cmp.Or(b.ShortName, b.BankCode)
	return b.Bank, err
}

type bankWithCode struct {
	Bank
	BankCode string `json:"bank_code"`
}
