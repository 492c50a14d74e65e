package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes the journal in the file from, as it is at one moment, into a
// new file with mode 0600 that is there whole or not at all. Whoever has the
// journal open goes on writing meanwhile. fs.ErrExist: to is there already.
func Backup(ctx context.Context, from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".journal-*") // mode 0600
	if err != nil {
		return fmt.Errorf("journal: back-up: %w", err)
	}
	defer os.Remove(f.Name())
	if err := errors.Join(snapshot(ctx, from, f.Name()), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("journal: back-up: %w", err)
	}
	if err := os.Link(f.Name(), to); err != nil { // never over another's file
		return fmt.Errorf("journal: back-up: %w", err)
	}
	return syncDir(filepath.Dir(to))
}

// snapshot copies a database into an empty file, without what was deleted in it.
func snapshot(ctx context.Context, from, into string) error {
	db, err := connect(from, 1, "deferred", "busy_timeout(5000)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, into)
	return errors.Join(err, db.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
