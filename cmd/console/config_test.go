package main

import (
	"maps"
	"strings"
	"testing"
)

func good() map[string]string {
	return map[string]string{"OBP_BASE_URL": "https://obp.example.com", "OBP_CONSUMER_KEY": "abc-123"}
}

func TestConfigGood(t *testing.T) {
	c, bad := readConfig(good())
	if len(bad) != 0 {
		t.Fatal(bad)
	}
	if c.PublicURL != "http://127.0.0.1:8080" || c.OBPAPIVersion != "v5.0.0" || c.SignInAllowed != "role-holders" {
		t.Errorf("defaults: %+v", c)
	}
}

// Every mistake names its variable and what is wanted, and shows no secret.
func TestConfigMistakes(t *testing.T) {
	const secret = "hunter2!"
	for _, c := range []struct{ name, value, wanted string }{
		{"OBP_BASE_URL", "", "https://obp.example.com"},
		{"OBP_BASE_URL", "http://obp.example.com", "wanted https"},
		{"OBP_BASE_URL", "https://admin:" + secret + "@obp.example.com", "without user name"},
		{"OBP_CONSUMER_KEY", "", "consumer key"},
		{"OBP_CONSUMER_KEY", secret, "letters, digits"},
		{"OBP_API_VERSION", "v3.1.0", "v5.0.0"},
		{"OBP_TIMEOUT", "soon", "60s"},
		{"LISTEN_ADDR", "8080", "HOST:PORT"},
		{"LISTEN_ADDR", "127.0.0.1:99999", "HOST:PORT"},
		{"PUBLIC_URL", "http://console.example.com", "wanted https"},
		{"PUBLIC_URL", "https://example.com/console", "no path"},
		{"PUBLIC_URL", "console", "https://console.example.com"},
		{"SESSION_KEY", secret, "64 hex digits"},
		{"JOURNAL_KEY", strings.Repeat("a", 62), "64 hex digits"},
		{"LOG_FORMAT", "xml", "text or json"},
		{"TIME_ZONE", "Mars/Olympus", "Europe/Berlin"},
	} {
		e := good()
		e[c.name] = c.value
		_, bad := readConfig(e)
		if len(bad) != 1 || bad[0].Name != c.name || !strings.Contains(bad[0].String(), c.wanted) {
			t.Errorf("%s=%q: got %v, want a sentence with %q", c.name, c.value, bad, c.wanted)
			continue
		}
		if strings.Contains(bad[0].String(), secret) {
			t.Errorf("%s: the secret is printed", c.name)
		}
	}
}

func TestConfigAllMistakesAtOnce(t *testing.T) {
	e := maps.Clone(good())
	e["OBP_BASE_URL"], e["LOG_FORMAT"], e["SESSION_KEY"], e["OBP_TIMEOUT"] = "x", "x", "x", "x"
	if _, bad := readConfig(e); len(bad) != 4 {
		t.Errorf("got %d mistakes, want 4: %v", len(bad), bad)
	}
}
