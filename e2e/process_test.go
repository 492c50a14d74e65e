package e2e

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// output is everything that a process has written, line by line as it comes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// process is a running subcommand of the console.
type process struct {
	t    *testing.T
	name string
	url  string // where it listens
	out  *output
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended
	err  error         // of the end
}

// start runs a subcommand with these settings and nothing else in its
// environment, and waits until it says where it listens.
func start(t *testing.T, settings []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: args[0], out: &output{}, gone: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.cmd.Dir}, settings...)
	r, w := io.Pipe()
	p.cmd.Stdout = io.MultiWriter(p.out, w)
	p.cmd.Stderr = p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("console %s: %v", p.name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		w.Close()
		close(p.gone)
	}()
	t.Cleanup(p.stop)
	heard := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if at, found := strings.CutPrefix(lines.Text(), "listening on "); found {
				heard <- at
			}
		}
	}()
	select {
	case p.url = <-heard:
	case <-p.gone:
		t.Fatalf("console %s ended (%v) before it listened:\n%s", p.name, p.err, p.out)
	case <-time.After(patience):
		t.Fatalf("console %s does not say where it listens:\n%s", p.name, p.out)
	}
	return p
}

// stop asks the process to end, as an operator does, and wants a clean end.
func (p *process) stop() {
	select {
	case <-p.gone:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
		if p.err != nil {
			p.t.Errorf("console %s ended with %v:\n%s", p.name, p.err, p.out)
		}
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.gone
		p.t.Errorf("console %s did not stop when asked:\n%s", p.name, p.out)
	}
	if strings.Contains(p.out.String(), "panic") {
		p.t.Errorf("console %s wrote of a panic:\n%s", p.name, p.out)
	}
}

// kill ends the process without warning.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}
