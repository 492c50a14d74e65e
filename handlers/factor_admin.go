package handlers

import (
	"context"
	"errors"

	"obpconsole/session"
	"obpconsole/web/templates"
)

// factorRows lists whose second factor an administrator may reset.
func (s *Server) factorRows(ctx context.Context, c *caller) ([]templates.FactorRow, error) {
	list, err := s.Sessions.Factors(ctx)
	var out []templates.FactorRow
	for _, f := range list {
		row := templates.FactorRow{Person: templates.Person{UserID: f.UserID, Username: f.Username, Href: templates.User(f.UserID)}, Since: c.when(f.Since), Broken: f.Unreadable}
		if f.UserID != c.me.UserID {
			row.Reset = templates.ResetFactor(f.UserID)
		}
		out = append(out, row)
	}
	return out, err
}

// withFactor finds the person whose factor is to be reset.
func (s *Server) withFactor(ctx context.Context, o *onOperator, userID string) error {
	f, has, err := s.Sessions.Factor(ctx, userID)
	if err != nil && !errors.Is(err, session.ErrFactorUnreadable) {
		return err
	}
	if has {
		o.known, o.person = true, templates.Person{UserID: userID, Username: f.Username}
	}
	return nil
}

// resetFactor takes a person's second factor away and ends their sessions: the
// next sign-in begins without it.
func (s *Server) resetFactor(ctx context.Context, o *onOperator) error {
	if err := s.Sessions.DropFactor(ctx, o.person.UserID); err != nil && !errors.Is(err, session.ErrNoFactor) {
		return err
	}
	return s.Sessions.EndAllOf(ctx, o.person.UserID, "")
}
