package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// States of the filter; "" is everybody but the deleted.
var userStates = []string{"locked", "active", "deleted"}

// maxOffset bounds the place in the list that an address can name.
const maxOffset = 100_000_000

// userQuery reads the filter out of the address. What it does not know counts
// as absent.
func userQuery(v url.Values) templates.UserQuery {
	q := templates.UserQuery{State: v.Get("state"), Role: strings.TrimSpace(v.Get("role")), Provider: v.Get("provider"), Name: strings.TrimSpace(v.Get("name"))}
	if !slices.Contains(userStates, q.State) {
		q.State = ""
	}
	q.From, _ = strconv.Atoi(v.Get("from"))
	q.From = min(max(q.From, 0), maxOffset)
	return q
}

// usersRead is what was read of OBP for one page of people.
type usersRead struct {
	rows    []obp.User
	read    int  // rows of OBP's that were looked at
	next    int  // where the next page begins, 0: there is none
	stopped bool // a search by lock went as far as it may
	holders bool // rows are holders of a role, known by name alone
}

// readUsers reads one page in one call, but for people by lock, who are looked
// for page by page, and holders of a role, whom OBP lists all at once.
func (s *Server) readUsers(ctx context.Context, c *caller, q templates.UserQuery, per int) (usersRead, error) {
	switch {
	case q.Role != "":
		return roleHolders(ctx, c.api, q, per)
	case q.State == "locked" || q.State == "active":
		found, err := c.api.UsersByLock(ctx, q.State == "locked", obp.UserQuery{Offset: q.From, Limit: per})
		out := usersRead{rows: found.Rows, read: found.Seen, stopped: found.Stopped}
		if !found.End {
			out.next = found.Next
		}
		return out, err
	}
	p, err := c.api.Users(ctx, obp.UserQuery{Offset: q.From, Limit: per, Deleted: q.State == "deleted"})
	out := usersRead{rows: p.Rows, read: len(p.Rows)}
	if p.More {
		out.next = q.From + per
	}
	return out, err
}

// roleHolders gives the people who hold a role, once each, by user name.
func roleHolders(ctx context.Context, api *obp.API, q templates.UserQuery, per int) (usersRead, error) {
	list, err := api.RoleHolders(ctx, q.Role)
	byID := map[string]*obp.User{}
	var people []*obp.User
	for _, e := range list {
		if e.RoleName != q.Role {
			continue
		}
		u := byID[e.UserID]
		if u == nil {
			u = &obp.User{UserID: e.UserID, Username: e.Username}
			byID[e.UserID] = u
			people = append(people, u)
		}
		u.Entitlements.List = append(u.Entitlements.List, e)
	}
	slices.SortStableFunc(people, func(a, b *obp.User) int {
		return strings.Compare(strings.ToLower(a.Username), strings.ToLower(b.Username))
	})
	out := usersRead{holders: true}
	for i, u := range people {
		if i >= q.From && len(out.rows) < per {
			out.rows = append(out.rows, *u)
		}
	}
	if out.read = len(out.rows); q.From+out.read < len(people) {
		out.next = q.From + out.read
	}
	return out, err
}

// users lists people: one hop, one call.
func (s *Server) users(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := userQuery(r.URL.Query())
	ctx := r.Context()
	var got usersRead
	var err error
	var roles []obp.Role
	var g errgroup.Group
	g.Go(func() error { got, err = s.readUsers(ctx, c, q, s.rows(c)); return nil })
	if q.Role != "" { // its choices are kept; they are asked for when somebody filters by one
		g.Go(func() error { roles, _ = s.allRoles(ctx, c); return nil })
	} else if kept, ok := s.common.roles.Get("roles"); ok {
		roles = kept
	}
	_ = g.Wait()
	if err := firstOver(err); err != nil {
		return err
	}
	u := templates.UsersPage{Query: q, First: q.From + 1, Read: got.read}
	v := view{title: templates.Word("page.users"), section: templates.UsersPattern, canon: templates.Users(q), waiting: -1}
	if err != nil {
		u.Problem = s.problem(r, err)
		v.status = u.Problem.Status
	}
	s.fillUsers(c, &u, got, s.rows(c))
	for _, x := range roles {
		u.Roles = append(u.Roles, templates.Option{Value: x.Name, Text: templates.RoleWords(x.Name).Short})
	}
	v.body = templates.UsersView(u)
	v.parts = map[string]templ.Component{templates.UsersID: templates.UsersList(u)}
	return s.page(w, r, c, v)
}

