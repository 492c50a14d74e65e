package handlers

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"obpconsole/web/templates"
)

// seen is what the journal keeps of what the decider saw.
type seen struct {
	UserID, Username, Email, Provider string
	State                             string
	Roles                             []string
	Held                              int
	Asked                             time.Time
	Warnings                          []string `json:",omitempty"`
	OtherRequests                     int
}

func (s *Server) seenOf(c *caller, rd reading) json.RawMessage {
	x := rd.req
	v := seen{UserID: x.User.UserID, Username: x.User.Username, Email: x.User.Email, Provider: x.User.Provider, Held: x.Held(), Asked: x.Created, Warnings: s.warnings(c, *x)}
	v.State = map[personState]string{stateUnknown: "unknown", stateActive: "active", stateLocked: "locked", stateDeleted: "deleted"}[rd.state()]
	for _, e := range x.User.Entitlements.List {
		at := e.RoleName
		if e.BankID != "" {
			at += " @ " + e.BankID
		}
		v.Roles = append(v.Roles, at)
	}
	for _, o := range rd.all {
		if o.User.UserID == x.User.UserID && o.EntitlementRequestID != x.EntitlementRequestID {
			v.OtherRequests++
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// wantedFacts are what an act was to do, where it is personal text.
func wantedFacts(raw json.RawMessage) []templates.Fact {
	var v struct {
		attributeSeen
		challengeSeen
		dauthSeen
	}
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	out := []templates.Fact{{Name: templates.Word("attribute.name"), Value: v.Name}, {Name: templates.Word("attribute.value"), Value: v.Value}, {Name: templates.Word("customers.number"), Value: v.Number}}
	for _, x := range v.Roles {
		out = append(out, templates.Fact{Name: templates.Word("fact.roles"), Value: strings.TrimSpace(x.RoleName + " " + x.BankID)})
	}
	return slices.DeleteFunc(out, func(f templates.Fact) bool { return f.Value == "" })
}
