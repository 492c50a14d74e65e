package templates

// bankSamples are the pages of customers, in their states.
func bankSamples() []sample {
	down, refused := problemOf("down"), problemOf("not_allowed")
	row := CustomerRow{ID: uid(4), Href: CustomersPattern, Name: "Felix Fresh", Number: "C-4711", Email: "felix.fresh@example.com", Phone: "+44 20 7946 0000", Bank: bankOne, KYC: &Badge{ToneGood, "checked"}}
	odd := CustomerRow{ID: hostile, Href: "javascript:alert(1)", Name: hostile, Number: hostile, Email: hostile, Phone: hostile, Bank: Scope{BankID: hostile, Name: hostile}}
	find := CustomerFind{Text: "C-4711", Banks: []Option{{Value: bankOne.BankID, Text: bankOne.Name, Selected: true}}}
	lost := find
	lost.Failed, lost.Text = &refused, hostile
	empty := find
	empty.Text, empty.Errors = "", map[string]string{"number": "Type a number."}
	return []sample{
		{"customers", CustomersView(CustomersPage{Rows: []CustomerRow{row}, First: 1, Next: CustomersPattern, Find: find})},
		{"customers-none", CustomersView(CustomersPage{Find: empty})},
		{"customers-refused", CustomersView(CustomersPage{Problem: &down, Find: lost})},
		{"customers-hostile", CustomersView(CustomersPage{Rows: []CustomerRow{odd}, First: 1, Find: lost})},
	}
}
