package e2e

import (
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

const (
	opList   = "GET /entitlement-requests"
	opPerson = "GET /users/user_id/{USER_ID}"
	opGrant  = "POST /users/{USER_ID}/entitlements"
	opClose  = "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}"
)

// plain is a browser without scripts, made of HTTP alone.
type plain struct {
	t      *testing.T
	base   string
	cookie string
}

func (b *plain) send(method, path string, form url.Values) (*http.Response, *goquery.Document, error) {
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.cookie != "" {
		r.Header.Set("Cookie", "__Host-console="+b.cookie)
	}
	c := http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookie = c.Value
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	return res, doc, err
}

// must sends and wants the status.
func (b *plain) must(status int, method, path string, form url.Values) *goquery.Document {
	b.t.Helper()
	res, doc, err := b.send(method, path, form)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	if res.StatusCode != status {
		b.t.Fatalf("%s %s: %d, want %d: %s", method, path, res.StatusCode, status, doc.Find("main").Text())
	}
	return doc
}

func (b *plain) signIn(name string) {
	b.t.Helper()
	b.must(http.StatusSeeOther, "POST", "/sign-in", url.Values{"username": {name}, "password": {secretOf(name)}})
}

// The program is killed at every step of an approval and started again: the
// role is given once at most, the request is never lost without it, the first
// page says what was cut off, its page finishes it, and the journal verifies.
func TestKilledAtEveryStep(t *testing.T) {
	needs(t, faults)
	for _, c := range []struct {
		name, op, at string
		applied      bool // the held call is let go after the kill
		alarm        bool
	}{
		{"while the list is read", opList, "before", false, false},
		{"while the person is read", opPerson, "before", false, false},
		{"before the grant is applied", opGrant, "before", false, true},
		{"before the grant is applied, which comes late", opGrant, "before", true, true},
		{"after the grant, before its answer", opGrant, "after", true, true},
		{"before the closing is applied", opClose, "before", false, true},
		{"after the closing, before its answer", opClose, "after", true, true},
	} {
		t.Run(c.name, func(t *testing.T) { killOnce(t, c.op, c.at, c.applied, c.alarm) })
	}
}

func killOnce(t *testing.T, op, at string, applied, alarm bool) {
	w := emptyWorld()
	w.ask(felix, "CanCreateBranch", bankOne, 3*24*time.Hour)
	request := w.Requests[0]
	obp := newStandIn(t, w)
	data := "DATA_DIR=" + t.TempDir()
	first := serveAgainst(t, obp.url, data, "OBP_TIMEOUT=1s", "SIGN_IN_ALLOWED=anyone")
	b := &plain{t: t, base: first.url}
	b.signIn(anna)
	how := map[string]any{"hold": at, "times": 1}
	if !applied {
		how["cut"] = "before" // once released it is dropped
	}
	obp.fault(op, how)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _, _ = b.send("POST", "/requests/"+request.ID+"/approve", url.Values{"reason": {"for the branch"}}) // it ends with the program
	}()
	obp.held(op)
	first.kill()
	<-sent
	obp.release(op)
	if applied {
		eventually(t, "the held call is applied", func() bool {
			return obp.granted(request.UserID, request.Role, request.BankID) == 1 && (op != opClose || !obp.open(request.ID))
		})
	}

	second := serveAgainst(t, obp.url, data, "OBP_TIMEOUT=1s", "SIGN_IN_ALLOWED=anyone")
	b = &plain{t: t, base: second.url}
	b.signIn(anna)
	if alarm {
		eventually(t, "the alarm stands on the first page", func() bool {
			return strings.Contains(b.must(http.StatusOK, "GET", "/", nil).Find(id("home-unfinished")).Text(), felix)
		})
	}
	finishKilled(t, b, request.ID)
	if n := obp.granted(request.UserID, request.Role, request.BankID); n != 1 || obp.open(request.ID) {
		t.Errorf("granted %d times, open %v", n, obp.open(request.ID))
	}
	if text := b.must(http.StatusOK, "GET", "/", nil).Find(id("home-unfinished")).Text(); text != "" {
		t.Errorf("the alarm stays: %s", text)
	}
	out, err := verify(data)
	if err != nil || !strings.Contains(out, "intact to entry") {
		t.Errorf("journal verify: %v %s", err, out)
	}
}

// finishKilled presses what the request's page offers until it is finished.
func finishKilled(t *testing.T, b *plain, id string) {
	t.Helper()
	eventually(t, "the request's page finishes it", func() bool {
		_, doc, err := b.send("GET", "/requests/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case doc.Find(`[data-testid="close-form"]`).Length() > 0:
			b.must(http.StatusSeeOther, "POST", "/requests/"+id+"/close", nil)
		case doc.Find(`[data-testid="approve"]`).Length() > 0:
			res, _, err := b.send("POST", "/requests/"+id+"/approve", url.Values{"reason": {"once more"}})
			if err != nil || res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusConflict {
				t.Fatalf("approve: %v %v", res, err)
			}
		default:
			return doc.Find(`[data-testid="outcome"]`).Length() > 0
		}
		return false
	})
}

// verify runs "console journal verify" over a folder, beside the running program.
func verify(data string) (string, error) {
	c := exec.Command(binary, "journal", "verify")
	c.Env = []string{data}
	out, err := c.CombinedOutput()
	return string(out), err
}
