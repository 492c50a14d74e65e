package handlers

import (
	"net/http"
	"strings"
	"unicode"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// phone is the number on file of the customer that a person is linked to.
type phone struct {
	customerID, number string
	key                string // why there is none: key of its words, empty: there is one
}

// readPhone finds the number by which a caller can be called back: GET
// /banks/{BANK_ID}/user_customer_links/users/{USER_ID}, CanGetUserCustomerLink,
// then GET /banks/{BANK_ID}/customers/{CUSTOMER_ID}, CanGetCustomer. It never
// fails: what is missing is said.
func readPhone(r *http.Request, c *caller, userID string) phone {
	links, customers := c.bankWith("CanGetUserCustomerLink"), c.bankWith("CanGetCustomer")
	if links == "" || customers == "" {
		return phone{key: "reset.phone_no_right"}
	}
	list, err := c.api.UserCustomerLinks(r.Context(), links, userID)
	if err != nil {
		return phone{key: phoneWhy(err)}
	}
	for _, l := range list {
		if !l.IsActive || l.UserID != userID {
			continue
		}
		cust, err := c.api.CustomerByID(r.Context(), customers, l.CustomerID)
		if err != nil {
			return phone{key: phoneWhy(err)}
		}
		if strings.TrimSpace(cust.MobilePhone) == "" {
			return phone{key: "reset.phone_none"}
		}
		return phone{customerID: cust.CustomerID, number: cust.MobilePhone}
	}
	return phone{key: "reset.phone_no_link"}
}

func phoneWhy(err error) string {
	if obp.KindOf(err) == obp.KindMissingRole {
		return "reset.phone_no_right"
	}
	return "reset.phone_not_read"
}

// phoneView masks the number unless it was asked for; that it was shown is
// recorded first.
func (s *Server) phoneView(r *http.Request, c *caller, o *onPerson) (*templates.Phone, error) {
	p := readPhone(r, c, o.u.UserID)
	if p.key != "" {
		return &templates.Phone{Why: templates.Word(p.key)}, nil
	}
	if o.in.Get("show") == "" {
		return &templates.Phone{Number: masked(p.number)}, nil
	}
	err := s.Journal.Read(r.Context(), c.me.SessionID, c.me.UserID, journal.ReadCustomer, p.customerID)
	return &templates.Phone{Number: p.number, Shown: true}, err
}

// masked hides all digits of a number but the last three.
func masked(number string) string {
	out := []rune(number)
	seen := 0
	for i := len(out) - 1; i >= 0; i-- {
		if !unicode.IsDigit(out[i]) {
			continue
		}
		if seen++; seen > 3 {
			out[i] = '•'
		}
	}
	return string(out)
}
