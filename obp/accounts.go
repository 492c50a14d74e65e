package obp

import "context"

// Account is an account as a list shows it. Lists differ in what they fill.
type Account struct {
	ID       string      `json:"id"`
	BankID   string      `json:"bank_id"`
	Label    string      `json:"label"` // may be empty
	Number   string      `json:"number"`
	Type     string      `json:"account_type"`
	Routings []Routing   `json:"account_routings"`
	Views    []BasicView `json:"views"` // that the caller may use
}

// BasicView is a view as lists of accounts name it.
type BasicView struct {
	ID          string `json:"id"`
	ShortName   string `json:"short_name"`
	Description string `json:"description"`
	IsPublic    bool   `json:"is_public"`
}

func (c Account) id() string { return c.ID }

func (a *API) accounts(ctx context.Context, q call) ([]Account, error) {
	var l struct {
		Accounts []Account `json:"accounts"`
	}
	return list(ctx, a, q, &l, &l.Accounts)
}

// MyAccounts are the accounts at all banks on which the caller has a private
// view: GET /my/accounts, no role. No role makes more visible here.
func (a *API) MyAccounts(ctx context.Context) ([]Account, error) {
	return a.accounts(ctx, get("/my/accounts"))
}

// BankAccounts are the same at one bank, without type and routings: GET
// /banks/{BANK_ID}/accounts, no role. KindNotFound: no such bank.
func (a *API) BankAccounts(ctx context.Context, bankID string) ([]Account, error) {
	type withViews struct {
		Account
		Available []BasicView `json:"views_available"`
	}
	var l []withViews // a bare array
	found, err := list(ctx, a, get("/banks/{BANK_ID}/accounts", bankID), &l, &l)
	if err != nil {
		return nil, err
	}
	out := make([]Account, len(found))
	for i, f := range found {
		out[i] = f.Account
		out[i].Views = f.Available
	}
	return out, nil
}

// PrivateAccounts are the same at one bank, with type and routings: GET
// /banks/{BANK_ID}/accounts/private, no role. KindNotFound: no such bank.
func (a *API) PrivateAccounts(ctx context.Context, bankID string) ([]Account, error) {
	return a.accounts(ctx, get("/banks/{BANK_ID}/accounts/private", bankID))
}

// PrivateAccountIDs are the ids alone: GET
// /banks/{BANK_ID}/accounts/account_ids/private, no role.
func (a *API) PrivateAccountIDs(ctx context.Context, bankID string) ([]string, error) {
	return a.ids(ctx, get("/banks/{BANK_ID}/accounts/account_ids/private", bankID))
}

// AccountsHeld are accounts that the caller holds, with or without a view on
// them: GET /banks/{BANK_ID}/accounts-held, no role.
func (a *API) AccountsHeld(ctx context.Context, bankID string) ([]Account, error) {
	return a.accounts(ctx, get("/banks/{BANK_ID}/accounts-held", bankID))
}

// AccountDetail is one account as a view shows it. What the view hides is empty.
type AccountDetail struct {
	ID          string        `json:"id"`
	BankID      string        `json:"bank_id"`
	Label       string        `json:"label"`
	Number      string        `json:"number"`
	Owners      []AccountUser `json:"owners"`
	ProductCode string        `json:"product_code"`
	Balance     Amount        `json:"balance"`
	Routings    []Routing     `json:"account_routings"`
	Views       []View        `json:"views_available"` // only in AccountByView
	ViewIDs     []string      `json:"views_basic"`     // only in MyAccount
}

// Amount is an amount of money; Amount.Amount is OBP's text.
type Amount struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

func (d AccountDetail) id() string { return d.ID }

// MyAccount is one account through the owner view: GET
// /my/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/account, no role. KindNoView
// (OBP-20019) without that view; KindNotFound (OBP-30018).
func (a *API) MyAccount(ctx context.Context, bankID, accountID string) (AccountDetail, error) {
	return one[AccountDetail](ctx, a, get("/my"+account+"/account", bankID, accountID))
}

// AccountByView is one account through one view: GET
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/{VIEW_ID}/account, no role. KindNoView
// (OBP-20017) without that view.
func (a *API) AccountByView(ctx context.Context, bankID, accountID, viewID string) (AccountDetail, error) {
	return one[AccountDetail](ctx, a, get(account+"/{VIEW_ID}/account", bankID, accountID, viewID))
}

// FirehoseAccounts are all accounts of a bank, the only way in which a role
// shows them: GET /banks/{BANK_ID}/firehose/accounts/views/{VIEW_ID},
// CanUseAccountFirehoseAtAnyBank or CanUseAccountFirehose. The view must be a
// system view for it, usually "firehose". KindSwitchedOff (OBP-00009): the
// server has it off, as it is unless set.
func (a *API) FirehoseAccounts(ctx context.Context, bankID, viewID string) ([]AccountDetail, error) {
	var l struct {
		Accounts []AccountDetail `json:"accounts"`
	}
	return list(ctx, a, get("/banks/{BANK_ID}/firehose/accounts/views/{VIEW_ID}", bankID, viewID), &l, &l.Accounts)
}
