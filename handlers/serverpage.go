package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// circuits are the states of the circuit, in words.
var circuits = map[string]struct {
	tone templates.Tone
	code string
}{"closed": {templates.ToneGood, "closed"}, "half-open": {templates.ToneWarn, "half_open"}, "open": {templates.ToneBad, "open"}}

// serverPage says how the OBP server is, and how it was for this console: one hop.
func (s *Server) serverPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	var root obp.Root
	var stores templates.StoresPart
	var newer bool
	var rootErr, newerErr, inErr error
	begun := time.Now()
	var took time.Duration
	var g errgroup.Group
	g.Go(func() error { root, rootErr = c.api.Root(ctx); took = time.Since(begun); return nil })
	g.Go(func() error { newer, newerErr = c.api.Newer(ctx); return nil })
	g.Go(func() error { inErr = s.stillIn(ctx, c); return nil })
	g.Go(func() error { stores = s.storesPart(ctx, c); return nil })
	_ = g.Wait()
	if over := firstOver(rootErr, inErr); over != nil {
		return over
	}
	h := s.OBP.Health()
	p := templates.ServerPage{State: templates.Badge{Tone: templates.ToneGood, Text: templates.Word("server.reachable")},
		Facts:   append([]templates.Fact{{Name: templates.Word("server.address"), Value: s.OBP.RootAddress()}}, rootFacts(root)...),
		Circuit: templates.Badge{Tone: circuits[h.Circuit].tone, Text: templates.Word("server.circuit_" + circuits[h.Circuit].code)}}
	v := view{title: templates.Word("page.server"), section: templates.ServerPattern, canon: templates.ServerPattern, waiting: -1}
	if rootErr != nil {
		p.Problem = s.problem(r, rootErr)
		p.State = templates.Badge{Tone: templates.ToneBad, Text: p.Problem.Title}
		v.status = p.Problem.Status
	} else {
		p.Facts = append(p.Facts, templates.Fact{Name: templates.Word("server.took"), Value: millis(took)})
	}
	if newerErr == nil {
		key := "server.newer_no"
		if newer {
			key = "server.newer_yes"
		}
		p.Facts = append(p.Facts, templates.Fact{Name: templates.Word("server.newer"), Value: templates.Word(key)})
	}
	p.Limits, p.Stores = limitFacts(c, h.Limits), stores
	for _, x := range h.Calls {
		p.Calls = append(p.Calls, templates.CallRow{Op: x.Op, Calls: x.Calls, Failed: x.Failed, Last: lastAnswer(x.Last), At: c.when(x.At), Took: millis(x.Took), P50: millis(x.Median), Worst: millis(x.Worst)})
	}
	v.body = templates.ServerView(p)
	return s.page(w, r, c, v)
}

// lastAnswer is the status of an operation's last answer, 0: there was none.
func lastAnswer(status int) templates.Badge {
	out := templates.Badge{Tone: templates.ToneGood, Text: strconv.Itoa(status)}
	switch {
	case status == 0:
		out = templates.Badge{Tone: templates.ToneBad, Text: templates.Word("server.no_answer")}
	case status >= http.StatusInternalServerError:
		out.Tone = templates.ToneBad
	case status >= http.StatusBadRequest:
		out.Tone = templates.ToneWarn
	}
	return out
}

func millis(d time.Duration) string {
	return templates.Word("server.ms", "n", strconv.FormatFloat(milliseconds(d), 'f', 1, 64))
}

// rootFacts are what the server says about itself.
func rootFacts(x obp.Root) []templates.Fact {
	var out []templates.Fact
	for _, f := range [][2]string{{"version", x.Version}, {"status", x.VersionStatus}, {"commit", x.GitCommit}, {"connector", x.Connector}, {"host", x.Hostname}, {"provider", x.LocalIdentityProvider},
		{"hosted_by", x.HostedBy.Organisation}, {"contact", strings.TrimSpace(x.HostedBy.Email + " " + x.HostedBy.Phone)}} {
		if f[1] != "" {
			out = append(out, templates.Fact{Name: templates.Word("server." + f[0]), Value: f[1], Code: f[0] == "commit"})
		}
	}
	return out
}

func limitFacts(c *caller, l obp.Limits) []templates.Fact {
	if l.Limit == "" {
		return nil
	}
	at := c.when(l.At)
	return []templates.Fact{{Name: templates.Word("server.limit"), Value: l.Limit}, {Name: templates.Word("server.remaining"), Value: l.Remaining},
		{Name: templates.Word("server.reset"), Value: l.Reset}, {Name: templates.Word("server.limit_at"), When: &at}}
}
