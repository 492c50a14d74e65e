package templates

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	if got := Word("sheet.place", "place", "3", "of", "{place}"); got != "3 of {place}" {
		t.Errorf("got %q", got)
	}
	if got := WordN("queue.count", 1) + WordN("queue.count", 2); got != "1 request is open.2 requests are open." {
		t.Errorf("got %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown key passed in a test")
		}
	}()
	Word("no.such_key")
}

// No key stands in two files, and none is empty.
func TestWordsStandOnce(t *testing.T) {
	files, _ := fs.Glob(wordFiles, "words/*.en.json")
	in := map[string]string{}
	for _, f := range files {
		if strings.HasSuffix(f, "/roles.en.json") || strings.HasSuffix(f, "/risk.en.json") {
			continue
		}
		b, _ := wordFiles.ReadFile(f)
		d := json.NewDecoder(strings.NewReader(string(b)))
		key := true
		for tok, err := d.Token(); err == nil; tok, err = d.Token() {
			s, ok := tok.(string)
			if !ok {
				continue
			}
			if key && in[s] != "" {
				t.Errorf("%s stands in %s and %s", s, in[s], f)
			}
			if key {
				in[s] = f
			} else if strings.TrimSpace(s) == "" {
				t.Errorf("%s: an empty sentence", f)
			}
			key = !key
		}
	}
}

// Every key that is used has words, and no words are left over. A key may be
// put together from a prefix and a code: then the code stands somewhere.
func TestWordsAreUsedAndUsedWordsExist(t *testing.T) {
	var src strings.Builder
	for _, pattern := range []string{"*.templ", "*.go", "../../handlers/*.go", "../../session/*.go", "../../session/journal/*.go", "../../obp/*.go", "../../cmd/console/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			if strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			src.Write(b)
		}
	}
	quoted := map[string]bool{}
	for _, m := range regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)*)"`).FindAllStringSubmatch(src.String(), -1) {
		quoted[m[1]] = true
	}
	prefixes := map[string]bool{}
	for _, m := range regexp.MustCompile(`"([a-z_.]+[._])"\s*\+`).FindAllStringSubmatch(src.String(), -1) {
		prefixes[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`WordN?\("([a-z_]+\.[a-z_.]+)"[,)]`).FindAllStringSubmatch(src.String(), -1) {
		if texts[m[1]] == "" && texts[m[1]+".one"] == "" {
			t.Errorf("no words for %s", m[1])
		}
	}
	suffixes := map[string]bool{}
	for _, m := range regexp.MustCompile(`\+\s*"(_[a-z_]+)"`).FindAllStringSubmatch(src.String(), -1) {
		suffixes[m[1]] = true
	}
	used := func(key string) bool {
		for _, end := range []string{"", ".one", ".many", ".title", ".text", ".after"} {
			k, ok := strings.CutSuffix(key, end)
			if !ok {
				continue
			}
			if quoted[k] {
				return true
			}
			for p := range prefixes {
				code, ok := strings.CutPrefix(k, p)
				if ok && (quoted[code] || composed(code, quoted, prefixes, suffixes)) {
					return true
				}
			}
		}
		return false
	}
	for key := range texts {
		if !used(key) {
			t.Errorf("words of %s are used nowhere", key)
		}
	}
}

// composed reports whether a code is put together from two parts.
func composed(code string, quoted, prefixes, suffixes map[string]bool) bool {
	for i, c := range code {
		if c == '_' && (prefixes[code[:i+1]] && quoted[code[i+1:]] || quoted[code[:i]] && suffixes[code[i:]]) {
			return true
		}
	}
	return false
}

// Every code of a rule, a failure, an act and an outcome has words.
func TestCodesHaveWords(t *testing.T) {
	for prefix, c := range map[string]struct{ file, pattern string }{
		"rule.":    {"../../handlers/*.go", `Rule\w+\s+Rule = "([a-z_]+)"`},
		"act.":     {"../../session/journal/*.go", `Act\w+\s+Act = "([a-z_]+)"`},
		"outcome.": {"../../session/journal/*.go", `Outcome\w+\s+Outcome = "([a-z_]+)"`},
	} {
		var b []byte
		files, _ := filepath.Glob(c.file)
		for _, f := range files {
			one, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, one...)
		}
		found := regexp.MustCompile(c.pattern).FindAllStringSubmatch(string(b), -1)
		if len(found) < 5 {
			t.Errorf("%s: only %d codes found", prefix, len(found))
		}
		for _, m := range found {
			if !HasWord(prefix + m[1]) {
				t.Errorf("no words for %s%s", prefix, m[1])
			}
		}
	}
}
