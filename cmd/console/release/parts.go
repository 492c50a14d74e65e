package main

import (
	"bufio"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/licensecheck"
	"github.com/google/uuid"
	"github.com/package-url/packageurl-go"
)

// vendored are the files of others in web/static/files; their checksums stand
// in web/static/SHA256SUMS.
var vendored = map[string]struct{ namespace, name, version, license string }{
	"htmx.js":     {"", "htmx.org", "4.0.1", "0BSD"},
	"inter.woff2": {"@fontsource-variable", "inter", "5.3.0", "OFL-1.1"},
}

// list writes what the binary is made of: its modules as they stand in it, the
// Go library, and the vendored files. It holds no time and no chance, so that
// the same build gives the same list.
func (b build) list(binary, to string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	sum, err := sumOf(binary)
	if err != nil {
		return err
	}
	dirs, err := b.moduleDirs()
	if err != nil {
		return err
	}
	version := strings.TrimPrefix(info.GoVersion, "go")
	parts := []cdx.Component{part(cdx.ComponentTypeLibrary, packageurl.TypeGolang, "", "std", version, "BSD-3-Clause")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p, err := modulePart(m, dirs[m.Path])
		if err != nil {
			return err
		}
		parts = append(parts, p)
	}
	files, err := b.vendoredParts()
	if err != nil {
		return err
	}
	parts = append(parts, files...)
	main := part(cdx.ComponentTypeApplication, packageurl.TypeGolang, "", info.Main.Path, b.version, "Apache-2.0")
	main.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}}
	main.Properties = &[]cdx.Property{{Name: "commit", Value: b.commit}, {Name: "go", Value: info.GoVersion}}
	var refs []string
	for _, p := range parts {
		refs = append(refs, p.BOMRef)
	}
	bom := cdx.NewBOM()
	bom.SerialNumber = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceOID, []byte(sum)).String()
	bom.Metadata = &cdx.Metadata{Component: &main}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := cdx.NewBOMEncoder(f, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return err
	}
	return f.Close()
}

func part(kind cdx.ComponentType, from, namespace, name, version string, licenses ...string) cdx.Component {
	id := packageurl.NewPackageURL(from, namespace, name, version, nil, "").ToString()
	c := cdx.Component{BOMRef: id, PackageURL: id, Type: kind, Name: name, Version: version}
	if len(licenses) > 0 {
		c.Licenses = &cdx.Licenses{}
		for _, l := range licenses {
			*c.Licenses = append(*c.Licenses, cdx.LicenseChoice{License: &cdx.License{ID: l}})
		}
	}
	return c
}

// modulePart describes a module. Its hash is the one of go.sum: of the list of
// its files' hashes.
func modulePart(m *debug.Module, dir string) (cdx.Component, error) {
	licenses, err := licensesIn(dir)
	if err != nil {
		return cdx.Component{}, err
	}
	namespace, name := path.Split(m.Path)
	c := part(cdx.ComponentTypeLibrary, packageurl.TypeGolang, strings.TrimSuffix(namespace, "/"), name, m.Version, licenses...)
	c.Name = m.Path
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(sum) == 0 {
		return c, fmt.Errorf("%s: no checksum: %q", m.Path, m.Sum)
	}
	c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
	return c, nil
}

// moduleDirs tells where the source of each module lies.
func (b build) moduleDirs() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", "./cmd/console")
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, dir, found := strings.Cut(strings.TrimSpace(line), "\t"); found {
			dirs[name] = dir
		}
	}
	return dirs, nil
}

// licensesIn names what the licence files of a folder say, by SPDX; a text that
// is not known is left out.
func licensesIn(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "[LlC][IiO][CcP][EeY]*"))
	if err != nil || dir == "" {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // a folder
		}
		cov := licensecheck.Scan(b)
		for _, m := range cov.Match {
			if id := m.ID; cov.Percent >= 75 && !m.IsURL && !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out, nil
}

// vendoredParts are the files of others, each with its own checksum.
func (b build) vendoredParts() (out []cdx.Component, err error) {
	f, err := os.Open(filepath.Join(b.root, "web/static/SHA256SUMS"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		sum, name, _ := strings.Cut(s.Text(), "  ")
		v, known := vendored[name]
		if !known {
			return nil, fmt.Errorf("web/static/SHA256SUMS: nothing is known of %q", name)
		}
		c := part(cdx.ComponentTypeFile, packageurl.TypeNPM, v.namespace, v.name, v.version, v.license)
		c.Description = "web/static/files/" + name
		c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}}
		out = append(out, c)
	}
	return out, s.Err()
}
