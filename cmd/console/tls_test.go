package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
)

// authority signs the certificates of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	a.cert, a.key, a.file = a.sign(t, tmpl)
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) sign(t *testing.T, tmpl *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, fileOf(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// issue gives the files of a certificate with a serial number, for a name and 127.0.0.1.
func (a *authority) issue(t *testing.T, serial int64, name string) (certFile, keyFile string) {
	t.Helper()
	_, key, certFile := a.sign(t, &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Duration(serial) * time.Hour)})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return certFile, fileOf(t, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// replace puts what a file holds into another, as a certificate manager does.
func replace(t *testing.T, file, by string) {
	t.Helper()
	b, err := os.ReadFile(by)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".new", b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// The console speaks TLS 1.2 and later with HTTP/2, takes a new certificate
// without a restart, and keeps the former one while the files do not fit.
func TestServeTLS(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, 2, "console.test")
	p := start(t, []string{"OBP_BASE_URL=http://127.0.0.1:9", "OBP_CONSUMER_KEY=abc", "LISTEN_ADDR=127.0.0.1:0", "DATA_DIR=" + t.TempDir(),
		"TLS_CERT_FILE=" + cert, "TLS_KEY_FILE=" + key}, "serve")
	if !strings.HasPrefix(p.url, "https://127.0.0.1:") {
		t.Fatalf("listens on %s", p.url)
	}
	serial := func() int64 {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool}, ForceAttemptHTTP2: true}
		defer tr.CloseIdleConnections()
		resp, err := (&http.Client{Transport: tr, Timeout: patience}).Get(p.url + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
			t.Errorf("%s %s", resp.Proto, resp.Status)
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 2 {
		t.Errorf("certificate %d", n)
	}
	if resp, err := http.Get(strings.Replace(p.url, "https", "http", 1) + "/healthz"); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("plain http: %v %v", resp, err)
	}
	addr := strings.TrimPrefix(p.url, "https://")
	if c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: a.pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		c.Close()
		t.Error("TLS 1.1 is spoken")
	}
	env := map[string]string{"LISTEN_ADDR": addr, "TLS_CERT_FILE": cert}
	var said bytes.Buffer
	if code := run(t.Context(), []string{"healthcheck"}, func(k string) string { return env[k] }, &said, &said); code != 0 {
		t.Errorf("healthcheck: %d %s", code, said.String())
	}
	if line := p.errs.wait(t, "started"); !strings.Contains(line, "public_url="+p.url) {
		t.Errorf("PUBLIC_URL: %s", line)
	}

	newCert, newKey := a.issue(t, 3, "console.test")
	replace(t, cert, newCert)
	waitUntil(t, "the pair that does not fit is told of", func() bool {
		if n := serial(); n != 2 {
			t.Fatalf("certificate %d with the key of another", n)
		}
		return strings.Contains(p.errs.String(), "cannot be used")
	})
	replace(t, key, newKey)
	waitUntil(t, "the new certificate", func() bool { return serial() == 3 })
	p.terminate()
	p.stopped()
}

// waitUntil asks again and again, as long as a test may take.
func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not seen in %s", what, patience)
		}
	}
}

// Files that cannot be used, and half a pair, are told before anything is served.
func TestTLSRefused(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, 2, "console.test")
	_, other := a.issue(t, 3, "console.test")
	junk := fileOf(t, "junk")
	for _, c := range []struct {
		env    map[string]string
		wanted string
	}{
		{map[string]string{"TLS_CERT_FILE": cert}, "TLS_KEY_FILE: nothing was given; wanted the key"},
		{map[string]string{"TLS_KEY_FILE": key}, "TLS_CERT_FILE: nothing was given; wanted the certificate"},
		{map[string]string{"TLS_CERT_FILE": cert, "TLS_KEY_FILE": other}, "TLS_CERT_FILE: "},
		{map[string]string{"OBP_CLIENT_CERT_FILE": cert}, "OBP_CLIENT_KEY_FILE: "},
		{map[string]string{"OBP_CLIENT_CERT_FILE": junk, "OBP_CLIENT_KEY_FILE": key}, "OBP_CLIENT_CERT_FILE: "},
		{map[string]string{"OBP_CA_FILE": junk}, "OBP_CA_FILE: "},
		{map[string]string{"OBP_CA_FILE": junk + "x"}, "OBP_CA_FILE: "},
	} {
		env := good()
		env["LISTEN_ADDR"], env["DATA_DIR"] = "127.0.0.1:0", t.TempDir()
		for k, v := range c.env {
			env[k] = v
		}
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"serve"}, func(k string) string { return env[k] }, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), c.wanted) || out.Len() > 0 {
			t.Errorf("%v: exit %d, %s%s", c.env, code, errs.String(), out.String())
		}
	}
}

