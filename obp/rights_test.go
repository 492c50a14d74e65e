package obp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
)

// rightsWorld is the recorded world, whose last person holds no role but these.
func rightsWorld(t *testing.T, held ...obp.Right) (*sandbox.Server, sandbox.World, string) {
	t.Helper()
	f, err := os.Open("testdata/world.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := sandbox.ReadWorld(f)
	if err != nil {
		t.Fatal(err)
	}
	who := w.Users[len(w.Users)-1]
	for _, r := range held {
		e := sandbox.Entitlement{ID: "right-" + r.Role, Role: r.Role, UserID: who.UserID, Created: time.Now()}
		if r.AtBank {
			e.BankID = w.Banks[1].ID
		}
		w.Entitlements = append(w.Entitlements, e)
	}
	s, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, w, who.Username
}

// lacking calls an operation as somebody who holds these roles, and gives the
// roles that OBP says are missing.
func lacking(t *testing.T, o obp.Operation, held ...obp.Right) (roles []string) {
	t.Helper()
	s, w, who := rightsWorld(t, held...)
	srv := httptest.NewServer(s)
	defer srv.Close()
	send := func(method, path, header, body string) (answer struct{ Token, Message string }) {
		r, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("DirectLogin", header)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		_ = json.NewDecoder(res.Body).Decode(&answer) // some answers are no object
		return answer
	}
	token := send("POST", "/my/logins/direct", `username="`+who+`",password="`+w.Users[0].Password+`",consumer_key="`+w.ConsumerKey+`"`, "").Token
	if token == "" {
		t.Fatalf("%s is not signed in", who)
	}
	felix := w.Users[6]
	path := strings.NewReplacer("{BANK_ID}", w.Banks[1].ID, "{ACCOUNT_ID}", "acc-robert-1", "{USER_ID}", felix.UserID, "{USERNAME}", felix.Username, "{EMAIL}", felix.Email,
		"{PROVIDER}", "x", "{PROVIDER_ID}", felix.Username, "{SCA_METHOD}", "EMAIL").Replace(o.Path)
	for strings.Contains(path, "{") { // what is left are ids of things that need not be there
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + nobody + after
	}
	body := map[string]string{
		"/users/{USER_ID}/entitlements":        `{"bank_id":"` + w.Banks[1].ID + `","role_name":"CanCreateBranch"}`,
		"/banks/{BANK_ID}/user_customer_links": `{"user_id":"` + felix.UserID + `","customer_id":"` + w.Customers[0].ID + `"}`,
	}[o.Path]
	if body == "" {
		body = `{}`
	}
	message := send(o.Method, "/obp/v5.0.0"+path, `token="`+token+`"`, body).Message
	_, after, refused := strings.Cut(message, "OBP-20006")
	if !refused {
		return nil
	}
	for _, word := range strings.FieldsFunc(after, func(r rune) bool { return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') }) {
		if strings.HasPrefix(word, "Can") {
			roles = append(roles, word)
		}
	}
	return roles
}

// The table of operations is the 50, and what it says of roles is what OBP
// does: without them it names them, with any one of them it asks for no role.
func TestOperationsAreOpenedByTheirRoles(t *testing.T) {
	var want []struct{ Operation, Method, Path string }
	b, err := os.ReadFile("testdata/operations.json")
	if err == nil {
		err = json.Unmarshal(b, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	ops := obp.Operations()
	if len(ops) != len(want) {
		t.Fatalf("%d operations, want %d", len(ops), len(want))
	}
	for i, o := range ops {
		if o.ID != want[i].Operation || o.Method != want[i].Method || o.Path != want[i].Path {
			t.Errorf("%s %s is not %v", o.ID, o.Call(), want[i])
		}
		var roles []string
		for _, r := range o.Rights {
			roles = append(roles, r.Role)
		}
		got := lacking(t, o)
		slices.Sort(got)
		slices.Sort(roles)
		if o.ByView || o.PassesOn {
			continue // a view or one's own roles decide
		}
		// for a grant OBP names the role that helps everywhere
		if o.ID == "o_bpv2_0_0_add_entitlement" && len(got) > 0 && slices.Contains(roles, got[0]) {
			got = roles
		}
		if !slices.Equal(got, roles) {
			t.Errorf("%s: OBP wants %v, the table says %v", o.Call(), got, roles)
		}
		for _, r := range o.Rights {
			if got := lacking(t, o, r); len(got) != 0 {
				t.Errorf("%s with %s: OBP still wants %v", o.Call(), r.Role, got)
			}
		}
	}
}

// Where an operation is open follows from the roles at their scope.
func TestAllowed(t *testing.T) {
	grant := obp.Operation{Rights: []obp.Right{{Role: "AtOne", AtBank: true}, {Role: "AtAny"}}}
	for _, c := range []struct {
		name       string
		held       []obp.Entitlement
		everywhere bool
		banks      []string
	}{
		{"nothing", nil, false, nil},
		{"another role", []obp.Entitlement{{RoleName: "Other"}}, false, nil},
		{"everywhere", []obp.Entitlement{{RoleName: "AtOne", BankID: "b"}, {RoleName: "AtAny"}}, true, nil},
		{"at banks", []obp.Entitlement{{RoleName: "AtOne", BankID: "b"}, {RoleName: "AtOne", BankID: "a"}, {RoleName: "AtOne", BankID: "b"}}, false, []string{"a", "b"}},
		{"at the wrong scope", []obp.Entitlement{{RoleName: "AtOne"}, {RoleName: "AtAny", BankID: "a"}}, false, nil},
	} {
		everywhere, banks := grant.Allowed(c.held)
		if everywhere != c.everywhere || !slices.Equal(banks, c.banks) {
			t.Errorf("%s: %t %v", c.name, everywhere, banks)
		}
	}
	if everywhere, _ := (obp.Operation{}).Allowed(nil); !everywhere {
		t.Error("an operation without a role is closed")
	}
}
