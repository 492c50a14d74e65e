package obp

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// CheckSignIn names the first character that DirectLogin cannot carry in a
// user name or password, so that it is said before anything is sent: a comma,
// or anything outside printable ASCII; a quote at either end would be cut off.
func CheckSignIn(username, password string) error {
	for _, f := range []struct{ field, value string }{{"username", username}, {"password", password}} {
		for _, r := range f.value {
			if r == ',' || r < ' ' || r > '~' {
				return &FieldError{Field: f.field, Char: r}
			}
		}
		if strings.HasPrefix(f.value, `"`) || strings.HasSuffix(f.value, `"`) {
			return &FieldError{Field: f.field, Char: '"'}
		}
		if len(f.value) > 512 {
			return &FieldError{Field: f.field, TooLong: true}
		}
	}
	return nil
}

// FieldError says why a sign-in field cannot be sent.
type FieldError struct {
	Field   string // "username" or "password"
	Char    rune   // the character that cannot be sent
	TooLong bool   // more than 512 bytes
}

// Error names the field, and never the value.
func (e *FieldError) Error() string {
	if e.TooLong {
		return e.Field + " is longer than 512 bytes"
	}
	if e.Char == utf8.RuneError || e.Char < ' ' {
		return e.Field + " holds a character that DirectLogin cannot carry"
	}
	return fmt.Sprintf("%s holds %q, which DirectLogin cannot carry", e.Field, e.Char)
}

// SignIn asks for a DirectLogin token: POST /my/logins/direct, no role. A wrong
// name or password, an account not validated and a deleted one are all
// KindCredentials; the sixth failure in a row locks the account (KindLocked).
func (c *Client) SignIn(ctx context.Context, username, password string) (Credential, error) {
	if err := CheckSignIn(username, password); err != nil {
		return Credential{}, err
	}
	const op = "/my/logins/direct"
	header := fmt.Sprintf(`username="%s", password="%s", consumer_key="%s"`, username, password, c.cfg.ConsumerKey)
	var out struct {
		Token string `json:"token"`
	}
	q := call{method: http.MethodPost, op: op, out: &out, ok: func() bool { return validToken(out.Token) }}
	if e := c.once(ctx, q, op, header, password, c.cfg.ConsumerKey); e != nil {
		return Credential{}, e
	}
	return Credential{Scheme: "DirectLogin", Token: out.Token}, nil
}

// validToken says whether OBP would take the token back in a header.
func validToken(t string) bool {
	return t != "" && len(t) <= 512 && !strings.ContainsFunc(t, func(r rune) bool {
		return !strings.ContainsRune("-._@", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
