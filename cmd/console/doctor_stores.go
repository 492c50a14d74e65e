package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"obpconsole/session"
	"obpconsole/session/journal"
)

// stores looks at what DATA_DIR holds.
func (d *diagnosis) stores(ctx context.Context, c Config) {
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
	j, err := journal.Open(ctx, journal.Options{Path: file, Key: key, PreviousKeys: c.JournalKeyPrevious})
	if err != nil {
		d.add(check, resultFailed, "it cannot be opened: "+err.Error(), "look at who owns "+file+", or put back a copy")
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
