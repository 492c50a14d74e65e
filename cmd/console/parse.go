package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"obpconsole/handlers"
	"obpconsole/session"
	"obpconsole/web/templates"
)

// Types of settings that have a form of their own.
type (
	secretKey   [32]byte // zero: not given
	secretKeys  [][32]byte
	roleList    []string
	rolePairs   [][2]string
	reasonCodes []handlers.ReasonCode
)

// String hides the key.
func (secretKey) String() string { return hidden }

// GoString hides the key.
func (secretKey) GoString() string { return hidden }

// String hides the keys.
func (secretKeys) String() string { return hidden }

// GoString hides the keys.
func (secretKeys) GoString() string { return hidden }

// parsers read a setting by its type. Their errors say what is wanted.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[time.Duration]():       parser(parseDuration),
	reflect.TypeFor[int]():                 parser(parseInt),
	reflect.TypeFor[[]string]():            parser(parseList),
	reflect.TypeFor[secretKey]():           parser(parseKey),
	reflect.TypeFor[secretKeys]():          parser(parseKeys),
	reflect.TypeFor[roleList]():            parser(parseRoles),
	reflect.TypeFor[rolePairs]():           parser(parsePairs),
	reflect.TypeFor[reasonCodes]():         parser(parseReasons),
	reflect.TypeFor[session.Allowed]():     parser(session.ParseAllowed),
	reflect.TypeFor[handlers.SamePerson](): parser(parseSamePerson),
	reflect.TypeFor[[]netip.Prefix]():      parser(parseNetworks),
}

func parser[T any](f func(string) (T, error)) env.ParserFunc {
	return func(s string) (any, error) { return f(s) }
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("wanted a time such as 60s or 15m")
	}
	return d, nil
}

func parseInt(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, errors.New("wanted a whole number")
	}
	return n, nil
}

// parseList parts at commas; blanks around a word and empty words do not count.
func parseList(s string) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out, nil
}

func parseKey(s string) (secretKey, error) {
	b, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != 32 || secretKey(b) == (secretKey{}) {
		return secretKey{}, errors.New("wanted 64 hex digits (32 bytes), not all zero")
	}
	return secretKey(b), nil
}

// parseKeys parts at commas and ends of lines, so that a file may hold several.
func parseKeys(s string) (secretKeys, error) {
	parts, _ := parseList(strings.ReplaceAll(s, "\n", ","))
	var out secretKeys
	for _, p := range parts {
		k, err := parseKey(p)
		if err != nil {
			return nil, errors.New("wanted keys of 64 hex digits (32 bytes), parted by commas")
		}
		out = append(out, k)
	}
	return out, nil
}

var roleName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// parseRoles reads "default,CanX,-CanY", from left to right. The list is never
// nil, so that none does not mean the default.
func parseRoles(s string) (roleList, error) {
	parts, _ := parseList(s)
	have := map[string]bool{}
	for _, p := range parts {
		name, out := strings.CutPrefix(p, "-")
		switch {
		case p == "default":
			for _, r := range templates.DefaultHighRisk() {
				have[r] = true
			}
		case p == "none":
			clear(have)
		case !roleName.MatchString(name):
			return nil, fmt.Errorf("%q is no role's name; wanted default, none, CanX to add and -CanY to take out, parted by commas", p)
		case out && !have[name]:
			return nil, fmt.Errorf("%s is not in the list before it, so %s takes nothing out", name, p)
		case out:
			delete(have, name)
		default:
			have[name] = true
		}
	}
	return append(roleList{}, slices.Sorted(maps.Keys(have))...), nil
}

// parsePairs reads "CanA+CanB,CanC+CanD".
func parsePairs(s string) (rolePairs, error) {
	var out rolePairs
	parts, _ := parseList(s)
	for _, p := range parts {
		a, b, _ := strings.Cut(p, "+")
		a, b = strings.TrimSpace(a), strings.TrimSpace(b)
		if !roleName.MatchString(a) || !roleName.MatchString(b) || a == b {
			return nil, fmt.Errorf("%q is no pair; wanted two roles, such as CanX+CanY, the pairs parted by commas", p)
		}
		out = append(out, [2]string{a, b})
	}
	return out, nil
}

// defaultReasons fit most decisions; the free text says the rest.
var defaultReasons = reasonCodes{
	{Code: "work", Text: "Needed for the person's work"},
	{Code: "manager", Text: "Confirmed by the person's manager"},
	{Code: "takeover", Text: "Takes over another person's work"},
	{Code: "temporary", Text: "Needed for a limited time"},
	{Code: "not-needed", Text: "Not needed for the person's work"},
	{Code: "too-wide", Text: "A narrower role is enough"},
	{Code: "wrong-role", Text: "Asked for the wrong role or bank"},
	{Code: "unknown", Text: "Nobody could confirm the request"},
}

var reasonCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// parseReasons reads "code:text;code:text", with default and none as words.
func parseReasons(s string) (reasonCodes, error) {
	out := reasonCodes{}
	seen := map[string]bool{}
	add := func(r handlers.ReasonCode) error {
		if seen[r.Code] {
			return fmt.Errorf("the code %s stands there twice", r.Code)
		}
		seen[r.Code] = true
		out = append(out, r)
		return nil
	}
	for part := range strings.SplitSeq(s, ";") {
		switch part = strings.TrimSpace(part); part {
		case "", "none":
			continue
		case "default":
			for _, r := range defaultReasons {
				if err := add(r); err != nil {
					return nil, err
				}
			}
			continue
		}
		code, text, found := strings.Cut(part, ":")
		code, text = strings.TrimSpace(code), strings.TrimSpace(text)
		if !found || text == "" || !reasonCode.MatchString(code) {
			return nil, fmt.Errorf("%q is no reason; wanted code:text;code:text with codes of letters, digits and -", part)
		}
		if err := add(handlers.ReasonCode{Code: code, Text: text}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func parseSamePerson(s string) (handlers.SamePerson, error) {
	groups, _ := parseList(s)
	var out handlers.SamePerson
	for _, g := range groups {
		names := strings.Split(g, "=")
		for i, n := range names {
			if names[i] = strings.TrimSpace(n); names[i] == "" {
				return nil, fmt.Errorf("%q has an empty name; wanted groups such as a=b=c,d=e", g)
			}
		}
		if len(names) < 2 {
			return nil, fmt.Errorf("%q stands alone; wanted two or more accounts in each group, such as a=b=c,d=e", g)
		}
		out = append(out, names)
	}
	return out, nil
}

func parseNetworks(s string) ([]netip.Prefix, error) {
	parts, _ := parseList(s)
	var out []netip.Prefix
	for _, p := range parts {
		n, err := netip.ParsePrefix(p)
		if a, aerr := netip.ParseAddr(p); aerr == nil {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || n.Addr().Zone() != "" {
			return nil, fmt.Errorf("%q is no network; wanted such as 10.0.0.0/8 or 192.0.2.7, parted by commas", p)
		}
		out = append(out, n.Masked())
	}
	return out, nil
}
