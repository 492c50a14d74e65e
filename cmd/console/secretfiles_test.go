package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fileOf writes a file of a test and gives its name.
func fileOf(t *testing.T, text string) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// Every setting that is secret can be given as a file.
func TestSecretFiles(t *testing.T) {
	values := map[string]string{"OBP_CONSUMER_KEY": "abc"}
	seen := 0
	for _, s := range settings() {
		if !s.secret {
			continue
		}
		seen++
		text := values[s.Name]
		if text == "" && strings.Contains(s.Name, "_KEY") {
			text = strings.Repeat("0a", 32)
		}
		if text == "" {
			continue // of another form; its own test reads it
		}
		all := map[string]string{"OBP_BASE_URL": "https://obp.example.com", "OBP_CONSUMER_KEY": "other"}
		delete(all, s.Name)
		all[s.Name+fileSuffix] = fileOf(t, text+"\n")
		env := environ(func(k string) string { return all[k] })
		if _, err := readConfig(env); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		for _, c := range []struct{ name, file, value, wanted string }{
			{"absent", filepath.Join(t.TempDir(), "none"), "", "wanted a file that can be read"},
			{"empty", fileOf(t, "\n"), "", "it holds nothing"},
			{"too long", fileOf(t, strings.Repeat("a", maxSecret+1)), "", "at most"},
			{"both", fileOf(t, text), "canary-value", "wanted one of them"},
		} {
			env[s.Name+fileSuffix], env[s.Name] = c.file, c.value
			_, err := readConfig(env)
			ms, _ := err.(Mistakes)
			if len(ms) != 1 || ms[0].Name != s.Name+fileSuffix || !strings.Contains(err.Error(), c.wanted) || strings.Contains(err.Error(), "canary-value") {
				t.Errorf("%s, %s: %v", s.Name, c.name, err)
			}
		}
	}
	if seen < 5 {
		t.Errorf("%d settings are secret", seen)
	}
	several := strings.Repeat("0a", 32) + "\r\n" + strings.Repeat("0b", 32) + "\n"
	if c := mustRead(t, "SESSION_KEY_PREVIOUS_FILE", fileOf(t, several)); len(c.SessionKeyPrevious) != 2 || c.SessionKeyPrevious[1][0] != 0x0b {
		t.Errorf("a file with two keys: %d", len(c.SessionKeyPrevious))
	}
}

// New keys of sessions and journal, the old ones kept as previous, sign nobody
// out, and the journal verifies before and after the first new entry. Without
// the previous ones both would fail.
func TestKeysRotate(t *testing.T) {
	world, err := filepath.Abs(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand := start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", world)
	dir := t.TempDir()
	env := []string{"OBP_BASE_URL=" + stand.url, "OBP_CONSUMER_KEY_FILE=" + fileOf(t, recordedKey+"\n"), "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + dir}
	p := start(t, env, "serve") // makes its keys
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	if resp, body := visit(t, "POST", p.url+"/me/preferences", cookie, url.Values{"theme": {"dark"}}); resp.StatusCode >= 400 {
		t.Fatalf("preferences: %s\n%s", resp.Status, body)
	}
	p.terminate()
	p.stopped()

	keys := []string{"JOURNAL_KEY_FILE=" + fileOf(t, strings.Repeat("1b", 32)), "JOURNAL_KEY_PREVIOUS_FILE=" + filepath.Join(dir, journalKeyFile)}
	verify := func(env []string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), []string{"journal", "verify"}, func(name string) string {
			for _, e := range append(env, "DATA_DIR="+dir) {
				if v, ok := strings.CutPrefix(e, name+"="); ok {
					return v
				}
			}
			return ""
		}, &out, &out)
		return code, out.String()
	}
	if code, said := verify(keys); code != 0 {
		t.Errorf("before the first new entry: %s", said)
	}
	if code, said := verify(keys[:1]); code == 0 {
		t.Errorf("a head that another key sealed passes: %s", said)
	}
	rotated := append(append(env, keys...), "SESSION_KEY_FILE="+fileOf(t, strings.Repeat("1a", 32)), "SESSION_KEY_PREVIOUS_FILE="+filepath.Join(dir, sessionKeyFile))
	p = start(t, rotated, "serve")
	for _, path := range []string{"/", "/me"} {
		if resp, body := visit(t, "GET", p.url+path, cookie, nil); resp.StatusCode != http.StatusOK || !strings.Contains(body, "anna.approver") || !strings.Contains(body, `data-theme="dark"`) {
			t.Errorf("after the rotation %s: %s", path, resp.Status)
		}
	}
	p.terminate()
	p.stopped()
	if code, said := verify(keys); code != 0 {
		t.Errorf("after the rotation: %s", said)
	}

	// What the rotation wrote anew holds without the former session key; whoever
	// comes only with what the former key sealed is asked to sign in.
	p = start(t, append(append(env, keys...), "SESSION_KEY="+strings.Repeat("1c", 32)), "serve")
	if resp, _ := visit(t, "GET", p.url+"/", cookie, nil); resp.StatusCode == http.StatusOK {
		t.Error("a session opens without the key that sealed it")
	}
}