// fillUsers turns what was read into rows, and says what a filter cannot do.
func (s *Server) fillUsers(c *caller, u *templates.UsersPage, got usersRead, per int) {
	q := u.Query
	providers := map[string]bool{q.Provider: true, c.me.Provider: true}
	for _, x := range got.rows {
		providers[x.Provider] = true
		if !matches(q, x) {
			continue
		}
		row := s.userRow(c, x)
		if got.holders {
			row.State, row.Code = stateBadge(stateUnknown)
		}
		u.Rows = append(u.Rows, row)
	}
	for p := range providers {
		if p != "" {
			u.Providers = append(u.Providers, templates.Option{Value: p, Text: p, Selected: p == q.Provider})
		}
	}
	slices.SortFunc(u.Providers, func(a, b templates.Option) int { return strings.Compare(a.Value, b.Value) })
	for _, st := range userStates {
		u.States = append(u.States, templates.Option{Value: st, Text: templates.Word("users.state_" + st), Selected: st == q.State})
	}
	if got.next > 0 {
		next := q
		next.From = got.next
		u.Next = templates.Users(next)
	}
	if q.From > 0 {
		prev := q
		if prev.From -= per; q.Role == "" && (q.State == "locked" || q.State == "active") {
			prev.From = 0 // how far a search went back there is not known
		}
		prev.From = max(prev.From, 0)
		u.Prev = templates.Users(prev)
	}
	u.Notes = usersNotes(q, got)
}

func usersNotes(q templates.UserQuery, got usersRead) []string {
	var out []string
	switch {
	case got.holders:
		out = append(out, templates.Word("users.note_holders"))
	case q.State == "locked" || q.State == "active":
		out = append(out, templates.WordN("users.note_looked", got.read))
		if got.stopped {
			out = append(out, templates.Word("users.note_stopped"))
		}
	}
	if q.Name != "" || q.Provider != "" {
		out = append(out, templates.WordN("users.note_page", got.read))
	}
	return out
}

// matches applies the filters that OBP does not know.
func matches(q templates.UserQuery, u obp.User) bool {
	return (q.Provider == "" || u.Provider == q.Provider) && (q.Name == "" || contains(u.Username, q.Name) || contains(u.Email, q.Name))
}

var stateTones = map[personState]struct {
	tone templates.Tone
	code string
}{
	stateUnknown: {templates.ToneNeutral, "unknown"}, stateActive: {templates.ToneGood, "active"},
	stateLocked: {templates.ToneBad, "locked"}, stateDeleted: {templates.ToneNeutral, "deleted"},
}

func stateBadge(st personState) (templates.Badge, string) {
	t := stateTones[st]
	return templates.Badge{Tone: t.tone, Text: templates.Word("state." + t.code)}, t.code
}

// userRow is a person in a list, with what can be done about them.
func (s *Server) userRow(c *caller, u obp.User) templates.UserRow {
	p := personView(u)
	row := templates.UserRow{Person: p, Href: templates.UserOf(p), Roles: len(u.Entitlements.List)}
	st := stateOf(u, &u)
	row.State, row.Code = stateBadge(st)
	row.Menu = userMenu(c, p, st)
	return row
}

// userMenu are the acts on a person that can make sense for their state.
func userMenu(c *caller, p templates.Person, st personState) []templates.Link {
	var out []templates.Link
	add := func(key, href string) {
		out = append(out, templates.Link{Text: templates.Word("user.do_" + key), Href: href})
	}
	local := p.Provider == "" || p.Provider == c.me.Provider
	locks := local || c.locks(p.Provider)
	own := p.UserID == c.me.UserID
	if st == stateDeleted {
		return nil
	}
	if locks && st != stateActive {
		add("unlock", templates.Unlock(p))
	}
	if locks && st != stateLocked && !own {
		add("lock", templates.Lock(p))
	}
	if local && !own {
		add("reset", templates.Reset(p))
	}
	add("refresh", templates.Refresh(p))
	if !own {
		add("delete", templates.DeleteUser(p))
	}
	return out
}
