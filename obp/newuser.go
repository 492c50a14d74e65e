package obp

import (
	"log/slog"
	"regexp"
	"strings"
	"unicode/utf8"
)

// NewUser is who CreateUser makes. All fields are needed.
type NewUser struct {
	Email     string `json:"email"`    // at most 48 characters
	Username  string `json:"username"` // an e-mail, or 8 to 100 letters, digits, dots and underscores
	Password  string `json:"password"` // 10 to 16 characters of four classes, or 17 to 512 of any
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// String hides the password.
func (NewUser) String() string { return "[new user]" }

// GoString hides the password.
func (NewUser) GoString() string { return "[new user]" }

// LogValue hides the password.
func (NewUser) LogValue() slog.Value { return slog.StringValue("[new user]") }

// UserRule is a rule of OBP's for new people.
type UserRule string

// The rules.
const (
	RuleEmail       UserRule = "email"        // looks like an address
	RuleEmailLength UserRule = "email_length" // at most 48 characters
	RuleUsername    UserRule = "username"     // an e-mail, or 8 to 100 letters, digits, single dots and underscores inside
	RulePassword    UserRule = "password"     // 10 to 16 characters of four classes, or 17 to 512
	RuleComma       UserRule = "comma"        // a password that DirectLogin can carry: no comma, no quote at an end
	RuleFirstName   UserRule = "first_name"   // not blank
	RuleLastName    UserRule = "last_name"    // not blank
)

var (
	looksLikeEmail = regexp.MustCompile(`^[^\s@,]+@[^\s@,]+\.[^\s@.,]{2,}$`)
	plainUsername  = regexp.MustCompile(`^[A-Za-z0-9]+([._][A-Za-z0-9]+)*$`)
)

// Broken names the rules that u breaks: OBP refuses most of them with a text
// that says nothing. A user name that is taken cannot be known before.
func (u NewUser) Broken() []UserRule {
	var broken []UserRule
	rule := func(r UserRule, ok bool) {
		if !ok {
			broken = append(broken, r)
		}
	}
	rule(RuleEmail, looksLikeEmail.MatchString(u.Email))
	rule(RuleEmailLength, utf8.RuneCountInString(u.Email) <= 48)
	rule(RuleUsername, len(u.Username) <= 100 &&
		(looksLikeEmail.MatchString(u.Username) || len(u.Username) >= 8 && plainUsername.MatchString(u.Username)))
	rule(RulePassword, goodPassword(u.Password))
	rule(RuleComma, !strings.Contains(u.Password, ",") && !strings.HasPrefix(u.Password, `"`) && !strings.HasSuffix(u.Password, `"`))
	rule(RuleFirstName, strings.TrimSpace(u.FirstName) != "")
	rule(RuleLastName, strings.TrimSpace(u.LastName) != "")
	return broken
}

func goodPassword(p string) bool {
	var digit, lower, upper, special bool
	for _, r := range p {
		switch {
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'a' && r <= 'z':
			lower = true
		case r >= 'A' && r <= 'Z':
			upper = true
		case r > ' ' && r <= '~':
			special = true
		case r != ' ' || len(p) < 17: // a blank only in a long one
			return false
		}
	}
	return len(p) >= 17 && len(p) <= 512 || len(p) >= 10 && len(p) < 17 && digit && lower && upper && special
}
