package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/session/journal"
)

const helpdesk = "henry.helpdesk"

// recorded is a stand-in with the recorded world.
func recorded(t *testing.T, change func(*sandbox.World)) *sandbox.Server {
	t.Helper()
	w, err := world("../../obp/testdata/world.json")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&w)
	}
	s, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listening serves h, and gives its address.
func listening(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// doctor runs the command with these settings beside address and key.
func doctor(t *testing.T, address string, more map[string]string, args ...string) (code int, text string) {
	t.Helper()
	env := map[string]string{"OBP_BASE_URL": address, "OBP_CONSUMER_KEY": recordedKey, "DATA_DIR": filepath.Join(t.TempDir(), "data"), "OBP_TIMEOUT": "5s",
		"OBP_DOCTOR_USER": helpdesk, "OBP_DOCTOR_PASSWORD": recordedPassword}
	for k, v := range more {
		env[k] = v
	}
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"doctor"}, args...), func(name string) string { return env[name] }, &out, &out)
	if strings.Contains(out.String(), recordedPassword) || strings.Contains(out.String(), env["OBP_CONSUMER_KEY"]) {
		t.Errorf("a secret is printed:\n%s", out.String())
	}
	return code, out.String()
}

// Each thing that may be wrong is named, with what to do about it.
func TestDoctorSaysWhatToDo(t *testing.T) {
	good := listening(t, recorded(t, nil))
	secure := httptest.NewTLSServer(recorded(t, nil))
	t.Cleanup(secure.Close)
	authority, kept := filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "password")
	if err := errors.Join(os.WriteFile(kept, []byte(recordedPassword+"\n"), 0o600),
		os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600)); err != nil {
		t.Fatal(err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	shifted := func(by time.Duration) string {
		s := recorded(t, nil)
		return listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			s.ServeHTTP(w, r)
		}))
	}
	for _, c := range []struct {
		name, address string
		env           map[string]string
		code          int
		says          []string
	}{
		{"good", good, nil, 0, []string{"nothing is wrong", "OBP API v5.0.0", "accepted; " + helpdesk, "switched on", "the clocks agree", "24 of 50 are open to " + helpdesk,
			"POST /users/{USERNAME}/locks yes", "DELETE /users/{USER_ID} no: CanDeleteUser", "none yet"}},
		{"a wrong key", good, map[string]string{"OBP_CONSUMER_KEY": "anotherkey0123456789"}, 1, []string{"OBP-20008", "/consumer-registration", "OBP_CONSUMER_KEY"}},
		{"a wrong password", good, map[string]string{"OBP_DOCTOR_PASSWORD": "n0t-that-one"}, 1, []string{"the key is accepted", "OBP_DOCTOR_PASSWORD"}},
		{"HTML answers", listening(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<!DOCTYPE html><html><title>Sign in</title></html>"))
		})), nil, 1, []string{"a web page (HTML) answers", "not that of the portal", "not checked, since"}},
		{"HTML with 404", listening(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<html>nothing here</html>"))
		})), nil, 1, []string{"a web page (HTML) answers, status 404"}},
		{"a redirect", listening(t, http.RedirectHandler("https://obp.example.com", http.StatusMovedPermanently)), nil, 1, []string{"redirect, status 301", "https instead of http"}},
		{"down", gone.URL, nil, 1, []string{"no connection", "start the OBP server", "OBP_BASE_URL"}},
		{"out of order", listening(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })), nil, 1, []string{"out of order, status 500"}},
		{"a clock an hour ahead", shifted(time.Hour), nil, 1, []string{"h0m", "ahead of this machine's", "NTP"}},
		{"a clock an hour behind", shifted(-time.Hour), nil, 1, []string{"behind this machine's", "NTP"}},
		{"a clock a minute ahead", shifted(time.Minute), nil, 0, []string{"warning", "ahead of this machine's", "nothing is wrong"}},
		{"no reset links", listening(t, recorded(t, func(w *sandbox.World) { w.Settings.ResetPasswordURL = false })), nil, 0, []string{"switched off", "ResetPasswordUrlEnabled=true"}},
		{"who may not make reset links", good, map[string]string{"OBP_DOCTOR_USER": "bella.branch"}, 0, []string{"lacks the role CanCreateResetPasswordUrl", "yes, at rec.bank.one"}},
		{"nobody to sign in", good, map[string]string{"OBP_DOCTOR_USER": "", "OBP_DOCTOR_PASSWORD": ""}, 0, []string{"unknown consumer key", "nobody to sign in", "OBP_DOCTOR_USER"}},
		{"a certificate of nobody", secure.URL, nil, 1, []string{"certificate is not accepted", "OBP_CA_FILE"}},
		{"a certificate of its own authority", secure.URL, map[string]string{"OBP_CA_FILE": authority}, 0, []string{"nothing is wrong", "certificate until"}},
		{"a password in a file", good, map[string]string{"OBP_DOCTOR_PASSWORD": "", "OBP_DOCTOR_PASSWORD_FILE": kept}, 0, []string{"accepted; " + helpdesk}},
		{"no TLS there", strings.Replace(good, "http:", "https:", 1), nil, 1, []string{"does not speak TLS"}},
		{"another version", good, map[string]string{"OBP_API_VERSION": "v5.9.0"}, 1, []string{"does not know OBP v5.9.0", "OBP_API_VERSION"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, table := doctor(t, c.address, c.env)
			text := strings.Join(strings.Fields(table), " ")
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, s := range c.says {
				if !strings.Contains(text, s) {
					t.Errorf("%q is not said", s)
				}
			}
			if t.Failed() {
				t.Log(table)
			}
			var d diagnosis
			same, printed := doctor(t, c.address, c.env, "-json")
			if err := json.Unmarshal([]byte(printed), &d); err != nil || same != code || d.OK != (code == 0) || len(d.Checks) < 7 {
				t.Errorf("-json: exit code %d, %v: %s", same, err, printed)
			}
		})
	}
}

