package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// dauthApart tells whether a DAuth user would hold roles of a pair together, by
// what they hold already; where that cannot be read it counts as so. Until
// release nobody else gives them a role of a pair.
func (s *Server) dauthApart(ctx context.Context, c *caller, p templates.DAuthPage, want []obp.RoleAtBank) (release func(), apart bool, err error) {
	var turns []func()
	release = func() {
		for _, end := range slices.Backward(turns) {
			end()
		}
	}
	if !slices.ContainsFunc(want, func(x obp.RoleAtBank) bool { return s.inPair(x.RoleName) }) {
		return release, false, nil
	}
	if !c.me.ServesV510 {
		return release, true, nil
	}
	take := func(userID string) error {
		end, err := s.Journal.TakeTurn(ctx, journal.TurnKey{UserID: userID, Role: apartTurn}, c.party(), newActID(), 4*s.Settings.OBPTimeout)
		var busy *journal.BusyError
		if errors.As(err, &busy) {
			return &httpError{status: http.StatusConflict, key: "busy", err: err}
		}
		if err == nil {
			turns = append(turns, end)
		}
		return err
	}
	if err := take(p.Provider + "/" + p.Username); err != nil { // one who is not known yet has no id
		return release, false, err
	}
	u, err := c.api.UserByProvider(ctx, p.Provider, p.Username)
	switch {
	case obp.KindOf(err) == obp.KindNotFound:
		return release, false, nil
	case err != nil:
		return release, true, firstOver(err)
	}
	if err := take(u.UserID); err != nil {
		return release, false, err
	}
	if u, err = c.api.UserByID(ctx, u.UserID); err != nil {
		return release, true, firstOver(err)
	}
	return release, s.riskyTogether(u, want), nil
}
