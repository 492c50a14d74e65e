package templates

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// texts holds every sentence of the console by its key. Words about roles are
// apart: RoleWords and RiskWhy give them.
var texts = readTexts()

func readTexts() map[string]string {
	all := map[string]string{}
	names, err := fs.Glob(wordFiles, "words/*.en.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		if name == "words/roles.en.json" || name == "words/risk.en.json" {
			continue
		}
		maps.Copy(all, readWords[string](name))
	}
	return all
}

// KeysUnder gives what follows prefix in the keys that begin with it, in the
// order of their words.
func KeysUnder(prefix string) (keys []string) {
	for key := range texts {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			keys = append(keys, name)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(strings.Compare(texts[prefix+a], texts[prefix+b]), strings.Compare(a, b))
	})
	return keys
}

// HasWord reports whether there are words for key.
func HasWord(key string) bool { return texts[key] != "" }

// Word gives the words of a key. args are pairs that fill placeholders:
// Word("x", "name", "Ana") puts Ana where {name} stands. A key without words
// is given back as it is; in a test it panics.
func Word(key string, args ...string) string {
	text, ok := texts[key]
	if !ok {
		if testing.Testing() {
			panic("templates: no words for " + key)
		}
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fillIn(text, args)
}

// fillIn puts values where their names stand in braces, in one pass: what a
// value holds is not looked at again.
func fillIn(text string, args []string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, closed := strings.Cut(after, "}")
		at := -1
		for i := 0; closed && i+1 < len(args); i += 2 {
			if args[i] == name {
				at = i
			}
		}
		if at < 0 {
			b.WriteByte('{')
			text = after
			continue
		}
		b.WriteString(args[at+1])
		text = rest
	}
}

// WordN gives the words for a number of things: key.one for 1, else key.many.
// {n} is the number.
func WordN(key string, n int, args ...string) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return Word(key+form, append(args, "n", strconv.Itoa(n))...)
}
