package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// renamed is a world file in which everything has another name: ids, people,
// their passwords and addresses, banks, accounts, customers, the provider and
// the consumer key. Roles and views keep theirs, since OBP gives them.
func renamed(b []byte) ([]byte, error) {
	var w map[string]any
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	names := map[string]string{"": ""}
	kinds := map[string]func(n int) string{
		"user_id": hexID(1), "entitlement_id": hexID(2), "entitlement_request_id": hexID(3), "customer_id": hexID(4), "user_customer_link_id": hexID(5),
		"bank_id": numbered("other.bank."), "account_id": numbered("konto-"), "customer_number": numbered("K-"), "legal_name": numbered("Kundin "),
		"username": numbered("someone.else."), "first_name": numbered("Vorname"), "last_name": numbered("Nachname"), "password": numbered("An0ther!Secret"),
		"short_name": numbered("OB"), "full_name": numbered("Another Bank "), "number": numbered("99000"), "label": numbered("Konto "),
	}
	// the same text is another in each kind, and the same wherever it stands
	kind := map[string]string{"provider_id": "username", "id": "bank_id", "address": "bank_id"}
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for k, x := range v {
				text, is := x.(string)
				as := k
				if to, ok := kind[k]; ok {
					as = to
				}
				make := kinds[as]
				switch {
				case k == "email" && is:
					v[k] = "mail." + strings.ReplaceAll(text, "_", ".")
				case is && make != nil && text != "":
					if names[as+"\n"+text] == "" {
						names[as+"\n"+text] = make(len(names))
					}
					v[k] = names[as+"\n"+text]
				case !is:
					v[k] = walk(x)
				}
			}
		}
		return v
	}
	walk(w)
	w["provider"], w["consumer_key"] = "http://127.0.0.1:8191", "anotherconsumerkey0123456789abcdefghijk"
	w["server_settings"].(map[string]any)["portal_hostname"] = "http://127.0.0.1:8191"
	for _, u := range w["users"].([]any) {
		u.(map[string]any)["provider"] = w["provider"]
	}
	return json.Marshal(w)
}

func hexID(kind int) func(int) string {
	return func(n int) string { return fmt.Sprintf("%08x-1111-4111-8111-%012x", kind*0x11111111, n) }
}

func numbered(prefix string) func(int) string {
	return func(n int) string { return fmt.Sprintf("%s%03d", prefix, n) }
}

// overHTTP are the journeys that the ordinary run walks against a server of its
// own: each area once, so that the time stays short. OBP_TEST_URL walks all.
const overHTTP = "^(TestApproveAndDecline|TestHighRiskTakesTwoPeople|TestCraftedFieldsChangeNothing|TestGrantAndRevoke|TestLockAndUnlock|TestDeleteAUser|TestAskForARole|TestDeclineCannotBeUndone)$"

// The journeys know the server by its address and its world file alone: they
// pass against a stand-in in another process, with the recorded world and with
// one in which everything has another name. What that process holds is as
// before when they are done.
func TestJourneysOverHTTP(t *testing.T) {
	needs(t, alone)
	recorded, err := os.ReadFile(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	other, err := renamed(recorded)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range played.Users {
		for _, name := range []string{u.UserID, u.Username, u.Email, bankOne, bankTwo, played.Provider, consumerKey} {
			if strings.Contains(string(other), `"`+name+`"`) {
				t.Errorf("%s is not renamed", name)
			}
		}
	}
	for name, text := range map[string][]byte{"recorded world": recorded, "renamed world": other} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "world.json")
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			scripts, whole := "/on$", overHTTP
			if name != "recorded world" {
				scripts = "/off$"
			}
			s := &standIn{process: start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file)}
			before := s.world()
			summary := against(t, s.url, file, whole+strings.Replace(scripts, "/", "/scripts_", 1))
			for _, want := range []string{"0 failed", "TestApproveAndDecline", "TestDeleteAUser", "OBP API v5.0.0"} {
				if !strings.Contains(summary, want) {
					t.Errorf("the report lacks %q:\n%s", want, summary)
				}
			}
			after := s.world()
			if got, want := kept(after), kept(before); got != want {
				t.Errorf("the server holds\n%s\nand held\n%s", got, want)
			}
		})
	}
}

// kept is what a world holds of roles and requests, whatever the ids.
func kept(w world) string {
	var lines []string
	for _, e := range w.Entitlements {
		lines = append(lines, e.UserID+" holds "+e.Role+" at "+e.BankID)
	}
	for _, q := range w.Requests {
		lines = append(lines, q.UserID+" asks for "+q.Role+" at "+q.BankID)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// against runs journeys of this binary in a process of its own against a
// server, and gives the report.
func against(t *testing.T, url, file, journeys string, more ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "report.md")
	cmd := exec.CommandContext(t.Context(), self, "-test.run", journeys)
	cmd.Env = append(append(os.Environ(), "CONSOLE_BINARY="+binary, "OBP_TEST_URL="+url, "OBP_TEST_CONSUMER_KEY=", "OBP_TEST_WORLD="+file, "OBP_TEST_RESET=", "OBP_TEST_REPORT="+out), more...)
	var told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &told
	if err := cmd.Run(); err != nil {
		t.Fatalf("the journeys: %v\n%s", err, &told)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
