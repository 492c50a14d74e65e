package handlers

import (
	"net/http"
	"strconv"
	"time"

	"obpconsole/obp"
)

// exportCustomers streams all customers that the filter means as CSV, or their
// ids alone when the filter says so, in the list's order.
func (s *Server) exportCustomers(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	ctx, q := r.Context(), customerQuery(in)
	if err := s.Journal.Read(ctx, c.me.SessionID, c.me.UserID, readCustomers, q.Bank); err != nil {
		return err
	}
	details := map[string]string{}
	if q.Bank != "" {
		details["bank"] = q.Bank
	}
	ask := obp.CustomerQuery{Ascending: q.Asc}
	if q.Short {
		all := c.api.AllCustomerKeys(ctx, ask)
		if q.Bank != "" {
			all = c.api.AllBankCustomerKeys(ctx, q.Bank, ask)
		}
		return sendCSV(s, w, r, c, csvFile[obp.CustomerKey]{target: "customers", filtered: q.Filtered(), details: details, all: all,
			columns: []string{"bank_id", "customer_id"}, row: func(k obp.CustomerKey) []string { return []string{k.BankID, k.CustomerID} }})
	}
	all := c.api.AllCustomers(ctx, ask)
	if q.Bank != "" {
		all = c.api.AllBankCustomers(ctx, q.Bank, ask)
	}
	return sendCSV(s, w, r, c, csvFile[obp.Customer]{target: "customers", filtered: q.Filtered(), details: details, all: all,
		columns: []string{"bank_id", "customer_id", "customer_number", "legal_name", "email", "mobile_phone_number", "kyc_status", "last_ok_date"}, row: customerRecord})
}

func customerRecord(x obp.Customer) []string {
	ok := ""
	if !x.LastOK.IsZero() {
		ok = x.LastOK.UTC().Format(time.RFC3339)
	}
	return []string{x.BankID, x.CustomerID, x.CustomerNumber, x.LegalName, x.Email, x.MobilePhone, strconv.FormatBool(x.KYCStatus), ok}
}
