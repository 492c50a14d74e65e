package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"obpconsole/session/journal"
)

// eraseCommand takes personal text out of the journal by a recorded act; the
// chain stays whole. It may run beside a console.
func eraseCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("journal erase", "Takes personal text (names, reasons, addresses) out of old entries for ever. That is\nrecorded, and the chain still verifies. Its key comes from JOURNAL_KEY, else from the file\nbeside the journal.\n\n")
	file := set.String("db", "", "`FILE` of the journal; without it the one of DATABASE_URL, else the one in DATA_DIR")
	before := set.String("before", "", "`DAY`, yyyy-mm-dd in UTC: entries older than it; without it those older than JOURNAL_RETENTION")
	person := set.String("person", "", "`USER_ID`: instead, what is said of this person")
	reason := set.String("reason", "", "`TEXT`: why, for the record")
	by := set.String("by", "", "`NAME` of who does it, for the record")
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	what, err := erasure(*before, *person, getenv("JOURNAL_RETENTION"), time.Now())
	if err == nil && (*reason == "" || *by == "") {
		err = errors.New("-reason and -by are needed")
	}
	if err != nil {
		fmt.Fprintf(errs, "console journal erase: %v\n", err)
		return exitUsage
	}
	j, err := openNamed(ctx, *file, getenv)
	if err != nil {
		fmt.Fprintf(errs, "console journal erase: %v\n", err)
		return exitUsage
	}
	done, err := j.Erase(ctx, journal.Entry{Operator: journal.Party{UserID: "command line", Username: *by}, Reason: *reason}, what)
	if err := errors.Join(err, j.Close()); err != nil {
		return exitCode(err, errs, "journal erase")
	}
	fmt.Fprintf(out, "%d texts erased, through entry %d; recorded as entry %d\n", done.Texts, done.Through, done.N)
	if !done.Compacted {
		fmt.Fprintln(out, "traces may lie in unused parts of the file until the next erasure")
	}
	return 0
}

// erasure reads what is to be erased.
func erasure(before, person, retention string, now time.Time) (journal.Erasure, error) {
	switch {
	case before != "" && person != "":
		return journal.Erasure{}, errors.New("-before and -person: wanted one of them")
	case person != "":
		return journal.Erasure{PersonID: person}, nil
	case before == "":
		keep, err := time.ParseDuration(cmp.Or(retention, defaultRetention))
		if err != nil || keep <= 0 {
			return journal.Erasure{}, fmt.Errorf("JOURNAL_RETENTION: %q was given; wanted a time such as %s", retention, defaultRetention)
		}
		return journal.Erasure{Before: now.Add(-keep)}, nil
	}
	day, err := time.Parse(time.DateOnly, before)
	if err != nil {
		return journal.Erasure{}, fmt.Errorf("-before %q: wanted a day such as 2016-01-31", before)
	}
	return journal.Erasure{Before: day}, nil
}

// defaultRetention is ten years.
const defaultRetention = "87600h"
