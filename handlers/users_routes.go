package handlers

import (
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// userRoutes are the routes of users, locks, reset links and invitations.
func (s *Server) userRoutes() []route {
	lockForm, lock := s.personAct(journal.ActLock, doLock)
	unlockForm, unlock := s.personAct(journal.ActUnlock, doUnlock)
	refreshForm, refresh := s.personAct(ActRefresh, doRefresh)
	return []route{
		get(templates.FindPattern, s.findPage),
		post(templates.FindPattern, s.find),
		get(templates.UsersPattern, s.users),
		post(templates.ExportUsersPattern, s.exportUsers),
		get(templates.NewUserPattern, s.newUser),
		post(templates.NewUserPattern, s.createUser),
		get(templates.InvitationsPattern, s.invitations),
		post(templates.InvitationsPattern, s.invite),
		get(templates.UserPattern, s.userPage),
		get(templates.LockPattern, lockForm),
		post(templates.LockPattern, lock),
		get(templates.UnlockPattern, unlockForm),
		post(templates.UnlockPattern, unlock),
		get(templates.RefreshPattern, refreshForm),
		post(templates.RefreshPattern, refresh),
		get(templates.DeleteUserPattern, s.deletePage),
		post(templates.DeleteUserPattern, s.deleteUser),
		post(templates.CallPattern, s.call),
		get(templates.ResetPattern, s.resetPage),
		post(templates.ResetPattern, s.reset).secret(),
		post(templates.ConfirmPattern, s.confirmReset),
	}
}
