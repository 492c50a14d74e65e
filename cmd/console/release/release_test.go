package main

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const (
	root    = "../../.."
	version = "v1.2.3"
	commit  = "0123456789abcdef0123456789abcdef01234567"
)

// The source builds to the same bytes in another folder, by another way and in
// another environment; what comes out is static, says what it is, is listed
// whole, and fits an image of 20 MB.
func TestRelease(t *testing.T) {
	outs := [2]string{t.TempDir(), t.TempDir()}
	if err := (build{root: copyOf(t, "one"), out: outs[0], version: version, commit: commit}).run(); err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(t.TempDir(), "release")
	if out, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(command, "-version", version, "-commit", commit, "-out", outs[1])
	cmd.Dir = copyOf(t, "another folder/and a deeper one")
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=other", "TZ=Asia/Kathmandu", "LANG=tr_TR", "GOAMD64=v2")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var sums [2]string
	for i, out := range outs {
		b, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = string(b)
	}
	if sums[0] != sums[1] || strings.Count(sums[0], "\n") != 2 {
		t.Errorf("two builds differ:\n%s\n%s", sums[0], sums[1])
	}
	binary := filepath.Join(outs[0], "console")
	out, err := exec.Command(binary, "version").Output()
	if want := "console " + version + "\ncommit  " + commit + "\ngo      " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"; err != nil || string(out) != want {
		t.Errorf("console version: %v\n%s\nwant\n%s", err, out, want)
	}
	static(t, binary)
	fits(t, binary)
	listed(t, binary, filepath.Join(outs[0], "console.cdx.json"))
}

// copyOf copies the source, what is not committed yet included.
func copyOf(t *testing.T, name string) string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), name)
	for file := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted and not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, file), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// static wants a program that needs no other file to run.
func static(t *testing.T, binary string) {
	t.Helper()
	f, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it is linked dynamically: %v", p.Type)
		}
	}
	if f.Section(".symtab") != nil || f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil {
		t.Error("it is not stripped")
	}
}

// fits wants an image of 20 MB at most, as it is pushed and pulled: its layers
// are compressed. 300 KB are left for the certificates of authorities.
func fits(t *testing.T, binary string) {
	t.Helper()
	f, err := os.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	plain, err := io.Copy(z, f)
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	t.Logf("the program: %.1f MB, compressed %.1f MB", float64(plain)/1e6, float64(packed.Len())/1e6)
	if most := 20_000_000 - 300_000; packed.Len() > most {
		t.Errorf("compressed it is %d bytes, want %d at most", packed.Len(), most)
	}
}

// listed wants every module that stands in the program, the Go library and each
// vendored file in the list, with version, checksum and licence.
func listed(t *testing.T, binary, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(b), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if m := bom.Metadata.Component; m.Version != version || (*m.Properties)[0].Value != commit {
		t.Errorf("it is a list of %+v", m)
	}
	found := map[string]string{} // checksum by name and version
	for _, c := range *bom.Components {
		sum := ""
		if c.Hashes != nil {
			sum = (*c.Hashes)[0].Value
		}
		found[c.Name+" "+c.Version] = sum
		if c.Licenses == nil || !strings.HasPrefix(c.PackageURL, "pkg:") {
			t.Errorf("%s: no licence, or address %q", c.Name, c.PackageURL)
		}
	}
	want := map[string]string{"std " + strings.TrimPrefix(runtime.Version(), "go"): ""}
	out, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 4 && f[0] == "dep" {
			sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(f[3], "h1:"))
			if err != nil {
				t.Fatal(err)
			}
			want[f[1]+" "+f[2]] = hex.EncodeToString(sum)
		}
	}
	if len(want) < 10 {
		t.Errorf("go version -m names %d modules only:\n%s", len(want)-1, out)
	}
	sums, err := os.ReadFile(filepath.Join(root, "web/static/SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		want[vendored[name].name+" "+vendored[name].version] = sum
	}
	for name, sum := range want {
		if got, ok := found[name]; !ok || got != sum {
			t.Errorf("%s: listed %t with checksum %q, want %q", name, ok, got, sum)
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d parts are listed, want %d", len(found), len(want))
	}
}

// What would not stand in a link is refused.
func TestNames(t *testing.T) {
	for _, bad := range []string{"v1 -X main.commit=x", "v1\n", "'"} {
		if err := (&build{version: bad, commit: commit}).name(); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// The version of a vendored file is the one that the file itself tells, where
// it tells one.
func TestVendoredVersions(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "web/static/files/htmx.js"))
	if err != nil || !bytes.Contains(b, []byte(`"`+vendored["htmx.js"].version+`"`)) {
		t.Errorf("htmx.js does not say that it is %s, %v", vendored["htmx.js"].version, err)
	}
}
