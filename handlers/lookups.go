package handlers

import (
	"context"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"

	"obpconsole/obp"
	"obpconsole/session/journal"
)

// common holds what every operator sees the same, and which needs no role:
// the banks and the roles that OBP knows. It is asked for again after a while.
type common struct {
	banks *expirable.LRU[string, []obp.Bank]
	roles *expirable.LRU[string, []obp.Role]
	once  singleflight.Group
}

const commonFor = 5 * time.Minute

func newCommon() *common {
	return &common{banks: expirable.NewLRU[string, []obp.Bank](1, nil, commonFor), roles: expirable.NewLRU[string, []obp.Role](1, nil, commonFor)}
}

func cached[T any](ctx context.Context, k *common, store *expirable.LRU[string, T], name string, ask func(context.Context) (T, error)) (T, error) {
	if v, ok := store.Get(name); ok {
		return v, nil
	}
	v, err, _ := k.once.Do(name, func() (any, error) {
		v, err := ask(ctx)
		if err == nil {
			store.Add(name, v)
		}
		return v, err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return v.(T), nil
}

// banks gives the banks: GET /banks, no role.
func (s *Server) banks(_ context.Context, c *caller) ([]obp.Bank, error) { return c.banks() }

// allRoles gives the roles that OBP knows: GET /roles, no role.
func (s *Server) allRoles(ctx context.Context, c *caller) ([]obp.Role, error) {
	return cached(ctx, s.common, s.common.roles, "roles", c.api.Roles)
}

// names gives the banks' names; a failure leaves the ids to stand for them.
func (s *Server) names(ctx context.Context, c *caller) bankNames {
	list, err := s.banks(ctx, c)
	if err != nil {
		s.Log.WarnContext(ctx, "banks cannot be read", "error", err)
	}
	out := bankNames{}
	for _, b := range list {
		if b.FullName != "" {
			out[b.ID] = b.FullName
		}
	}
	return out
}

// namesInJournal gives the user name of each user id as the newest act has it
// that these rights open; empty for whom none of them names.
func (s *Server) namesInJournal(ctx context.Context, c *caller, ids []string, rights journal.Rights) (map[string]string, error) {
	names := map[string]string{c.me.UserID: c.me.Username}
	for _, id := range ids {
		if _, done := names[id]; done || id == "" {
			continue
		}
		p, err := s.Journal.Search(ctx, journal.Filter{Anyone: id, Rights: rights, Limit: 1})
		if err != nil {
			return nil, err
		}
		names[id] = ""
		for _, act := range p.Rows {
			for _, who := range []journal.Party{act.Entry.Operator, act.Entry.Person} {
				if who.UserID == id {
					names[id] = who.Username
				}
			}
		}
	}
	return names, nil
}
