// Command console is an admin console for the Open Bank Project.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Exit codes: 0 done, 1 it failed while running, 2 it was asked wrongly.
const (
	exitFailed = 1
	exitUsage  = 2
)

type command struct {
	name, does string
	run        func(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int
}

func commands() []command {
	return []command{
		{"sandbox", "run a stand-in OBP server from a world file", sandboxCommand},
		{"journal", "verify the journal's chain", journalCommand},
		{"healthcheck", "ask a running console whether it lives", healthcheck},
		{"version", "say the version", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	if len(args) == 0 {
		help(errs)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		help(out)
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], getenv, out, errs)
		}
	}
	fmt.Fprintf(errs, "console: there is no command %q\n\n", args[0])
	help(errs)
	return exitUsage
}

func help(w io.Writer) {
	fmt.Fprint(w, "console: an admin console for the Open Bank Project\n\nusage: console COMMAND [FLAGS]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.does)
	}
	fmt.Fprint(w, "\n'console COMMAND -help' tells a command's flags.\n")
}

// stamp is set by the linker: -ldflags "-X main.stamp=v1.2.3".
var stamp string

func version(_ context.Context, _ []string, _ func(string) string, out, _ io.Writer) int {
	v := stamp
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	fmt.Fprintln(out, "console", v)
	return 0
}
