// Package obp speaks to an Open Bank Project server: one method for each call,
// bound to the token of the person who signed in. Nothing else of the console
// knows OBP's HTTP.
package obp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// Config of New. Zero values take the defaults in brackets.
type Config struct {
	BaseURL        string        // https://host[:port], no path beyond an optional prefix
	ConsumerKey    string        // of the console as an OBP app
	APIVersion     string        // [v5.0.0]
	AllowHTTP      []string      // hosts to which plain http is allowed beside loopback
	Timeout        time.Duration // of one try [60 s: OBP's own is 55 s]
	ConnectTimeout time.Duration // [5 s]
	MaxBody        int           // bytes of an answer [8 MiB]
	MaxConns       int           // connections to OBP [64]
	TLS            *tls.Config   // authorities and client certificate; nil: the system's, and none
	// Observe is told of every try that ended, before its caller is; nil: nobody.
	Observe func(context.Context, Call)
}

// Client is one OBP server. It may be used concurrently.
type Client struct {
	cfg  Config
	rest *resty.Client
	kept sync.Map // path -> keptAnswer
	seen health
	wall *breaker
}

// RootAddress is where the server tells about itself, see [API.Root].
func (c *Client) RootAddress() string { return c.cfg.BaseURL + "/obp/" + c.cfg.APIVersion + "/root" }

// String names the server, and hides the consumer key.
func (c *Client) String() string { return "[obp " + c.cfg.BaseURL + "]" }

// CheckBaseURL says what is wrong with an OBP base address, nil when nothing is.
func CheckBaseURL(base string, allowHTTP []string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("wanted an address such as https://obp.example.com")
	case u.User != nil:
		return errors.New("wanted an address without user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("wanted an address without query or fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("wanted https (or http for a host in OBP_ALLOW_HTTP)")
	case isLoopback(u.Hostname()) || slices.Contains(allowHTTP, u.Hostname()):
		return nil
	}
	return fmt.Errorf("http is allowed for loopback and hosts in OBP_ALLOW_HTTP only; wanted https")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// New makes a client; it sends nothing.
func New(cfg Config) (*Client, error) {
	if err := CheckBaseURL(cfg.BaseURL, cfg.AllowHTTP); err != nil {
		return nil, err
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	if cfg.APIVersion == "" {
		cfg.APIVersion = "v5.0.0"
	}
	def(&cfg.Timeout, 60*time.Second)
	def(&cfg.ConnectTimeout, 5*time.Second)
	def(&cfg.MaxBody, 8<<20)
	def(&cfg.MaxConns, 64)
	tr := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: cfg.ConnectTimeout}).DialContext,
		TLSHandshakeTimeout:   cfg.ConnectTimeout,
		MaxConnsPerHost:       cfg.MaxConns,
		MaxIdleConns:          cfg.MaxConns,
		MaxIdleConnsPerHost:   cfg.MaxConns,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     true,
		ResponseHeaderTimeout: cfg.Timeout,
		TLSClientConfig:       cfg.TLS,
	}
	fair := min(cfg.ConnectTimeout, cfg.Timeout/2)
	// no cookie jar: one person's OBP session must not go with another's call
	wall := newBreaker(tr, fair)
	rest := resty.New().SetBaseURL(cfg.BaseURL).SetTransport(wall).SetCookieJar(nil).
		SetTimeout(cfg.Timeout).SetResponseBodyLimit(cfg.MaxBody).
		SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		})).
		SetHeader("Accept", "application/json").SetHeader("User-Agent", "obp-console").
		SetLogger(silent{}).SetDisableWarn(true)
	rest.JSONMarshal = marshal
	return &Client{cfg: cfg, rest: rest, wall: wall}, nil
}

func def[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// Credential is what proves a person to OBP. It prints as [credential].
type Credential struct {
	Scheme string // "DirectLogin"
	Token  string
}

// String hides the token.
func (Credential) String() string { return "[credential]" }

// GoString hides the token.
func (Credential) GoString() string { return "[credential]" }

// LogValue hides the token.
func (Credential) LogValue() slog.Value { return slog.StringValue("[credential]") }

// As binds the client to a person's credential.
func (c *Client) As(cred Credential) *API { return &API{client: c, cred: cred} }

// API is a Client in the name of one person.
type API struct {
	client *Client
	cred   Credential
}

// String hides the credential.
func (*API) String() string { return "[api]" }

// GoString hides the credential.
func (*API) GoString() string { return "[api]" }

// silent drops resty's own log, which would print addresses and bodies.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
