package templates

import (
	"net/url"
	"strconv"
	"strings"
)

// Route patterns of accounts, customers, contexts and attributes, each beside
// the function that builds its address.
const (
	AccountsPattern      = "/accounts"
	AccountPattern       = "/banks/{bank}/accounts/{account}"
	AccessPattern        = "/banks/{bank}/accounts/{account}/person"
	GrantViewPattern     = "/banks/{bank}/accounts/{account}/grant"
	RevokeViewPattern    = "/banks/{bank}/accounts/{account}/revoke"
	MyViewsPattern       = "/banks/{bank}/accounts/{account}/mine"
	DAuthAccessPattern   = "/banks/{bank}/accounts/{account}/dauth"
	CustomersPattern     = "/customers"
	FindCustomerPattern  = "/customers/find"
	CustomerPattern      = "/banks/{bank}/customers/{customer}"
	LinkUserPattern      = "/banks/{bank}/customers/{customer}/link"
	UnlinkPattern        = "/banks/{bank}/links/{link}/unlink"
	LinksPattern         = "/users/{id}/links"
	LinkManyPattern      = "/links/many"
	LinkManyStartPattern = "/links/many-start"
	LinkManyOnePattern   = "/links/many/{id}"
	LinkManyGoPattern    = "/links/many/{id}/continue"
	LinkManyEndPattern   = "/links/many/{id}/end"
	ContextsPattern      = "/users/{id}/contexts"
	DropContextsPattern  = "/users/{id}/contexts/delete"
	DropContextPattern   = "/users/{id}/contexts/{context}/delete"
	AttributesPattern    = "/users/{id}/attributes"
	MyAttributesPattern  = "/me/attributes"
	MyAttributePattern   = "/me/attributes/{attribute}"
	MyAccessPattern      = "/me/access"
	EndOthersPattern     = "/me/sessions/end-others"
	ChallengePattern     = "/me/challenge"
	AnswerPattern        = "/me/challenge/{id}"
	OperatorsPattern     = "/operators"
	EndSessionPattern    = "/operators/end"
	BarPattern           = "/operators/bar"
	UnbarPattern         = "/operators/unbar"
	ServerPattern        = "/server"
)

// queried puts what is not empty behind a path: pairs of name and value.
func queried(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return withQuery(path, v)
}

// AtBank is an address with the current bank in it.
func AtBank(href, bankID string) string {
	u, err := url.Parse(href)
	if err != nil || bankID == "" {
		return href
	}
	v := u.Query()
	v.Set("bank", bankID)
	return withQuery(u.EscapedPath(), v)
}

// WithoutBank is an address without the current bank. A page that is of a bank
// becomes the first page.
func WithoutBank(href string) string {
	u, err := url.Parse(href)
	if err != nil || strings.HasPrefix(u.Path, "/banks/") {
		return HomePattern
	}
	v := u.Query()
	v.Del("bank")
	v.Del("page")
	v.Del("from")
	return withQuery(u.EscapedPath(), v)
}

// Paged is an address with a page in it.
func Paged(href string, page int) string {
	u, err := url.Parse(href)
	if err != nil {
		return href
	}
	v := u.Query()
	v.Set("page", strconv.Itoa(page))
	return withQuery(u.EscapedPath(), v)
}

// AccountQuery is the filter of the list of accounts, as it stands in the address.
type AccountQuery struct {
	Bank string // bank id; "": accounts at all banks
	Kind string // "" (with a private view), "held" or "firehose"
	View string // system view of a firehose
	Text string // part of id, label or number
	Page int    // from 1
}

// Filtered reports whether anything but the bank restricts the list.
func (q AccountQuery) Filtered() bool { return q.Kind != "" || q.Text != "" }

// Accounts is the address of the list of accounts.
func Accounts(q AccountQuery) string {
	page := ""
	if q.Page > 1 {
		page = strconv.Itoa(q.Page)
	}
	if q.Kind != "firehose" {
		q.View = ""
	}
	return queried(AccountsPattern, "bank", q.Bank, "kind", q.Kind, "view", q.View, "q", q.Text, "page", page)
}

func account(bankID, accountID, act string) string {
	return "/banks/" + url.PathEscape(bankID) + "/accounts/" + url.PathEscape(accountID) + act
}

// Account is the address of an account's page. viewID is one of the reader's
// views on it, by which it is read; "" reads it as its owner.
func Account(bankID, accountID, viewID string) string {
	return queried(account(bankID, accountID, ""), "v", viewID)
}

// PersonAccess is the address of one person's views on an account. People are
// named there as accounts name them, not by user id.
func PersonAccess(bankID, accountID, provider, providerID string) string {
	return queried(account(bankID, accountID, "/person"), "provider", provider, "person", providerID)
}

