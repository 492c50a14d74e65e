package session

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Allowed is the setting SIGN_IN_ALLOWED: who may sign in.
type Allowed struct {
	Anyone      bool
	RoleHolders bool // at least one entitlement
	Usernames   map[string]bool
}

// ParseAllowed reads "anyone", "role-holders", user names, or a list of
// "role-holders" and user names, parted by commas.
func ParseAllowed(s string) (Allowed, error) {
	a := Allowed{Usernames: map[string]bool{}}
	for part := range strings.SplitSeq(s, ",") {
		switch name := strings.TrimSpace(part); name {
		case "":
			return Allowed{}, fmt.Errorf("%q has an empty name; wanted: anyone, role-holders, user names, or role-holders and user names", s)
		case "anyone":
			a.Anyone = true
		case "role-holders":
			a.RoleHolders = true
		default:
			a.Usernames[name] = true
		}
	}
	if a.Anyone && (a.RoleHolders || len(a.Usernames) > 0) {
		return Allowed{}, fmt.Errorf("%q: anyone stands alone", s)
	}
	return a, nil
}

// String gives the setting's form again, names sorted.
func (a Allowed) String() string {
	if a.Anyone {
		return "anyone"
	}
	names := slices.Sorted(maps.Keys(a.Usernames))
	if a.RoleHolders {
		names = append([]string{"role-holders"}, names...)
	}
	return strings.Join(names, ",")
}

// Admits tells whether a person may sign in.
func (a Allowed) Admits(username string, hasEntitlement bool) bool {
	return a.Anyone || a.RoleHolders && hasEntitlement || a.Usernames[username]
}

// LocalPath gives next when it is one path of this host (with its query), else
// "/". Anything a browser or a header could read otherwise is refused.
func LocalPath(next string) string {
	low := strings.ToLower(next)
	if len(next) > 2048 || !strings.HasPrefix(next, "/") || strings.ContainsAny(next, "\\") ||
		strings.HasPrefix(low, "/%2f") || strings.Contains(low, "%5c") {
		return "/"
	}
	plain, err := url.PathUnescape(next)
	if err != nil || strings.ContainsFunc(next+plain, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.Contains(u.Path, "//") {
		return "/"
	}
	return next
}
