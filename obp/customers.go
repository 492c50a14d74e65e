package obp

import (
	"context"
	"iter"
	"time"
)

// Customer is a customer of a bank.
type Customer struct {
	BankID         string `json:"bank_id"`
	CustomerID     string `json:"customer_id"`
	CustomerNumber string `json:"customer_number"`
	LegalName      string `json:"legal_name"`
	MobilePhone    string `json:"mobile_phone_number"`
	Email          string `json:"email"`
	FaceImage      struct {
		URL  string    `json:"url"`
		Date time.Time `json:"date"` // zero: none
	} `json:"face_image"`
	DateOfBirth        Date   `json:"date_of_birth"`
	RelationshipStatus string `json:"relationship_status"`
	Dependants         int    `json:"dependants"`
	DependantsBirths   []Date `json:"dob_of_dependants"`
	CreditRating       struct {
		Rating string `json:"rating"`
		Source string `json:"source"`
	} `json:"credit_rating"`
	CreditLimit      Amount              `json:"credit_limit"`
	Education        string              `json:"highest_education_attained"`
	EmploymentStatus string              `json:"employment_status"`
	KYCStatus        bool                `json:"kyc_status"`
	LastOK           time.Time           `json:"last_ok_date"` // zero: never
	Title            string              `json:"title"`        // absent in MyCustomers and MyBankCustomers, with the two below
	BranchID         string              `json:"branch_id"`
	NameSuffix       string              `json:"name_suffix"`
	Attributes       []CustomerAttribute `json:"customer_attributes"` // only of one customer and in CurrentUserCustomers
}

// CustomerAttribute is a further fact about a customer.
type CustomerAttribute struct {
	ID    string `json:"customer_attribute_id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// CustomerKey says where a customer is.
type CustomerKey struct {
	BankID     string `json:"bank_id"`
	CustomerID string `json:"customer_id"`
}

func (c Customer) id() string    { return c.CustomerID }
func (k CustomerKey) id() string { return k.CustomerID }

// CustomerQuery chooses a page of customers.
type CustomerQuery struct {
	Offset    int
	Limit     int  // 1 to 1000; 0: 50
	Ascending bool // by OBP's last_ok_date; else descending
}

func customers[T row](a *API, c CustomerQuery, op string, args ...string) fetch[T] {
	return func(ctx context.Context, offset, limit int) ([]T, error) {
		q := get(op, args...)
		q.query = paged(offset, limit)
		if c.Ascending {
			q.query.Set("sort_direction", "ASC")
		}
		var l struct {
			Customers []T `json:"customers"`
		}
		return list(ctx, a, q, &l, &l.Customers)
	}
}

// fullPage is page for lists over banks. OBP sorts such a page by bank after it
// cut it, so that a row more than wanted could take the place of another: a
// page that is full may have a next one, which then may be empty.
func fullPage[T row](ctx context.Context, f fetch[T], offset, limit int) (Page[T], error) {
	rows, err := f(ctx, offset, limit)
	if err != nil {
		return Page[T]{}, err
	}
	return Page[T]{Rows: rows[:min(limit, len(rows))], Offset: offset, More: len(rows) >= limit}, nil
}

func customerPage[T row](ctx context.Context, a *API, c CustomerQuery, op string, args ...string) (Page[T], error) {
	limit, err := window(get(op), c.Offset, c.Limit)
	if err != nil {
		return Page[T]{}, err
	}
	if len(args) == 0 {
		return fullPage(ctx, customers[T](a, c, op), c.Offset, limit)
	}
	return page(ctx, customers[T](a, c, op, args...), c.Offset, limit)
}

// Customers are the customers of all banks: GET /customers,
// CanGetCustomersAtAnyBank. OBP gives no total. More says that the page is
// full: the next one may be empty.
func (a *API) Customers(ctx context.Context, c CustomerQuery) (Page[Customer], error) {
	return customerPage[Customer](ctx, a, c, "/customers")
}

// CustomerKeys are their ids alone: GET /customers-minimal,
// CanGetCustomersMinimalAtAnyBank. More is as in Customers.
func (a *API) CustomerKeys(ctx context.Context, c CustomerQuery) (Page[CustomerKey], error) {
	return customerPage[CustomerKey](ctx, a, c, "/customers-minimal")
}

// BankCustomers are the customers of one bank: GET /banks/{BANK_ID}/customers,
// CanGetCustomers at that bank; CanGetCustomersAtAnyBank does not help. An
// unknown bank is KindMissingRole.
func (a *API) BankCustomers(ctx context.Context, bankID string, c CustomerQuery) (Page[Customer], error) {
	return customerPage[Customer](ctx, a, c, "/banks/{BANK_ID}/customers", bankID)
}

// BankCustomerKeys are their ids alone: GET /banks/{BANK_ID}/customers-minimal,
// CanGetCustomersMinimal at that bank.
func (a *API) BankCustomerKeys(ctx context.Context, bankID string, c CustomerQuery) (Page[CustomerKey], error) {
	return customerPage[CustomerKey](ctx, a, c, "/banks/{BANK_ID}/customers-minimal", bankID)
}

// AllCustomers walks over the customers of all banks, from c.Offset to the
// end, whatever c.Limit: GET /customers. An error is the last thing it gives.
func (a *API) AllCustomers(ctx context.Context, c CustomerQuery) iter.Seq2[Customer, error] {
	return allOf[Customer](ctx, a, c, "/customers")
}

// AllCustomerKeys walks over their ids alone: GET /customers-minimal.
func (a *API) AllCustomerKeys(ctx context.Context, c CustomerQuery) iter.Seq2[CustomerKey, error] {
	return allOf[CustomerKey](ctx, a, c, "/customers-minimal")
}

// AllBankCustomers walks over those of one bank: GET /banks/{BANK_ID}/customers.
func (a *API) AllBankCustomers(ctx context.Context, bankID string, c CustomerQuery) iter.Seq2[Customer, error] {
	return allOf[Customer](ctx, a, c, "/banks/{BANK_ID}/customers", bankID)
}

// AllBankCustomerKeys walks over their ids alone: GET
// /banks/{BANK_ID}/customers-minimal.
func (a *API) AllBankCustomerKeys(ctx context.Context, bankID string, c CustomerQuery) iter.Seq2[CustomerKey, error] {
	return allOf[CustomerKey](ctx, a, c, "/banks/{BANK_ID}/customers-minimal", bankID)
}

func allOf[T row](ctx context.Context, a *API, c CustomerQuery, op string, args ...string) iter.Seq2[T, error] {
	return walk(ctx, get(op), customers[T](a, c, op, args...), max(c.Offset, 0))
}
