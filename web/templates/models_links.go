package templates

// ManyPage is a table of links that was pasted, checked before anything is done.
type ManyPage struct {
	Form    Form      // where it is pasted
	Rows    []ManyRow // as checked
	Good    int
	Confirm *Form   // makes the good ones
	Open    []Alarm // tables of the reader's own that were cut off
}

// ManyRow is one line and what was found out about it.
type ManyRow struct {
	Line           int
	Number, Person string
	Customer       string
	State          Badge
	Code           string
	Why            string
	Href           string
}

// ManyProgress is how far a table is.
type ManyProgress struct {
	ID, Says    string
	Total, Left int
	Rows        []ManyRow
	Stopped     string
	Mine, Open  bool
	Record      string
	Back        string
}

// ContextsPage is a person's auth contexts, and a form for another.
type ContextsPage struct {
	Person  Person
	Rows    []ContextRow
	Problem *Problem
	Form    Form
	DropAll string
}

// ContextRow is one auth context.
type ContextRow struct {
	ID, Key, Value, Drop string
	Since                When
	Consumer             string
	Again                bool // another row has the same key
}

// AttributesPage are attributes of a person.
type AttributesPage struct {
	Person  Person
	Mine    bool
	Rows    []AttributeRow
	Problem *Problem
	Form    *Form
}

// AttributeRow is one attribute.
type AttributeRow struct {
	ID, Name, Type, Value, Change string
	Since                         When
}

// MyAccessPage is what OBP shows the operator of themselves beside roles.
type MyAccessPage struct {
	Customers    []CustomerRow
	CustomersWhy *Problem
	Differs      string // the two lists of OBP disagree
	Access       []UserAccess
	AccessWhy    *Problem
	Spaces       []Scope
	SpacesWhy    *Problem
	Logout       *Link
	LogoutWhat   string
	LogoutWhy    *Problem
	Server       []Fact
	ServerWhy    *Problem
}

// MySession is one of the operator's own sessions in this console.
type MySession struct {
	Address, Browser string
	Since, Seen      When
	This             bool
}

// OperatorsPage is who is signed in, and who is barred.
type OperatorsPage struct {
	Rows    []OperatorRow
	Barred  []BarredRow
	Factors []FactorRow // who has a second factor
	Bar     Form
}

// OperatorRow is one session.
type OperatorRow struct {
	Person           Person
	Address, Browser string
	Since, Seen      When
	End, Bar         string // addresses, empty for one's own
	This             bool
}

// BarredRow is a person who is kept out.
type BarredRow struct {
	Person Person
	By     string
	When   When
	Why    string
	Unbar  string
}

// ServerPage is how the server is.
type ServerPage struct {
	State   Badge
	Circuit Badge
	Facts   []Fact
	Problem *Problem
	Calls   []CallRow
	Limits  []Fact
	Stores  StoresPart
}

// StoresPart is where the console keeps what.
type StoresPart struct {
	Rows   []StoreRow
	Intact *Notice // of the journal's chain; nil: not known
	Facts  []Fact
}

// StoreRow is one thing that is kept.
type StoreRow struct {
	Kept, Store string
	State       Badge
	Took        string // to answer; empty: it was not asked, or did not answer
}

// CallRow is what lately came of one operation.
type CallRow struct {
	Op               string
	Calls, Failed    int
	Last             Badge
	At               When
	Took, P50, Worst string
}
