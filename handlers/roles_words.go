package handlers

import (
	"net/http"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// roleRefusals are the words of what OBP refuses about roles, by its code. A
// cause stands before the code that it lies behind.
var roleRefusals = []struct {
	code, key string
	status    int
}{
	{"OBP-10007", "no_role", http.StatusNotFound},
	{"OBP-30205", "needs_bank", http.StatusConflict},
	{"OBP-30206", "needs_no_bank", http.StatusConflict},
	{"OBP-30001", "no_bank", http.StatusNotFound},
	{"OBP-20005", "no_person", http.StatusNotFound},
	{"OBP-20103", "dauth_provider", http.StatusConflict},
	{"OBP-30220", "not_held_by_you", http.StatusForbidden},
	{codeNotRemoved, "not_removed", http.StatusBadGateway},
}

// codeNotRemoved comes with status 404, and the entitlement is still there.
const codeNotRemoved = "OBP-30219"

// isGone tells whether OBP says that what was to be taken away is not there.
// That the server has no such address does not say it.
func isGone(err error) bool {
	e, ok := obp.AsError(err)
	return ok && e.Kind() == obp.KindNotFound && !e.HasCode(codeNotRemoved) && !e.HasCode("OBP-10404")
}

// aboutRole gives failures of OBP's the words that fit a role.
func aboutRole(err error) error {
	e, ok := obp.AsError(err)
	if !ok {
		return err
	}
	for _, x := range roleRefusals {
		if e.HasCode(x.code) {
			return &httpError{status: x.status, key: x.key, err: err}
		}
	}
	return err
}

// aboutDAuth is aboutRole for a user of a DAuth provider: there OBP refuses a
// role that it does not know without any code.
func aboutDAuth(err error) error {
	if e, ok := obp.AsError(err); ok && e.Status == http.StatusBadRequest && e.Code == "" {
		return &httpError{status: http.StatusNotFound, key: "no_role", err: err}
	}
	return aboutRole(err)
}

// whyNot is a failure in one line, with the roles that would help.
func whyNot(p *templates.Problem) string {
	why := p.Title + ". " + p.Sentence
	for _, role := range p.Roles {
		why += " " + role.Role.Name
	}
	return why
}
