package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a server lacks is said in words before the first journey, and all at once.
func TestPreflightSaysWhatIsMissing(t *testing.T) {
	needs(t, ownWorld)
	text, err := os.ReadFile(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	change := func(how func(w map[string]any)) string {
		var w map[string]any
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		how(w)
		b, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "world.json")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	person := func(w map[string]any, i int) map[string]any { return w["users"].([]any)[i].(map[string]any) }
	lacking := change(func(w map[string]any) {
		w["server_settings"].(map[string]any)["ResetPasswordUrlEnabled"] = false
		person(w, 6)["validated"] = false
		w["banks"].([]any)[1].(map[string]any)["full_name"] = "Renamed since"
	})
	powerless := change(func(w map[string]any) { person(w, 0)["super_admin"] = false })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, world, key string
		says             []string
	}{
		{"settings and people", lacking, "", []string{"ResetPasswordUrlEnabled=true", felix + " cannot sign in", `called "Renamed since"`}},
		{"no super admin", powerless, "", []string{"super_admin_user_ids"}},
		{"another key", worldFile, "anotherkey", []string{"OBP_TEST_CONSUMER_KEY"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", absolute(t, c.world))
			cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestApproveAndDecline$")
			cmd.Env = append(os.Environ(), "CONSOLE_BINARY="+binary, "OBP_TEST_URL="+s.url, "OBP_TEST_CONSUMER_KEY="+c.key, "OBP_TEST_WORLD="+worldFile, "OBP_TEST_RESET=")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if cmd.Run() == nil {
				t.Errorf("the journeys began:\n%s", &out)
			}
			for _, want := range c.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not said:\n%s", want, &out)
				}
			}
		})
	}
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
