package obp

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Nothing of this package prints a token, a password or the consumer key.
func TestNothingPrintsASecret(t *testing.T) {
	c, err := New(Config{BaseURL: "https://obp.example.com", ConsumerKey: "c4nary-key"})
	if err != nil {
		t.Fatal(err)
	}
	cred := Credential{"DirectLogin", "c4nary-token"}
	user := NewUser{Email: "a@example.com", Password: "c4nary-word"}
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "api", c.As(cred), "client", c, "cred", cred, "user", user)
	}
	for _, v := range []any{c.As(cred), c, cred, &cred, user, &user, []any{user, cred}} {
		fmt.Fprintf(&out, "%v %+v %s", v, v, v)
	}
	fmt.Fprintf(&out, "%#v %#v %#v", c.As(cred), cred, user)
	if strings.Contains(out.String(), "c4nary") {
		t.Error(out.String())
	}
	silent{}.Errorf("c4nary")
	silent{}.Warnf("c4nary")
	silent{}.Debugf("c4nary")
}

func TestNewUserRules(t *testing.T) {
	good := NewUser{"a@example.com", "greta.green", "Str0ng!Passw0rd", "Greta", "Green"}
	for _, c := range []struct {
		name   string
		change func(*NewUser)
		want   []UserRule
	}{
		{"good", func(*NewUser) {}, nil},
		{"e-mail as name", func(u *NewUser) { u.Username = "o'hara@example.com" }, nil},
		{"long password", func(u *NewUser) { u.Password = "all lower case words" }, nil},
		{"no e-mail", func(u *NewUser) { u.Email = "greta" }, []UserRule{RuleEmail}},
		{"long e-mail", func(u *NewUser) { u.Email = strings.Repeat("a", 40) + "@example.com" }, []UserRule{RuleEmailLength}},
		{"short name", func(u *NewUser) { u.Username = "ab" }, []UserRule{RuleUsername}},
		{"two dots", func(u *NewUser) { u.Username = "greta..green" }, []UserRule{RuleUsername}},
		{"dot at the end", func(u *NewUser) { u.Username = "greta.green." }, []UserRule{RuleUsername}},
		{"long name", func(u *NewUser) { u.Username = strings.Repeat("a", 101) }, []UserRule{RuleUsername}},
		{"weak", func(u *NewUser) { u.Password = "weakweakweak" }, []UserRule{RulePassword}},
		{"short", func(u *NewUser) { u.Password = "Str0ng!Pw" }, []UserRule{RulePassword}},
		{"blank in a short one", func(u *NewUser) { u.Password = "Str0ng! Passw0rd" }, []UserRule{RulePassword}},
		{"other script", func(u *NewUser) { u.Password = "Str0ng!Pässw0rd-and-long" }, []UserRule{RulePassword}},
		{"too long", func(u *NewUser) { u.Password = strings.Repeat("x", 513) }, []UserRule{RulePassword}},
		{"comma", func(u *NewUser) { u.Password = "Str0ng,Passw0rd" }, []UserRule{RuleComma}},
		{"blank names", func(u *NewUser) { u.FirstName, u.LastName = " ", "" }, []UserRule{RuleFirstName, RuleLastName}},
	} {
		u := good
		c.change(&u)
		if d := cmp.Diff(c.want, u.Broken()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// The refusals that a real server gave, each with its kind.
func TestRecordedRefusals(t *testing.T) {
	want := map[string]Kind{
		"OBP-09016": KindInvalid, "OBP-10001": KindInvalid, "OBP-10007": KindInvalid, "OBP-10016": KindInvalid, "OBP-10404": KindNotFound,
		"OBP-20001": KindSignedOut, "OBP-20002": KindInvalid, "OBP-20003": KindSignedOut, "OBP-20004": KindCredentials, "OBP-20005": KindNotFound,
		"OBP-20006": KindMissingRole, "OBP-20008": KindConsumerKey, "OBP-20011": KindInvalid, "OBP-20013": KindLocked, "OBP-20017": KindNoView,
		"OBP-20022": KindNoView, "OBP-20027": KindNotFound, "OBP-20047": KindNoView, "OBP-20050": KindMissingRole, "OBP-20057": KindNotFound,
		"OBP-20064": KindDeleted, "OBP-20082": KindInvalid, "OBP-20103": KindInvalid, "OBP-20104": KindNotFound, "OBP-30001": KindNotFound,
		"OBP-30002": KindNotFound, "OBP-30005": KindNotFound, "OBP-30007": KindExists, "OBP-30018": KindNotFound, "OBP-30035": KindNotFound,
		"OBP-30046": KindNotFound, "OBP-30064 OBP-30065": KindNotFound, "OBP-30088": KindInvalid, "OBP-30205": KindInvalid, "OBP-30206": KindInvalid,
		"OBP-30207": KindInvalid, "OBP-30212": KindNotFound, "OBP-30213": KindNotFound, "OBP-30214": KindAlreadyAsked, "OBP-30216": KindAlreadyHeld,
		"OBP-30220": KindInvalid, "OBP-30252": KindNotFound, "OBP-35034": KindInvalid, "OBP-50005": KindInvalid, "OBP-50200": KindInvalid,
		"OBP-50200 OBP-30056": KindNotFound, "OBP-50200 OBP-30057": KindNotFound, "OBP-50200 OBP-30215": KindNotFound,
		"OBP-20050 OBP-20006": KindMissingRole, "409": KindExists, "": KindInvalid,
	}
	files := []string{"01-session", "02-users", "03-locks", "04-entitlements", "05-entitlement-requests", "06-views", "07-customers",
		"08-auth-contexts", "09-attributes", "10-supporting", "11-newer-version", "12-afterlife"}
	seen := 0
	for _, file := range files {
		for _, x := range readJSON[[]exchange](t, "testdata/recorded/"+file+".json") {
			if x.Response.Status < 400 {
				continue
			}
			_, err := scripted(t, answer(x.Response.Status, string(x.Response.Body))).CurrentUserID(t.Context())
			e, _ := AsError(err)
			if e == nil {
				t.Fatalf("%s: no error", x.Response.Body)
			}
			key := strings.TrimSpace(e.Code + " " + strings.Join(e.Causes, " "))
			if strings.HasPrefix(key, "OBP-10016") {
				key = "OBP-10016"
			}
			if x.Response.Status == 409 {
				key = "409"
			}
			kind, known := want[key]
			if !known || e.Kind() != kind {
				t.Errorf("%s: %s is kind %d, want %d", key, x.Response.Body, e.Kind(), kind)
			}
			if (e.Kind() == KindMissingRole) != (len(e.Roles) > 0) {
				t.Errorf("%s names roles %q", x.Response.Body, e.Roles)
			}
			seen++
		}
	}
	if seen < 100 {
		t.Errorf("only %d refusals were found", seen)
	}
}
