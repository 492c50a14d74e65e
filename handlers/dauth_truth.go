package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// dauthSeen are the roles that a DAuth user was to get: by them a lost answer
// is found out.
type dauthSeen struct {
	Roles []obp.RoleAtBank `json:"dauth_roles"`
}

// dauthHeld reads which of the wanted roles a DAuth user holds: none when OBP
// does not know them.
func dauthHeld(ctx context.Context, c *caller, provider, username string, want []obp.RoleAtBank) ([]obp.Entitlement, error) {
	u, _, err := dauthUser(ctx, c, provider, username)
	var held []obp.Entitlement
	for _, x := range want {
		at := slices.IndexFunc(u.Entitlements.List, func(e obp.Entitlement) bool { return e.RoleName == x.RoleName && e.BankID == x.BankID })
		if at >= 0 {
			held = append(held, u.Entitlements.List[at])
		}
	}
	return held, err
}

// dauthTruth reads whether a DAuth user got the roles.
func dauthTruth(ctx context.Context, c *caller, e journal.Entry) (string, error) {
	var want dauthSeen
	if json.Unmarshal(e.Seen, &want) != nil {
		return neverKnown, nil
	}
	held, err := dauthHeld(ctx, c, e.Person.Provider, e.Person.Username, want.Roles)
	if errors.Is(err, errNotAsked) {
		return neverKnown, nil
	}
	return share(len(held), len(want.Roles)), err
}
