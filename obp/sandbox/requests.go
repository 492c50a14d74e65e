package sandbox

import (
	"iter"
	"time"

	"github.com/google/uuid"
)

type requestJSON struct {
	ID      string     `json:"entitlement_request_id"`
	User    personJSON `json:"user"`
	Role    string     `json:"role_name"`
	BankID  string     `json:"bank_id"`
	Created string     `json:"created"`
}

func (s *Server) showRequest(q *Request) requestJSON {
	return requestJSON{q.ID, s.personInList(s.userID(q.UserID)), q.Role, q.BankID, stamp(q.Created)}
}

func (s *Server) openRequests(qs iter.Seq[*Request]) (int, any, *refusal) {
	rows := []requestJSON{}
	for q := range qs {
		if s.userID(q.UserID) != nil {
			rows = append(rows, s.showRequest(q))
		}
	}
	return 200, map[string][]requestJSON{"entitlement_requests": rows}, nil
}

func (s *Server) allRequests(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	return s.openRequests(s.requests.all())
}

func (s *Server) userRequests(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	return s.openRequests(s.requests.of(0, r.arg("USER_ID")))
}

func (s *Server) myRequests(r *request) (int, any, *refusal) {
	return s.openRequests(s.requests.of(0, r.user.UserID))
}

func (s *Server) createRequest(r *request) (int, any, *refusal) {
	role, bank, no := readRole(r.body, "CreateEntitlementRequestJSON")
	if no == nil && bank != "" && s.findBank(bank) == nil {
		no = noBank(bank)
	}
	if no == nil {
		no = s.level(role, bank)
	}
	if no != nil {
		return 0, nil, no
	}
	for q := range s.requests.of(0, r.user.UserID) {
		if q.Role == role && q.BankID == bank {
			return 0, nil, refuse(400, "OBP-30214: Entitlement Request already exists for the user.")
		}
	}
	return 201, s.showRequest(s.requests.add(Request{ID: uuid.NewString(), Role: role, BankID: bank, UserID: r.user.UserID,
		Created: s.now().UTC().Truncate(time.Second)})), nil
}

func (s *Server) deleteRequest(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanDeleteEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	if !s.requests.remove(r.arg("ENTITLEMENT_REQUEST_ID")) {
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested. <- OBP-30215: EntitlementRequestId not found")
	}
	return 200, true, nil
}