// The doctor changes nothing: not at OBP, and not in the folder.
func TestDoctorChangesNothing(t *testing.T) {
	s := recorded(t, nil)
	before := s.World()
	dir := filepath.Join(t.TempDir(), "data")
	if code, text := doctor(t, listening(t, s), map[string]string{"DATA_DIR": dir}); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	if !reflect.DeepEqual(s.World(), before) {
		t.Error("something was changed at OBP")
	}
	for op, n := range s.Calls() {
		if !strings.HasPrefix(op, "GET ") && op != "POST /my/logins/direct" && op != "POST /obp/v5.0.0/management/user/reset-password-url" {
			t.Errorf("%s was called %d times", op, n)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}

// The stores are read, also those that somebody broke.
func TestDoctorReadsTheStores(t *testing.T) {
	address := listening(t, recorded(t, nil))
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	key := strings.Repeat("00", 31) + "07"
	store, err := session.OpenSQLite(t.Context(), filepath.Join(dir, sessionsFile))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Path: filepath.Join(dir, journalFile), Key: [32]byte{31: 7}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := j.Record(t.Context(), journal.Entry{Act: journal.ActSignIn}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(code int, says ...string) {
		t.Helper()
		got, text := doctor(t, address, map[string]string{"DATA_DIR": dir, "JOURNAL_KEY": key})
		for _, s := range says {
			if got != code || !strings.Contains(text, s) {
				t.Errorf("exit code %d, want %d with %q:\n%s", got, code, s, text)
			}
		}
	}
	wants(0, "intact to entry 3", "is whole") // while both are in use
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	wants(0, "others may look into", "chmod 700")
	if _, err := j.DB().ExecContext(t.Context(), `UPDATE head SET n = n - 1`); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	wants(1, "it was changed", "console journal verify")
	if err := os.WriteFile(filepath.Join(dir, sessionsFile), []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(1, "sessions", "everybody signs in anew")
	key = ""
	wants(1, "its key cannot be read")
}

// A doctor that cannot begin says why.
func TestDoctorAskedWrongly(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"OBP_BASE_URL":        {"OBP_BASE_URL": "obp"},
		"wanted both or none": {"OBP_DOCTOR_PASSWORD": ""},
		"OBP_CONSUMER_KEY":    {"OBP_CONSUMER_KEY": "(none)"},
	} {
		if code, text := doctor(t, "http://127.0.0.1:1", env); code != exitUsage || !strings.Contains(text, want) {
			t.Errorf("exit code %d: %s", code, text)
		}
	}
	if code, text := doctor(t, "http://127.0.0.1:1", nil, "-ask"); code != exitUsage || !strings.Contains(text, "wanted a terminal") {
		t.Errorf("-ask without a terminal: exit code %d: %s", code, text)
	}
}

// Shared stores are read as files are: tables that are behind are told and not
// made, and what was changed or does not answer is named.
func TestDoctorReadsSharedStores(t *testing.T) {
	at := servers.Postgres(t).Database(t)
	key := secretKey{31: 7}
	env := map[string]string{"DATABASE_URL": at, "REDIS_URL": servers.Redis(t).Database(t), "NODES": "2", "SESSION_KEY": strings.Repeat("5e", 32), "JOURNAL_KEY": strings.Repeat("00", 31) + "07"}
	address := listening(t, recorded(t, nil))
	wants := func(code int, says ...string) {
		t.Helper()
		got, text := doctor(t, address, env)
		for _, s := range says {
			if got != code || !strings.Contains(text, s) {
				t.Errorf("exit code %d, want %d with %q:\n%s", got, code, s, text)
			}
		}
	}
	for range 2 { // the first one makes no table
		wants(0, "bring its tables up to date", "console migrate")
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"migrate"}, func(name string) string { return env[name] }, &out, &out); code != 0 {
		t.Fatal(out.String())
	}
	j, err := journal.Open(t.Context(), journal.Options{Postgres: at, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Record(t.Context(), journal.Entry{Act: journal.ActSignIn}, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	wants(0, "its tables are up to date", "in PostgreSQL and Redis", "intact to entry 1")
	if _, err := j.DB().ExecContext(t.Context(), `UPDATE head SET n = n + 1`); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	wants(1, "it was changed")
	env["REDIS_URL"] = "redis://127.0.0.1:1/0"
	wants(1, "REDIS_URL: 127.0.0.1:1", "look whether the server runs")
	env["DATABASE_URL"] = "postgres://console:s3cret@127.0.0.1:1/console?sslmode=disable"
	wants(1, "DATABASE_URL: 127.0.0.1:1", "look whether the database runs")
	if _, text := doctor(t, address, env); strings.Contains(text, "s3cret") {
		t.Errorf("the password is told:\n%s", text)
	}
}
