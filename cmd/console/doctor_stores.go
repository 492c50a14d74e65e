package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"obpconsole/session"
	"obpconsole/session/database"
	"obpconsole/session/journal"
)

// stores looks at what keeps the sessions and the journal.
func (d *diagnosis) stores(ctx context.Context, c Config) {
	if c.DatabaseURL != "" {
		d.shared(ctx, c)
		return
	}
	const none = "none yet; 'console serve' makes it"
	info, err := os.Stat(c.DataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add("DATA_DIR", resultOK, c.DataDir+": "+none, "")
		return
	case err != nil || !info.IsDir():
		d.add("DATA_DIR", resultFailed, c.DataDir+" is no folder that can be read", "set DATA_DIR to a folder of the console's own")
		return
	case info.Mode().Perm()&0o077 != 0:
		d.add("DATA_DIR", resultWarning, fmt.Sprintf("others may look into %s, mode %#o", c.DataDir, info.Mode().Perm()), "chmod 700 "+c.DataDir)
	default:
		d.add("DATA_DIR", resultOK, c.DataDir, "")
	}
	switch err := session.CheckSQLite(ctx, filepath.Join(c.DataDir, sessionsFile)); {
	case errors.Is(err, fs.ErrNotExist):
		d.add("sessions", resultOK, none, "")
	case err != nil:
		d.add("sessions", resultFailed, err.Error(), "stop the console and take "+sessionsFile+" out of the way: everybody signs in anew, nothing else is lost")
	default:
		d.add("sessions", resultOK, "the file can be read and is whole", "")
	}
	d.journal(ctx, c)
}

func (d *diagnosis) journal(ctx context.Context, c Config) {
	const check = "journal"
	file := filepath.Join(c.DataDir, journalFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		d.add(check, resultOK, "none yet; 'console serve' makes it", "")
		return
	}
	key := c.JournalKey
	if key == (secretKey{}) {
		var err error
		if key, err = readKeyFile("JOURNAL_KEY", filepath.Join(c.DataDir, journalKeyFile)); err != nil {
			d.add(check, resultFailed, "its key cannot be read: "+err.Error(), "put the copy of the key that was kept into JOURNAL_KEY")
			return
		}
	}
	d.verify(ctx, journal.Options{Path: file, Key: key, PreviousKeys: c.JournalKeyPrevious}, "look at who owns "+file+", or put back a copy")
}

// verify opens a journal and checks its chain; open is what to do when it
// cannot be opened.
func (d *diagnosis) verify(ctx context.Context, o journal.Options, open string) {
	const check = "journal"
	j, err := journal.Open(ctx, o)
	if err != nil {
		d.add(check, resultFailed, "it cannot be opened: "+err.Error(), open)
		return
	}
	rep, err := j.Verify(ctx, journal.VerifyOptions{})
	switch err := errors.Join(err, j.Close()); {
	case err != nil:
		d.add(check, resultFailed, "it cannot be verified: "+err.Error(), "look at the disk, or put back a copy")
	case !rep.OK:
		d.add(check, resultFailed, fmt.Sprintf("it was changed: %s: %s", rep.Faults[0].Kind, rep.Faults[0].Text), "run 'console journal verify' for every fault, and keep the file as it is for whoever looks into it")
	default:
		d.add(check, resultOK, fmt.Sprintf("intact to entry %d, head %d:%s", rep.HeadN, rep.HeadN, rep.HeadHash), "")
	}
}

// shared looks at the database, and at Redis when there is one. Tables that are
// not up to date are told, and not changed.
func (d *diagnosis) shared(ctx context.Context, c Config) {
	const check = "database"
	steps, err := session.PostgresMissing(ctx, c.DatabaseURL)
	var more []database.Step
	if err == nil {
		more, err = journal.PostgresMissing(ctx, c.DatabaseURL)
	}
	var newer *database.NewerError
	switch {
	case errors.As(err, &newer):
		d.add(check, resultFailed, err.Error(), "run the newer console that made these tables")
		return
	case err != nil:
		d.add(check, resultFailed, unreachable("DATABASE_URL", c.DatabaseURL, err).Error(), "look whether the database runs, and whether DATABASE_URL has its address, name and password")
		return
	case len(steps)+len(more) > 0:
		d.add(check, resultWarning, fmt.Sprintf("%d steps to bring its tables up to date", len(steps)+len(more)), "run 'console migrate', or let 'console serve' do it")
		return
	}
	d.add(check, resultOK, "it answers, and its tables are up to date", "")
	d.sharedSessions(ctx, c)
	d.verify(ctx, journal.Options{Postgres: c.DatabaseURL, Key: c.JournalKey, PreviousKeys: c.JournalKeyPrevious}, "look at the rights of the user in DATABASE_URL")
}

func (d *diagnosis) sharedSessions(ctx context.Context, c Config) {
	const check = "sessions"
	store, err := openSessions(ctx, c, extras{})
	if err != nil {
		d.add(check, resultFailed, err.Error(), "look whether the server runs, and whether REDIS_URL has its address and password")
		return
	}
	_, _, err = store.Find("a session that nobody has")
	if err = errors.Join(err, store.Close()); err != nil {
		d.add(check, resultFailed, err.Error(), "look at the rights of the users in DATABASE_URL and REDIS_URL")
		return
	}
	d.add(check, resultOK, "in "+storesText(c), "")
}
