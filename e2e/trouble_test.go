package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

func problem(key string) string { return `[data-testid="problem"][data-problem="` + key + `"]` }

// When OBP does not answer as it should, the page says what is amiss in words,
// and what was typed is not lost.
func TestServerInTroubleIsSaidInWords(t *testing.T) {
	needs(t, faults)
	for _, c := range []struct {
		name   string
		fault  map[string]any
		status int64
		key    string
		words  string
	}{
		{"cut off", map[string]any{"cut": "before"}, 502, "down", "cannot be reached"},
		{"failing", map[string]any{"status": 503, "message": "OBP-50005: An unspecified or internal error occurred."}, 502, "down", "cannot be reached"},
		{"slow", map[string]any{"delay_ms": 60000}, 504, "slow", "too long"},
		{"HTML", map[string]any{"junk": "html"}, 502, "junk", "not an answer of OBP"},
		{"empty", map[string]any{"junk": "empty"}, 502, "junk", "not an answer of OBP"},
		{"broken", map[string]any{"junk": "broken"}, 502, "junk", "not an answer of OBP"},
		{"limited", map[string]any{"status": 429, "message": "OBP-10018: Too Many Requests."}, 429, "limited", "takes no more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, ids := someWorld()
			console := serve(t, w, "OBP_TIMEOUT=2s")
			v := console.visit(t)
			v.signIn(anna)
			v.open("/requests/" + ids.branch)
			v.fill(id("reason"), "typed before the trouble")
			console.obp.fault("GET /entitlement-requests", c.fault)
			path := "/requests/" + ids.branch + "/approve"
			v.expect(c.status, path)
			v.click(id("approve"))
			v.seeText(problem(c.key), c.words)
			v.quiet()
			if n := console.obp.writes(); n != 0 {
				t.Errorf("%d writes reached OBP", n)
			}
			v.wait("the focus to be in the page", "document.activeElement != document.body") // it moves when the new part stands
			v.expect(c.status, "/requests")
			v.click(id("nav-requests"))
			v.seeText(problem(c.key), c.words)
			if v.count(id("queue-empty")) != 0 {
				t.Error("the error looks like an empty list")
			}
			v.quiet()
			console.obp.heal()
			v.open("/requests/" + ids.branch)
			if got := v.value(id("reason")); got != "typed before the trouble" {
				t.Errorf("the reason is %q after the trouble", got)
			}
			v.click(id("approve"))
			v.see(id("flash"))
		})
	}
}

// A wrong OBP_BASE_URL is said in words: at start when it cannot be one, at
// sign-in when something else answers there.
func TestWrongServerIsSaidInWords(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/json/obp/v5.0.0/my/logins/direct" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"hello":"world"}`)
			return
		}
		fmt.Fprint(w, "<html><body>Welcome to another server</body></html>")
	}))
	defer web.Close()
	silent := httptest.NewServer(http.NotFoundHandler())
	silent.Close() // nobody listens there
	for _, c := range []struct {
		name, url, words string
		status           int64
	}{
		{"another web server", web.URL, "not an answer of OBP", 502},
		{"nobody there", silent.URL, "cannot be reached", 502},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serveAgainst(t, c.url)
			inTurn(t, func(t *testing.T, setup option) {
				v := visit(t, p.url, setup)
				v.open("/sign-in")
				v.expect(c.status, "/sign-in")
				v.typeSignIn(anna, password)
				v.seeText(signInError, c.words)
				if strings.Contains(v.get("document.body.innerText"), "Welcome to another server") {
					t.Error("the page shows what another server said")
				}
			})
		})
	}
	for _, url := range []string{"", "obp.example.com", "http://obp.example.com", "https://user:pw@obp.example.com", "ftp://obp.example.com"} {
		cmd := exec.Command(binary, "serve")
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"OBP_BASE_URL=" + url, "OBP_CONSUMER_KEY=not_a_key!"}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("OBP_BASE_URL %q: exit code %d, want 2", url, code)
		}
		for _, want := range []string{"OBP_BASE_URL", "OBP_CONSUMER_KEY"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("OBP_BASE_URL %q: %s is not named in:\n%s", url, want, out)
			}
		}
		if strings.Contains(string(out), "not_a_key!") || strings.Contains(string(out), "pw@") {
			t.Errorf("OBP_BASE_URL %q: a secret is printed:\n%s", url, out)
		}
	}
}

// A grant that OBP applied without answering is read back, and never sent
// twice; a closing that failed is said and can be finished (security 19).
func TestCutWiresWhileApproving(t *testing.T) {
	needs(t, faults)
	const grant, closing = "POST /users/{USER_ID}/entitlements", "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}"
	for _, c := range []struct {
		name, op string
		fault    map[string]any
		status   int64 // of the approval's own answer, 0: it leads on
		granted  int
		open     bool
	}{
		{"grant applied, not answered", grant, map[string]any{"cut": "after", "times": 1}, 0, 1, false},
		{"grant refused", grant, map[string]any{"status": 400, "message": "OBP-30211: Bank not found.", "times": 1}, 400, 0, true},
		{"closing applied, not answered", closing, map[string]any{"cut": "after", "times": 1}, 0, 1, false},
		{"closing answers false", closing, map[string]any{"false": true, "times": 1}, 0, 1, true},
		{"closing refused", closing, map[string]any{"status": 403, "message": "OBP-20006: User is missing one or more roles: CanDeleteEntitlementRequestsAtAnyBank", "times": 1}, 0, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, ids := someWorld()
			console := serve(t, w, "OBP_TIMEOUT=2s")
			v := console.visit(t)
			v.signIn(anna)
			v.open("/requests/" + ids.branch)
			v.fill(id("reason"), "cut wires")
			console.obp.fault(c.op, c.fault)
			if c.status != 0 {
				v.expect(c.status, "/requests/"+ids.branch+"/approve")
			}
			v.click(id("approve"))
			if c.status != 0 {
				v.see(id("problem"))
			} else {
				v.see(id("flash"))
			}
			v.quiet()
			held := func() int { return console.obp.granted(w.user(felix).UserID, "CanCreateBranch", bankOne) }
			if n := held(); n != c.granted || console.obp.open(ids.branch) != c.open {
				t.Fatalf("felix holds the role %d times, request open: %t", n, console.obp.open(ids.branch))
			}
			if c.granted == 1 && c.open {
				v.open("/")
				v.seeText(id("home-unfinished"), felix)
				v.open("/requests/" + ids.branch)
				v.click(id("close-form") + " button")
				v.see(id("flash"))
				if n := held(); n != 1 || console.obp.open(ids.branch) {
					t.Errorf("after finishing: held %d times, request open: %t", n, console.obp.open(ids.branch))
				}
				v.open("/")
				v.gone(id("home-unfinished"))
			}
		})
	}
}
