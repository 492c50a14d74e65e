package obp

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// CreateUser makes an account: POST /users, no role. KindExists (409): the
// user name is taken at some provider; OBP-30207: the password is too weak;
// any other broken rule is KindInvalid without a text, so check before. OBP
// sends no mail, and the account cannot sign in until it is validated.
func (a *API) CreateUser(ctx context.Context, u NewUser) (User, error) {
	return one[User](ctx, a, post(u, "/users"))
}

// Deletion is what DeleteUser did.
type Deletion struct {
	Invitation bool  // OBP's own answer: an invitation was scrambled as well; false is usual
	User       User  // as read back, under the scrambled name
	Unread     error // why it could not be read back; OBP had said yes
}

// DeleteUser scrambles a person's account and marks it as deleted: DELETE
// /users/{USER_ID}, CanDeleteUser, and CanGetAnyUser to read back. OBP's 200
// false is success. Entitlements, requests, links and access stay. Again is
// success again; nothing stops one from deleting oneself. KindNotFound: no
// such person. KindNotApplied: read back, the person is not deleted.
func (a *API) DeleteUser(ctx context.Context, userID string) (Deletion, error) {
	q := del("/users/{USER_ID}", userID)
	var d Deletion
	var err error
	if d.Invitation, err = a.yes(ctx, q); err != nil {
		return d, err
	}
	if d.User, d.Unread = a.UserByID(ctx, userID); d.Unread == nil && !d.User.IsDeleted {
		return d, q.refuse(KindNotApplied, "OBP answered success, but the person is not deleted")
	}
	return d, nil
}

// RefreshUser reads a person's accounts from the core system again, which adds
// and removes access: POST /users/{USER_ID}/refresh, CanRefreshUser. It gives
// OBP's words for how long that took, such as "23 ms".
func (a *API) RefreshUser(ctx context.Context, userID string) (string, error) {
	d, err := one[duration](ctx, a, post(nil, "/users/{USER_ID}/refresh", userID))
	return strings.TrimSpace(d.Time), err
}

type duration struct {
	Time string `json:"duration_time"`
}

func (d duration) id() string { return d.Time }

// CreateResetURL makes a link with which a person sets a new password, and
// kills the earlier one: POST /management/user/reset-password-url,
// CanCreateResetPasswordUrl. The three must be those of one validated person,
// letter case included; else OBP answers 201 with an empty link, which is
// KindNotFound here. The link's host, with its port when it has one, must be
// among hosts; else it is thrown away (KindJunk). KindSwitchedOff (OBP-50017):
// the server has the feature off. The link is a secret: show it once, keep it
// nowhere.
func (a *API) CreateResetURL(ctx context.Context, username, email, userID string, hosts []string) (string, error) {
	q := post(struct {
		Username string `json:"username"`
		Email    string `json:"email"`
		UserID   string `json:"user_id"`
	}{username, email, userID}, "/management/user/reset-password-url")
	var out struct {
		URL *string `json:"reset_password_url"`
	}
	q.out, q.ok = &out, func() bool { return out.URL != nil }
	if err := a.send(ctx, q); err != nil {
		return "", err
	}
	switch {
	case *out.URL == "":
		e := q.refuse(KindNotFound, "no validated person has this user name, e-mail and id")
		e.Status = http.StatusCreated
		return "", e
	case !a.client.allowedLink(*out.URL, hosts):
		e := q.refuse(KindJunk, "the link leads to a host that is not allowed")
		e.Status = http.StatusCreated
		return "", e
	}
	return *out.URL, nil
}

// allowedLink says whether link is an https address on one of hosts; http is
// allowed where it is for OBP itself.
func (c *Client) allowedLink(link string, hosts []string) bool {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Opaque != "" || u.Hostname() == "" ||
		strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return false
	}
	plain := isLoopback(u.Hostname()) || slices.Contains(c.cfg.AllowHTTP, u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !plain) {
		return false
	}
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, u.Host) })
}
