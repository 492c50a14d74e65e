package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// holdersWithin bounds the one read of a sheet that can be large.
const holdersWithin = 3 * time.Second

// reading is what was read of OBP for one request.
type reading struct {
	at        time.Time // before the first call
	all       []obp.EntitlementRequest
	req       *obp.EntitlementRequest // nil: not open
	person    *obp.User               // nil: not read
	personErr error
	banks     bankNames
	holders   []obp.Entitlement
	holdErr   error // errNotAsked when it was not asked for
}

// errNotAsked stands where the operator's roles say that OBP would refuse.
var errNotAsked = errors.New("not asked for")

func (rd reading) state() personState {
	if rd.req == nil {
		return stateUnknown
	}
	return stateOf(rd.req.User, rd.person)
}

func findRequest(all []obp.EntitlementRequest, id string) *obp.EntitlementRequest {
	i := slices.IndexFunc(all, func(x obp.EntitlementRequest) bool { return x.EntitlementRequestID == id })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// readSheet reads everything that a sheet shows. When the address carries
// whose request it is, all calls run side by side; that hint is checked
// against the request, and what it got wrong is read again.
func (s *Server) readSheet(ctx context.Context, c *caller, id string, hint url.Values) (reading, error) {
	rd := reading{at: s.Now(), holdErr: errNotAsked}
	user, bank, role := hint.Get("u"), hint.Get("b"), hint.Get("r")
	var err error
	var g errgroup.Group
	g.Go(func() error { rd.all, err = c.api.EntitlementRequests(ctx); return nil })
	g.Go(func() error { rd.banks = s.names(ctx, c); return nil })
	if user != "" {
		g.Go(func() error { s.readPerson(ctx, c, &rd, user); return nil })
	}
	if user != "" && role != "" {
		g.Go(func() error { s.readHolders(ctx, c, &rd, bank, role); return nil })
	}
	_ = g.Wait()
	if err != nil {
		return rd, err
	}
	rd.req = findRequest(rd.all, id)
	if rd.req == nil || user == rd.req.User.UserID && bank == rd.req.BankID && role == rd.req.RoleName {
		return rd, firstOver(rd.personErr, rd.holdErr)
	}
	var again errgroup.Group
	if user != rd.req.User.UserID {
		rd.person, rd.personErr = nil, nil
		again.Go(func() error { s.readPerson(ctx, c, &rd, rd.req.User.UserID); return nil })
	}
	if user == "" || bank != rd.req.BankID || role != rd.req.RoleName {
		again.Go(func() error { s.readHolders(ctx, c, &rd, rd.req.BankID, rd.req.RoleName); return nil })
	}
	_ = again.Wait()
	return rd, firstOver(rd.personErr, rd.holdErr)
}

func (s *Server) readPerson(ctx context.Context, c *caller, rd *reading, userID string) {
	u, err := c.api.UserByID(ctx, userID)
	if err != nil {
		rd.personErr = err
		return
	}
	rd.person = &u
}

// readHolders reads the grants that tell who holds the role. The list over
// everybody carries user names, the one of a bank does not.
func (s *Server) readHolders(ctx context.Context, c *caller, rd *reading, bankID, role string) {
	ctx, cancel := context.WithTimeout(ctx, holdersWithin)
	defer cancel()
	switch {
	case c.hint("CanGetEntitlementsForAnyUserAtAnyBank", ""):
		rd.holders, rd.holdErr = c.api.RoleHolders(ctx, role)
	case bankID != "" && (c.hint("CanGetEntitlementsForOneBank", bankID) || c.hint("CanGetEntitlementsForAnyBank", "")):
		rd.holders, rd.holdErr = c.api.BankEntitlements(ctx, bankID)
	default:
		rd.holders, rd.holdErr = nil, errNotAsked
	}
}

// request is one request's page: open with its decision, or what became of it.
func (s *Server) request(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	id := chi.URLParam(r, "id")
	q := requestQuery(r.URL.Query())
	rd, err := s.readSheet(ctx, c, id, r.URL.Query())
	if over := firstOver(err, rd.personErr, rd.holdErr); over != nil {
		return over
	}
	if err != nil {
		p := s.queueProblem(r, c, err)
		return s.sheetPage(w, r, c, p.Status, reading{}, templates.Sheet{ID: id, Query: q, Back: templates.Requests(q), Problem: p})
	}
	typed := s.takeDraft(ctx, templates.Request(id, "", "", templates.RequestQuery{}))
	if rd.req == nil {
		sheet, status, err := s.goneSheet(ctx, c, id, q, rd)
		if err != nil {
			return err
		}
		return s.sheetPage(w, r, c, status, rd, sheet)
	}
	sheet, err := s.sheetView(ctx, c, rd, q, s.decideForm(c, typed))
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, http.StatusOK, rd, sheet)
}

// sheetPage answers with the sheet beside the queue's list, or as the part
// alone. The list was read anyway.
func (s *Server) sheetPage(w http.ResponseWriter, r *http.Request, c *caller, status int, rd reading, sheet templates.Sheet) error {
	v := view{status: status, section: templates.RequestsPattern, waiting: -1, title: templates.Word("page.request")}
	list := templates.Queue{Query: sheet.Query, Chosen: sheet.ID}
	if sheet.Problem == nil || rd.all != nil {
		list = s.queueView(c, rd.all, sheet.Query, rd.banks)
		list.Chosen, v.waiting = sheet.ID, len(rd.all)
		known, err := s.readMarks(r.Context())
		if err != nil {
			return err
		}
		known.on(&list)
	} else {
		list.Problem = sheet.Problem
	}
	user, bank, role := "", "", ""
	if rd.req != nil {
		user, bank, role = rd.req.User.UserID, rd.req.BankID, rd.req.RoleName
		v.title = templates.Word("page.request_of", "role", sheet.Role.Short, "person", sheet.Person.Username)
	}
	v.canon = templates.RequestOf(sheet.ID, user, bank, role, sheet.Query)
	v.body = templates.RequestsView(list, &sheet)
	list.OOB = true
	v.parts = map[string]templ.Component{templates.SheetID: templates.SheetView(sheet)}
	if list.Problem == nil {
		v.beside = map[string][]templ.Component{templates.SheetID: {templates.QueueList(list)}}
	}
	return s.page(w, r, c, v)
}
