package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"obpconsole/obp"
)

// How far the clocks may be apart before it is told, and before it is wrong.
const (
	skewTold  = 30 * time.Second
	skewWrong = 5 * time.Minute
	certSoon  = 21 * 24 * time.Hour
)

// server looks at the server without a sign-in, and says whether it is OBP.
func (d *diagnosis) server(ctx context.Context, c Config, client *obp.Client) bool {
	l, err := client.Look(ctx)
	d.reachable(c, l, err)
	d.tls(c, l, err)
	if err != nil {
		d.add("version", resultUnknown, "not known", "")
	} else {
		d.version(ctx, c, client, l)
	}
	d.clock(l)
	return err == nil
}

func (d *diagnosis) reachable(c Config, l obp.Look, err error) {
	const check = "reachable"
	kind := obp.KindOf(err)
	switch {
	case err == nil:
		d.add(check, resultOK, "the server answers as OBP", "")
	case kind == obp.KindUnreachable:
		d.add(check, resultFailed, cause(err), "start the OBP server, or put its address into OBP_BASE_URL; it must be reachable from this machine")
	case kind == obp.KindTimeout:
		d.add(check, resultFailed, fmt.Sprintf("no answer within OBP_TIMEOUT, %s", c.OBPTimeout), "look at the OBP server's load and at what stands between, or set a longer OBP_TIMEOUT")
	case l.Status >= 300 && l.Status < 400:
		d.add(check, resultFailed, fmt.Sprintf("the server answers with a redirect, status %d", l.Status), "put the address that it leads to into OBP_BASE_URL, such as https instead of http")
	case kind == obp.KindJunk && strings.Contains(l.Type, "html"):
		d.add(check, resultFailed, fmt.Sprintf("a web page (HTML) answers, status %d, not OBP's API", l.Status), "put the address of the API into OBP_BASE_URL, not that of the portal or of a sign-in page before it")
	case kind == obp.KindJunk:
		d.add(check, resultFailed, fmt.Sprintf("something answers that is not OBP's API, status %d", l.Status), "put the address of the API into OBP_BASE_URL")
	case kind == obp.KindNotFound:
		d.add(check, resultFailed, fmt.Sprintf("the server does not know OBP %s", c.OBPAPIVersion), "set OBP_API_VERSION to a v5 that it serves, and look whether OBP_BASE_URL needs a path before /obp")
	case kind == obp.KindUnavailable:
		d.add(check, resultFailed, fmt.Sprintf("the server is out of order, status %d", l.Status), "look at the OBP server's log and at the proxy before it")
	default:
		d.add(check, resultFailed, "OBP refuses to say what it is: "+cause(err), "look at the OBP server's log")
	}
}

// cause is what an error of the client says of itself, without the call.
func cause(err error) string {
	e, ok := obp.AsError(err)
	switch {
	case !ok:
		return err.Error()
	case e.Code != "":
		return strings.TrimSpace(e.Code + " " + e.Message)
	case e.Unwrap() != nil:
		return e.Unwrap().Error()
	}
	return fmt.Sprintf("status %d", e.Status)
}

func (d *diagnosis) tls(c Config, l obp.Look, err error) {
	const check = "TLS"
	base, _ := url.Parse(c.OBPBaseURL) // checked when it was read
	left := time.Until(l.CertEnds)
	switch {
	case base.Scheme == "http" && loopback(base.Hostname()):
		d.add(check, resultOK, "none: plain http on this machine", "")
	case base.Scheme == "http":
		d.add(check, resultWarning, "none: passwords and tokens go over plain http to "+base.Host, "give the OBP server a certificate, and OBP_BASE_URL https")
	case errors.Is(err, obp.ErrCertificate):
		d.add(check, resultFailed, cause(err), "renew the server's certificate, or name its authority in OBP_CA_FILE")
	case errors.Is(err, obp.ErrNoTLS):
		d.add(check, resultFailed, cause(err), "look whether the port in OBP_BASE_URL is the one with TLS")
	case l.TLS == "":
		d.add(check, resultUnknown, "not known", "")
	case left < certSoon:
		d.add(check, resultWarning, fmt.Sprintf("%s; the certificate runs out on %s", l.TLS, l.CertEnds.UTC().Format(time.DateOnly)), "renew the server's certificate")
	default:
		d.add(check, resultOK, fmt.Sprintf("%s; certificate until %s", l.TLS, l.CertEnds.UTC().Format(time.DateOnly)), "")
	}
}

func (d *diagnosis) version(ctx context.Context, c Config, client *obp.Client, l obp.Look) {
	d.Version = l.Root.Version
	text := fmt.Sprintf("OBP API %s, commit %s", l.Root.Version, l.Root.GitCommit)
	if strings.TrimPrefix(l.Root.Version, "v") != strings.TrimPrefix(c.OBPAPIVersion, "v") {
		d.add("version", resultWarning, fmt.Sprintf("%s; the console asks for %s", text, c.OBPAPIVersion), "set OBP_API_VERSION to what the server serves")
		return
	}
	newer, err := client.As(obp.Credential{}).Newer(ctx)
	if err == nil && !newer {
		text += "; without v5.1.0, so a person's accounts are shown in less detail"
	}
	d.add("version", resultOK, text, "")
}

func (d *diagnosis) clock(l obp.Look) {
	const check = "clock"
	ahead := l.Ahead.Round(time.Second)
	apart := fmt.Sprintf("the server's clock is %s ahead of this machine's", ahead)
	if ahead < 0 {
		apart = fmt.Sprintf("the server's clock is %s behind this machine's", -ahead)
	}
	const do = "set both clocks by the same time service (NTP); else ages of requests and times in the journal are wrong"
	switch {
	case !l.Dated:
		d.add(check, resultUnknown, "the server tells no time", "")
	case ahead.Abs() >= skewWrong:
		d.add(check, resultFailed, apart, do)
	case ahead.Abs() >= skewTold:
		d.add(check, resultWarning, apart, do)
	default:
		d.add(check, resultOK, "the clocks agree to a few seconds", "")
	}
}
