package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func noCustomer(id string) *refusal {
	return refuse(404, "OBP-30046: Customer not found. Please specify a valid value for CUSTOMER_ID.. Current CustomerId(%s)", id)
}

func noNumber() *refusal {
	return refuse(404, "OBP-30002: Customer not found. Please specify a valid value for CUSTOMER_NUMBER.")
}

// customerBase is the older shape, with dates of birth as date-times.
func customerBase(c *Customer) map[string]any {
	dates := make([]any, len(c.DependantsDOB))
	for i, d := range c.DependantsDOB {
		dates[i] = midnight(d)
	}
	return map[string]any{"bank_id": c.BankID, "customer_id": c.ID, "customer_number": c.Number, "legal_name": c.LegalName,
		"mobile_phone_number": c.Mobile, "email": c.Email, "face_image": map[string]any{"url": c.FaceImage.URL, "date": stampOrNil(c.FaceImage.Date)},
		"date_of_birth": midnight(c.BirthDate), "relationship_status": c.Relationship, "dependants": c.Dependants, "dob_of_dependants": dates,
		"credit_rating": c.CreditRating, "credit_limit": c.CreditLimit, "highest_education_attained": c.Education,
		"employment_status": c.Employment, "kyc_status": c.KYC, "last_ok_date": stampOrNil(c.LastOK)}
}

// customerWhole adds title, branch and name suffix.
func customerWhole(c *Customer) map[string]any {
	m := customerBase(c)
	m["title"], m["branch_id"], m["name_suffix"] = c.Title, c.BranchID, c.NameSuffix
	return m
}

// customerInList has dates of birth as yyyy-MM-dd.
func customerInList(c *Customer) map[string]any {
	m := customerWhole(c)
	m["date_of_birth"], m["dob_of_dependants"] = c.BirthDate, append([]string{}, c.DependantsDOB...)
	return m
}

func customerIDs(c *Customer) map[string]any {
	return map[string]any{"bank_id": c.BankID, "customer_id": c.ID}
}

// withAttributes: the stand-in knows no customer attributes.
func withAttributes(m map[string]any) map[string]any {
	m = maps.Clone(m)
	m["customer_attributes"] = []any{}
	return m
}

func midnight(day string) any {
	if day == "" {
		return nil
	}
	return day + "T00:00:00Z"
}

func stampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

// customersByDate gives the customers of a bank, "" of all, by last_ok_date,
// none first, newest first unless asc. Customers do not change, so each order is
// made once.
func (s *Server) customersByDate(bank string, asc bool) []*Customer {
	k := byDateKey{bank, asc}
	if s.byDate[k] == nil {
		list := []*Customer{}
		for c := range s.customers.all() {
			if bank == "" || c.BankID == bank {
				list = append(list, c)
			}
		}
		at := func(c *Customer) time.Time {
			if c.LastOK == nil {
				return time.Time{}
			}
			return *c.LastOK
		}
		slices.SortStableFunc(list, func(a, b *Customer) int { return at(b).Compare(at(a)) })
		if asc {
			slices.SortStableFunc(list, func(a, b *Customer) int { return at(a).Compare(at(b)) })
		}
		if s.byDate == nil {
			s.byDate = map[byDateKey][]*Customer{}
		}
		s.byDate[k] = list
	}
	return s.byDate[k]
}

type byDateKey struct {
	bank string
	asc  bool
}

// listCustomers cuts a page by date and sorts it by bank, as the server does.
func (s *Server) listCustomers(r *request, bank string, shape func(*Customer) map[string]any) (int, any, *refusal) {
	limit, offset, no := page(r)
	if no != nil {
		return 0, nil, no
	}
	r.items = fmt.Sprintf("items=%d-%d", offset, limit)
	all := s.customersByDate(bank, strings.EqualFold(r.URL.Query().Get("sort_direction"), "asc"))
	from := min(offset, len(all))
	rows := slices.Clone(all[from : from+min(limit, len(all)-from)])
	slices.SortStableFunc(rows, func(a, b *Customer) int { return strings.Compare(a.BankID, b.BankID) })
	out := make([]map[string]any, len(rows))
	for i, c := range rows {
		out[i] = shape(c)
	}
	return 200, map[string]any{"customers": out}, nil
}

func (s *Server) customersEverywhere(role string, shape func(*Customer) map[string]any) handler {
	return func(r *request) (int, any, *refusal) {
		if no := s.need(r, role); no != nil {
			return 0, nil, no
		}
		return s.listCustomers(r, "", shape)
	}
}

// customersAt does not look the bank up, as the server does not.
func (s *Server) customersAt(role string, shape func(*Customer) map[string]any) handler {
	return func(r *request) (int, any, *refusal) {
		if no := s.needAt(r, r.arg("BANK_ID"), role); no != nil {
			return 0, nil, no
		}
		return s.listCustomers(r, r.arg("BANK_ID"), shape)
	}
}
