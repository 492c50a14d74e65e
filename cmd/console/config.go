package main

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"obpconsole/obp"
)

// Config is every setting of the console, read from the environment.
type Config struct {
	OBPBaseURL       string        `env:"OBP_BASE_URL"`
	OBPConsumerKey   string        `env:"OBP_CONSUMER_KEY"`
	OBPAPIVersion    string        `env:"OBP_API_VERSION" envDefault:"v5.0.0"`
	OBPAllowHTTP     []string      `env:"OBP_ALLOW_HTTP"`
	OBPTimeout       time.Duration `env:"OBP_TIMEOUT" envDefault:"60s"`
	ListenAddr       string        `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080"`
	PublicURL        string        `env:"PUBLIC_URL"`
	DataDir          string        `env:"DATA_DIR" envDefault:"data"`
	SessionKey       string        `env:"SESSION_KEY"`
	JournalKey       string        `env:"JOURNAL_KEY"`
	SignInAllowed    string        `env:"SIGN_IN_ALLOWED" envDefault:"role-holders"`
	EnvironmentLabel string        `env:"ENVIRONMENT_LABEL"`
	LogFormat        string        `env:"LOG_FORMAT" envDefault:"text"`
	TimeZone         string        `env:"TIME_ZONE" envDefault:"UTC"`
}

// Mistake is one setting that cannot be used.
type Mistake struct {
	Name   string // of the variable
	Given  string // what stood there; "(hidden)" for a secret
	Wanted string
}

func (m Mistake) String() string {
	given := strconv.Quote(m.Given)
	switch m.Given {
	case "":
		given = "nothing"
	case hidden:
		given = "a value that is not shown"
	}
	return fmt.Sprintf("%s: %s was given; %s", m.Name, given, m.Wanted)
}

const hidden = "(hidden)"

// readConfig reads and checks every setting, and gives all mistakes at once.
func readConfig(environ map[string]string) (Config, []Mistake) {
	var c Config
	var out []Mistake
	bad := func(name, given, wanted string, args ...any) {
		out = append(out, Mistake{name, given, fmt.Sprintf(wanted, args...)})
	}
	if d := environ["OBP_TIMEOUT"]; d != "" {
		if v, err := time.ParseDuration(d); err != nil || v <= 0 {
			bad("OBP_TIMEOUT", d, "wanted a time such as 60s")
			environ = without(environ, "OBP_TIMEOUT")
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: environ}); err != nil {
		bad("settings", "", "%v", err)
	}
	if err := obp.CheckBaseURL(c.OBPBaseURL, c.OBPAllowHTTP); err != nil {
		bad("OBP_BASE_URL", withoutUser(c.OBPBaseURL), "%v", err)
	}
	switch {
	case c.OBPConsumerKey == "":
		bad("OBP_CONSUMER_KEY", "", "wanted the consumer key that OBP gave the console")
	case strings.ContainsFunc(c.OBPConsumerKey, func(r rune) bool { return !keyRune(r) }):
		bad("OBP_CONSUMER_KEY", hidden, "wanted letters, digits and - only")
	}
	if !strings.HasPrefix(c.OBPAPIVersion, "v5.") {
		bad("OBP_API_VERSION", c.OBPAPIVersion, "wanted v5.0.0 or a later v5")
	}
	_, port, err := net.SplitHostPort(c.ListenAddr)
	listens := err == nil && isPort(port)
	if !listens {
		bad("LISTEN_ADDR", c.ListenAddr, "wanted HOST:PORT")
	}
	derived := c.PublicURL == ""
	if derived {
		c.PublicURL = "http://" + c.ListenAddr
	}
	if wanted := checkPublicURL(c.PublicURL); wanted != "" && (listens || !derived) {
		bad("PUBLIC_URL", withoutUser(c.PublicURL), "%s", wanted)
	}
	for _, k := range []struct{ name, value string }{{"SESSION_KEY", c.SessionKey}, {"JOURNAL_KEY", c.JournalKey}} {
		if b, err := hex.DecodeString(k.value); k.value != "" && (err != nil || len(b) != 32) {
			bad(k.name, hidden, "wanted 64 hex digits (32 bytes)")
		}
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		bad("LOG_FORMAT", c.LogFormat, "wanted text or json")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		bad("TIME_ZONE", c.TimeZone, "wanted a zone such as Europe/Berlin or UTC")
	}
	return c, out
}

// checkPublicURL says what is wanted instead, empty when the address is right:
// https, or http on loopback, without a path.
func checkPublicURL(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "wanted an address such as https://console.example.com"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "wanted scheme and host only"
	case u.Path != "" && u.Path != "/":
		return "wanted no path: the console needs a host of its own"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "wanted https: plain http is for loopback only"
	}
	return ""
}

func withoutUser(s string) string {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		u.User = nil
		return u.String()
	}
	return s
}

func without(m map[string]string, key string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

func keyRune(r rune) bool {
	return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n <= 65535
}
