package templates

import (
	"strings"

	"github.com/a-h/templ"
)

func (f Form) attributes(x Field) templ.Attributes {
	return describing(x.Name, f.Errors[x.Name], x.Hint != "", firstError(f.order(), f.Errors) == x.Name)
}

// actReason says what counts as a reason.
func actReason(f Form) string {
	if f.Reason.TextRequired {
		return reasonHint(*f.Reason)
	}
	if len(f.Reason.Codes) > 0 {
		return Word("banks.reason_or_code")
	}
	return Word("sheet.reason_any")
}

func formButton(danger bool) string {
	if danger {
		return "d"
	}
	return "p"
}

func choiceType(kind string) string {
	if kind == "radios" {
		return "radio"
	}
	return "checkbox"
}

// accountsWords says what the list shows.
func accountsWords(a AccountsPage) string {
	switch {
	case a.Problem != nil:
		return a.Problem.Title
	case a.NeedsBank:
		return Word("accounts.choose_bank")
	case a.Found == 0:
		return Word("accounts.none")
	}
	return WordN("accounts.count", a.Found)
}

func customersWords(c CustomersPage) string {
	switch {
	case c.Problem != nil:
		return c.Problem.Title
	case len(c.Rows) == 0:
		return Word("customers.none")
	}
	return Word("customers.range", "from", num(c.First), "to", num(c.First+len(c.Rows)-1))
}

// onPage is a list's address with another page.
func (q AccountQuery) onPage(n int) string {
	q.Page = n
	return Accounts(q)
}

func accountName(label, id string) string {
	if strings.TrimSpace(label) != "" {
		return label
	}
	return id
}

func views(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return joined(list)
}

func customerName(r CustomerRow) string {
	if strings.TrimSpace(r.Name) != "" {
		return r.Name
	}
	return shortID(r.ID)
}

// NameOf is what a person is called where only a text fits.
func NameOf(p Person) string { return personName(p) }

func meEntries() []Link {
	return []Link{{Word("me.tab_me"), MePattern}, {Word("me.access_title"), MyAccessPattern}, {Word("page.my_attributes"), MyAttributesPattern}, {Word("challenge.title"), ChallengePattern}, {Word("factor.title"), MyFactorPattern}}
}
