package handlers

// roleRoutes are the routes of roles, grants, leavers and reviews.
func (s *Server) roleRoutes() []route {
	return nil
}
