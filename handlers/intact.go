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
// another, or nobody does: of what came since, and of the whole.
const (
	checkEvery = time.Minute
	checkIdle  = time.Hour
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
	if i.due(none, last, checkEvery) && i.running.CompareAndSwap(false, true) {
		go i.check(context.Background(), none || i.now().Sub(last.WholeAt) > wholeEvery)
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

func (i *intact) due(none bool, last journal.Checked, every time.Duration) bool {
	return none || i.now().Sub(last.At) > every
}

// WatchJournal checks the chain of the journal now, unless it was checked within
// the last hour, and every hour until ctx ends, also while nobody opens its
// page, so that an alarm about it comes in time. Of several consoles that share
// a journal one checks.
func (s *Server) WatchJournal(ctx context.Context) {
	tick := time.NewTicker(checkIdle / 4)
	defer tick.Stop()
	for {
		s.intact.watch(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watch checks when the last check is older than checkIdle.
func (i *intact) watch(ctx context.Context) {
	last, err := i.journal.LastChecked(ctx)
	none := errors.Is(err, journal.ErrNotFound)
	switch {
	case ctx.Err() != nil: // the console stops
		return
	case err != nil && !none:
		i.log.Error("the journal could not be checked", "error", err)
		return
	}
	if i.due(none, last, checkIdle) && i.running.CompareAndSwap(false, true) {
		i.check(ctx, none || i.now().Sub(last.WholeAt) > wholeEvery)
	}
}

func (i *intact) check(ctx context.Context, whole bool) {
	defer i.running.Store(false)
	verify := i.journal.VerifySince
	if whole {
		verify = i.journal.Verify
	}
	rep, err := verify(ctx, journal.VerifyOptions{})
	switch {
	case ctx.Err() != nil: // the console stops
	case err != nil:
		i.log.Error("the journal could not be checked", "error", err)
	case !rep.OK:
		i.log.Error("the journal is not intact", "faults", len(rep.Faults))
	}
}
