package sandbox

import (
	"iter"

	"github.com/google/uuid"
)

func linkJSON(l *CustomerLink) map[string]any {
	return map[string]any{"user_customer_link_id": l.ID, "customer_id": l.CustomerID, "user_id": l.UserID,
		"date_inserted": stamp(l.Inserted), "is_active": l.Active}
}

func (s *Server) linked(userID, customerID string) bool {
	for l := range s.links.of(0, userID) {
		if l.CustomerID == customerID {
			return true
		}
	}
	return false
}

func (s *Server) link(userID, customerID string) *CustomerLink {
	return s.links.add(CustomerLink{ID: uuid.NewString(), CustomerID: customerID, UserID: userID, Inserted: s.now(), Active: true})
}

// mayLink checks bank and role; the bank is used for nothing else.
func (s *Server) mayLink(r *request, roles ...string) *refusal {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return noBank(bank)
	}
	return s.needAt(r, bank, roles...)
}

func (s *Server) createLink(r *request) (int, any, *refusal) {
	if no := s.mayLink(r, "CanCreateUserCustomerLinkAtAnyBank", "CanCreateUserCustomerLink"); no != nil {
		return 0, nil, no
	}
	type body struct {
		UserID     *string `json:"user_id"`
		CustomerID *string `json:"customer_id"`
	}
	in, no := read(r.body, "CreateUserCustomerLinkJson", func(b body) bool { return b.UserID != nil && b.CustomerID != nil })
	if no != nil {
		return 0, nil, no
	}
	if s.userID(*in.UserID) == nil {
		return 0, nil, refuse(404, "OBP-20057: User not found by userId.")
	}
	if *in.CustomerID == "" {
		return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
	}
	c := s.customerID(*in.CustomerID)
	switch {
	case c == nil:
		return 0, nil, noCustomer(*in.CustomerID)
	case c.BankID != r.arg("BANK_ID"):
		return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
	case s.linked(*in.UserID, c.ID):
		return 0, nil, refuse(400, "OBP-30007: The User is already linked to a Customer at the bank specified by BANK_ID")
	}
	return 201, linkJSON(s.link(*in.UserID, c.ID)), nil
}

func (s *Server) listLinks(r *request, links iter.Seq[*CustomerLink]) (int, any, *refusal) {
	if no := s.mayLink(r, "CanGetUserCustomerLink"); no != nil {
		return 0, nil, no
	}
	out := []map[string]any{}
	for l := range links {
		out = append(out, linkJSON(l))
	}
	return 200, map[string]any{"user_customer_links": out}, nil
}

func (s *Server) userLinks(r *request) (int, any, *refusal) {
	return s.listLinks(r, s.links.of(0, r.arg("USER_ID")))
}

func (s *Server) customerLinks(r *request) (int, any, *refusal) {
	return s.listLinks(r, s.links.of(1, r.arg("CUSTOMER_ID")))
}

func (s *Server) deleteLink(r *request) (int, any, *refusal) {
	if no := s.mayLink(r, "CanDeleteUserCustomerLink"); no != nil {
		return 0, nil, no
	}
	if !s.links.remove(r.arg("USER_CUSTOMER_LINK_ID")) {
		return 0, nil, refuse(400, "OBP-30035: User Customer Link not found")
	}
	return 200, true, nil
}
