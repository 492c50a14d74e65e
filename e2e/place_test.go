package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"obpconsole/obp"
)

// place makes the people of a world hold, ask for and be what it says, by
// OBP's own calls. w then has the ids that the server gave.
func (s *server) place(ctx context.Context, w world) error {
	boss, err := s.boss(ctx)
	if err != nil {
		return err
	}
	for i, u := range w.Users {
		if !s.ours(u.UserID) && !slices.Contains(s.created, u.Username) {
			return fmt.Errorf("the world of this journey has %s, whom the world file does not have: mark it with needs", u.Username)
		}
		var wants []*entitlement
		for j := range w.Entitlements {
			if w.Entitlements[j].UserID == u.UserID {
				wants = append(wants, &w.Entitlements[j])
			}
		}
		if err := s.give(ctx, boss, u, wants); err != nil {
			return err
		}
		if err := s.lock(ctx, boss, w.Users[i]); err != nil {
			return err
		}
	}
	return s.ask(ctx, boss, w)
}

// give leaves a person with these roles and no others.
func (s *server) give(ctx context.Context, boss *obp.API, u user, wants []*entitlement) error {
	has, err := boss.UserEntitlements(ctx, u.UserID)
	if err != nil {
		return err
	}
	for _, e := range has {
		i := slices.IndexFunc(wants, func(w *entitlement) bool { return w.Role == e.RoleName && w.BankID == e.BankID })
		switch {
		case e.IsSuperAdmin():
		case i < 0:
			err = errors.Join(err, boss.DeleteEntitlement(ctx, u.UserID, e.EntitlementID))
		default:
			wants[i].ID = e.EntitlementID
			wants = slices.Delete(wants, i, i+1)
		}
	}
	for _, want := range wants {
		e, no := boss.CreateEntitlement(ctx, u.UserID, want.Role, want.BankID)
		if no != nil {
			err = errors.Join(err, fmt.Errorf("%s for %s: %w", want.Role, u.Username, no))
		}
		want.ID = e.EntitlementID
	}
	return err
}

// lock locks whom the world wants locked, and unlocks whom an earlier one locked.
func (s *server) lock(ctx context.Context, boss *obp.API, u user) error {
	switch {
	case u.Locked:
		is, err := boss.UserByID(ctx, u.UserID)
		if err == nil && !is.IsLocked {
			_, err = boss.Lock(ctx, u.Username)
		}
		s.locked[u.Username] = true
		return err
	case s.locked[u.Username]: // by the world of an earlier journey, which may have unlocked them
		delete(s.locked, u.Username)
		_, err := boss.Unlock(ctx, u.Username)
		return err
	}
	return nil
}

// unlockAll lets everybody in again, after a journey that broke off.
func (s *server) unlockAll(ctx context.Context) error {
	boss, err := s.boss(ctx)
	for _, u := range played.Users[1:] {
		if err != nil {
			break
		}
		_, err = boss.Unlock(ctx, u.Username)
	}
	clear(s.locked)
	return err
}

// ask leaves the world's requests open and no other of its people.
func (s *server) ask(ctx context.Context, boss *obp.API, w world) error {
	open, err := boss.EntitlementRequests(ctx)
	if err != nil {
		return err
	}
	for _, q := range open {
		if s.ours(q.User.UserID) {
			if _, err := boss.DeleteEntitlementRequest(ctx, q.EntitlementRequestID); err != nil {
				return err
			}
		}
	}
	var last time.Time
	for i := range w.Requests {
		q := &w.Requests[i]
		k := slices.IndexFunc(w.Users, func(u user) bool { return u.UserID == q.UserID })
		if k < 0 {
			return fmt.Errorf("a request is of %s, who is not in this world", q.UserID)
		}
		api, err := s.as(ctx, w.Users[k].Username)
		if err != nil {
			return err
		}
		made, err := s.askAfter(ctx, boss, api, *q, last, w.ordered)
		if err != nil {
			return fmt.Errorf("%s asks for %s: %w", w.Users[k].Username, q.Role, err)
		}
		for _, p := range w.tracked {
			if *p == q.ID {
				*p = made.EntitlementRequestID
			}
		}
		q.ID, q.Created, last = made.EntitlementRequestID, made.Created, made.Created
	}
	return nil
}

// askAfter asks for a role; when the order matters, again until OBP's clock,
// which tells whole seconds, tells a later one.
func (s *server) askAfter(ctx context.Context, boss, api *obp.API, q request, last time.Time, ordered bool) (obp.EntitlementRequest, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		made, err := api.CreateEntitlementRequest(ctx, q.Role, q.BankID)
		if err != nil || !ordered || made.Created.After(last) {
			return made, err
		}
		if time.Now().After(end) {
			return made, errors.New("the server's clock stands")
		}
		if _, err := boss.DeleteEntitlementRequest(ctx, made.EntitlementRequestID); err != nil {
			return made, err
		}
	}
}

// now reads the state of a world's people, as the stand-in tells its own.
func (s *server) now(ctx context.Context, w world) (out world, err error) {
	boss, err := s.boss(ctx)
	if err != nil {
		return out, err
	}
	out.Users = slices.Clone(w.Users)
	for i, u := range w.Users {
		if is, err := boss.UserByID(ctx, u.UserID); err == nil {
			out.Users[i].Locked, out.Users[i].Deleted = is.IsLocked, is.Deleted()
		} else if obp.KindOf(err) != obp.KindNotFound {
			return out, err
		}
		list, err := boss.UserEntitlements(ctx, u.UserID)
		if err != nil {
			return out, err
		}
		for _, e := range list {
			out.Entitlements = append(out.Entitlements, entitlement{ID: e.EntitlementID, Role: e.RoleName, BankID: e.BankID, UserID: u.UserID})
		}
	}
	open, err := boss.EntitlementRequests(ctx)
	for _, q := range open {
		out.Requests = append(out.Requests, request{ID: q.EntitlementRequestID, Role: q.RoleName, BankID: q.BankID, UserID: q.User.UserID, Created: q.Created})
	}
	return out, err
}
