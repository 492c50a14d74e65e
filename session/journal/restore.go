package journal

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrServed is returned when another process has the journal open.
var ErrServed = errors.New("journal: a console has it open")

// Restored is what a restore did.
type Restored struct {
	Report        // of the back-up; not OK: nothing was done
	Gap    *Gap   // nil: the back-up held all that is known of
	Head   Head   // the newest entry now: the one that records the restore
	Aside  string // where the journal that was there lies now, empty: there was none
}

// Restore puts the back-up in the place of the journal at o.Path, by a recorded
// act with e's reason. The back-up must be intact and sealed with one of o's
// keys. known are heads that were noted elsewhere: one that the back-up holds
// must be in it; one that is newer is stated in the chain as a gap, as is the
// head of the journal that is there now. unsure says that more may have been
// written than is known. ErrServed: a process has the journal open.
func Restore(ctx context.Context, o Options, backup string, known []Head, unsure bool, e Entry) (out Restored, err error) {
	if _, err := os.Stat(backup); err != nil {
		return out, fmt.Errorf("journal: %w", err)
	}
	old, err := lockOld(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, old.close()) }()
	made := filepath.Join(filepath.Dir(o.Path), ".restore-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	if err := Backup(ctx, backup, made); err != nil {
		return out, err
	}
	defer os.Remove(made)
	path := o.Path
	o.Path = made
	j, err := Open(ctx, o)
	if err != nil {
		return out, err
	}
	out, err = j.restored(ctx, old, known, unsure, e)
	if err = errors.Join(err, j.Close()); err != nil || !out.OK {
		return out, err
	}
	if out.Aside, err = old.aside(ctx, path); err != nil {
		return out, err
	}
	if err := os.Rename(made, path); err != nil {
		return out, fmt.Errorf("journal: restore: %w", err)
	}
	return out, syncDir(filepath.Dir(path))
}

// restored checks a copy of a back-up and records in it that it is restored.
func (j *Journal) restored(ctx context.Context, old *old, known []Head, unsure bool, e Entry) (out Restored, err error) {
	if out.Report, err = j.Verify(ctx, VerifyOptions{}); err != nil || !out.OK {
		return out, err
	}
	gap := Gap{After: Head{out.HeadN, out.HeadHash}, Unknown: unsure}
	if old.head != nil {
		switch same, err := old.same(ctx, j, gap.After); {
		case err != nil:
			return out, err
		case same:
			known = append(slices.Clone(known), *old.head)
		default:
			gap.Replaced = *old.head
		}
	}
	var newest Head
	for _, k := range known {
		if k.N > newest.N {
			newest = k
		}
		if k.N > gap.After.N {
			continue
		}
		rep, err := j.Verify(ctx, VerifyOptions{ExpectedN: k.N, ExpectedHash: k.Hash})
		if err != nil || !rep.OK {
			out.Report = rep
			return out, err
		}
	}
	if newest.N > gap.After.N {
		gap.Known = newest
	}
	i, err := j.Record(ctx, gap.entry(e, newest), Result{Outcome: OutcomeDone})
	if err != nil {
		return out, err
	}
	if gap.N, gap.At = i.N, i.At; gap.word() != "" {
		out.Gap = &gap
	}
	out.Head.N, out.Head.Hash = j.Head()
	return out, nil
}

// word is how the chain names a gap, "" for none.
func (g Gap) word() string {
	switch {
	case g.Unknown:
		return "unknown"
	case g.Lost() > 0:
		return strconv.FormatInt(g.Lost(), 10)
	case g.Replaced.N > 0:
		return "other"
	}
	return ""
}

// entry is the record of a restore.
func (g Gap) entry(e Entry, newest Head) Entry {
	e.Act, e.Operator.UserID = ActRestore, commandLine
	e.Details = map[string]string{"restored": g.After.String()}
	if newest.N > 0 {
		e.Details["known"] = newest.String()
	}
	if g.Replaced.N > 0 {
		e.Details["replaced"] = g.Replaced.String()
	}
	if w := g.word(); w != "" {
		e.Details["gap"] = w
	}
	return e
}

// old is the journal that is to be replaced, held so that no other process can
// open it.
type old struct {
	db      *sql.DB // nil: there is none, or none that can be read
	present bool
	head    *Head // nil: none that is sealed
}

func lockOld(ctx context.Context, o Options) (*old, error) {
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return &old{}, nil
	}
	db, err := connect(o.Path, 1, "exclusive", "locking_mode(EXCLUSIVE)", "busy_timeout(500)")
	if err != nil {
		return nil, err
	}
	h, err := lockedHead(ctx, db, append([][32]byte{o.Key}, o.PreviousKeys...))
	var se *sqlite.Error
	switch {
	case err == nil:
		return &old{db, true, h}, nil
	case errors.As(err, &se) && (se.Code()&0xff == sqlite3.SQLITE_BUSY || se.Code()&0xff == sqlite3.SQLITE_LOCKED):
		return nil, errors.Join(ErrServed, db.Close())
	}
	_ = db.Close() // it is no journal that can be read: it is put aside as it is
	return &old{present: true}, ctx.Err()
}

// lockedHead takes the lock and gives the head, when one of the keys sealed it.
func lockedHead(ctx context.Context, db *sql.DB, keys [][32]byte) (*Head, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	var n int64
	var hash, sealedWith []byte
	err = tx.QueryRowContext(ctx, `SELECT n, hash, seal FROM head`).Scan(&n, &hash, &sealedWith)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tx.Commit()
	}
	if err := errors.Join(err, tx.Commit()); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(keys, func(k [32]byte) bool { return hmac.Equal(seal(k, n, hash), sealedWith) }) {
		return nil, nil
	}
	return &Head{n, fmt.Sprintf("%x", hash)}, nil
}

// same tells whether the journal that is there is the one that j is a back-up
// of: the older of the two is the beginning of the other.
func (o *old) same(ctx context.Context, j *Journal, after Head) (bool, error) {
	db, older := o.db, after
	if o.head.N < after.N {
		db, older = j.db, *o.head
	}
	if older.N == 0 {
		return true, nil
	}
	var hash []byte
	err := db.QueryRowContext(ctx, `SELECT hash FROM entries WHERE n = ?`, older.N).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return hex.EncodeToString(hash) == older.Hash, err
}

// aside gives the journal that is there a second name, under which it stays.
func (o *old) aside(ctx context.Context, path string) (string, error) {
	name := path + ".before-" + time.Now().UTC().Format("20060102T150405.000000000")
	if o.db != nil { // all of it lies in the one file then
		var mode string
		if err := o.db.QueryRowContext(ctx, `PRAGMA journal_mode=DELETE`).Scan(&mode); err != nil || mode != "delete" {
			return "", fmt.Errorf("journal: restore: the journal that is there cannot be put aside: %s %w", mode, err)
		}
	}
	for _, beside := range []string{"-wal", "-shm"} { // what is left of a journal that could not be read
		if err := os.Rename(path+beside, name+beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("journal: restore: %w", err)
		}
	}
	if !o.present {
		return "", nil
	}
	if err := os.Link(path, name); err != nil {
		return "", fmt.Errorf("journal: restore: %w", err)
	}
	return name, nil
}

func (o *old) close() error {
	if o.db == nil {
		return nil
	}
	return o.db.Close()
}
