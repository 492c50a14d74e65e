package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"obpconsole/obp"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Settings are the plain values of the configuration that pages and rules need.
type Settings struct {
	PublicURL        string          // scheme and host, no path
	Server           string          // host of OBP, shown at sign-in
	Environment      string          // label, empty: none
	EnvironmentColor string          // "red", "amber", "green", "blue" or "gray"
	SignIn           session.Allowed // who may sign in
	HighRisk         []string        // roles that need text; nil: templates.DefaultHighRisk
	SamePerson       SamePerson      // accounts of one person
	Rights           Rights          // of the console itself
	SecondFactor     bool            // everybody gives a code at sign-in; else whoever set one up
	SecondPerson     bool            // granting a high-risk role takes two people
	EmergencyGrants  bool            // one person may give alone what takes two; it stays an alarm until another has reviewed it
	HeldApart        [][2]string     // pairs of roles that one person must not hold together at one scope; giving the second counts as high risk
	PuppetDays       int             // within so many days, whom the first person gave the right to approve is no second person; [30]
	ProofOrdinary    time.Duration   // how old a proof may be before an ordinary act; [ProofOrdinary]
	ProofDangerous   time.Duration   // and before a dangerous one; [ProofDangerous]
	ResetHosts       []string        // hosts that a reset link may lead to, with the port when it has one
	ResetsByOperator int             // reset links that an operator may make within an hour; [ResetsByOperator]
	ResetsForPerson  int             // and that may be made for one person; [ResetsForPerson]
	LinkKey          [32]byte        // of the HMAC that the journal keeps of a reset link
	MaxBadLogins     int             // failed sign-ins before OBP locks, which no call shows; 0: not known
	ReasonCodes      []ReasonCode    // offered beside the free text
	Zone             *time.Location  // nil: UTC
	OBPTimeout       time.Duration   // of one call to OBP; [60 s]
	TrustedProxies   []netip.Prefix  // whose X-Forwarded-For is believed
	Demo             []templates.DemoPerson
	DemoPassword     string        // of the demo people, offered at sign-in
	RowsPerPage      int           // of lists, unless the person chose; [25]
	ChallengeTime    time.Duration // that the OBP server lets a challenge be answered; 0: not known, and no time is named
}

// ReasonCode is a reason from the configured list.
type ReasonCode struct{ Code, Text string }

// Deps are what the pages work with. OBP, Sessions and Journal are needed.
type Deps struct {
	OBP      *obp.Client
	Sessions *session.Manager
	Journal  *journal.Journal
	Settings Settings
	Log      *slog.Logger
	Now      func() time.Time
	Observe  func(Request) // told of every request that was answered; nil: nobody
	Stores   Stores
}

// Server is the console as an http.Handler.
type Server struct {
	Deps
	handler  http.Handler
	highRisk map[string]bool
	common   *common
	limits   limits
	intact   *intact
	stopping atomic.Bool
}

// New wires the routes. It sends nothing to OBP.
func New(d Deps) (*Server, error) {
	if d.OBP == nil || d.Sessions == nil || d.Journal == nil {
		return nil, errors.New("handlers: a client, sessions and a journal are needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	st := &d.Settings
	if st.Zone == nil {
		st.Zone = time.UTC
	}
	if st.OBPTimeout == 0 {
		st.OBPTimeout = time.Minute
	}
	if st.RowsPerPage == 0 {
		st.RowsPerPage = 25
	}
	if st.ProofOrdinary == 0 {
		st.ProofOrdinary = ProofOrdinary
	}
	if st.ProofDangerous == 0 {
		st.ProofDangerous = ProofDangerous
	}
	if st.PuppetDays == 0 {
		st.PuppetDays = 30
	}
	if st.ResetsByOperator == 0 {
		st.ResetsByOperator = ResetsByOperator
	}
	if st.ResetsForPerson == 0 {
		st.ResetsForPerson = ResetsForPerson
	}
	if st.HighRisk == nil {
		st.HighRisk = templates.DefaultHighRisk()
	}
	s := &Server{Deps: d, highRisk: map[string]bool{}, common: newCommon(), limits: newLimits(*st, d.Sessions, d.Log), intact: &intact{journal: d.Journal, log: d.Log, now: d.Now}}
	for _, r := range st.HighRisk {
		s.highRisk[r] = true
	}
	h, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = h
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Stop makes /readyz answer 503, so that no new traffic comes while what runs
// is finished.
func (s *Server) Stop() { s.stopping.Store(true) }
