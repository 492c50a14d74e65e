package templates

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"obpconsole/web/static"
)

var update = flag.Bool("update", false, "write the goldens anew")

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func document(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(render(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// hashes of static files change with their content and say nothing here.
var hashed = regexp.MustCompile(`(/static/[a-z]+)-[0-9a-f]{12}\.`)

// lines puts each tag on a line of its own, so that a difference can be read.
func lines(html string) string {
	return strings.ReplaceAll(hashed.ReplaceAllString(html, "$1-HASH."), "><", ">\n<") + "\n"
}

func TestGoldens(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range allSamples() {
		t.Run(s.name, func(t *testing.T) {
			file := filepath.Join("testdata", s.name+".html")
			seen[file] = true
			got := lines(render(t, s.c))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("differs from its golden, go test -update writes it anew:\n%s", d)
			}
		})
	}
	files, _ := filepath.Glob("testdata/*.html")
	for _, f := range files {
		if !seen[f] {
			t.Errorf("%s belongs to no sample", f)
		}
	}
}

// security 25, security 30: hostile text stays text, and nothing is rendered
// that the content policy forbids or htmx would run.
func TestNothingInlineIsRendered(t *testing.T) {
	for _, s := range allSamples() {
		document(t, s.c).Find("*").Each(func(_ int, e *goquery.Selection) {
			n := e.Get(0)
			switch n.Data {
			case "style", "iframe", "object", "base":
				t.Errorf("%s: a <%s>", s.name, n.Data)
			case "script":
				if src, _ := e.Attr("src"); !strings.HasPrefix(src, static.Prefix) || e.Text() != "" {
					t.Errorf("%s: script %q with text %q", s.name, src, e.Text())
				}
			}
			for _, a := range n.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case a.Key == "style", strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"),
					strings.HasPrefix(a.Key, "hx-vals") && !json.Valid([]byte(a.Val)), strings.HasPrefix(a.Key, "hx-headers"), strings.HasPrefix(a.Key, "hx-config"),
					strings.HasPrefix(a.Key, "hx-confirm"),
					strings.HasPrefix(a.Key, "hx-trigger") && strings.Contains(a.Val, "["):
					t.Errorf("%s: attribute %s", s.name, a.Key)
				case strings.HasPrefix(a.Key, "hx-") && (strings.HasPrefix(value, "js:") || strings.HasPrefix(value, "javascript:")):
					t.Errorf("%s: %s=%q", s.name, a.Key, a.Val)
				case (a.Key == "href" || a.Key == "action" || a.Key == "formaction" || a.Key == "src") && strings.HasPrefix(value, "javascript:"):
					t.Errorf("%s: %s=%q", s.name, a.Key, a.Val)
				}
			}
		})
	}
}

// security 29: what a person writes about a decision travels in the body.
func TestDecisionsArePosted(t *testing.T) {
	d := document(t, SheetView(riskySheet()))
	form := d.Find("[data-testid=decide-form]")
	if m, _ := form.Attr("method"); m != "post" {
		t.Errorf("method %q", m)
	}
	for _, name := range []string{"reason", "reason_code", "ticket", "tick"} {
		if form.Find("[name="+name+"]").Length() != 1 {
			t.Errorf("field %s is missing", name)
		}
	}
	for _, id := range []string{"approve", "decline"} {
		b := form.Find("[data-testid=" + id + "]")
		if b.AttrOr("formaction", "") == "" || b.AttrOr("formaction", "") != b.AttrOr("hx-post", "") {
			t.Errorf("%s: formaction %q, hx-post %q", id, b.AttrOr("formaction", ""), b.AttrOr("hx-post", ""))
		}
	}
	if _, off := form.Find("button").First().Attr("disabled"); !off {
		t.Error("Enter in a field would decide: the form's first button must be disabled")
	}
	if d.Find("[autofocus]").Length() != 0 {
		t.Error("something takes the focus although nothing was refused")
	}
}

