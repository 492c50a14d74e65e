package sandbox

// person is the shape of a user inside other answers.
func (s *Server) person(u *User) map[string]any {
	return map[string]any{"user_id": u.UserID, "email": u.Email, "provider_id": u.ProviderID, "provider": u.Provider,
		"username": u.Username, "entitlements": list(s.held(u.UserID, nil), false)}
}

func (s *Server) currentUser(r *request) (int, any, *refusal) {
	out := s.person(r.user)
	views := []map[string]string{}
	for _, a := range s.world.Access {
		if a.UserID == r.user.UserID {
			views = append(views, map[string]string{"bank_id": a.BankID, "account_id": a.AccountID, "view_id": a.ViewID})
		}
	}
	out["views"] = map[string]any{"list": views}
	return 200, out, nil
}

func (s *Server) currentUserID(r *request) (int, any, *refusal) {
	return 200, map[string]string{"user_id": r.user.UserID}, nil
}

// spaces are the banks at which the caller may work with dynamic entities.
func (s *Server) spaces(r *request) (int, any, *refusal) {
	ids := []string{}
	for _, e := range s.held(r.user.UserID, nil) {
		if e.Role == "CanReadDynamicResourceDocsAtOneBank" {
			ids = append(ids, e.BankID)
		}
	}
	return 200, map[string]any{"bank_ids": ids}, nil
}

// isLocked: by an administrator or by failed sign-ins.
func (s *Server) isLocked(u *User) bool {
	return u.Locked || s.bad[u.Username] > s.world.Settings.MaxBadLogins
}

func (s *Server) whole(u *User) map[string]any {
	out := s.person(u)
	out["is_deleted"] = u.Deleted
	out["is_locked"] = s.isLocked(u)
	out["last_marketing_agreement_signed_date"] = nil
	return out
}

func (s *Server) userByID(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 0, nil, refuse(400, "OBP-20057: User not found by userId. Current UserId(%s)", r.arg("USER_ID"))
	}
	out := s.whole(u)
	out["agreements"] = []any{}
	return 200, out, nil
}

func (s *Server) userByName(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	name := r.arg("USERNAME")
	u := s.findUser(func(u *User) bool { return u.Username == name && u.Provider == s.world.Provider })
	if u == nil {
		return 0, nil, refuse(404, "OBP-20027: User not found by provider and username.")
	}
	return 200, s.whole(u), nil
}
