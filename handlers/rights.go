package handlers

import (
	"slices"

	"obpconsole/session/journal"
)

// Rights are the console's own rights. Each lists OBP roles, user ids or user
// names; nobody holds one by default.
type Rights struct {
	Auditors    []string // read the whole journal, and are refused every act
	Readers     []string // read the whole journal
	BankReaders []string // OBP bank roles: read the acts at the banks where they are held
	Admins      []string // see who is signed in, end sessions, bar people
}

// named tells whether a list names the operator, by id, name or system role.
func (c *caller) named(list []string) bool {
	for _, n := range list {
		if n == c.me.UserID || n == c.me.Username || c.hint(n, "") {
			return true
		}
	}
	return false
}

func (s *Server) isAuditor(c *caller) bool { return c.named(s.Settings.Rights.Auditors) }

// isAdmin tells whether the operator administers the console itself.
func (s *Server) isAdmin(c *caller) bool { return !s.isAuditor(c) && c.named(s.Settings.Rights.Admins) }

// readerRights is what of the journal a person may read: all, the acts at some
// banks, and always one's own.
func (s *Server) readerRights(c *caller) journal.Rights {
	r := journal.Rights{Self: c.me.UserID}
	if s.isAuditor(c) || c.named(s.Settings.Rights.Readers) {
		r.All = true
		return r
	}
	for _, h := range c.me.Roles {
		if h.BankID != "" && slices.Contains(s.Settings.Rights.BankReaders, h.Name) && !slices.Contains(r.BankIDs, h.BankID) {
			r.BankIDs = append(r.BankIDs, h.BankID)
		}
	}
	return r
}

// mayRead tells whether a person may read an act with its text.
func (s *Server) mayRead(c *caller, row journal.Row) bool {
	r := s.readerRights(c)
	return r.All || row.Entry.Operator.UserID == c.me.UserID || row.Entry.BankID != "" && slices.Contains(r.BankIDs, row.Entry.BankID)
}

// RuleAuditor refuses every act of an auditor.
const RuleAuditor Rule = "auditor"
