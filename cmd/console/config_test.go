package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"obpconsole/handlers"
	"obpconsole/web/templates"
)

func good() map[string]string {
	return map[string]string{"OBP_BASE_URL": "https://obp.example.com", "OBP_CONSUMER_KEY": "abc-123"}
}

func mustRead(t *testing.T, more ...string) Config {
	t.Helper()
	e := good()
	for i := 0; i < len(more); i += 2 {
		e[more[i]] = more[i+1]
	}
	c, err := readConfig(e)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigDefaults(t *testing.T) {
	c := mustRead(t)
	if c.PublicURL != "http://127.0.0.1:8080" || c.OBPAPIVersion != "v5.0.0" || !c.SignInAllowed.RoleHolders || c.SignInAllowed.Anyone {
		t.Errorf("%+v", c)
	}
	if c.IdleTimeout != 15*time.Minute || c.SessionLifetime != 12*time.Hour || c.OBPTimeout != time.Minute || c.RowsPerPage != 25 {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.HighRiskRoles, templates.DefaultHighRisk()) || len(c.ReasonCodes) == 0 {
		t.Errorf("roles %v, reasons %v", c.HighRiskRoles, c.ReasonCodes)
	}
	// A variable that is set to nothing counts as absent.
	if c := mustRead(t, "LISTEN_ADDR", "", "SESSION_KEY", ""); c.ListenAddr != "127.0.0.1:8080" {
		t.Errorf("an empty variable: %+v", c)
	}
}

func TestConfigForms(t *testing.T) {
	key := strings.Repeat("0a", 32)
	for _, c := range []struct {
		name, value string
		ok          func(Config) bool
	}{
		{"OBP_ALLOW_HTTP", "obp.internal, ,other", func(c Config) bool { return slices.Equal(c.OBPAllowHTTP, []string{"obp.internal", "other"}) }},
		{"SIGN_IN_ALLOWED", "role-holders,susan.super", func(c Config) bool {
			return c.SignInAllowed.RoleHolders && c.SignInAllowed.Usernames["susan.super"]
		}},
		{"HIGH_RISK_ROLES", "default,CanX,-CanDeleteUser", func(c Config) bool {
			return slices.Contains(c.HighRiskRoles, "CanX") && !slices.Contains(c.HighRiskRoles, "CanDeleteUser") &&
				len(c.HighRiskRoles) == len(templates.DefaultHighRisk())
		}},
		{"HELD_APART", "CanX+CanY, CanX+CanZ", func(c Config) bool {
			return slices.Equal(c.HeldApart, rolePairs{{"CanX", "CanY"}, {"CanX", "CanZ"}})
		}},
		{"HIGH_RISK_ROLES", "none", func(c Config) bool { return c.HighRiskRoles != nil && len(c.HighRiskRoles) == 0 }},
		{"SAME_PERSON", "a=b=c, d = e", func(c Config) bool {
			return fmt.Sprint(c.SamePerson) == fmt.Sprint(handlers.SamePerson{{"a", "b", "c"}, {"d", "e"}})
		}},
		{"AUDITORS", "CanGetAnyUser, audrey", func(c Config) bool { return slices.Equal(c.Auditors, []string{"CanGetAnyUser", "audrey"}) }},
		{"JOURNAL_BANK_READERS", "CanB,CanA", func(c Config) bool { return slices.Equal(c.JournalBankReaders, []string{"CanA", "CanB"}) }},
		{"REASON_CODES", "job:New job: branch; out : Left", func(c Config) bool {
			return slices.Equal(c.ReasonCodes, reasonCodes{{Code: "job", Text: "New job: branch"}, {Code: "out", Text: "Left"}})
		}},
		{"REASON_CODES", "default;own:Our own", func(c Config) bool { return len(c.ReasonCodes) == len(defaultReasons)+1 }},
		{"REASON_CODES", "none", func(c Config) bool { return len(c.ReasonCodes) == 0 }},
		{"TRUSTED_PROXIES", "10.1.2.3/8,192.0.2.7,2001:db8::/32", func(c Config) bool {
			return slices.Equal(c.TrustedProxies, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")})
		}},
		{"SESSION_KEY", key, func(c Config) bool {
			return c.SessionKey[31] == 10 && !strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "10, 10")
		}},
		{"SESSION_KEY_PREVIOUS", key + "," + key, func(c Config) bool { return len(c.SessionKeyPrevious) == 2 }},
		{"JOURNAL_KEY_PREVIOUS", key, func(c Config) bool { return len(c.JournalKeyPrevious) == 1 }},
		{"LISTEN_ADDR", "localhost:0", func(c Config) bool { return c.PublicURL == "http://localhost:0" }},
		{"OBP_API_VERSION", "v5.1.0", func(c Config) bool { return c.OBPAPIVersion == "v5.1.0" }},
		{"TIME_ZONE", "Asia/Kathmandu", func(c Config) bool { return c.TimeZone == "Asia/Kathmandu" }},
	} {
		if got := mustRead(t, c.name, c.value); !c.ok(got) {
			t.Errorf("%s=%q: %+v", c.name, c.value, got)
		}
	}
}

// Every mistake names its variable and what is wanted, and shows no secret.
func TestConfigMistakes(t *testing.T) {
	const secret = "hunter2!"
	for _, c := range []struct{ name, value, wanted string }{
		{"OBP_BASE_URL", "", "https://obp.example.com"},
		{"OBP_BASE_URL", "http://obp.example.com", "wanted https"},
		{"OBP_BASE_URL", "https://admin:" + secret + "@obp.example.com", "without user name"},
		{"OBP_BASE_URL", "https://admin:" + secret + "%zz@obp.example.com", "https://obp.example.com"},
		{"OBP_CONSUMER_KEY", "", "consumer key"},
		{"OBP_CONSUMER_KEY", secret, "letters, digits"},
		{"OBP_API_VERSION", "v3.1.0", "v5.0.0"},
		{"OBP_API_VERSION", "v5.0.0/../x", "v5.0.0"},
		{"OBP_TIMEOUT", "soon", "60s"},
		{"OBP_TIMEOUT", "-1s", "60s"},
		{"LISTEN_ADDR", "8080", "HOST:PORT"},
		{"LISTEN_ADDR", "127.0.0.1:99999", "HOST:PORT"},
		{"PUBLIC_URL", "http://console.example.com", "wanted https"},
		{"PUBLIC_URL", "https://example.com/console", "no path"},
		{"PUBLIC_URL", "console", "https://console.example.com"},
		{"PUBLIC_URL", "https://me:" + secret + "@example.com", "scheme and host"},
		{"SESSION_KEY", secret, "64 hex digits"},
		{"SESSION_KEY", strings.Repeat("0", 64), "64 hex digits"},
		{"SESSION_KEY_PREVIOUS", strings.Repeat("a", 64) + "," + secret, "64 hex digits"},
		{"JOURNAL_KEY", strings.Repeat("a", 62), "64 hex digits"},
		{"JOURNAL_KEY_PREVIOUS", secret, "64 hex digits"},
		{"SIGN_IN_ALLOWED", "anyone,susan", "anyone stands alone"},
		{"IDLE_TIMEOUT", "20m", "15m"},
		{"IDLE_TIMEOUT", "0s", "15m"},
		{"SESSION_LIFETIME", "13h", "12h"},
		{"SESSION_LIFETIME", "5m", "IDLE_TIMEOUT"},
		{"HIGH_RISK_ROLES", "default,can delete", "CanX to add"},
		{"HIGH_RISK_ROLES", "default,-CanDeleteUsr", "not in the list"},
		{"HELD_APART", "CanX+CanY,CanZ", "CanX+CanY"},
		{"HELD_APART", "CanX+CanX", "two roles"},
		{"OBP_CHALLENGE_TIME", "-1m", "10m"},
		{"SAME_PERSON", "a=b,c", "two or more"},
		{"SAME_PERSON", "a==b", "empty name"},
		{"REASON_CODES", "no text", "code:text"},
		{"REASON_CODES", "a:x;a:y", "twice"},
		{"TRUSTED_PROXIES", "proxy.example.com", "10.0.0.0/8"},
		{"ENVIRONMENT_COLOR", "pink", "red, amber, green, blue or gray"},
		{"JOURNAL_RETENTION", "1h", "87600h"},
		{"OBP_MAX_BAD_LOGINS", "-1", "0 to 1000"},
		{"RESETS_BY_OPERATOR", "0", "1 to 1000"},
		{"RESETS_FOR_PERSON", "101", "1 to 100"},
		{"PROOF_ORDINARY", "31m", "30m"},
		{"PROOF_DANGEROUS", "6m", "5m"},
		{"SECOND_PERSON", "maybe", "high-risk or off"},
		{"PUPPET_DAYS", "-1", "0 to 365"},
		{"APPROVAL_LAPSE", "5m", "168h"},
		{"ROWS_PER_PAGE", "many", "whole number"},
		{"ROWS_PER_PAGE", "9", "10 to 100"},
		{"MAX_CONNECTIONS", "10", "64 to 65536"},
		{"LOG_FORMAT", "xml", "text or json"},
		{"LOG_LEVEL", "loud", "debug, info, warn or error"},
		{"TIME_ZONE", "Mars/Olympus", "Europe/Berlin"},
		{"TIME_ZONE", "Local", "Europe/Berlin"},
	} {
		e := good()
		e[c.name] = c.value
		_, err := readConfig(e)
		var bad Mistakes
		if !errors.As(err, &bad) || len(bad) != 1 || bad[0].Name != c.name || !strings.Contains(bad[0].Error(), c.wanted) {
			t.Errorf("%s=%q: got %v, want a sentence with %q", c.name, c.value, err, c.wanted)
			continue
		}
		if strings.Contains(bad[0].Error(), secret) {
			t.Errorf("%s: the secret is printed: %v", c.name, err)
		}
	}
}

// An address that others can reach has no PUBLIC_URL of its own.
func TestConfigPublicURLNeeded(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:8080", ":8080", "[::]:8080"} {
		e := good()
		e["LISTEN_ADDR"] = addr
		_, err := readConfig(e)
		if err == nil || !strings.Contains(err.Error(), "PUBLIC_URL: nothing was given") || !strings.Contains(err.Error(), addr) {
			t.Errorf("%s: %v", addr, err)
		}
		e["PUBLIC_URL"] = "https://console.example.com"
		if _, err := readConfig(e); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestConfigAllMistakesAtOnce(t *testing.T) {
	e := good()
	wrong := []string{"OBP_BASE_URL", "LOG_FORMAT", "SESSION_KEY", "OBP_TIMEOUT", "ROWS_PER_PAGE", "TRUSTED_PROXIES"}
	for _, name := range wrong {
		e[name] = "x"
	}
	_, err := readConfig(e)
	var bad Mistakes
	if !errors.As(err, &bad) || len(bad) != len(wrong) {
		t.Fatalf("want %d mistakes: %v", len(wrong), err)
	}
	for _, name := range wrong {
		if !strings.Contains(err.Error(), "  "+name+": ") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
