package sandbox

func noLocal() *refusal { return refuse(404, "OBP-20027: User not found by provider and username.") }

// lockJSON shows failed sign-ins only: a lock set by an administrator does not
// stand here. Who has none yet has had the last one just now.
func (s *Server) lockJSON(u *User) map[string]any {
	at := s.now()
	if t, ok := s.badAt[u.Username]; ok && s.failures(u) > 0 {
		at = t
	}
	return map[string]any{"username": u.Username, "bad_attempts_since_last_success_or_reset": s.failures(u),
		"last_failure_date": stamp(at)}
}

func (s *Server) lockStatus(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanReadUserLockedStatus"); no != nil {
		return 0, nil, no
	}
	u := s.local(r.arg("USERNAME"))
	if u == nil {
		return 0, nil, noLocal()
	}
	return 200, s.lockJSON(u), nil
}

// named is the user of the path: of the provider that it names, else the
// server's own.
func (s *Server) named(r *request) *User {
	if at := r.arg("PROVIDER"); at != "" {
		return s.people.find(at, r.arg("USERNAME"))
	}
	return s.local(r.arg("USERNAME"))
}

// unlock looks the user up before it checks the role, as the server does.
func (s *Server) unlock(r *request) (int, any, *refusal) {
	u := s.named(r)
	if u == nil {
		return 0, nil, noLocal()
	}
	if no := s.need(r, "CanUnlockUser"); no != nil {
		return 0, nil, no
	}
	u = s.people.edit(u)
	u.Locked = false
	delete(s.bad, u.Username)
	return 200, s.lockJSON(u), nil
}

func (s *Server) lock(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanLockUser"); no != nil {
		return 0, nil, no
	}
	u := s.named(r)
	if u == nil {
		return 0, nil, refuse(404, "OBP-20027: User not found by provider and username.(%s)", r.arg("USERNAME"))
	}
	u = s.people.edit(u)
	u.Locked = true
	return 200, map[string]any{"user_id": u.UserID, "type_of_lock": "lock_via_api", "last_lock_date": stamp(s.now())}, nil
}
