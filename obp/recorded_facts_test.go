package obp

import (
	"errors"
	"testing"
	"time"
)

// Auth contexts, attributes, and the calls beside the 50, as a real server answered.
func TestRecordedFacts(t *testing.T) {
	play(t, []recording{
		{"create auth context", recorded(t, "08-auth-contexts", "POST /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.CreateAuthContext(ctx, felix, "CUSTOMER_NUMBER", "C-0001")
				return then(c, err, func(c AuthContext) any { return []string{c.ID, c.UserID, c.Key, c.Value} })
			}, []string{"id-a1", felix, "CUSTOMER_NUMBER", "C-0001"}, 0},
		{"auth contexts", recorded(t, "08-auth-contexts", "GET /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { l, err := a.AuthContexts(ctx, felix); return ids(l), err },
			[]string{"id-a1", "id-a2"}, 0},
		{"auth contexts of nobody", recorded(t, "08-auth-contexts", "GET /users/"+nobody+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return a.AuthContexts(ctx, nobody) }, nil, KindNotFound},
		{"delete auth context", recorded(t, "08-auth-contexts", "GET /users/"+felix+"/auth-context", "DELETE /users/"+felix+"/auth-context/id-a2"),
			func(a *API, ctx ctx) (any, error) {
				own, err := a.AuthContexts(ctx, felix)
				return nil, errors.Join(err, a.DeleteAuthContext(ctx, felix, own, "id-a2"))
			}, nil, 0},
		{"auth contexts without the role", recorded(t, "08-auth-contexts", "403 GET /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return a.AuthContexts(ctx, felix) }, nil, KindMissingRole},
		{"delete auth contexts", recorded(t, "08-auth-contexts", "DELETE /users/"+felix+"/auth-context"),
			func(a *API, ctx ctx) (any, error) { return nil, a.DeleteAuthContexts(ctx, felix) }, nil, 0},
		{"start a challenge", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/SMS"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.StartChallenge(ctx, bank1, SCASMS, "CUSTOMER_NUMBER", "C-0001")
				return then(c, err, func(c Challenge) any { return []any{c.ID, c.Status} })
			}, []any{"id-u1", ChallengeInitiated}, 0},
		{"wrong answer, as 200", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/id-u1/challenge"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.AnswerChallenge(ctx, bank1, "id-u1", "00000000")
				return c.Status, err
			}, ChallengeRejected, 0},
		{"right answer", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/id-u2/challenge"),
			func(a *API, ctx ctx) (any, error) {
				c, err := a.AnswerChallenge(ctx, bank1, "id-u2", "id-otp2")
				return c.Status, err
			}, ChallengeAccepted, 0},
		{"answer to no challenge", recorded(t, "08-auth-contexts", "POST /banks/rec.bank.one/users/current/auth-context-updates/"+nobody+"/challenge"),
			func(a *API, ctx ctx) (any, error) { return a.AnswerChallenge(ctx, bank1, nobody, "1") }, nil, KindNotFound},

		{"my attributes", recorded(t, "09-attributes", "GET /my/user/attributes", "GET /my/user/attributes")[1:],
			func(a *API, ctx ctx) (any, error) { l, err := a.MyAttributes(ctx); return ids(l), err }, []string{"id-t2", "id-t1"}, 0},
		{"create attribute", recorded(t, "09-attributes", "201 POST /my/user/attributes"),
			func(a *API, ctx ctx) (any, error) {
				return a.CreateMyAttribute(ctx, "BATTERY_LEVEL", AttributeString, "90")
			}, Attribute{"id-t1", "BATTERY_LEVEL", AttributeString, "90", time.Date(2026, 11, 23, 23, 36, 36, 0, time.UTC)}, 0},
		{"update attribute", append(recorded(t, "09-attributes", "GET /my/user/attributes", "GET /my/user/attributes")[1:], recorded(t, "09-attributes", "PUT /my/user/attributes/id-t1")...),
			func(a *API, ctx ctx) (any, error) {
				own, err := a.MyAttributes(ctx)
				v, err2 := a.UpdateMyAttribute(ctx, own, "id-t1", "BATTERY_LEVEL", AttributeString, "12")
				return v.Value, errors.Join(err, err2)
			}, "12", 0},
		{"update another's attribute", recorded(t, "09-attributes", "GET /my/user/attributes"),
			func(a *API, ctx ctx) (any, error) {
				own, err := a.MyAttributes(ctx)
				v, err2 := a.UpdateMyAttribute(ctx, own, nobody, "X", AttributeString, "1")
				return v, errors.Join(err, err2)
			}, nil, KindNotFound},
		{"attributes of a person", recorded(t, "09-attributes", "GET /users/"+felix+"/attributes"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserAttributes(ctx, felix)
				return then(u, err, func(u UserWithAttributes) any { return []any{u.Username, ids(u.Attributes)} })
			}, []any{"felix.smith", []string{"id-t2", "id-t1"}}, 0},
		{"attributes of nobody, as 400", recorded(t, "09-attributes", "GET /users/"+nobody+"/attributes"),
			func(a *API, ctx ctx) (any, error) { return a.UserAttributes(ctx, nobody) }, nil, KindNotFound},

		{"system views", recorded(t, "10-supporting", "GET /system-views-ids"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.SystemViewIDs(ctx)
				return then(l, err, func(l []string) any { return l[:2] })
			}, []string{"owner", "auditor"}, 0},
		{"system view", recorded(t, "10-supporting", "GET /system-views/auditor"),
			func(a *API, ctx ctx) (any, error) { v, err := a.SystemView(ctx, "auditor"); return v.MetadataView, err }, "auditor", 0},
		{"no system view, as 400", recorded(t, "10-supporting", "GET /system-views/nosuchview"),
			func(a *API, ctx ctx) (any, error) { return a.SystemView(ctx, "nosuchview") }, nil, KindNotFound},
		{"private accounts", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts/private"),
			func(a *API, ctx ctx) (any, error) { l, err := a.PrivateAccounts(ctx, bank1); return ids(l), err }, []string{acc1, "acc-felix-2"}, 0},
		{"accounts held", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts-held"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.AccountsHeld(ctx, bank1)
				return then(l, err, func(l []Account) any { return l[0].Number })
			}, "7019698864", 0},
		{"firehose", recorded(t, "10-supporting", "GET /banks/rec.bank.one/firehose/accounts/views/firehose"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.FirehoseAccounts(ctx, bank1, "firehose")
				return then(l, err, func(l []AccountDetail) any { return []any{l[0].Number, l[0].Owners[0].DisplayName} })
			}, []any{"", "Recorded Bank One"}, 0},
		{"account by view", recorded(t, "10-supporting", "GET /banks/rec.bank.one/accounts/acc-felix-1/owner/account"),
			func(a *API, ctx ctx) (any, error) {
				d, err := a.AccountByView(ctx, bank1, acc1, "owner")
				return then(d, err, func(d AccountDetail) any { return []any{d.Owners, len(d.Views)} })
			}, []any{[]AccountUser{{"felix.smith", local, "felix.smith"}}, 5}, 0},
		{"account by a view not held", recorded(t, "10-supporting", "403 GET /banks/rec.bank.one/accounts/acc-felix-1/owner/account"),
			func(a *API, ctx ctx) (any, error) { return a.AccountByView(ctx, bank1, acc1, "owner") }, nil, KindNoView},
		{"my customers at a bank", recorded(t, "10-supporting", "GET /banks/rec.bank.one/my/customers"),
			func(a *API, ctx ctx) (any, error) { l, err := a.MyBankCustomers(ctx, bank1); return ids(l), err }, []string{felixC}, 0},
		{"accounts of a customer", recorded(t, "10-supporting", "GET /customers/"+felixC+"/accounts-minimal"),
			func(a *API, ctx ctx) (any, error) {
				l, err := a.CustomerAccounts(ctx, felixC)
				return then(l, err, func(l []Access) any { return l[0] })
			}, Access{bank1, acc1, "ManageCustomViews"}, 0},

		{"newer: access", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+nora+"/account-access"),
			func(a *API, ctx ctx) (any, error) { return a.UserAccess(ctx, nora) }, []Access{}, 0},
		{"newer: access of nobody", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+nobody+"/account-access"),
			func(a *API, ctx ctx) (any, error) { return a.UserAccess(ctx, nobody) }, nil, KindNotFound},
		{"newer: user with access", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+felix+"/entitlements-and-permissions"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserWithAccess(ctx, felix)
				return len(u.Views.List), err
			}, 10, 0},
		{"newer: user by provider", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/provider/http%3A%2F%2F127.0.0.1%3A8090/username/felix.smith"),
			func(a *API, ctx ctx) (any, error) {
				u, err := a.UserByProvider(ctx, local, "felix.smith")
				return u.UserID, err
			}, felix, 0},
		{"newer: lock status", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/http%3A%2F%2F127.0.0.1%3A8090/felix.smith/lock-status"),
			func(a *API, ctx ctx) (any, error) {
				s, err := a.LockStatusByProvider(ctx, local, "felix.smith")
				return s.Username, err
			}, "felix.smith", 0},
		{"newer: attributes", recorded(t, "11-newer-version", "GET /obp/v5.1.0/users/"+felix+"/non-personal/attributes"),
			func(a *API, ctx ctx) (any, error) { return a.NonPersonalAttributes(ctx, felix) }, []Attribute{}, 0},
		{"newer: served", recorded(t, "11-newer-version", "GET /obp/v5.1.0/root"),
			func(a *API, ctx ctx) (any, error) { return a.Newer(ctx) }, true, 0},
		{"newer: not served", at(0, "/obp/v5.1.0/root", recorded(t, "11-newer-version", "GET /obp/v9.9.9/root")),
			func(a *API, ctx ctx) (any, error) { return a.Newer(ctx) }, false, 0},
	})
}
