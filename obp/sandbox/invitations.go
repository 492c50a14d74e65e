package sandbox

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strconv"
)

type invitation struct {
	First   *string `json:"first_name"`
	Last    *string `json:"last_name"`
	Email   *string `json:"email"`
	Company *string `json:"company"`
	Country *string `json:"country"`
	Purpose *string `json:"purpose"`
	Status  string  `json:"status"`
	bankID  string
	secret  string // a 64-bit number that only the mail tells
}

func (s *Server) invite(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if no := s.needAt(r, bank, "CanCreateUserInvitation"); no != nil {
		return 0, nil, no
	}
	in, no := read(r.body, "PostUserInvitationJsonV400", func(i invitation) bool {
		return i.First != nil && i.Last != nil && i.Email != nil && i.Company != nil && i.Country != nil && i.Purpose != nil
	})
	if no != nil {
		return 0, nil, no
	}
	if *in.Purpose != "DEVELOPER" && *in.Purpose != "CUSTOMER" {
		return 0, nil, refuse(400, "OBP-10035: Incorrect json value. postedData.purpose only support List(DEVELOPER, CUSTOMER)")
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	in.Status, in.bankID, in.secret = "CREATED", bank, strconv.FormatInt(int64(binary.LittleEndian.Uint64(b[:])>>1), 10)
	s.invitations = append(s.invitations, in)
	return 201, in, nil
}

func (s *Server) allInvitations(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if no := s.needAt(r, bank, "CanGetUserInvitation"); no != nil {
		return 0, nil, no
	}
	out := []invitation{}
	for _, i := range s.invitations {
		if i.bankID == bank {
			out = append(out, i)
		}
	}
	return 200, map[string]any{"user_invitations": out}, nil
}

func (s *Server) oneInvitation(r *request) (int, any, *refusal) {
	bank := r.arg("BANK_ID")
	if s.findBank(bank) == nil {
		return 0, nil, noBank(bank)
	}
	if no := s.needAt(r, bank, "CanGetUserInvitation"); no != nil {
		return 0, nil, no
	}
	i := slices.IndexFunc(s.invitations, func(i invitation) bool { return i.bankID == bank && i.secret == r.arg("SECRET_LINK") })
	if i < 0 {
		return 0, nil, refuse(404, "OBP-37882: Cannot get user invitation.")
	}
	return 200, s.invitations[i], nil
}

// consentInfos: the stand-in makes no consents.
func (s *Server) consentInfos(r *request) (int, any, *refusal) {
	if s.findBank(r.arg("BANK_ID")) == nil {
		return 0, nil, noBank(r.arg("BANK_ID"))
	}
	return 200, map[string]any{"consents": []any{}}, nil
}
