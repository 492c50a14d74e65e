package handlers

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// checkEvery is how old the last check of the chain may be before another is
// begun by somebody who looks.
const checkEvery = time.Minute

// intact keeps the journal's last check. A page never waits for one.
type intact struct {
	journal *journal.Journal
	log     *slog.Logger
	now     func() time.Time

	mu      sync.Mutex
	running bool
	last    *journal.Report
}

// notice says to which entry the chain is intact, and begins a new check when
// the last one is old.
func (i *intact) notice(c *caller) templates.Notice {
	i.mu.Lock()
	last := i.last
	if !i.running && (last == nil || i.now().Sub(last.CheckedAt) > checkEvery) {
		i.running = true
		go i.check()
	}
	i.mu.Unlock()
	switch {
	case last == nil:
		return templates.Notice{Tone: templates.ToneNeutral, Text: templates.Word("intact.running"), TestID: "journal-intact"}
	case !last.OK:
		return templates.Notice{Tone: templates.ToneBad, Text: templates.Word("intact.broken", "n", strconv.Itoa(len(last.Faults)), "at", c.when(last.CheckedAt).Local), TestID: "journal-intact"}
	}
	return templates.Notice{Tone: templates.ToneGood, Text: templates.Word("intact.good", "n", strconv.FormatInt(last.HeadN, 10), "at", c.when(last.CheckedAt).Local), TestID: "journal-intact"}
}

func (i *intact) check() {
	rep, err := i.journal.Verify(context.Background(), journal.VerifyOptions{})
	i.mu.Lock()
	defer i.mu.Unlock()
	i.running = false
	if err != nil {
		i.log.Error("the journal could not be checked", "error", err)
		return
	}
	if !rep.OK {
		i.log.Error("the journal is not intact", "faults", len(rep.Faults))
	}
	i.last = &rep
}
