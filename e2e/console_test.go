package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// console is the program under test with the OBP server that it talks to.
type console struct {
	*process
	obp *standIn
}

// serve starts a stand-in of this world and a console against it. Further
// settings replace those of the same name.
func serve(t *testing.T, w world, settings ...string) *console {
	t.Helper()
	obp := newStandIn(t, w)
	return &console{serveAgainst(t, obp.url, settings...), obp}
}

// serveAgainst starts a console against any OBP address.
func serveAgainst(t *testing.T, obpURL string, settings ...string) *process {
	t.Helper()
	return start(t, append([]string{"OBP_BASE_URL=" + obpURL, "OBP_CONSUMER_KEY=" + consumerKey, "LISTEN_ADDR=127.0.0.1:0"}, settings...), "serve")
}

// visit opens a browser on the console.
func (c *console) visit(t *testing.T, options ...option) *visitor {
	t.Helper()
	return visit(t, c.url, options...)
}

// signIn signs a person in on the page that is shown, or on the sign-in page.
func (v *visitor) signIn(name string) {
	v.t.Helper()
	if v.get("location.pathname") != "/sign-in" {
		v.open("/sign-in")
	}
	v.typeSignIn(name, secretOf(name))
	v.see(id("sign-out"))
	v.quiet()
}

func (v *visitor) typeSignIn(name, secret string) {
	v.t.Helper()
	v.fill("#username", name)
	v.fill("#password", secret)
	v.follow(func() { v.click(id("sign-in-form") + " button") })
}

// otherSite serves a page of another site than the console's, and gives its address.
func otherSite(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,"><main><h1>Elsewhere</h1>%s</main>`, body)
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // a site of its own for the browser
}
