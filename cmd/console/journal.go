package main

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"obpconsole/session/journal"
)

// journalCommand checks a journal's chain: "console journal verify".
func journalCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	if len(args) == 0 || args[0] != "verify" {
		fmt.Fprintln(errs, "usage: console journal verify -db FILE [-head N:HASH]")
		return exitUsage
	}
	fs := flag.NewFlagSet("journal verify", flag.ContinueOnError)
	fs.SetOutput(errs)
	file := fs.String("db", "", "`FILE` of the journal; its key comes from JOURNAL_KEY")
	head := fs.String("head", "", "`N:HASH` of a head that was kept elsewhere")
	switch err := fs.Parse(args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	var o journal.VerifyOptions
	if n, hash, found := strings.Cut(*head, ":"); *head != "" {
		var err error
		if o.ExpectedN, err = strconv.ParseInt(n, 10, 64); err != nil || !found || o.ExpectedN < 1 {
			fmt.Fprintf(errs, "console journal verify: -head %q: wanted N:HASH\n", *head)
			return exitUsage
		}
		o.ExpectedHash = hash
	}
	key, err := hex.DecodeString(getenv("JOURNAL_KEY"))
	if err != nil || len(key) != 32 {
		fmt.Fprintln(errs, "console journal verify: JOURNAL_KEY: wanted 64 hex digits (32 bytes)")
		return exitUsage
	}
	if _, err := os.Stat(*file); err != nil {
		fmt.Fprintf(errs, "console journal verify: -db %q: no such journal\n", *file)
		return exitUsage
	}
	j, err := journal.Open(ctx, journal.Options{Path: *file, Key: [32]byte(key)})
	if err != nil {
		fmt.Fprintf(errs, "console journal verify: %v\n", err)
		return exitFailed
	}
	rep, err := j.Verify(ctx, o)
	if err := errors.Join(err, j.Close()); err != nil {
		fmt.Fprintf(errs, "console journal verify: %v\n", err)
		return exitFailed
	}
	for _, f := range rep.Faults {
		fmt.Fprintf(out, "%s: %s\n", f.Kind, f.Text)
	}
	if rep.MoreFaults {
		fmt.Fprintln(out, "there are more")
	}
	if !rep.OK {
		return exitFailed
	}
	fmt.Fprintf(out, "intact to entry %d, head %d:%s\n", rep.HeadN, rep.HeadN, rep.HeadHash)
	return 0
}
