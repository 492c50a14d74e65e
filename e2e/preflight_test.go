package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"obpconsole/obp"
)

// preflight says in words what the server lacks for the journeys, before the
// first of them. It changes nothing but the super admin's tools.
func (s *server) preflight(ctx context.Context) (missing []string) {
	lacks := func(format string, args ...any) { missing = append(missing, fmt.Sprintf(format, args...)) }
	look, err := s.client.Look(ctx)
	if err != nil {
		lacks("it does not answer as OBP v5.0.0: %v ('console doctor' tells more)", err)
		return missing
	}
	s.root = look.Root
	if v := look.Root.Version; strings.TrimPrefix(v, "v") != "5.0.0" {
		lacks("its version is %s; the journeys are for v5.0.0", v)
	}
	if look.Dated && look.Ahead.Abs() > time.Minute {
		lacks("its clock is %s off", look.Ahead.Round(time.Second))
	}
	if p := look.Root.LocalIdentityProvider; p != "" && p != played.Provider {
		lacks("its people are of the provider %s; the world file says %s", p, played.Provider)
	}
	for _, u := range played.Users[:10] {
		api, err := s.as(ctx, u.Username)
		switch kind := obp.KindOf(err); {
		case kind == obp.KindConsumerKey:
			lacks("it does not take the consumer key: set OBP_TEST_CONSUMER_KEY, or consumer_key in the world file")
			return missing
		case kind == obp.KindCredentials:
			lacks("%s cannot sign in: there is no such person, the password is not that of the world file, or the e-mail is not validated", u.Username)
			continue
		case kind == obp.KindLocked:
			lacks("%s is locked", u.Username)
			continue
		case err != nil:
			lacks("%v", err)
			continue
		}
		if id, err := api.CurrentUserID(ctx); err != nil || id != u.UserID {
			lacks("%s has the id %s there; the world file says %s (%v)", u.Username, id, u.UserID, err)
		}
	}
	if s.in[susan] == nil {
		return missing
	}
	s.preflightBanks(ctx, lacks)
	if err := s.preflightTools(ctx, lacks); err != nil {
		lacks("%s must be a super admin: put %s into super_admin_user_ids (%v)", susan, played.Users[0].UserID, err)
	}
	return missing
}

func (s *server) preflightBanks(ctx context.Context, lacks func(string, ...any)) {
	banks, err := s.in[susan].Banks(ctx)
	if err != nil {
		lacks("its banks cannot be read: %v", err)
		return
	}
	for _, want := range []string{bankOne, bankTwo} {
		i := slices.IndexFunc(banks, func(b obp.Bank) bool { return b.ID == want })
		if i < 0 {
			lacks("it has no bank %s", want)
		} else if name := played.bank(want).FullName; banks[i].FullName != name {
			lacks("its bank %s is called %q; the world file says %q", want, banks[i].FullName, name)
		}
	}
}

// preflightTools takes the tools for a look, and gives them back.
func (s *server) preflightTools(ctx context.Context, lacks func(string, ...any)) error {
	boss := s.in[susan]
	before, err := boss.MyEntitlements(ctx)
	if err != nil {
		return err
	}
	if err := s.takeTools(ctx); err != nil {
		return err
	}
	switch on, err := boss.ResetLinks(ctx); {
	case err != nil:
		lacks("whether it makes reset links cannot be seen: %v", err)
	case !on:
		lacks("it makes no reset links: set ResetPasswordUrlEnabled=true in its properties")
	}
	open, err := boss.EntitlementRequests(ctx)
	if err != nil {
		lacks("its open requests cannot be read: %v", err)
	}
	others := 0
	for _, q := range open {
		if !s.ours(q.User.UserID) {
			others++
		}
	}
	if others > 0 {
		lacks("%d open requests are of people who are not in the world file: the journeys count the queue; decide them first", others)
	}
	return s.dropTools(ctx, before)
}

// tells describes the server in the report.
func (s *server) tells() string {
	return fmt.Sprintf("Server %s: OBP API %s, commit %s. World file: %s. %s.", s.url, s.root.Version, s.root.GitCommit, worldFile, time.Now().UTC().Format("2006-01-02 15:04 UTC"))
}
