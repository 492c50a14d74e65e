package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const worldFile = "../../obp/sandbox/testdata/recordings/world.json"

func noEnv(string) string { return "" }

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "usage: console COMMAND"},
		{[]string{"help"}, 0, "console demo"},
		{[]string{"fly"}, 2, `no command "fly"`},
		{[]string{"version"}, 0, "console"},
		{[]string{"sandbox", "-help"}, 0, "-world"},
		{[]string{"sandbox", "more"}, 2, `"more" is not understood`},
		{[]string{"demo", "-help"}, 0, "127.0.0.1:8080"},
		{[]string{"sandbox", "-world", "no.such.file"}, 2, "no.such.file"},
		{[]string{"sandbox", "-world", worldFile, "-addr", "0.0.0.0:0"}, 2, "loopback"},
	} {
		var b bytes.Buffer
		if code := run(t.Context(), c.args, noEnv, &b, &b); code != c.code || !strings.Contains(b.String(), c.says) {
			t.Errorf("%v: exit %d, want %d; printed %s", c.args, code, c.code, b.String())
		}
	}
}

// The stand-in listens, answers, and stops in order when it is told to.
func TestSandboxServesAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"sandbox", "-world", worldFile, "-addr", "127.0.0.1:0"}, noEnv, in, in)
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("printed %q", line)
	}
	resp, err := http.Get(base + "/obp/v5.0.0/root")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("root: %v %v", resp, err)
	}
	resp.Body.Close()
	env := func(k string) string { return map[string]string{"LISTEN_ADDR": strings.TrimPrefix(base, "http://")}[k] }
	if code := run(ctx, []string{"healthcheck"}, env, io.Discard, io.Discard); code != exitFailed {
		t.Errorf("healthcheck of a server without /healthz: exit %d", code)
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("exit %d", code)
	}
}

// imports is who may import whom among the project's packages.
var imports = map[string][]string{
	"cmd/console":       {"handlers", "obp", "obp/sandbox", "session", "session/database", "session/journal", "web/templates"},
	"handlers":          {"web/templates", "web/static", "obp", "session", "session/journal"},
	"web/templates":     {"obp", "web/static"},
	"web/static":        {},
	"session":           {"session/database"},
	"session/database":  {},
	"session/journal":   {"session/database"},
	"session/storetest": {"session/database"},
	"obp":               {},
	"obp/sandbox":       {},
}

func TestImportMap(t *testing.T) {
	const module = "obpconsole/"
	b, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for d := json.NewDecoder(bytes.NewReader(b)); ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := imports[name]
		for _, i := range p.Imports {
			to, own := strings.CutPrefix(i, module)
			if own && known && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s", name, to)
			}
			if path.Base(i) == "v2" && strings.Contains(i, "resty") && name != "obp" {
				t.Errorf("%s imports resty", name)
			}
			if strings.HasPrefix(i, "github.com/prometheus/") && name != "cmd/console" {
				t.Errorf("%s imports %s", name, i)
			}
		}
	}
	if seen < 4 {
		t.Errorf("only %d packages seen", seen)
	}
}
