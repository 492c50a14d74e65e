// Package static serves the console's own style sheet, script, font and icon
// under addresses that carry a hash of their content.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:generate go run ./precompress

//go:embed files
var embedded embed.FS

// Prefix is the path below which every static file is served.
const Prefix = "/static/"

type file struct {
	name             string
	plain, br, gzipd []byte
}

var addresses, byHashed = index()

func index() (map[string]string, map[string]file) {
	urls, files := map[string]string{}, map[string]file{}
	entries, err := fs.ReadDir(embedded, "files")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		name := e.Name()
		ext := path.Ext(name)
		if ext == ".br" || ext == ".gz" {
			continue
		}
		plain, _ := embedded.ReadFile("files/" + name)
		br, _ := embedded.ReadFile("files/" + name + ".br")
		gz, _ := embedded.ReadFile("files/" + name + ".gz")
		sum := sha256.Sum256(plain)
		hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		urls[name] = Prefix + hashed
		files[hashed] = file{name, plain, br, gz}
	}
	return urls, files
}

// URL gives the content-hashed address of a file, such as "app.css".
// A name that is not embedded is a mistake in the program and panics.
func URL(name string) string {
	u, ok := addresses[name]
	if !ok {
		panic("static: no file " + name)
	}
	return u
}

// Handler serves the embedded files under Prefix: immutable, and in brotli or
// gzip where the browser takes them. An address without its hash is not found.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := byHashed[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", contentType(f.name))
	body, accept := f.plain, r.Header.Get("Accept-Encoding")
	if f.br != nil || f.gzipd != nil {
		h.Add("Vary", "Accept-Encoding")
	}
	switch {
	case f.br != nil && accepts(accept, "br"):
		body = f.br
		h.Set("Content-Encoding", "br")
	case f.gzipd != nil && accepts(accept, "gzip"):
		body = f.gzipd
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}

func contentType(name string) string {
	if path.Ext(name) == ".woff2" {
		return "font/woff2"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := strings.TrimSpace(params)
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
