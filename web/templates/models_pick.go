package templates

// RolePickID is the root of the list of roles to tick.
const RolePickID = "role-list"

// RolePick chooses roles out of all.
type RolePick struct {
	Action string // of the form
	Text   string // what is looked for
	Asked  bool   // by the button
	Rows   []RoleChoice
	Found  int // beside those ticked
	More   int // of those found, not in Rows
}

// RoleChoice is a role that can be ticked.
type RoleChoice struct {
	Role   RoleView
	Bank   bool     // holds at one bank
	Notes  []string // held already, not to be held with another
	Ticked bool
}
