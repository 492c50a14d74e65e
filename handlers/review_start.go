package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// The acts of access reviews. A baseline is a signed list of all grants, with
// which the first review is compared.
const (
	ActBaseline   journal.Act = "baseline"
	ActReview     journal.Act = "review"
	ActReviewKeep journal.Act = "review_keep"
)

// Flags of a row under review.
const (
	flagOutside = "outside"   // new since the base, and not through this console
	flagNone    = "no_record" // no approval on record
	flagRisk    = "high_risk"
	flagTwice   = "twice"   // held more than once
	flagDeleted = "deleted" // of a deleted person
	flagApart   = "apart"   // with another that must not be held together
)

// reviewSeen is what a review keeps of its beginning, beside its rows.
type reviewSeen struct {
	Base   string // act id of what it is compared with
	BaseAt time.Time
	Rows   []rowSeen // by position
	Gone   []goneSeen
}

type rowSeen struct {
	Act   string    `json:",omitempty"` // that gave it
	By    string    `json:",omitempty"` // user name
	At    time.Time `json:",omitzero"`
	Flags []string  `json:",omitempty"`
}

type goneSeen struct{ ID, UserID, Username, Role, BankID string }

// reviewed are the reviews and baselines so far, newest first.
func (s *Server) reviewed(ctx context.Context) ([]journal.Row, error) {
	p, err := s.Journal.Search(ctx, journal.Filter{Acts: []journal.Act{ActBaseline, ActReview}, Rights: journal.Rights{All: true}, Limit: 200})
	return p.Rows, err
}

func scopeOf(row journal.Row) reviewScope { return reviewScope(row.Entry.Details["scope"]) }

// baseOf gives the newest signed list that holds a scope.
func baseOf(rows []journal.Row, x reviewScope) (journal.Row, bool) {
	i := slices.IndexFunc(rows, func(row journal.Row) bool {
		return row.Finished() && (scopeOf(row) == x || scopeOf(row) == reviewAll)
	})
	if i < 0 {
		return journal.Row{}, false
	}
	return rows[i], true
}

// reviewStart records a baseline, or begins a review: every grant of the scope
// becomes a row, in the order in which they are looked at.
func (s *Server) reviewStart(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	banks, err := s.banks(ctx, c)
	if err != nil {
		return err
	}
	x, baseline := reviewScopeOf(in, banks), in.Get("do") == "baseline"
	release, err := s.reviewTurn(ctx, c, journal.TurnKey{Role: "review", BankID: string(x)})
	if err != nil {
		return err
	}
	defer release()
	rows, err := s.reviewed(ctx)
	if err != nil {
		return err
	}
	base, based := baseOf(rows, x)
	switch {
	case x == "":
		return s.reviewsPage(w, r, c, http.StatusUnprocessableEntity, in, map[string]string{"scope": templates.Word("field.choose")}, nil)
	case !baseline && !based:
		return s.reviewsPage(w, r, c, http.StatusUnprocessableEntity, in, map[string]string{"scope": templates.Word("review.no_baseline")}, nil)
	}
	if i := slices.IndexFunc(rows, func(row journal.Row) bool { return !row.Finished() && scopeOf(row) == x }); i >= 0 {
		return redirect(w, r, templates.Review(rows[i].ActID, templates.ReviewQuery{}))
	}
	if err := s.fresh(c, proofDangerous); err != nil {
		return err
	}
	var got grantsOf
	var o origins
	var readErr, err2 error
	var g errgroup.Group
	g.Go(func() error { got, readErr = s.readGrants(ctx, c, x, banks); return nil })
	g.Go(func() error { o, err2 = s.origins(ctx); return nil })
	_ = g.Wait()
	if over := firstOver(readErr); over != nil {
		return over
	}
	if readErr != nil {
		return s.reviewsPage(w, r, c, 0, in, nil, s.problem(r, readErr))
	}
	if err2 != nil {
		return err2
	}
	return s.reviewBegin(w, r, c, x, baseline, base, got, o)
}

func (s *Server) reviewBegin(w http.ResponseWriter, r *http.Request, c *caller, x reviewScope, baseline bool, base journal.Row, got grantsOf, o origins) error {
	ctx := r.Context()
	e := c.entryOf(ActReview)
	var unread []string
	for _, id := range got.unread {
		unread = append(unread, cmp.Or(id, string(reviewSystem)))
	}
	for _, role := range got.unreadRoles {
		unread = append(unread, unreadRole+role)
	}
	e.BankID, e.Details = x.bank(), map[string]string{"act": string(ActReview), "scope": string(x), "grants": strconv.Itoa(len(got.list)), "base": base.ActID, "unread": strings.Join(unread, " ")}
	state, code := journal.ItemPending, ""
	if baseline {
		e.Act, e.Details["act"], state, code = ActBaseline, string(ActBaseline), journal.ItemLeftOut, "baseline"
	}
	before := map[string]journal.BatchItem{}
	if base.ActID != "" && !baseline {
		b, err := s.Journal.Batch(ctx, base.ActID)
		if err != nil {
			return err
		}
		for _, it := range b.Items {
			if it.State != journal.ItemDone && x.holds(it.BankID) && !got.missed(it.Role, it.BankID) { // the others were revoked, or are not looked at
				before[it.Target] = it
			}
		}
	}
	items, seen := s.reviewItems(got.list, base, before, o, state, code)
	seen.Base, seen.BaseAt = base.ActID, base.EndedAt
	var err error
	if e.Seen, err = json.Marshal(seen); err != nil {
		return err
	}
	b, err := s.Journal.StartBatch(ctx, e, items)
	if err != nil {
		return err
	}
	if baseline {
		if err := s.Journal.EndBatch(ctx, b.ActID, journal.Result{Outcome: journal.OutcomeDone, State: "signed", Details: map[string]string{"grants": strconv.Itoa(len(items))}}); err != nil {
			return err
		}
	}
	return redirect(w, r, templates.Review(b.ActID, templates.ReviewQuery{}))
}

// reviewTurn takes a turn, waiting for a moment while another reviewer's act
// is written.
func (s *Server) reviewTurn(ctx context.Context, c *caller, k journal.TurnKey) (func(), error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for {
		release, err := s.Journal.TakeTurn(ctx, k, c.party(), newActID(), 4*s.Settings.OBPTimeout)
		var busy *journal.BusyError
		if !errors.As(err, &busy) {
			return release, err
		}
		if time.Since(begun) > s.Settings.OBPTimeout {
			return nil, &httpError{status: http.StatusConflict, key: "busy", err: err}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
