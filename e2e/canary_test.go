package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

const (
	canaryPassword = "Canary-Passw0rd-7f3a"
	canaryReason   = "canary-reason-91c2"
	canaryTicket   = "canary-ticket-55e0"
)

// eavesdropper stands between the console and the stand-in and notes every
// token that is given out, so that the test knows what must not leak.
func eavesdropper(t *testing.T, obpURL string) (address string, tokens func() []string) {
	t.Helper()
	target, err := url.Parse(obpURL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var seen []string
	p := httputil.NewSingleHostReverseProxy(target)
	p.ModifyResponse = func(res *http.Response) error {
		if !strings.HasSuffix(res.Request.URL.Path, "/logins/direct") {
			return nil
		}
		dump, err := httputil.DumpResponse(res, true)
		if err != nil {
			return err
		}
		var in struct{ Token string }
		_, body, _ := strings.Cut(string(dump), "\r\n\r\n")
		if json.NewDecoder(strings.NewReader(body[strings.Index(body, "{"):])).Decode(&in) == nil && in.Token != "" {
			mu.Lock()
			seen = append(seen, in.Token)
			mu.Unlock()
		}
		return nil
	}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return s.URL, func() []string { mu.Lock(); defer mu.Unlock(); return append([]string{}, seen...) }
}

// Token, password, reason and ticket appear in no log line, address, cookie,
// browser storage or message, after a whole run with failures in it. First a
// marker shows of each channel that it is watched (security 9, security 29,
// security 39).
func TestCanaryLeaksNowhere(t *testing.T) {
	needs(t, ownWorld, faults)
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) { canaryRun(t, "LOG_FORMAT="+format) })
	}
}

func canaryRun(t *testing.T, setting string) {
	w, ids := someWorld()
	w.user(anna).Password = canaryPassword
	obp := newStandIn(t, w)
	proxy, tokens := eavesdropper(t, obp.url)
	c := serveAgainst(t, proxy, setting, "LOG_LEVEL=debug", "OBP_TIMEOUT=2s")
	v := visit(t, c.url)
	in := func(secret string) {
		v.open("/sign-in")
		v.typeSignIn(anna, secret)
	}
	v.expect(401, "/sign-in")
	in(canaryPassword + "x")
	in(canaryPassword)
	v.open("/requests?person=marker-query")
	v.open("/requests/" + ids.branch)
	v.fill(id("reason"), canaryReason)
	v.fill(id("ticket"), canaryTicket)
	obp.fault("GET /entitlement-requests", map[string]any{"junk": "html", "times": 1})
	v.expect(502, "/requests/"+ids.branch+"/approve")
	v.click(id("approve"))
	v.see(id("problem"))
	v.quiet()
	v.open("/requests/" + ids.branch)
	v.click(id("approve"))
	v.see(id("flash"))
	v.quiet()
	v.fill(id("reason"), canaryReason)
	obp.fault("DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}", map[string]any{"status": 500, "message": "OBP-50000: Unknown Error. token=" + tokens()[0], "times": 2})
	v.expect(502, "/requests/"+ids.atm+"/decline")
	v.click(id("decline"))
	v.wait("an answer", `document.querySelector('[data-testid="problem"], [data-testid="flash"]')`)
	v.quiet()
	v.fill(id("reason"), canaryReason)
	obp.forget() // the session ends with a form on its way
	v.click(id("decline"))
	v.see(id("sign-in-form"))
	v.quiet()
	v.typeSignIn(anna, canaryPassword)
	v.quiet()
	if v.scripts {
		_, _ = evaluate[bool](v, `(console.info('marker-console'), true)`)
		_, _ = evaluate[bool](v, `fetch('/csp-report', {method: 'POST', headers: {'Content-Type': 'application/csp-report'}, body: JSON.stringify({'csp-report': {'document-uri': 'http://marker-report/?x=`+canaryReason+`', 'violated-directive': 'script-src'}})}).then(() => true)`)
	}
	v.quiet()

	all := tokens()
	if len(all) < 2 {
		t.Fatalf("%d tokens were seen", len(all))
	}
	cookie := v.cookies()
	if len(cookie) != 1 {
		t.Fatalf("%d cookies", len(cookie))
	}
	channels := map[string]struct{ text, marker string }{
		"the log":              {c.out.String(), "/requests/{id}"},
		"addresses":            {v.addresses(), "marker-query"},
		"the cookie":           {fmt.Sprintf("%+v", *cookie[0]), cookieName},
		"the browser's log":    {strings.Join(v.complaints(), "\n"), "marker-console"},
		"the page":             {v.get("document.documentElement.outerHTML"), anna},
		"headers of the pages": {v.answerHeaders(), "Content-Security-Policy"},
	}
	secrets := map[string]string{"the password": canaryPassword, "the consumer key": consumerKey}
	for i, token := range all {
		secrets[fmt.Sprint("token ", i)] = token
	}
	for name, ch := range channels {
		if !strings.Contains(strings.ToLower(ch.text), strings.ToLower(ch.marker)) {
			t.Errorf("%s is not watched: %q is not in it:\n%s", name, ch.marker, ch.text)
		}
		for what, secret := range secrets {
			if strings.Contains(ch.text, secret) || strings.Contains(ch.text, url.QueryEscape(secret)) {
				t.Errorf("%s is in %s", what, name)
			}
		}
		if name == "the page" {
			continue // what was typed stands in its own form again
		}
		for _, typed := range []string{canaryReason, canaryTicket} {
			if strings.Contains(ch.text, typed) {
				t.Errorf("%s is in %s", typed, name)
			}
		}
	}
	if strings.Contains(c.out.String(), "marker-query") {
		t.Error("the log holds a query")
	}
	if s := v.stored(); len(s) != 0 {
		t.Error("the browser stores ", s)
	}
	v.pardonMarkers()
}
