package obp

import (
	"testing"
	"time"
)

// Oneself, people and locks, as a real server answered.
func TestRecordedPeople(t *testing.T) {
	at1 := time.Date(2026, 11, 23, 23, 36, 9, 0, time.UTC)
	play(t, []recording{
		{"current user", recorded(t, "01-session", "200 GET /users/current"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.CurrentUser(ctx)
				return then(u, err, func(u User) any { return []any{u.UserID, u.Email, len(u.Views.List), u.Views.List[1]} })
			}, []any{felix, "felix_smith@example.com", 10, Access{bank1, acc1, "owner"}}, 0},
		{"bad token", recorded(t, "01-session", "400 GET /users/current"),
			func(a *API, ctx ctx) (any, error) { return a.CurrentUser(ctx) }, nil, KindSignedOut},
		{"current id", recorded(t, "01-session", "GET /users/current/user_id"),
			func(a *API, ctx ctx) (any, error) { return a.CurrentUserID(ctx) }, felix, 0},
		{"logout link", recorded(t, "01-session", "GET /users/current/logout-link"),
			func(a *API, ctx ctx) (any, error) { return a.LogoutLink(ctx) }, local + "/user_mgt/logout", 0},
		{"no spaces", recorded(t, "01-session", "GET /my/spaces"),
			func(a *API, ctx ctx) (any, error) { return a.MySpaces(ctx) }, []string{}, 0},
		{"root", recorded(t, "01-session", "GET /root"),
			func(a *API, ctx ctx) (any, error) {
				r, err := a.Root(ctx)
				return then(r, err, func(r Root) any {
					return []string{r.Version, r.VersionStatus, r.LocalIdentityProvider, r.HostedBy.Organisation}
				})
			}, []string{"v5.0.0", "STABLE", local, "TESOBE"}, 0},
		{"banks", recorded(t, "01-session", "GET /banks"),
			func(a *API, ctx ctx) (any, error) {
				b, err := a.Banks(ctx)
				return then(b, err, func(b []Bank) any { return b[:1] })
			}, []Bank{{ID: "obp.default", ShortName: "OBP", FullName: "OBP_DEFAULT_BANK",
				Routings: []Routing{{"OBP", "obp1"}}, Attributes: []BankAttribute{}}}, 0},
		{"bank, with bank_code", recorded(t, "01-session", "GET /banks/rec.bank.one"),
			func(a *API, ctx ctx) (any, error) { return a.Bank(ctx, bank1) },
			Bank{ID: bank1, ShortName: "RB1", FullName: "Recorded Bank One", Logo: "https://static.example.com/logo.png", Website: "https://www.example.com",
				Routings: []Routing{{"BIC", ""}, {"OBP", bank1}}, Attributes: []BankAttribute{}}, 0},
		{"no bank", recorded(t, "01-session", "GET /banks/no.such.bank"),
			func(a *API, ctx ctx) (any, error) { return a.Bank(ctx, "no.such.bank") }, nil, KindNotFound},

		{"user by id", recorded(t, "02-users", "GET /users/user_id/"+felix),
			func(a *API, ctx ctx) (any, error) { return a.UserByID(ctx, felix) },
			User{UserID: felix, Email: "felix_smith@example.com", ProviderID: "felix.smith", Provider: local, Username: "felix.smith",
				Entitlements: EntitlementList{[]Entitlement{}}, Agreements: []Agreement{}}, 0},
		{"no user by id, as 400", recorded(t, "02-users", "GET /users/user_id/"+nobody),
			func(a *API, ctx ctx) (any, error) { return a.UserByID(ctx, nobody) }, nil, KindNotFound},
		{"user by name", recorded(t, "02-users", "GET /users/username/o.brien%40example.com"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserByUsername(ctx, "o.brien@example.com")
				return u.Username, err
			}, "o.brien@example.com", 0},
		{"no user by name", recorded(t, "02-users", "GET /users/username/no.such.user"),
			func(a *API, ctx ctx) (any, error) { return a.UserByUsername(ctx, "no.such.user") }, nil, KindNotFound},
		{"users by e-mail", recorded(t, "02-users", "GET /users/email/felix_smith%40example.com/terminator"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UsersByEmail(ctx, "felix_smith@example.com")
				return ids(u), err
			}, []string{felix}, 0},
		{"nobody by e-mail", recorded(t, "02-users", "GET /users/email/nobody%40example.com/terminator"),
			func(a *API, ctx ctx) (any, error) { return a.UsersByEmail(ctx, "nobody@example.com") }, []User{}, 0},
		{"users without the role", at(0, "/users?limit=51&offset=0", recorded(t, "02-users", "403 GET /users")),
			func(a *API, ctx ctx) (any, error) { return a.Users(ctx, UserQuery{}) }, nil, KindMissingRole},
		{"deleted users", at(1, "/users?is_deleted=true&limit=11&offset=0", recorded(t, "02-users", "GET /users?is_deleted=true", "GET /users?is_deleted=true"))[1:],
			func(a *API, ctx ctx) (any, error) {
				p, err := a.Users(ctx, UserQuery{Deleted: true, Limit: 10})
				return then(p, err, func(p Page[User]) any {
					return []any{ids(p.Rows), p.Rows[0].Deleted(), p.More}
				})
			}, []any{[]string{"id-greta"}, true, false}, 0},
		{"create user", recorded(t, "02-users", "POST /users"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.CreateUser(ctx, NewUser{"greta@example.com", "greta.green", "Str0ng!Passw0rd", "Greta", "Green"})
				return u.Username, err
			}, "greta.green", 0},
		{"refresh", recorded(t, "02-users", "POST /users/"+felix+"/refresh"),
			func(a *API, ctx ctx) (any, error) { return a.RefreshUser(ctx, felix) }, "23 ms", 0},
		{"refresh nobody", recorded(t, "02-users", "POST /users/"+nobody+"/refresh"),
			func(a *API, ctx ctx) (any, error) { return a.RefreshUser(ctx, nobody) }, nil, KindNotFound},
		{"delete nobody", recorded(t, "02-users", "DELETE /users/"+nobody),
			func(a *API, ctx ctx) (any, error) { return a.DeleteUser(ctx, nobody) }, nil, KindNotFound},

		{"lock status", recorded(t, "03-locks", "GET /users/felix.smith/lock-status"),
			func(a *API, ctx ctx) (any, error) { return a.LockStatus(ctx, "felix.smith") }, LockStatus{"felix.smith", 0, at1}, 0},
		{"lock without the role", recorded(t, "03-locks", "403 POST /users/felix.smith/locks"),
			func(a *API, ctx ctx) (any, error) { return a.Lock(ctx, "felix.smith") }, nil, KindMissingRole},
		{"unlock nobody", recorded(t, "03-locks", "404 PUT /users/no.such.user/lock-status"),
			func(a *API, ctx ctx) (any, error) { return a.Unlock(ctx, "no.such.user") }, nil, KindNotFound},
	})
}
