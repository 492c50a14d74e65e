package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// ActCall begins a call with a person; its acts share its id.
const ActCall journal.Act = "call"

// callFor is how long a call with a person lasts.
const callFor = 10 * time.Minute

// callKey is where a call with a person is kept within the session.
func callKey(userID string) string { return "call " + userID }

// callOf gives the call with a person that is under way, nil when there is none.
func (s *Server) callOf(c *caller, userID string) url.Values {
	v := c.me.Draft[callKey(userID)]
	until, err := strconv.ParseInt(v.Get("until"), 10, 64)
	if err != nil || !c.now.Before(time.Unix(until, 0)) {
		return nil
	}
	return v
}

func (s *Server) callWith(c *caller, userID string) *templates.Calling {
	v := s.callOf(c, userID)
	if v == nil {
		return nil
	}
	until, _ := strconv.ParseInt(v.Get("until"), 10, 64)
	at := time.Unix(until, 0)
	return &templates.Calling{Verified: v.Get("verified"), Ticket: v.Get("ticket"), Until: c.when(at), Minutes: int(at.Sub(c.now).Minutes())}
}

// call begins a call with a person: how they were verified and the ticket hold
// for its acts, which share its id. Pressed during a call it ends it.
func (s *Server) call(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	o, err := s.loadPerson(r, c, ActCall)
	if err != nil {
		return err
	}
	kept, until, key, tone := url.Values{}, c.now.Add(callFor), "call_ended", "info"
	if in.Get("end") == "" {
		verified := in.Get("verified")
		if _, ok := verifiedHow(verified); !ok {
			return s.flashTo(w, r, "call_how", "bad", templates.UserOf(personView(o.u)), nil)
		}
		e := s.personEntry(c, o)
		e.ActID, e.Verified, e.Ticket, e.ParentID, e.ParentKind = newActID(), verified, strings.TrimSpace(in.Get("ticket")), "", ""
		if _, err := s.Journal.Record(r.Context(), e, journal.Result{Outcome: journal.OutcomeDone}); err != nil {
			return err
		}
		kept = url.Values{"id": {e.ActID}, "verified": {verified}, "ticket": {e.Ticket}, "until": {strconv.FormatInt(until.Unix(), 10)}}
		key = "call_begun"
	}
	if err := s.Sessions.SaveDraftUntil(r.Context(), callKey(o.u.UserID), kept, until); err != nil {
		return err
	}
	return s.flashTo(w, r, key, tone, templates.UserOf(personView(o.u)), nil)
}

// howVerified are the ways in which a caller's identity can be checked.
var howVerified = []string{"call_back", "in_person", "video", "manager"}

func verifiedHow(key string) (string, bool) {
	for _, k := range howVerified {
		if k == key {
			return templates.Word("verified." + k), true
		}
	}
	return "", false
}