func TestRefusalIsToldAtTheField(t *testing.T) {
	d := document(t, SheetView(refusedSheet()))
	reason := d.Find("#reason")
	_, focused := reason.Attr("autofocus")
	if reason.AttrOr("aria-invalid", "") != "true" || reason.AttrOr("aria-describedby", "") != "reason-e reason-h" || !focused {
		t.Errorf("the reason is not marked: %v", reason.Get(0).Attr)
	}
	if d.Find("[autofocus]").Length() != 1 {
		t.Errorf("%d elements take the focus", d.Find("[autofocus]").Length())
	}
	for _, id := range []string{"reason-e", "reason-h", "tick-e"} {
		if d.Find("#"+id).Length() != 1 {
			t.Errorf("no element %s", id)
		}
	}
	if d.Find("[role=alert]").Length() == 0 {
		t.Error("the refusal is not announced")
	}
}

// Each part's root is the part itself, with the id that pages and handlers use.
func TestPartsAreTheirRoot(t *testing.T) {
	for id, parts := range map[string][]templ.Component{
		QueueID:   {QueueList(queueOf(2)), QueueList(queueProblem("down")), QueueList(emptyFilter())},
		SheetID:   {SheetView(sheetOf()), SheetView(sheetProblem()), SheetView(withOutcome(doneOutcome(true)))},
		JournalID: {JournalPart(journalOf(2)), JournalPart(journalProblem("down")), JournalPart(JournalPage{})},
	} {
		for _, c := range parts {
			root := document(t, c).Find("body").Children()
			if root.Length() != 1 || root.AttrOr("id", "") != id {
				t.Errorf("%s: %d roots, the first has id %q", id, root.Length(), root.AttrOr("id", ""))
			}
		}
	}
}

// Ids are used once, and what refers to one finds it.
func TestIdsAreUniqueAndFound(t *testing.T) {
	for _, s := range allSamples() {
		body := s.c
		if s.name == "beside" { // takes the places of what a page holds already
			continue
		}
		if !strings.HasPrefix(s.name, "page") {
			body = Page(shellOf(), s.c)
		}
		d := document(t, body)
		seen := map[string]bool{}
		d.Find("[id]").Each(func(_ int, e *goquery.Selection) {
			id := e.AttrOr("id", "")
			if seen[id] {
				t.Errorf("%s: id %s twice", s.name, id)
			}
			seen[id] = true
		})
		for _, attr := range []string{"for", "aria-describedby", "aria-labelledby", "list", "popovertarget"} {
			d.Find("[" + attr + "]").Each(func(_ int, e *goquery.Selection) {
				for _, id := range strings.Fields(e.AttrOr(attr, "")) {
					if !seen[id] {
						t.Errorf("%s: %s=%s leads nowhere", s.name, attr, id)
					}
				}
			})
		}
	}
}

// Every field has a label, every page one h1.
func TestLabelsAndHeadings(t *testing.T) {
	for _, s := range allSamples() {
		d := document(t, s.c)
		d.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, e *goquery.Selection) {
			if e.AttrOr("aria-label", "") == "" && e.Closest("label").Length() == 0 && d.Find("label[for='"+e.AttrOr("id", "?")+"']").Length() == 0 {
				t.Errorf("%s: a field %s without a label", s.name, e.AttrOr("name", ""))
			}
		})
		if n := d.Find("h1").Length(); n > 1 {
			t.Errorf("%s: %d h1", s.name, n)
		}
	}
}

// An error never looks like an empty list.
func TestErrorIsNotEmpty(t *testing.T) {
	for _, key := range []string{"down", "slow", "limited", "not_allowed"} {
		d := document(t, QueueList(queueProblem(key)))
		if d.Find("[data-problem="+key+"]").Length() != 1 || d.Find("[data-testid=queue-empty]").Length() != 0 {
			t.Errorf("%s is not told", key)
		}
	}
	if d := document(t, QueueList(queueProblem("not_allowed"))); d.Find("form[data-testid=ask-role] [name=role]").AttrOr("value", "") != "CanGetEntitlementRequestsAtAnyBank" {
		t.Error("the missing role cannot be asked for")
	}
}

