package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"go.yaml.in/yaml/v3"

	"obpconsole/handlers"
	"obpconsole/obp/sandbox"
	"obpconsole/session/journal"
)

const (
	alertsFile   = "../../docs/deploy/alerts.yml"
	watchingFile = "../../docs/watching.md"
)

// ruleFile is a file of rules as Prometheus reads it.
type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			For         string            `yaml:"for"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

// selectors are the series that an expression reads: the filters of each, that
// of the name first. The parser knows more than PromQL; what Prometheus would
// refuse is refused here too.
func selectors(t *testing.T, expr string) (out [][]metricsql.LabelFilter) {
	t.Helper()
	e, err := metricsql.Parse(expr)
	if err != nil || strings.Contains(strings.ToLower(expr), "with") {
		t.Fatalf("%s: no expression of Prometheus: %v", expr, err)
	}
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			if len(e.LabelFilterss) != 1 {
				t.Fatalf("%s: wanted one group of labels", expr)
			}
			out = append(out, e.LabelFilterss[0])
		case *metricsql.FuncExpr:
			back := slices.ContainsFunc(e.Args, func(e metricsql.Expr) bool {
				r, ok := e.(*metricsql.RollupExpr)
				return ok && r.Window != nil
			})
			if over := slices.Contains(overTime, e.Name); over != back {
				t.Fatalf("%s: %s: a time in brackets is wanted exactly where a function looks back", expr, e.Name)
			} else if !over && !slices.Contains(atOnce, e.Name) {
				t.Fatalf("%s: %s is no function of Prometheus that is known here", expr, e.Name)
			}
		}
	})
	return out
}

// Functions of Prometheus that look back over a time, and some that do not.
var (
	overTime = []string{"rate", "irate", "increase", "delta", "deriv", "changes", "resets", "max_over_time", "min_over_time", "avg_over_time", "sum_over_time", "count_over_time", "last_over_time", "present_over_time", "absent_over_time", "predict_linear"}
	atOnce   = []string{"time", "absent", "abs", "ceil", "floor", "round", "clamp_min", "clamp_max", "scalar", "vector", "label_replace", "histogram_quantile"}
)

// labelled is a series of the text form: its name, and its labels.
var labelled = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})?$`)

// Prometheus loads the alert rules, and every series that they read is one that
// the console gives, with a label that an expression asks for.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	var groups ruleFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&groups); err != nil {
		t.Fatal(err)
	}
	given := everySeries(t)
	rules := 0
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			rules++
			if _, err := time.ParseDuration(cmp.Or(r.For, "0s")); err != nil {
				t.Errorf("%s: for: %v", r.Alert, err)
			}
			if _, err := template.New("").Funcs(template.FuncMap{"humanizeDuration": fmt.Sprint}).Parse("{{$labels := .}}{{$value := .}}" + r.Annotations["summary"]); err != nil {
				t.Errorf("%s: summary: %v", r.Alert, err)
			}
			if r.Labels["severity"] != "page" && r.Labels["severity"] != "ticket" || r.Annotations["summary"] == "" {
				t.Errorf("%s: severity %q, summary %q", r.Alert, r.Labels["severity"], r.Annotations["summary"])
			}
			for _, filters := range selectors(t, r.Expr) {
				name := filters[0].Value
				if filters[0].Label != "__name__" {
					t.Fatalf("%s reads series of any name", r.Alert)
				}
				if name == "up" { // of Prometheus itself
					continue
				}
				labels := given[name]
				if labels == nil {
					t.Errorf("%s reads %s, which the console does not give", r.Alert, name)
					continue
				}
				for _, m := range filters[1:] {
					if !strings.Contains(labels[0], m.Label+`="`) {
						t.Errorf("%s asks for the label %s of %s", r.Alert, m.Label, name)
					}
					if m.Label == "kind" || m.Label == "state" {
						if !strings.Contains(strings.Join(labels, " "), m.Label+`="`+m.Value+`"`) {
							t.Errorf("%s: no %s is ever %q", r.Alert, name, m.Value)
						}
					}
				}
			}
		}
	}
	if rules < 15 {
		t.Errorf("only %d rules", rules)
	}
}

