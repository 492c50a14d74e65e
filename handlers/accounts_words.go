package handlers

import (
	"net/http"
	"strings"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// meaning is what a refusal of OBP is about, and the key of its words: OBP
// itself answers 400 to nearly all of them.
type meaning struct{ about, words string }

// meanings by code, or by code and topic where one code means several things.
// A cause stands before the code that it lies behind.
var meanings = []struct {
	code, topic string
	meaning
}{
	{"OBP-30065", "", meaning{"the_person", "no_access"}},
	{"OBP-30064", "revoke_owner", meaning{"last_owner", "last_owner"}},
	{"OBP-30064", "", meaning{"the_person", "no_access"}},
	{"OBP-20022", "", meaning{"my_right", "see_access"}},
	{"OBP-20047", "revoke_view", meaning{"my_right", "revoke_view"}},
	{"OBP-20047", "revoke_owner", meaning{"my_right", "revoke_view"}},
	{"OBP-20047", "replace_views", meaning{"my_right", "replace_views"}},
	{"OBP-20047", "", meaning{"my_right", "grant_view"}},
	{"OBP-20019", "", meaning{"my_right", "owner_view"}},
	{"OBP-20017", "firehose", meaning{"the_view", "firehose_view"}},
	{"OBP-20017", "", meaning{"my_right", "this_view"}},
	{"OBP-30252", "", meaning{"the_view", "system_view"}},
	{"OBP-30005", "", meaning{"the_view", "custom_view"}},
	{"OBP-30063", "", meaning{"the_view", "not_granted"}},
	{"OBP-50005", "replace_views", meaning{"the_view", "view_after_removal"}},
	{"OBP-20005", "", meaning{"the_person", "no_person"}},
	{"OBP-20057", "", meaning{"the_person", "no_person"}},
	{"OBP-20104", "", meaning{"the_person", "no_person_there"}},
	{"OBP-20103", "", meaning{"the_person", "dauth_provider"}},
	{"OBP-30001", "", meaning{"the_bank", "no_bank"}},
	{"OBP-30018", "", meaning{"the_account", "no_account"}},
	{"OBP-00009", "", meaning{"the_server", "firehose_off"}},
	{"OBP-30002", "", meaning{"the_customer", "no_number"}},
	{"OBP-30046", "", meaning{"the_customer", "no_customer"}},
	{"OBP-30007", "", meaning{"the_link", "linked_already"}},
	{"OBP-30035", "", meaning{"the_link", "no_link"}},
	{"OBP-50005", "link", meaning{"the_server", "not_said"}},
	{"OBP-30053", "", meaning{"the_context", "not_stored"}},
	{"OBP-50014", "context", meaning{"the_context", "not_refreshed"}},
	{"OBP-30056", "", meaning{"the_context", "no_context"}},
	{"OBP-20023", "", meaning{"the_server", "console_right"}},
	{"OBP-35034", "", meaning{"the_challenge", "sca_method"}},
	{"OBP-30088", "", meaning{"the_challenge", "sca_key"}},
	{"OBP-30057", "", meaning{"the_challenge", "no_challenge"}},
	{"OBP-20211", "", meaning{"the_challenge", "expired"}},
	{"OBP-30025", "", meaning{"the_customer", "not_linked"}},
	{"OBP-50200", "attribute", meaning{"the_attribute", "no_attribute"}},
	{"OBP-10001", "", meaning{"the_entry", "refused_form"}},
}

// found by the console itself, before or after OBP was asked
var (
	errOtherBank  = &httpError{status: http.StatusConflict, key: "other_bank"}
	errNoLookup   = &httpError{status: http.StatusConflict, key: "no_lookup"}
	errNotYours   = &httpError{status: http.StatusNotFound, key: "not_mine"}
	errNoMatching = &httpError{status: http.StatusNotFound, key: "no_person_found"}
)

// meaningOf says what a refusal is about.
func meaningOf(e *obp.Error, topic string) (meaning, bool) {
	for _, m := range meanings {
		if e.HasCode(m.code) && (m.topic == "" || m.topic == topic) {
			return m.meaning, true
		}
	}
	return meaning{}, false
}

// explained is problem with what OBP's refusal means for an act: whether it is
// about one's own right, the view, the person or something else.
func (s *Server) explained(r *http.Request, err error, topic string) *templates.Problem {
	p := s.problem(r, err)
	e, ok := obp.AsError(err)
	if !ok || e.Kind() == obp.KindMissingRole {
		return s.roleAtBank(p, e)
	}
	m, known := meaningOf(e, topic)
	if !known {
		return p
	}
	p.Key, p.Title, p.Sentence = m.about, templates.Word("about."+m.about), templates.Word("why."+m.words)
	if p.Status >= http.StatusInternalServerError && e.Status < http.StatusInternalServerError {
		p.Status = http.StatusBadRequest
	}
	return p
}

// roleAtBank names the bank at which a missing role would be needed.
func (s *Server) roleAtBank(p *templates.Problem, e *obp.Error) *templates.Problem {
	if e == nil || e.BankID == "" {
		return p
	}
	for i := range p.Roles {
		if s.bankRole(p.Roles[i].Role.Name) {
			p.Roles[i].Scope = s.keptNames().scope(e.BankID)
		}
	}
	return p
}

// bankRole tells from the kept list of roles, else by its name, whether a role
// holds at a bank: OBP names the bank also where a system role would do.
func (s *Server) bankRole(name string) bool {
	kept, _ := s.common.roles.Get("roles")
	for _, x := range kept {
		if x.Name == name {
			return x.RequiresBankID
		}
	}
	return !strings.HasSuffix(name, "AnyBank")
}

// keptNames are the banks' names that are at hand without asking.
func (s *Server) keptNames() bankNames {
	kept, _ := s.common.banks.Get("banks")
	out := bankNames{}
	for _, b := range kept {
		if b.FullName != "" {
			out[b.ID] = b.FullName
		}
	}
	return out
}
