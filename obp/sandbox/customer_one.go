package sandbox

// mine are the customers that the caller is linked to, at one bank or at all.
func (s *Server) mine(userID, bank string, shape func(*Customer) map[string]any) (int, any, *refusal) {
	out := []map[string]any{}
	for l := range s.links.of(0, userID) {
		if c := s.customerID(l.CustomerID); c != nil && (bank == "" || c.BankID == bank) {
			out = append(out, shape(c))
		}
	}
	return 200, map[string]any{"customers": out}, nil
}

func (s *Server) currentCustomers(r *request) (int, any, *refusal) {
	return s.mine(r.user.UserID, "", func(c *Customer) map[string]any { return withAttributes(customerInList(c)) })
}

func (s *Server) myCustomers(r *request) (int, any, *refusal) {
	return s.mine(r.user.UserID, "", customerBase)
}

func (s *Server) myCustomersAt(r *request) (int, any, *refusal) {
	if s.findBank(r.arg("BANK_ID")) == nil {
		return 0, nil, noBank(r.arg("BANK_ID"))
	}
	return s.mine(r.user.UserID, r.arg("BANK_ID"), customerBase)
}

// mayReadCustomer words its refusal in the older way.
func (s *Server) mayReadCustomer(r *request) *refusal {
	bank := r.arg("BANK_ID")
	switch {
	case s.findBank(bank) == nil:
		return noBank(bank)
	case !s.holds(r.user, "CanGetCustomer", bank):
		return missing("CanGetCustomer at Bank(" + bank + ")")
	}
	return nil
}

// oneCustomer does not check that the customer belongs to the bank.
func (s *Server) oneCustomer(r *request) (int, any, *refusal) {
	if no := s.mayReadCustomer(r); no != nil {
		return 0, nil, no
	}
	c := s.customerID(r.arg("CUSTOMER_ID"))
	if c == nil {
		return 0, nil, noCustomer(r.arg("CUSTOMER_ID"))
	}
	return 200, withAttributes(customerWhole(c)), nil
}

func (s *Server) customerByNumber(r *request) (int, any, *refusal) {
	if no := s.mayReadCustomer(r); no != nil {
		return 0, nil, no
	}
	type body struct {
		Number *string `json:"customer_number"`
	}
	in, no := read(r.body, "PostCustomerNumberJsonV310", func(b body) bool { return b.Number != nil })
	if no != nil {
		return 0, nil, no
	}
	c := s.customerNumber(r.arg("BANK_ID"), *in.Number)
	if c == nil {
		return 0, nil, noNumber()
	}
	return 200, withAttributes(customerWhole(c)), nil
}

func (s *Server) correlatedUsers(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if no := s.needAt(r, bank, "CanGetCorrelatedUsersInfoAtAnyBank", "CanGetCorrelatedUsersInfo"); no != nil {
		return 0, nil, no
	}
	c := s.customerID(r.arg("CUSTOMER_ID"))
	if c == nil {
		return 0, nil, noCustomer(r.arg("CUSTOMER_ID"))
	}
	users := []map[string]any{}
	for l := range s.links.of(1, c.ID) {
		if u := s.userID(l.UserID); u != nil {
			users = append(users, s.withUserAttributes(u))
		}
	}
	return 200, map[string]any{"customer": customerWhole(c), "users": users}, nil
}

// customerAccounts lists the account access of everybody linked to a customer.
func (s *Server) customerAccounts(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAccountsMinimalForCustomerAtAnyBank"); no != nil {
		return 0, nil, no
	}
	c := s.customerID(r.arg("CUSTOMER_ID"))
	if c == nil {
		return 0, nil, noCustomer(r.arg("CUSTOMER_ID"))
	}
	rows := []map[string]string{}
	for l := range s.links.of(1, c.ID) {
		rows = append(rows, s.accessRows(l.UserID)...)
	}
	return 200, map[string]any{"accounts": rows}, nil
}
