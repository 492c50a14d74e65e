package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// security 28: static files are immutable and carry a content hash.
func TestServesHashedImmutableAndCompressed(t *testing.T) {
	for coding, accept := range map[string]string{"br": "gzip, br", "gzip": "gzip, br;q=0", "": ""} {
		r := httptest.NewRequest(http.MethodGet, URL("htmx.js"), nil)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); w.Code != 200 || got != coding {
			t.Errorf("%q: status %d, encoding %q, want %q", accept, w.Code, got, coding)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%q: not immutable", accept)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/static/htmx.js", nil))
	if w.Code != 404 {
		t.Errorf("an address without its hash: %d", w.Code)
	}
}

func TestCompressedVariantsAreFresh(t *testing.T) {
	for hashed, f := range byHashed {
		if f.br == nil {
			continue
		}
		br, err := io.ReadAll(brotli.NewReader(bytes.NewReader(f.br)))
		if err != nil || !bytes.Equal(br, f.plain) {
			t.Errorf("%s.br is stale: run go generate ./web/static", hashed)
		}
		z, err := gzip.NewReader(bytes.NewReader(f.gzipd))
		if err != nil {
			t.Fatal(err)
		}
		if gz, err := io.ReadAll(z); err != nil || !bytes.Equal(gz, f.plain) {
			t.Errorf("%s.gz is stale: run go generate ./web/static", hashed)
		}
	}
}

// The style sheet names the font by its hashed address, and our own files
// stay small.
func TestOwnFiles(t *testing.T) {
	var css, js file
	for _, f := range byHashed {
		switch f.name {
		case "app.css":
			css = f
		case "app.js":
			js = f
		}
	}
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllSubmatch(css.plain, -1) {
		if _, ok := byHashed[string(m[1])]; !ok {
			t.Errorf("app.css asks for %s, which is not served", m[1])
		}
	}
	if len(css.br) > 6<<10 {
		t.Errorf("app.css is %d bytes in brotli", len(css.br))
	}
	if len(js.plain) > 4<<10 {
		t.Errorf("app.js is %d bytes", len(js.plain))
	}
	// security 31: nothing is kept in the browser, no text becomes code.
	for _, word := range []string{"localStorage", "sessionStorage", "indexedDB", "document.cookie", "innerHTML", "eval(", "new Function"} {
		if bytes.Contains(js.plain, []byte(word)) {
			t.Errorf("app.js uses %s", word)
		}
	}
}

func TestVendoredFilesAreAsPublished(t *testing.T) {
	sums, err := os.ReadFile("SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		b, err := os.ReadFile("files/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s differs from its published form", name)
		}
	}
}
