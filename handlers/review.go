package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// reviews lists the access reviews, and begins one.
func (s *Server) reviews(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	return s.reviewsPage(w, r, c, http.StatusOK, url.Values{"scope": {r.URL.Query().Get("scope")}}, nil, nil)
}

func (s *Server) reviewsPage(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string, failed *templates.Problem) error {
	ctx := r.Context()
	rows, err := s.reviewed(ctx)
	if err != nil {
		return err
	}
	banks, err := s.banks(ctx, c)
	if err := firstOver(err); err != nil {
		return err
	}
	names := s.names(ctx, c)
	p := templates.ReviewsPage{Errors: errs, Failed: failed}
	if failed != nil {
		status = failed.Status
	}
	scopes := []reviewScope{reviewAll, reviewSystem}
	for _, b := range banks {
		scopes = append(scopes, reviewScope(reviewBank+b.ID))
	}
	for _, x := range scopes {
		p.Scopes = append(p.Scopes, templates.Option{Value: string(x), Text: x.words(names), Selected: string(x) == in.Get("scope")})
		if _, ok := baseOf(rows, x); ok {
			p.Based = append(p.Based, x.words(names))
		}
	}
	for _, row := range rows {
		if !s.mayReview(c, row) {
			continue
		}
		l := templates.ReviewLine{Href: templates.Review(row.ActID, templates.ReviewQuery{}), Scope: scopeOf(row).words(names), Kind: actName(row.Entry.Act), Who: partyView(row.Entry.Operator), When: c.when(row.At), State: outcomeBadge(row)}
		l.Of, _ = strconv.Atoi(row.Entry.Details["grants"])
		if row.Finished() {
			l.State = templates.Badge{Tone: templates.ToneGood, Text: templates.Word("review.signed")}
			p.Signed = append(p.Signed, l)
		} else {
			l.State = templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("review.open")}
			p.Open = append(p.Open, l)
		}
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("review.title"), section: templates.RolesPattern, waiting: -1, body: templates.ReviewsView(p)})
}

// mayReview tells whether a person may see a review: who may read its acts, and
// who may read the grants that it lists.
func (s *Server) mayReview(c *caller, row journal.Row) bool {
	bank := scopeOf(row).bank()
	return s.mayRead(c, row) || c.hint("CanGetEntitlementsForAnyUserAtAnyBank", "") ||
		bank != "" && (c.hint("CanGetEntitlementsForOneBank", bank) || c.hint("CanGetEntitlementsForAnyBank", ""))
}

// reviewing is a review as it stands.
type reviewing struct {
	journal.Batch
	seen  reviewSeen
	names bankNames
	acts  map[int]journal.Row // what was decided, by position
}

