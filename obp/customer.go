package obp

import "context"

func (a *API) allCustomers(ctx context.Context, op string, args ...string) ([]Customer, error) {
	var l struct {
		Customers []Customer `json:"customers"`
	}
	return list(ctx, a, get(op, args...), &l, &l.Customers)
}

// CurrentUserCustomers are the customers that the caller is linked to, with
// attributes: GET /users/current/customers, no role.
func (a *API) CurrentUserCustomers(ctx context.Context) ([]Customer, error) {
	return a.allCustomers(ctx, "/users/current/customers")
}

// MyCustomers are the same in an older shape: GET /my/customers, no role.
// Without title, branch, suffix and attributes.
func (a *API) MyCustomers(ctx context.Context) ([]Customer, error) {
	return a.allCustomers(ctx, "/my/customers")
}

// MyBankCustomers are those of MyCustomers at one bank: GET
// /banks/{BANK_ID}/my/customers, no role. KindNotFound: no such bank.
func (a *API) MyBankCustomers(ctx context.Context, bankID string) ([]Customer, error) {
	return a.allCustomers(ctx, "/banks/{BANK_ID}/my/customers", bankID)
}

// CustomerByID is one customer with attributes: GET
// /banks/{BANK_ID}/customers/{CUSTOMER_ID}, CanGetCustomer at that bank.
// KindNotFound (OBP-30046). OBP does not check that the customer is of that
// bank: Customer.BankID says where they are.
func (a *API) CustomerByID(ctx context.Context, bankID, customerID string) (Customer, error) {
	return one[Customer](ctx, a, get("/banks/{BANK_ID}/customers/{CUSTOMER_ID}", bankID, customerID))
}

// CustomerByNumber is the customer with a number at a bank: POST
// /banks/{BANK_ID}/customers/customer-number, CanGetCustomer at that bank. A
// POST that changes nothing. KindNotFound (OBP-30002).
func (a *API) CustomerByNumber(ctx context.Context, bankID, number string) (Customer, error) {
	return one[Customer](ctx, a, post(struct {
		Number string `json:"customer_number"`
	}{number}, "/banks/{BANK_ID}/customers/customer-number", bankID))
}

// CustomerAccounts is the access to accounts of everybody linked to a
// customer: GET /customers/{CUSTOMER_ID}/accounts-minimal,
// CanGetAccountsMinimalForCustomerAtAnyBank. KindNotFound (OBP-30046).
func (a *API) CustomerAccounts(ctx context.Context, customerID string) ([]Access, error) {
	return a.access(ctx, get("/customers/{CUSTOMER_ID}/accounts-minimal", customerID))
}

func (a *API) access(ctx context.Context, q call) ([]Access, error) {
	var l struct {
		Accounts []Access `json:"accounts"`
	}
	return list(ctx, a, q, &l, &l.Accounts)
}

// CorrelatedUsers are a customer and the people linked to it.
type CorrelatedUsers struct {
	Customer Customer             `json:"customer"`
	Users    []UserWithAttributes `json:"users"`
}

func (c CorrelatedUsers) id() string {
	if c.Users == nil {
		return ""
	}
	return c.Customer.CustomerID
}

// CorrelatedUsers are a customer and the people linked to it, with their
// attributes: GET /banks/{BANK_ID}/customers/{CUSTOMER_ID}/correlated-users,
// CanGetCorrelatedUsersInfo at that bank or
// CanGetCorrelatedUsersInfoAtAnyBank. KindNotFound (OBP-30046).
func (a *API) CorrelatedUsers(ctx context.Context, bankID, customerID string) (CorrelatedUsers, error) {
	return one[CorrelatedUsers](ctx, a, get("/banks/{BANK_ID}/customers/{CUSTOMER_ID}/correlated-users", bankID, customerID))
}
