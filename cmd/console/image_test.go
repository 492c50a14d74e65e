package main

import (
	"crypto/tls"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"obpconsole/obp/sandbox"
)

const nobody = 65532 // the image's user

// The program needs no file but the certificates of authorities, and may write
// nowhere but in /data: it runs as nobody with such a folder as its root and the
// image's settings, finds OBP trustworthy by that file alone, knows time zones,
// and answers the image's health check.
func TestImageRoot(t *testing.T) {
	a := newAuthority(t)
	w, err := world(worldFile)
	if err != nil {
		t.Fatal(err)
	}
	stand, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	obp := httptest.NewUnstartedServer(stand)
	cert, key := a.issue(t, 2, "obp.test")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	obp.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	obp.StartTLS()
	defer obp.Close()

	root := filepath.Join(t.TempDir(), "root")
	put := func(name, from string, mode os.FileMode) {
		t.Helper()
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), b, mode); err != nil {
			t.Fatal(err)
		}
	}
	put("console", binary(t), 0o555)
	put("etc/ssl/certs/ca-certificates.crt", a.file, 0o444)
	data := filepath.Join(root, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	openWay(t, root)
	attr := &syscall.SysProcAttr{Chroot: root}
	if os.Getuid() == 0 {
		if err := os.Chown(data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	} else { // the same in a user namespace, where changing the root is allowed
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}}
	}
	env := append(imageEnv(t), "LISTEN_ADDR=127.0.0.1:0", "PUBLIC_URL=http://127.0.0.1:8080", "TIME_ZONE=Asia/Kathmandu",
		"OBP_BASE_URL="+obp.URL, "OBP_CONSUMER_KEY="+recordedKey)
	p := startAs(t, attr, "/console", env, "serve")
	var ok bool
	if p.url, ok = strings.CutPrefix(p.out.wait(t, ""), "listening on "); !ok {
		t.Fatalf("stderr:\n%s", p.errs)
	}
	signIn(t, p.url, "anna.approver", recordedPassword)
	check := startAs(t, attr, "/console", []string{"LISTEN_ADDR=" + strings.TrimPrefix(p.url, "http://")}, "healthcheck")
	check.stopped()
	p.terminate()
	p.stopped()
	for _, f := range []string{sessionsFile, journalFile} {
		if _, err := os.Stat(filepath.Join(data, f)); err != nil {
			t.Error(err)
		}
	}
}

// openWay lets the image's user walk to a folder below the test's own.
func openWay(t *testing.T, dir string) {
	t.Helper()
	for ; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// imageEnv is what the Dockerfile sets.
func imageEnv(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ENV (.*)$`).FindStringSubmatch(string(b))
	if line == nil {
		t.Fatal("the Dockerfile sets nothing")
	}
	return strings.Fields(line[1])
}
