package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"obpconsole/web/templates"
)

// node is a part of a YAML file; at walks into it, and fails when it is not there.
type node struct {
	t *testing.T
	v any
}

func (n node) at(keys ...any) node {
	n.t.Helper()
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := n.v.(map[string]any)
			v, ok := m[k]
			if !ok {
				n.t.Fatalf("no %s in %v of %v", k, keys, n.v)
			}
			n.v = v
		case int:
			l, _ := n.v.([]any)
			if k >= len(l) {
				n.t.Fatalf("no number %d in %v of %v", k, keys, n.v)
			}
			n.v = l[k]
		}
	}
	return n
}

func (n node) is(want any, keys ...any) {
	n.t.Helper()
	if got := n.at(keys...).v; got != want {
		n.t.Errorf("%v is %v, want %v", keys, got, want)
	}
}

// strings are a map's values that are texts.
func (n node) strings() map[string]string {
	out := map[string]string{}
	for k, v := range n.v.(map[string]any) {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

func documents(t *testing.T, file string) (out []node) {
	t.Helper()
	b, err := os.ReadFile(deployDir + file)
	if err != nil {
		t.Fatal(err)
	}
	for d := yaml.NewDecoder(bytes.NewReader(b)); ; {
		var v map[string]any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, node{t, v})
	}
}

// asInImage adds what the image sets and an example does not.
func asInImage(t *testing.T, env map[string]string) map[string]string {
	for _, pair := range imageEnv(t) {
		name, value, _ := strings.Cut(pair, "=")
		if _, set := env[name]; !set {
			env[name] = value
		}
	}
	return env
}

func portOf(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// The compose file runs the image as it is meant to be run, beside a database
// that only it reaches.
func TestCompose(t *testing.T) {
	f := documents(t, "compose.yaml")[0]
	console := f.at("services", "console")
	var files []string
	for name := range f.at("secrets").v.(map[string]any) {
		files = append(files, "/run/secrets/"+name)
		f.is("secrets/"+name, "secrets", name, "file")
	}
	c := accepted(t, asInImage(t, console.at("environment").strings()), files)
	if c.DatabaseURL == "" {
		t.Error("the database is not used")
	}
	console.is(true, "read_only")
	console.is("65532:65532", "user")
	console.is("ALL", "cap_drop", 0)
	console.is("no-new-privileges:true", "security_opt", 0)
	console.is("service_healthy", "depends_on", "database", "condition")
	if got, want := console.at("ports", 0).v, "127.0.0.1:8080:"+portOf(t, c.ListenAddr); got != want {
		t.Errorf("published as %s, want %s", got, want)
	}
	if got := console.at("build", "context").v; path.Clean("docs/deploy/"+got.(string)) != "." {
		t.Errorf("built from %s", got)
	}
	f.is(true, "networks", "inside", "internal")
	if n := len(console.at("ports").v.([]any)); n != 1 {
		t.Errorf("%d ports are published, of which one is of the pages", n)
	}
	scrape := documents(t, "prometheus.yml")[0]
	scrape.is("console:"+portOf(t, c.MetricsAddress), "scrape_configs", 0, "static_configs", 0, "targets", 0)
	scrape.is("obpconsole", "scrape_configs", 0, "job_name")
	for i, file := range []string{"prometheus.yml", scrape.at("rule_files", 0).v.(string)} {
		f.is("./"+file+":/etc/prometheus/"+file+":ro", "services", "prometheus", "volumes", i)
		if _, err := os.Stat(deployDir + file); err != nil {
			t.Error(err)
		}
	}
	if shared := f.at("services", "prometheus", "networks", 0).v; !slices.Contains(console.at("networks").v.([]any), shared) {
		t.Errorf("Prometheus is in %v alone", shared)
	}
	if nets := f.at("services", "database", "networks").v.([]any); len(nets) != 1 || nets[0] != "inside" {
		t.Errorf("the database is in %v", nets)
	}
}

// The Kubernetes example runs two consoles, each as nobody on a root that cannot
// be written, asks probes that answer, and its ports, names and files fit each other.
func TestKubernetes(t *testing.T) {
	all := map[string]node{}
	for _, d := range documents(t, "kubernetes.yaml") {
		kind := d.at("kind").v.(string)
		all[kind] = d
		if kind != "Namespace" {
			d.is("obp-console", "metadata", "namespace")
		}
	}
	deployment, config := all["Deployment"], all["ConfigMap"].at("data").strings()
	pod := deployment.at("spec", "template", "spec")
	console := pod.at("containers", 0)
	mounts := console.at("volumeMounts")
	mounts.is("secrets", 0, "name")
	pod.is("secrets", "volumes", 0, "name")
	pod.is(all["Secret"].at("metadata", "name").v, "volumes", 0, "secret", "secretName")
	var files []string
	for name := range all["Secret"].at("stringData").v.(map[string]any) {
		files = append(files, mounts.at(0, "mountPath").v.(string)+"/"+name)
	}
	console.is(all["ConfigMap"].at("metadata", "name").v, "envFrom", 0, "configMapRef", "name")
	for _, e := range console.at("env").v.([]any) {
		config[node{t, e}.at("name").v.(string)] = node{t, e}.at("value").v.(string)
	}
	c := accepted(t, asInImage(t, config), files)
	if n := deployment.at("spec", "replicas").v; n != 2 || c.Nodes != n {
		t.Errorf("%v replicas, NODES is %d", n, c.Nodes)
	}
	port := portOf(t, c.ListenAddr)
	number := map[string]any{"8080": 8080}[port]
	console.is(number, "ports", 0, "containerPort")
	for probe, want := range map[string]string{"startupProbe": templates.HealthPattern, "livenessProbe": templates.HealthPattern, "readinessProbe": templates.ReadyPattern} {
		console.is(want, probe, "httpGet", "path")
		console.is(console.at("ports", 0, "name").v, probe, "httpGet", "port")
	}
	all["Service"].is(console.at("ports", 0, "name").v, "spec", "ports", 0, "targetPort")
	all["NetworkPolicy"].is(number, "spec", "ingress", 0, "ports", 0, "port")
	metrics := map[string]any{"9090": 9090}[portOf(t, c.MetricsAddress)]
	console.is(metrics, "ports", 1, "containerPort")
	console.is("metrics", "ports", 1, "name")
	all["NetworkPolicy"].is(metrics, "spec", "ingress", 1, "ports", 0, "port")
	if n := len(all["Service"].at("spec", "ports").v.([]any)); n != 1 {
		t.Errorf("the service has %d ports: metrics are not for it", n)
	}
	rule := all["Ingress"].at("spec", "rules", 0)
	if host := rule.at("host").v; c.PublicURL != "https://"+host.(string) {
		t.Errorf("PUBLIC_URL is %s, the host %s", c.PublicURL, host)
	}
	rule.is(all["Service"].at("metadata", "name").v, "http", "paths", 0, "backend", "service", "name")
	rule.is("/", "http", "paths", 0, "path")

	label := deployment.at("spec", "template", "metadata", "labels", "app").v
	for _, at := range []node{deployment.at("spec", "selector", "matchLabels"), all["Service"].at("spec", "selector"),
		all["PodDisruptionBudget"].at("spec", "selector", "matchLabels"), all["NetworkPolicy"].at("spec", "podSelector", "matchLabels")} {
		at.is(label, "app")
	}
	all["PodDisruptionBudget"].is(1, "spec", "minAvailable")
	pod.is(true, "securityContext", "runAsNonRoot")
	pod.is(nobody, "securityContext", "runAsUser")
	pod.is("RuntimeDefault", "securityContext", "seccompProfile", "type")
	pod.is(false, "automountServiceAccountToken")
	console.is(true, "securityContext", "readOnlyRootFilesystem")
	console.is(false, "securityContext", "allowPrivilegeEscalation")
	console.is("ALL", "securityContext", "capabilities", "drop", 0)
	for _, r := range []string{"requests", "limits"} {
		console.at("resources", r, "memory")
	}
	before, grace := console.at("lifecycle", "preStop", "sleep", "seconds").v.(int), pod.at("terminationGracePeriodSeconds").v.(int)
	if stop := int((graceToFinish + graceToGiveUp).Seconds() + 1); grace < before+stop+2 {
		t.Errorf("%d s to stop, want %d at least", grace, before+stop+2)
	}
	if !slices.Contains(all["NetworkPolicy"].at("spec", "policyTypes").v.([]any), any("Egress")) {
		t.Error("what goes out is not bounded")
	}
}

// The examples build and run one image and name no place that it is fetched from.
func TestExamplesNameNoHost(t *testing.T) {
	image := regexp.MustCompile(`(?m)^\s*image: (.*)$`)
	for _, file := range []string{"compose.yaml", "kubernetes.yaml"} {
		b, err := os.ReadFile(deployDir + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range image.FindAllStringSubmatch(string(b), -1) {
			if name, _, _ := strings.Cut(m[1], ":"); name != "obp-console" && name != "postgres" && name != "prom/prometheus" {
				t.Errorf("%s: image %s", file, m[1])
			}
		}
	}
}
