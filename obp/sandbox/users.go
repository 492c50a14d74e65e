package sandbox

import (
	"slices"
	"strings"
)

// personJSON is a user inside other answers.
type personJSON struct {
	UserID       string          `json:"user_id"`
	Email        string          `json:"email"`
	ProviderID   string          `json:"provider_id"`
	Provider     string          `json:"provider"`
	Username     *string         `json:"username"` // null when empty
	Entitlements entitlementList `json:"entitlements"`
}

// person shows a user with what they hold, newest first.
func (s *Server) person(u *User) personJSON {
	p := personJSON{u.UserID, u.Email, u.ProviderID, u.Provider, nil, list(s.entitlements.newestOf(0, u.UserID), false)}
	if name := u.Username; name != "" {
		p.Username = &name
	}
	return p
}

// personInList shows a user with what they hold, by role.
func (s *Server) personInList(u *User) personJSON {
	p := s.person(u)
	slices.SortStableFunc(p.Entitlements.List, func(a, b entitlementJSON) int { return strings.Compare(a.Role, b.Role) })
	return p
}

// userJSON is a user on their own.
type userJSON struct {
	personJSON
	Agreements *[]any  `json:"agreements,omitempty"` // of one user, not in lists
	Deleted    bool    `json:"is_deleted"`
	Marketing  *string `json:"last_marketing_agreement_signed_date"`
	Locked     bool    `json:"is_locked"`
}

func (s *Server) whole(u *User, p personJSON) userJSON {
	return userJSON{personJSON: p, Deleted: u.Deleted, Locked: s.isLocked(u)}
}

// failures in a row; the counter knows the server's own users only.
func (s *Server) failures(u *User) int {
	if u.Provider != s.world.Provider {
		return 0
	}
	return s.bad[u.Username]
}

// failed counts a failed sign-in, of a name that nobody has too.
func (s *Server) failed(username string) {
	s.bad[username]++
	s.badAt[username] = s.now()
}

func (s *Server) failedOut(u *User) bool { return s.failures(u) > s.world.Settings.MaxBadLogins }

// isLocked: by an administrator or by failed sign-ins.
func (s *Server) isLocked(u *User) bool { return u.Locked || s.failedOut(u) }

type personWithViews struct {
	personJSON
	Views map[string]any `json:"views"`
}

func (s *Server) withViews(u *User) personWithViews {
	return personWithViews{s.person(u), map[string]any{"list": s.accessRows(u.UserID)}}
}

func (s *Server) currentUser(r *request) (int, any, *refusal) {
	return 200, s.withViews(r.user), nil
}

func (s *Server) currentUserID(r *request) (int, any, *refusal) {
	return 200, map[string]string{"user_id": r.user.UserID}, nil
}

// spaces are the banks at which the caller may work with dynamic entities.
func (s *Server) spaces(r *request) (int, any, *refusal) {
	ids := []string{}
	for e := range s.entitlements.newestOf(0, r.user.UserID) {
		if e.Role == "CanReadDynamicResourceDocsAtOneBank" {
			ids = append(ids, e.BankID)
		}
	}
	return 200, map[string]any{"bank_ids": ids}, nil
}

func (s *Server) userByID(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 0, nil, refuse(400, "OBP-20057: User not found by userId. Current UserId(%s)", r.arg("USER_ID"))
	}
	out := s.whole(u, s.person(u))
	out.Agreements = &[]any{}
	return 200, out, nil
}

func (s *Server) userByName(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	u := s.local(r.arg("USERNAME"))
	if u == nil {
		return 0, nil, refuse(404, "OBP-20027: User not found by provider and username.")
	}
	return 200, s.whole(u, s.person(u)), nil
}

// usersByEmail lists deleted users too.
func (s *Server) usersByEmail(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	email, rows := r.arg("EMAIL"), []userJSON{}
	for _, u := range s.people.rows {
		if u.Email == email {
			rows = append(rows, s.whole(u, s.personInList(u)))
		}
	}
	return 200, map[string]any{"users": rows}, nil
}
