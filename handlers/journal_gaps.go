package handlers

import (
	"context"
	"strconv"

	"obpconsole/web/templates"
)

// gapNotices says of each restored back-up what the journal lost by it.
func (s *Server) gapNotices(ctx context.Context, c *caller) ([]templates.Notice, error) {
	gaps, err := s.Journal.Gaps(ctx)
	var out []templates.Notice
	for _, g := range gaps {
		n := func(i int64) string { return strconv.FormatInt(i, 10) }
		key := "gap.other"
		switch {
		case g.Unknown:
			key = "gap.unknown"
		case g.Lost() > 0:
			key = "gap.lost"
		}
		out = append(out, templates.Notice{Tone: templates.ToneWarn, TestID: "journal-gap", Text: templates.Word(key, "entry", n(g.N), "at", c.when(g.At).Local,
			"after", n(g.After.N), "last", n(g.Known.N))})
	}
	return out, err
}
