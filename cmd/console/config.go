package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"obpconsole/handlers"
	"obpconsole/obp"
	"obpconsole/session"
)

// Config is every setting of the console, read from the environment. The tags
// tell a person what each is for: "does" in a sentence, "shown" what stands for
// a default that is not plain text, "secret" that the value is never printed.
type Config struct {
	OBPBaseURL        string        `env:"OBP_BASE_URL" shown:"(needed)" does:"Address of the OBP server: https, or http for loopback and the hosts in OBP_ALLOW_HTTP."`
	OBPConsumerKey    string        `env:"OBP_CONSUMER_KEY" shown:"(needed)" secret:"yes" does:"Key of the console as an app of that server."`
	OBPAPIVersion     string        `env:"OBP_API_VERSION" envDefault:"v5.0.0" does:"Version of OBP's API, v5.0.0 or a later v5."`
	OBPAllowHTTP      []string      `env:"OBP_ALLOW_HTTP" does:"Hosts that may be spoken to over plain http, parted by commas."`
	OBPTimeout        time.Duration `env:"OBP_TIMEOUT" envDefault:"60s" does:"How long one call to OBP may take. OBP itself gives up after 55 s."`
	OBPCAFile         string        `env:"OBP_CA_FILE" does:"PEM file of the certificate authorities that the OBP server's certificate is checked with, instead of the system's."`
	OBPClientCertFile string        `env:"OBP_CLIENT_CERT_FILE" does:"PEM file of the certificate that the console shows to the OBP server; read again when it changes."`
	OBPClientKeyFile  string        `env:"OBP_CLIENT_KEY_FILE" does:"PEM file of its key."`

	ListenAddr     string         `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080" does:"HOST:PORT to listen on; port 0 takes a free one."`
	PublicURL      string         `env:"PUBLIC_URL" shown:"LISTEN_ADDR" does:"Address that people open: https and a host of its own, or http on loopback."`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" does:"Networks of the proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8, parted by commas."`
	MaxConnections int            `env:"MAX_CONNECTIONS" envDefault:"2048" does:"Connections that are open at once, 64 to 65536. Past that, the one that waits longest for its client is closed."`
	TLSCertFile    string         `env:"TLS_CERT_FILE" does:"PEM file of the console's own certificate, with its chain; read again when it changes. Empty: plain http, for loopback or behind a proxy."`
	TLSKeyFile     string         `env:"TLS_KEY_FILE" does:"PEM file of its key."`

	Nodes       int    `env:"NODES" envDefault:"1" does:"How many consoles run side by side, 1 to 100. Several share one database: see docs/several-nodes.md."`
	DatabaseURL string `env:"DATABASE_URL" secret:"yes" does:"Address of the PostgreSQL database for sessions and journal, instead of files in DATA_DIR: postgres://console@db.example.com/console?sslmode=verify-full. Both keys must be set then."`
	RedisURL    string `env:"REDIS_URL" secret:"yes" does:"Address of a Redis for the sessions and the rate limits, such as rediss://redis.example.com:6379/0; the rest stays in the database."`

	DataDir            string     `env:"DATA_DIR" envDefault:"data" does:"Folder for sessions, journal and keys; made with mode 0700."`
	SessionKey         secretKey  `env:"SESSION_KEY" shown:"made in DATA_DIR" secret:"yes" does:"Encrypts the sessions: 64 hex digits."`
	SessionKeyPrevious secretKeys `env:"SESSION_KEY_PREVIOUS" secret:"yes" does:"Former session keys, parted by commas; sessions made with them stay alive."`
	JournalKey         secretKey  `env:"JOURNAL_KEY" shown:"made in DATA_DIR" secret:"yes" does:"Seals the journal: 64 hex digits. Keep a copy away from this machine."`
	JournalKeyPrevious secretKeys `env:"JOURNAL_KEY_PREVIOUS" secret:"yes" does:"Former journal keys, parted by commas; a journal sealed with one still verifies."`

	JournalRetention time.Duration `env:"JOURNAL_RETENTION" envDefault:"87600h" does:"How long personal text stays in the journal; 'console journal erase' takes older text out."`

	SignInAllowed   session.Allowed `env:"SIGN_IN_ALLOWED" envDefault:"role-holders" does:"Who may sign in: anyone; or role-holders (at least one role), user names, or both, parted by commas."`
	IdleTimeout     time.Duration   `env:"IDLE_TIMEOUT" envDefault:"15m" does:"Signed out after this time without a click; 15m at most."`
	SessionLifetime time.Duration   `env:"SESSION_LIFETIME" envDefault:"12h" does:"Signed out after this time in any case; 12h at most."`

	ProofOrdinary  time.Duration `env:"PROOF_ORDINARY" envDefault:"30m" does:"How long ago people may have typed their password, or a code, before an ordinary act, such as approving; 30m at most."`
	ProofDangerous time.Duration `env:"PROOF_DANGEROUS" envDefault:"5m" does:"The same before a dangerous act, such as a reset link or a high-risk role; 5m at most."`
	ChallengeTime  time.Duration `env:"OBP_CHALLENGE_TIME" does:"How long the OBP server lets a challenge be answered, as its own properties say. Empty: not known, and no time is named."`

	HighRiskRoles roleList            `env:"HIGH_RISK_ROLES" envDefault:"default" does:"Roles that need a reason in words, parted by commas. default is the built-in list, -CanX takes a role out, none empties it: default,CanX,-CanY."`
	HeldApart     rolePairs           `env:"HELD_APART" does:"Pairs of roles that one person must not hold together at one scope: CanX+CanY,CanX+CanZ. Who holds one of a pair gets the other as if it were of HIGH_RISK_ROLES."`
	SamePerson    handlers.SamePerson `env:"SAME_PERSON" does:"Accounts of one person, by user name or id: a=b=c,d=e. Nobody decides a request of another account of theirs."`
	ReasonCodes   reasonCodes         `env:"REASON_CODES" envDefault:"default" does:"Reasons offered beside the free text: code:text;code:text. default is the built-in list, none offers none."`

	ResetHosts       []string `env:"RESET_HOSTS" shown:"host of OBP_BASE_URL" does:"Hosts, with the port when it has one, that a password reset link may lead to: the server's portal."`
	ResetsByOperator int      `env:"RESETS_BY_OPERATOR" envDefault:"10" does:"Password reset links that one operator may make within an hour, 1 to 1000."`
	ResetsForPerson  int      `env:"RESETS_FOR_PERSON" envDefault:"3" does:"Password reset links that may be made for one person within an hour, 1 to 100."`
	MaxBadLogins     int      `env:"OBP_MAX_BAD_LOGINS" envDefault:"0" does:"Failed sign-ins after which the OBP server locks an account, its max.bad.login.attempts; 0: not known."`

	SecondFactor string `env:"SECOND_FACTOR" envDefault:"off" does:"totp: everybody gives a code from an authenticator app at sign-in, and sets it up at the first. off: only whoever set it up on their own page."`

	SecondPerson  string        `env:"SECOND_PERSON" envDefault:"high-risk" does:"Which grants take two people: high-risk (the roles of HIGH_RISK_ROLES) or off."`
	PuppetDays    int           `env:"PUPPET_DAYS" envDefault:"30" does:"For so many days, whoever got the right to approve from the first person is no second person; 0 to 365."`
	ApprovalLapse time.Duration `env:"APPROVAL_LAPSE" envDefault:"168h" does:"How long a first approval waits for the second person before it lapses."`

	EmergencyGrants string `env:"EMERGENCY_GRANTS" envDefault:"off" does:"on lets one person alone give a role that takes two, with a reason and a ticket; it stays an alarm until another person has reviewed it. Or off."`

	Auditors           []string `env:"AUDITORS" does:"Who reads the whole journal and may do nothing else: OBP roles, user names or ids, parted by commas."`
	JournalReaders     []string `env:"JOURNAL_READERS" does:"Who reads the whole journal: OBP roles, user names or ids. Everybody reads their own acts."`
	JournalBankReaders roleList `env:"JOURNAL_BANK_READERS" does:"OBP roles of one bank whose holders read what was done at that bank."`
	ConsoleAdmins      []string `env:"CONSOLE_ADMINS" does:"Who sees the sessions of others and ends them: OBP roles, user names or ids."`

	EnvironmentLabel string `env:"ENVIRONMENT_LABEL" does:"Name of this installation, such as test; stands on every page and in every journal entry."`
	EnvironmentColor string `env:"ENVIRONMENT_COLOR" envDefault:"gray" does:"Colour of the label: red, amber, green, blue or gray."`
	TimeZone         string `env:"TIME_ZONE" envDefault:"UTC" does:"Zone in which times are shown, such as Europe/Berlin, unless a person chose another."`
	RowsPerPage      int    `env:"ROWS_PER_PAGE" envDefault:"25" does:"Rows of a list, 10 to 100, unless a person chose another number."`
	LogFormat        string `env:"LOG_FORMAT" envDefault:"text" does:"Form of the log on stderr: text or json."`
	LogLevel         string `env:"LOG_LEVEL" envDefault:"info" does:"What is logged: debug, info, warn or error."`

	MetricsAddress string `env:"METRICS_ADDRESS" does:"HOST:PORT of a second listener that answers /metrics to Prometheus, on a network of operators only. Empty: none."`
	JournalLines   string `env:"JOURNAL_LINES" does:"Where each journal entry goes as a line of JSON without personal text, for a collector: stderr, or a file. Empty: nowhere."`
}

