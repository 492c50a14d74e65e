package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const settlement = "SETTLEMENT"

// routings of an account; those that the server makes for settlement have none.
func routings(a *Account) []Routing {
	if a.Product == settlement || a.Product == "" {
		return []Routing{}
	}
	return []Routing{{"AccountNumber", "44" + a.ID}}
}

func balance(a *Account) Amount {
	sign, c := "", a.Balance
	if c < 0 {
		sign, c = "-", -c
	}
	return Amount{a.Currency, fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)}
}

// seen are the accounts on which a user has a view, by bank and id.
func (s *Server) seen(userID, bank string) []*Account {
	var out []*Account
	for row := range s.access.of(0, userID) {
		a := s.accounts.get(key(row.BankID, row.AccountID))
		if a != nil && (bank == "" || a.BankID == bank) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, byAccount)
	return out
}

func byAccount(a, b *Account) int {
	return cmp.Or(strings.Compare(a.BankID, b.BankID), strings.Compare(a.ID, b.ID))
}

// held accounts of a user at a bank, whatever their views.
func (s *Server) heldAccounts(userID, bank string) (out []*Account) {
	for _, h := range s.world.Holders {
		if a := s.accounts.get(key(h.BankID, h.AccountID)); a != nil && h.UserID == userID && h.BankID == bank {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, byAccount)
	return out
}

func showAccounts(as []*Account, shape func(*Account) map[string]any) []map[string]any {
	out := make([]map[string]any, len(as))
	for i, a := range as {
		out[i] = shape(a)
	}
	return out
}

// privateAccount is an account with the caller's views in words.
func (s *Server) privateAccount(userID string) func(*Account) map[string]any {
	return func(a *Account) map[string]any {
		return map[string]any{"id": a.ID, "label": orNil(a.Label), "bank_id": a.BankID, "account_type": a.Product, "account_routings": routings(a),
			"views": show(s.viewsOf(userID, a.BankID, a.ID), viewBasic)}
	}
}

func (s *Server) myAccounts(r *request) (int, any, *refusal) {
	return 200, map[string]any{"accounts": showAccounts(s.seen(r.user.UserID, ""), s.privateAccount(r.user.UserID))}, nil
}

// atBank puts the check of the bank before a list of accounts.
func (s *Server) atBank(answer func(r *request, bank string) any) handler {
	return func(r *request) (int, any, *refusal) {
		bank := r.arg("BANK_ID")
		if s.findBank(bank) == nil {
			return 0, nil, noBank(bank)
		}
		return 200, answer(r, bank), nil
	}
}

// accountsAt is a bare list.
func (s *Server) accountsAt(r *request, bank string) any {
	return showAccounts(s.seen(r.user.UserID, bank), func(a *Account) map[string]any {
		return map[string]any{"id": a.ID, "label": orNil(a.Label), "bank_id": a.BankID,
			"views_available": show(s.viewsOf(r.user.UserID, a.BankID, a.ID), viewShort)}
	})
}

func (s *Server) privateAccountsAt(r *request, bank string) any {
	return map[string]any{"accounts": showAccounts(s.seen(r.user.UserID, bank), s.privateAccount(r.user.UserID))}
}

func (s *Server) accountIDsAt(r *request, bank string) any {
	return map[string]any{"accounts": showAccounts(s.seen(r.user.UserID, bank), func(a *Account) map[string]any { return map[string]any{"id": a.ID} })}
}

func (s *Server) accountsHeldAt(r *request, bank string) any {
	return map[string]any{"accounts": showAccounts(s.heldAccounts(r.user.UserID, bank), func(a *Account) map[string]any {
		return map[string]any{"id": a.ID, "label": orNil(a.Label), "bank_id": a.BankID, "number": orNil(a.Number), "account_routings": routings(a)}
	})}
}
