// Command precompress writes the brotli and gzip variants beside every text file in files/.
package main

import (
	"bytes"
	"compress/gzip"
	"log"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
)

func main() {
	for _, pattern := range []string{"*.css", "*.js", "*.svg"} {
		names, err := filepath.Glob(filepath.Join("files", pattern))
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range names {
			if err := write(name); err != nil {
				log.Fatal(err)
			}
		}
	}
}

func write(name string) error {
	plain, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var br, gz bytes.Buffer
	b := brotli.NewWriterLevel(&br, brotli.BestCompression)
	g, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := b.Write(plain); err != nil {
		return err
	}
	if _, err := g.Write(plain); err != nil {
		return err
	}
	if err := b.Close(); err != nil {
		return err
	}
	if err := g.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(name+".br", br.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(name+".gz", gz.Bytes(), 0o644)
}
