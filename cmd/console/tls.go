package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"obpconsole/obp"
)

// certificate is a pair of files that are read again when they change, so that
// a new certificate needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu     sync.Mutex
	cert   *tls.Certificate
	state  [2]fileState // of the files that were tried last
	looked time.Time
}

// fileState is what tells that a file was written anew.
type fileState struct {
	at   time.Time
	size int64
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

// loadCertificate reads the pair for the first time.
func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, now: time.Now}
	c.state, c.looked = c.states(), c.now()
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	c.cert = &cert
	return c, nil
}

func (c *certificate) states() (out [2]fileState) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			out[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return out
}

// current gives the pair as it stands in the files. While they cannot be used,
// such as between the writing of one and the other, the former pair holds.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		if s := c.states(); s != c.state {
			c.state = s
			cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
			if err != nil {
				c.log.Warn("the new certificate cannot be used; the former one stays", "file", c.certFile, "error", err)
			} else {
				c.cert = &cert
				c.log.Info("certificate loaded", "file", c.certFile, "until", cert.Leaf.NotAfter)
			}
		}
	}
	return c.cert
}

// until is when the pair expires.
func (c *certificate) until() time.Time { return c.current().Leaf.NotAfter }

// overTLS makes a listener speak TLS 1.2 or later with the pair, and HTTP/2.
func (c *certificate) overTLS(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.current(), nil
		},
	})
}

// ownCertificate is what the console shows to browsers, nil without TLS.
func ownCertificate(c Config, log *slog.Logger) (*certificate, error) {
	if c.TLSCertFile == "" {
		return nil, nil
	}
	own, err := loadCertificate(c.TLSCertFile, c.TLSKeyFile, log)
	if err != nil {
		return nil, Mistake{"TLS_CERT_FILE", c.TLSCertFile, pairWanted(err)}
	}
	return own, nil
}

// newClient makes the client of the OBP server of the settings, which tells
// observe of each call, and gives the certificate that it shows; nil when none.
func newClient(c Config, log *slog.Logger, observe func(context.Context, obp.Call)) (*obp.Client, *certificate, error) {
	toOBP, shown, err := obpTLS(c, log)
	if err != nil {
		return nil, nil, err
	}
	client, err := obp.New(obp.Config{BaseURL: c.OBPBaseURL, ConsumerKey: c.OBPConsumerKey, APIVersion: c.OBPAPIVersion,
		AllowHTTP: c.OBPAllowHTTP, Timeout: c.OBPTimeout, TLS: toOBP, Observe: observe})
	return client, shown, err
}

// obpTLS is how the console proves itself to OBP and OBP to the console; nil
// when the system's defaults hold. pair is nil without a client certificate.
func obpTLS(c Config, log *slog.Logger) (conf *tls.Config, pair *certificate, err error) {
	if c.OBPCAFile == "" && c.OBPClientCertFile == "" {
		return nil, nil, nil
	}
	conf = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.OBPCAFile != "" {
		if conf.RootCAs, err = readCAs(c.OBPCAFile); err != nil {
			return nil, nil, Mistake{"OBP_CA_FILE", c.OBPCAFile, err.Error()}
		}
	}
	if c.OBPClientCertFile != "" {
		if pair, err = loadCertificate(c.OBPClientCertFile, c.OBPClientKeyFile, log); err != nil {
			return nil, nil, Mistake{"OBP_CLIENT_CERT_FILE", c.OBPClientCertFile, pairWanted(err)}
		}
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return pair.current(), nil
		}
	}
	return conf, pair, nil
}

func pairWanted(err error) string {
	return fmt.Sprintf("wanted a PEM file with a certificate that fits its key: %v", err)
}

func readCAs(file string) (*x509.CertPool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("wanted a PEM file of certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, errors.New("wanted a PEM file of certificates; it holds none")
	}
	return pool, nil
}

// checkTLS wants certificates and keys to come in pairs. Whether the files can
// be used is told when they are read, at the start.
func (r *reader) checkTLS(c Config) {
	for _, p := range [][4]string{{"TLS_CERT_FILE", c.TLSCertFile, "TLS_KEY_FILE", c.TLSKeyFile},
		{"OBP_CLIENT_CERT_FILE", c.OBPClientCertFile, "OBP_CLIENT_KEY_FILE", c.OBPClientKeyFile}} {
		switch {
		case p[1] != "" && p[3] == "":
			r.bad(p[2], "wanted the key of the certificate in %s", p[0])
		case p[1] == "" && p[3] != "":
			r.bad(p[0], "wanted the certificate of the key in %s", p[2])
		}
	}
}

// ownURL is the address of the console when nothing stands before it.
func ownURL(c Config, addr string) string {
	if c.TLSCertFile != "" {
		return "https://" + addr
	}
	return "http://" + addr
}