// The OBP server is reached through the proxy of HTTPS_PROXY, trusted by the
// console's own authorities only, and gets the console's certificate.
func TestOBPOverTLS(t *testing.T) {
	a := newAuthority(t)
	w, err := world(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var shown atomic.Value
	obp := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown.Store(r.TLS.PeerCertificates[0].Subject.CommonName)
		stand.ServeHTTP(w, r)
	}))
	obp.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	obpCert, obpKey := a.issue(t, 2, "obp.test")
	pair, err := tls.LoadX509KeyPair(obpCert, obpKey)
	if err != nil {
		t.Fatal(err)
	}
	obp.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: a.pool, ClientAuth: tls.RequireAndVerifyClientCert}
	obp.StartTLS()
	defer obp.Close()
	var asked atomic.Value
	proxy := httptest.NewServer(tunnel(t, obp.Listener.Addr().String(), &asked))
	defer proxy.Close()

	clientCert, clientKey := a.issue(t, 3, "the console")
	env := []string{"OBP_BASE_URL=https://obp.test", "OBP_CONSUMER_KEY=" + recordedKey, "LISTEN_ADDR=127.0.0.1:0", "HTTPS_PROXY=" + proxy.URL}
	ca := "OBP_CA_FILE=" + a.file
	own := []string{"OBP_CLIENT_CERT_FILE=" + clientCert, "OBP_CLIENT_KEY_FILE=" + clientKey}
	p := start(t, append(append(env, own...), ca, "DATA_DIR="+t.TempDir()), "serve")
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	if resp, body := visit(t, "GET", p.url+"/requests", cookie, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("the queue: %s\n%s", resp.Status, body)
	}
	if asked.Load() != "obp.test:443" || shown.Load() != "the console" {
		t.Errorf("the proxy was asked for %v, OBP was shown %v", asked.Load(), shown.Load())
	}
	for name, env := range map[string][]string{"the system's authorities": append(env, own...), "no certificate": append(env, ca)} {
		p := start(t, append(env, "DATA_DIR="+t.TempDir()), "serve")
		form := url.Values{"username": {"anna.approver"}, "password": {recordedPassword}}
		if resp, _ := visit(t, "POST", p.url+"/sign-in", "", form); resp.StatusCode < 500 || len(resp.Cookies()) > 0 {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
}

// tunnel is a proxy that leads every CONNECT to one address.
func tunnel(t *testing.T, to string, asked *atomic.Value) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Host)
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy sees %s %s", r.Method, r.URL)
			return
		}
		up, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		defer up.Close()
		down, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer down.Close()
		_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(up, buf)
			_ = up.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(down, up)
	})
}

// The files are looked at once a second at most.
func TestCertificateLooks(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, 2, "console.test")
	c, err := loadCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	c.now = func() time.Time { return at }
	newCert, newKey := a.issue(t, 30, "console.test")
	replace(t, cert, newCert)
	replace(t, key, newKey)
	c.looked = at
	if c.current().Leaf.SerialNumber.Int64() != 2 {
		t.Error("read again at once")
	}
	at = at.Add(lookEvery)
	if c.current().Leaf.SerialNumber.Int64() != 30 || time.Until(c.until()) < 29*time.Hour {
		t.Error("not read again")
	}
	if err := os.Remove(filepath.Clean(cert)); err != nil {
		t.Fatal(err)
	}
	at = at.Add(lookEvery)
	if c.current().Leaf.SerialNumber.Int64() != 30 {
		t.Error("a file that is gone takes the certificate with it")
	}
}
