package sandbox

import (
	"slices"
	"strings"
)

// owners of an account; one that nobody holds belongs to its bank.
func (s *Server) owners(a *Account) []map[string]any {
	out := []map[string]any{}
	for _, h := range s.world.Holders {
		if u := s.userID(h.UserID); u != nil && h.BankID == a.BankID && h.AccountID == a.ID {
			out = append(out, map[string]any{"id": u.ProviderID, "provider": u.Provider, "display_name": u.Username})
		}
	}
	if b := s.findBank(a.BankID); len(out) == 0 && b != nil {
		out = append(out, map[string]any{"id": "", "provider": nil, "display_name": b.FullName})
	}
	return out
}

// ownAccount is what the owner view shows.
func (s *Server) ownAccount(r *request) (int, any, *refusal) {
	a, no := s.accountOnly(r.arg("BANK_ID"), r.arg("ACCOUNT_ID"))
	if no != nil {
		return 0, nil, no
	}
	me := r.user.UserID
	if s.access.get(key(a.BankID, a.ID, "owner", me)) == nil {
		return 0, nil, refuse(400, "OBP-20019: User does not have access to owner view. userId : %s. account : %s", me, a.ID)
	}
	ids := []string{}
	for _, v := range s.viewsOf(me, a.BankID, a.ID) {
		ids = append(ids, v.ID)
	}
	return 200, map[string]any{"id": a.ID, "bank_id": a.BankID, "label": orNil(a.Label), "number": orNil(a.Number), "product_code": a.Product,
		"balance": balance(a), "account_routings": routings(a), "views_basic": ids}, nil
}

func noView(id string) *refusal {
	return refuse(403, "OBP-20017: Current user does not have access to the view. Please specify a valid value for VIEW_ID. Current ViewId is %s", id)
}

// ifSeen is a value that a view may hide.
func ifSeen(view, flag string, v any) any {
	if allows(view, flag) {
		return v
	}
	return nil
}

// accountThrough shows an account as one view does.
func (s *Server) accountThrough(r *request) (int, any, *refusal) {
	a, no := s.account(r)
	if no != nil {
		return 0, nil, no
	}
	view, me := r.arg("VIEW_ID"), r.user.UserID
	if s.access.get(key(a.BankID, a.ID, view, me)) == nil {
		return 0, nil, noView(view)
	}
	views := s.viewsOf(me, a.BankID, a.ID)
	slices.SortFunc(views, func(a, b *SystemView) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) })
	return 200, map[string]any{"id": a.ID, "label": ifSeen(view, "can_see_bank_account_label", orNil(a.Label)),
		"number": ifSeen(view, "can_see_bank_account_number", orNil(a.Number)), "owners": ifSeen(view, "can_see_bank_account_owners", s.owners(a)),
		"product_code": ifSeen(view, "can_see_bank_account_type", a.Product), "balance": ifSeen(view, "can_see_bank_account_balance", balance(a)),
		"views_available": show(views, viewOld), "bank_id": a.BankID, "account_routings": routings(a),
		"account_attributes": []any{}, "tags": []any{}}, nil
}

// firehose shows every account of a bank through a firehose view.
func (s *Server) firehose(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if no := s.needAt(r, bank, "CanUseAccountFirehoseAtAnyBank", "CanUseAccountFirehose"); no != nil {
		return 0, nil, no
	}
	if s.world.Settings.NoFirehose {
		return 0, nil, refuse(400, "OBP-00009: Account firehose is not allowed on this instance. Please set allow_account_firehose = true in props files. ")
	}
	if v := s.systemView(r.arg("VIEW_ID")); v == nil || !v.Firehose {
		return 0, nil, noView(r.arg("VIEW_ID"))
	}
	as := slices.SortedFunc(s.accounts.of(0, bank), byAccount)
	return 200, map[string]any{"accounts": showAccounts(as, func(a *Account) map[string]any {
		return map[string]any{"id": a.ID, "bank_id": a.BankID, "label": orNil(a.Label), "number": orNil(a.Number), "owners": s.owners(a),
			"product_code": a.Product, "balance": balance(a), "account_routings": routings(a), "account_rules": []any{}}
	})}, nil
}
