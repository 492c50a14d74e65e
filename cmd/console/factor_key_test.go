package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/pquerna/otp/totp"
)

// A second factor holds when a former session key goes, although its person has
// not signed in since: the start with both keys sealed it anew.
func TestSecondFactorOutlivesAKey(t *testing.T) {
	o, dir := newBehind(t), t.TempDir()
	with := func(keys ...string) *process {
		return start(t, o.env(dir, append(keys, "SECOND_FACTOR=totp", "JOURNAL_KEY="+testKey)...), "serve")
	}
	first, second := strings.Repeat("1a", 32), strings.Repeat("2b", 32)
	p := with("SESSION_KEY=" + first)
	asked := func() *goquery.Document {
		t.Helper()
		cookie := signIn(t, p.url, "anna.approver", recordedPassword)
		resp, body := visit(t, "GET", p.url+"/sign-in/code", cookie, nil)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %v", resp.Status, err)
		}
		secret := strings.ReplaceAll(doc.Find(`[data-testid="factor-secret"]`).Text(), " ", "")
		if secret == "" {
			return doc
		}
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if resp, body := visit(t, "POST", p.url+"/sign-in/code", cookie, url.Values{"code": {code}}); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("the first code: %s\n%s", resp.Status, body)
		}
		return nil
	}
	if asked() != nil {
		t.Fatal("no factor is set up at the first sign-in")
	}
	for _, keys := range [][]string{{"SESSION_KEY=" + second, "SESSION_KEY_PREVIOUS=" + first}, {"SESSION_KEY=" + second}} {
		p.terminate()
		p.stopped()
		p = with(keys...)
	}
	if doc := asked(); doc == nil || doc.Find(`[data-testid="code-form"]`).Length() != 1 {
		t.Error("the code is not asked for with the second key alone")
	}
}
