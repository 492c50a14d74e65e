package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"obpconsole/session"
	"obpconsole/session/database"
	"obpconsole/session/journal"
)

// tables are those of one store.
type tables struct {
	name    string
	missing func(context.Context) ([]database.Step, error)
	bring   func(context.Context) error // up to date
}

// migrateCommand brings the tables up to date before a node is started, or says
// what it would do.
func migrateCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("migrate", "Brings the tables of DATABASE_URL up to date, else those of the files in DATA_DIR. 'console\nserve' does the same at its start; nodes wait for each other, and a console of the version\nbefore goes on working.\n\n")
	dry := set.Bool("dry-run", false, "only say what would be done")
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	address, err := databaseURL(getenv)
	if err != nil {
		fmt.Fprintf(errs, "console migrate: %v\n", err)
		return exitUsage
	}
	all := tablesOfFiles(dataDir(getenv))
	if address != "" {
		all = tablesOfDatabase(address)
	}
	for _, t := range all {
		steps, err := t.missing(ctx)
		if err == nil && !*dry && len(steps) > 0 {
			err = t.bring(ctx)
		}
		if err != nil {
			if address != "" {
				err = unreachable("DATABASE_URL", address, err)
			}
			return exitCode(fmt.Errorf("%s: %w", t.name, err), errs, "migrate")
		}
		if len(steps) == 0 {
			fmt.Fprintf(out, "%s: up to date\n", t.name)
		}
		for _, s := range steps {
			did := "done"
			if *dry {
				did = "would be done"
			}
			fmt.Fprintf(out, "%s: %s %s\n", t.name, s.File, did)
		}
	}
	return 0
}

func tablesOfFiles(dir string) []tables {
	sessions, entries := filepath.Join(dir, sessionsFile), filepath.Join(dir, journalFile)
	return []tables{
		{"sessions", func(ctx context.Context) ([]database.Step, error) { return session.FileMissing(ctx, sessions) },
			func(ctx context.Context) error { return closed(session.OpenSQLite(ctx, sessions)) }},
		{"journal", func(ctx context.Context) ([]database.Step, error) { return journal.FileMissing(ctx, entries) },
			func(ctx context.Context) error { return closed(journal.Open(ctx, journal.Options{Path: entries})) }},
	}
}

func tablesOfDatabase(address string) []tables {
	return []tables{
		{"sessions", func(ctx context.Context) ([]database.Step, error) { return session.PostgresMissing(ctx, address) },
			func(ctx context.Context) error { return closed(session.OpenPostgres(ctx, address)) }},
		{"journal", func(ctx context.Context) ([]database.Step, error) { return journal.PostgresMissing(ctx, address) },
			func(ctx context.Context) error { return closed(journal.Open(ctx, journal.Options{Postgres: address})) }},
	}
}

// closed closes what was opened.
func closed[T io.Closer](v T, err error) error {
	if err != nil {
		return err
	}
	return errors.Join(v.Close())
}
