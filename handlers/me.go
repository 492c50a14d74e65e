package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// zones are offered beside the console's own; any IANA name may be typed into
// the address of a saved preference.
var zones = []string{"UTC", "Europe/London", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Berlin", "Europe/Zurich", "Europe/Rome", "Europe/Warsaw",
	"Europe/Athens", "Europe/Helsinki", "Europe/Istanbul", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
	"Asia/Hong_Kong", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
	"America/Mexico_City", "America/Bogota", "America/Sao_Paulo"}

// mine is what one's own page shows of OBP.
type mine struct {
	held        []obp.Entitlement
	heldErr     error
	requests    []obp.EntitlementRequest
	requestsErr error
	roles       []obp.Role
	banks       []obp.Bank
	names       bankNames
}

func (s *Server) readMine(r *http.Request, c *caller) (mine, error) {
	ctx := r.Context()
	var m mine
	var g errgroup.Group
	g.Go(func() error { m.held, m.heldErr = c.api.MyEntitlements(ctx); return nil })
	g.Go(func() error { m.requests, m.requestsErr = c.api.MyEntitlementRequests(ctx); return nil })
	g.Go(func() error { m.roles, _ = s.allRoles(ctx, c); return nil }) // without them a role is typed
	g.Go(func() error { m.banks, _ = s.banks(ctx, c); return nil })
	_ = g.Wait()
	m.names = bankNames{}
	for _, b := range m.banks {
		m.names[b.ID] = cmp.Or(b.FullName, b.ID)
	}
	return m, firstOver(m.heldErr, m.requestsErr)
}

// me shows one's own roles and requests, asks for a role, and keeps preferences.
func (s *Server) me(w http.ResponseWriter, r *http.Request, c *caller) error {
	ask := templates.AskForm{Role: r.URL.Query().Get("role"), BankID: r.URL.Query().Get("bank")}
	if d := s.takeDraft(r.Context(), templates.MePattern); len(d) > 0 {
		ask.Role, ask.BankID, ask.Why = d.Get("role"), d.Get("bank"), d.Get("why")
	}
	return s.mePage(w, r, c, http.StatusOK, ask, nil, nil)
}

func (s *Server) mePage(w http.ResponseWriter, r *http.Request, c *caller, status int, ask templates.AskForm, prefs *session.Preferences, errs map[string]string) error {
	m, err := s.readMine(r, c)
	if err != nil {
		return err
	}
	if prefs == nil {
		prefs = &c.prefs
	}
	p := templates.MePage{Person: templates.Person{UserID: c.me.UserID, Username: c.me.Username, Email: c.me.Email, Provider: c.me.Provider},
		Roles: s.heldRoles(m.held, m.names, nil), Requests: s.mineRows(c, m.requests, m.names), Ask: ask,
		RowsPerPage: cmp.Or(prefs.RowsPerPage, s.Settings.RowsPerPage), Shortcuts: prefs.Shortcuts, Errors: errs}
	if p.Sessions, err = s.mySessions(r.Context(), c); err != nil {
		return err
	}
	if m.heldErr != nil {
		p.RolesWhy = s.problem(r, m.heldErr)
	}
	if m.requestsErr != nil {
		p.RequestsWhy = s.problem(r, m.requestsErr)
	}
	if p.Talk, p.Fate, err = s.myRequests(r.Context(), c, m.requests, m.requestsErr == nil, m.names); err != nil {
		return err
	}
	p.Ask.Roles, p.Ask.Banks = roleOptions(m.roles, []string{ask.Role}), bankOptions(m.banks, ask.BankID)
	for _, t := range []string{"system", "light", "dark"} {
		p.Theme = append(p.Theme, templates.Option{Value: t, Text: templates.Word("theme." + t), Selected: t == prefs.Theme})
	}
	known := append([]string{""}, zones...)
	if prefs.TimeZone != "" && !slices.Contains(known, prefs.TimeZone) {
		known = append(known, prefs.TimeZone)
	}
	for _, z := range known {
		p.Zones = append(p.Zones, templates.Option{Value: z, Text: cmp.Or(z, templates.Word("me.zone_console", "zone", s.Settings.Zone.String())), Selected: z == prefs.TimeZone})
	}
	since, until := c.when(c.me.SignedInAt), c.when(c.me.ExpiresAt)
	p.Session = []templates.Fact{{Name: templates.Word("me.session_since"), When: &since}, {Name: templates.Word("me.session_until"), When: &until}}
	return s.page(w, r, c, view{status: status, title: templates.Word("page.me"), section: templates.MePattern, canon: templates.MePattern, waiting: -1, body: templates.MeView(p)})
}

