package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"obpconsole/session/journal"
)

// backupCommand copies the journal while a console may serve it, and checks the
// copy.
func backupCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("journal backup FILE", "Copies the journal, as it is at one moment, into FILE, which must not be there. It may\nrun beside a console. The copy is checked. Keep it away from this machine, without the key.\n\n")
	from := set.String("db", "", "`FILE` of the journal; without it the one in DATA_DIR")
	to, args := operand(args)
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	where, err := placeOf(*from, getenv)
	if err == nil {
		err = where.mustBeFile("pg_dump copies it while it is served, 'console journal verify' checks it")
	}
	*from = where.file
	var key secretKey
	var previous secretKeys
	if err == nil {
		key, previous, err = journalKeys(getenv, where.keyFile)
	}
	if err == nil && to == "" {
		err = errors.New("wanted the FILE to write")
	}
	if err != nil {
		fmt.Fprintf(errs, "console journal backup: %v\n", err)
		return exitUsage
	}
	if err := journal.Backup(ctx, *from, to); err != nil {
		return exitCode(err, errs, "journal backup")
	}
	j, err := journal.Open(ctx, journal.Options{Path: to, Key: key, PreviousKeys: previous})
	if err != nil {
		return exitCode(err, errs, "journal backup")
	}
	rep, err := j.Verify(ctx, journal.VerifyOptions{})
	if err := errors.Join(err, j.Close()); err != nil {
		return exitCode(err, errs, "journal backup")
	}
	return tell(rep, fmt.Sprintf("%s is intact to entry %d, head %d:%s", to, rep.HeadN, rep.HeadN, rep.HeadHash), out)
}

// restoreCommand puts a back-up in the place of the journal, while no console
// serves it.
func restoreCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("journal restore FILE", "Puts the back-up FILE in the place of the journal, by a recorded act; stop the console\nfirst. What was written after the back-up is stated in the chain as a gap. The journal that\nis there is kept beside it.\n\n")
	to := set.String("db", "", "`FILE` of the journal; without it the one in DATA_DIR")
	head := set.String("head", "", "`N:HASH` of the newest head that was kept elsewhere, such as in the log; or unknown")
	reason := set.String("reason", "", "`TEXT`: why, for the record")
	by := set.String("by", "", "`NAME` of who does it, for the record")
	from, args := operand(args)
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	where, err := placeOf(*to, getenv)
	if err == nil {
		err = where.mustBeFile("stop the consoles and put it back with pg_restore; 'console journal verify -head N:HASH' then tells whether it is older than the head that was kept")
	}
	*to = where.file
	var known []journal.Head
	switch {
	case err != nil:
	case from == "":
		err = errors.New("wanted the FILE to restore")
	case *reason == "" || *by == "" || *head == "":
		err = errors.New("-head, -reason and -by are needed")
	case *head != "unknown":
		known = make([]journal.Head, 1)
		if known[0], err = journal.ParseHead(*head); err != nil {
			err = fmt.Errorf("-head %w, or unknown", err)
		}
	}
	var o journal.Options
	if err == nil {
		o.Path, o.Environment = *to, getenv("ENVIRONMENT_LABEL")
		var previous secretKeys
		var key secretKey
		key, previous, err = journalKeys(getenv, where.keyFile)
		o.Key, o.PreviousKeys = key, previous
	}
	if _, e := os.Stat(from); err == nil && e != nil {
		err = fmt.Errorf("%q: no such back-up", from)
	}
	if err != nil {
		fmt.Fprintf(errs, "console journal restore: %v\n", err)
		return exitUsage
	}
	done, err := journal.Restore(ctx, o, from, known, *head == "unknown", journal.Entry{Operator: journal.Party{Username: *by}, Reason: *reason})
	if errors.Is(err, journal.ErrServed) {
		err = errors.New("a console serves this journal; stop it first")
	}
	if err != nil {
		return exitCode(err, errs, "journal restore")
	}
	if !done.OK {
		fmt.Fprintln(out, "nothing was restored:")
		return tell(done.Report, "", out)
	}
	if done.Aside != "" {
		fmt.Fprintf(out, "the journal that was there is kept as %s\n", done.Aside)
	}
	if done.Gap != nil {
		fmt.Fprintln(out, gapText(*done.Gap))
		fmt.Fprintln(out, "text that was erased after that entry is back: erase it again")
	}
	fmt.Fprintf(out, "restored to entry %d, head %s\n", done.Head.N, done.Head)
	return 0
}

// operand takes a command's file off its arguments, "" when there is none.
func operand(args []string) (string, []string) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return "", args
	}
	return args[0], args[1:]
}

// gapText says in words what a gap is.
func gapText(g journal.Gap) string {
	var what string
	switch {
	case g.Unknown:
		what = fmt.Sprintf("what was written after entry %d (head %s) is lost, how much is not known", g.After.N, g.After)
	case g.Lost() > 0:
		what = fmt.Sprintf("%d entries that were written after entry %d (head %s) up to head %s are lost", g.Lost(), g.After.N, g.After, g.Known)
	default:
		what = fmt.Sprintf("the back-up ended at entry %d (head %s)", g.After.N, g.After)
	}
	if g.Replaced.N > 0 {
		what += fmt.Sprintf("; another journal, with head %s, was put aside", g.Replaced)
	}
	return fmt.Sprintf("gap: entry %d records that a back-up was restored: %s", g.N, what)
}

// mustBeFile refuses a journal that PostgreSQL keeps, and says what is used instead.
func (p place) mustBeFile(instead string) error {
	if p.database == "" {
		return nil
	}
	return fmt.Errorf("the journal lies in PostgreSQL (DATABASE_URL): %s; -db FILE names a file all the same", instead)
}
