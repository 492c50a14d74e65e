package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const deployDir = "../../docs/deploy/"

// notOurs are variables of an example that the Go runtime reads, not the console.
var notOurs = []string{"GOMEMLIMIT"}

// accepted wants every name to be a setting, every secret to come from a file
// that is there, and the console to take them all together. Names of files are
// the keys of files; what stands in them is made up here.
func accepted(t *testing.T, env map[string]string, files []string) Config {
	t.Helper()
	secrets := map[string]string{"OBP_CONSUMER_KEY": "abc-123", "SESSION_KEY": strings.Repeat("1a", 32), "JOURNAL_KEY": strings.Repeat("2b", 32),
		"DATABASE_URL": "postgres://console:x@db.example.com:5432/console"}
	given := maps.Clone(env)
	for name, value := range env {
		plain, isFile := strings.CutSuffix(name, fileSuffix)
		at := slices.IndexFunc(settings(), func(s setting) bool { return s.Name == name || isFile && s.secret && s.Name == plain })
		if slices.Contains(notOurs, name) {
			continue
		}
		if at < 0 {
			t.Errorf("%s is no setting", name)
			continue
		}
		if settings()[at].secret != isFile {
			t.Errorf("%s: a secret stands in a file, and nothing else does", name)
		}
		if isFile {
			if !slices.Contains(files, value) {
				t.Errorf("%s: there is no file %s", name, value)
			}
			given[name] = fileOf(t, secrets[plain])
		}
	}
	c, err := readConfig(environ(func(name string) string { return given[name] }))
	if err != nil {
		t.Error(err)
	}
	return c
}

// The systemd unit starts the console as nobody with nothing to write but its
// own folder, keeps secrets in files, and is what systemd itself takes for safe.
func TestSystemdUnit(t *testing.T) {
	b, err := os.ReadFile(deployDir + "obp-console.service")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), "="); found && !strings.HasPrefix(name, "#") {
			set[name] = append(set[name], value)
		}
	}
	env := map[string]string{}
	for _, pair := range set["Environment"] {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = strings.ReplaceAll(value, "%S", "/var/lib")
	}
	var files []string
	for _, c := range set["LoadCredential"] {
		name, from, _ := strings.Cut(c, ":")
		files = append(files, "%d/"+name)
		if from != "/etc/obp-console/"+name {
			t.Errorf("%s comes from %s", name, from)
		}
	}
	c := accepted(t, env, files)
	if want := "/var/lib/" + set["StateDirectory"][0]; c.DataDir != want {
		t.Errorf("DATA_DIR is %s, which is not the unit's folder %s", c.DataDir, want)
	}
	for name, want := range map[string]string{"ExecStart": "/usr/local/bin/console serve", "DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes",
		"CapabilityBoundingSet": "", "StateDirectoryMode": "0700", "UMask": "0077", "RestartPreventExitStatus": fmt.Sprint(exitUsage)} {
		if !slices.Equal(set[name], []string{want}) {
			t.Errorf("%s=%s, want %s", name, set[name], want)
		}
	}
	if c.MetricsAddress != "127.0.0.1:9090" {
		t.Errorf("metrics at %q", c.MetricsAddress)
	}
	if open, err := strconv.Atoi(set["LimitNOFILE"][0]); err != nil || open < c.MaxConnections+200 {
		t.Errorf("%d file handles are too few for %d connections, %v", open, c.MaxConnections, err)
	}
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here, so the unit was not shown to it")
		return
	}
	unit := filepath.Join(t.TempDir(), "obp-console.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(b), "/usr/local/bin/console", binary(t))), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", "--man=no", unit}, {"security", "--offline=true", "--threshold=20", unit}} {
		if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
