package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

var (
	userChars  = regexp.MustCompile(`^[A-Za-z0-9\-._@ ]*$`)
	passChars  = regexp.MustCompile(`^[\x20-\x7e]*$`)
	keyChars   = regexp.MustCompile(`^[A-Za-z0-9\-]*$`)
	tokenChars = regexp.MustCompile(`^[A-Za-z0-9\-._@]*$`)
)

// parameters reads a DirectLogin header: parts at commas, each cut at its
// first '=', one pair of quotes removed; empty values count as missing.
func parameters(header string) map[string]string {
	out := map[string]string{}
	for _, p := range strings.Split(header, ",") {
		k, v, _ := strings.Cut(p, "=")
		v = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(v), `"`), `"`)
		if v != "" {
			out[strings.TrimSpace(k)] = v
		}
	}
	return out
}

// directLoginHeader is the header's parameters; ok is false when there is none.
func directLoginHeader(r *http.Request) (params map[string]string, ok bool) {
	if h, found := r.Header["Directlogin"]; found {
		return parameters(h[0]), true
	}
	if _, rest, found := strings.Cut(r.Header.Get("Authorization"), "DirectLogin"); found {
		return parameters(rest), true
	}
	return nil, false
}

func (s *Server) directLogin(r *request) (int, any, *refusal) {
	p, ok := directLoginHeader(r.Request)
	switch {
	case !ok && r.Header.Get("Authorization") != "":
		return 0, nil, refuse(400, "OBP-20083: Missing DirectLogin word at the value of Authorization header.")
	case !ok:
		return 0, nil, refuse(400, "OBP-20082: Missing DirectLogin or Authorization header.")
	}
	var gone []string
	for _, k := range []string{"username", "password", "consumer_key"} {
		if p[k] == "" {
			gone = append(gone, k)
		}
	}
	switch {
	case len(gone) > 0:
		return 0, nil, refuse(400, "OBP-20002: These DirectLogin parameters are missing:%s", strings.Join(gone, ", "))
	case len(p["username"]) > 512 || len(p["password"]) > 512:
		return 0, nil, refuse(400, "OBP-20010: Value too long")
	case !userChars.MatchString(p["username"]) || !passChars.MatchString(p["password"]):
		return 0, nil, refuse(400, "OBP-20011: Value contains invalid characters")
	case len(p["consumer_key"]) > 512:
		return 0, nil, refuse(400, "OBP-35031: The Consumer Key max length <= 512")
	case !keyChars.MatchString(p["consumer_key"]):
		return 0, nil, refuse(400, "OBP-35030: The Consumer Key must be alphanumeric. (A-Z, a-z, 0-9)")
	}
	u := s.local(p["username"])
	right := u != nil && u.Password == p["password"] && !u.Deleted
	if p["consumer_key"] != s.world.ConsumerKey {
		if !right {
			s.failed(p["username"])
		}
		return 0, nil, refuse(401, "OBP-20008: Invalid Consumer Key.")
	}
	if u != nil && s.isLocked(u) {
		return 0, nil, refuse(401, "OBP-20013: The account has been locked, please contact an administrator!")
	}
	if !right || !u.Validated {
		s.failed(p["username"])
		return 0, nil, refuse(401, "OBP-20004: Invalid login credentials. Check username/password.")
	}
	delete(s.bad, u.Username)
	token := newToken()
	s.tokens[token] = u.UserID
	return 201, map[string]string{"token": token}, nil
}

// newToken has the form of a JWT that says nothing.
func newToken() string {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`))
	body := base64.RawURLEncoding.EncodeToString([]byte(`{"":""}`))
	mac := hmac.New(sha256.New, []byte(uuid.NewString()))
	mac.Write([]byte(head + "." + body))
	return head + "." + body + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signedIn finds the caller. A bad token is refused even where none is needed.
func (s *Server) signedIn(r *http.Request, needed bool) (*User, *refusal) {
	p, ok := directLoginHeader(r)
	if !ok {
		switch {
		case r.Header.Get("Authorization") != "" && needed:
			return nil, refuse(401, "OBP-20080: Authorization Header format is not supported at this instance.")
		case needed:
			return nil, refuse(401, "OBP-20001: User not logged in. Authentication is required!")
		}
		return nil, nil
	}
	token := p["token"]
	switch {
	case token == "":
		return nil, refuse(400, "OBP-20002: These DirectLogin parameters are missing:token")
	case len(token) > 512:
		return nil, refuse(400, "OBP-20010: Value too long")
	case !tokenChars.MatchString(token):
		return nil, refuse(400, "OBP-20011: Value contains invalid characters")
	}
	u := s.userID(s.tokens[token])
	switch {
	case u == nil:
		return nil, refuse(400, "OBP-20003: This DirectLogin token is invalid or expired:%s", token)
	case u.Deleted:
		return nil, refuse(401, "OBP-20064: The user is deleted!")
	case s.isLocked(u):
		return nil, refuse(401, "OBP-20013: The account has been locked, please contact an administrator!")
	}
	return u, nil
}
