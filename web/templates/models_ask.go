package templates

// TalkRow is what was said about a request: why it is asked for, a question, a
// reply.
type TalkRow struct {
	Kind string // "ask_role", "question", "reply"
	Who  Person
	When When
	Text string
}

// MyRequest is one's own open request of which something was asked.
type MyRequest struct {
	ID    string
	Role  RoleView
	Scope Scope
	Talk  []TalkRow
	Waits bool // for one's reply
}

// FateRow is what became of a request of one's own that is not open any more.
type FateRow struct {
	Role   RoleView
	Scope  Scope
	Asked  When
	State  Badge
	Code   string
	Who    Person
	When   When
	Reason string // when the decider chose to show it
}
