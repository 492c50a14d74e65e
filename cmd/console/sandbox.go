package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"obpconsole/obp/sandbox"
)

// sandboxCommand runs the stand-in alone, on loopback only: it knows passwords.
func sandboxCommand(ctx context.Context, args []string, _ func(string) string, out, errs io.Writer) int {
	fs := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	fs.SetOutput(errs)
	addr := fs.String("addr", "127.0.0.1:8099", "loopback `HOST:PORT` to listen on; port 0 takes a free one")
	file := fs.String("world", "", "`FILE` with the world to start from (world.json)")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	case *file == "":
		fmt.Fprintln(errs, "console sandbox: -world is missing: give a world.json")
		return exitUsage
	}
	if host, _, err := net.SplitHostPort(*addr); err != nil || !loopback(host) {
		fmt.Fprintf(errs, "console sandbox: -addr %q: wanted HOST:PORT with a loopback host such as 127.0.0.1\n", *addr)
		return exitUsage
	}
	s, err := loadSandbox(*file)
	if err != nil {
		fmt.Fprintf(errs, "console sandbox: -world: %v\n", err)
		return exitUsage
	}
	return listenAndServe(ctx, *addr, s, out, errs)
}

func loadSandbox(file string) (*sandbox.Server, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w, err := sandbox.ReadWorld(f)
	if err != nil {
		return nil, err
	}
	return sandbox.New(w, sandbox.Options{})
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