const testKey = "1111111111111111111111111111111111111111111111111111111111111111"

// emergencyIn makes a journal with an emergency grant of two days ago that
// nobody has reviewed, and an act that was cut off.
func emergencyIn(t *testing.T, dir string) {
	t.Helper()
	key, err := parseKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Path: filepath.Join(dir, journalFile), Key: key, Now: func() time.Time { return time.Now().Add(-48 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []journal.Act{handlers.ActEmergency, journal.ActLock, journal.ActBulk} {
		if _, err := j.Intend(t.Context(), journal.Entry{Act: act}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is open in the journal is told: an emergency and an act that was cut
// off as alarms with their age, a table that waits for its operator as open.
func TestAlarmsAreTold(t *testing.T) {
	o, dir := newBehind(t), t.TempDir()
	emergencyIn(t, dir)
	p := start(t, o.env(dir, "METRICS_ADDRESS=127.0.0.1:0", "JOURNAL_KEY="+testKey), "serve")
	_, v := p.scrape()
	for name, want := range map[string]float64{`obpconsole_alarms{kind="emergency"}`: 1, `obpconsole_alarms{kind="unfinished"}`: 1, `obpconsole_unfinished_acts{act="bulk"}`: 1, `obpconsole_unfinished_acts{act="emergency"}`: 1} {
		if v[name] != want {
			t.Errorf("%s is %v", name, v[name])
		}
	}
	age := time.Since(time.Unix(int64(v[`obpconsole_alarms_oldest_timestamp_seconds{kind="emergency"}`]), 0))
	if age < 47*time.Hour || age > 49*time.Hour {
		t.Errorf("the emergency is %v old", age)
	}
	p.terminate()
	p.stopped()
}

// everySeries gives the series of a console that has done something of each
// kind, by name: the labels of each.
func everySeries(t *testing.T) map[string][]string {
	t.Helper()
	o := newBehind(t)
	if err := o.SetFault("GET /banks", sandbox.Fault{Status: 503, Message: "OBP-50000: Unknown Error."}); err != nil {
		t.Fatal(err)
	}
	a := newAuthority(t)
	cert, key := a.issue(t, 7, "127.0.0.1")
	dir := t.TempDir()
	emergencyIn(t, dir)
	p := start(t, o.env(dir, "METRICS_ADDRESS=127.0.0.1:0", "JOURNAL_KEY="+testKey), "serve")
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	resp, _ := visit(t, "GET", p.url+"/requests", cookie, nil)
	p.errs.wait(t, "request_id="+resp.Header.Get("X-Request-Id")+" operator")
	secure := start(t, o.env(t.TempDir(), "METRICS_ADDRESS=127.0.0.1:0", "TLS_CERT_FILE="+cert, "TLS_KEY_FILE="+key), "serve")
	out := map[string][]string{}
	for _, p := range []*process{p, secure} {
		_, values := p.scrape()
		for series := range values {
			if m := labelled.FindStringSubmatch(series); m != nil {
				out[m[1]] = append(out[m[1]], m[2])
			}
		}
	}
	return out
}

// The page about watching tells of every metric of the console and of every
// alert, and of no other.
func TestWatchingTellsAll(t *testing.T) {
	page, err := os.ReadFile(watchingFile)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Za-z_]+)").FindAllStringSubmatch(string(page), -1) {
		told[m[1]] = true
	}
	there := map[string]bool{}
	for name := range everySeries(t) {
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, part)
		}
		if strings.HasPrefix(name, "obpconsole_") {
			there[name] = true
		}
	}
	for _, d := range stateDescs {
		there[regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(string(rules), -1) {
		there[m[1]] = true
	}
	for name := range there {
		if !told[name] {
			t.Errorf("docs/watching.md does not tell of %s", name)
		}
	}
	for name := range told {
		if !there[name] {
			t.Errorf("docs/watching.md tells of %s, which there is not", name)
		}
	}
}