// security 31: htmx keeps to this origin and keeps no page in the browser.
func TestHTMXIsLockedDown(t *testing.T) {
	d := document(t, Page(shellOf(), NoticeView(Notice{})))
	var c map[string]any
	if err := json.Unmarshal([]byte(d.Find("meta[name=htmx-config]").AttrOr("content", "")), &c); err != nil {
		t.Fatal(err)
	}
	if c["mode"] != "same-origin" || c["history"] != "reload" || c["includeIndicatorCSS"] != false || c["extensions"] != nil {
		t.Errorf("got %v", c)
	}
	script, err := os.ReadFile("../static/files/htmx.js")
	if err != nil {
		t.Fatal(err)
	}
	for name := range c {
		if !bytes.Contains(script, []byte(name+":")) {
			t.Errorf("htmx knows no setting %s", name)
		}
	}
}

func TestPageSaysWhereOneIs(t *testing.T) {
	d := document(t, Page(shellOf(), NoticeView(Notice{})))
	if got := d.Find("title").Text(); got != "production · Entitlement requests · OBP console" {
		t.Errorf("title %q", got)
	}
	if got := d.Find("nav [aria-current=page]").AttrOr("data-testid", ""); got != "nav-requests" {
		t.Errorf("current %q", got)
	}
	if got := strings.TrimSpace(d.Find("[data-testid=session-ends]").Text()); !strings.Contains(got, "2026-11-23 18:17") {
		t.Errorf("session ends %q", got)
	}
	out := document(t, Page(Shell{Title: "Sign in", Waiting: -1}, SignInPage(signInOf())))
	if out.Find("nav, [data-testid=sign-out]").Length() != 0 {
		t.Error("somebody who is not signed in is shown the navigation")
	}
}

// zipped is the size of an answer as it travels.
func zipped(t *testing.T, c templ.Component) (plain, gz int) {
	t.Helper()
	html := render(t, c)
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(html)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return len(html), b.Len()
}

// A list of the usual length stays within what a connection carries in its
// first round trip, and a first visit to the queue within 75 KiB.
func TestSizes(t *testing.T) {
	sheet := riskySheet()
	for _, c := range []struct {
		name  string
		c     templ.Component
		limit int
	}{
		{"queue of 25", RequestsView(queueOf(25), nil), 8000},
		{"queue of 40", RequestsView(queueOf(40), nil), 14600},
		{"queue of 100", RequestsView(queueOf(100), nil), 14600}, // the most that a person may choose
		{"queue of 25 with a sheet", RequestsView(chosen(queueOf(25), 1), &sheet), 14600},
		{"journal of 40", JournalView(journalOf(40)), 14600},
		{"journal of 100", JournalView(journalOf(100)), 14600},
	} {
		plain, gz := zipped(t, Page(shellOf(), c.c))
		t.Logf("%s: %d bytes, %d gzip'd", c.name, plain, gz)
		if gz > c.limit {
			t.Errorf("%s: %d bytes gzip'd, at most %d", c.name, gz, c.limit)
		}
	}
	_, cold := zipped(t, Page(shellOf(), RequestsView(queueOf(25), nil)))
	for _, name := range []string{"app.css.br", "app.js.br", "htmx.js.br", "favicon.svg.br", "inter.woff2"} {
		f, err := os.Stat(filepath.Join("../static/files", name))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, f.Size())
		cold += int(f.Size())
	}
	t.Logf("first visit: %d bytes", cold)
	if cold > 76800 {
		t.Errorf("first visit takes %d bytes, at most 76800", cold)
	}
}

var formTag = regexp.MustCompile(`</?form\b`)

// A form within a form is dropped by browsers, and ends the outer one: what
// stands after it would be sent by no button.
func TestNoFormInAForm(t *testing.T) {
	for _, s := range allSamples() {
		depth := 0
		for _, tag := range formTag.FindAllString(render(t, s.c), -1) {
			if tag == "</form" {
				depth--
			} else if depth++; depth > 1 {
				t.Errorf("%s: a form in a form", s.name)
			}
		}
	}
}
