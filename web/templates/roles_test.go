package templates

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestRoleWords(t *testing.T) {
	for name, want := range map[string]string{
		"CanCreateBranchAtAnyBank":            "Create branch, at any bank",
		"CanCreateBranch":                     "Create branches",
		"CanAddKycCheck":                      "Add KYC check",
		"CanCreateAtmAttributeAtAnyBank":      "Create ATM attribute, at any bank",
		"CanGetCustomersMinimalAtAllBanks":    "Get customers minimal, at all banks",
		"CanReadDynamicResourceDocsAtOneBank": "Read dynamic resource docs, at one bank",
		"SuperAdmin":                          "SuperAdmin",
		"Can":                                 "Can",
		"Canteen":                             "Canteen",
		"":                                    "",
	} {
		if got := RoleWords(name).Short; got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if r := RoleWords("CanDeleteUser"); r.Derived || r.What == "" {
		t.Errorf("got %+v", r)
	}
}

// Every role of the server reads as words, and the written ones exist there.
func TestRoleWordsOfAllRoles(t *testing.T) {
	b, err := os.ReadFile("testdata/roles.json")
	if err != nil {
		t.Fatal(err)
	}
	var roles []struct {
		Role string `json:"role"`
	}
	if err := json.Unmarshal(b, &roles); err != nil || len(roles) < 300 {
		t.Fatalf("%d roles, %v", len(roles), err)
	}
	readable := regexp.MustCompile(`^[A-Z][A-Za-z0-9]*( [A-Za-z0-9'-]+)*(, (at|for) (any bank|one bank|all banks))?$`)
	known := map[string]bool{}
	for _, r := range roles {
		known[r.Role] = true
		short := RoleWords(r.Role).Short
		if !readable.MatchString(short) || strings.HasPrefix(short, "Can") {
			t.Errorf("%s reads %q", r.Role, short)
		}
	}
	for name := range roleTexts {
		if !known[name] {
			t.Errorf("words for %s, which is no role", name)
		}
	}
	for _, name := range DefaultHighRisk() {
		if !known[name] {
			t.Errorf("risk of %s, which is no role", name)
		}
		if RiskWhy(name) == "" || RoleWords(name).Derived {
			t.Errorf("%s is high risk and needs words of its own", name)
		}
	}
}
