// Command console is an admin console for the Open Bank Project.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // the image has no zones of its own
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
		{"demo", "try it: the console with a made-up bank, in one process", demo},
		{"serve", "run the console in front of an OBP server", serveCommand},
		{"sandbox", "run a made-up OBP server alone", sandboxCommand},
		{"doctor", "say what is wrong with the OBP server, the settings and the stores", doctorCommand},
		{"journal", "verify, back up, restore and erase the journal", journalCommand},
		{"migrate", "bring the tables up to date, or say what that would do", migrateCommand},
		{"healthcheck", "ask a running console whether it lives", healthcheck},
		{"version", "say the version", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	if len(args) == 0 {
		help(errs)
		return exitUsage
	}
	if args[0] == "help" || isHelp(args[0]) {
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
	fmt.Fprint(w, `
To look around first, without any bank: start

  console demo

and open the address that it prints. With an OBP server of yours:

  OBP_BASE_URL=https://obp.example.com OBP_CONSUMER_KEY=... console serve

'console serve -help' lists the settings, 'console COMMAND -help' a command's flags.
`)
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// flags makes a command's flag set, whose help begins with text.
func flags(command, text string) *flag.FlagSet {
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: console %s [FLAGS]\n\n%s", command, text)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads the flags. It tells whether the command is done with, and its
// exit code: after help was asked for, and after a mistake.
func parse(fs *flag.FlagSet, args []string, out, errs io.Writer) (code int, done bool) {
	if slices.ContainsFunc(args, isHelp) {
		fs.SetOutput(out)
		fs.Usage()
		return 0, true
	}
	fs.SetOutput(errs)
	if fs.Parse(args) != nil {
		return exitUsage, true
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(errs, "console %s: %q is not understood\n", fs.Name(), fs.Arg(0))
		return exitUsage, true
	}
	return 0, false
}
