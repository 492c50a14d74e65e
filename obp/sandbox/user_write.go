package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

const (
	mailPart  = `[A-Za-z0-9!#$%&'*+/=?^_{|}~\-]+`
	weak      = "OBP-30207: Invalid Password Format. Your password should EITHER be at least 10 characters long and contain mixed numbers and both upper and lower case letters and at least one special character, OR the length should be > 16 and <= 512."
	fieldRule = "Attempted to use resource bundles outside of an initialized S scope. S only usable when initialized, such as during request processing. Did you call S.? from Boot?"
)

var (
	mail     = regexp.MustCompile(`^` + mailPart + `(\.` + mailPart + `)*@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}$`)
	userName = regexp.MustCompile(`^[A-Za-z0-9]+([._][A-Za-z0-9]+)*$`)
)

// strong tells whether OBP takes a password.
func strong(p string) bool {
	var digit, lower, upper, special bool
	for _, c := range p {
		switch {
		case c > '~' || c < ' ' || c == ' ' && len(p) <= 16:
			return false
		case unicode.IsDigit(c):
			digit = true
		case unicode.IsLower(c):
			lower = true
		case unicode.IsUpper(c):
			upper = true
		default:
			special = true
		}
	}
	return len(p) > 16 && len(p) <= 512 || len(p) >= 10 && digit && lower && upper && special
}

// createUser needs no sign-in: even a bad token is ignored.
func (s *Server) createUser(r *request) (int, any, *refusal) {
	var in struct {
		Email, Username, Password *string
		FirstName                 *string `json:"first_name"`
		LastName                  *string `json:"last_name"`
	}
	if json.Unmarshal(r.body, &in) != nil || in.Email == nil || in.Username == nil || in.Password == nil || in.FirstName == nil || in.LastName == nil {
		return 0, nil, refuse(400, "OBP-10001: Incorrect json format.")
	}
	name, email := *in.Username, *in.Email
	goodName := mail.MatchString(name) || len(name) >= 8 && len(name) <= 100 && userName.MatchString(name)
	switch {
	case !strong(*in.Password):
		return 0, nil, refuse(400, weak)
	case s.local(name) != nil:
		return 0, nil, refuse(409, "OBP-50005: An unspecified or internal error occurred.")
	case !goodName || !mail.MatchString(email) || len(email) > 48 || strings.TrimSpace(*in.FirstName) == "" || strings.TrimSpace(*in.LastName) == "":
		return 0, nil, refuse(400, fieldRule) // the server fails while it words the mistake
	}
	u := &User{UserID: uuid.NewString(), Username: name, ProviderID: name, Provider: s.world.Provider, Email: email,
		Password: *in.Password, FirstName: *in.FirstName, LastName: *in.LastName}
	s.people.put(u)
	return 201, s.person(u), nil
}

// deleteUser scrambles the user and answers whether an invitation was
// scrambled too: false is the usual success.
func (s *Server) deleteUser(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanDeleteUser"); no != nil {
		return 0, nil, no
	}
	u := s.userID(r.arg("USER_ID"))
	if u == nil {
		return 0, nil, noUser(r.arg("USER_ID"))
	}
	name := "DELETED-" + random(16, upperDigits)
	u = s.people.scramble(u, name, strings.ToLower(random(10, upperDigits))+"@example.com")
	u.Validated, u.Password = false, ""
	u.FirstName, u.LastName = "DELETED-"+random(16, upperDigits), "DELETED-"+random(16, upperDigits)
	return 200, false, nil
}

func (s *Server) refreshUser(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanRefreshUser"); no != nil {
		return 0, nil, no
	}
	if s.userID(r.arg("USER_ID")) == nil {
		return 0, nil, noUser(r.arg("USER_ID"))
	}
	return 201, map[string]string{"duration_time": fmt.Sprintf(" %d ms", 20)}, nil
}

// resetLink answers an empty link when the three do not belong together.
func (s *Server) resetLink(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanCreateResetPasswordUrl"); no != nil {
		return 0, nil, no
	}
	if !s.world.Settings.ResetPasswordURL {
		return 0, nil, refuse(400, "OBP-50017: The endpoint is forbidden at this API instance.")
	}
	type body struct {
		Username, Email *string
		UserID          *string `json:"user_id"`
	}
	in, no := read(r.body, "class code.api.v4_0_0.PostResetPasswordUrlJsonV400", func(b body) bool { return b.Username != nil && b.Email != nil && b.UserID != nil })
	if no != nil {
		return 0, nil, no
	}
	link := ""
	if u := s.userID(*in.UserID); u != nil && u.Provider == s.world.Provider && u.Username == *in.Username && u.Email == *in.Email && u.Validated {
		link = strings.TrimSuffix(s.world.Settings.PortalHostname, "/") + "/user_mgt/reset_password/" + random(32, upperDigits)
	}
	return 201, map[string]string{"reset_password_url": link}, nil
}

const upperDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func random(n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		k, _ := rand.Int(rand.Reader, big.NewInt(int64(len(from)))) // never fails
		b[i] = from[k.Int64()]
	}
	return string(b)
}
