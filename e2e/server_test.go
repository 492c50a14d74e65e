package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"obpconsole/obp"
)

// far is the OBP server of OBP_TEST_URL, nil when each journey has a stand-in.
var far *server

// server is an OBP server that is not ours: only OBP's own calls reach it.
type server struct {
	url    string
	client *obp.Client
	in     map[string]*obp.API // who is signed in, by user name
	root   obp.Root

	began   bool
	held    map[string][]obp.Entitlement // what people held at first, by user id
	asked   []obp.EntitlementRequest     // what they asked for at first
	started string                       // the journey that runs
	locked  map[string]bool              // whom a journey's world locked
	created []string                     // user names that journeys made
}

// tools are the roles that the super admin takes for the time of the run.
var tools = []string{"CanDeleteEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank", "CanGetEntitlementRequestsAtAnyBank",
	"CanDeleteEntitlementRequestsAtAnyBank", "CanGetAnyUser", "CanLockUser", "CanUnlockUser", "CanReadUserLockedStatus", "CanDeleteUser", "CanCreateResetPasswordUrl",
	"CanCreateUserAuthContext", "CanGetUserAuthContext", "CanDeleteUserAuthContext", "CanCreateUserCustomerLinkAtAnyBank"}

// openServer finds the server of the environment; nil without OBP_TEST_URL.
func openServer() (*server, error) {
	base := os.Getenv("OBP_TEST_URL")
	if base == "" {
		return nil, nil
	}
	client, err := obp.New(obp.Config{BaseURL: base, ConsumerKey: consumerKey, Timeout: time.Minute})
	if err != nil {
		return nil, fmt.Errorf("OBP_TEST_URL: %w", err)
	}
	return &server{url: base, client: client, in: map[string]*obp.API{}, held: map[string][]obp.Entitlement{}, locked: map[string]bool{}}, nil
}

// as signs a person in at OBP, once.
func (s *server) as(ctx context.Context, name string) (*obp.API, error) {
	if s.in[name] == nil {
		cred, err := s.client.SignIn(ctx, name, secretOf(name))
		if err != nil {
			return nil, fmt.Errorf("%s cannot sign in: %w", name, err)
		}
		s.in[name] = s.client.As(cred)
	}
	return s.in[name], nil
}

// boss is the super admin, with the tools.
func (s *server) boss(ctx context.Context) (*obp.API, error) { return s.as(ctx, susan) }

// start runs OBP_TEST_RESET, if there is one, once for each journey.
func (s *server) start(ctx context.Context, journey string) error {
	command := os.Getenv("OBP_TEST_RESET")
	if command == "" || s.started == journey {
		return nil
	}
	s.started = journey
	if out, err := exec.CommandContext(ctx, "sh", "-c", command).CombinedOutput(); err != nil {
		return fmt.Errorf("OBP_TEST_RESET: %w: %s", err, out)
	}
	clear(s.in) // whatever was reset, the tokens may be gone
	clear(s.locked)
	return s.takeTools(ctx)
}

// takeTools gives the super admin the roles that the run needs.
func (s *server) takeTools(ctx context.Context) error {
	boss, err := s.boss(ctx)
	if err != nil {
		return err
	}
	me := played.Users[0].UserID
	for _, role := range tools {
		if _, err := boss.CreateEntitlement(ctx, me, role, ""); err != nil && obp.KindOf(err) != obp.KindAlreadyHeld {
			return fmt.Errorf("%s, the super admin, cannot take the role %s: %w", susan, role, err)
		}
	}
	return nil
}

