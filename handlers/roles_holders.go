package handlers

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
)

// holders are the grants of a role, everywhere when the operator may read all;
// else at the banks of at, whose grants they may read.
type holders struct {
	list []obp.Entitlement
	at   []string // bank ids, none: everywhere
}

// maxHolderBanks is at how many banks a role's holders are looked for.
const maxHolderBanks = 20

// readRoleHolders asks OBP once: GET /entitlements?role=, or, without the role
// for that, once for each bank whose grants the operator seems to be let read:
// GET /banks/{BANK_ID}/entitlements. Without any it is refused as OBP says it.
func (s *Server) readRoleHolders(ctx context.Context, c *caller, role string) (holders, error) {
	var h holders
	for _, r := range c.me.Roles {
		if r.Name == "CanGetEntitlementsForOneBank" && r.BankID != "" && !slices.Contains(h.at, r.BankID) {
			h.at = append(h.at, r.BankID)
		}
	}
	everywhere := c.hint("CanGetEntitlementsForAnyUserAtAnyBank", "")
	if !everywhere && c.hint("CanGetEntitlementsForAnyBank", "") {
		if banks, err := s.banks(ctx, c); err == nil && len(banks) <= maxHolderBanks {
			h.at = nil
			for _, b := range banks {
				h.at = append(h.at, b.ID)
			}
		}
	}
	if everywhere || len(h.at) == 0 {
		list, err := c.api.RoleHolders(ctx, role)
		return holders{list: list}, err
	}
	lists := make([][]obp.Entitlement, len(h.at))
	var g errgroup.Group
	g.SetLimit(4)
	for i, bank := range h.at {
		g.Go(func() (err error) { lists[i], err = c.api.BankEntitlements(ctx, bank); return err })
	}
	err := g.Wait()
	for _, list := range lists {
		h.list = append(h.list, slices.DeleteFunc(list, func(e obp.Entitlement) bool { return e.RoleName != role })...)
	}
	return h, err
}
