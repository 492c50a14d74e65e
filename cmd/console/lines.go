package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"obpconsole/session/journal"
)

// linesCommand prints the lines that JOURNAL_LINES gives to a collector, such
// as those that it missed. It may run beside a console.
func linesCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("journal lines", "Prints journal entries as JOURNAL_LINES gives them to a collector: JSON, without personal\ntext. The key of the pseudonyms comes from JOURNAL_KEY, else from the file beside the journal.\n\n")
	file := set.String("db", "", "`FILE` of the journal; without it the one of DATABASE_URL, else the one in DATA_DIR")
	after := set.Int64("after", 0, "`N`: only entries after this one")
	person := set.String("person", "", "`USER_ID`: only entries that this person acted in, or that were on them; tells their pseudonym")
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	if *after < 0 {
		fmt.Fprintf(errs, "console journal lines: -after %d: wanted the number of an entry\n", *after)
		return exitUsage
	}
	j, err := openNamed(ctx, *file, getenv)
	if err != nil {
		fmt.Fprintf(errs, "console journal lines: %v\n", err)
		return exitUsage
	}
	b := bufio.NewWriter(out)
	enc := json.NewEncoder(b)
	err = j.Lines(ctx, *after, *person, func(l journal.Line) error { return enc.Encode(l) })
	return exitCode(errors.Join(err, b.Flush(), j.Close()), errs, "journal lines")
}
