package main

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// setting is what a person is told about one field of Config.
type setting struct {
	Name, Default, Does string
	secret              bool
}

// settings lists every setting in the order of Config. The README's table and
// "console serve -help" print it.
var settings = sync.OnceValue(func() []setting {
	var out []setting
	for f := range reflect.TypeFor[Config]().Fields() {
		s := setting{Name: f.Tag.Get("env"), Default: f.Tag.Get("envDefault"), Does: f.Tag.Get("does"), secret: f.Tag.Get("secret") != ""}
		if s.Default == "" {
			s.Default = f.Tag.Get("shown")
		}
		if s.secret {
			s.Does += " Also as " + s.Name + fileSuffix + ", a file that holds it."
		}
		out = append(out, s)
	}
	return out
})

// environ picks the settings, and the files of secrets, out of the environment.
func environ(getenv func(string) string) map[string]string {
	out := map[string]string{}
	for _, s := range settings() {
		if v := getenv(s.Name); v != "" {
			out[s.Name] = v
		}
		if v := getenv(s.Name + fileSuffix); s.secret && v != "" {
			out[s.Name+fileSuffix] = v
		}
	}
	return out
}

// settingsText is the list for a terminal.
func settingsText() string {
	var b strings.Builder
	for _, s := range settings() {
		def := s.Default
		if def == "" {
			def = "none"
		}
		fmt.Fprintf(&b, "  %s (default %s)\n      %s\n", s.Name, strings.Trim(def, "()"), s.Does)
	}
	return b.String()
}

// settingsTable is the table of the README.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| name | default | meaning |\n|---|---|---|\n")
	for _, s := range settings() {
		def := s.Default
		if def != "" && !strings.ContainsAny(def, "( ") {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, def, s.Does)
	}
	return b.String()
}