// Mistake is one setting that cannot be used.
type Mistake struct {
	Name   string // of the variable
	Given  string // what stood there; "(hidden)" for a secret
	Wanted string
}

// Error tells the variable, what was given, and what is wanted.
func (m Mistake) Error() string {
	given := strconv.Quote(m.Given)
	switch m.Given {
	case "":
		given = "nothing"
	case hidden:
		given = "a value that is not shown"
	}
	return fmt.Sprintf("%s: %s was given; %s", m.Name, given, m.Wanted)
}

// Mistakes are all that were found at one reading.
type Mistakes []Mistake

// Error lists them, and says where help is.
func (ms Mistakes) Error() string {
	var b strings.Builder
	noun := "settings"
	if len(ms) == 1 {
		noun = "setting"
	}
	fmt.Fprintf(&b, "%d %s cannot be used:\n", len(ms), noun)
	for _, m := range ms {
		fmt.Fprintf(&b, "  %v\n", m)
	}
	b.WriteString("\n'console serve -help' tells what each setting is for; 'console demo' needs none.")
	return b.String()
}

const hidden = "(hidden)"

// reader collects the mistakes of one reading.
type reader struct {
	environ  map[string]string
	mistakes Mistakes
}

// bad adds a mistake, unless the variable has one already.
func (r *reader) bad(name, wanted string, args ...any) {
	if r.good(name) && r.good(name+fileSuffix) {
		r.mistakes = append(r.mistakes, Mistake{name, r.given(name), fmt.Sprintf(wanted, args...)})
	}
}

