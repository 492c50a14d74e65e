package obp

import (
	"context"
	"time"
)

// CustomerLink ties a person to a customer.
type CustomerLink struct {
	ID         string    `json:"user_customer_link_id"`
	CustomerID string    `json:"customer_id"`
	UserID     string    `json:"user_id"`
	Inserted   time.Time `json:"date_inserted"`
	IsActive   bool      `json:"is_active"`
}

func (l CustomerLink) id() string { return l.ID }

const links = "/banks/{BANK_ID}/user_customer_links"

// CreateCustomerLink ties a person to a customer: POST
// /banks/{BANK_ID}/user_customer_links, CanCreateUserCustomerLink at that bank
// or CanCreateUserCustomerLinkAtAnyBank. KindExists (OBP-30007): they are tied
// already. KindNotFound: no such bank, person (OBP-20057) or customer
// (OBP-30046). A customer of another bank, and an empty id, are KindInvalid
// with the code OBP-50005, which says nothing.
func (a *API) CreateCustomerLink(ctx context.Context, bankID, userID, customerID string) (CustomerLink, error) {
	q := post(struct {
		UserID     string `json:"user_id"`
		CustomerID string `json:"customer_id"`
	}{userID, customerID}, links, bankID)
	if userID == "" || customerID == "" {
		return CustomerLink{}, q.refuse(KindInvalid, "user id or customer id is empty")
	}
	return one[CustomerLink](ctx, a, q)
}

func (a *API) links(ctx context.Context, q call) ([]CustomerLink, error) {
	var l struct {
		Links []CustomerLink `json:"user_customer_links"`
	}
	return list(ctx, a, q, &l, &l.Links)
}

// UserCustomerLinks are a person's: GET
// /banks/{BANK_ID}/user_customer_links/users/{USER_ID}, CanGetUserCustomerLink
// at that bank. The bank is only where the role is looked for: links to
// customers of other banks are listed too. An unknown id gives an empty list.
func (a *API) UserCustomerLinks(ctx context.Context, bankID, userID string) ([]CustomerLink, error) {
	return a.links(ctx, get(links+"/users/{USER_ID}", bankID, userID))
}

// CustomerLinks are a customer's: GET
// /banks/{BANK_ID}/user_customer_links/customers/{CUSTOMER_ID},
// CanGetUserCustomerLink at that bank, which need not be the customer's.
func (a *API) CustomerLinks(ctx context.Context, bankID, customerID string) ([]CustomerLink, error) {
	return a.links(ctx, get(links+"/customers/{CUSTOMER_ID}", bankID, customerID))
}

// DeleteCustomerLink unties: DELETE
// /banks/{BANK_ID}/user_customer_links/{USER_CUSTOMER_LINK_ID},
// CanDeleteUserCustomerLink at that bank, which need not be the customer's.
// KindNotFound (OBP-30035, status 400): it is gone already.
func (a *API) DeleteCustomerLink(ctx context.Context, bankID, linkID string) error {
	return a.must(ctx, del(links+"/{USER_CUSTOMER_LINK_ID}", bankID, linkID))
}
