package handlers

import (
	"context"
	"iter"
	"net/http"
	"strings"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// exportUsers streams everybody that the filter means as CSV.
func (s *Server) exportUsers(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	q := userQuery(in)
	return sendCSV(s, w, r, c, csvFile[obp.User]{target: "users", filtered: q.Filtered(), all: s.everybody(r.Context(), c, q),
		columns: []string{"user_id", "username", "email", "provider", "state", "roles"}, row: func(u obp.User) []string {
			locked := u.IsLocked && q.State == "active" || !u.IsLocked && q.State == "locked"
			if !matches(q, u) || q.Role == "" && locked {
				return nil
			}
			return userRecord(u, q.Role != "")
		}})
}

// everybody are the people that a filter means, over all pages.
func (s *Server) everybody(ctx context.Context, c *caller, q templates.UserQuery) iter.Seq2[obp.User, error] {
	if q.Role != "" {
		return func(yield func(obp.User, error) bool) {
			got, err := roleHolders(ctx, c.api, templates.UserQuery{Role: q.Role}, maxOffset)
			for _, u := range got.rows {
				if !yield(u, nil) {
					return
				}
			}
			if err != nil {
				yield(obp.User{}, err)
			}
		}
	}
	return c.api.AllUsers(ctx, obp.UserQuery{Deleted: q.State == "deleted"})
}

func userRecord(u obp.User, holder bool) []string {
	st := stateOf(u, &u)
	if holder {
		st = stateOf(u, nil)
	}
	var roles []string
	for _, e := range u.Entitlements.List {
		at := e.RoleName
		if e.BankID != "" {
			at += "@" + e.BankID
		}
		roles = append(roles, at)
	}
	return []string{u.UserID, u.Username, u.Email, u.Provider, stateTones[st].code, strings.Join(roles, " ")}
}

// csvCell keeps a spreadsheet from reading a cell as a formula.
func csvCell(s string) string {
	if strings.IndexAny(s, "=+-@\t\r") == 0 {
		return "'" + s
	}
	return s
}
