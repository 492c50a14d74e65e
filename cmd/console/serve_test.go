package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

// The recordings' people and key.
const (
	recordedKey      = "recconsumerkey0123456789abcdefghijklmnop"
	recordedPassword = "Str0ng!Passw0rd"
)

// acts gives the acts of a journal that nobody has open, the oldest first, and
// that it is intact.
func everyAct(t *testing.T, dir string) []string {
	t.Helper()
	var out bytes.Buffer
	env := func(name string) string { return map[string]string{"DATA_DIR": dir}[name] }
	if code := run(t.Context(), []string{"journal", "verify"}, env, &out, &out); code != 0 {
		t.Fatalf("journal verify: exit %d, %s", code, out.String())
	}
	key, err := readKeyFile("JOURNAL_KEY", filepath.Join(dir, journalKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Path: filepath.Join(dir, journalFile), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	rows, err := j.DB().QueryContext(t.Context(), `SELECT act FROM entries ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// A stop finishes the sign-in that is under way, takes no new one, and stands
// in the journal. The keys are made once.
func TestServeStops(t *testing.T) {
	w, err := world(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan bool, 1), make(chan bool)
	obp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/my/logins/direct" {
			arrived <- true
			<-release
		}
		stand.ServeHTTP(w, r)
	}))
	defer obp.Close()
	dir := filepath.Join(t.TempDir(), "data")
	env := []string{"OBP_BASE_URL=" + obp.URL, "OBP_CONSUMER_KEY=" + recordedKey, "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + dir}
	p := start(t, env, "serve")

	cookie := make(chan string, 1)
	go func() {
		defer close(cookie)
		cookie <- signIn(t, p.url, "anna.approver", recordedPassword)
	}()
	<-arrived
	p.terminate()
	p.errs.wait(t, "stopping")
	waitRefused(t, p.url)
	close(release)
	if c := <-cookie; !strings.Contains(c, "__Host-console=") {
		t.Errorf("cookie %q", c)
	}
	p.stopped()
	got := strings.Join(acts(t, dir), " ")
	if want := "start sign_in stop"; got != want {
		t.Errorf("journal: %s, want %s", got, want)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("DATA_DIR: %v %v", info, err)
	}
	for name, key := range map[string]string{"SESSION_KEY": sessionKeyFile, "JOURNAL_KEY": journalKeyFile} {
		text, err := os.ReadFile(filepath.Join(dir, key))
		if err != nil {
			t.Fatal(err)
		}
		said := p.errs.wait(t, name)
		if said == "" || strings.Contains(p.errs.String()+p.out.String(), strings.TrimSpace(string(text))) {
			t.Errorf("%s: said %q, or the key is shown", name, said)
		}
	}
	for _, f := range []string{sessionsFile, sessionKeyFile, journalFile, journalKeyFile} {
		if info, err := os.Stat(filepath.Join(dir, f)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, info, err)
		}
	}

	// The next start uses them, and the session of before is alive.
	again := start(t, env, "serve")
	if s := again.errs.String(); strings.Contains(s, "made a key") {
		t.Errorf("keys are made anew:\n%s", s)
	}
	again.terminate()
	again.stopped()
	if got := strings.Join(acts(t, dir), " "); got != "start sign_in stop start stop" {
		t.Errorf("journal: %s", got)
	}
}

// acts are those of the journal but the settings that changed.
func acts(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(everyAct(t, dir), func(a string) bool { return a == string(journal.ActSettingChanged) })
}

// A safety setting that changed since the last start is recorded, old and new;
// one that did not is not.
func TestChangedSettingsAreRecorded(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct {
		env  string
		more int
	}{{"SECOND_PERSON=high-risk", -1}, {"SECOND_PERSON=high-risk", 0}, {"SECOND_PERSON=off", 1}} {
		before := 0
		if i > 0 {
			before = count(everyAct(t, dir), journal.ActSettingChanged)
		}
		p := start(t, []string{"DATA_DIR=" + dir, "OBP_BASE_URL=http://127.0.0.1:9", "OBP_CONSUMER_KEY=abc", "LISTEN_ADDR=127.0.0.1:0", c.env}, "serve")
		p.terminate()
		p.stopped()
		if got := count(everyAct(t, dir), journal.ActSettingChanged) - before; c.more >= 0 && got != c.more || got < c.more {
			t.Errorf("start %d: %d settings are recorded as changed, want %d", i, got, c.more)
		}
	}
}

func count(list []string, act journal.Act) (n int) {
	for _, a := range list {
		if a == string(act) {
			n++
		}
	}
	return n
}

// The console in one process and the stand-in in another: sign in, see the
// pages, stay signed in over a restart of the console.
func TestServeWithStandIn(t *testing.T) {
	file, err := filepath.Abs(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand := start(t, nil, "sandbox", "-addr", "127.0.0.1:0", "-world", file)
	env := []string{"OBP_BASE_URL=" + stand.url, "OBP_CONSUMER_KEY=" + recordedKey, "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + t.TempDir(), "LOG_FORMAT=json"}
	p := start(t, env, "serve")
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	for _, path := range []string{"/", "/requests", "/journal", "/me"} {
		if resp, body := visit(t, "GET", p.url+path, cookie, nil); resp.StatusCode != 200 {
			t.Errorf("%s: %s\n%s", path, resp.Status, body)
		}
	}
	if resp, _ := visit(t, "POST", p.url+"/sign-in", "", url.Values{"username": {"anna.approver"}, "password": {"wrong"}}); resp.StatusCode < 400 {
		t.Errorf("a wrong password: %s", resp.Status)
	}
	p.terminate()
	p.stopped()
	if !strings.HasPrefix(p.errs.wait(t, "started"), "{") {
		t.Errorf("LOG_FORMAT=json:\n%s", p.errs)
	}
	again := start(t, env, "serve")
	if resp, _ := visit(t, "GET", again.url+"/", cookie, nil); resp.StatusCode != 200 {
		t.Errorf("after a restart: %s", resp.Status)
	}
}

// With OBP out of reach the console starts, is ready, and shows sign-in.
func TestServeWithoutOBP(t *testing.T) {
	p := start(t, []string{"OBP_BASE_URL=http://127.0.0.1:1", "OBP_CONSUMER_KEY=k", "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + t.TempDir()}, "serve")
	for _, path := range []string{"/sign-in", "/healthz", "/readyz"} {
		if resp, body := visit(t, "GET", p.url+path, "", nil); resp.StatusCode != 200 {
			t.Errorf("%s: %s\n%s", path, resp.Status, body)
		}
	}
	if line := p.errs.wait(t, "started"); !strings.Contains(line, "public_url="+p.url) {
		t.Errorf("PUBLIC_URL does not follow the port that was taken: %s", line)
	}
	env := func(k string) string {
		return map[string]string{"LISTEN_ADDR": strings.TrimPrefix(p.url, "http://")}[k]
	}
	if code := run(t.Context(), []string{"healthcheck"}, env, &bytes.Buffer{}, &bytes.Buffer{}); code != 0 {
		t.Errorf("healthcheck: exit %d", code)
	}
	p.terminate()
	p.stopped()
}

// What cannot be used is told before anything is made.
func TestServeRefuses(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	junk := t.TempDir()
	if err := os.WriteFile(filepath.Join(junk, sessionKeyFile), []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		env   map[string]string
		args  []string
		code  int
		wants []string
	}{
		{"nothing set", map[string]string{}, nil, 2, []string{"2 settings", "OBP_BASE_URL: nothing was given", "OBP_CONSUMER_KEY: nothing was given", "console demo"}},
		{"an argument", good(), []string{"now"}, 2, []string{`"now"`}},
		{"a flag", good(), []string{"-port", "1"}, 2, []string{"-port"}},
		{"the port is taken", map[string]string{"LISTEN_ADDR": strings.TrimPrefix(taken.URL, "http://")}, nil, 1, []string{"cannot listen on " + strings.TrimPrefix(taken.URL, "http://")}},
		{"no folder", map[string]string{"DATA_DIR": filepath.Join(junk, sessionKeyFile)}, nil, 2, []string{"DATA_DIR: "}},
		{"a key file with junk", map[string]string{"DATA_DIR": junk}, nil, 2, []string{"SESSION_KEY: ", filepath.Join(junk, sessionKeyFile)}},
	} {
		if len(c.env) > 0 {
			for k, v := range good() {
				c.env[k] = v
			}
			if c.env["LISTEN_ADDR"] == "" {
				c.env["LISTEN_ADDR"] = "127.0.0.1:0"
			}
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"serve"}, c.args...), func(k string) string { return c.env[k] }, &out, &errs)
		if code != c.code || out.Len() > 0 {
			t.Errorf("%s: exit %d, want %d; stdout %q; stderr %s", c.name, code, c.code, out.String(), errs.String())
		}
		for _, w := range c.wants {
			if !strings.Contains(errs.String(), w) {
				t.Errorf("%s: no %q in %s", c.name, w, errs.String())
			}
		}
	}
}
