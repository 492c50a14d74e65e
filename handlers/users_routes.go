package handlers

import "obpconsole/web/templates"

// userRoutes are the routes of users, locks, reset links and invitations.
func (s *Server) userRoutes() []route {
	return []route{
		get(templates.FindPattern, s.findPage),
		post(templates.FindPattern, s.find),
		get(templates.UsersPattern, s.users),
		post(templates.ExportUsersPattern, s.exportUsers),
	}
}
