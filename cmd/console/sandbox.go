package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"obpconsole/obp/sandbox"
)

// sandboxCommand runs the stand-in alone, on loopback only: it knows passwords.
func sandboxCommand(ctx context.Context, args []string, _ func(string) string, out, errs io.Writer) int {
	fs := flags("sandbox", "Runs a made-up OBP server alone, for trying and for tests.\n\n")
	addr := fs.String("addr", "127.0.0.1:8099", "loopback `HOST:PORT` to listen on; port 0 takes a free one")
	file := fs.String("world", "", "`FILE` with the world to start from (world.json); without it the demo's world")
	k := knobsOf(fs)
	if code, done := parse(fs, args, out, errs); done {
		return code
	}
	if err := k.check(); err != nil {
		fmt.Fprintf(errs, "console sandbox: %v\n", err)
		return exitUsage
	}
	if err := wantLoopback(*addr); err != nil {
		fmt.Fprintf(errs, "console sandbox: %v\n", err)
		return exitUsage
	}
	w, err := world(*file)
	if err != nil {
		fmt.Fprintf(errs, "console sandbox: -world: %v\n", err)
		return exitUsage
	}
	s, err := k.server(w)
	if err != nil {
		fmt.Fprintf(errs, "console sandbox: %v\n", err)
		return exitUsage
	}
	l, err := listen(ctx, *addr)
	if err != nil {
		return exitCode(err, errs, "sandbox")
	}
	fmt.Fprintf(out, "listening on http://%s\n", l.Addr())
	log := slog.New(slog.NewTextHandler(errs, nil))
	return exitCode(serveUntil(ctx, newServer(s, log), l, func() {}), errs, "sandbox")
}

// world reads a world's file; no file gives the demo's world.
func world(file string) (sandbox.World, error) {
	if file == "" {
		return sandbox.DemoWorld(time.Now()), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return sandbox.World{}, err
	}
	defer f.Close()
	return sandbox.ReadWorld(f)
}

// wantLoopback refuses an address that others could reach.
func wantLoopback(addr string) error {
	if host, port, err := net.SplitHostPort(addr); err != nil || !isPort(port) || !loopback(host) {
		return fmt.Errorf("-addr %q: wanted HOST:PORT with a loopback host such as 127.0.0.1", addr)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
