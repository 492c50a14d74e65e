package handlers

import "obpconsole/web/templates"

// roleRoutes are the routes of roles, grants and revocations.
func (s *Server) roleRoutes() []route {
	return []route{
		get(templates.GrantPattern, s.grantPage),
		post(templates.GrantPattern, s.grantRoles),
		get(templates.GrantToPattern, s.grantTo),
		post(templates.GrantToPattern, s.grantToFind),
		get(templates.CopyPattern, s.copyPage),
		post(templates.CopyPattern, s.copyRoles),
		get(templates.ApprovalsPattern, s.approvals),
		get(templates.EmergencyPattern, s.emergencyPage),
		post(templates.EmergencyPattern, s.emergencyGrant),
		get(templates.EmergencyOnePattern, s.emergencyOne),
		post(templates.EmergencyOnePattern, s.emergencyReview),
		get(templates.RevokePattern, s.revokePage),
		post(templates.RevokePattern, s.revoke),
		get(templates.RolesPattern, s.roles),
		get(templates.RolePattern, s.rolePage),
		get(templates.BankRolesPattern, s.bankRoles),
		get(templates.UserBankRolesPattern, s.userBankRoles),
		get(templates.DAuthPattern, s.dauthPage),
		post(templates.DAuthPattern, s.dauthRoles),
		get(templates.LeaverPattern, s.leaverPage),
		post(templates.LeaverPattern, s.leaver),
	}
}
