package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthcheck asks /healthz of the console at LISTEN_ADDR; an address that
// listens everywhere is asked on loopback.
func healthcheck(ctx context.Context, _ []string, getenv func(string) string, out, errs io.Writer) int {
	addr := cmp.Or(getenv("LISTEN_ADDR"), "127.0.0.1:8080")
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		fmt.Fprintf(errs, "console healthcheck: LISTEN_ADDR %q: wanted HOST:PORT\n", addr)
		return exitUsage
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	scheme, tr := "http", &http.Transport{}
	if getenv("TLS_CERT_FILE") != "" {
		// it asks itself, by an address that no certificate names, and sends nothing
		scheme, tr.TLSClientConfig = "https", &tls.Config{InsecureSkipVerify: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		fmt.Fprintf(errs, "console healthcheck: LISTEN_ADDR %q: %v\n", addr, err)
		return exitUsage
	}
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		fmt.Fprintf(errs, "console healthcheck: %v\n", err)
		return exitFailed
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		fmt.Fprintf(errs, "console healthcheck: status %d\n", resp.StatusCode)
		return exitFailed
	}
	fmt.Fprintln(out, "alive")
	return 0
}