// askRole makes an entitlement request for oneself.
func (s *Server) askRole(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	ask := templates.AskForm{Role: strings.TrimSpace(in.Get("role")), BankID: strings.TrimSpace(in.Get("bank")), Why: strings.TrimSpace(in.Get("why")), Errors: map[string]string{}}
	if ask.Errors, err = s.checkAsk(r, c, ask); err != nil {
		return err
	}
	e := c.entryOf(journal.ActAskRole)
	e.Person, e.Role, e.BankID, e.Reason = c.party(), ask.Role, ask.BankID, ask.Why
	if len(ask.Errors) > 0 {
		if ask.Role != "" && ask.Errors["role"]+ask.Errors["bank"] != "" {
			if err := s.refused(r.Context(), e, journal.ActAskRole, RuleWrongScope); err != nil {
				return err
			}
		}
		return s.mePage(w, r, c, http.StatusUnprocessableEntity, ask, nil, nil)
	}
	unknown := false
	_, _, askErr, err := s.act(r.Context(), e, func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
		made, err := c.api.CreateEntitlementRequest(ctx, ask.Role, ask.BankID)
		res, err := settle(ctx, plainResult(err), err, func(ctx context.Context) (shown bool) {
			made, shown = s.myRequest(ctx, c, ask)
			return shown
		})
		if err == nil {
			res.Details = map[string]string{"entitlement_request_id": made.EntitlementRequestID}
		}
		if res.Outcome == journal.OutcomeUnknown { // it is seen on the next page
			res.Outcome, unknown = journal.OutcomePartly, true
		}
		return res, err
	})
	if err != nil {
		return err
	}
	if over := firstOver(askErr); over != nil {
		return over
	}
	f := session.Flash{Key: "asked", Args: map[string]string{"role": templates.RoleWords(ask.Role).Short, "tone": "good"}}
	if askErr != nil {
		p := s.problem(r, aboutRole(askErr))
		if err := s.Sessions.SaveDraft(r.Context(), templates.MePattern, in); err != nil {
			return err
		}
		f = session.Flash{Key: "not_asked", Args: map[string]string{"why": p.Title + ". " + p.Sentence, "tone": "bad", "correlation": p.Correlation}}
		if unknown {
			f.Key = "ask_unknown"
		}
	}
	if err := s.Sessions.Flash(r.Context(), f); err != nil {
		return err
	}
	return leave(w, r, session.LocalPath(cmp.Or(in.Get("return"), templates.MePattern)))
}

// myRequest finds one's own open request for a role: GET /my/entitlement-requests.
func (s *Server) myRequest(ctx context.Context, c *caller, ask templates.AskForm) (obp.EntitlementRequest, bool) {
	list, err := c.api.MyEntitlementRequests(ctx)
	at := slices.IndexFunc(list, func(x obp.EntitlementRequest) bool { return x.RoleName == ask.Role && x.BankID == ask.BankID })
	if err != nil || at < 0 {
		return obp.EntitlementRequest{}, false
	}
	return list[at], true
}

// checkAsk says by field what OBP would refuse about a role and its bank. When
// the roles cannot be read, OBP decides.
func (s *Server) checkAsk(r *http.Request, c *caller, ask templates.AskForm) (map[string]string, error) {
	errs := map[string]string{}
	if ask.Role == "" {
		errs["role"] = templates.Word("ask.role_missing")
		return errs, nil
	}
	if utf8.RuneCountInString(ask.Why) > maxReason {
		errs["why"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	}
	roles, err := s.allRoles(r.Context(), c)
	if err != nil {
		return errs, firstOver(err)
	}
	at := slices.IndexFunc(roles, func(x obp.Role) bool { return x.Name == ask.Role })
	switch {
	case at < 0:
		errs["role"] = templates.Word("ask.role_unknown")
	case roles[at].RequiresBankID && ask.BankID == "":
		errs["bank"] = templates.Word("ask.bank_missing")
	case !roles[at].RequiresBankID && ask.BankID != "":
		errs["bank"] = templates.Word("ask.bank_too_many")
	}
	return errs, nil
}

// savePreferences keeps theme, zone, rows and shortcuts by user id.
func (s *Server) savePreferences(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	p, errs := readPreferences(in, c.prefs)
	if len(errs) > 0 {
		return s.mePage(w, r, c, http.StatusUnprocessableEntity, templates.AskForm{}, &p, errs)
	}
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	if err := s.Sessions.SavePreferences(r.Context(), c.me.UserID, p); err != nil {
		return err
	}
	if err := s.Sessions.Flash(r.Context(), session.Flash{Key: "saved", Args: map[string]string{"tone": "good"}}); err != nil {
		return err
	}
	return leave(w, r, session.LocalPath(cmp.Or(in.Get("return"), templates.MePattern)))
}

// readPreferences reads what was chosen; a field that is not there stays as it
// was, so that the theme's switch can stand alone.
func readPreferences(in url.Values, was session.Preferences) (session.Preferences, map[string]string) {
	p, errs := was, map[string]string{}
	if in.Has("theme") {
		p.Theme = in.Get("theme")
		if !slices.Contains([]string{"system", "light", "dark"}, p.Theme) {
			errs["theme"], p.Theme = templates.Word("field.choose"), was.Theme
		}
	}
	if in.Has("zone") {
		p.TimeZone = strings.TrimSpace(in.Get("zone"))
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			errs["zone"] = templates.Word("field.zone")
		}
	}
	if in.Has("rows") {
		n, err := strconv.Atoi(strings.TrimSpace(in.Get("rows")))
		if err != nil || n < 10 || n > 100 {
			errs["rows"] = templates.Word("field.rows")
		} else {
			p.RowsPerPage = n
		}
		p.Shortcuts = in.Get("shortcuts") != "" // a box that is not ticked is not sent
	}
	return p, errs
}
