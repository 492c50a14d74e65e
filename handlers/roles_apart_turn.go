package handlers

import (
	"context"
	"slices"
	"time"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// inPair tells whether a role must not be held together with some other.
func (s *Server) inPair(role string) bool {
	return slices.ContainsFunc(s.Settings.HeldApart, func(p [2]string) bool { return p[0] == role || p[1] == role })
}

// pairOf tells whether two roles of one person at two scopes must not be held
// together.
func (s *Server) pairOf(role, bankID, other, otherBank string) bool {
	held := obp.User{Entitlements: obp.EntitlementList{List: []obp.Entitlement{{RoleName: other, BankID: otherBank}}}}
	return s.apart(wanting(held, role, bankID)) != ""
}

// apartTurn stands for the role in the turn of a person who gets one of a pair.
const apartTurn = "held apart"

// giveTurn takes the turn of a person, role and scope. Of a role that occurs in
// a pair the person's own turn is taken before it, so that the two of a pair
// are never given side by side. A turn is tried and not waited for, so two that
// give at once cannot wait for each other.
func (s *Server) giveTurn(ctx context.Context, c *caller, k journal.TurnKey, actID string) (func(), error) {
	ttl := 4 * s.Settings.OBPTimeout
	if !s.inPair(k.Role) {
		return s.Journal.TakeTurn(ctx, k, c.party(), actID, ttl)
	}
	person, err := s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: k.UserID, Role: apartTurn}, c.party(), actID, ttl)
	if err != nil {
		return nil, err
	}
	role, err := s.Journal.TakeTurn(ctx, k, c.party(), actID, ttl)
	if err != nil {
		person()
		return nil, err
	}
	return func() { role(); person() }, nil
}

// newer tells whether something was decided, since a reading, about a role of
// the person read, or about one that must not be held together with it.
func (s *Server) newer(rows []journal.Row, x obp.EntitlementRequest, read time.Time) bool {
	return slices.ContainsFunc(rows, func(row journal.Row) bool {
		return (samePlace(row, x.RoleName, x.BankID) || s.pairOf(x.RoleName, x.BankID, row.Entry.Role, row.Entry.BankID)) &&
			!(row.At.Before(read) && row.EndedAt.Before(read))
	})
}

// mustWait is how long no second grant may be sent: until OBP's whole time-out
// has passed since one of the same role, or of one that must not be held
// together with it, that was not answered; unless that is seen to be held.
func (s *Server) mustWait(rows []journal.Row, x obp.EntitlementRequest) time.Duration {
	var longest time.Duration
	for _, row := range rows {
		e := row.Entry
		if row.Event || row.Finished() || e.Act != journal.ActApprove && e.Act != journal.ActGrant ||
			!samePlace(row, x.RoleName, x.BankID) && !s.pairOf(x.RoleName, x.BankID, e.Role, e.BankID) || wanting(x.User, e.Role, e.BankID).Held() > 0 {
			continue
		}
		longest = max(longest, row.At.Add(s.Settings.OBPTimeout).Sub(s.Now()))
	}
	return longest
}