func (r *reader) good(name string) bool {
	return !slices.ContainsFunc(r.mistakes, func(m Mistake) bool { return m.Name == name })
}

// given is what may be shown of a variable's value.
func (r *reader) given(name string) string {
	v := r.environ[name]
	i := slices.IndexFunc(settings(), func(s setting) bool { return s.Name == name })
	switch {
	case v == "":
		return ""
	case i >= 0 && settings()[i].secret:
		return hidden
	case strings.HasSuffix(name, "_URL"):
		return withoutUser(v)
	}
	return v
}

// readConfig reads and checks every setting, and gives all mistakes at once.
// An empty variable counts as absent.
func readConfig(environ map[string]string) (Config, error) {
	var c Config
	r := &reader{environ: environ}
	r.readFiles()
	r.parse(&c)
	r.checkOBP(c)
	r.checkTLS(c)
	r.checkAddresses(&c)
	r.checkSession(c)
	r.oneOf("SECOND_FACTOR", c.SecondFactor, "totp", "off")
	r.checkStores(c)
	r.oneOf("SECOND_PERSON", c.SecondPerson, "high-risk", "off")
	r.oneOf("EMERGENCY_GRANTS", c.EmergencyGrants, "off", "on")
	if c.MaxBadLogins < 0 || c.MaxBadLogins > 1000 {
		r.bad("OBP_MAX_BAD_LOGINS", "wanted a whole number from 0 to 1000")
	}
	if c.ResetsByOperator < 1 || c.ResetsByOperator > 1000 {
		r.bad("RESETS_BY_OPERATOR", "wanted a whole number from 1 to 1000")
	}
	if c.ResetsForPerson < 1 || c.ResetsForPerson > 100 {
		r.bad("RESETS_FOR_PERSON", "wanted a whole number from 1 to 100")
	}
	if c.PuppetDays < 0 || c.PuppetDays > 365 {
		r.bad("PUPPET_DAYS", "wanted a whole number from 0 to 365")
	}
	if c.ApprovalLapse < time.Hour || c.ApprovalLapse > 90*24*time.Hour {
		r.bad("APPROVAL_LAPSE", "wanted a time such as 168h, from 1h to 2160h")
	}
	r.oneOf("ENVIRONMENT_COLOR", c.EnvironmentColor, "red", "amber", "green", "blue", "gray")
	r.oneOf("LOG_FORMAT", c.LogFormat, "text", "json")
	r.oneOf("LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
		r.bad("TIME_ZONE", "wanted a zone such as Europe/Berlin or UTC")
	}
	r.checkMetrics(c)
	if c.JournalRetention < 24*time.Hour {
		r.bad("JOURNAL_RETENTION", "wanted a time such as 87600h, 24h at least")
	}
	if c.RowsPerPage < 10 || c.RowsPerPage > 100 {
		r.bad("ROWS_PER_PAGE", "wanted a whole number from 10 to 100")
	}
	if c.MaxConnections < 64 || c.MaxConnections > 65536 {
		r.bad("MAX_CONNECTIONS", "wanted a whole number from 64 to 65536")
	}
	if len(r.mistakes) > 0 {
		return Config{}, r.mistakes
	}
	return c, nil
}

