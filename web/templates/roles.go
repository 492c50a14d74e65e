package templates

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

//go:embed words/*.en.json
var wordFiles embed.FS

// RoleText says in plain words what a role is.
type RoleText struct {
	Short   string `json:"short"` // a few words: "Create branches"
	What    string `json:"what"`  // one sentence, empty when derived
	Derived bool   `json:"-"`     // made from the technical name
}

var (
	roleTexts = readWords[RoleText]("words/roles.en.json")
	riskTexts = readWords[string]("words/risk.en.json")
)

func readWords[T any](file string) map[string]T {
	b, err := wordFiles.ReadFile(file)
	if err != nil {
		panic(err)
	}
	m := map[string]T{}
	if err := json.Unmarshal(b, &m); err != nil {
		panic(fmt.Sprintf("%s: %v", file, err))
	}
	return m
}

// RoleWords gives a role's plain words, derived from its technical name when
// none are written: CanCreateBranchAtAnyBank is "Create branch, at any bank".
func RoleWords(name string) RoleText {
	if t, ok := roleTexts[name]; ok {
		return t
	}
	if t, ok := derived.Load(name); ok {
		return t.(RoleText)
	}
	t := RoleText{Short: deriveRole(name), Derived: true}
	if derivedCount.Add(1) <= maxDerived {
		derived.Store(name, t)
	}
	return t
}

// derived keeps the words of names that have none written, up to maxDerived:
// OBP knows some hundred roles, and a foreign server may name any.
var (
	derived      sync.Map
	derivedCount atomic.Int64
)

const maxDerived = 2000

// DefaultHighRisk lists the roles that count as high risk unless configured
// otherwise, sorted.
func DefaultHighRisk() []string { return slices.Sorted(maps.Keys(riskTexts)) }

// RiskWhy says why a role is high risk, empty when no reason is written.
func RiskWhy(name string) string { return riskTexts[name] }

// keptUpper are the words that are written in capitals.
var keptUpper = map[string]string{
	"api": "API", "atm": "ATM", "atms": "ATMs", "kyc": "KYC", "json": "JSON", "url": "URL", "id": "ID", "dauth": "DAuth",
	"fx": "FX", "sca": "SCA", "sepa": "SEPA", "sms": "SMS", "uk": "UK",
}

func deriveRole(name string) string {
	s, ok := strings.CutPrefix(name, "Can")
	if !ok || s == "" || !unicode.IsUpper(rune(s[0])) {
		return name
	}
	scope := ""
	for _, end := range []struct{ suffix, words string }{
		{"AtAnyBank", "at any bank"}, {"AtOneBank", "at one bank"}, {"AtAllBanks", "at all banks"},
		{"ForAnyBank", "for any bank"}, {"ForOneBank", "for one bank"},
	} {
		if rest, found := strings.CutSuffix(s, end.suffix); found && rest != "" {
			s, scope = rest, ", "+end.words
			break
		}
	}
	words := splitWords(s)
	for i, w := range words {
		if kept, ok := keptUpper[w]; ok {
			words[i] = kept
		}
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:] + scope
}

// splitWords cuts a CamelCase name into lower-case words; a run of capitals is
// one word.
func splitWords(s string) []string {
	var words []string
	rs := []rune(s)
	start := 0
	for i := 1; i <= len(rs); i++ {
		edge := i == len(rs) ||
			unicode.IsUpper(rs[i]) && !unicode.IsUpper(rs[i-1]) ||
			i+1 < len(rs) && unicode.IsUpper(rs[i]) && unicode.IsUpper(rs[i-1]) && unicode.IsLower(rs[i+1])
		if edge {
			if w := strings.Trim(strings.ToLower(string(rs[start:i])), "_"); w != "" {
				words = append(words, w)
			}
			start = i
		}
	}
	return words
}
