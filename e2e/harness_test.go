package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; report-uri /csp-report"

const good = `<!DOCTYPE html><html lang="en"><head><title>Small</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="/icon"></head><body><main><h1>Small page</h1>
<form method="post" action="/sent"><label for="a">Word</label> <input id="a" name="a" data-testid="word">
<button data-testid="send">Send</button></form><p data-testid="noscript"><noscript>No scripts</noscript></p>
<script src="/own.js"></script></main></body></html>`

// smallSite is a page of our own that behaves, or misbehaves as asked.
func smallSite(t *testing.T) string {
	pages := map[string]string{
		"/":            good,
		"/icon":        "",
		"/favicon.ico": "", // asked for by a page that names none
		"/own.js":      `document.querySelector('h1').dataset.testid = 'scripted'`,
		"/bad/inline":  strings.Replace(good, "</h1>", "</h1><script>1</script>", 1),
		"/bad/console": strings.Replace(good, "/own.js", "/console.js", 1), "/console.js": `console.warn('watch out')`,
		"/bad/throws": strings.Replace(good, "/own.js", "/throws.js", 1), "/throws.js": `throw new Error('broke')`,
		"/bad/store": strings.Replace(good, "/own.js", "/store.js", 1),
		"/store.js":  `localStorage.a = 'b'; sessionStorage.c = 'd'; indexedDB.open('e'); caches.open('f');`,
		"/bad/fetch": strings.Replace(good, "/own.js", "/fetch.js", 1), "/fetch.js": `fetch('/missing')`,
		"/bad/asks": strings.Replace(good, "/own.js", "/asks.js", 1), "/asks.js": `alert('well?')`,
		"/bad/axe": strings.Replace(good, `<label for="a">Word</label>`, "", 1),
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		switch body, ok := pages[r.URL.Path]; {
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, body)
		case r.URL.Path == "/sent":
			fmt.Fprintf(w, strings.Replace(good, "Small page", "Sent %s", 1), r.FormValue("a"))
		case r.URL.Path == "/bad/cookie":
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "x"})
			fmt.Fprint(w, good)
		case ok:
			fmt.Fprint(w, body)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// The verbs work with scripts on and off, and a page that behaves passes.
func TestHarnessDrivesAPage(t *testing.T) {
	site := smallSite(t)
	inTurn(t, func(t *testing.T, setup option) {
		v := visit(t, site, setup)
		v.open("/")
		if v.scripts {
			v.see(id("scripted"))
		} else {
			v.seeText(id("noscript"), "No scripts")
		}
		v.press("\t")
		if got := v.focus(); got != `input[data-testid="word"]` {
			t.Errorf("the focus is on %s", got)
		}
		v.fill(id("word"), "first")
		v.fill(id("word"), "")
		v.fill(id("word"), "çà & <b>")
		v.follow(func() { v.click(id("send")) })
		v.seeText("h1", "Sent çà &")
		if v.path() != "/sent" {
			t.Errorf("the path is %s", v.path())
		}
		v.gone(id("none"))
		if n := v.count("h1"); n != 1 {
			t.Errorf("%d headings are counted", n)
		}
		for _, x := range v.sent() {
			if x.path != "/icon" && (x.wire == 0 || x.status != 200) {
				t.Errorf("%s %s: status %d, %d bytes", x.method, x.path, x.status, x.wire)
			}
		}
		v.axe("small page")
		v.follow(v.back)
		v.seeText("h1", "Small page")
		v.expect(404, "/gone")
		v.open("/gone")
	})
}

// Each channel is really watched: what goes wrong on it is found
// (security 26 and security 31 need it).
func TestHarnessSeesFaults(t *testing.T) {
	site := smallSite(t)
	for _, c := range []struct{ path, want string }{
		{"/bad/inline", "content policy"},
		{"/bad/inline", "a report of the content policy"},
		{"/bad/console", "console.warning: watch out"},
		{"/bad/throws", "broke"},
		{"/bad/fetch", "unexpected answer: 404 /missing"},
		{"/bad/store", "local or session storage: a: b"},
		{"/bad/store", "local or session storage: c: d"},
		{"/bad/store", "database e"},
		{"/bad/store", "cache f"},
		{"/bad/cookie", "the name is other"},
		{"/bad/asks", "the browser asks (alert): well?"},
		{"/bad/axe", "label"},
		{"/bad/nothing", "unexpected answer: 404 /bad/nothing"},
		{"/", "expected answer that did not come: 403 /"},
	} {
		t.Run(strings.Trim(c.path, "/")+" "+c.want, func(t *testing.T) {
			v := visit(t, site)
			if c.path == "/" {
				v.expect(403, "/")
			}
			v.open(c.path)
			v.until(c.want, func() bool { return strings.Contains(strings.Join(v.everyFault(), "\n"), c.want) })
			v.pardon()
		})
	}
}

func (v *visitor) everyFault() (out []string) {
	out = append(v.faults(), v.stored()...)
	for _, c := range v.cookies() {
		out = append(out, cookieFaults(c))
	}
	for _, f := range v.runAxe(v.axeWorld()) {
		out = append(out, f.ID)
	}
	return out
}

// pardon keeps a page that is faulty by intent from failing its test.
func (v *visitor) pardon() { v.pardoned = true }

// The stand-in is read and made to fail from outside.
func TestHarnessSteersTheStandIn(t *testing.T) {
	needs(t, faults, ownWorld)
	if n := len(fullWorld(25).Requests); n != 25 {
		t.Errorf("a full world has %d requests", n)
	}
	w, ids := someWorld()
	s := newStandIn(t, w)
	got := s.world()
	if len(got.Requests) != len(w.Requests) || len(got.Entitlements) != len(w.Entitlements) {
		t.Fatalf("the stand-in has %d requests and %d entitlements", len(got.Requests), len(got.Entitlements))
	}
	if !s.open(ids.branch) || s.open("none") {
		t.Error("the open requests are told wrongly")
	}
	if n := s.granted(w.user(maria).UserID, "CanCreateProduct", bankTwo); n != 1 {
		t.Errorf("maria holds the role %d times", n)
	}
	s.fault("GET /root", map[string]any{"hold": "before"})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if res, err := http.Get(s.url + "/obp/v5.0.0/root"); err == nil {
			res.Body.Close()
		}
	}()
	s.held("GET /root")
	s.release("GET /root")
	<-answered
	s.heal()
	if n := s.writes(); n != 0 {
		t.Errorf("%d writes were counted", n)
	}
	s.kill()
	eventually(t, "the stand-in is gone", func() bool {
		res, err := http.Get(s.url)
		if err == nil {
			res.Body.Close()
		}
		return err != nil
	})
}
