package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts on auth contexts.
const (
	ActAddContext   journal.Act = "add_context"
	ActDropContext  journal.Act = "drop_context"
	ActDropContexts journal.Act = "drop_contexts"
)

// contextKeys are suggested: the first is the only one that OBP itself knows.
var contextKeys = []string{"CUSTOMER_NUMBER", "PASSPORT", "TOKEN_SERIAL", "TAX_NUMBER"}

// maxContext bounds a key and a value, in characters.
const maxContext = 255

// ofPerson is a person's page of contexts or attributes on its way.
type ofPerson struct {
	u    obp.User
	uErr error
	list []obp.AuthContext
	err  error
	in   url.Values
	errs map[string]string

	notNoted error // in the read log: nothing is shown
}

// readContexts reads the person beside their auth contexts.
func (s *Server) readContexts(r *http.Request, c *caller, in url.Values) *ofPerson {
	ctx, id := r.Context(), pathPart(r, "id")
	o := &ofPerson{in: in, errs: map[string]string{}}
	var g errgroup.Group
	g.Go(func() error { o.u, o.uErr = c.api.UserByID(ctx, id); return nil })
	g.Go(func() error { o.list, o.err = c.api.AuthContexts(ctx, id); return nil })
	o.notNoted = s.noteUser(ctx, c, id)
	_ = g.Wait()
	if o.uErr != nil {
		o.u = obp.User{UserID: id}
	}
	return o
}

func (o *ofPerson) over() error {
	if over := cmp.Or(firstOver(o.uErr, o.err), o.notNoted); over != nil {
		return over
	}
	if obp.KindOf(o.uErr) == obp.KindNotFound {
		return o.uErr
	}
	return nil
}

// personLink is a person whose name leads to their page.
func personLink(u obp.User) templates.Person {
	p := personView(u)
	p.Href = templates.User(u.UserID)
	return p
}

func (s *Server) contextsPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.contextsView(w, r, c, http.StatusOK, s.readContexts(r, c, s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) contextsView(w http.ResponseWriter, r *http.Request, c *caller, status int, o *ofPerson, failed *templates.Problem) error {
	if err := o.over(); err != nil {
		return err
	}
	p := templates.ContextsPage{Person: personLink(o.u)}
	if o.err != nil {
		p.Problem = s.explained(r, o.err, "context")
		if status == http.StatusOK {
			status = p.Problem.Status
		}
	}
	if len(o.list) > 0 {
		p.DropAll = templates.DropContexts(o.u.UserID)
	}
	count := map[string]int{}
	for _, x := range o.list {
		count[x.Key]++
		p.Rows = append(p.Rows, templates.ContextRow{ID: x.ID, Key: x.Key, Value: x.Value, Since: c.when(x.TimeStamp), Consumer: x.ConsumerID, Again: count[x.Key] > 1, Drop: templates.DropContext(o.u.UserID, x.ID)})
	}
	f := templates.Form{Title: templates.Word("context.add"), Action: templates.Contexts(o.u.UserID), Button: templates.Word("context.add"), Failed: failed, Warnings: []string{templates.Word("context.effect")}, TestID: "add-context", Embedded: true,
		Fields: []templates.Field{{Name: "key", Label: templates.Word("context.key"), Hint: templates.Word("context.key_hint"), Kind: "suggest", Value: o.in.Get("key")},
			{Name: "value", Label: templates.Word("context.value"), Value: o.in.Get("value")}}}
	for _, k := range contextKeys {
		f.Fields[0].Options = append(f.Fields[0].Options, templates.Option{Value: k})
	}
	if o.errs["again"] != "" {
		f.Fields = append(f.Fields, templates.Field{Name: "again", Label: templates.Word("context.again"), Kind: "tick"})
	}
	p.Form = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: templates.Word("page.contexts", "person", templates.NameOf(p.Person)), section: templates.UsersPattern, canon: templates.Contexts(o.u.UserID), waiting: -1, body: templates.ContextsView(p)})
}

