package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"obpconsole/web/templates"
)

// No text that somebody sends starts a new line in a header, or leads away: not
// in Location, HX-Redirect, HX-Push-Url nor a file's name.
//
// security 36
func TestNoHeaderIsInjected(t *testing.T) {
	g := newRig(t)
	for _, bad := range []string{"/a\r\nX-Evil: 1", "/a\nX-Evil: 1", "/%0d%0aX-Evil:1", "/a?b=\r\nX-Evil: 1", "\r\nX-Evil: 1", "/\u2028X-Evil: 1", "/a\x00b"} {
		q := url.QueryEscape(bad)
		plain, hx := g.signIn(admin), g.signIn(admin)
		hx.header = map[string]string{"HX-Request": "true", "HX-Target": "section#journal", "HX-Current-URL": consoleURL + "/x?" + q}
		answers := map[string]answer{
			"sign-in": g.browser().post(templates.SignInPattern, url.Values{"username": {admin}, "password": {password}, "next": {bad}}),
			"page":    g.browser().get("/requests?role=" + q),
			"export":  plain.post(templates.ExportPattern, url.Values{"format": {"csv"}, "reason": {bad}, "q": {bad}}),
			"odd":     plain.post(templates.ExportPattern, url.Values{"format": {bad}, "reason": {because}}),
		}
		for name, b := range map[string]*browser{"": plain, " by htmx": hx} {
			answers["theme"+name] = b.post(templates.ThemePattern, url.Values{"theme": {"dark"}, "return": {bad}})
			answers["journal"+name] = b.get("/journal?q=" + q + "&act=" + q)
			answers["queue"+name] = b.get("/requests?person=" + q)
			answers["stay"+name] = b.post(templates.StayPattern, url.Values{"return": {bad}})
		}
		out := g.browser()
		out.header = hx.header
		answers["signed out by htmx"] = out.get("/requests?role=" + q)
		for name, a := range answers {
			for key, values := range a.Header {
				for _, v := range values {
					if strings.ContainsAny(v, "\r\n\x00") || strings.EqualFold(key, "X-Evil") {
						t.Errorf("%s with %q: %s: %q", name, bad, key, v)
					}
				}
			}
			for _, key := range []string{"Location", "HX-Redirect", "HX-Push-Url"} {
				if v := a.Header.Get(key); v != "" && (!strings.HasPrefix(v, "/") || strings.HasPrefix(v, "//")) {
					t.Errorf("%s with %q leads to %q", name, bad, v)
				}
			}
		}
		if a := answers["theme"]; a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") == "" {
			t.Errorf("the redirect is not tested: %d", a.StatusCode)
		}
	}
}
