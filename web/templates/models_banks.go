package templates

// The ids of the parts of the pages of accounts and customers.
const (
	AccountsID  = "accounts"
	CustomersID = "customers"
	LinkManyID  = "many"
)

// Form is a form that acts, put together from its fields.
type Form struct {
	Title        string
	Lead         []string // what it does
	Facts        []Fact
	Warnings     []string
	Refusals     []string // why it cannot be done; then there is no button
	Failed       *Problem // the last attempt, or why the form cannot be offered
	Action       string
	Files        bool // the form carries a file
	Fields       []Field
	Reason       *DecideForm // nil: no reason is asked for
	Errors       map[string]string
	Button       string
	Danger       bool
	TicketNeeded bool // beside the reason
	Back         Link
	TestID       string
	Embedded     bool   // stands on a page that has a heading of its own
	Tab          string // which of the pages about oneself it is; empty: none
}

// Field is one field of a Form.
type Field struct {
	Name, Label, Hint, Value string
	Kind                     string // "text", "area", "select", "ticks", "radios", "hidden", "file", "tick", "suggest"
	Options                  []Option
	Optional                 bool
}

// Errors of a field come first in the order of the form.
func (f Form) order() []string {
	var out []string
	for _, x := range f.Fields {
		out = append(out, x.Name)
	}
	return append(out, decideFields...)
}

// AccountsPage is one page of accounts.
type AccountsPage struct {
	Query     AccountQuery
	Rows      []AccountRow
	From, To  int
	Found     int
	Page      int
	Pages     int
	Banks     []Option
	Kinds     []Option
	Note      string
	Problem   *Problem
	NeedsBank bool // of the kind that is asked for
}

// AccountRow is one account.
type AccountRow struct {
	ID, Href, Label, Number, Type, Routing string
	Bank                                   Scope
	Views                                  []string
}

// AccountPage is one account: what it is, and who may use it.
type AccountPage struct {
	ID, Label  string
	Bank       Scope
	Facts      []Fact
	FactsWhy   *Problem
	Grid       AccessGrid
	GridWhy    *Problem
	Views      []ViewRow
	ViewsWhy   *Problem
	Acts       []Link
	Lookup     string // action of the look-up of one person
	Providers  []Option
	LookupName string
}

// AccessGrid is people by views.
type AccessGrid struct {
	Views      []ViewRow
	Rows       []GridRow
	People     int
	Prev, Next string
}

// GridRow is one person's line of the grid.
type GridRow struct {
	Name, Email, Provider, Href string
	Cells                       []GridCell
}

// GridCell says whether the view of its column is held.
type GridCell struct {
	Held   bool
	Revoke string // address
	Label  string // what the address does, in words
}

// ViewRow is a view of an account.
type ViewRow struct {
	ID, Name, What string
	Custom         bool
	Unclear        bool // OBP's flag and the id's underscore disagree
	Grants         string
	Revokes        string
}

// AccessPage is one person's views on an account.
type AccessPage struct {
	Bank       Scope
	Account    Link
	Name       string
	Provider   string
	Views      []ViewRow
	Revoke     []string // addresses, one for each view
	Grant      string
	Problem    *Problem
	ProviderID string
}

// CustomersPage is one page of customers.
type CustomersPage struct {
	Query      CustomerQuery
	Rows       []CustomerRow
	First      int
	Prev, Next string
	Banks      []Option
	Orders     []Option
	Forms      []Option
	Problem    *Problem
	Find       CustomerFind
}

// CustomerRow is one customer in a list.
type CustomerRow struct {
	ID, Href, Name, Number, Email, Phone string
	Bank                                 Scope
	KYC                                  *Badge // nil: not read
	LastOK                               When
	Links                                string // data only
}

// CustomerFind is the search that OBP can do.
type CustomerFind struct {
	Text   string
	Banks  []Option
	Errors map[string]string
	Failed *Problem
}

// CustomerPage is one customer.
type CustomerPage struct {
	ID, Name    string
	Bank        Scope
	Problem     *Problem
	Facts       []Fact
	Details     []Fact
	Attributes  []Fact
	Links       []LinkRow
	LinksWhy    *Problem
	People      []Correlated
	PeopleWhy   *Problem
	Accounts    []UserAccess
	AccountsWhy *Problem
	Link        string
	Elsewhere   *Link // the customer is of another bank than the address says
}

// LinkRow is a tie of a person and a customer.
type LinkRow struct {
	ID, Unlink   string
	Person       Person
	Customer     string
	CustomerHref string
	Since        When
	Active       bool
}

// Correlated is a person linked to a customer, with their attributes.
type Correlated struct {
	Person     Person
	Attributes []Fact
}

// LinksPage is a person's links to customers, and a form for another.
type LinksPage struct {
	Person  Person
	Bank    Scope
	Banks   []Option
	Rows    []LinkRow
	Problem *Problem
	Form    Form
	Note    string
	Action  string
}