// addContext adds an auth context. The same key a second time is taken only
// when it is known: OBP makes a second row of it.
func (s *Server) addContext(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := s.readContexts(r, c, in)
	if err := o.over(); err != nil {
		return err
	}
	o.errs = s.reasonErrors(in)
	key, value := strings.TrimSpace(in.Get("key")), strings.TrimSpace(in.Get("value"))
	for name, v := range map[string]string{"key": key, "value": value} {
		if v == "" || utf8.RuneCountInString(v) > maxContext {
			o.errs[name] = templates.Word("context.missing")
		}
	}
	if in.Get("again") == "" && slices.ContainsFunc(o.list, func(x obp.AuthContext) bool { return x.Key == key }) {
		o.errs["again"] = templates.Word("context.again_why", "key", key)
	}
	again := func(status int, p *templates.Problem) error { return s.contextsView(w, r, c, status, o, p) }
	if len(o.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := c.entryOf(ActAddContext)
	e.Person, e.Details = partyOf(o.u), map[string]string{"key": key, "had": strconv.Itoa(len(withKey(o.list, key)))}
	had := len(matching(o.list, key, value))
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofOrdinary, topic: "context", again: again, flash: "context_added", args: map[string]string{"key": key, "person": templates.NameOf(personView(o.u))},
		to: templates.Contexts(o.u.UserID),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			_, err := c.api.CreateAuthContext(ctx, o.u.UserID, key, value)
			if e, ok := obp.AsError(err); ok && e.HasCode("OBP-50014") { // stored, but the accounts were not read again
				res := resultOf(err)
				res.Outcome, res.State = journal.OutcomePartly, "not_refreshed"
				return res, err
			}
			return readBack(err, func() (bool, error) {
				now, err := c.api.AuthContexts(ctx, o.u.UserID)
				return len(matching(now, key, value)) > had, err
			})
		}})
}

func withKey(list []obp.AuthContext, key string) []obp.AuthContext {
	return slices.DeleteFunc(slices.Clone(list), func(x obp.AuthContext) bool { return x.Key != key })
}

func matching(list []obp.AuthContext, key, value string) []obp.AuthContext {
	return slices.DeleteFunc(withKey(list, key), func(x obp.AuthContext) bool { return x.Value != value })
}

// dropContextPage asks for a reason before one auth context is deleted.
func (s *Server) dropContextPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.dropContextForm(w, r, c, http.StatusOK, s.readContexts(r, c, s.takeDraft(r.Context(), r.URL.Path)), nil)
}

func (s *Server) dropContextForm(w http.ResponseWriter, r *http.Request, c *caller, status int, o *ofPerson, failed *templates.Problem) error {
	if err := o.over(); err != nil {
		return err
	}
	id := pathPart(r, "context")
	f := templates.Form{Title: templates.Word("context.drop"), Warnings: []string{templates.Word("context.effect")}, Danger: true, Failed: failed, Action: templates.DropContext(o.u.UserID, id), Button: templates.Word("context.drop_go"),
		Back: templates.Link{Text: templates.Word("context.back"), Href: templates.Contexts(o.u.UserID)}, TestID: "drop-context"}
	i := slices.IndexFunc(o.list, func(x obp.AuthContext) bool { return x.ID == id })
	switch {
	case o.err != nil && failed == nil:
		f.Failed, f.Button = s.explained(r, o.err, "context"), ""
		status = f.Failed.Status
	case i < 0 && failed == nil:
		f.Refusals, status = []string{templates.Word("why.no_context")}, http.StatusNotFound
	case i >= 0:
		f.Facts = []templates.Fact{{Name: templates.Word("access.person"), Value: templates.NameOf(personView(o.u))}, {Name: templates.Word("context.key"), Value: o.list[i].Key}, {Name: templates.Word("context.value"), Value: o.list[i].Value}}
	}
	f = s.withReason(c, f, o.in, o.errs)
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.UsersPattern, waiting: -1, body: templates.FormView(f)})
}

// dropContext deletes one of the person's own; an id that is another's is
// never sent, for OBP would delete it.
func (s *Server) dropContext(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o := s.readContexts(r, c, in)
	if err := o.over(); err != nil {
		return err
	}
	id := pathPart(r, "context")
	again := func(status int, p *templates.Problem) error { return s.dropContextForm(w, r, c, status, o, p) }
	if o.err != nil || !slices.ContainsFunc(o.list, func(x obp.AuthContext) bool { return x.ID == id }) {
		return again(http.StatusOK, nil)
	}
	if o.errs = s.reasonErrors(in); len(o.errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := c.entryOf(ActDropContext)
	e.Person, e.Target = partyOf(o.u), id
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofOrdinary, topic: "context", again: again, flash: "context_dropped", args: map[string]string{"person": templates.NameOf(personView(o.u))}, to: templates.Contexts(o.u.UserID),
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			err := c.api.DeleteAuthContext(ctx, o.u.UserID, o.list, id)
			return readBack(err, func() (bool, error) {
				now, err := c.api.AuthContexts(ctx, o.u.UserID)
				return !slices.ContainsFunc(now, func(x obp.AuthContext) bool { return x.ID == id }), err
			})
		}})
}