// GrantViewTo is where a view on an account is granted.
func GrantViewTo(bankID, accountID, person string) string {
	return queried(account(bankID, accountID, "/grant"), "to", person)
}

// RevokeViewOf is where a view on an account is taken from a person.
func RevokeViewOf(bankID, accountID, provider, providerID, viewID string) string {
	return queried(account(bankID, accountID, "/revoke"), "provider", provider, "person", providerID, "view", viewID)
}

// MyViews is where one's own views on an account are replaced.
func MyViews(bankID, accountID string) string { return account(bankID, accountID, "/mine") }

// DAuthAccess is where a DAuth user gets views on an account.
func DAuthAccess(bankID, accountID string) string { return account(bankID, accountID, "/dauth") }

// CustomerQuery is the filter and place of the list of customers.
type CustomerQuery struct {
	Bank  string // bank id; "": all banks
	Short bool   // ids alone
	Asc   bool   // oldest first
	From  int    // rows before the first one
}

// Filtered reports whether anything but the bank differs from the list's default.
func (q CustomerQuery) Filtered() bool { return q.Short || q.Asc }

// Fields are the query as a form's fields, without the place in the list.
func (q CustomerQuery) Fields() [][2]string {
	form, order := "", ""
	if q.Short {
		form = "ids"
	}
	if q.Asc {
		order = "asc"
	}
	return [][2]string{{"bank", q.Bank}, {"form", form}, {"order", order}}
}

// Customers is the address of the list of customers.
func Customers(q CustomerQuery) string {
	var pairs []string
	for _, f := range q.Fields() {
		pairs = append(pairs, f[0], f[1])
	}
	from := ""
	if q.From > 0 {
		from = strconv.Itoa(q.From)
	}
	return queried(CustomersPattern, append(pairs, "from", from)...)
}

// Customer is the address of a customer's page.
func Customer(bankID, customerID string) string {
	return "/banks/" + url.PathEscape(bankID) + "/customers/" + url.PathEscape(customerID)
}

// LinkUser is where a person is linked to a customer.
func LinkUser(bankID, customerID string) string { return Customer(bankID, customerID) + "/link" }

// Unlink is where a link is taken away. The ids of both ends let it be read.
func Unlink(bankID, linkID, userID, customerID string) string {
	return queried("/banks/"+url.PathEscape(bankID)+"/links/"+url.PathEscape(linkID)+"/unlink", "user", userID, "customer", customerID)
}

// Links is the address of a person's links to customers, as a bank lets them be read.
func Links(userID, bankID string) string { return queried(User(userID)+"/links", "bank", bankID) }

// LinkMany is where many links are pasted.
func LinkMany(bankID string) string { return queried(LinkManyPattern, "bank", bankID) }

// LinkManyOne is the progress of one such table.
func LinkManyOne(id string) string { return LinkManyPattern + "/" + url.PathEscape(id) }

// LinkManyGo is where it is continued.
func LinkManyGo(id string) string { return LinkManyOne(id) + "/continue" }

// LinkManyEnd is where its rest is given up.
func LinkManyEnd(id string) string { return LinkManyOne(id) + "/end" }

// Contexts is the address of a person's auth contexts.
func Contexts(userID string) string { return User(userID) + "/contexts" }

// DropContexts is where all of them are deleted.
func DropContexts(userID string) string { return Contexts(userID) + "/delete" }

// DropContext is where one of them is deleted.
func DropContext(userID, contextID string) string {
	return Contexts(userID) + "/" + url.PathEscape(contextID) + "/delete"
}

// Attributes is the address of a person's attributes.
func Attributes(userID string) string { return User(userID) + "/attributes" }

// MyAttribute is where one of one's own attributes is changed.
func MyAttribute(id string) string { return MyAttributesPattern + "/" + url.PathEscape(id) }

// Challenge is where an auth context update of one's own begins.
func Challenge(bankID string) string { return queried(ChallengePattern, "bank", bankID) }

// Answer is where its challenge is answered; id is the act that began it.
func Answer(id string) string { return ChallengePattern + "/" + url.PathEscape(id) }

// EndSession is where another's session is ended.
func EndSession(sessionID string) string { return queried(EndSessionPattern, "session", sessionID) }

// Bar is where a person is kept out of the console.
func Bar(userID string) string { return queried(BarPattern, "user", userID) }

// Unbar lets them in again.
func Unbar(userID string) string { return queried(UnbarPattern, "user", userID) }

// ExportCustomersPattern is where the list of customers is exported.
const ExportCustomersPattern = "/exports/customers"