// parse fills c; every variable that cannot be read is one mistake.
func (r *reader) parse(c *Config) {
	err := env.ParseWithOptions(c, env.Options{Environment: r.environ, FuncMap: parsers})
	var all env.AggregateError
	if err == nil {
		return
	}
	if !errors.As(err, &all) {
		panic(err) // a Config that env cannot fill is a mistake of ours
	}
	for _, err := range all.Errors {
		var p env.ParseError
		if !errors.As(err, &p) {
			panic(err)
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(p.Name)
		r.bad(field.Tag.Get("env"), "%v", p.Err)
	}
}

var apiVersion = regexp.MustCompile(`^v5\.[0-9]+\.[0-9]+$`)

func (r *reader) checkOBP(c Config) {
	if err := obp.CheckBaseURL(c.OBPBaseURL, c.OBPAllowHTTP); err != nil {
		r.bad("OBP_BASE_URL", "%v", err)
	}
	switch {
	case c.OBPConsumerKey == "":
		r.bad("OBP_CONSUMER_KEY", "wanted the consumer key that OBP gave the console")
	case strings.ContainsFunc(c.OBPConsumerKey, func(r rune) bool { return !keyRune(r) }):
		r.bad("OBP_CONSUMER_KEY", "wanted letters, digits and - only")
	}
	if !apiVersion.MatchString(c.OBPAPIVersion) {
		r.bad("OBP_API_VERSION", "wanted v5.0.0 or a later v5")
	}
	if c.OBPTimeout <= 0 || c.OBPTimeout > 10*time.Minute {
		r.bad("OBP_TIMEOUT", "wanted a time such as 60s, 10m at most")
	}
}

func (r *reader) checkAddresses(c *Config) {
	_, port, err := net.SplitHostPort(c.ListenAddr)
	if err != nil || !isPort(port) {
		r.bad("LISTEN_ADDR", "wanted HOST:PORT")
	}
	if c.PublicURL != "" {
		if wanted := checkPublicURL(c.PublicURL); wanted != "" {
			r.bad("PUBLIC_URL", "%s", wanted)
		}
		return
	}
	c.PublicURL = ownURL(*c, c.ListenAddr)
	if host, _, err := net.SplitHostPort(c.ListenAddr); r.good("LISTEN_ADDR") && err == nil && !loopback(host) {
		r.bad("PUBLIC_URL", "wanted the address that people open, such as https://console.example.com, since LISTEN_ADDR %s is not loopback", c.ListenAddr)
	}
}

// checkMetrics wants a listener that is not the public one.
func (r *reader) checkMetrics(c Config) {
	if c.MetricsAddress == "" {
		return
	}
	_, port, err := net.SplitHostPort(c.MetricsAddress)
	switch _, public, _ := net.SplitHostPort(c.ListenAddr); {
	case err != nil || !isPort(port):
		r.bad("METRICS_ADDRESS", "wanted HOST:PORT")
	case port == public && port != "0":
		r.bad("METRICS_ADDRESS", "wanted another port than LISTEN_ADDR %s", c.ListenAddr)
	}
}

func (r *reader) checkSession(c Config) {
	if c.IdleTimeout <= 0 || c.IdleTimeout > 15*time.Minute {
		r.bad("IDLE_TIMEOUT", "wanted a time such as 15m, which is the longest")
	}
	if c.SessionLifetime <= 0 || c.SessionLifetime > 12*time.Hour {
		r.bad("SESSION_LIFETIME", "wanted a time such as 12h, which is the longest")
	}
	if c.ProofOrdinary < time.Second || c.ProofOrdinary > handlers.ProofOrdinary {
		r.bad("PROOF_ORDINARY", "wanted a time such as 30m, which is the longest, 1s at least")
	}
	if c.ProofDangerous < time.Second || c.ProofDangerous > handlers.ProofDangerous {
		r.bad("PROOF_DANGEROUS", "wanted a time such as 5m, which is the longest, 1s at least")
	}
	if c.ChallengeTime < 0 {
		r.bad("OBP_CHALLENGE_TIME", "wanted a time such as 10m")
	}
	if r.good("IDLE_TIMEOUT") && r.good("SESSION_LIFETIME") && c.IdleTimeout > c.SessionLifetime {
		r.bad("SESSION_LIFETIME", "wanted no less than IDLE_TIMEOUT, %s", c.IdleTimeout)
	}
}

func (r *reader) oneOf(name, value string, words ...string) {
	if !slices.Contains(words, value) {
		last := len(words) - 1
		r.bad(name, "wanted %s or %s", strings.Join(words[:last], ", "), words[last])
	}
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

// withoutUser drops a user name and password from an address; one that cannot
// be read is hidden when it may hold them.
func withoutUser(s string) string {
	u, err := url.Parse(s)
	switch {
	case !strings.Contains(s, "@"):
		return s
	case err != nil || u.User == nil:
		return hidden
	}
	u.User = nil
	return u.String()
}

func keyRune(r rune) bool {
	return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n <= 65535
}
