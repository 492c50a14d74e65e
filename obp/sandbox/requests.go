package sandbox

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

func (s *Server) requestJSON(q Request) map[string]any {
	return map[string]any{"entitlement_request_id": q.ID, "user": s.person(s.userID(q.UserID)), "role_name": q.Role,
		"bank_id": q.BankID, "created": stamp(q.Created)}
}

func (s *Server) openRequests(userID string) (int, any, *refusal) {
	rows := []map[string]any{}
	for _, q := range s.world.Requests {
		if (userID == "" || q.UserID == userID) && s.userID(q.UserID) != nil {
			rows = append(rows, s.requestJSON(q))
		}
	}
	return 200, map[string]any{"entitlement_requests": rows}, nil
}

func (s *Server) allRequests(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	return s.openRequests("")
}

func (s *Server) userRequests(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	return s.openRequests(r.arg("USER_ID"))
}

func (s *Server) myRequests(r *request) (int, any, *refusal) {
	return s.openRequests(r.user.UserID)
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
	if slices.ContainsFunc(s.world.Requests, func(q Request) bool {
		return q.UserID == r.user.UserID && q.Role == role && q.BankID == bank
	}) {
		return 0, nil, refuse(400, "OBP-30214: Entitlement Request already exists for the user.")
	}
	q := Request{ID: uuid.NewString(), Role: role, BankID: bank, UserID: r.user.UserID, Created: s.now().UTC().Truncate(time.Second)}
	s.world.Requests = append(s.world.Requests, q)
	return 201, s.requestJSON(q), nil
}

func (s *Server) deleteRequest(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanDeleteEntitlementRequestsAtAnyBank"); no != nil {
		return 0, nil, no
	}
	i := slices.IndexFunc(s.world.Requests, func(q Request) bool { return q.ID == r.arg("ENTITLEMENT_REQUEST_ID") })
	if i < 0 {
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested. <- OBP-30215: EntitlementRequestId not found")
	}
	s.world.Requests = slices.Delete(s.world.Requests, i, i+1)
	return 200, true, nil
}
