package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A reset link is shown once and copied; leaving the page loses it; a new one
// kills the old, which is said before. Why there is none is said in words.
func TestResetLink(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		c, v := desk(t, w, setup, wholeBrowser)
		reset := strings.Replace(w.page(felix), "?", "/reset-link?", 1)
		v.open(w.page(felix))
		v.doAct(id("user-acts") + ` a[href*="/reset-link"]`)
		v.seeText(id("warning"), "kills an earlier one")
		v.axe("reset form")
		v.refusedAt(422, reset)
		v.doAct(id("act-go"))
		v.see("#verified-e")
		v.verifyCaller("INC-1")
		v.doAct(id("act-go"))
		v.see(id("link"))
		first := v.value(id("link"))
		if !strings.HasPrefix(first, portal().String()+"/user_mgt/reset_password/") {
			t.Fatalf("the link is %q", first)
		}
		v.axe("reset link")
		if v.scripts {
			v.click(id("copy-link"))
			v.wait("the copy announced", `document.querySelector('#live').textContent === 'Copied.'`)
		}
		v.doAct(id("reset-done"))
		v.seeText("h1", felix)
		for _, page := range []string{reset, w.page(felix), "/journal"} {
			v.open(page)
			if strings.Contains(v.get("document.documentElement.outerHTML"), first) {
				t.Errorf("%s shows the link again", page)
			}
		}
		v.open(reset)
		v.verifyCaller("INC-2")
		v.doAct(id("act-go"))
		v.see(id("link"))
		if second := v.value(id("link")); second == first || second == "" {
			t.Errorf("the second link is %q", second)
		}

		v.open(reset)
		v.verifyCaller("INC-5")
		v.doAct(id("act-go"))
		v.see(id("link")) // the third for felix
		v.open(reset)
		v.verifyCaller("INC-6")
		v.refusedAt(429, reset)
		v.doAct(id("act-go"))
		v.seeText(id("act-failed"), "Too many reset links")

		v.open(strings.Replace(w.page(anna), "?", "/reset-link?", 1))
		v.seeText(id("refusal"), "your own account")
		v.searchFor(c, first[strings.LastIndex(first, "/")+1:])
	})
}

// Why there is no link is said in words: nobody validated has this name, or
// the server makes none.
func TestNoResetLink(t *testing.T) {
	needs(t, faults, ownWorld)
	both(t, func(t *testing.T, setup option) {
		w := deskWorld()
		w.user(orla).Validated = false
		c, v := desk(t, w, setup)
		never := strings.Replace(w.page(orla), "?", "/reset-link?", 1)
		v.open(never)
		v.verifyCaller("INC-3")
		v.refusedAt(404, never)
		v.doAct(id("act-go"))
		v.seeText(id("act-failed"), "no validated person")
		v.axe("no link")
		c.obp.fault("POST /management/user/reset-password-url", map[string]any{"status": 400, "message": "OBP-50017: The endpoint is forbidden at this API instance.", "times": 1})
		other := strings.Replace(w.page(maria), "?", "/reset-link?", 1)
		v.open(other)
		v.verifyCaller("INC-4")
		v.refusedAt(409, other)
		v.doAct(id("act-go"))
		v.seeText(id("act-failed"), "ResetPasswordUrlEnabled")
	})
}

// searchFor looks for a secret in all that the journey left behind.
func (v *visitor) searchFor(c *console, secret string) {
	v.t.Helper()
	channels := map[string][2]string{
		"the log":    {c.out.String(), "/users/{id}/reset-link"},
		"addresses":  {v.addresses(), "/reset-link"},
		"headers":    {v.answerHeaders(), "Content-Security-Policy"},
		"cookies":    {fmt.Sprintf("%+v", *v.cookies()[0]), cookieName},
		"complaints": {strings.Join(v.complaints(), "\n"), ""},
	}
	var files strings.Builder
	err := filepath.WalkDir(c.cmd.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files.Write(b)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	channels["the console's files"] = [2]string{files.String(), "INC-2"}
	for name, ch := range channels {
		if !strings.Contains(ch[0], ch[1]) {
			v.t.Errorf("%s: not watched, %q is not in it", name, ch[1])
		}
		if bytes.Contains([]byte(ch[0]), []byte(secret)) {
			v.t.Errorf("the secret is in %s", name)
		}
	}
	if s := v.stored(); len(s) != 0 {
		v.t.Error("the browser stores ", s)
	}
}

// Somebody without the role is told which, and can ask for it.
func TestResetLinkWithoutTheRole(t *testing.T) {
	both(t, func(t *testing.T, setup option) {
		w := emptyWorld()
		w.Settings.ResetLinks = true
		_, v := desk(t, w, setup)
		reset := strings.Replace(w.page(felix), "?", "/reset-link?", 1)
		v.open(reset)
		v.verifyCaller("INC-1")
		v.refusedAt(403, reset)
		v.doAct(id("act-go"))
		v.seeText(id("act-failed"), "CanCreateResetPasswordUrl")
		v.see(id("ask-role"))
	})
}
