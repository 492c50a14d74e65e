package templates

// UndoPage shows what an undo of an act would take back.
type UndoPage struct {
	ID      string // of the act
	Row     ActRow
	Choices []UndoChoice
	Known   bool   // what is held now was read
	Why     string // why there is nothing to undo, empty: there is
	Instead *Link  // what can be done instead
	Form    DecideForm
}

// UndoChoice is an entitlement that can be revoked.
type UndoChoice struct {
	ID     string
	Made   bool // by the act that is undone
	Ticked bool
}
