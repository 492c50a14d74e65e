package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"obpconsole/session/journal"
)

// journalCommand checks a journal's chain, erases old personal text from it, or
// prints it for a collector: "console journal verify", "erase", "lines".
func journalCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "erase" {
		return eraseCommand(ctx, args[1:], getenv, out, errs)
	}
	if len(args) > 0 && args[0] == "backup" {
		return backupCommand(ctx, args[1:], getenv, out, errs)
	}
	if len(args) > 0 && args[0] == "restore" {
		return restoreCommand(ctx, args[1:], getenv, out, errs)
	}
	if len(args) > 0 && args[0] == "lines" {
		return linesCommand(ctx, args[1:], getenv, out, errs)
	}
	set := flags("journal verify", "Finds what was edited, deleted, reordered or cut in the journal. Its key comes from\nJOURNAL_KEY, else from the file beside the journal.\n\n")
	file := set.String("db", "", "`FILE` of the journal; without it the one of DATABASE_URL, else the one in DATA_DIR")
	export := set.String("export", "", "`FILE` that was exported as NDJSON; it is checked without the journal")
	head := set.String("head", "", "`N:HASH` of a head that was kept elsewhere, such as in the log")
	if len(args) == 0 || args[0] != "verify" && !isHelp(args[0]) {
		fmt.Fprintln(errs, "usage: console journal verify [-db FILE | -export FILE] [-head N:HASH]\n       console journal erase -reason TEXT -by NAME [-before DAY | -person USER_ID]\n       console journal lines [-after N] [-person USER_ID]\n       console journal backup FILE\n       console journal restore FILE -head N:HASH -reason TEXT -by NAME")
		return exitUsage
	}
	if args[0] == "verify" {
		args = args[1:]
	}
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	where, err := placeOf(*file, getenv)
	if err != nil {
		fmt.Fprintf(errs, "console journal verify: %v\n", err)
		return exitUsage
	}
	var o journal.VerifyOptions
	if *head != "" {
		h, err := journal.ParseHead(*head)
		if err != nil {
			fmt.Fprintf(errs, "console journal verify: -head %v\n", err)
			return exitUsage
		}
		o.ExpectedN, o.ExpectedHash = h.N, h.Hash
	}
	if *export == "" {
		return verifyPlace(ctx, where, getenv, o, out, errs)
	}
	key, previous, err := journalKeys(getenv, where.keyFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // without one hashes are checked, the seal is not
		fmt.Fprintf(errs, "console journal verify: %v\n", err)
		return exitUsage
	}
	return verifyExport(*export, key, previous, o, out, errs)
}

// place is where a journal lies.
type place struct {
	file     string // of SQLite
	database string // address of PostgreSQL, instead
	keyFile  string
}

// placeOf gives the file that was named, else the database of the settings,
// else the file in DATA_DIR.
func placeOf(file string, getenv func(string) string) (place, error) {
	if file != "" {
		return place{file: file, keyFile: filepath.Join(filepath.Dir(file), journalKeyFile)}, nil
	}
	p := place{file: filepath.Join(dataDir(getenv), journalFile), keyFile: filepath.Join(dataDir(getenv), journalKeyFile)}
	address, err := databaseURL(getenv)
	if address != "" {
		p.file, p.database = "", address
	}
	return p, err
}

// verifyPlace checks the journal itself.
func verifyPlace(ctx context.Context, where place, getenv func(string) string, o journal.VerifyOptions, out, errs io.Writer) int {
	j, err := openExisting(ctx, where, getenv)
	if err != nil {
		fmt.Fprintf(errs, "console journal verify: %v\n", err)
		return exitUsage
	}
	rep, err := j.Verify(ctx, o)
	if err := errors.Join(err, j.Close()); err != nil {
		return exitCode(err, errs, "journal verify")
	}
	return tell(rep, fmt.Sprintf("intact to entry %d, head %d:%s", rep.HeadN, rep.HeadN, rep.HeadHash), out)
}

// openNamed opens the journal in a file that was named, else that of the
// settings.
func openNamed(ctx context.Context, file string, getenv func(string) string) (*journal.Journal, error) {
	where, err := placeOf(file, getenv)
	if err != nil {
		return nil, err
	}
	return openExisting(ctx, where, getenv)
}

// openExisting opens a journal that is there already, with its keys.
func openExisting(ctx context.Context, where place, getenv func(string) string) (*journal.Journal, error) {
	key, previous, err := journalKeys(getenv, where.keyFile)
	if _, e := os.Stat(where.file); where.database == "" && e != nil {
		err = fmt.Errorf("-db %q: no such journal", where.file)
	}
	if err != nil {
		return nil, err
	}
	o := journal.Options{Path: where.file, Postgres: where.database, Key: key, PreviousKeys: previous}
	if where.database == "" {
		return journal.Open(ctx, o)
	}
	steps, err := journal.PostgresMissing(ctx, where.database)
	if err == nil && len(steps) > 0 {
		err = errors.New("its tables are not up to date; 'console migrate' does that")
	}
	if err != nil {
		return nil, unreachable("DATABASE_URL", where.database, err)
	}
	return journal.Open(ctx, o)
}

// verifyExport checks a file that the journal page gave out.
func verifyExport(file string, key secretKey, previous secretKeys, o journal.VerifyOptions, out, errs io.Writer) int {
	f, err := os.Open(file)
	if err != nil {
		fmt.Fprintf(errs, "console journal verify: -export: %v\n", err)
		return exitUsage
	}
	defer f.Close()
	var keys [][32]byte
	if key != (secretKey{}) {
		keys = append([][32]byte{key}, previous...)
	}
	rep, err := journal.VerifyExport(f, keys, o)
	if err != nil {
		return exitCode(err, errs, "journal verify")
	}
	return tell(rep.Report, fmt.Sprintf("%d entries checked. %s", rep.Entries, rep.Proves), out)
}

// tell prints the faults, else what holds.
func tell(rep journal.Report, holds string, out io.Writer) int {
	for _, f := range rep.Faults {
		fmt.Fprintf(out, "%s: %s\n", f.Kind, f.Text)
	}
	if rep.MoreFaults {
		fmt.Fprintln(out, "there are more")
	}
	if !rep.OK {
		return exitFailed
	}
	for _, g := range rep.Gaps {
		fmt.Fprintln(out, gapText(g))
	}
	fmt.Fprintln(out, holds)
	return 0
}

// journalKeys are the keys of the settings; the current one may stand in the file.
func journalKeys(getenv func(string) string, file string) (key secretKey, previous secretKeys, err error) {
	v, err := secretOf(getenv, "JOURNAL_KEY_PREVIOUS")
	if err != nil {
		return key, nil, err
	}
	if previous, err = parseKeys(v); err != nil {
		return key, nil, fmt.Errorf("JOURNAL_KEY_PREVIOUS: %w", err)
	}
	if v, err = secretOf(getenv, "JOURNAL_KEY"); err != nil {
		return key, nil, err
	}
	if v != "" {
		if key, err = parseKey(v); err != nil {
			return key, nil, fmt.Errorf("JOURNAL_KEY: %w", err)
		}
		return key, previous, nil
	}
	key, err = readKeyFile("JOURNAL_KEY", file)
	if errors.Is(err, fs.ErrNotExist) {
		return key, previous, fmt.Errorf("JOURNAL_KEY is not set, and there is no key file: %w", err)
	}
	return key, previous, err
}
