package journal

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Erasure says whose personal text goes: one of the two is set.
type Erasure struct {
	Before   time.Time // all of the entries older than this
	PersonID string    // of the entries upon this person what is said of them, and of those by them who they were
}

// Erased is what an erasure did.
type Erased struct {
	Intent
	Through   int64 // the newest entry it looked at
	Texts     int64
	Compacted bool // no trace is left in the file; else a later erasure sees to it
}

// Erase removes personal text for ever and records that, as ActErase by
// e.Operator with e's reason, in one step. Verify tells it from text that was
// taken away. It rewrites the file, while which acts wait.
func (j *Journal) Erase(ctx context.Context, e Entry, what Erasure) (Erased, error) {
	if what.Before.IsZero() == (what.PersonID == "") {
		return Erased{}, errors.New("journal: an erasure is of a time or of a person")
	}
	if what.Before.After(j.o.Now()) {
		return Erased{}, errors.New("journal: an erasure cannot reach into the future")
	}
	var done Erased
	err := j.change(ctx, func(w *writer) (err error) {
		done, err = w.erase(e, what)
		return err
	})
	if err != nil {
		return Erased{}, err
	}
	if err := j.compact(context.WithoutCancel(ctx)); err != nil {
		j.o.Logger.WarnContext(ctx, "erased text may still lie in unused parts of the journal's file", "error", err)
	} else {
		done.Compacted = true
	}
	return done, nil
}

func (w *writer) erase(e Entry, what Erasure) (Erased, error) {
	done := Erased{Through: w.head.n}
	var n int64
	var err error
	if what.PersonID == "" {
		err = w.row(`SELECT coalesce(min(n) - 1, ?) FROM entries WHERE at >= ?`, w.head.n, what.Before.UnixNano()).Scan(&done.Through)
		if err == nil {
			done.Texts, err = w.count(`DELETE FROM texts WHERE n <= ?`, done.Through)
		}
		if err == nil {
			err = w.exec(`DELETE FROM names WHERE last <= ?`, done.Through)
		}
	} else {
		for col, fields := range map[string]map[string]bool{"person_id": uponFields, "operator_id": byFields} {
			args := []any{what.PersonID}
			for f := range fields {
				args = append(args, f)
			}
			if err == nil {
				n, err = w.count(`DELETE FROM texts WHERE n IN (SELECT n FROM entries WHERE `+col+` = ?) AND field IN (?`+strings.Repeat(",?", len(fields)-1)+`)`, args...)
				done.Texts += n
			}
		}
		if err == nil {
			err = w.exec(`DELETE FROM names WHERE user_id = ?`, what.PersonID)
		}
	}
	if err == nil { // a turn names its holder
		err = w.exec(`DELETE FROM turns WHERE until <= ?`, w.j.o.Now().UnixNano())
	}
	if err != nil {
		return Erased{}, err
	}
	e.Act, e.Person = ActErase, Party{UserID: what.PersonID}
	e.Details = map[string]string{"through": strconv.FormatInt(done.Through, 10), "texts": strconv.FormatInt(done.Texts, 10)}
	done.Intent, err = w.begin(KindEvent, e, Result{Outcome: OutcomeDone})
	return done, err
}

// compact rewrites the file, so that nothing deleted is left in it.
func (j *Journal) compact(ctx context.Context) error {
	j.hold <- struct{}{}
	defer func() { <-j.hold }()
	if j.shared() {
		_, err := j.db.ExecContext(ctx, `VACUUM FULL texts, names, turns`)
		return err
	}
	if _, err := j.db.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, log, moved int
	if err := j.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("a reader still reads what was before")
	}
	return nil
}
