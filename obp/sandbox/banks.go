package sandbox

import (
	"encoding/json"
	"net/url"
	"strings"
)

func (s *Server) findBank(id string) *Bank {
	for i := range s.world.Banks {
		if s.world.Banks[i].ID == id {
			return &s.world.Banks[i]
		}
	}
	return nil
}

func (s *Server) root(*request) (int, any, *refusal) {
	p, _ := json.Marshal(s.world.Provider)
	return 200, json.RawMessage(strings.ReplaceAll(rootJSON, "${provider}", strings.Trim(string(p), `"`))), nil
}

func (s *Server) banks(*request) (int, any, *refusal) {
	return 200, map[string]any{"banks": s.world.Banks}, nil
}

func (s *Server) bank(r *request) (int, any, *refusal) {
	b := s.findBank(r.arg("BANK_ID"))
	if b == nil {
		return 0, nil, noBank(r.arg("BANK_ID"))
	}
	return 200, map[string]any{"id": b.ID, "bank_code": b.ShortName, "full_name": b.FullName, "logo": b.Logo, "website": b.Website,
		"bank_routings": append([]Routing{{Scheme: "BIC"}}, b.Routings...), "attributes": b.Attributes}, nil
}

func noBank(id string) *refusal {
	return refuse(404, "OBP-30001: Bank not found. Please specify a valid value for BANK_ID. Current BankId is %s", id)
}

func (s *Server) logoutLink(*request) (int, any, *refusal) {
	u, err := url.JoinPath(s.world.Settings.PortalHostname, "user_mgt", "logout")
	if err != nil {
		return 0, nil, refuse(400, "OBP-50005: An unspecified or internal error occurred.")
	}
	return 200, map[string]string{"link": u}, nil
}
