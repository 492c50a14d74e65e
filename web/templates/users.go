package templates

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

func foundWords(f FindPage) string {
	if f.Problem != nil && len(f.Found) == 0 {
		return f.Problem.Title
	}
	return WordN("find.found", len(f.Found))
}

// joined lists several things in one line.
func joined(list []string) string { return strings.Join(list, ", ") }

// usersWords says what the list shows.
func usersWords(u UsersPage) string {
	switch {
	case u.Problem != nil:
		return u.Problem.Title
	case len(u.Rows) == 0:
		return Word("users.none")
	case u.Query.Filtered():
		return WordN("users.match", len(u.Rows))
	}
	return Word("users.range", "from", num(u.First), "to", num(u.First+len(u.Rows)-1))
}

// rolesWords counts roles, "-" when they are not known.
func rolesWords(n int) string {
	if n < 0 {
		return "-"
	}
	return num(n)
}

// shortProvider leaves out what most providers begin with, in sight only.
func shortProvider(p string) string { return orDash(strings.TrimPrefix(p, "https://")) }

// broken lets a long name break after its dots and at signs and before a
// capital within a word, where it has to.
func broken(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, breakable.ReplaceAllString(templ.EscapeString(s), "$1$2<wbr>$3"))
		return err
	})
}

var breakable = regexp.MustCompile(`([.@])|(\p{Ll})(\p{Lu})`)

// userFields are the fields of the forms about people, in their order.
var userFields = []string{"username", "email", "password", "password_again", "first", "last", "company", "country", "purpose", "name", "verified", "note", "reason", "reason_code", "ticket"}

func (f UserForm) attributes(field string, hint bool) templ.Attributes {
	return describing(field, f.Errors[field], hint, firstError(userFields, f.Errors) == field)
}

// verifiedKeys are the ways in which a caller's identity can be checked.
var verifiedKeys = []string{"call_back", "in_person", "video", "manager"}

// inviteFields are the text fields of an invitation, in their order.
var inviteFields = []string{"first", "last", "email", "company", "country", "reason"}

// newUserRules are OBP's rules as a browser can check them while typing: a
// field that breaks one is marked, and the server says which. A pattern is as
// obp.NewUser.Broken, which decides.
var newUserRules = map[string]templ.Attributes{
	"username":       {"required": true, "maxlength": "100", "pattern": `[^\s@,]+@[^\s@,]+\.[^\s@.,]{2,}|(?=.{8,100}$)[A-Za-z0-9]+([._][A-Za-z0-9]+)*`},
	"email":          {"required": true, "maxlength": "48", "pattern": `[^\s@,]+@[^\s@,]+\.[^\s@.,]{2,}`},
	"first":          {"required": true, "pattern": `.*\S.*`},
	"last":           {"required": true, "pattern": `.*\S.*`},
	"password":       {"required": true, "minlength": "10", "maxlength": "512", "pattern": `(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])(?=.*[^A-Za-z0-9])[^\s,]{10,16}|[^,]{17,512}`},
	"password_again": {"required": true, "minlength": "10", "maxlength": "512"},
	"reason":         {"required": true, "pattern": `.*\S.*`},
}
