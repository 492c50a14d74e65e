package sandbox

import (
	"time"

	"github.com/google/uuid"
)

const challengeLife = 600 * time.Second

// contextUpdate is a challenge that, answered rightly, adds an auth context.
type contextUpdate struct {
	id, userID, key, value, status, otp string
	created                             time.Time
}

func (s *Server) updateJSON(u *contextUpdate) map[string]any {
	return map[string]any{"user_auth_context_update_id": u.id, "user_id": u.userID, "key": u.key, "value": u.value,
		"status": u.status, "consumer_id": s.world.ConsumerID}
}

func (s *Server) startChallenge(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if m := r.arg("SCA_METHOD"); m != "SMS" && m != "EMAIL" {
		return 0, nil, refuse(400, "OBP-35034: Unsupported as SCA method. ")
	}
	key, value, no := readKeyValue(r.body)
	switch {
	case no != nil:
		return 0, nil, no
	case key != "CUSTOMER_NUMBER":
		return 0, nil, refuse(400, "OBP-30088: Invalid Auth Context Update Request Key.. Current Sandbox only support key == CUSTOMER_NUMBER")
	case s.customerNumber(bank, value) == nil:
		return 0, nil, noNumber()
	}
	u := &contextUpdate{uuid.NewString(), r.user.UserID, key, value, "INITIATED", random(8, "0123456789"), s.now()}
	s.updates[u.id] = u
	return 201, s.updateJSON(u), nil
}

// answerChallenge: the first answer is final; a wrong one is 200 with status
// REJECTED, and links the user to the customer all the same.
func (s *Server) answerChallenge(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	type body struct{ Answer *string }
	in, no := read(r.body, "PostUserAuthContextUpdateJsonV310", func(b body) bool { return b.Answer != nil })
	if no != nil {
		return 0, nil, no
	}
	u := s.updates[r.arg("AUTH_CONTEXT_UPDATE_ID")]
	switch {
	case u == nil:
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested. <- OBP-30057: User Auth Context Update not found by AUTH_CONTEXT_UPDATE_ID.")
	case s.now().Sub(u.created) > challengeLife:
		return 0, nil, refuse(400, "OBP-50200: Connector cannot return the data we requested. <- OBP-20211: The One Time Password (OTP) has expired. ")
	}
	if u.status == "INITIATED" {
		u.status = "REJECTED"
		if *in.Answer == u.otp {
			u.status = "ACCEPTED"
		}
	}
	if u.status == "ACCEPTED" {
		s.addContext(u.userID, u.key, u.value)
	}
	c := s.customerNumber(bank, u.value)
	if c == nil {
		return 0, nil, refuse(400, "OBP-30025: Could not create user_customer_links ")
	}
	if !s.linked(u.userID, c.ID) {
		s.link(u.userID, c.ID)
	}
	return 200, s.updateJSON(u), nil
}
