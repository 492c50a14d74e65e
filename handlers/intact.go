package handlers

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// How old a check of the chain may be before somebody who looks begins
// another: of what came since, and of the whole.
const (
	checkEvery = time.Minute
	wholeEvery = 24 * time.Hour
)

// intact says what the checks of the chain found. A page never waits for one:
// they run beside it, and their result is kept in the journal's store.
type intact struct {
	journal *journal.Journal
	log     *slog.Logger
	now     func() time.Time
	running atomic.Bool
}

// notice says to which entry the chain is intact, and begins a check when the
// last one is old.
func (i *intact) notice(ctx context.Context, c *caller) (templates.Notice, error) {
	last, err := i.journal.LastChecked(ctx)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return templates.Notice{}, err
	}
	none := err != nil
	if (none || i.now().Sub(last.At) > checkEvery) && i.running.CompareAndSwap(false, true) {
		go i.check(none || i.now().Sub(last.WholeAt) > wholeEvery)
	}
	var n templates.Notice
	at := c.when(last.At).Local
	switch {
	case none:
		n.Tone, n.Text = templates.ToneNeutral, templates.Word("intact.running")
	case last.Faults > 0:
		n.Tone, n.Text = templates.ToneBad, templates.Word("intact.broken", "n", strconv.Itoa(last.Faults), "at", at)
	default:
		n.Tone, n.Text = templates.ToneGood, templates.Word("intact.good", "n", strconv.FormatInt(last.N, 10), "at", at)
	}
	return n, nil
}

func (i *intact) check(whole bool) {
	defer i.running.Store(false)
	verify := i.journal.VerifySince
	if whole {
		verify = i.journal.Verify
	}
	rep, err := verify(context.Background(), journal.VerifyOptions{})
	switch {
	case err != nil:
		i.log.Error("the journal could not be checked", "error", err)
	case !rep.OK:
		i.log.Error("the journal is not intact", "faults", len(rep.Faults))
	}
}
