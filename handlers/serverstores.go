package handlers

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"obpconsole/web/templates"
)

// StoreKind is what kind of store something lies in.
type StoreKind string

// The kinds of stores; their words are server.store_KIND.
const (
	StoreMemory   StoreKind = "memory"
	StoreFiles    StoreKind = "files"
	StorePostgres StoreKind = "postgres"
	StoreRedis    StoreKind = "redis"
)

// Stores says where the console keeps what, without an address.
type Stores struct {
	Sessions, Lasting, Limits, Journal StoreKind // empty: memory
	Nodes                              int       // consoles that share them; [1]
	Metrics                            bool      // there is a listener for them
	// Disk tells what the disk of the files has, in bytes; nil: none are used.
	Disk func() (free, size uint64, err error)
}

// asked is what came of a question to a store.
type asked struct {
	took time.Duration
	err  error
}

func ask(question func() error) asked {
	begun := time.Now()
	err := question()
	return asked{time.Since(begun), err}
}

// storesPart asks the stores how they are. It asks OBP for nothing.
func (s *Server) storesPart(ctx context.Context, c *caller) templates.StoresPart {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var sessions, chain asked
	var n int64
	var hash string
	var wg sync.WaitGroup
	wg.Go(func() { sessions = ask(func() error { return s.Sessions.Store.Ready(ctx) }) })
	wg.Go(func() {
		chain = ask(func() (err error) { n, hash, err = s.Journal.Newest(ctx); return err })
	})
	wg.Wait()
	for name, a := range map[string]asked{"sessions": sessions, "journal": chain} {
		if a.err != nil {
			s.Log.WarnContext(ctx, "a store does not answer", "store", name, "error", a.err)
		}
	}
	st := s.Stores
	p := templates.StoresPart{Rows: []templates.StoreRow{storeRow("sessions", st.Sessions, sessions), storeRow("lasting", st.Lasting, sessions),
		storeRow("limits_kept", st.Limits, sessions), storeRow("journal", st.Journal, chain)}}
	p.Facts = []templates.Fact{{Name: templates.Word("server.nodes"), Value: strconv.Itoa(max(st.Nodes, 1))},
		{Name: templates.Word("server.metrics"), Value: templates.Word("server.metrics_" + onOff(st.Metrics))}}
	if chain.err == nil {
		p.Facts = append(p.Facts, templates.Fact{Name: templates.Word("server.head"), Value: strconv.FormatInt(n, 10)}, templates.Fact{Name: templates.Word("server.head_hash"), Value: hash, Code: true})
		if intact, err := s.intact.notice(ctx, c); err == nil {
			p.Intact = &intact
		}
	}
	if disk, ok := s.diskFact(ctx); ok {
		p.Facts = append(p.Facts, disk)
	}
	return p
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// storeRow is a line of the table. What lies in this process's memory was not asked.
func storeRow(kept string, kind StoreKind, a asked) templates.StoreRow {
	kind = cmp.Or(kind, StoreMemory)
	row := templates.StoreRow{Kept: templates.Word("server." + kept), Store: templates.Word("server.store_" + string(kind)),
		State: templates.Badge{Tone: templates.ToneGood, Text: templates.Word("server.reachable")}}
	switch {
	case kind == StoreMemory:
	case a.err != nil:
		row.State = templates.Badge{Tone: templates.ToneBad, Text: templates.Word("server.store_lost")}
	default:
		row.Took = millis(a.took)
	}
	return row
}

func (s *Server) diskFact(ctx context.Context) (templates.Fact, bool) {
	if s.Stores.Disk == nil {
		return templates.Fact{}, false
	}
	free, size, err := s.Stores.Disk()
	if err != nil {
		if !errors.Is(err, errors.ErrUnsupported) {
			s.Log.WarnContext(ctx, "the disk's space cannot be read", "error", err)
		}
		return templates.Fact{}, false
	}
	gb := func(n uint64) string { return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) }
	return templates.Fact{Name: templates.Word("server.disk"), Value: templates.Word("server.disk_is", "free", gb(free), "size", gb(size))}, true
}
