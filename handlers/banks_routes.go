package handlers

// bankRoutes are the routes of accounts, views, customers, links, contexts and attributes.
func (s *Server) bankRoutes() []route {
	return nil
}
