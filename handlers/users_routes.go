package handlers

// userRoutes are the routes of users, locks, reset links and invitations.
func (s *Server) userRoutes() []route {
	return nil
}
