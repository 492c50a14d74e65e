package sandbox

import "net/http"

const prefix = "/obp/v5.0.0"

func (s *Server) routes() {
	open := func(pattern string, h handler) { s.handle(pattern, false, h) }
	signed := func(pattern string, h handler) { s.handle(pattern, true, h) }
	open("POST /my/logins/direct", s.directLogin)
	open("GET "+prefix+"/root", s.root)
	open("GET "+prefix+"/banks", s.banks)
	open("GET "+prefix+"/banks/{BANK_ID}", s.bank)
	signed("GET "+prefix+"/users/current", s.currentUser)
	signed("GET "+prefix+"/users/current/user_id", s.currentUserID)
	signed("GET "+prefix+"/users/current/logout-link", s.logoutLink)
	signed("GET "+prefix+"/my/spaces", s.spaces)
	signed("GET "+prefix+"/users/user_id/{USER_ID}", s.userByID)
	signed("GET "+prefix+"/users/username/{USERNAME}", s.userByName)
	signed("GET "+prefix+"/users", s.users)
	signed("GET "+prefix+"/users/{USERNAME}/lock-status", s.lockStatus)
	signed("PUT "+prefix+"/users/{USERNAME}/lock-status", s.unlock)
	signed("POST "+prefix+"/users/{USERNAME}/locks", s.lock)
	signed("GET "+prefix+"/my/user/attributes", s.myAttributes)
	signed("POST "+prefix+"/my/user/attributes", s.createAttribute)
	signed("PUT "+prefix+"/my/user/attributes/{USER_ATTRIBUTE_ID}", s.updateAttribute)
	signed("GET "+prefix+"/users/{USER_ID}/attributes", s.userAttributes)
	signed("GET "+prefix+"/roles", s.allRoles)
	signed("GET "+prefix+"/entitlements", s.allEntitlements)
	signed("GET "+prefix+"/my/entitlements", s.myEntitlements)
	signed("GET "+prefix+"/users/{USER_ID}/entitlements", s.userEntitlements)
	signed("GET "+prefix+"/banks/{BANK_ID}/entitlements", s.bankEntitlements)
	signed("GET "+prefix+"/banks/{BANK_ID}/users/{USER_ID}/entitlements", s.bankUserEntitlements)
	signed("POST "+prefix+"/users/{USER_ID}/entitlements", s.createEntitlement)
	signed("DELETE "+prefix+"/users/{USER_ID}/entitlement/{ENTITLEMENT_ID}", s.deleteEntitlement)
	signed("POST "+prefix+"/user-entitlements", s.dauthEntitlements)
	signed("GET "+prefix+"/entitlement-requests", s.allRequests)
	signed("GET "+prefix+"/users/{USER_ID}/entitlement-requests", s.userRequests)
	signed("GET "+prefix+"/my/entitlement-requests", s.myRequests)
	signed("POST "+prefix+"/entitlement-requests", s.createRequest)
	signed("DELETE "+prefix+"/entitlement-requests/{ENTITLEMENT_REQUEST_ID}", s.deleteRequest)
	s.control()
	unknown := func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, 0, nil, notFound(r)) }
	s.mux.NotFound(unknown)
	s.mux.MethodNotAllowed(unknown)
}
