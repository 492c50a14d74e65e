package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// maxEvidence is how many acts an evidence sheet holds.
const maxEvidence = 500

// evidenceActs are the acts of which everybody may see that they happened.
var evidenceActs = slices.Concat(decisions, []journal.Act{journal.ActAskRole, journal.ActFirstApproval, journal.ActConfirm, journal.ActUseApproval, journal.ActWithdraw, journal.ActLapse, ActReviewKeep, ActEmergency, ActEmergencyReview})

// evidence is a role's whole life for a person, as a page to print: every act
// of the journal about it, with the numbers and hashes of its entries.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	role, bank := r.URL.Query().Get("role"), r.URL.Query().Get("bank")
	if err := s.noteUser(ctx, c, id); err != nil {
		return err
	}
	f := journal.Filter{Person: id, Role: role, BankIDs: []string{bank}, Rights: journal.Rights{All: true}, Limit: maxEvidence}
	var u obp.User
	var userErr, out error
	var banks bankNames
	var acts journal.Page
	var hashes map[string][]templates.EvidenceEntry
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { u, userErr = c.api.UserByID(gctx, id); return nil })
	g.Go(func() error { banks = s.names(gctx, c); return nil })
	g.Go(func() error { out = s.stillIn(gctx, c); return nil })
	g.Go(func() (err error) { acts, err = s.Journal.Search(gctx, f); return err })
	g.Go(func() (err error) { hashes, err = s.hashesOf(gctx, f); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	if over := firstOver(userErr, out); over != nil {
		return over
	}
	chain, err := s.intact.notice(ctx, c)
	if err != nil {
		return err
	}
	p := templates.EvidencePage{Person: personView(u), Role: s.role(role), Scope: banks.scope(bank), Chain: chain, Made: c.when(c.now), Maker: partyView(c.party()), Server: s.Settings.Server, More: acts.Older > 0}
	p.Now, p.NowWhy = s.heldNow(r, u, userErr, role, bank)
	rows, err := s.withReviews(ctx, acts.Rows, id, role, bank)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if hashes[row.ActID] == nil { // a decision of several grants at once
			of, err := s.hashesOf(ctx, journal.Filter{ActID: row.ActID, Rights: journal.Rights{All: true}})
			if err != nil {
				return err
			}
			hashes[row.ActID] = of[row.ActID]
		}
	}
	for _, row := range rows {
		mine := s.mayRead(c, row)
		if !mine && !slices.Contains(evidenceActs, row.Entry.Act) {
			p.Hidden++
			continue
		}
		if p.Person.UserID == "" {
			p.Person = partyView(row.Entry.Person)
		}
		p.Rows = append(p.Rows, s.evidenceRow(c, row, banks, mine, hashes))
	}
	p.Person.UserID = id
	return s.page(w, r, c, view{title: templates.Word("evidence.title"), section: templates.JournalPattern, waiting: -1, body: templates.EvidenceView(p)})
}

// heldNow says whether the role is held at this moment.
func (s *Server) heldNow(r *http.Request, u obp.User, err error, role, bank string) (templates.Badge, string) {
	if err != nil {
		p := s.problem(r, err)
		return templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("state.unknown")}, p.Title
	}
	n := len(idsOf(obp.EntitlementRequest{User: u, RoleName: role, BankID: bank}))
	switch {
	case n > 1:
		return templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("state.times", "n", strconv.Itoa(n))}, ""
	case n == 1:
		return templates.Badge{Tone: templates.ToneGood, Text: templates.Word("evidence.held")}, ""
	}
	return templates.Badge{Tone: templates.ToneNeutral, Text: templates.Word("evidence.not_held")}, ""
}

func (s *Server) evidenceRow(c *caller, row journal.Row, banks bankNames, mine bool, hashes map[string][]templates.EvidenceEntry) templates.EvidenceRow {
	out := templates.EvidenceRow{Act: s.actRow(c, row, banks, mine)}
	keep := []string{templates.Word("fact.request"), templates.Word("fact.reason_code"), templates.Word("fact.ticket"), templates.Word("fact.rule"), templates.Word("fact.obp_code"), templates.Word("fact.correlation"), templates.Word("fact.entitlement")}
	for _, f := range s.actFacts(c, row, mine) {
		if slices.Contains(keep, f.Name) {
			out.Facts = append(out.Facts, f)
		}
	}
	if mine {
		for _, f := range seenFacts(c, row.Entry.Seen) {
			f.Name = templates.Word("evidence.seen", "what", f.Name)
			out.Facts = append(out.Facts, f)
		}
	}
	out.Entries = hashes[row.ActID]
	return out
}

// hashesOf gives the entries of the acts that a filter selects, by act, each
// with its number and hash.
func (s *Server) hashesOf(ctx context.Context, f journal.Filter) (map[string][]templates.EvidenceEntry, error) {
	var lines bytes.Buffer
	if _, err := s.Journal.ExportNDJSON(ctx, &lines, f); err != nil {
		return nil, err
	}
	out := map[string][]templates.EvidenceEntry{}
	for line := range bytes.Lines(lines.Bytes()) {
		var e struct {
			N    int64
			Hash string
			Body struct {
				Kind  string
				ActID string `json:"act_id"`
			}
		}
		if json.Unmarshal(line, &e) == nil && e.N > 0 {
			out[e.Body.ActID] = append(out[e.Body.ActID], templates.EvidenceEntry{N: e.N, Kind: templates.Word("evidence.kind_" + e.Body.Kind), Hash: e.Hash})
		}
	}
	return out, nil
}

// withReviews adds the reviews in which the role was kept together with
// others, oldest first.
func (s *Server) withReviews(ctx context.Context, rows []journal.Row, userID, role, bank string) ([]journal.Row, error) {
	done, err := s.reviewed(ctx)
	if err != nil {
		return nil, err
	}
	for _, rv := range done {
		if x := scopeOf(rv); x != reviewAll && !x.holds(bank) {
			continue
		}
		b, err := s.Journal.Batch(ctx, rv.ActID)
		if err != nil {
			return nil, err
		}
		acts, err := s.reviewActs(ctx, rv.ActID)
		if err != nil {
			return nil, err
		}
		for _, it := range b.Items {
			if it.Person.UserID != userID || it.Role != role || it.BankID != bank {
				continue
			}
			row, ok := acts[it.Pos]
			if !ok && rv.Entry.Act == ActBaseline {
				row, ok = rv, true
			}
			if ok && !slices.ContainsFunc(rows, func(o journal.Row) bool { return o.ActID == row.ActID }) {
				row.Entry.Seen = nil
				rows = append(rows, row)
			}
		}
	}
	slices.SortFunc(rows, func(a, b journal.Row) int { return int(a.N - b.N) })
	return rows, nil
}
