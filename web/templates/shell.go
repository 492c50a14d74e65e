package templates

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// entry is one line of the navigation.
type entry struct{ pattern, href, word, testID string }

// entries is the navigation, in order. The waiting count stands at the queue.
var entries = []entry{
	{HomePattern, Home(), "page.home", "nav-home"},
	{RequestsPattern, RequestsPattern, "page.requests", "nav-requests"},
	{UsersPattern, UsersPattern, "page.users", "nav-users"},
	{RolesPattern, RolesPattern, "page.roles", "nav-roles"},
	{AccountsPattern, AccountsPattern, "page.accounts", "nav-accounts"},
	{CustomersPattern, CustomersPattern, "page.customers", "nav-customers"},
	{JournalPattern, JournalPattern, "page.journal", "nav-journal"},
	{MePattern, MePattern, "page.me", "nav-me"},
}

// adminEntries stand in the navigation of administrators of the console.
var adminEntries = []entry{
	{OperatorsPattern, OperatorsPattern, "page.operators", "nav-operators"},
	{ServerPattern, ServerPattern, "page.server", "nav-server"},
}

// entriesFor is the navigation of one reader, with the current bank in it.
func entriesFor(s Shell) []entry {
	out := slices.Clone(entries)
	if s.Admin {
		out = append(out, adminEntries...)
	}
	for i := range out {
		out[i].href = AtBank(out[i].href, s.Bank.BankID)
	}
	return out
}

// pageTitle is what the browser's tab says.
func pageTitle(s Shell) string {
	t := s.Title + " · " + Word("page.product")
	if s.Environment != "" {
		t = s.Environment + " · " + t
	}
	return t
}

// htmxConfig locks htmx down: nothing of another origin, no history in the
// browser's storage, no style of its own (security 31). A decision can take
// two calls to OBP, so its time is long.
const htmxConfig = `{"includeIndicatorCSS":false,"history":"reload","mode":"same-origin","defaultTimeout":150000}`

// toned keeps a class to the known tones.
func toned(t Tone) string {
	switch t {
	case ToneGood:
		return "g"
	case ToneWarn:
		return "w"
	case ToneBad:
		return "b"
	case ToneInfo:
		return "i"
	}
	return "n"
}

// envClass keeps the environment's colour to the known ones.
func envClass(color string) string {
	if slices.Contains([]string{"red", "amber", "green", "blue"}, color) {
		return "env " + color
	}
	return "env"
}

// theme keeps data-theme to the two that need it; the system's choice needs none.
func theme(t string) string {
	if t == "light" || t == "dark" {
		return t
	}
	return ""
}

// shortID shortens an id in sight only.
func shortID(id string) string {
	if len(id) <= 13 || strings.ContainsAny(id, " \n") {
		return id
	}
	return id[:8] + "…"
}

// local cleans an address for an attribute of htmx, which templ does not clean
// by itself (security 30).
func local(address string) string { return string(templ.URL(address)) }

func num(n int) string     { return strconv.Itoa(n) }
func num64(n int64) string { return strconv.FormatInt(n, 10) }
