package templates

import "net/url"

// Route patterns of the emergency grant, each beside the function that builds
// its address.
const (
	EmergencyPattern    = "/users/{id}/emergency"
	EmergencyOnePattern = "/emergency/{id}"
)

// Emergency is where one person gives a role alone; what is empty is asked for.
func Emergency(userID, role, bankID, requestID string) string {
	return withQuery(User(userID)+"/emergency", values(0, "role", role, "bank", bankID, "request", requestID))
}

// EmergencyOne is where an emergency grant is reviewed.
func EmergencyOne(actID string) string { return "/emergency/" + url.PathEscape(actID) }