// begin takes the tools and remembers what everybody holds and asks for.
func (s *server) begin(ctx context.Context) error {
	boss, err := s.boss(ctx)
	if err != nil {
		return err
	}
	if s.held[played.Users[0].UserID], err = boss.MyEntitlements(ctx); err != nil {
		return err
	}
	s.began = true
	if err := s.takeTools(ctx); err != nil {
		return err
	}
	for _, u := range played.Users[1:] {
		if s.held[u.UserID], err = boss.UserEntitlements(ctx, u.UserID); err != nil {
			return err
		}
	}
	open, err := boss.EntitlementRequests(ctx)
	for _, q := range open {
		if s.ours(q.User.UserID) {
			s.asked = append(s.asked, q)
		}
	}
	return err
}

func (s *server) ours(userID string) bool {
	return slices.ContainsFunc(played.Users, func(u user) bool { return u.UserID == userID })
}

// restore puts back what the run found, as far as OBP lets it.
func (s *server) restore(ctx context.Context) error {
	if !s.began {
		return nil
	}
	var w world
	for _, u := range played.Users[1:] {
		w.Users = append(w.Users, u)
		for _, e := range s.held[u.UserID] {
			if !e.IsSuperAdmin() {
				w.Entitlements = append(w.Entitlements, entitlement{Role: e.RoleName, BankID: e.BankID, UserID: u.UserID})
			}
		}
	}
	for _, q := range s.asked {
		w.Requests = append(w.Requests, request{Role: q.RoleName, BankID: q.BankID, UserID: q.User.UserID})
	}
	return errors.Join(s.place(ctx, w), s.clean(ctx), s.dropTools(ctx, s.held[played.Users[0].UserID]))
}

// dropTools takes away what the super admin did not hold before.
func (s *server) dropTools(ctx context.Context, before []obp.Entitlement) error {
	boss, err := s.boss(ctx)
	if err != nil {
		return err
	}
	me := played.Users[0].UserID
	mine, err := boss.MyEntitlements(ctx)
	errs := []error{err}
	slices.SortFunc(mine, func(a, b obp.Entitlement) int {
		return slices.Index(tools, b.RoleName) - slices.Index(tools, a.RoleName)
	}) // the right to take away goes last
	for _, e := range mine {
		had := slices.ContainsFunc(before, func(h obp.Entitlement) bool { return h.RoleName == e.RoleName && h.BankID == e.BankID })
		if !had && !e.IsSuperAdmin() {
			errs = append(errs, boss.DeleteEntitlement(ctx, me, e.EntitlementID))
		}
	}
	return errors.Join(errs...)
}

// clean deletes the people that journeys made.
func (s *server) clean(ctx context.Context) error {
	boss, err := s.boss(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range s.created {
		u, err := boss.UserByUsername(ctx, name)
		if obp.KindOf(err) == obp.KindNotFound {
			continue
		}
		if err == nil && !u.Deleted() {
			_, err = boss.DeleteUser(ctx, u.UserID)
		}
		errs = append(errs, err)
	}
	s.created = nil
	return errors.Join(errs...)
}

// newName is a user name that nobody has had.
func newName(prefix string) string {
	return prefix + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
}

// newcomer adds somebody who is of this journey only, and gives their name.
func (w *world) newcomer(t *testing.T, prefix string) string {
	t.Helper()
	name := newName(prefix)
	u := w.addUser(name)
	if far == nil {
		return name
	}
	ctx := t.Context()
	if err := far.start(ctx, t.Name()); err != nil {
		t.Fatal(err)
	}
	made(t, name)
	boss, err := far.boss(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := boss.CreateUser(ctx, obp.NewUser{Email: name + "@example.com", Username: name, Password: u.Password, FirstName: "New", LastName: "Comer"}); err != nil {
		t.Fatal(err)
	}
	is, err := boss.UserByUsername(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	w.user(name).UserID = is.UserID
	return name
}

// made says that a journey makes a person of this name, who goes with it.
func made(t *testing.T, name string) {
	if far != nil {
		far.created = append(far.created, name)
		t.Cleanup(func() {
			if err := far.clean(context.Background()); err != nil {
				t.Errorf("%s cannot be taken away: %v", name, err)
			}
		})
	}
}