func (s *Server) readReview(r *http.Request, c *caller, id string) (reviewing, error) {
	var v reviewing
	b, err := s.Journal.Batch(r.Context(), id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && (b.Entry.Act != ActReview && b.Entry.Act != ActBaseline || !s.mayReview(c, b.Row)) {
		return v, &httpError{status: http.StatusNotFound, key: "no_act", err: journal.ErrNotFound}
	}
	if err != nil {
		return v, err
	}
	v.Batch, v.names = b, s.names(r.Context(), c)
	if len(b.Entry.Seen) > 0 { // else it was erased
		if err := json.Unmarshal(b.Entry.Seen, &v.seen); err != nil {
			return v, err
		}
	}
	v.acts, err = s.reviewActs(r.Context(), id)
	return v, err
}

// reviewActs are the decisions of a review: of a group of rows, or of one.
func (s *Server) reviewActs(ctx context.Context, id string) (map[int]journal.Row, error) {
	out := map[int]journal.Row{}
	f := journal.Filter{ParentID: id, Rights: journal.Rights{All: true}, Limit: 500}
	for {
		p, err := s.Journal.Search(ctx, f)
		if err != nil {
			return out, err
		}
		for _, row := range p.Rows {
			for pos := range strings.SplitSeq(row.Entry.Details["rows"], ",") {
				if n, err := strconv.Atoi(pos); err == nil {
					if _, later := out[n]; !later {
						out[n] = row
					}
				}
			}
		}
		if f.Before = p.Older; p.Older == 0 {
			return out, nil
		}
	}
}

// reviewShows are which rows of a review can be shown, beside those to go.
var reviewShows = []string{"new", "flagged", "all"}

func reviewQuery(v url.Values) templates.ReviewQuery {
	q := templates.ReviewQuery{Text: strings.TrimSpace(v.Get("q")), Show: v.Get("show"), Page: roleQuery(v).Page}
	if !slices.Contains(reviewShows, q.Show) {
		q.Show = ""
	}
	return q
}

// review is one access review, with the rows that the filter means.
func (s *Server) review(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	v, err := s.readReview(r, c, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return s.reviewPage(w, r, c, http.StatusOK, v, reviewQuery(r.URL.Query()), nil)
}

func (s *Server) reviewPage(w http.ResponseWriter, r *http.Request, c *caller, status int, v reviewing, q templates.ReviewQuery, failed *templates.Problem) error {
	p := s.reviewView(c, v)
	p.Problem = failed
	if !v.Open {
		q.Show = "all"
	}
	var found []int
	for _, it := range v.Items {
		if v.selects(q, it) {
			found = append(found, it.Pos)
			if s.groupable(c, v, it) {
				p.Groupable++
			}
		}
	}
	var page []int
	page, p.Cut = cut(found, q.Page, s.rows(c))
	q.Page = p.Cut.Page
	p.Query = q
	for _, pos := range page {
		p.Rows = append(p.Rows, s.reviewRowView(c, v, v.Items[pos], q))
	}
	if err := s.nameReview(r.Context(), c, p.Rows, p.Gone); err != nil {
		return err
	}
	for _, k := range reviewShows {
		p.Shows = append(p.Shows, templates.Option{Value: k, Text: templates.Word("review.show_" + k), Selected: k == q.Show})
	}
	p.Form = s.decideForm(c, nil)
	return s.page(w, r, c, view{status: status, title: templates.Word("review.title_of", "scope", p.Scope), section: templates.RolesPattern, canon: templates.Review(v.ActID, q), waiting: -1,
		body: templates.ReviewView(p), parts: map[string]templ.Component{templates.ReviewID: templates.ReviewPart(p)}})
}

// nameReview names the people of rows that were read by bank.
func (s *Server) nameReview(ctx context.Context, c *caller, lists ...[]templates.ReviewRow) error {
	var people []*templates.Person
	for _, rows := range lists {
		for i := range rows {
			people = append(people, &rows[i].Person)
		}
	}
	return s.namePeople(ctx, c, people)
}

func (v reviewing) selects(q templates.ReviewQuery, it journal.BatchItem) bool {
	flags := v.rowSeen(it.Pos).Flags
	if q.Show != "all" && it.State != journal.ItemPending || q.Show == "flagged" && !flagged(flags) || q.Show == "new" && !slices.Contains(flags, flagOutside) {
		return false
	}
	return q.Text == "" || contains(it.Person.Username, q.Text) || contains(it.Role, q.Text) || it.Person.UserID == q.Text
}

func (v reviewing) rowSeen(pos int) rowSeen {
	if pos < len(v.seen.Rows) {
		return v.seen.Rows[pos]
	}
	return rowSeen{}
}

// groupable tells whether a row may be kept together with others.
func (s *Server) groupable(c *caller, v reviewing, it journal.BatchItem) bool {
	return it.State == journal.ItemPending && it.ActID == "" && !flagged(v.rowSeen(it.Pos).Flags) && !s.ownRow(c, it)
}

// ownRow tells whether a grant is the reviewer's own: another reviewer decides.
func (s *Server) ownRow(c *caller, it journal.BatchItem) bool {
	_, own := s.Settings.SamePerson.oneself(c.identity(), Identity{UserID: it.Person.UserID, Username: it.Person.Username, Email: it.Person.Email})
	return own
}
