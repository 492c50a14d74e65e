package obp_test

import (
	"net/url"
	"slices"
	"strings"

	"obpconsole/obp"
)

// oneself asks for the server and what it shows everybody of themselves.
func (l *live) oneself(susan, nora, felix *obp.API) {
	ctx, bank, felixID, felixName := l.t.Context(), l.bank, l.ids[felixAt], l.names[felixAt]
	root, err := nora.Root(ctx)
	l.ok(err)
	l.true(root.LocalIdentityProvider == l.world.Provider, root)
	for range 2 { // the second time by ETag
		banks, err := nora.Banks(ctx)
		l.ok(err)
		l.true(slices.ContainsFunc(banks, func(b obp.Bank) bool { return b.ID == bank && b.ShortName == l.short }), banks)
		roles, err := nora.Roles(ctx)
		l.ok(err)
		l.true(slices.Contains(roles, obp.Role{Name: "CanGetAnyUser"}), len(roles))
	}
	b, err := nora.Bank(ctx, bank)
	l.ok(err)
	l.true(b.ShortName == l.short, b)
	_, err = nora.Bank(ctx, "no.such.bank")
	l.kind(err, obp.KindNotFound)
	me, err := felix.CurrentUser(ctx)
	l.ok(err)
	l.true(me.UserID == felixID && len(me.Views.List) > 0, me)
	id, err := felix.CurrentUserID(ctx)
	l.ok(err)
	l.true(id == felixID, id)
	link, err := felix.LogoutLink(ctx)
	l.ok(err)
	l.true(strings.HasPrefix(link, "http"), link)
	spaces, err := susan.MySpaces(ctx)
	l.ok(err)
	l.true(slices.Contains(spaces, bank), spaces)
	_, err = l.client.As(obp.Credential{Scheme: "DirectLogin", Token: "not.a.token"}).CurrentUserID(ctx)
	l.kind(err, obp.KindSignedOut)
	_, err = l.client.SignIn(ctx, felixName, "wrong-password")
	l.kind(err, obp.KindCredentials)
	_, err = l.client.SignIn(ctx, felixName, l.world.Users[felixAt].Password) // a success takes the failure back
	l.ok(err)
}

// people finds people, and gives felix.
func (l *live) people(henry, nora *obp.API) obp.User {
	ctx, felixID, felixName := l.t.Context(), l.ids[felixAt], l.names[felixAt]
	var walked []string
	for u, err := range henry.AllUsers(ctx, obp.UserQuery{}) {
		l.ok(err)
		walked = append(walked, u.UserID)
	}
	for i, id := range l.ids {
		l.true(slices.Contains(walked, id), l.names[i])
		u, err := henry.UserByUsername(ctx, l.names[i])
		l.ok(err)
		l.true(u.UserID == id, u)
	}
	page, err := henry.Users(ctx, obp.UserQuery{Limit: 3})
	l.ok(err)
	l.true(len(page.Rows) == 3 && page.More, page)
	u, err := henry.UserByID(ctx, felixID)
	l.ok(err)
	l.true(u.Username == felixName, u)
	_, err = henry.UserByID(ctx, nobody)
	l.kind(err, obp.KindNotFound)
	found, err := henry.UsersByEmail(ctx, u.Email)
	l.ok(err)
	l.true(len(found) == 1, found)
	found, err = henry.UsersByEmail(ctx, "nobody@example.com")
	l.true(err == nil && found != nil && len(found) == 0, found, err)
	_, err = nora.Users(ctx, obp.UserQuery{})
	l.kind(err, obp.KindMissingRole)
	return u
}

func (l *live) locks(henry, nora, felix *obp.API) {
	ctx, felixID, felixName := l.t.Context(), l.ids[felixAt], l.names[felixAt]
	locked, err := henry.Lock(ctx, felixName)
	l.ok(err)
	l.true(locked.Locked && locked.Unread == nil, locked)
	status, err := henry.LockStatus(ctx, felixName)
	l.ok(err)
	l.true(status.FailedAttempts == 0, status)
	scan, err := henry.UsersByLock(ctx, true, obp.UserQuery{})
	l.ok(err)
	l.true(scan.End && slices.ContainsFunc(scan.Rows, func(u obp.User) bool { return u.UserID == felixID }), scan)
	_, err = felix.CurrentUserID(ctx)
	l.kind(err, obp.KindLocked)
	unlocked, err := henry.Unlock(ctx, felixName)
	l.ok(err)
	l.true(!unlocked.Locked && unlocked.Unread == nil, unlocked)
	_, err = nora.Lock(ctx, felixName)
	l.kind(err, obp.KindMissingRole)
	_, err = nora.Unlock(ctx, "no.such.user")
	l.kind(err, obp.KindNotFound)
}

// life makes a person, gives felix, who is u, a reset link, and deletes the person.
func (l *live) life(henry, nora, carl *obp.API, u obp.User) {
	ctx, felixID, felixName, tester := l.t.Context(), u.UserID, u.Username, fresh("live.")
	_, err := nora.CreateUser(ctx, obp.NewUser{Email: tester + "@example.com", Username: tester, Password: "Str0ng!Passw0rd", FirstName: "Live", LastName: "Tester"})
	l.ok(err)
	made, err := henry.UserByUsername(ctx, tester)
	l.ok(err)
	_, err = nora.CreateUser(ctx, obp.NewUser{Email: tester + "@example.com", Username: tester, Password: "Str0ng!Passw0rd", FirstName: "Live", LastName: "Tester"})
	l.kind(err, obp.KindExists)
	took, err := henry.RefreshUser(ctx, felixID)
	l.ok(err)
	l.true(strings.HasSuffix(took, "ms"), took)
	portal, err := url.Parse(l.world.Settings.Portal)
	l.ok(err)
	reset, err := henry.CreateResetURL(ctx, felixName, u.Email, felixID, []string{portal.Host})
	l.ok(err)
	l.true(strings.Contains(reset, portal.Host), "a link to another host")
	_, err = henry.CreateResetURL(ctx, felixName, "other@example.com", felixID, []string{portal.Host})
	l.kind(err, obp.KindNotFound)
	_, err = henry.CreateResetURL(ctx, felixName, u.Email, felixID, []string{"obp.example.com"})
	l.kind(err, obp.KindJunk)
	gone, err := carl.DeleteUser(ctx, made.UserID)
	l.ok(err)
	l.true(!gone.Invitation && gone.Unread == nil && gone.User.Deleted(), gone)
	deleted, err := henry.Users(ctx, obp.UserQuery{Deleted: true})
	l.ok(err)
	l.true(slices.ContainsFunc(deleted.Rows, func(u obp.User) bool { return u.UserID == made.UserID }), deleted)
}
